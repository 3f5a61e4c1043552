/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The verdict as JSON. Figures are rounded as the reference model prints them. */
#define G_LOG_DOMAIN "lds-verdict"

#include "config.h"
#include "lds-verdict-json-private.h"

#include <math.h>

/* The nearest number with that many decimals; printing rounds exactly, arithmetic would not. */
static double
rounded (double value,
         const char *format)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  return g_ascii_strtod (g_ascii_formatd (buffer, sizeof buffer, format, value), NULL);
}

void
lds_json_add_double (JsonBuilder *builder,
                     const char *member,
                     double value,
                     const char *format)
{
  json_builder_set_member_name (builder, member);
  json_builder_add_double_value (builder, rounded (value, format));
}

/* A figure that may be missing: then null. */
void
lds_json_add_bound (JsonBuilder *builder,
                    const char *member,
                    double value,
                    const char *format)
{
  if (isnan (value))
    lds_json_add_string (builder, member, NULL);
  else
    lds_json_add_double (builder, member, value, format);
}

void
lds_json_add_rival (JsonBuilder *builder,
                    const char *member,
                    LdsOption option)
{
  lds_json_add_string (builder, member,
                       option != LDS_OPTION_ABSTAIN ? lds_option_to_string (option) : NULL);
}

void
lds_json_add_options (JsonBuilder *builder,
                      const char *member,
                      const double *values)
{
  json_builder_set_member_name (builder, member);
  json_builder_begin_object (builder);
  for (int o = 0; o < LDS_N_OPTIONS; o++)
    lds_json_add_double (builder, lds_option_to_string ((LdsOption)o), values[o], "%.1f");
  json_builder_end_object (builder);
}

void
lds_json_add_strings (JsonBuilder *builder,
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
        lds_json_add_string (builder, "id", self->gate_ids[o]);
        lds_json_add_string (builder, "option", lds_option_to_string ((LdsOption)o));
        lds_json_add_string (builder, "reason", self->gates[o]);
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
      lds_json_add_string (builder, "id", advice->id);
      lds_json_add_string (builder, "title", advice->title);
      lds_json_add_string (builder, "sources", advice->sources);
      lds_json_add_string (builder, "vote", lds_option_to_string (advice->vote));
      lds_json_add_double (builder, "credit", advice->credit, "%.1f");
      lds_json_add_strings (builder, "path", (const char *const *)advice->path,
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
      lds_json_add_string (builder, "criterion", contribution->id);
      lds_json_add_string (builder, "title", contribution->title);
      lds_json_add_string (builder, "answer", contribution->answer);
      lds_json_add_double (builder, "weight", contribution->weight, "%.2f");
      lds_json_add_options (builder, "cells", contribution->cells);
      lds_json_add_double (builder, "points", contribution->points, "%.1f");
      lds_json_add_string (builder, "sources", contribution->sources);
      lds_json_add_string (builder, "articles", contribution->articles);
      lds_json_add_string (builder, "grade", contribution->grade);
      lds_json_add_string (builder, "graded_by", contribution->graded_by);
      lds_json_add_string (builder, "evidence", lds_evidence_to_string (contribution->evidence));
      lds_json_add_bound (builder, "ratio", contribution->ratio, "%.4g");
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

static void
add_changes (JsonBuilder *builder,
             const LdsVerdict *self)
{
  lds_json_add_strings (builder, "changes", (const char *const *)self->changes->pdata,
                        self->changes->len);
  json_builder_set_member_name (builder, "unchanged");
  if (self->unchanged == NULL)
    {
      json_builder_add_null_value (builder);
      return;
    }
  json_builder_begin_object (builder);
  lds_json_add_string (builder, "verdict", lds_option_to_string (self->unchanged->winner));
  lds_json_add_options (builder, "scores", self->unchanged->scores);
  lds_json_add_double (builder, "margin", self->unchanged->margin, "%.1f");
  lds_json_add_double (builder, "confidence", self->unchanged->confidence, "%.0f");
  lds_json_add_string (builder, "band", lds_band_to_string (self->unchanged->band));
  json_builder_end_object (builder);
}

JsonNode *
lds_verdict_to_json (const LdsVerdict *self)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  g_return_val_if_fail (self != NULL, NULL);

  json_builder_begin_object (builder);
  lds_json_add_int (builder, "schema_version", 1);
  lds_json_add_int (builder, "rule_pack", self->rule_pack_version);
  lds_json_add_string (builder, "verdict", lds_option_to_string (self->winner));
  lds_json_add_string (builder, "second",
                       self->second != LDS_OPTION_ABSTAIN ? lds_option_to_string (self->second)
                                                          : NULL);
  lds_json_add_string (builder, "headline", self->headline);
  lds_json_add_options (builder, "scores", self->scores);
  lds_json_add_double (builder, "margin", self->margin, "%.1f");
  lds_json_add_double (builder, "agreement", self->agreement, "%.2f");
  lds_json_add_double (builder, "robustness", self->robustness, "%.2f");
  lds_json_add_double (builder, "completeness", self->completeness, "%.2f");
  lds_json_add_double (builder, "confidence_raw", self->confidence_raw, "%.0f");
  lds_json_add_double (builder, "confidence", self->confidence, "%.0f");
  lds_json_add_double (builder, "cap", self->cap, "%.0f");
  lds_json_add_string (builder, "evidence", lds_evidence_to_string (self->evidence));
  lds_json_add_string (builder, "band", lds_band_to_string (self->band));
  lds_json_add_string (builder, "strength",
                       self->strength == LDS_STRENGTH_STRONG ? "strong" : "conditional");
  lds_json_add_boolean (builder, "contested", self->contested);
  lds_json_add_int (builder, "questions_answered", self->n_answered);
  lds_json_add_int (builder, "questions_applicable", self->n_questions);
  add_gates (builder, self);
  add_advisors (builder, self);
  lds_json_add_int (builder, "voices", self->n_voices);
  lds_json_add_int (builder, "dissent", self->n_dissent);
  add_contributions (builder, self);
  lds_verdict_json_add_flips (builder, self);
  lds_verdict_json_add_notes (builder, self);
  add_changes (builder, self);
  lds_json_add_strings (builder, "conditions", (const char *const *)self->conditions->pdata,
                        self->conditions->len);
  lds_json_add_strings (builder, "warnings", (const char *const *)self->warnings->pdata,
                        self->warnings->len);
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}
