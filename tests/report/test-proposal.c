/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From answers to a plan, and from a session to what it is worth. */
#include "lds-proposal.h"

#include <string.h>

#include "lds-knowledge.h"
#include "lds-measures.h"

static LdsAnswers *
new_answers (const char *question,
             const char *value)
{
  LdsAnswers *answers = lds_answers_new (lds_rule_pack_get_default ());
  g_autoptr (GError) error = NULL;

  if (question != NULL)
    lds_answers_set (answers, question, value, &error);
  g_assert_no_error (error);
  return answers;
}

/* A machine that holds whatever is asked of it, or @connections, and has the real lanes @real, with blanks between. */
static LdsPlan *
propose_with (LdsAnswers *answers,
              gboolean quick,
              guint connections,
              const char *real)
{
  LdsHeadroom capacity = {connections, (char *)"Files are few."};
  g_auto (GStrv) ids = g_strsplit (real, " ", -1);
  g_autoptr (GPtrArray) lanes = g_ptr_array_new ();
  LdsPlan *plan;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; ids[i] != NULL; i++)
    g_ptr_array_add (lanes, (gpointer)lds_lane_find (ids[i], NULL));
  plan = lds_proposal_new_plan_within (answers, quick, &capacity, lanes);

  lds_plan_validate (plan, &error);
  g_assert_no_error (error);
  return plan;
}

static LdsPlan *
propose (LdsAnswers *answers,
         gboolean quick,
         guint connections)
{
  return propose_with (answers, quick, connections, "");
}

static gboolean
has_workload (const LdsPlan *plan,
              const char *id)
{
  return g_ptr_array_find (plan->workloads, lds_workload_find (id, NULL), NULL);
}

static gboolean
has_lane (const LdsPlan *plan,
          const char *id)
{
  return g_ptr_array_find (plan->lanes, lds_lane_find (id, NULL), NULL);
}

static gboolean
is_left_out (const LdsPlan *plan,
             const char *id)
{
  for (guint i = 0; i < plan->left_out->len; i++)
    if (g_str_equal (((LdsInvalidReason *)plan->left_out->pdata[i])->code, id))
      return TRUE;
  return FALSE;
}

/* The articles' use cases (DOMAIN, A.3) as answers on top of those of the use case that is nearest, and the
 * domain's workloads that must be measured for them. */
static const struct
{
  const char *id;
  const char *answers;
  const char *codes;
} cases[] = {
    {"U-000-1", "usecase=chat conns=1k-10k", "W-000-3"},
    {"U-000-2", "usecase=recommender", "W-000-6"},
    {"U-000-3", "usecase=gateway rps=50k-100k", "W-000-7"},
    {"U-000-4", "usecase=etl data=veryheavy", "W-000-8"},
    {"U-000-5", "usecase=chat ml=inference mlpath=request", "W-000-4 W-000-3"},
    {"U-000-6", "usecase=chat ml=inference mlpath=queue", "W-000-4"},
    {"U-000-7", "usecase=dashboard ml=inference mlpath=request", "W-002-12 W-000-6"},
    {"U-000-8", "usecase=recommender rt=essential", "W-000-6 W-002-12"},
    {"U-000-9", "usecase=etl conns=100-1k", "W-000-8 W-004-4"},
    {"U-001-1", "usecase=ecommerce ml=inference mlpath=request", "W-001-4 W-000-6"},
    {"U-001-2", "usecase=chat conns=10k-50k", "W-001-1"},
    {"U-001-3", "usecase=rest", "W-001-2 W-000-2"},
    {"U-001-4", "usecase=training", "W-000-11"},
    {"U-001-5", "usecase=game", "W-002-12 W-000-3"},
    {"U-002-1", "usecase=dashboard conns=10k-50k data=heavy mlpath=batch", "W-002-12 W-000-8"},
    {"U-002-2", "usecase=payments ml=inference mlpath=request", "R-002-15 W-000-6"},
    {"U-002-3", "usecase=etl", "W-000-8"},
    {"U-002-4", "usecase=iot conns=gt50k", "W-004-5"},
    {"U-002-5", "usecase=dashboard internal=yes data=heavy mlpath=request", "W-002-12 W-000-8"},
    {"U-003-1", "usecase=ecommerce", "W-001-4 W-004-4"},
    {"U-003-2", "usecase=scientific", "W-002-3 W-000-11"},
    {"U-003-3", "usecase=microservices plaincpu=per-request data=heavy mlpath=request", "W-000-7 W-002-8"},
    {"U-004-1", "usecase=crud", "W-004-4 W-004-5 W-004-6"},
    {"U-004-2", "usecase=inference data=heavy", "W-000-6 W-002-8"},
};

static LdsAnswers *
new_answers_of (const char *text)
{
  LdsAnswers *answers = new_answers (NULL, NULL);
  g_auto (GStrv) pairs = g_strsplit (text, " ", -1);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; pairs[i] != NULL; i++)
    {
      g_auto (GStrv) pair = g_strsplit (pairs[i], "=", 2);

      lds_answers_set (answers, pair[0], pair[1], &error);
      g_assert_no_error (error);
    }
  lds_answers_prefill (answers);
  return answers;
}

/* A workload is the domain's when its file says so, or the rule that it stands for it. */
static gboolean
covers (LdsAnswers *answers,
        const char *code)
{
  g_autoptr (GPtrArray) measures = lds_measures_list (answers);

  for (guint i = 0; i < measures->len; i++)
    {
      const LdsMeasure *measure = measures->pdata[i];
      g_autofree char *id = lds_measures_dup_workload (answers, measure->workload);
      g_auto (GStrv) uses = g_strsplit (measure->uses != NULL ? measure->uses : "", ", ", -1);

      if (g_str_equal (lds_workload_find (id, NULL)->code, code) ||
          g_strv_contains ((const char *const *)uses, code))
        return TRUE;
    }
  return FALSE;
}

/* Every use case of the articles has a plan with the workloads that the domain names for it. */
static void
test_articles (void)
{
  g_autoptr (GPtrArray) entries = lds_knowledge_list (lds_rule_pack_get_default (), "usecase");

  g_assert_cmpuint (entries->len, ==, G_N_ELEMENTS (cases));
  for (guint i = 0; i < entries->len; i++)
    {
      const LdsEntry *entry = entries->pdata[i];
      g_autoptr (LdsAnswers) answers = new_answers_of (cases[i].answers);
      g_autoptr (LdsPlan) plan = propose (answers, FALSE, 20000);
      g_auto (GStrv) codes = g_strsplit (cases[i].codes, " ", -1);
      g_auto (GStrv) related = g_strsplit (entry->related != NULL ? entry->related : "", ", ", -1);

      g_assert_cmpstr (entry->id, ==, cases[i].id);
      for (guint c = 0; codes[c] != NULL; c++)
        if (!covers (answers, codes[c]))
          g_error ("%s: no %s", entry->id, codes[c]);
      for (guint c = 0; related[c] != NULL; c++)
        if (g_str_has_prefix (related[c], "W-") && !covers (answers, related[c]) &&
            !g_str_equal (related[c], "W-001-3")) /* hours of training: not to be tested */
          g_error ("%s: no %s", entry->id, related[c]);
      g_assert_true (covers (answers, ((LdsWorkload *)plan->workloads->pdata[0])->code));
    }
}

/* Each answer to "usecase" has a plan of its own, quick or not, and every rule names what there is. */
static void
test_use_cases (void)
{
  const LdsQuestion *question = lds_rule_pack_find_question (lds_rule_pack_get_default (), "usecase");

  for (guint i = 0; i < question->choices->len; i++)
    for (int quick = 0; quick < 2; quick++)
      {
        const LdsChoice *choice = question->choices->pdata[i];
        g_autofree char *text = g_strconcat ("usecase=", choice->id, NULL);
        g_autoptr (LdsAnswers) answers = new_answers_of (text);
        g_autoptr (LdsPlan) plan = propose (answers, quick, 20000);
        g_autoptr (GPtrArray) measures = lds_measures_list (answers);
        const LdsMeasure *first = measures->pdata[0];
        g_autofree char *id = lds_measures_dup_workload (
            answers, quick && first->quick ? first->quick : first->workload);

        g_assert_cmpstr (first->plan, ==, choice->id);
        g_assert_cmpstr (((LdsWorkload *)plan->workloads->pdata[0])->id, ==, id);
        g_assert_cmpuint (plan->workloads->len, >=, 2);
        g_assert_cmpuint (plan->lanes->len, >=, 2);
        g_assert_true (has_lane (plan, "event-loop"));
        g_assert_cmpuint (plan->repeats, >=, LDS_SESSION_MIN_RUNS);
        g_assert_cmpint (lds_plan_estimate_ms (plan), <, quick ? 55000 : 330000);
        g_test_message ("%s: %u x %u, %" G_GINT64_FORMAT " ms", choice->id, plan->lanes->len,
                        plan->workloads->len, lds_plan_estimate_ms (plan));
      }
}

/* The sizes are the answered ones where the machine holds them, else scaled down, and that is said. */
static void
test_scale (void)
{
  g_autoptr (LdsAnswers) answers = new_answers_of ("usecase=chat conns=1k-10k lat=100 rps=1k-10k");
  g_autoptr (LdsPlan) whole = propose (answers, FALSE, 20000),
                      small = propose (answers, FALSE, 2500);
  g_autoptr (LdsPlan) quick = propose (answers, TRUE, 20000), no_target = NULL;
  const LdsWorkload *chat = lds_workload_find ("chat?bytes=256", NULL);

  g_assert_cmpuint (lds_plan_get_load (whole, chat).connections, ==, 10000);
  g_assert_cmpfloat (whole->connections_scale, ==, 1);
  g_assert_cmpfloat (whole->slo_p99_ms, ==, 100);
  /* All members get every message: what one core delivers sets the rate. */
  g_assert_cmpfloat (whole->rate_scale * lds_plan_get_load (whole, chat).rate_hz, ==, 10000);
  g_assert_cmpfloat (whole->rate_scale, >, 1);
  g_assert_cmpuint (lds_plan_get_load (small, chat).connections, ==, 2500);
  g_assert_cmpfloat (small->connections_scale, ==, 4);
  g_assert_cmpstr (small->scale_reason, ==, "Files are few.");
  g_assert_cmpfloat (quick->connections_scale, ==, 10);
  g_assert_nonnull (strstr (quick->scale_reason, "quick"));
  lds_answers_set (answers, "lat", "unknown", NULL);
  no_target = propose (answers, FALSE, 20000);
  g_assert_cmpfloat (no_target->slo_p99_ms, ==, 0);
}

/* Whoever cannot hold sockets open is no option for a chat, and computing wants workers. */
static void
test_lanes (void)
{
  g_autoptr (LdsAnswers) chat = new_answers_of ("usecase=chat asyncok=no");
  g_autoptr (LdsAnswers) product = new_answers_of ("usecase=crud");
  g_autoptr (LdsAnswers) both = new_answers_of ("usecase=chat ml=core mlpath=request split=yes");
  g_autoptr (LdsAnswers) one = new_answers_of ("usecase=chat ml=core mlpath=request split=no");
  g_autoptr (LdsAnswers) threads = new_answers_of ("asyncok=no rt=nice conns=lt100");
  g_autoptr (LdsPlan) chat_plan = propose (chat, FALSE, 20000),
                      product_plan = propose (product, FALSE, 20000);
  g_autoptr (LdsPlan) both_plan = propose (both, FALSE, 20000),
                      one_plan = propose (one, FALSE, 20000);
  g_autoptr (LdsPlan) threads_plan = propose (threads, FALSE, 20000);

  g_assert_false (has_lane (chat_plan, "gil-threads") || has_lane (chat_plan, "prefork"));
  g_assert_true (has_lane (product_plan, "gil-threads") && has_lane (product_plan, "prefork"));
  g_assert_true (has_lane (both_plan, "polyglot") && has_lane (both_plan, "worker-threads"));
  g_assert_false (has_lane (one_plan, "polyglot"));
  g_assert_true (has_lane (threads_plan, "event-loop"));
}

static void
check_computing (const char *question,
                 const char *value,
                 gboolean expected)
{
  g_autoptr (LdsAnswers) answers = new_answers (question, value);
  g_autoptr (LdsPlan) plan = propose (answers, FALSE, 20000),
                      quick = propose (answers, TRUE, 20000);

  g_assert_true (has_workload (plan, "slow") || is_left_out (plan, "slow"));
  g_assert_true (has_workload (plan, "hello") || is_left_out (plan, "hello"));
  g_assert_cmpint (has_workload (plan, "compute"), ==, expected);
  g_assert_cmpint (has_workload (quick, "compute"), ==, expected);
}

static void
test_computing (void)
{
  g_autoptr (LdsAnswers) answers = new_answers ("cpu", "34.6");
  g_autoptr (LdsPlan) plan = propose (answers, FALSE, 20000);

  check_computing (NULL, NULL, FALSE);
  check_computing ("mix", "io", FALSE);
  check_computing ("mix", "balanced", TRUE);
  check_computing ("mix", "plain", TRUE);
  check_computing ("mix", "unknown", FALSE);
  check_computing ("plaincpu", "per-request", TRUE);
  check_computing ("cpu", "19", FALSE);
  check_computing ("cpu", "20", TRUE);
  /* The answered share is the measured one. */
  g_assert_true (has_workload (plan, "mix?cpu=35"));
}

/* The reason why @id is left out; "" when it is not. */
static const char *
why_left_out (const LdsPlan *plan,
              const char *id)
{
  for (guint i = 0; i < plan->left_out->len; i++)
    {
      const LdsInvalidReason *left_out = plan->left_out->pdata[i];

      if (g_str_equal (left_out->code, id))
        return left_out->text;
    }
  return "";
}

#define REAL_PAIR "real:node-http real:python-asyncio"

/* Both runtimes are here: they go before the models that they are instances of, and take no more time. */
static void
test_real_pair (void)
{
  const LdsQuestion *question = lds_rule_pack_find_question (lds_rule_pack_get_default (), "usecase");
  guint n_beside = 0, n_instead = 0;

  for (guint i = 0; i < question->choices->len; i++)
    for (int quick = 0; quick < 2; quick++)
      {
        const LdsChoice *choice = question->choices->pdata[i];
        g_autofree char *text = g_strconcat ("usecase=", choice->id, NULL);
        g_autoptr (LdsAnswers) answers = new_answers_of (text);
        g_autoptr (LdsPlan) plan = propose_with (answers, quick, 20000, REAL_PAIR);
        g_autoptr (LdsPlan) without = propose (answers, quick, 20000);
        gboolean node = has_lane (plan, "real:node-http");

        g_assert_cmpint (lds_plan_estimate_ms (plan), <, quick ? 55000 : 330000);
        g_assert_cmpuint (plan->repeats, ==, without->repeats);
        g_assert_cmpuint (plan->lanes->len, >=, 2);
        g_assert_cmpuint (plan->lanes->len, <=, 5);
        if (!node || !has_lane (plan, "real:python-asyncio"))
          {
            /* No pair: then nothing has gone for the one that there is. */
            g_assert_cmpuint (plan->workloads->len, ==, without->workloads->len);
            for (guint j = 0; j < without->lanes->len; j++)
              g_assert_true (g_ptr_array_find (plan->lanes, without->lanes->pdata[j], NULL));
            continue;
          }
        g_assert_true (plan->lanes->pdata[0] == lds_lane_find ("real:node-http", NULL));
        g_assert_cmpint (plan->warm_up_ms, >=, 600);
        n_beside += has_lane (plan, "event-loop");
        n_instead += !has_lane (plan, "event-loop");
        if (!has_lane (plan, "event-loop"))
          g_assert_nonnull (strstr (why_left_out (plan, "model:event-loop"), "Node.js, node:http (real)"));
        for (guint j = 0; j < plan->workloads->len; j++)
          g_assert_true (lds_lane_serves (plan->lanes->pdata[0], plan->workloads->pdata[j]));
      }
  g_assert_cmpuint (n_beside, >, 0);
  g_assert_cmpuint (n_instead, >, 0);
}

/* What takes minutes with a runtime makes room for what takes seconds; what is left out and what is not is told right. */
static void
test_real_many (void)
{
  g_autoptr (LdsAnswers) answers = new_answers_of ("usecase=chat rt=essential conns=10k-50k");
  g_autoptr (LdsPlan) plan = propose_with (answers, FALSE, 20000, "real:node-ws real:python-fastapi");

  g_assert_true (has_lane (plan, "real:node-ws") && has_lane (plan, "real:python-fastapi"));
  g_assert_cmpint (lds_plan_estimate_ms (plan), <, 330000);
  g_assert_true (is_left_out (plan, "live"));
  g_assert_true (has_workload (plan, "slow") && !is_left_out (plan, "slow"));
  g_assert_cmpuint (lds_plan_get_load (plan, lds_workload_find ("slow", NULL)).connections, ==, 64);
}

/* One side alone is no evidence: what would be measured without it still is. What does not serve all is left out. */
static void
test_real_alone (void)
{
  g_autoptr (LdsAnswers) answers = new_answers_of ("usecase=inference rt=none mlpath=request");
  g_autoptr (LdsAnswers) chat = new_answers_of ("usecase=chat");
  g_autoptr (LdsPlan) plan = propose_with (answers, FALSE, 20000, "real:python-asyncio");
  g_autoptr (LdsPlan) without = propose (answers, FALSE, 20000);
  g_autoptr (LdsPlan) chat_plan = propose_with (chat, TRUE, 20000, REAL_PAIR);

  g_assert_cmpuint (plan->workloads->len, ==, without->workloads->len);
  for (guint i = 0; i < without->lanes->len; i++)
    g_assert_true (plan->lanes->pdata[i] == without->lanes->pdata[i]);
  g_assert_true (has_lane (plan, "real:python-asyncio") ||
                 *why_left_out (plan, "real:python-asyncio") != '\0');

  g_assert_false (has_lane (chat_plan, "real:node-http"));
  g_assert_nonnull (strstr (why_left_out (chat_plan, "real:node-http"), "does not serve"));
  g_assert_cmpint (chat_plan->warm_up_ms, ==, 200);
}

/* Knees are searched on them, too; of several that there are the first. */
static void
test_real_search (void)
{
  const LdsHeadroom capacity = {LDS_PLAN_MAX_CONNECTIONS, (char *)"Files are few."};
  static const char *const ids[] = {"real:node-http", "real:node-workers", "real:python-asyncio",
                                    "real:python-fastapi"};
  g_autoptr (LdsAnswers) answers = new_answers_of ("usecase=inference rps=1k-10k");
  g_autoptr (GPtrArray) real = g_ptr_array_new ();
  g_autoptr (LdsPlan) plan = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    g_ptr_array_add (real, (gpointer)lds_lane_find (ids[i], NULL));
  plan = lds_proposal_new_search_within (answers, &capacity, real);
  g_assert_true (has_lane (plan, "real:node-http") && has_lane (plan, "real:python-asyncio"));
  g_assert_false (has_lane (plan, "real:python-fastapi") || has_lane (plan, "event-loop"));
  g_assert_cmpuint (plan->lanes->len, <=, 3);
}

/* The same answers on the same machine make the same plan, which a file holds whole. */
static void
test_plan_file (void)
{
  g_autoptr (LdsAnswers) answers = new_answers_of ("usecase=chat ml=inference mlpath=request");
  g_autoptr (LdsPlan) plan = propose (answers, TRUE, 2500), same = propose (answers, TRUE, 2500),
                      back = NULL;
  g_autoptr (JsonNode) json = lds_plan_to_json (plan), same_json = lds_plan_to_json (same),
                       back_json = NULL;
  g_autoptr (GError) error = NULL;

  back = lds_plan_from_json (json_node_get_object (json), &error);
  g_assert_no_error (error);
  back_json = lds_plan_to_json (back);
  g_assert_true (json_node_equal (json, same_json));
  g_assert_true (json_node_equal (json, back_json));
  g_assert_cmpint (json_object_get_int_member (json_node_get_object (json), "estimated_ms"), ==,
                   lds_plan_estimate_ms (plan));
}

/* Whatever this machine is, there is a plan for it. */
static void
test_machine (void)
{
  g_auto (LdsHeadroom) capacity = {0};
  g_autoptr (LdsAnswers) answers = new_answers_of ("usecase=chat conns=gt50k");
  g_autoptr (LdsPlan) plan = lds_proposal_new_plan (answers, FALSE, TRUE),
                      least = propose (answers, FALSE, 1);

  lds_headroom_read (&capacity);
  g_assert_cmpuint (capacity.connections, >=, 1);
  g_assert_cmpuint (capacity.connections, <=, LDS_PLAN_MAX_CONNECTIONS);
  g_assert_cmpstr (capacity.reason, !=, "");
  g_assert_true (lds_plan_validate (plan, NULL));
  g_assert_cmpfloat (least->connections_scale, ==, 100000);
}

static void
test_evidence (void)
{
  g_autoptr (LdsPlan) plan = lds_plan_new ();
  g_autoptr (LdsSession) session = NULL;

  g_ptr_array_add (plan->lanes, (gpointer)lds_lane_find ("prefork", NULL));
  g_ptr_array_add (plan->workloads, (gpointer)lds_workload_find ("hello", NULL));
  session = lds_session_new (plan);
  for (guint i = 0; i < 5; i++)
    {
      LdsRunSpec spec = lds_plan_run_spec (plan, i);

      g_assert_cmpint (lds_proposal_evidence (session), ==, LDS_EVIDENCE_NONE);
      g_ptr_array_add (session->runs, lds_run_new (&spec));
    }
  g_assert_cmpint (lds_proposal_evidence (session), ==, LDS_EVIDENCE_MODEL);
  lds_run_invalidate (session->runs->pdata[2], "server-died", "It died.");
  g_assert_cmpint (lds_proposal_evidence (session), ==, LDS_EVIDENCE_NONE);
}

/* Nobody knows what architecture a server of the user's own has. */
static void
test_evidence_own (void)
{
  g_autoptr (LdsPlan) plan = lds_plan_new ();
  g_autoptr (LdsSession) alone = NULL, beside = NULL;

  g_ptr_array_add (plan->lanes, (gpointer)lds_lane_find ("url:http://127.0.0.1:8080", NULL));
  g_ptr_array_add (plan->workloads, (gpointer)lds_workload_find ("hello", NULL));
  alone = lds_session_new (plan);
  g_ptr_array_add (plan->lanes, (gpointer)lds_lane_find ("prefork", NULL));
  beside = lds_session_new (plan);
  for (guint i = 0; i < 5; i++)
    {
      LdsRunSpec own = lds_plan_run_spec (alone->plan, i), model;

      for (guint j = 0; j < 2; j++)
        {
          model = lds_plan_run_spec (beside->plan, 2 * i + j);
          if (model.lane->address == NULL)
            g_ptr_array_add (beside->runs, lds_run_new (&model));
        }
      g_ptr_array_add (alone->runs, lds_run_new (&own));
    }
  g_assert_cmpint (lds_proposal_evidence (alone), ==, LDS_EVIDENCE_NONE);
  g_assert_cmpint (lds_proposal_evidence (beside), ==, LDS_EVIDENCE_MODEL);
}

/* A search has rates to search, whatever is built, and the answered load as its demand. */
static void
test_search (void)
{
  const LdsQuestion *question = lds_rule_pack_find_question (lds_rule_pack_get_default (), "usecase");
  const LdsHeadroom capacity = {LDS_PLAN_MAX_CONNECTIONS, (char *)"Files are few."};

  for (guint i = 0; i < question->choices->len; i++)
    {
      const LdsChoice *choice = question->choices->pdata[i];
      g_autofree char *text = g_strconcat ("usecase=", choice->id, " rps=1k-10k conns=1k-10k", NULL);
      g_autoptr (LdsAnswers) answers = new_answers_of (text);
      g_autoptr (GPtrArray) none = g_ptr_array_new ();
      g_autoptr (LdsPlan) plan = lds_proposal_new_search_within (answers, &capacity, none);
      g_autoptr (GError) error = NULL;

      lds_plan_validate (plan, &error);
      g_assert_no_error (error);
      g_assert_true (plan->find_knee);
      g_assert_cmpuint (plan->workloads->len, >=, 1);
      g_assert_cmpuint (plan->workloads->len, <=, 2);
      g_assert_cmpuint (plan->lanes->len, >=, 2);
      g_assert_cmpuint (plan->lanes->len, <=, 3);
      g_assert_cmpfloat (plan->demand_rate_hz, ==, 10000);
      g_assert_cmpuint (plan->demand_connections, ==, 10000);
      g_assert_false (has_workload (plan, "slow") || has_workload (plan, "live?hz=5"));
      g_test_message ("%s: %u x %u, %" G_GINT64_FORMAT " ms", choice->id, plan->lanes->len,
                      plan->workloads->len, lds_plan_estimate_ms (plan));
    }
}

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/report/proposal/articles", test_articles);
  g_test_add_func ("/report/proposal/use-cases", test_use_cases);
  g_test_add_func ("/report/proposal/scale", test_scale);
  g_test_add_func ("/report/proposal/lanes", test_lanes);
  g_test_add_func ("/report/proposal/real-pair", test_real_pair);
  g_test_add_func ("/report/proposal/real-many", test_real_many);
  g_test_add_func ("/report/proposal/real-alone", test_real_alone);
  g_test_add_func ("/report/proposal/real-search", test_real_search);
  g_test_add_func ("/report/proposal/computing", test_computing);
  g_test_add_func ("/report/proposal/plan-file", test_plan_file);
  g_test_add_func ("/report/proposal/machine", test_machine);
  g_test_add_func ("/report/proposal/search", test_search);
  g_test_add_func ("/report/proposal/evidence", test_evidence);
  g_test_add_func ("/report/proposal/evidence-own", test_evidence_own);
  return g_test_run ();
}
