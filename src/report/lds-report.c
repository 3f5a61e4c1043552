/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The report document. It is made by writing its JSON and reading that, so that a report just made
 * and one read from a file are the same by construction. */
#define G_LOG_DOMAIN "lds-report"

#include "config.h"
#include "lds-report-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "lds-error.h"
#include "lds-file.h"
#include "lds-json.h"
#include "lds-self-test.h"

#define FORMAT "loadstone-report"
/* More answers, commands or limits than any report has; a hostile file could have millions. */
#define MAX_ROWS 1000

G_DEFINE_BOXED_TYPE (LdsReport, lds_report, lds_report_ref, lds_report_unref)

static void
answer_free (LdsReportAnswer *answer)
{
  g_free (answer->id);
  g_free (answer->question);
  g_free (answer->value);
  g_free (answer->label);
  g_free (answer->reason);
  g_free (answer);
}

LdsReport *
lds_report_ref (LdsReport *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
lds_report_unref (LdsReport *self)
{
  g_return_if_fail (self != NULL);
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  json_object_unref (self->json);
  g_free (self->title);
  g_free (self->generator);
  g_ptr_array_unref (self->answers);
  lds_report_verdict_free (self->prior);
  lds_report_verdict_free (self->final);
  lds_session_free (self->session);
  lds_report_claims_free (self->claims);
  g_ptr_array_unref (self->evidence);
  g_ptr_array_unref (self->moved);
  g_ptr_array_unref (self->summaries);
  g_ptr_array_unref (self->knees);
  g_ptr_array_unref (self->scalings);
  g_ptr_array_unref (self->capacities);
  g_ptr_array_unref (self->commands);
  g_ptr_array_unref (self->limits);
  for (guint i = 0; i < G_N_ELEMENTS (self->recordings); i++)
    g_clear_pointer (&self->recordings[i], g_ptr_array_unref);
  g_free (self);
}

static char *
format_date (gint64 created_at_us)
{
  g_autoptr (GDateTime) seconds = g_date_time_new_from_unix_utc (created_at_us / G_USEC_PER_SEC);
  g_autofree char *text = NULL;

  if (seconds == NULL)
    return g_strdup ("1970-01-01T00:00:00.000000Z");
  text = g_date_time_format (seconds, "%Y-%m-%dT%H:%M:%S");
  return g_strdup_printf ("%s.%06dZ", text, (int)(created_at_us % G_USEC_PER_SEC));
}

static const char *
find_label (const LdsQuestion *question,
            const char *value)
{
  for (guint i = 0; i < question->choices->len; i++)
    {
      const LdsChoice *choice = g_ptr_array_index (question->choices, i);

      if (strcmp (choice->id, value) == 0)
        return choice->label;
    }
  return NULL;
}

/* One answer: {"id", "question", "state", "value", "label", "reason", "choices"}. */
static void
add_answer (JsonBuilder *builder,
            const LdsQuestion *question,
            LdsAnswers *answers)
{
  const char *value = lds_answers_get (answers, question->id), *label = NULL;
  const char *reason = lds_answers_get_not_applicable (answers, question->id);
  g_autofree char *with_unit = NULL;
  const char *state;

  if (reason != NULL)
    state = "not-applicable";
  else if (value == NULL)
    state = "missing";
  else if (strcmp (value, "unknown") == 0)
    state = "unknown";
  else
    {
      state = "given";
      label = find_label (question, value);
      if (label == NULL && question->unit != NULL)
        label = with_unit = g_strdup_printf ("%s\u00a0%s", value, question->unit);
    }
  json_builder_begin_object (builder);
  lds_json_add_string (builder, "id", question->id);
  lds_json_add_string (builder, "question", question->text);
  lds_json_add_string (builder, "state", state);
  lds_json_add_string (builder, "value", strcmp (state, "given") == 0 ? value : NULL);
  lds_json_add_string (builder, "label", label);
  lds_json_add_string (builder, "reason", reason);
  json_builder_set_member_name (builder, "choices");
  json_builder_begin_array (builder);
  for (guint i = 0; i < question->choices->len; i++)
    {
      const LdsChoice *choice = g_ptr_array_index (question->choices, i);

      json_builder_begin_object (builder);
      lds_json_add_string (builder, "value", choice->id);
      lds_json_add_string (builder, "label", choice->label);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
}

/* What to type to get the advice again. */
static char *
make_advise_command (LdsAnswers *answers,
                     GPtrArray *questions)
{
  GString *command = g_string_new ("loadstone-cli advise");

  for (guint i = 0; i < questions->len; i++)
    {
      const LdsQuestion *question = g_ptr_array_index (questions, i);
      const char *value = lds_answers_get (answers, question->id);

      if (value != NULL)
        g_string_append_printf (command, " --set %s=%s", question->id, value);
    }
  return g_string_free (command, FALSE);
}

static void
append_number (GString *command,
               const char *option,
               double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  g_string_append_printf (command, " %s %s", option, g_ascii_formatd (text, sizeof text, "%.10g", value));
}

/* As one word of a shell, whatever is in it: addresses come from files of others. */
static void
append_word (GString *command,
             const char *word)
{
  g_autofree char *quoted = g_shell_quote (word);
  gboolean plain = strspn (word, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "-._:/,=@") == strlen (word);

  g_string_append (command, plain ? word : quoted);
}

static void
append_series (GString *command,
               const char *what,
               GArray *points)
{
  for (guint i = 0; i < points->len; i++)
    {
      if (i == 0)
        g_string_append_printf (command, " --scale %s:", what);
      g_string_append_printf (command, "%s%u", i > 0 ? "," : "", g_array_index (points, guint, i));
    }
}

/* What makes a plan adaptive. */
static void
append_adaptive (GString *command,
                 const LdsPlan *plan)
{
  if (plan->demand_rate_hz > 0)
    {
      char rate[G_ASCII_DTOSTR_BUF_SIZE];

      g_string_append (command, " --for ");
      if (plan->demand_connections > 0)
        g_string_append_printf (command, "%u@", plan->demand_connections);
      g_string_append (command, g_ascii_formatd (rate, sizeof rate, "%.10g", plan->demand_rate_hz));
    }
  else if (plan->find_knee)
    g_string_append (command, " --find-knee");
  append_series (command, "connections", plan->scale_connections);
  append_series (command, "workers", plan->scale_workers);
}

/* What to type to measure the same again. */
static char *
make_bench_command (const LdsSession *session)
{
  const LdsPlan *plan = session->plan;
  GString *command = g_string_new ("loadstone-cli bench --lanes ");
  g_autoptr (GString) lanes = g_string_new (NULL);
  g_autoptr (GString) workloads = g_string_new (NULL);

  for (guint i = 0; i < plan->lanes->len; i++)
    g_string_append_printf (lanes, "%s%s", i > 0 ? "," : "",
                            ((const LdsLane *)plan->lanes->pdata[i])->id);
  append_word (command, lanes->str);
  for (guint i = 0; i < plan->allow_hosts->len; i++)
    {
      g_string_append (command, " --allow-host ");
      append_word (command, plan->allow_hosts->pdata[i]);
    }
  g_string_append (command, " --workloads ");
  for (guint i = 0; i < plan->workloads->len; i++)
    g_string_append_printf (workloads, "%s%s", i > 0 ? "," : "",
                            ((const LdsWorkload *)plan->workloads->pdata[i])->id);
  append_word (command, workloads->str);
  append_number (command, "-c", plan->connections);
  append_number (command, "-t", plan->client_threads);
  append_adaptive (command, plan);
  if (plan->rate_hz > 0)
    append_number (command, "-R", plan->rate_hz);
  else if (!plan->find_knee)
    g_string_append (command, " --closed");
  for (guint i = 0; i < plan->loads->len; i++)
    {
      const LdsPlanLoad *load = &g_array_index (plan->loads, LdsPlanLoad, i);

      char rate[G_ASCII_DTOSTR_BUF_SIZE];
      g_autofree char *word = NULL;

      g_ascii_formatd (rate, sizeof rate, "%.10g", load->rate_hz);
      word = g_strdup_printf ("%s=%u%s%s", load->workload->id, load->connections,
                              load->rate_hz > 0 ? "@" : "", load->rate_hz > 0 ? rate : "");
      g_string_append (command, " --load ");
      append_word (command, word);
    }
  if (plan->workers > 0)
    append_number (command, "--workers", plan->workers);
  append_number (command, "-d", (double)plan->duration_ms / 1000);
  append_number (command, "-w", (double)plan->warm_up_ms / 1000);
  append_number (command, "--repeats", plan->repeats);
  if (plan->seed != 1)
    append_number (command, "--seed", plan->seed);
  if (plan->slo_p99_ms > 0)
    {
      append_number (command, "--slo", plan->slo_p99_ms);
      /* "--slo 50" is read as p99=50ms. */
      g_string_replace (command, "--slo ", "--slo p99=", 1);
      g_string_append (command, "ms");
    }
  if (lds_self_test_is_measured (session))
    g_string_append (command, " --self-test");
  g_string_append (command, " --output result.json");
  return g_string_free (command, FALSE);
}

static gboolean
has_own_server (const LdsPlan *plan)
{
  for (guint i = 0; i < plan->lanes->len; i++)
    if (((const LdsLane *)plan->lanes->pdata[i])->address != NULL)
      return TRUE;
  return FALSE;
}

static void
add_limits (JsonBuilder *builder,
            const LdsSession *session)
{
  json_builder_set_member_name (builder, "limits");
  json_builder_begin_array (builder);
  json_builder_add_string_value (builder, _ ("The weights of the criteria are opinions, taken from articles; the scores follow from them and from the answers, not from measurements."));
  if (session == NULL)
    json_builder_add_string_value (builder, _ ("Nothing was measured on this machine: every figure that led to the verdict is an article’s."));
  else
    {
      json_builder_add_string_value (builder, _ ("A lane marked “model” is a concurrency architecture written in C. It shows what the architecture does under load on this machine; it is not any language’s runtime and its figures are no runtime’s figures."));
      json_builder_add_string_value (builder, _ ("Rates belong to this machine, with client and server side by side on it. Ratios and the CPU time of a request travel to other machines better than rates do."));
      json_builder_add_string_value (builder, _ ("Intervals are 95 % intervals of the median over runs. A figure without one comes from fewer than five runs."));
      if (has_own_server (session->plan))
        json_builder_add_string_value (builder, _ ("A lane named by an address is a server that was there already: nothing is known of it but its answers, and it counts in no verdict."));
    }
  json_builder_end_array (builder);
}

LdsReport *
lds_report_new (const char *title,
                LdsAnswers *answers,
                const LdsVerdict *prior,
                const LdsVerdict *final,
                const LdsSession *session,
                const LdsClaimEvidence *claims,
                gint64 created_at_us)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *date = format_date (created_at_us), *advise = NULL, *bench = NULL;
  g_autofree char *version =
      g_strdup_printf ("%d.%d", LDS_REPORT_SCHEMA_MAJOR, LDS_REPORT_SCHEMA_MINOR);
  GPtrArray *questions = lds_rule_pack_get_questions (lds_rule_pack_get_default ());
  LdsReport *self;

  g_return_val_if_fail (answers != NULL && prior != NULL, NULL);

  json_builder_begin_object (builder);
  lds_json_add_string (builder, "format", FORMAT);
  lds_json_add_string (builder, "schema_version", version);
  lds_json_add_string (builder, "generator", "Loadstone " LDS_VERSION);
  lds_json_add_string (builder, "created_at", date);
  lds_json_add_string (builder, "title", title != NULL && *title != '\0' ? title : NULL);
  json_builder_set_member_name (builder, "answers");
  json_builder_begin_array (builder);
  for (guint i = 0; i < questions->len; i++)
    add_answer (builder, g_ptr_array_index (questions, i), answers);
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "verdict");
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "prior");
  json_builder_add_value (builder, lds_verdict_to_json (prior));
  json_builder_set_member_name (builder, "final");
  if (final != NULL)
    json_builder_add_value (builder, lds_verdict_to_json (final));
  else
    json_builder_add_null_value (builder);
  json_builder_end_object (builder);
  lds_report_evidence_add (builder, answers, prior, final, session);
  lds_report_claims_add (builder, final != NULL ? final : prior, claims);
  json_builder_set_member_name (builder, "session");
  if (session != NULL)
    json_builder_add_value (builder, lds_session_to_json (session));
  else
    json_builder_add_null_value (builder);
  json_builder_set_member_name (builder, "commands");
  json_builder_begin_array (builder);
  advise = make_advise_command (answers, questions);
  json_builder_add_string_value (builder, advise);
  if (session != NULL)
    {
      bench = make_bench_command (session);
      json_builder_add_string_value (builder, bench);
    }
  json_builder_end_array (builder);
  add_limits (builder, session);
  json_builder_end_object (builder);

  root = json_builder_get_root (builder);
  self = lds_report_from_json (json_node_get_object (root), &error);
  if (self == NULL)
    g_critical ("A report just made cannot be read: %s", error->message);
  return self;
}

/* Refuses what is not a report and what a newer Loadstone wrote. */
static gboolean
check_version (JsonObject *object,
               GError **error)
{
  g_autoptr (GError) local = NULL;
  const char *format = lds_json_get_string (object, "format", "", &local);
  const char *version = lds_json_get_string (object, "schema_version", "", &local);
  guint64 major = 0, minor = 0;
  char *end = NULL;

  if (local == NULL && strcmp (format, FORMAT) != 0)
    g_set_error (&local, LDS_ERROR, LDS_ERROR_INPUT,
                 _ ("This is not a Loadstone report: “%s” must be “%s”."), "format", FORMAT);
  if (local == NULL)
    {
      major = g_ascii_strtoull (version, &end, 10);
      if (end == version || *end != '.' || !g_ascii_isdigit (end[1]))
        g_set_error (&local, LDS_ERROR, LDS_ERROR_INPUT,
                     _ ("“%s” must be two numbers with a point between, as in “1.0”."), "schema_version");
      else
        minor = g_ascii_strtoull (end + 1, NULL, 10);
    }
  if (local == NULL && (major > LDS_REPORT_SCHEMA_MAJOR ||
                        (major == LDS_REPORT_SCHEMA_MAJOR && minor > LDS_REPORT_SCHEMA_MINOR)))
    g_set_error (&local, LDS_ERROR, LDS_ERROR_INPUT,
                 /* Translators: two versions of the report's form: "2.0", "1.0" */
                 _ ("A newer Loadstone wrote this report (form %s, this one reads up to %d.%d). Update Loadstone to open it."),
                 version, LDS_REPORT_SCHEMA_MAJOR, LDS_REPORT_SCHEMA_MINOR);
  if (local == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

static gboolean
read_date (LdsReport *self,
           JsonObject *object,
           GError **error)
{
  const char *text = lds_json_get_string (object, "created_at", "", error);
  g_autoptr (GTimeZone) utc = g_time_zone_new_utc ();
  g_autoptr (GDateTime) date = g_date_time_new_from_iso8601 (text, utc);

  if (date == NULL)
    {
      if (error != NULL && *error == NULL)
        g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                     _ ("“%s” must be a date and time, as in “2026-11-21T11:05:00Z”."), "created_at");
      return FALSE;
    }
  self->created_at_us =
      g_date_time_to_unix (date) * G_USEC_PER_SEC + g_date_time_get_microsecond (date);
  return TRUE;
}

static void
read_answers (LdsReport *self,
              JsonObject *object,
              GError **error)
{
  static const char *const states[] = {"given", "unknown", "not-applicable", "missing"};
  JsonArray *array = lds_json_get_array (object, "answers", error);

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      JsonNode *node = json_array_get_element (array, i);
      LdsReportAnswer *answer;
      const char *state;
      guint known = 0;

      if (!JSON_NODE_HOLDS_OBJECT (node) || i >= MAX_ROWS)
        {
          if (error != NULL && *error == NULL)
            g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                         _ ("“%s” must be a list of at most %d objects."), "answers", MAX_ROWS);
          return;
        }
      answer = g_new0 (LdsReportAnswer, 1);
      g_ptr_array_add (self->answers, answer);
      object = json_node_get_object (node);
      answer->id = g_strdup (lds_json_get_string (object, "id", "", error));
      answer->question = g_strdup (lds_json_get_string (object, "question", answer->id, error));
      answer->value = g_strdup (lds_json_get_string (object, "value", NULL, error));
      answer->label = g_strdup (lds_json_get_string (object, "label", NULL, error));
      answer->reason = g_strdup (lds_json_get_string (object, "reason", NULL, error));
      answer->choices = lds_json_get_array (object, "choices", error);
      state = lds_json_get_string (object, "state", "missing", error);
      while (known < G_N_ELEMENTS (states) && strcmp (states[known], state) != 0)
        known++;
      if (known < G_N_ELEMENTS (states))
        answer->state = (LdsAnswerState)known;
      else if (error != NULL && *error == NULL)
        g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT, _ ("“%s” cannot be “%s”."), "state", state);
    }
}

void
lds_report_read_texts (JsonObject *object,
                       const char *member,
                       GPtrArray *texts,
                       GError **error)
{
  JsonArray *array = lds_json_get_array (object, member, error);

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      JsonNode *node = json_array_get_element (array, i);

      if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING &&
          i < MAX_ROWS)
        g_ptr_array_add (texts, json_node_dup_string (node));
      else if (error != NULL && *error == NULL)
        g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT, _ ("“%s” must be a list of at most %d texts."), member, MAX_ROWS);
    }
}

/* @array: (transfer full): instead of what stands at @place */
static void
set_array (GPtrArray **place,
           GPtrArray *array)
{
  g_ptr_array_unref (*place);
  *place = array;
}

static void
read_body (LdsReport *self,
           JsonObject *object,
           GError **error)
{
  JsonObject *verdict, *prior = NULL, *final = NULL, *session;

  self->title = g_strdup (lds_json_get_string (object, "title", NULL, error));
  self->generator = g_strdup (lds_json_get_string (object, "generator", "Loadstone", error));
  read_answers (self, object, error);
  lds_report_read_texts (object, "commands", self->commands, error);
  lds_report_read_texts (object, "limits", self->limits, error);
  lds_report_read_texts (object, "moved", self->moved, error);
  set_array (&self->evidence, lds_report_evidence_read (object, error));
  self->claims = lds_report_claims_read (object, error);
  verdict = lds_json_get_object (object, "verdict", error);
  if (verdict != NULL)
    {
      prior = lds_json_get_object (verdict, "prior", error);
      final = lds_json_get_object (verdict, "final", error);
    }
  session = lds_json_get_object (object, "session", error);
  if (*error == NULL && prior == NULL)
    g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT, _ ("“%s” is missing."), "verdict.prior");
  if (*error == NULL)
    self->prior = lds_report_verdict_from_json (prior, error);
  if (*error == NULL && final != NULL)
    self->final = lds_report_verdict_from_json (final, error);
  if (*error == NULL && session != NULL)
    self->session = lds_session_from_json (session, error);
  if (self->session != NULL)
    {
      set_array (&self->summaries, lds_session_summarize (self->session));
      set_array (&self->knees, lds_search_summarize (self->session->plan, self->session->runs));
      set_array (&self->scalings,
                 lds_capacity_list_scaling (self->session->plan, self->session->runs));
      set_array (&self->capacities, lds_capacity_list (self->session->plan, self->session->runs));
    }
}

LdsReport *
lds_report_from_json (JsonObject *object,
                      GError **error)
{
  g_autoptr (LdsReport) self = NULL;
  g_autoptr (GError) local = NULL;

  g_return_val_if_fail (object != NULL, NULL);
  if (!check_version (object, error))
    return NULL;
  self = g_new0 (LdsReport, 1);
  g_atomic_ref_count_init (&self->ref_count);
  self->json = json_object_ref (object);
  self->answers = g_ptr_array_new_with_free_func ((GDestroyNotify)answer_free);
  self->evidence = g_ptr_array_new_with_free_func (lds_report_evidence_free);
  self->moved = g_ptr_array_new_with_free_func (g_free);
  self->summaries = g_ptr_array_new_with_free_func ((GDestroyNotify)lds_summary_free);
  self->knees = g_ptr_array_new ();
  self->scalings = g_ptr_array_new ();
  self->capacities = g_ptr_array_new ();
  self->commands = g_ptr_array_new_with_free_func (g_free);
  self->limits = g_ptr_array_new_with_free_func (g_free);
  if (read_date (self, object, &local))
    read_body (self, object, &local);
  if (local == NULL)
    return g_steal_pointer (&self);
  g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}

LdsReport *
lds_report_load (const char *path,
                 GError **error)
{
  g_autoptr (JsonNode) root = NULL;
  LdsReport *self;

  g_return_val_if_fail (path != NULL, NULL);
  root = lds_json_read (path, LDS_FILE_MAX_REPORT_BYTES, error);
  if (root == NULL)
    return NULL;
  self = lds_report_from_json (json_node_get_object (root), error);
  if (self == NULL)
    /* Translators: a file name; a sentence with the reason follows */
    g_prefix_error (error, _ ("Cannot read “%s” as a report: "), path);
  return self;
}

JsonNode *
lds_report_to_json (LdsReport *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return json_node_init_object (json_node_alloc (), self->json);
}

const char *
lds_report_get_title (LdsReport *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->title;
}

gint64
lds_report_get_created_at_us (LdsReport *self)
{
  g_return_val_if_fail (self != NULL, 0);
  return self->created_at_us;
}

const LdsSession *
lds_report_get_session (LdsReport *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->session;
}

const char *
lds_report_get_headline (LdsReport *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return lds_report_verdict (self)->headline;
}

const LdsReportVerdict *
lds_report_verdict (LdsReport *self)
{
  return self->final != NULL ? self->final : self->prior;
}

char *
lds_report_dup_date (LdsReport *self)
{
  return format_date (self->created_at_us);
}

const char *
lds_report_find_question (LdsReport *self,
                          const char *id)
{
  for (guint i = 0; i < self->answers->len; i++)
    {
      const LdsReportAnswer *answer = g_ptr_array_index (self->answers, i);

      if (strcmp (answer->id, id) == 0)
        return answer->question;
    }
  return id;
}

const char *
lds_report_find_label (LdsReport *self,
                       const char *id,
                       const char *value)
{
  for (guint i = 0; i < self->answers->len; i++)
    {
      const LdsReportAnswer *answer = g_ptr_array_index (self->answers, i);
      guint n = answer->choices != NULL ? json_array_get_length (answer->choices) : 0;

      if (strcmp (answer->id, id) != 0)
        continue;
      for (guint j = 0; j < n; j++)
        {
          JsonNode *node = json_array_get_element (answer->choices, j);
          JsonObject *choice = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;

          if (choice != NULL &&
              g_strcmp0 (lds_json_get_string (choice, "value", NULL, NULL), value) == 0)
            return lds_json_get_string (choice, "label", value, NULL);
        }
    }
  return value;
}

void
lds_report_count_runs (LdsReport *self,
                       guint *n_runs,
                       guint *n_invalid)
{
  *n_runs = self->session != NULL ? self->session->runs->len : 0;
  *n_invalid = self->session != NULL ? lds_session_count_refused (self->session) : 0;
}

static const char *
get_environment (LdsReport *self,
                 const char *member)
{
  return lds_json_get_string (self->session->environment, member, NULL, NULL);
}

char *
lds_report_dup_machine (LdsReport *self)
{
  g_autoptr (GPtrArray) parts = g_ptr_array_new_with_free_func (g_free);
  gint64 cpus;
  double memory;

  if (self->session == NULL)
    return NULL;
  if (get_environment (self, "cpu_model") != NULL)
    g_ptr_array_add (parts, g_strdup (get_environment (self, "cpu_model")));
  cpus = lds_json_get_int (self->session->environment, "cpus", 0, NULL);
  if (cpus > 0 && cpus < 100000)
    g_ptr_array_add (
        parts, g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%d core", "%d cores", (gulong)cpus),
                                (int)cpus));
  memory = lds_json_get_double (self->session->environment, "memory_bytes", 0, NULL);
  if (memory > 0)
    g_ptr_array_add (parts, lds_format_value (memory, LDS_UNIT_BYTES));
  if (get_environment (self, "kernel") != NULL)
    g_ptr_array_add (parts, g_strdup (get_environment (self, "kernel")));
  if (parts->len == 0)
    return NULL;
  g_ptr_array_add (parts, NULL);
  return g_strjoinv (" · ", (GStrv)parts->pdata);
}
