/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How long a whole evaluation takes, flips, pairs and intervals included: it is done again on every
 * answer, so it should stay below 20 ms. Prints; only invariants are asserted. */
#include <stdio.h>

#include "lds-questionnaire.h"

#define ROUNDS 200

static int
compare (gconstpointer a,
         gconstpointer b)
{
  gint64 left = *(const gint64 *)a, right = *(const gint64 *)b;

  return left < right ? -1 : left > right;
}

static void
measure (const char *title,
         LdsAnswers *answers)
{
  gint64 times_us[ROUNDS];
  g_autoptr (LdsVerdict) first = lds_advise (answers, LDS_EVIDENCE_NONE);

  for (guint i = 0; i < ROUNDS; i++)
    {
      gint64 start_us = g_get_monotonic_time ();
      g_autoptr (LdsVerdict) verdict = lds_advise (answers, LDS_EVIDENCE_NONE);

      times_us[i] = g_get_monotonic_time () - start_us;
      g_assert_cmpfloat (verdict->margin, ==, first->margin);
      g_assert_cmpuint (verdict->flips->len, ==, first->flips->len);
    }
  qsort (times_us, ROUNDS, sizeof *times_us, compare);
  printf ("%s: median %.2f ms, p99 %.2f ms, of %d\n", title, (double)times_us[ROUNDS / 2] / 1000,
          (double)times_us[ROUNDS * 99 / 100] / 1000, ROUNDS);
}

int
main (void)
{
  LdsRulePack *pack = lds_rule_pack_get_default ();
  g_autoptr (LdsAnswers) sample = lds_answers_new_sample (pack);
  g_autoptr (LdsAnswers) nothing = lds_answers_new (pack);

  measure ("sample answers", sample);
  measure ("nothing answered", nothing);
  return 0;
}
