/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Claims of the articles as a window sees them. */
#define G_LOG_DOMAIN "loadstone-app"

#include "config.h"
#include "lds-claims-run.h"

#include <glib/gi18n.h>
#include <string.h>

#include "lds-clock.h"
#include "lds-conductor.h"
#include "lds-environment.h"
#include "lds-history-record.h"

/* An article with what is known of its claims. */
typedef struct
{
  LdsClaimsArticle public;
  char *id;
  LdsClaimEvidence *stored; /* (nullable): by the history */
  LdsClaimEvidence *fresh;  /* (nullable): by what was measured here and could not be kept */
} Article;

struct _LdsClaimsRun
{
  GObject parent_instance;

  GPtrArray *articles; /* (element-type Article) */
  guint prepare_id;
  guint step; /* of preparing: first lanes, then articles */
  gboolean is_ready;
  GHashTable *here; /* LdsClaimFigure -> LdsClaimTrial of @all */
  LdsClaimPlan *all;
  GPtrArray *notes;

  /* A test. */
  LdsConductor *conductor; /* (nullable): %NULL when none goes on */
  GCancellable *cancellable;
  LdsClaimPlan *plan;    /* (nullable): of the test that goes on */
  guint session;         /* index of the plan that is measured */
  LdsHistory *history;   /* (nullable) */
  gint64 recorded;       /* the session's number; 0: not in the history */
  gboolean is_whole;     /* all of it is there */
  GPtrArray *unrecorded; /* (element-type LdsClaimSession), the newest first */
  guint run;
  LdsRunSpec spec;
  gboolean has_spec;
  gint64 session_started_ns;
  gint64 run_started_ns;
  char *error;
};

enum
{
  CHANGED,
  JUDGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (LdsClaimsRun, lds_claims_run, G_TYPE_OBJECT)

static void
changed (LdsClaimsRun *self)
{
  g_signal_emit (self, signals[CHANGED], 0);
}

/* The first trouble says more than those that follow from it. */
static void
set_error (LdsClaimsRun *self,
           const GError *error)
{
  if (self->error == NULL)
    self->error = g_strdup (error->message);
}

static void
article_free (gpointer data)
{
  Article *article = data;

  g_ptr_array_unref (article->public.claims);
  g_clear_pointer (&article->stored, lds_claim_evidence_free);
  g_clear_pointer (&article->fresh, lds_claim_evidence_free);
  g_free (article->id);
  g_free (article);
}

static Article *
article_of (LdsClaimsRun *self,
            const LdsClaim *claim)
{
  gsize length = strcspn (claim->articles, ",");

  for (guint i = 0; i < self->articles->len; i++)
    {
      Article *article = self->articles->pdata[i];

      if (strlen (article->id) == length && strncmp (article->id, claim->articles, length) == 0)
        return article;
    }
  return NULL;
}

static GPtrArray *
list_articles (LdsClaimsRun *self)
{
  GPtrArray *claims = lds_claim_list ();

  self->articles = g_ptr_array_new_with_free_func (article_free);
  for (guint i = 0; i < claims->len; i++)
    {
      const LdsClaim *claim = claims->pdata[i];
      Article *article = article_of (self, claim);

      if (article == NULL)
        {
          article = g_new0 (Article, 1);
          article->id = g_strndup (claim->articles, strcspn (claim->articles, ","));
          article->public.id = article->id;
          article->public.claims = g_ptr_array_new ();
          g_ptr_array_add (self->articles, article);
        }
      g_ptr_array_add (article->public.claims, (gpointer)claim);
    }
  return self->articles;
}

/* --- What is known --------------------------------------------------------------------------- */

/* Returns: (transfer full): another one that is the same; the evidence frees those that it asks for. */
static LdsSession *
load_unrecorded (gint64 id,
                 gpointer user_data)
{
  LdsClaimsRun *self = user_data;

  for (guint i = 0; i < self->unrecorded->len; i++)
    {
      const LdsClaimSession *kept = self->unrecorded->pdata[i];
      g_autoptr (JsonNode) node = kept->id == id ? lds_session_to_json (kept->session) : NULL;

      if (node != NULL)
        return lds_session_from_json (json_node_get_object (node), NULL);
    }
  return NULL;
}

static void
judge_article (LdsClaimsRun *self,
               Article *article)
{
  g_autoptr (GError) error = NULL;
  LdsClaimEvidence *stored =
      self->history != NULL
          ? lds_history_judge_claims (self->history, article->public.claims, &error)
          : lds_history_judge_claims_at (NULL, article->public.claims, &error);

  if (stored != NULL)
    {
      g_clear_pointer (&article->stored, lds_claim_evidence_free);
      article->stored = stored;
      for (guint i = 0; i < stored->notes->len; i++)
        if (!g_ptr_array_find_with_equal_func (self->notes, stored->notes->pdata[i], g_str_equal,
                                               NULL))
          g_ptr_array_add (self->notes, g_strdup (stored->notes->pdata[i]));
    }
  else if (!g_ptr_array_find_with_equal_func (self->notes, error->message, g_str_equal, NULL))
    g_ptr_array_add (self->notes, g_strdup (error->message));
  if (self->unrecorded->len > 0 || article->stored == NULL)
    {
      g_autoptr (JsonObject) environment = lds_environment_read ();

      g_clear_pointer (&article->fresh, lds_claim_evidence_free);
      article->fresh = lds_claim_evidence_new (article->public.claims, self->unrecorded,
                                               environment, load_unrecorded, self);
    }
}

static gboolean
is_of_plan (const LdsClaimPlan *plan,
            const Article *article,
            guint index)
{
  for (guint i = 0; i < plan->trials->len; i++)
    {
      const LdsClaimTrial *trial = plan->trials->pdata[i];

      if (trial->obstacle == NULL && trial->plan == index &&
          g_ptr_array_find (article->public.claims, trial->claim, NULL))
        return TRUE;
    }
  return FALSE;
}

static void
judge_session (LdsClaimsRun *self)
{
  for (guint i = 0; i < self->articles->len; i++)
    if (is_of_plan (self->plan, self->articles->pdata[i], self->session))
      judge_article (self, self->articles->pdata[i]);
  g_signal_emit (self, signals[JUDGED], 0);
}

/* What would be measured of all claims: which of them can be. */
static void
plan_all (LdsClaimsRun *self)
{
  g_clear_pointer (&self->all, lds_claim_plan_free);
  g_hash_table_remove_all (self->here);
  self->all = lds_claim_plan_new (lds_claim_list (), lds_lane_check, TRUE);
  for (guint i = 0; i < self->all->trials->len; i++)
    {
      LdsClaimTrial *trial = self->all->trials->pdata[i];

      g_hash_table_insert (self->here, (gpointer)trial->figure, trial);
    }
}

/* One lane, which may be a runtime to be started and asked for its version, or one article. */
static gboolean
prepare_cb (gpointer user_data)
{
  LdsClaimsRun *self = user_data;
  guint n_lanes, step = self->step++;
  const LdsLane *lanes = lds_lane_list (&n_lanes);

  if (step < n_lanes)
    {
      lds_lane_check (&lanes[step], NULL);
      return G_SOURCE_CONTINUE;
    }
  if (step < n_lanes + self->articles->len)
    {
      judge_article (self, self->articles->pdata[step - n_lanes]);
      return G_SOURCE_CONTINUE;
    }
  plan_all (self);
  self->prepare_id = 0;
  self->is_ready = TRUE;
  g_signal_emit (self, signals[JUDGED], 0);
  changed (self);
  return G_SOURCE_REMOVE;
}

/* --- A test ---------------------------------------------------------------------------------- */

static void measure_next (LdsClaimsRun *self);

static void
session_started_cb (LdsClaimsRun *self,
                    const LdsSession *session)
{
  g_autofree char *title = lds_claim_plan_dup_title (self->plan, self->session);
  const LdsHistoryAbout about = {LDS_HISTORY_KIND_CLAIMS, title, NULL};
  g_autoptr (GError) error = NULL;

  if (self->history == NULL)
    return;
  self->recorded = lds_history_record_begin (self->history, &about, session, &error);
  self->is_whole = self->recorded != 0;
  if (error != NULL)
    set_error (self, error);
}

static void
run_started_cb (LdsClaimsRun *self,
                guint index,
                const LdsRunSpec *spec)
{
  self->run = index;
  self->run_started_ns = lds_clock_now_ns ();
  self->spec = *spec;
  self->has_spec = TRUE;
  changed (self);
}

static void
run_finished_cb (LdsClaimsRun *self,
                 guint index,
                 const LdsRun *run)
{
  g_autoptr (GError) error = NULL;

  if (self->recorded == 0 || lds_history_record_run (self->history, self->recorded, run, &error))
    return;
  self->is_whole = FALSE;
  set_error (self, error);
}

static void
end_test (LdsClaimsRun *self)
{
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->plan, lds_claim_plan_free);
  g_clear_pointer (&self->history, lds_history_close);
  /* A runtime may have come or gone meanwhile. */
  plan_all (self);
  g_signal_emit (self, signals[JUDGED], 0);
  changed (self);
}

/* @session: (transfer full) */
static void
keep (LdsClaimsRun *self,
      LdsSession *session)
{
  g_autoptr (GError) error = NULL;

  if (self->recorded != 0 &&
      !lds_history_record_finish (self->history, self->recorded, session, &error))
    {
      self->is_whole = FALSE;
      set_error (self, error);
    }
  if (self->is_whole || session->runs->len == 0)
    lds_session_free (session);
  else
    g_ptr_array_insert (
        self->unrecorded, 0,
        lds_claim_session_new (self->unrecorded->len + 1, g_get_real_time (), session));
}

static void
finished_cb (GObject *object,
             GAsyncResult *result,
             gpointer user_data)
{
  g_autoptr (LdsClaimsRun) self = user_data;
  g_autoptr (GError) error = NULL;
  LdsSession *session = lds_conductor_run_finish (LDS_CONDUCTOR (object), result, &error);

  g_clear_object (&self->conductor);
  self->has_spec = FALSE;
  if (session == NULL)
    set_error (self, error);
  else
    {
      keep (self, session);
      judge_session (self);
    }
  self->session++;
  if (session == NULL || self->session == self->plan->plans->len ||
      g_cancellable_is_cancelled (self->cancellable))
    end_test (self);
  else
    measure_next (self);
}

static void
measure_next (LdsClaimsRun *self)
{
  self->recorded = 0;
  self->is_whole = FALSE;
  self->run = 0;
  self->session_started_ns = self->run_started_ns = lds_clock_now_ns ();
  self->conductor = lds_conductor_new ();
  g_signal_connect_object (self->conductor, "session-started", G_CALLBACK (session_started_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->conductor, "run-started", G_CALLBACK (run_started_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->conductor, "run-finished", G_CALLBACK (run_finished_cb), self,
                           G_CONNECT_SWAPPED);
  changed (self);
  lds_conductor_run_async (self->conductor, self->plan->plans->pdata[self->session],
                           self->cancellable, finished_cb, g_object_ref (self));
}

/* --- The object ------------------------------------------------------------------------------ */

static void
lds_claims_run_dispose (GObject *object)
{
  LdsClaimsRun *self = LDS_CLAIMS_RUN (object);

  /* A conductor that runs holds a reference to this: none runs here. */
  g_clear_handle_id (&self->prepare_id, g_source_remove);
  g_clear_object (&self->conductor);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->plan, lds_claim_plan_free);
  g_clear_pointer (&self->history, lds_history_close);
  g_clear_pointer (&self->here, g_hash_table_unref);
  g_clear_pointer (&self->all, lds_claim_plan_free);
  g_clear_pointer (&self->articles, g_ptr_array_unref);
  g_clear_pointer (&self->unrecorded, g_ptr_array_unref);
  g_clear_pointer (&self->notes, g_ptr_array_unref);
  g_clear_pointer (&self->error, g_free);
  G_OBJECT_CLASS (lds_claims_run_parent_class)->dispose (object);
}

static void
lds_claims_run_class_init (LdsClaimsRunClass *klass)
{
  GType type = G_TYPE_FROM_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lds_claims_run_dispose;

  signals[CHANGED] =
      g_signal_new ("changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[JUDGED] =
      g_signal_new ("judged", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
lds_claims_run_init (LdsClaimsRun *self)
{
  list_articles (self);
  self->here = g_hash_table_new (NULL, NULL);
  self->notes = g_ptr_array_new_with_free_func (g_free);
  self->unrecorded = g_ptr_array_new_with_free_func ((GDestroyNotify)lds_claim_session_free);
}

LdsClaimsRun *
lds_claims_run_new (void)
{
  return g_object_new (LDS_TYPE_CLAIMS_RUN, NULL);
}

void
lds_claims_run_prepare (LdsClaimsRun *self)
{
  g_return_if_fail (LDS_IS_CLAIMS_RUN (self));

  if (!self->is_ready && self->prepare_id == 0)
    self->prepare_id = g_idle_add_full (G_PRIORITY_LOW, prepare_cb, self, NULL);
}

gboolean
lds_claims_run_is_ready (LdsClaimsRun *self)
{
  g_return_val_if_fail (LDS_IS_CLAIMS_RUN (self), FALSE);
  return self->is_ready;
}

GPtrArray *
lds_claims_run_get_articles (LdsClaimsRun *self)
{
  g_return_val_if_fail (LDS_IS_CLAIMS_RUN (self), NULL);
  return self->articles;
}

const LdsClaimRecord *
lds_claims_run_get_record (LdsClaimsRun *self,
                           const LdsClaim *claim)
{
  const Article *article;
  const LdsClaimRecord *fresh = NULL;

  g_return_val_if_fail (LDS_IS_CLAIMS_RUN (self), NULL);
  g_return_val_if_fail (claim != NULL, NULL);

  article = article_of (self, claim);
  if (article == NULL || !self->is_ready)
    return NULL;
  if (article->fresh != NULL)
    fresh = lds_claim_evidence_find (article->fresh, claim->id);
  if (article->stored == NULL || (fresh != NULL && fresh->sessions->len > 0))
    return fresh;
  return lds_claim_evidence_find (article->stored, claim->id);
}

const LdsClaimTrial *
lds_claims_run_get_trial (LdsClaimsRun *self,
                          const LdsClaimFigure *figure)
{
  g_return_val_if_fail (LDS_IS_CLAIMS_RUN (self), NULL);
  return g_hash_table_lookup (self->here, figure);
}

gboolean
lds_claims_run_can_test (LdsClaimsRun *self,
                         const LdsClaim *claim)
{
  g_return_val_if_fail (LDS_IS_CLAIMS_RUN (self), FALSE);
  g_return_val_if_fail (claim != NULL, FALSE);

  for (guint i = 0; i < claim->figures->len; i++)
    {
      const LdsClaimTrial *trial = lds_claims_run_get_trial (self, claim->figures->pdata[i]);

      if (trial != NULL && trial->obstacle == NULL)
        return TRUE;
    }
  return FALSE;
}

gint64
lds_claims_run_estimate_ms (LdsClaimsRun *self,
                            GPtrArray *claims,
                            gboolean quick)
{
  g_autoptr (LdsClaimPlan) plan = NULL;

  g_return_val_if_fail (LDS_IS_CLAIMS_RUN (self), 0);
  g_return_val_if_fail (claims != NULL, 0);

  if (!self->is_ready)
    return 0;
  plan = lds_claim_plan_new (claims, lds_lane_check, quick);
  return lds_claim_plan_estimate_ms (plan, 0);
}

GPtrArray *
lds_claims_run_get_notes (LdsClaimsRun *self)
{
  g_return_val_if_fail (LDS_IS_CLAIMS_RUN (self), NULL);
  return self->notes;
}

void
lds_claims_run_start (LdsClaimsRun *self,
                      GPtrArray *claims,
                      gboolean quick)
{
  g_autoptr (GError) error = NULL;

  g_return_if_fail (LDS_IS_CLAIMS_RUN (self));
  g_return_if_fail (claims != NULL);

  if (!self->is_ready || self->plan != NULL)
    return;
  g_clear_pointer (&self->error, g_free);
  self->plan = lds_claim_plan_new (claims, lds_lane_check, quick);
  if (self->plan->plans->len == 0)
    {
      end_test (self);
      return;
    }
  /* Measuring is worth more than remembering it. */
  self->history = lds_history_open (NULL, LDS_HISTORY_USUAL, &error);
  if (self->history == NULL)
    set_error (self, error);
  self->cancellable = g_cancellable_new ();
  self->session = 0;
  measure_next (self);
}

void
lds_claims_run_stop (LdsClaimsRun *self)
{
  g_return_if_fail (LDS_IS_CLAIMS_RUN (self));

  if (self->plan == NULL || g_cancellable_is_cancelled (self->cancellable))
    return;
  g_cancellable_cancel (self->cancellable);
  changed (self);
}

gboolean
lds_claims_run_is_running (LdsClaimsRun *self)
{
  g_return_val_if_fail (LDS_IS_CLAIMS_RUN (self), FALSE);
  return self->plan != NULL;
}

gboolean
lds_claims_run_is_stopping (LdsClaimsRun *self)
{
  g_return_val_if_fail (LDS_IS_CLAIMS_RUN (self), FALSE);
  return self->cancellable != NULL && g_cancellable_is_cancelled (self->cancellable);
}

/* Of the session that goes on: from its second run on, runs take as long as those before them. */
static gint64
session_left_ms (LdsClaimsRun *self,
                 const LdsPlan *plan)
{
  guint n_runs = lds_plan_n_runs (plan);
  gint64 run_ms, since_ms = (lds_clock_now_ns () - self->run_started_ns) / LDS_NS_PER_MS;

  if (self->run > 0)
    run_ms = (self->run_started_ns - self->session_started_ns) / LDS_NS_PER_MS / self->run;
  else
    run_ms = lds_plan_estimate_ms (plan) / MAX (n_runs, 1);
  return MAX (0, (gint64)(n_runs - MIN (self->run, n_runs)) * run_ms - since_ms);
}

gboolean
lds_claims_run_get_progress (LdsClaimsRun *self,
                             LdsClaimsProgress *progress)
{
  gint64 all_ms;

  g_return_val_if_fail (LDS_IS_CLAIMS_RUN (self), FALSE);
  g_return_val_if_fail (progress != NULL, FALSE);

  if (self->plan == NULL || self->session >= self->plan->plans->len)
    return FALSE;
  progress->session = self->session;
  progress->n_sessions = self->plan->plans->len;
  progress->plan = self->plan->plans->pdata[self->session];
  progress->n_runs = lds_plan_n_runs (progress->plan);
  progress->run = MIN (self->run, progress->n_runs - 1);
  progress->spec = self->has_spec ? &self->spec : NULL;
  progress->left_ms = session_left_ms (self, progress->plan) +
                      lds_claim_plan_estimate_ms (self->plan, self->session + 1);
  all_ms = lds_claim_plan_estimate_ms (self->plan, 0);
  progress->fraction =
      all_ms > 0 ? CLAMP (1 - (double)progress->left_ms / (double)all_ms, 0, 1) : 0;
  return TRUE;
}

const char *
lds_claims_run_get_error (LdsClaimsRun *self)
{
  g_return_val_if_fail (LDS_IS_CLAIMS_RUN (self), NULL);
  return self->error;
}
