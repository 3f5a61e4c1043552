/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A session as JUnit XML. */
#define G_LOG_DOMAIN "lds-bench"

#include "config.h"
#include "lds-junit.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "lds-clock.h"

/* Text for an attribute or an element: XML has no way to write most control characters, and texts come
 * from servers too. */
static char *
escape (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);

  for (char *c = valid; *c != '\0'; c++)
    if (g_ascii_iscntrl (*c) && strchr ("\t\n\r", *c) == NULL)
      *c = '?';
  return g_markup_escape_text (valid, -1);
}

static void
append_attribute (GString *xml,
                  const char *name,
                  const char *value)
{
  g_autofree char *escaped = escape (value);

  g_string_append_printf (xml, " %s=\"%s\"", name, escaped);
}

static void
append_seconds (GString *xml,
                double seconds)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  append_attribute (xml, "time", g_ascii_formatd (text, sizeof text, "%.3f", seconds));
}

/* Seconds measured of @lane, or of all lanes when it is NULL, on @workload. */
static double
sum_seconds (const LdsSession *session,
             const LdsLane *lane,
             const LdsWorkload *workload)
{
  double seconds = 0;

  for (guint i = 0; i < session->runs->len; i++)
    {
      const LdsRun *run = session->runs->pdata[i];

      if ((lane == NULL || run->spec.lane == lane) && run->spec.workload == workload &&
          run->duration_s > 0)
        seconds += run->duration_s;
    }
  return seconds;
}

static gboolean
is_invalid (const LdsSummary *summary)
{
  return summary->n_valid == 0;
}

static char *
join (GPtrArray *texts,
      const char *fallback)
{
  GString *joined = g_string_new (texts->len == 0 ? fallback : NULL);

  for (guint i = 0; i < texts->len; i++)
    g_string_append_printf (joined, "%s%s", i > 0 ? " " : "", (const char *)texts->pdata[i]);
  return g_string_free (joined, FALSE);
}

static void
append_failure (GString *xml,
                const char *type,
                const char *message)
{
  g_string_append (xml, "      <failure");
  append_attribute (xml, "type", type);
  append_attribute (xml, "message", message);
  g_string_append (xml, "/>\n");
}

static void
append_case (GString *xml,
             const LdsSession *session,
             const LdsSummary *summary)
{
  g_autofree char *reasons = join (summary->reasons, _ ("There is no run of it."));
  g_autofree char *notes = join (summary->notes, ""), *out = NULL;

  g_string_append (xml, "    <testcase");
  append_attribute (xml, "classname", summary->workload->id);
  append_attribute (xml, "name", summary->lane->id);
  append_seconds (xml, sum_seconds (session, summary->lane, summary->workload));
  g_string_append (xml, ">\n");
  if (is_invalid (summary))
    {
      /* Translators: reasons, each a sentence */
      g_autofree char *message = g_strdup_printf (_ ("INVALID: %s"), reasons);

      append_failure (xml, "invalid", message);
    }
  else if (lds_summary_misses_slo (summary, session->plan))
    {
      g_autofree char *p99 = lds_format_value (summary->slo_p99_ns, LDS_UNIT_DURATION_NS);
      g_autofree char *limit = lds_format_value (
          session->plan->slo_p99_ms * (double)LDS_NS_PER_MS, LDS_UNIT_DURATION_NS);
      /* Translators: two times */
      g_autofree char *message = g_strdup_printf (_ ("The p99 is %s, above the limit of %s."), p99, limit);

      append_failure (xml, "slo", message);
    }
  if (summary->n_invalid > 0 && !is_invalid (summary))
    {
      /* Translators: refused runs, all runs, reasons as whole sentences, other remarks */
      g_autofree char *text =
          g_strdup_printf (_ ("INVALID, %u of %u runs: %s %s"), summary->n_invalid,
                           summary->n_invalid + summary->n_valid, reasons, notes);

      out = escape (text);
    }
  else if (*notes != '\0')
    out = escape (notes);
  if (out != NULL)
    g_string_append_printf (xml, "      <system-out>%s</system-out>\n", out);
  g_string_append (xml, "    </testcase>\n");
}

static void
append_suite (GString *xml,
              const LdsSession *session,
              GPtrArray *summaries,
              const LdsWorkload *workload)
{
  guint n_cases = 0, n_failures = 0;
  g_autofree char *counts = NULL;

  for (guint i = 0; i < summaries->len; i++)
    {
      const LdsSummary *summary = summaries->pdata[i];

      if (summary->workload != workload)
        continue;
      n_cases++;
      n_failures += is_invalid (summary) || lds_summary_misses_slo (summary, session->plan);
    }
  counts =
      g_strdup_printf (" tests=\"%u\" failures=\"%u\" errors=\"0\" skipped=\"0\"", n_cases, n_failures);
  g_string_append (xml, "  <testsuite");
  append_attribute (xml, "name", workload->id);
  g_string_append (xml, counts);
  append_seconds (xml, sum_seconds (session, NULL, workload));
  g_string_append (xml, ">\n");
  for (guint i = 0; i < summaries->len; i++)
    if (((LdsSummary *)summaries->pdata[i])->workload == workload)
      append_case (xml, session, summaries->pdata[i]);
  g_string_append (xml, "  </testsuite>\n");
}

char *
lds_junit_from_session (const LdsSession *session)
{
  g_autoptr (GPtrArray) summaries = NULL;
  GString *xml;

  g_return_val_if_fail (session != NULL, NULL);

  summaries = lds_session_summarize (session);
  xml = g_string_new ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"loadstone\">\n");
  for (guint w = 0; w < session->plan->workloads->len; w++)
    append_suite (xml, session, summaries, session->plan->workloads->pdata[w]);
  g_string_append (xml, "</testsuites>\n");
  return g_string_free (xml, FALSE);
}
