/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A session as JUnit XML. */
#define G_LOG_DOMAIN "lds-bench"

#include "config.h"
#include "lds-junit.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "lds-capacity.h"
#include "lds-clock.h"
#include "lds-search.h"

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

/* What is told of one lane on one workload. */
typedef struct
{
  const LdsLane *lane;
  const LdsWorkload *workload;
  char *name;          /* the lane's id, and what of it where there is more than one thing */
  const char *failure; /* (nullable): "invalid" or "slo" */
  char *message;       /* of it */
  char *note;          /* (nullable) */
} Case;

static void
case_free (Case *self)
{
  g_free (self->name);
  g_free (self->message);
  g_free (self->note);
  g_free (self);
}

static Case *
case_new (const LdsLane *lane,
          const LdsWorkload *workload)
{
  Case *self = g_new0 (Case, 1);

  self->lane = lane;
  self->workload = workload;
  self->name = g_strdup (lane->id);
  return self;
}

/* @reason: sentences */
static void
set_invalid (Case *self,
             const char *reason)
{
  self->failure = "invalid";
  /* Translators: reasons, each a sentence */
  self->message = g_strdup_printf (_ ("INVALID: %s"), reason);
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

static char *
format_limit (const LdsPlan *plan)
{
  return lds_format_value (plan->slo_p99_ms * (double)LDS_NS_PER_MS, LDS_UNIT_DURATION_NS);
}

/* --- Cases ----------------------------------------------------------------------------------- */

static Case *
describe_summary (const LdsSession *session,
                  const LdsSummary *summary)
{
  Case *self = case_new (summary->lane, summary->workload);
  g_autofree char *reasons = join (summary->reasons, _ ("There is no run of it."));
  g_autofree char *notes = join (summary->notes, "");

  if (summary->n_valid == 0)
    set_invalid (self, reasons);
  else if (lds_summary_misses_slo (summary, session->plan))
    {
      g_autofree char *p99 = lds_format_value (summary->slo_p99_ns, LDS_UNIT_DURATION_NS);
      g_autofree char *limit = format_limit (session->plan);

      self->failure = "slo";
      /* Translators: two times */
      self->message = g_strdup_printf (_ ("The p99 is %s, above the limit of %s."), p99, limit);
    }
  if (summary->n_invalid > 0 && summary->n_valid > 0)
    /* Translators: refused runs, all runs, reasons as whole sentences, other remarks */
    self->note = g_strdup_printf (_ ("INVALID, %u of %u runs: %s %s"), summary->n_invalid,
                                  summary->n_invalid + summary->n_valid, reasons, notes);
  else if (*notes != '\0')
    self->note = g_steal_pointer (&notes);
  return self;
}

static Case *
describe_knee (const LdsSession *session,
               const LdsKneeSummary *knee)
{
  Case *self = case_new (knee->lane, knee->workload);
  g_autoptr (GPtrArray) notes = lds_knee_summary_list_notes (knee);
  g_autofree char *refusal = lds_knee_summary_dup_refusal (knee, session->runs);
  g_autofree char *state = lds_knee_summary_dup_state (knee);
  g_autofree char *rate = lds_knee_summary_dup_rate (knee);
  g_autofree char *note = join (notes, "");

  if (knee->is_given_up)
    set_invalid (self, refusal);
  else if (!(knee->knee.low_hz > 0) && knee->knee.state != LDS_KNEE_BELOW)
    set_invalid (self, notes->len > 0 ? note : _ ("The search was cut short."));
  else if (knee->knee.state == LDS_KNEE_SEARCHING)
    set_invalid (self, _ ("The search was cut short."));
  else if (knee->knee.state == LDS_KNEE_BELOW && session->plan->slo_p99_ms > 0)
    {
      g_autofree char *limit = format_limit (session->plan);

      self->failure = "slo";
      /* Translators: a time */
      self->message = g_strdup_printf (_ ("At no rate is the p99 within the limit of %s."), limit);
    }
  /* Translators: a rate, how its search ended, remarks as whole sentences */
  self->note = g_strdup_printf (_ ("Knee: %s (%s). %s %s"), rate, state, refusal != NULL ? refusal : "", note);
  g_strchomp (self->note);
  return self;
}

static Case *
describe_scaling (const LdsScaling *scaling)
{
  Case *self = case_new (scaling->lane, scaling->workload);
  g_autoptr (GPtrArray) notes = lds_scaling_list_notes (scaling);
  char *name = g_strdup_printf (scaling->is_over_workers ? "%s over workers" : "%s over connections", self->name);

  g_free (self->name);
  self->name = name;
  if (scaling->usl == NULL)
    set_invalid (self, scaling->why_not);
  if (notes->len > 0)
    self->note = join (notes, "");
  return self;
}

/* Returns: (transfer full) (element-type Case) */
static GPtrArray *
list_cases (const LdsSession *session)
{
  GPtrArray *cases = g_ptr_array_new_with_free_func ((GDestroyNotify)case_free);
  g_autoptr (GPtrArray) summaries = lds_session_summarize (session);
  g_autoptr (GPtrArray) knees = lds_search_summarize (session->plan, session->runs);
  g_autoptr (GPtrArray) scalings = lds_capacity_list_scaling (session->plan, session->runs);

  for (guint i = 0; !lds_plan_is_adaptive (session->plan) && i < summaries->len; i++)
    g_ptr_array_add (cases, describe_summary (session, summaries->pdata[i]));
  for (guint i = 0; i < knees->len; i++)
    g_ptr_array_add (cases, describe_knee (session, knees->pdata[i]));
  for (guint i = 0; i < scalings->len; i++)
    g_ptr_array_add (cases, describe_scaling (scalings->pdata[i]));
  return cases;
}

/* --- XML ------------------------------------------------------------------------------------- */

static void
append_case (GString *xml,
             const LdsSession *session,
             const Case *one)
{
  g_string_append (xml, "    <testcase");
  append_attribute (xml, "classname", one->workload->id);
  append_attribute (xml, "name", one->name);
  append_seconds (xml, sum_seconds (session, one->lane, one->workload));
  g_string_append (xml, ">\n");
  if (one->failure != NULL)
    {
      g_string_append (xml, "      <failure");
      append_attribute (xml, "type", one->failure);
      append_attribute (xml, "message", one->message);
      g_string_append (xml, "/>\n");
    }
  if (one->note != NULL)
    {
      g_autofree char *out = escape (one->note);

      g_string_append_printf (xml, "      <system-out>%s</system-out>\n", out);
    }
  g_string_append (xml, "    </testcase>\n");
}

static void
append_suite (GString *xml,
              const LdsSession *session,
              GPtrArray *cases,
              const LdsWorkload *workload)
{
  guint n_cases = 0, n_failures = 0;
  g_autofree char *counts = NULL;

  for (guint i = 0; i < cases->len; i++)
    {
      const Case *one = cases->pdata[i];

      n_cases += one->workload == workload;
      n_failures += one->workload == workload && one->failure != NULL;
    }
  counts =
      g_strdup_printf (" tests=\"%u\" failures=\"%u\" errors=\"0\" skipped=\"0\"", n_cases, n_failures);
  g_string_append (xml, "  <testsuite");
  append_attribute (xml, "name", workload->id);
  g_string_append (xml, counts);
  append_seconds (xml, sum_seconds (session, NULL, workload));
  g_string_append (xml, ">\n");
  for (guint i = 0; i < cases->len; i++)
    if (((const Case *)cases->pdata[i])->workload == workload)
      append_case (xml, session, cases->pdata[i]);
  g_string_append (xml, "  </testsuite>\n");
}

char *
lds_junit_from_session (const LdsSession *session)
{
  g_autoptr (GPtrArray) cases = NULL;
  GString *xml;

  g_return_val_if_fail (session != NULL, NULL);

  cases = list_cases (session);
  xml = g_string_new ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"loadstone\">\n");
  for (guint w = 0; w < session->plan->workloads->len; w++)
    append_suite (xml, session, cases, session->plan->workloads->pdata[w]);
  g_string_append (xml, "</testsuites>\n");
  return g_string_free (xml, FALSE);
}
