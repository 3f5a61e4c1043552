/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The verdict as JSON. Figures are rounded as the reference model prints them. */
#define G_LOG_DOMAIN "lds-verdict"

#include "config.h"
#include "lds-verdict-private.h"

#include <math.h>

/* The nearest number with that many decimals; printing rounds exactly, arithmetic would not. */
static double
rounded (double value,
         const char *format)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  return g_ascii_strtod (g_ascii_formatd (buffer, sizeof buffer, format, value), NULL);
}

static void
add_double (JsonBuilder *builder,
            const char *member,
            double value,
            const char *format)
{
  json_builder_set_member_name (builder, member);
  json_builder_add_double_value (builder, rounded (value, format));
}

static void
add_string (JsonBuilder *builder,
            const char *member,
            const char *value)
{
  json_builder_set_member_name (builder, member);
  if (value != NULL)
    json_builder_add_string_value (builder, value);
  else
    json_builder_add_null_value (builder);
}

static void
add_int (JsonBuilder *builder,
         const char *member,
         gint64 value)
{
  json_builder_set_member_name (builder, member);
  json_builder_add_int_value (builder, value);
}

static void
add_boolean (JsonBuilder *builder,
             const char *member,
             gboolean value)
{
  json_builder_set_member_name (builder, member);
  json_builder_add_boolean_value (builder, value);
}

/* A figure that may be missing: then null. */
static void
add_bound (JsonBuilder *builder,
           const char *member,
           double value,
           const char *format)
{
  if (isnan (value))
    add_string (builder, member, NULL);
  else
    add_double (builder, member, value, format);
}

static void
add_rival (JsonBuilder *builder,
           const char *member,
           LdsOption option)
{
  add_string (builder, member, option != LDS_OPTION_ABSTAIN ? lds_option_to_string (option) : NULL);
}

static void
add_options (JsonBuilder *builder,
             const char *member,
             const double *values)
{
  json_builder_set_member_name (builder, member);
  json_builder_begin_object (builder);
  for (int o = 0; o < LDS_N_OPTIONS; o++)
    add_double (builder, lds_option_to_string ((LdsOption)o), values[o], "%.1f");
  json_builder_end_object (builder);
}

static void
add_strings (JsonBuilder *builder,
             const char *member,
             const char *const *texts,
             guint n)
{
  json_builder_set_member_name (builder, member);
  json_builder_begin_array (builder);
  for (guint i = 0; i < n; i++)
    json_builder_add_string_value (builder, texts[i]);
  json_builder_end_array (builder);
}

static void
add_gates (JsonBuilder *builder,
           const LdsVerdict *self)
{
  json_builder_set_member_name (builder, "gates");
  json_builder_begin_array (builder);
  for (int o = 0; o < LDS_N_OPTIONS; o++)
    if (self->gates[o] != NULL)
      {
        json_builder_begin_object (builder);
        add_string (builder, "id", self->gate_ids[o]);
        add_string (builder, "option", lds_option_to_string ((LdsOption)o));
        add_string (builder, "reason", self->gates[o]);
        json_builder_end_object (builder);
      }
  json_builder_end_array (builder);
}

static void
add_advisors (JsonBuilder *builder,
              const LdsVerdict *self)
{
  json_builder_set_member_name (builder, "advisors");
  json_builder_begin_array (builder);
  for (guint i = 0; i < self->advisors->len; i++)
    {
      const LdsAdvice *advice = g_ptr_array_index (self->advisors, i);

      json_builder_begin_object (builder);
      add_string (builder, "id", advice->id);
      add_string (builder, "title", advice->title);
      add_string (builder, "sources", advice->sources);
      add_string (builder, "vote", lds_option_to_string (advice->vote));
      add_strings (builder, "path", (const char *const *)advice->path,
                   g_strv_length (advice->path));
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

static void
add_contributions (JsonBuilder *builder,
                   const LdsVerdict *self)
{
  json_builder_set_member_name (builder, "contributions");
  json_builder_begin_array (builder);
  for (guint i = 0; i < self->contributions->len; i++)
    {
      const LdsContribution *contribution = g_ptr_array_index (self->contributions, i);

      json_builder_begin_object (builder);
      add_string (builder, "criterion", contribution->id);
      add_string (builder, "title", contribution->title);
      add_string (builder, "answer", contribution->answer);
      add_double (builder, "weight", contribution->weight, "%.2f");
      add_options (builder, "cells", contribution->cells);
      add_double (builder, "points", contribution->points, "%.1f");
      add_string (builder, "sources", contribution->sources);
      add_string (builder, "articles", contribution->articles);
      add_string (builder, "grade", contribution->grade);
      add_string (builder, "evidence", lds_evidence_to_string (contribution->evidence));
      add_bound (builder, "ratio", contribution->ratio, "%.4g");
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

static void
add_flips (JsonBuilder *builder,
           const LdsVerdict *self)
{
  json_builder_set_member_name (builder, "flips");
  json_builder_begin_array (builder);
  for (guint i = 0; i < self->flips->len; i++)
    {
      const LdsFlip *flip = g_ptr_array_index (self->flips, i);

      json_builder_begin_object (builder);
      add_string (builder, "question", flip->question);
      add_string (builder, "from", flip->from);
      add_string (builder, "to", flip->to);
      add_boolean (builder, "assumed", flip->assumed);
      add_string (builder, "verdict", lds_option_to_string (flip->winner));
      add_int (builder, "distance", flip->distance);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

static void
add_pair_flips (JsonBuilder *builder,
                const LdsVerdict *self)
{
  json_builder_set_member_name (builder, "pair_flips");
  json_builder_begin_array (builder);
  for (guint i = 0; i < self->pair_flips->len; i++)
    {
      const LdsPairFlip *flip = g_ptr_array_index (self->pair_flips, i);

      json_builder_begin_object (builder);
      json_builder_set_member_name (builder, "changes");
      json_builder_begin_array (builder);
      for (guint j = 0; j < 2; j++)
        {
          json_builder_begin_object (builder);
          add_string (builder, "question", flip->questions[j]);
          add_string (builder, "from", flip->from[j]);
          add_string (builder, "to", flip->to[j]);
          json_builder_end_object (builder);
        }
      json_builder_end_array (builder);
      add_string (builder, "verdict", lds_option_to_string (flip->winner));
      add_int (builder, "distance", flip->distance);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

static void
add_weight_ranges (JsonBuilder *builder,
                   const LdsVerdict *self)
{
  json_builder_set_member_name (builder, "weight_ranges");
  json_builder_begin_array (builder);
  for (guint i = 0; i < self->weight_ranges->len; i++)
    {
      const LdsWeightRange *range = &g_array_index (self->weight_ranges, LdsWeightRange, i);

      json_builder_begin_object (builder);
      add_string (builder, "criterion", range->id);
      add_double (builder, "weight", range->weight, "%.2f");
      add_bound (builder, "low", range->low, "%.2f");
      add_bound (builder, "high", range->high, "%.2f");
      add_rival (builder, "below", range->below);
      add_rival (builder, "above", range->above);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

static void
add_ratio_ranges (JsonBuilder *builder,
                  const LdsVerdict *self)
{
  json_builder_set_member_name (builder, "ratio_ranges");
  json_builder_begin_array (builder);
  for (guint i = 0; i < self->ratio_ranges->len; i++)
    {
      const LdsRatioRange *range = &g_array_index (self->ratio_ranges, LdsRatioRange, i);

      json_builder_begin_object (builder);
      add_string (builder, "criterion", range->id);
      add_string (builder, "workloads", range->workloads);
      add_string (builder, "metric", range->metric);
      add_bound (builder, "ratio", range->ratio, "%.4g");
      add_bound (builder, "low", range->low, "%.3g");
      add_bound (builder, "high", range->high, "%.3g");
      add_rival (builder, "below", range->below);
      add_rival (builder, "above", range->above);
      add_boolean (builder, "never", range->never);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

static void
add_open_questions (JsonBuilder *builder,
                    const LdsVerdict *self)
{
  json_builder_set_member_name (builder, "open_questions");
  json_builder_begin_array (builder);
  for (guint i = 0; i < self->open_questions->len; i++)
    {
      const LdsOpenQuestion *open = &g_array_index (self->open_questions, LdsOpenQuestion, i);

      json_builder_begin_object (builder);
      add_string (builder, "question", open->question);
      add_string (builder, "relevance", lds_relevance_to_string (open->relevance));
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

JsonNode *
lds_verdict_to_json (const LdsVerdict *self)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  g_return_val_if_fail (self != NULL, NULL);

  json_builder_begin_object (builder);
  add_int (builder, "schema_version", 1);
  add_string (builder, "verdict", lds_option_to_string (self->winner));
  add_string (builder, "second",
              self->second != LDS_OPTION_ABSTAIN ? lds_option_to_string (self->second) : NULL);
  add_string (builder, "headline", self->headline);
  add_options (builder, "scores", self->scores);
  add_double (builder, "margin", self->margin, "%.1f");
  add_double (builder, "agreement", self->agreement, "%.2f");
  add_double (builder, "robustness", self->robustness, "%.2f");
  add_double (builder, "completeness", self->completeness, "%.2f");
  add_double (builder, "confidence_raw", self->confidence_raw, "%.0f");
  add_double (builder, "confidence", self->confidence, "%.0f");
  add_double (builder, "cap", self->cap, "%.0f");
  add_string (builder, "evidence", lds_evidence_to_string (self->evidence));
  add_string (builder, "band", lds_band_to_string (self->band));
  add_string (builder, "strength",
              self->strength == LDS_STRENGTH_STRONG ? "strong" : "conditional");
  add_boolean (builder, "contested", self->contested);
  add_int (builder, "questions_answered", self->n_answered);
  add_int (builder, "questions_applicable", self->n_questions);
  add_gates (builder, self);
  add_advisors (builder, self);
  add_contributions (builder, self);
  add_flips (builder, self);
  add_pair_flips (builder, self);
  add_weight_ranges (builder, self);
  add_ratio_ranges (builder, self);
  add_open_questions (builder, self);
  add_boolean (builder, "settled", self->settled);
  add_strings (builder, "conditions", (const char *const *)self->conditions->pdata,
               self->conditions->len);
  add_strings (builder, "warnings", (const char *const *)self->warnings->pdata,
               self->warnings->len);
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}
