/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What follows from a verdict: reasons in order, the shape to build, what to do and to watch. */
#define G_LOG_DOMAIN "lds-notes"

#include "config.h"
#include "lds-verdict-private.h"

#include <math.h>
#include <string.h>

#define MAX_REASONS 3

/* Less than this is no reason. Source: the reference model lists contributions from 0.05 points. */
#define MIN_POINTS 0.05

static LdsVerdictNote *
note_new (LdsRulePack *pack,
          const LdsNoteRule *rule)
{
  LdsVerdictNote *note = g_new0 (LdsVerdictNote, 1);
  const LdsEntry *entry = rule->id != NULL ? lds_knowledge_find (pack, rule->id) : NULL;

  note->id = rule->id != NULL ? rule->id : rule->slot != NULL ? rule->slot
                                                              : "";
  note->title = entry != NULL ? entry->title : "";
  note->text = rule->text;
  note->sources = rule->sources;
  note->workload = rule->workload;
  note->value = rule->value;
  note->unit = rule->unit;
  return note;
}

static gboolean
holds (const LdsNoteRule *rule,
       const LdsInput *input)
{
  return rule->when == NULL || lds_expression_is_true (rule->when, input->slots);
}

/* Adds every rule of a kind that holds; of each slot only the first; fallbacks only when nothing else does. */
static void
add_kind (GPtrArray *notes,
          LdsRulePack *pack,
          const char *kind,
          const LdsInput *input)
{
  g_autoptr (GHashTable) slots = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint pass = 0; pass < 2; pass++)
    for (guint i = 0; i < pack->notes->len; i++)
      {
        const LdsNoteRule *rule = g_ptr_array_index (pack->notes, i);

        if (strcmp (rule->kind, kind) != 0 || rule->fallback != (pass == 1) || !holds (rule, input))
          continue;
        if (rule->fallback && notes->len > 0)
          return;
        if (rule->slot != NULL && !g_hash_table_add (slots, (gpointer)rule->slot))
          continue;
        g_ptr_array_add (notes, note_new (pack, rule));
      }
}

static void
add_pitfalls (LdsVerdict *verdict,
              LdsRulePack *pack,
              const LdsInput *input)
{
  for (guint i = 0; i < pack->entries->len; i++)
    {
      const LdsEntryRule *rule = g_ptr_array_index (pack->entries, i);
      LdsVerdictNote *note;

      if (rule->applies == NULL || !lds_expression_is_true (rule->applies, input->slots) ||
          strcmp (rule->public.kind, "pitfall") != 0)
        continue;
      note = g_new0 (LdsVerdictNote, 1);
      note->id = rule->public.id;
      note->title = rule->public.title;
      note->text = rule->public.remedy != NULL ? rule->public.remedy : "";
      note->sources = rule->public.id;
      note->value = NAN;
      g_ptr_array_add (verdict->pitfalls, note);
    }
}

void
lds_notes_add (LdsVerdict *verdict,
               LdsRulePack *pack,
               const LdsInput *input)
{
  LdsInput with_verdict = *input;
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);

  with_verdict.slots[LDS_VERDICT_SLOT] = (double)verdict->winner;
  add_kind (warnings, pack, "warning", &with_verdict);
  for (guint i = 0; i < warnings->len; i++)
    g_ptr_array_add (verdict->warnings,
                     g_strdup (((LdsVerdictNote *)g_ptr_array_index (warnings, i))->text));
  add_kind (verdict->actions, pack, "action", &with_verdict);
  /* Without a recommendation there is nothing to build yet. */
  if (verdict->band == LDS_BAND_TOO_CLOSE)
    return;
  add_kind (verdict->patterns, pack, "shape", &with_verdict);
  add_kind (verdict->interop, pack, "interop", &with_verdict);
  add_kind (verdict->thresholds, pack, "threshold", &with_verdict);
  add_pitfalls (verdict, pack, &with_verdict);
}

static int
compare_deficits (gconstpointer a,
                  gconstpointer b)
{
  const LdsDeficit *left = *(const LdsDeficit *const *)a, *right = *(const LdsDeficit *const *)b;

  if (left->points != right->points)
    return left->points > right->points ? -1 : 1;
  return strcmp (left->id, right->id);
}

static LdsWhyNot *
why_not_new (const LdsVerdict *verdict,
             LdsRulePack *pack,
             const LdsModelResult *result,
             LdsOption option)
{
  LdsWhyNot *why_not = g_new0 (LdsWhyNot, 1);
  double total = 0;

  why_not->option = option;
  why_not->gate = verdict->gates[option];
  why_not->deficits = g_ptr_array_new_with_free_func (g_free);
  for (guint c = 0; c < pack->criteria->len; c++)
    total += result->weights[c];
  for (guint c = 0; c < pack->criteria->len && total > 0; c++)
    {
      const LdsCriterion *criterion = g_ptr_array_index (pack->criteria, c);
      double points = result->weights[c] *
                      (result->cells[c][verdict->winner] - result->cells[c][option]) / total;
      LdsDeficit *deficit;

      if (points < MIN_POINTS)
        continue;
      deficit = g_new0 (LdsDeficit, 1);
      *deficit = (LdsDeficit){criterion->id, criterion->title, points};
      g_ptr_array_add (why_not->deficits, deficit);
    }
  g_ptr_array_sort (why_not->deficits, compare_deficits);
  if (why_not->deficits->len > MAX_REASONS)
    g_ptr_array_set_size (why_not->deficits, MAX_REASONS);
  return why_not;
}

void
lds_notes_add_reasons (LdsVerdict *verdict,
                       LdsRulePack *pack,
                       const LdsModelResult *result)
{
  guint n = verdict->contributions->len;

  for (guint i = 0; i < n && verdict->reasons_for->len < MAX_REASONS; i++)
    {
      LdsContribution *contribution = g_ptr_array_index (verdict->contributions, i);

      if (contribution->points >= MIN_POINTS)
        g_ptr_array_add (verdict->reasons_for, contribution);
    }
  for (guint i = n; i > 0 && verdict->reasons_against->len < MAX_REASONS; i--)
    {
      LdsContribution *contribution = g_ptr_array_index (verdict->contributions, i - 1);

      if (contribution->points <= -MIN_POINTS)
        g_ptr_array_add (verdict->reasons_against, contribution);
    }
  for (int o = 0; o < LDS_N_OPTIONS; o++)
    if (o != (int)verdict->winner)
      g_ptr_array_add (verdict->why_not, why_not_new (verdict, pack, result, (LdsOption)o));
}
