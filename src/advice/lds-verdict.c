/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The verdict as a value: made, shared, freed. */
#define G_LOG_DOMAIN "lds-verdict"

#include "config.h"
#include "lds-verdict-private.h"

#include <glib/gi18n-lib.h>

typedef struct
{
  LdsVerdict public; /* first, so that a pointer to one is a pointer to the other */
  gatomicrefcount ref_count;
  LdsRulePack *pack;
} Verdict;

G_DEFINE_BOXED_TYPE (LdsVerdict, lds_verdict, lds_verdict_ref, lds_verdict_unref)

static void
advice_free (gpointer data)
{
  LdsAdvice *advice = data;

  g_strfreev (advice->path);
  g_free (advice);
}

static void
contribution_free (gpointer data)
{
  LdsContribution *contribution = data;

  g_free (contribution->answer);
  g_free (contribution->graded_by);
  g_free (contribution);
}

static void
why_not_free (gpointer data)
{
  LdsWhyNot *why_not = data;

  g_ptr_array_unref (why_not->deficits);
  g_free (why_not);
}

LdsVerdict *
lds_verdict_new (LdsRulePack *pack)
{
  Verdict *self = g_new0 (Verdict, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->pack = g_object_ref (pack);
  self->public.advisors = g_ptr_array_new_with_free_func (advice_free);
  self->public.contributions = g_ptr_array_new_with_free_func (contribution_free);
  self->public.open_questions = g_array_new (FALSE, FALSE, sizeof (LdsOpenQuestion));
  self->public.changes = g_ptr_array_new_with_free_func (g_free);
  self->public.why_not = g_ptr_array_new_with_free_func (why_not_free);
  self->public.reasons_for = g_ptr_array_new ();
  self->public.reasons_against = g_ptr_array_new ();
  self->public.patterns = g_ptr_array_new_with_free_func (g_free);
  self->public.interop = g_ptr_array_new_with_free_func (g_free);
  self->public.actions = g_ptr_array_new_with_free_func (g_free);
  self->public.thresholds = g_ptr_array_new_with_free_func (g_free);
  self->public.pitfalls = g_ptr_array_new_with_free_func (g_free);
  self->public.warnings = g_ptr_array_new_with_free_func (g_free);
  return &self->public;
}

LdsVerdict *
lds_verdict_ref (const LdsVerdict *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_ref_count_inc (&((Verdict *)self)->ref_count);
  return (LdsVerdict *)self;
}

void
lds_verdict_unref (LdsVerdict *self)
{
  Verdict *verdict = (Verdict *)self;

  g_return_if_fail (self != NULL);

  if (!g_atomic_ref_count_dec (&verdict->ref_count))
    return;
  g_ptr_array_unref (self->advisors);
  g_ptr_array_unref (self->contributions);
  g_clear_pointer (&self->flips, g_ptr_array_unref);
  g_clear_pointer (&self->pair_flips, g_ptr_array_unref);
  g_clear_pointer (&self->weight_ranges, g_array_unref);
  g_clear_pointer (&self->ratio_ranges, g_array_unref);
  g_array_unref (self->open_questions);
  g_ptr_array_unref (self->changes);
  g_clear_pointer ((LdsVerdict **)&self->unchanged, lds_verdict_unref);
  g_ptr_array_unref (self->why_not);
  g_ptr_array_unref (self->reasons_for);
  g_ptr_array_unref (self->reasons_against);
  g_ptr_array_unref (self->patterns);
  g_ptr_array_unref (self->interop);
  g_ptr_array_unref (self->actions);
  g_ptr_array_unref (self->thresholds);
  g_ptr_array_unref (self->pitfalls);
  g_clear_pointer (&self->conditions, g_ptr_array_unref);
  g_ptr_array_unref (self->warnings);
  g_free (self->headline);
  g_object_unref (verdict->pack);
  g_free (verdict);
}

const char *
lds_option_to_string (LdsOption option)
{
  static const char *const names[] = {"node", "python", "polyglot"};

  return option >= 0 && option < LDS_N_OPTIONS ? names[option] : "abstain";
}

const char *
lds_option_title (LdsOption option)
{
  switch (option)
    {
    case LDS_OPTION_NODE:
      return _ ("Node.js");
    case LDS_OPTION_PYTHON:
      return _ ("Python");
    case LDS_OPTION_POLYGLOT:
      return _ ("Node.js and Python");
    case LDS_OPTION_ABSTAIN:
    case LDS_N_OPTIONS:
    default:
      return _ ("No advice");
    }
}

const char *
lds_band_title (LdsBand band)
{
  switch (band)
    {
    case LDS_BAND_HIGH:
      return C_ ("certainty", "High");
    case LDS_BAND_MODERATE:
      return C_ ("certainty", "Moderate");
    case LDS_BAND_LOW:
      return C_ ("certainty", "Low");
    case LDS_BAND_TOO_CLOSE:
    default:
      return C_ ("certainty", "Too close to call");
    }
}

const char *
lds_band_to_string (LdsBand band)
{
  static const char *const names[] = {"too-close", "low", "moderate", "high"};

  return band <= LDS_BAND_HIGH ? names[band] : names[0];
}

const char *
lds_relevance_to_string (LdsRelevance relevance)
{
  static const char *const names[] = {"none", "unlikely", "together", "alone"};

  return names[relevance];
}

const char *
lds_strength_title (LdsStrength strength)
{
  return strength == LDS_STRENGTH_STRONG ? C_ ("recommendation", "strong")
                                         : C_ ("recommendation", "conditional");
}
