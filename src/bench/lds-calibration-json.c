/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A calibration as a profile. */
#define G_LOG_DOMAIN "lds-bench"

#include "config.h"

#include <math.h>
#include <string.h>

#include "lds-build.h"
#include "lds-calibration-private.h"
#include "lds-runtime.h"

/* As the server reads them; longer texts are refused. */
#define MAX_TEXT_CHARACTERS 200

/* Bounds are those of the profile's schema. Not translated: a profile is read everywhere. */
const LdsCalibrationMember lds_calibration_members[N_FIGURES] = {
    [REQUEST] = {{"cost.request_ns"},
                 FALSE,
                 0,
                 1e9,
                 FALSE,
                 "GET / on 64 connections, less what the twin's server itself uses"},
    [BYTE] = {{"cost.request_byte_ns", "cost.response_byte_ns"},
              FALSE,
              0,
              1e6,
              FALSE,
              "POST /echo of 16640 bytes less that of 1040, by the bytes in and out, half of it each"},
    [JSON_BYTE] = {{"cost.json_byte_ns"},
                   FALSE,
                   0,
                   1e6,
                   FALSE,
                   "GET /json less GET /, by its 1024 bytes, less those bytes as any others"},
    [BODY] = {{"cost.body_ns"},
              FALSE,
              0,
              1e9,
              FALSE,
              "POST /echo of 1040 bytes less GET / and less those bytes in and out"},
    [TURN] = {{"cost.turn_ns"},
              FALSE,
              0,
              1e9,
              FALSE,
              "GET / on one connection less the same on 64"},
    [TIMER_COST] = {{"cost.timer_ns"},
                    FALSE,
                    0,
                    1e9,
                    FALSE,
                    "GET /user/7?ms=2 less GET /, with what its path and query cost"},
    [DATABASE] = {{"cost.database_ns"},
                  FALSE,
                  0,
                  1e9,
                  FALSE,
                  "GET /products/1 less GET / and what the database itself uses in the twin"},
    [MESSAGE_COST] = {{"cost.message_ns"},
                      FALSE,
                      0,
                      1e9,
                      FALSE,
                      "half of a WebSocket message of 128 bytes that comes back, less what the twin's server itself uses"},
    [COMPUTE_RATIO] = {{"cost.compute_ratio"},
                       TRUE,
                       1,
                       10000,
                       FALSE,
                       "GET /compute?n=1000000 less GET /, on one connection, by the same of the model in C"},
    [INTEGER_RATIO] = {{"cost.integer_ratio"},
                       TRUE,
                       1,
                       10000,
                       FALSE,
                       "GET /image?size=64 likewise, less size=16 where that goes to another thread or process"},
    [NATIVE_RATIO] = {{"cost.native_ratio"},
                      TRUE,
                      1,
                      10000,
                      FALSE,
                      "POST /parse of 12813 bytes likewise, less what the body costs; not below 1, for a twin is not "
                      "faster than C"},
    [DISPATCH] = {{"cost.dispatch_ns"},
                  FALSE,
                  0,
                  1e9,
                  FALSE,
                  "GET /image?size=16 on one connection less GET / and what the image costs"},
    [PAUSE] = {{"cost.pause_ns"},
               FALSE,
               0,
               1e10,
               FALSE,
               "how much later than the median the answers to GET / on one connection came that were more than 0.2 ms "
               "later, less the same of the model in C; time on the clock"},
    [PAUSE_REQUESTS] = {{"cost.pause_requests"}, TRUE, 0, 1e9, FALSE, "answers by those that were so late"},
    [BASE_RSS] = {{"memory.base_rss_bytes", "memory.worker_rss_bytes"},
                  TRUE,
                  0,
                  4294967296.0,
                  TRUE,
                  "RSS before the first request, by processes"},
    [LOADED_RSS] = {{"memory.loaded_rss_bytes"},
                    FALSE,
                    0,
                    4294967296.0,
                    TRUE,
                    "the largest RSS with GET / on 64 connections, by processes"},
    [LOADED_REQUESTS] = {{"memory.loaded_requests"},
                         TRUE,
                         0,
                         1e9,
                         FALSE,
                         "requests of a process until nine tenths of that growth, by 0.9"},
    [CONNECTION] = {{"memory.connection_bytes"},
                    FALSE,
                    0,
                    16777216,
                    TRUE,
                    "RSS with 1000 event streams less that with 64, by 936"},
    [STARTUP_CPU] = {{"startup.cpu_ns"},
                     TRUE,
                     0,
                     6e10,
                     FALSE,
                     "time from starting the program until it serves, on one processor, so that a twin takes as long"},
    [BROAD_PACE] = {{"cost.broad_pace_hz"},
                    TRUE,
                    0,
                    1e12,
                    TRUE,
                    "rounds of broad work a second of CPU time in a twin, GET / on 64 connections; all times are as at "
                    "this pace, by the twin beside each run"},
    [NARROW_PACE] = {{"cost.narrow_pace_hz"},
                     TRUE,
                     0,
                     1e12,
                     TRUE,
                     "rounds of narrow work a second of CPU time in a twin, GET /compute?n=1000000"},
};

static double
tidy (const LdsCalibrationMember *member,
      double value)
{
  value = CLAMP (value, member->minimum, member->maximum);
  return member->whole ? round (value) : round (value * 1000) / 1000;
}

static void
set_number (JsonObject *object,
            const char *name,
            double value)
{
  if (floor (value) < value)
    json_object_set_double_member (object, name, value);
  else
    json_object_set_int_member (object, name, (gint64)value);
}

/* At most as long as a text of a profile may be. */
static void
set_text (JsonObject *object,
          const char *name,
          const char *text)
{
  g_autofree char *start =
      g_utf8_substring (text, 0, MIN (g_utf8_strlen (text, -1), MAX_TEXT_CHARACTERS));

  json_object_set_string_member (object, name, *start != '\0' ? start : "?");
}

/* Its own first. */
static JsonArray *
list_models (const LdsCalibration *self)
{
  JsonArray *models = json_array_new ();
  guint n_lanes;
  const LdsLane *lanes = lds_lane_list (&n_lanes);
  LdsFamily family = self->reference->family;
  gboolean has_loop = family == LDS_FAMILY_EVENT_LOOP || family == LDS_FAMILY_ASYNCIO;

  json_array_add_string_element (models, self->reference->model_code);
  for (guint i = 0; i < n_lanes; i++)
    if (lanes[i].provenance == LDS_PROVENANCE_MODEL && &lanes[i] != self->reference &&
        (lanes[i].family == family || (has_loop && lanes[i].family == LDS_FAMILY_POLYGLOT)))
      json_array_add_string_element (models, lanes[i].model_code);
  return models;
}

static JsonObject *
ensure_section (JsonObject *root,
                const char *name)
{
  if (!json_object_has_member (root, name))
    json_object_set_object_member (root, name, json_object_new ());
  return json_object_get_object_member (root, name);
}

static void
add_figures (const LdsCalibration *self,
             JsonObject *root,
             JsonObject *figures,
             GString *note)
{
  ensure_section (root, "cost");
  for (guint f = 0; f < N_FIGURES; f++)
    for (guint m = 0; m < G_N_ELEMENTS (lds_calibration_members[f].members); m++)
      {
        const LdsCalibrationMember *member = &lds_calibration_members[f];
        const LdsEstimate *figure = &self->figures[f];
        g_auto (GStrv) path = NULL;
        JsonObject *entry;

        if (figure->n == 0 || member->members[m] == NULL)
          continue;
        path = g_strsplit (member->members[m], ".", 2);
        set_number (ensure_section (root, path[0]), path[1], tidy (member, figure->median));
        entry = json_object_new ();
        set_number (entry, "value", tidy (member, figure->median));
        set_number (entry, "low", tidy (member, figure->low));
        set_number (entry, "high", tidy (member, figure->high));
        set_number (entry, "n", figure->n);
        json_object_set_object_member (figures, member->members[m], entry);
        g_string_append_printf (note, " %s: %s.", path[1], member->how);
      }
}

static void
add_residual (JsonArray *residuals,
              const LdsCalibration *self,
              guint point,
              const char *figure,
              gsize offset)
{
  double real = lds_calibration_median (self, LDS_CALIBRATION_CHECK, SUBJECT, point, offset);
  double twin = lds_calibration_median (self, LDS_CALIBRATION_CHECK, TWIN, point, offset);
  guint connections;
  const char *workload = lds_calibration_workload_of (point, &connections);
  JsonObject *entry;

  if (!isfinite (real) || !isfinite (twin))
    return;
  entry = json_object_new ();
  json_object_set_string_member (entry, "workload", workload);
  json_object_set_int_member (entry, "connections", connections);
  json_object_set_string_member (entry, "figure", figure);
  set_number (entry, "real", round (real));
  set_number (entry, "twin", round (twin));
  json_array_add_object_element (residuals, entry);
}

static JsonArray *
list_residuals (const LdsCalibration *self)
{
  JsonArray *residuals = json_array_new ();

  for (guint p = 0; p < N_POINTS; p++)
    add_residual (residuals, self, p, "cpu_per_request", offsetof (Observation, cpu_ns));
  add_residual (residuals, self, HELLO, "p99", offsetof (Observation, p99_ns));
  add_residual (residuals, self, HELLO, "start_up", offsetof (Observation, start_up_ns));
  add_residual (residuals, self, HELLO, "base_rss", offsetof (Observation, base_rss_bytes));
  add_residual (residuals, self, HELLO, "peak_rss", offsetof (Observation, peak_rss_bytes));
  return residuals;
}

static const char *
get_text (JsonObject *environment,
          const char *name)
{
  JsonNode *node = json_object_get_member (environment, name);

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) &&
                 json_node_get_value_type (node) == G_TYPE_STRING
             ? json_node_get_string (node)
             : "unknown";
}

static void
add_provenance (JsonObject *root,
                JsonObject *environment,
                const char *note)
{
  JsonObject *provenance = ensure_section (root, "provenance");
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *date = g_date_time_format (now, "%Y-%m-%d");
  g_autofree char *machine = g_strdup_printf (
      "%s, %" G_GINT64_FORMAT " processors, %s; server and client on one each, loopback",
      get_text (environment, "cpu_model"), json_object_get_int_member_with_default (environment, "cpus", 0),
      get_text (environment, "kernel"));

  json_object_set_string_member (provenance, "source", "loadstone-cli calibrate");
  set_text (provenance, "machine", machine);
  json_object_set_string_member (provenance, "date", date);
  json_object_set_string_member (provenance, "kind", "measured");
  json_object_set_string_member (provenance, "note", note);
}

JsonNode *
lds_calibration_to_json (const LdsCalibration *self,
                         JsonObject *environment,
                         const char *version,
                         double cpu_work_ns)
{
  const LdsRuntime *runtime = self->subject->runtime;
  const LdsTwin *twin = self->subject->twin;
  const char *id = runtime != NULL ? runtime->id : twin != NULL ? twin->id
                                                                : self->subject->model_id;
  const char *program = runtime != NULL ? runtime->programs[0] : "loadstone-server";
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *root = json_object_new (), *calibration = json_object_new (),
             *figures = json_object_new ();
  g_autofree char *text = g_strdup_printf ("%s %s", program, version != NULL ? version : "");
  g_autofree char *loadstone = g_strdup_printf ("%s, commit %s", LDS_VERSION, lds_build_get ()->commit);
  g_autoptr (GString) note = g_string_new (
      "Medians over runs of closed loops. CPU time of all the server's processes by good answers, kernel included, and "
      "corrected by what a twin that spent it lacked beside the runtime.");

  json_object_set_int_member (root, "version", 1);
  json_object_set_string_member (root, "id", id);
  set_text (root, "title", self->subject->title);
  set_text (root, "runtime", g_strstrip (text));
  set_text (root, "framework", self->subject->title);
  json_object_set_array_member (root, "models", list_models (self));
  ensure_section (root, "provenance");
  add_figures (self, root, figures, note);
  add_provenance (root, environment, note->str);
  set_text (calibration, "loadstone", loadstone);
  set_text (calibration, "cpu_model", get_text (environment, "cpu_model"));
  set_number (calibration, "cpu_work_ns", round (cpu_work_ns));
  json_object_set_int_member (calibration, "runs",
                              lds_calibration_count_repeats (self, LDS_CALIBRATION_CORRECT) +
                                  lds_calibration_count_repeats (self, LDS_CALIBRATION_CHECK));
  json_object_set_object_member (calibration, "figures", figures);
  json_object_set_array_member (calibration, "residuals", list_residuals (self));
  json_object_set_object_member (root, "calibration", calibration);
  json_node_take_object (node, root);
  return node;
}
