/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Knees in words. */
#define G_LOG_DOMAIN "lds-bench"

#include "config.h"
#include "lds-search.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "lds-format.h"
#include "lds-session.h"

static gboolean
has_interval (const LdsKnee *knee)
{
  return (knee->state == LDS_KNEE_FOUND || knee->state == LDS_KNEE_UNSETTLED) && knee->low_hz > 0 &&
         isfinite (knee->to_hz);
}

char *
lds_knee_summary_dup_rate (const LdsKneeSummary *summary)
{
  g_autofree char *rate = NULL;

  g_return_val_if_fail (summary != NULL, NULL);

  rate = lds_format_value (summary->knee.estimate_hz, LDS_UNIT_RATE_HZ);
  switch (summary->knee.state)
    {
    case LDS_KNEE_AT_LEAST:
      /* Translators: a rate */
      return g_strdup_printf (_ ("at least %s"), rate);
    case LDS_KNEE_BELOW:
      /* Translators: a rate */
      return g_strdup_printf (_ ("not even %s"), rate);
    case LDS_KNEE_FOUND:
    case LDS_KNEE_UNSETTLED:
      return has_interval (&summary->knee) ? g_steal_pointer (&rate) : g_strdup (_ ("unsettled"));
    case LDS_KNEE_SEARCHING:
    default:
      return g_strdup (summary->is_given_up ? _ ("INVALID") : _ ("not finished"));
    }
}

char *
lds_knee_summary_dup_interval (const LdsKneeSummary *summary)
{
  const LdsKnee *knee;

  g_return_val_if_fail (summary != NULL, NULL);

  knee = &summary->knee;
  if (!has_interval (knee))
    return NULL;
  return lds_format_range (knee->from_hz, knee->to_hz, knee->estimate_hz, LDS_UNIT_RATE_HZ);
}

char *
lds_knee_summary_dup_state (const LdsKneeSummary *summary)
{
  double percent;

  g_return_val_if_fail (summary != NULL, NULL);

  percent = floor (100 * summary->knee.confidence);
  switch (summary->knee.state)
    {
    case LDS_KNEE_FOUND:
      /* Translators: of a search; a percentage */
      return g_strdup_printf (_ ("found, sure to %.0f\u00a0%%"), percent);
    case LDS_KNEE_AT_LEAST:
      return g_strdup (g_strcmp0 (summary->limited_by, "rate") == 0
                           ? _ ("found: the plan’s highest rate is kept")
                           : _ ("found: above it the server is not the limit"));
    case LDS_KNEE_BELOW:
      return g_strdup (_ ("found: no rate is kept"));
    case LDS_KNEE_UNSETTLED:
      /* Translators: of a search; a percentage */
      return g_strdup_printf (_ ("not settled, sure to %.0f\u00a0%%"), percent);
    case LDS_KNEE_SEARCHING:
    default:
      return g_strdup (summary->is_given_up ? _ ("given up") : _ ("the search was cut short"));
    }
}

/* Appends to @text why runs below the knee are invalid, one sentence a kind; returns how many are. */
static guint
collect_refused (const LdsKneeSummary *summary,
                 GPtrArray *runs,
                 GString *text)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  guint n = 0;

  for (guint i = 0; i < runs->len; i++)
    {
      const LdsRun *run = runs->pdata[i];

      if (run->valid || run->spec.lane != summary->lane ||
          run->spec.workload != summary->workload ||
          (run->spec.purpose != LDS_PURPOSE_HALF_KNEE &&
           run->spec.purpose != LDS_PURPOSE_EQUAL_RATE))
        continue;
      n++;
      for (guint j = 0; j < run->reasons->len; j++)
        {
          const LdsInvalidReason *reason = run->reasons->pdata[j];

          if (g_hash_table_add (seen, reason->code))
            g_string_append_printf (text, "%s%s", text->len > 0 ? " " : "", reason->text);
        }
    }
  return n;
}

char *
lds_knee_summary_dup_refusal (const LdsKneeSummary *summary,
                              GPtrArray *runs)
{
  g_autoptr (GString) reasons = g_string_new (NULL);
  guint n_refused;

  g_return_val_if_fail (summary != NULL && runs != NULL, NULL);

  if (summary->is_given_up)
    /* Translators: a number of runs, then the reason in a sentence */
    return g_strdup_printf (
        _ ("Given up after %d runs on end that said nothing of the server; the last: %s"),
        LDS_SEARCH_MAX_VOID, summary->void_text != NULL ? summary->void_text : "–");
  n_refused = collect_refused (summary, runs, reasons);
  if (n_refused == 0)
    return NULL;
  /* Translators: a number of runs, then reasons as whole sentences */
  return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u run below the knee counts in no figure: %s",
                                       "%u runs below the knee count in no figure: %s", n_refused),
                          n_refused, reasons->str);
}

/* Returns: (transfer none): why a knee is only known to be above a rate */
static const char *
explain_limit (const char *code)
{
  if (strcmp (code, "connections") == 0)
    return _ ("Above that all connections wait as long as the workload says, and the server is not the limit; use more connections.");
  if (strcmp (code, "rate") == 0)
    return _ ("That is the highest rate that the plan allows; raise it to find the knee.");
  return _ ("Above that the load generator is the limit, not the server; use more client threads or another machine.");
}

GPtrArray *
lds_knee_summary_list_notes (const LdsKneeSummary *summary)
{
  GPtrArray *notes;
  g_autofree char *limit = NULL;

  g_return_val_if_fail (summary != NULL, NULL);

  notes = g_ptr_array_new_with_free_func (g_free);
  limit = lds_format_value (summary->limit_ns, LDS_UNIT_DURATION_NS);
  if (summary->is_default_limit && !isnan (summary->limit_ns))
    /* Translators: a time */
    g_ptr_array_add (notes, g_strdup_printf (_ ("A rate is kept when the p99 is within %s: ten times that of little load, at least 10 ms."), limit));
  if (summary->limited_by != NULL)
    g_ptr_array_add (notes, g_strdup (explain_limit (summary->limited_by)));
  if (summary->knee.state == LDS_KNEE_UNSETTLED)
    /* Translators: a percentage */
    g_ptr_array_add (notes, g_strdup_printf (_ ("Not settled after as many steps as it had; this interval is sure to %.0f %% only. Measure on a quieter machine, or longer."),
                                             floor (100 * summary->knee.confidence)));
  if (!summary->is_given_up && summary->n_void > 0)
    g_ptr_array_add (notes, g_strdup_printf (g_dngettext (GETTEXT_PACKAGE,
                                                          "%u run of the search said nothing of the server, for others used the machine.",
                                                          "%u runs of the search said nothing of the server, for others used the machine.",
                                                          summary->n_void),
                                             summary->n_void));
  if (summary->cpu_per_request.n < LDS_SESSION_MIN_RUNS && !isnan (summary->half_rate_hz))
    g_ptr_array_add (notes, g_strdup_printf (g_dngettext (GETTEXT_PACKAGE,
                                                          "Only %u valid run at the rate of all lanes: a verdict needs at least %u.",
                                                          "Only %u valid runs at the rate of all lanes: a verdict needs at least %u.",
                                                          summary->cpu_per_request.n),
                                             summary->cpu_per_request.n, LDS_SESSION_MIN_RUNS));
  return notes;
}
