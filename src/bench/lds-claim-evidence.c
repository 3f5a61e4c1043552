/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Claims judged from sessions that were stored. */
#define G_LOG_DOMAIN "lds-bench"

#include "config.h"
#include "lds-claim-evidence.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "lds-claim-private.h"
#include "lds-environment.h"
#include "lds-json.h"

/* While the evidence is made. */
typedef struct
{
  GPtrArray *sessions; /* (element-type LdsClaimSession): of this machine, the newest first */
  GHashTable *loaded;  /* LdsClaimSession -> LdsSession with its runs, NULL where it is damaged */
  LdsClaimLoadFunc load;
  gpointer user_data;
} Search;

LdsClaimSession *
lds_claim_session_new (gint64 id,
                       gint64 measured_at_us,
                       LdsSession *session)
{
  LdsClaimSession *self;

  g_return_val_if_fail (session != NULL, NULL);

  self = g_new (LdsClaimSession, 1);
  *self = (LdsClaimSession){id, measured_at_us, session};
  return self;
}

void
lds_claim_session_free (LdsClaimSession *session)
{
  if (session == NULL)
    return;
  lds_session_free (session->session);
  g_free (session);
}

static void
record_free (gpointer data)
{
  LdsClaimRecord *record = data;

  g_array_unref (record->sessions);
  g_free (record->caveat);
  g_free (record);
}

void
lds_claim_evidence_free (LdsClaimEvidence *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->records);
  g_ptr_array_unref (self->findings);
  lds_claim_plan_free (self->plan);
  g_ptr_array_unref (self->notes);
  g_ptr_array_unref (self->claims);
  g_free (self);
}

/* --- Which session decides a figure ---------------------------------------------------------- */

static void
free_session (gpointer data)
{
  lds_session_free (data);
}

static const LdsSession *
load_session (Search *search,
              const LdsClaimSession *session)
{
  gpointer known;

  if (g_hash_table_lookup_extended (search->loaded, session, NULL, &known))
    return known;
  known = search->load (session->id, search->user_data);
  g_hash_table_insert (search->loaded, (gpointer)session, known);
  return known;
}

/* The first of @ids that @plan has and that is of @provenance. */
static const LdsLane *
find_lane (const LdsPlan *plan,
           GStrv ids,
           LdsProvenance provenance)
{
  for (guint i = 0; ids[i] != NULL; i++)
    for (guint l = 0; l < plan->lanes->len; l++)
      {
        const LdsLane *lane = plan->lanes->pdata[l];

        if (lane->provenance == provenance && strcmp (lane->id, ids[i]) == 0)
          return lane;
      }
  return NULL;
}

/* Whether @plan drives the figure's workload as the figure says. */
static gboolean
drives (const LdsPlan *plan,
        const LdsClaimFigure *figure)
{
  LdsPlanLoad load;

  if (!g_ptr_array_find (plan->workloads, figure->workload, NULL) ||
      plan->workers != figure->workers)
    return FALSE;
  load = lds_plan_get_load (plan, figure->workload);
  return load.connections == figure->connections && load.rate_hz == figure->rate_hz;
}

/* The lane with the version of its runtime that was measured then, which may not be the one that is here. */
static char *
dup_label (const LdsLane *lane,
           const LdsSession *session)
{
  g_autofree char *label = lds_lane_dup_label (lane);
  JsonArray *runtimes = lds_json_get_array (session->environment, "runtimes", NULL);
  const char *id = strchr (lane->id, ':');
  guint n = runtimes != NULL && id != NULL ? json_array_get_length (runtimes) : 0;

  for (guint i = 0; i < n; i++)
    {
      JsonNode *node = json_array_get_element (runtimes, i);
      const char *text = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_string (node) : NULL;
      gsize length = strlen (id + 1);

      if (lane->provenance == LDS_PROVENANCE_REAL && text != NULL &&
          strncmp (text, id + 1, length) == 0 && text[length] == ' ')
        /* Translators: a lane, then the version of its runtime */
        return g_strdup_printf (_ ("%s, version %s"), label, text + length + 1);
    }
  return g_steal_pointer (&label);
}

/* Returns: (transfer full) (nullable): the figure on the lanes of @session; NULL where it says nothing of it */
static LdsClaimTrial *
new_trial (const LdsClaim *claim,
           const LdsClaimFigure *figure,
           const LdsSession *session,
           LdsProvenance provenance)
{
  const LdsLane *lane, *over = NULL;
  LdsClaimTrial *trial;

  if (!drives (session->plan, figure))
    return NULL;
  lane = find_lane (session->plan, figure->lanes, provenance);
  if (figure->over_lanes != NULL)
    over = find_lane (session->plan, figure->over_lanes, provenance);
  if (lane == NULL || (figure->over_lanes != NULL && over == NULL))
    return NULL;
  trial = g_new0 (LdsClaimTrial, 1);
  *trial = (LdsClaimTrial){.claim = claim, .figure = figure, .lane = lane, .over = over};
  trial->label = dup_label (lane, session);
  if (over != NULL)
    {
      g_autofree char *first = trial->label, *second = dup_label (over, session);

      /* Translators: the two lanes of a ratio, numerator first */
      trial->label = g_strdup_printf (_ ("%s, by %s"), first, second);
    }
  return trial;
}

/* How much runs say: an interval, some figure, nothing. */
static guint
rank_of (const LdsClaimTrial *trial,
         const LdsSession *session)
{
  LdsClaimOutcome *outcome = lds_claim_judge_trial (trial, session);
  guint rank = isfinite (outcome->low)                    ? 2
               : outcome->n > 0 || outcome->n_refused > 0 ? 1
                                                          : 0;

  lds_claim_outcome_free (outcome);
  return rank;
}

/* Returns: (transfer full): the figure on the best of the sessions, whose index is its plan; on none when there is none */
static LdsClaimTrial *
choose_trial (Search *search,
              const LdsClaim *claim,
              const LdsClaimFigure *figure)
{
  static const LdsProvenance best_first[] = {LDS_PROVENANCE_REAL, LDS_PROVENANCE_TWIN,
                                             LDS_PROVENANCE_MODEL};
  LdsClaimTrial *best = NULL;
  guint best_rank = 0;

  for (guint p = 0; p < G_N_ELEMENTS (best_first) && best_rank < 2; p++)
    for (guint i = 0; i < search->sessions->len && best_rank < 2; i++)
      {
        const LdsClaimSession *stored = search->sessions->pdata[i];
        LdsClaimTrial *trial = new_trial (claim, figure, stored->session, best_first[p]);
        const LdsSession *session = trial != NULL ? load_session (search, stored) : NULL;
        guint rank = session != NULL ? rank_of (trial, session) : 0;

        if (rank > best_rank)
          {
            lds_claim_trial_free (best);
            best = g_steal_pointer (&trial);
            best->plan = i;
            best_rank = rank;
          }
        lds_claim_trial_free (trial);
      }
  if (best != NULL)
    return best;
  best = g_new0 (LdsClaimTrial, 1);
  *best = (LdsClaimTrial){.claim = claim, .figure = figure, .plan = G_MAXUINT};
  return best;
}

static LdsClaimPlan *
choose_all (Search *search,
            GPtrArray *claims)
{
  LdsClaimPlan *plan = g_new0 (LdsClaimPlan, 1);

  plan->claims = g_ptr_array_new ();
  g_ptr_array_extend (plan->claims, claims, NULL, NULL);
  plan->trials = g_ptr_array_new_with_free_func ((GDestroyNotify)lds_claim_trial_free);
  plan->plans = g_ptr_array_new_with_free_func ((GDestroyNotify)lds_plan_free);
  for (guint c = 0; c < claims->len; c++)
    {
      const LdsClaim *claim = claims->pdata[c];

      for (guint f = 0; f < claim->figures->len; f++)
        g_ptr_array_add (plan->trials, choose_trial (search, claim, claim->figures->pdata[f]));
    }
  return plan;
}

/* --- What is known of a claim ---------------------------------------------------------------- */

static gint
compare_ids (gconstpointer a,
             gconstpointer b)
{
  gint64 left = *(const gint64 *)a, right = *(const gint64 *)b;

  return (left > right) - (left < right);
}

static char *
dup_caveat (const LdsClaimSession *session,
            JsonObject *environment)
{
  g_autofree char *member =
      lds_environment_find_change (session->session->environment, environment);

  if (member == NULL)
    return NULL;
  if (lds_environment_is_build_member (member))
    /* Translators: a number */
    return g_strdup_printf (_ ("Session %" PRId64 " was measured with another build of Loadstone."), session->id);
  /* Translators: a number */
  return g_strdup_printf (_ ("Session %" PRId64 " was measured when this machine was set up otherwise."), session->id);
}

static void
add_session (LdsClaimRecord *record,
             const LdsClaimSession *session,
             JsonObject *environment)
{
  for (guint i = 0; i < record->sessions->len; i++)
    if (g_array_index (record->sessions, gint64, i) == session->id)
      return;
  g_array_append_val (record->sessions, session->id);
  record->measured_at_us = MAX (record->measured_at_us, session->measured_at_us);
  if (record->caveat == NULL)
    record->caveat = dup_caveat (session, environment);
}

static LdsClaimRecord *
new_record (const LdsClaimFinding *finding,
            GPtrArray *sessions,
            JsonObject *environment)
{
  LdsClaimRecord *record = g_new0 (LdsClaimRecord, 1);

  record->finding = finding;
  record->sessions = g_array_new (FALSE, FALSE, sizeof (gint64));
  for (guint i = 0; i < finding->outcomes->len; i++)
    {
      const LdsClaimTrial *trial = ((LdsClaimOutcome *)finding->outcomes->pdata[i])->trial;

      if (trial->lane != NULL)
        add_session (record, sessions->pdata[trial->plan], environment);
    }
  g_array_sort (record->sessions, compare_ids);
  record->is_known = record->sessions->len > 0 || finding->outcomes->len == 0 ||
                     finding->verdict == LDS_CLAIM_REFUTED;
  return record;
}

/* --- All of it ------------------------------------------------------------------------------- */

/* Those of this machine; the others are told of in one note. */
static GPtrArray *
keep_ours (GPtrArray *sessions,
           JsonObject *environment,
           GPtrArray *notes)
{
  GPtrArray *ours = g_ptr_array_new ();
  g_autoptr (GString) others = g_string_new (NULL);
  gulong n = 0;

  for (guint i = 0; i < sessions->len; i++)
    {
      const LdsClaimSession *session = sessions->pdata[i];

      if (lds_environment_is_same_machine (session->session->environment, environment))
        {
          g_ptr_array_add (ours, sessions->pdata[i]);
          continue;
        }
      g_string_append_printf (others, "%s%" PRId64, n > 0 ? ", " : "", session->id);
      n++;
    }
  if (n > 0)
    /* Translators: one number, or several with commas between */
    g_ptr_array_add (
        notes,
        g_strdup_printf (
            g_dngettext (
                GETTEXT_PACKAGE,
                "Session %s was measured on another machine, so it says nothing of this one.",
                "Sessions %s were measured on another machine, so they say nothing of this one.",
                n),
            others->str));
  return ours;
}

LdsClaimEvidence *
lds_claim_evidence_new (GPtrArray *claims,
                        GPtrArray *sessions,
                        JsonObject *environment,
                        LdsClaimLoadFunc load,
                        gpointer user_data)
{
  LdsClaimEvidence *self;
  g_autoptr (GPtrArray) loaded = NULL;
  g_autoptr (GPtrArray) ours = NULL;
  g_autoptr (GHashTable) by_session = NULL;
  Search search;

  g_return_val_if_fail (claims != NULL && sessions != NULL && environment != NULL && load != NULL,
                        NULL);

  self = g_new0 (LdsClaimEvidence, 1);
  self->claims = g_ptr_array_new ();
  g_ptr_array_extend (self->claims, claims, NULL, NULL);
  self->notes = g_ptr_array_new_with_free_func (g_free);
  ours = keep_ours (sessions, environment, self->notes);
  by_session = g_hash_table_new_full (NULL, NULL, NULL, free_session);
  search = (Search){ours, by_session, load, user_data};
  self->plan = choose_all (&search, claims);
  loaded = g_ptr_array_new ();
  for (guint i = 0; i < ours->len; i++)
    g_ptr_array_add (loaded, g_hash_table_lookup (by_session, ours->pdata[i]));
  self->findings = lds_claim_judge (self->plan, loaded);
  self->records = g_ptr_array_new_with_free_func (record_free);
  for (guint i = 0; i < self->findings->len; i++)
    g_ptr_array_add (self->records, new_record (self->findings->pdata[i], ours, environment));
  return self;
}

const LdsClaimRecord *
lds_claim_evidence_find (const LdsClaimEvidence *self,
                         const char *id)
{
  g_return_val_if_fail (self != NULL && id != NULL, NULL);

  for (guint i = 0; i < self->claims->len; i++)
    if (strcmp (((const LdsClaim *)self->claims->pdata[i])->id, id) == 0)
      return self->records->pdata[i];
  return NULL;
}

char *
lds_claim_record_dup_status (const LdsClaimRecord *record)
{
  const char *verdict, *grade;
  g_autoptr (GDateTime) time = NULL;
  g_autofree char *date = NULL;

  g_return_val_if_fail (record != NULL, NULL);

  verdict = lds_claim_verdict_title (record->finding->verdict);
  grade = record->finding->grade != NULL ? record->finding->grade : "–";
  if (!record->is_known)
    /* Translators: a grade of evidence: “E0” */
    return g_strdup_printf (_ ("%s, not measured yet"), grade);
  if (record->finding->verdict == LDS_CLAIM_NOT_TESTABLE)
    /* Translators: a verdict, a grade of evidence */
    return g_strdup_printf (_ ("%s, %s"), verdict, grade);
  if (record->measured_at_us == 0)
    /* Translators: a verdict, a grade of evidence */
    return g_strdup_printf (_ ("%s, %s, without a run"), verdict, grade);
  time = g_date_time_new_from_unix_local (record->measured_at_us / G_USEC_PER_SEC);
  date = time != NULL ? g_date_time_format (time, "%Y-%m-%d") : g_strdup ("–");
  /* Translators: a verdict, a grade of evidence, a date */
  return g_strdup_printf (_ ("%s, %s, measured %s"), verdict, grade, date);
}
