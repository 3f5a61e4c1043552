/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The verdict as JSON: what would change it. */
#define G_LOG_DOMAIN "lds-verdict"

#include "config.h"
#include "lds-verdict-json-private.h"

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
      lds_json_add_string (builder, "question", flip->question);
      lds_json_add_string (builder, "from", flip->from);
      lds_json_add_string (builder, "to", flip->to);
      lds_json_add_boolean (builder, "assumed", flip->assumed);
      lds_json_add_string (builder, "verdict", lds_option_to_string (flip->winner));
      lds_json_add_int (builder, "distance", flip->distance);
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
          lds_json_add_string (builder, "question", flip->questions[j]);
          lds_json_add_string (builder, "from", flip->from[j]);
          lds_json_add_string (builder, "to", flip->to[j]);
          json_builder_end_object (builder);
        }
      json_builder_end_array (builder);
      lds_json_add_string (builder, "verdict", lds_option_to_string (flip->winner));
      lds_json_add_int (builder, "distance", flip->distance);
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
      lds_json_add_string (builder, "criterion", range->id);
      lds_json_add_double (builder, "weight", range->weight, "%.2f");
      lds_json_add_bound (builder, "low", range->low, "%.2f");
      lds_json_add_bound (builder, "high", range->high, "%.2f");
      lds_json_add_rival (builder, "below", range->below);
      lds_json_add_rival (builder, "above", range->above);
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
      lds_json_add_string (builder, "criterion", range->id);
      lds_json_add_string (builder, "workloads", range->workloads);
      lds_json_add_string (builder, "metric", range->metric);
      lds_json_add_bound (builder, "ratio", range->ratio, "%.4g");
      lds_json_add_bound (builder, "low", range->low, "%.3g");
      lds_json_add_bound (builder, "high", range->high, "%.3g");
      lds_json_add_rival (builder, "below", range->below);
      lds_json_add_rival (builder, "above", range->above);
      lds_json_add_boolean (builder, "never", range->never);
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
      lds_json_add_string (builder, "question", open->question);
      lds_json_add_string (builder, "relevance", lds_relevance_to_string (open->relevance));
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

void
lds_verdict_json_add_flips (JsonBuilder *builder,
                            const LdsVerdict *self)
{
  add_flips (builder, self);
  add_pair_flips (builder, self);
  add_weight_ranges (builder, self);
  add_ratio_ranges (builder, self);
  add_open_questions (builder, self);
  lds_json_add_boolean (builder, "settled", self->settled);
}
