/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a session says of a pitfall. */
#define G_LOG_DOMAIN "lds-bench"

#include "config.h"
#include "lds-pitfall-verdict.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "lds-bench-json.h"
#include "lds-comparison.h"

static const char *const findings[] = {
    [LDS_PITFALL_UNKNOWN] = "unknown",
    [LDS_PITFALL_SHOWN] = "shown",
    [LDS_PITFALL_NOT_SHOWN] = "not-shown",
};

static gboolean
is_of_side (const LdsRun *run,
            const LdsPitfallSide *side)
{
  return run->spec.lane == side->lane && run->spec.workload == side->workload;
}

static LdsEstimate
estimate (const LdsSession *session,
          const LdsPitfallSide *side,
          const LdsMetric *metric)
{
  g_autoptr (GArray) figures = g_array_new (FALSE, FALSE, sizeof (double));

  for (guint i = 0; i < session->runs->len; i++)
    {
      const LdsRun *run = session->runs->pdata[i];
      double figure = metric->of_run (run);

      if (run->valid && is_of_side (run, side) && isfinite (figure))
        g_array_append_val (figures, figure);
    }
  return lds_stats_estimate ((const double *)(gconstpointer)figures->data, figures->len);
}

LdsPitfallVerdict
lds_pitfall_judge (const LdsPitfall *pitfall,
                   const LdsSession *session)
{
  LdsPitfallVerdict verdict = {.factor = NAN, .low = NAN, .high = NAN};
  LdsSelection selections[LDS_PITFALL_N_SIDES];
  g_autoptr (LdsComparison) comparison = NULL;
  const LdsDifference *difference;

  g_return_val_if_fail (pitfall != NULL && session != NULL, verdict);

  for (guint i = 0; i < LDS_PITFALL_N_SIDES; i++)
    {
      const LdsPitfallSide *side = &pitfall->sides[i];

      selections[i] = (LdsSelection){session, side->lane, side->workload};
      verdict.estimates[i] = estimate (session, side, pitfall->metric);
    }
  comparison =
      lds_comparison_new (&selections[LDS_PITFALL_REMEDY], &selections[LDS_PITFALL_WRONG], 1);
  verdict.n_valid[LDS_PITFALL_REMEDY] = comparison->n_valid_reference;
  verdict.n_valid[LDS_PITFALL_WRONG] = comparison->n_valid_other;
  verdict.n_invalid[LDS_PITFALL_REMEDY] = comparison->n_invalid_reference;
  verdict.n_invalid[LDS_PITFALL_WRONG] = comparison->n_invalid_other;
  difference = lds_comparison_get (comparison, pitfall->metric);
  if (difference->kind == LDS_DIFFERENCE_TOO_FEW || difference->n_a == 0)
    return verdict;
  verdict.factor = difference->ratio;
  verdict.low = difference->low;
  verdict.high = difference->high;
  if (!pitfall->metric->lower_is_better)
    {
      verdict.factor = 1 / difference->ratio;
      verdict.low = 1 / difference->high;
      verdict.high = 1 / difference->low;
    }
  verdict.finding =
      lds_comparison_verdict (difference, pitfall->metric) == LDS_VERDICT_WORSE &&
              verdict.factor >= LDS_PITFALL_MIN_FACTOR
          ? LDS_PITFALL_SHOWN
          : LDS_PITFALL_NOT_SHOWN;
  return verdict;
}

static char *
format_factor (double factor)
{
  return g_strdup_printf ("%.*f", factor >= 99.95 ? 0 : factor >= 9.995 ? 1
                                                                        : 2,
                          factor);
}

char *
lds_pitfall_verdict_dup_text (const LdsPitfallVerdict *verdict,
                              const LdsPitfall *pitfall)
{
  g_autofree char *factor = NULL, *low = NULL, *high = NULL;
  const char *metric;

  g_return_val_if_fail (verdict != NULL && pitfall != NULL, NULL);

  metric = _ (pitfall->metric->title);
  if (verdict->finding == LDS_PITFALL_UNKNOWN)
    return g_strdup_printf (
        /* Translators: two numbers of runs */
        _ ("Too few runs to tell: %u of the pitfall and %u of the remedy are valid."),
        verdict->n_valid[LDS_PITFALL_WRONG], verdict->n_valid[LDS_PITFALL_REMEDY]);
  factor = format_factor (verdict->factor);
  low = format_factor (verdict->low);
  high = format_factor (verdict->high);
  if (verdict->finding == LDS_PITFALL_NOT_SHOWN)
    return g_strdup_printf (/* Translators: a metric, then a figure and its confidence interval */
                            _ ("Not shown here. %s: the pitfall is %s times as bad as the remedy (%s–%s)."),
                            metric, factor, low, high);
  return g_strdup_printf (/* Translators: a metric, then a figure and its confidence interval */
                          _ ("Shown here. %s: the pitfall is %s times as bad as the remedy (%s–%s)."),
                          metric, factor, low, high);
}

char *
lds_pitfall_dup_refusals (const LdsPitfall *pitfall,
                          LdsPitfallSideId side,
                          const LdsSession *session)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GPtrArray) reasons = NULL;

  g_return_val_if_fail (pitfall != NULL && session != NULL, NULL);
  g_return_val_if_fail (side < LDS_PITFALL_N_SIDES, NULL);

  reasons = g_ptr_array_new_with_free_func ((GDestroyNotify)lds_invalid_reason_free);
  for (guint i = 0; i < session->runs->len; i++)
    {
      const LdsRun *run = session->runs->pdata[i];

      for (guint r = 0; is_of_side (run, &pitfall->sides[side]) && r < run->reasons->len; r++)
        {
          const LdsInvalidReason *reason = run->reasons->pdata[r];

          lds_invalid_reasons_add (reasons, reason->code, reason->text);
        }
    }
  for (guint i = 0; i < reasons->len; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? " " : "",
                            ((const LdsInvalidReason *)reasons->pdata[i])->text);
  return text->len > 0 ? g_string_free (g_steal_pointer (&text), FALSE) : NULL;
}

const char *
lds_pitfall_finding_to_string (LdsPitfallFinding finding)
{
  g_return_val_if_fail (finding < G_N_ELEMENTS (findings), findings[0]);

  return findings[finding];
}

/* What a side is and, with @session, what it did. */
static void
add_side (JsonBuilder *builder,
          const LdsPitfall *pitfall,
          LdsPitfallSideId id,
          const LdsPitfallVerdict *verdict,
          const LdsSession *session)
{
  const LdsPitfallSide *side = &pitfall->sides[id];
  g_autofree char *label = lds_lane_dup_label (side->lane);

  json_builder_set_member_name (builder, lds_pitfall_side_to_string (id));
  json_builder_begin_object (builder);
  lds_json_add_string (builder, "title", side->title);
  lds_json_add_string (builder, "lane", side->lane->id);
  lds_json_add_string (builder, "label", label);
  lds_json_add_string (builder, "provenance", lds_provenance_to_string (side->lane->provenance));
  lds_json_add_string (builder, "workload", side->workload->id);
  lds_bench_json_set_number (builder, "rate_hz", side->rate_hz);
  if (session != NULL)
    {
      g_autofree char *refusals = lds_pitfall_dup_refusals (pitfall, id, session);

      lds_json_add_int (builder, "n_valid", verdict->n_valid[id]);
      lds_json_add_int (builder, "n_invalid", verdict->n_invalid[id]);
      lds_bench_json_set_estimate (builder, "figure", &verdict->estimates[id]);
      lds_json_add_string (builder, "refused", refusals);
    }
  json_builder_end_object (builder);
}

static void
add_finding (JsonBuilder *builder,
             const LdsPitfall *pitfall,
             const LdsPitfallVerdict *verdict,
             const LdsSession *session)
{
  g_autofree char *text = lds_pitfall_verdict_dup_text (verdict, pitfall);

  lds_json_add_int (builder, "repeats", session->plan->repeats);
  lds_json_add_int (builder, "duration_ms", session->plan->duration_ms);
  lds_json_add_int (builder, "warm_up_ms", session->plan->warm_up_ms);
  lds_json_add_string (builder, "finding", lds_pitfall_finding_to_string (verdict->finding));
  json_builder_set_member_name (builder, "factor");
  if (verdict->finding == LDS_PITFALL_UNKNOWN)
    json_builder_add_null_value (builder);
  else
    {
      json_builder_begin_object (builder);
      lds_bench_json_set_number (builder, "estimate", verdict->factor);
      lds_bench_json_set_number (builder, "low", verdict->low);
      lds_bench_json_set_number (builder, "high", verdict->high);
      json_builder_end_object (builder);
    }
  lds_json_add_string (builder, "text", text);
  lds_bench_json_set_reasons (builder, "warnings", session->warnings);
}

JsonNode *
lds_pitfall_to_json (const LdsPitfall *pitfall,
                     const LdsSession *session)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  LdsPitfallVerdict verdict = {0};

  g_return_val_if_fail (pitfall != NULL, NULL);

  if (session != NULL)
    verdict = lds_pitfall_judge (pitfall, session);
  json_builder_begin_object (builder);
  lds_json_add_string (builder, "id", pitfall->id);
  lds_json_add_string (builder, "title", pitfall->title);
  lds_json_add_string (builder, "see", pitfall->see);
  lds_json_add_string (builder, "metric", pitfall->metric->json_key);
  lds_json_add_int (builder, "connections", pitfall->connections);
  for (int i = 0; i < LDS_PITFALL_N_SIDES; i++)
    add_side (builder, pitfall, (LdsPitfallSideId)i, &verdict, session);
  if (session != NULL)
    add_finding (builder, pitfall, &verdict, session);
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}
