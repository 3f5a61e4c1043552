/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The verdict as JSON: what follows from it. */
#define G_LOG_DOMAIN "lds-verdict"

#include "config.h"
#include "lds-verdict-json-private.h"

#include <math.h>

static void
add_note (JsonBuilder *builder,
          const LdsVerdictNote *note)
{
  json_builder_begin_object (builder);
  lds_json_add_string (builder, "id", note->id);
  lds_json_add_string (builder, "title", note->title);
  lds_json_add_string (builder, "text", note->text);
  lds_json_add_string (builder, "sources", note->sources);
  if (note->workload != NULL)
    lds_json_add_string (builder, "workload", note->workload);
  if (!isnan (note->value))
    lds_json_add_double (builder, "value", note->value, "%g");
  if (note->unit != NULL)
    lds_json_add_string (builder, "unit", note->unit);
  json_builder_end_object (builder);
}

static void
add_notes (JsonBuilder *builder,
           const char *member,
           GPtrArray *notes)
{
  json_builder_set_member_name (builder, member);
  json_builder_begin_array (builder);
  for (guint i = 0; i < notes->len; i++)
    add_note (builder, g_ptr_array_index (notes, i));
  json_builder_end_array (builder);
}

static void
add_reasons (JsonBuilder *builder,
             const char *member,
             GPtrArray *contributions)
{
  json_builder_set_member_name (builder, member);
  json_builder_begin_array (builder);
  for (guint i = 0; i < contributions->len; i++)
    json_builder_add_string_value (builder,
                                   ((LdsContribution *)g_ptr_array_index (contributions, i))->id);
  json_builder_end_array (builder);
}

static void
add_why_not (JsonBuilder *builder,
             const LdsWhyNot *why_not)
{
  json_builder_begin_object (builder);
  lds_json_add_string (builder, "option", lds_option_to_string (why_not->option));
  lds_json_add_string (builder, "gate", why_not->gate);
  json_builder_set_member_name (builder, "deficits");
  json_builder_begin_array (builder);
  for (guint i = 0; i < why_not->deficits->len; i++)
    {
      const LdsDeficit *deficit = g_ptr_array_index (why_not->deficits, i);

      json_builder_begin_object (builder);
      lds_json_add_string (builder, "criterion", deficit->id);
      lds_json_add_string (builder, "title", deficit->title);
      lds_json_add_double (builder, "points", deficit->points, "%.1f");
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
}

void
lds_verdict_json_add_notes (JsonBuilder *builder,
                            const LdsVerdict *self)
{
  add_reasons (builder, "for", self->reasons_for);
  add_reasons (builder, "against", self->reasons_against);
  json_builder_set_member_name (builder, "why_not");
  json_builder_begin_array (builder);
  for (guint i = 0; i < self->why_not->len; i++)
    add_why_not (builder, g_ptr_array_index (self->why_not, i));
  json_builder_end_array (builder);
  add_notes (builder, "pattern", self->patterns);
  json_builder_set_member_name (builder, "interop");
  if (self->interop->len > 0)
    add_note (builder, g_ptr_array_index (self->interop, 0));
  else
    json_builder_add_null_value (builder);
  add_notes (builder, "actions", self->actions);
  add_notes (builder, "thresholds", self->thresholds);
  lds_json_add_int (builder, "review_after_months", LDS_REVIEW_MONTHS);
  add_notes (builder, "pitfalls", self->pitfalls);
}
