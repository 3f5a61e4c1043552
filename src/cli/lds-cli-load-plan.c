/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the options of “load” ask for. */
#define G_LOG_DOMAIN "loadstone-cli"

#include "config.h"
#include "lds-cli-load-plan.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#include "lds-cli-options.h"
#include "lds-error.h"
#include "lds-json.h"
#include "lds-schedule-text.h"

#define MAX_FILE_BYTES (32u << 20)
/* Without a plan's file; the load generator's own are for programs. */
#define DEFAULT_DURATION_MS 10000
/* Of a number among the options: all others are the user's, who is told when one is wrong. */
#define NOT_GIVEN G_MININT

void
lds_cli_load_options_init (LdsCliLoadOptions *options)
{
  *options = (LdsCliLoadOptions){
      .connections = NOT_GIVEN,
      .threads = NOT_GIVEN,
      .count = NOT_GIVEN,
      .expect_length = NOT_GIVEN,
      .rate_hz = NOT_GIVEN,
      .pipeline = NOT_GIVEN,
      .requests_per_connection = NOT_GIVEN,
      .idle = NOT_GIVEN,
      .slow_readers = NOT_GIVEN,
      .slow_senders = NOT_GIVEN,
      .askers = NOT_GIVEN,
      .payload_bytes = NOT_GIVEN,
      .max_rate_hz = NOT_GIVEN,
  };
}

void
lds_cli_load_options_clear (LdsCliLoadOptions *options)
{
  g_free (options->plan_path);
  g_free (options->duration);
  g_free (options->warm_up);
  g_free (options->schedule);
  g_free (options->think);
  g_free (options->timeout);
  g_free (options->method);
  g_strfreev (options->headers);
  g_free (options->body);
  g_free (options->mix_path);
  g_free (options->expect);
  g_free (options->expect_hash);
  g_free (options->engine);
  g_free (options->client);
  g_free (options->ask);
  g_free (options->stream);
  g_strfreev (options->allowed_hosts);
  g_free (options->max_duration);
  g_free (options->http_version);
  g_free (options->ca_path);
  g_free (options->certificate_path);
  g_free (options->key_path);
  g_free (options->proxy);
}

/* The object @member of @object, made if it is not there. */
static JsonObject *
get_or_add_object (JsonObject *object,
                   const char *member)
{
  JsonNode *node = json_object_get_member (object, member);

  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    json_object_set_object_member (object, member, json_object_new ());
  return json_object_get_object_member (object, member);
}

static gboolean
add_headers (JsonObject *plan,
             char **headers,
             GError **error)
{
  JsonObject *object = headers != NULL ? get_or_add_object (plan, "headers") : NULL;

  for (guint i = 0; headers != NULL && headers[i] != NULL; i++)
    {
      const char *colon = strchr (headers[i], ':');
      g_autofree char *name = NULL, *value = NULL;

      if (colon == NULL)
        {
          g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                       _ ("--header is “%s”, which has no colon: write 'Name: value'."), headers[i]);
          return FALSE;
        }
      name = g_strndup (headers[i], (gsize)(colon - headers[i]));
      value = g_strstrip (g_strdup (colon + 1));
      json_object_set_string_member (object, name, value);
    }
  return TRUE;
}

static void
add_string (JsonObject *plan,
            const char *member,
            const char *value)
{
  if (value != NULL)
    json_object_set_string_member (plan, member, value);
}

static void
add_count (JsonObject *plan,
           const char *member,
           int value)
{
  if (value != NOT_GIVEN)
    json_object_set_int_member (plan, member, value);
}

static gboolean
add_rate (JsonObject *plan,
          const char *member,
          const char *option,
          double value,
          GError **error)
{
  if (value == NOT_GIVEN)
    return TRUE;
  if (!isfinite (value)) /* which JSON cannot say */
    /* Translators: an option, then what is no number */
    return lds_error_refuse (error, _ ("%s is %g, which is no rate: write a number of requests a second."), option, value);
  json_object_set_double_member (plan, member, value);
  return TRUE;
}

/* @bare_ms: what 1 is without a unit, in ms */
static gboolean
add_duration (JsonObject *plan,
              const char *member,
              const char *option,
              const char *text,
              double bare_ms,
              GError **error)
{
  gint64 ms = 0;

  if (text == NULL)
    return TRUE;
  if (!lds_cli_parse_duration (option, text, bare_ms, &ms, error))
    return FALSE;
  json_object_set_int_member (plan, member, ms);
  return TRUE;
}

/* The file holds what the member “mix” of a plan does, or is an object with that member. */
static gboolean
add_mix (JsonObject *plan,
         const char *path,
         GError **error)
{
  g_autoptr (JsonNode) node = NULL;
  JsonArray *mix;

  if (path == NULL)
    return TRUE;
  node = lds_json_read (path, MAX_FILE_BYTES, error);
  if (node == NULL)
    return FALSE;
  mix = lds_json_get_array (json_node_get_object (node), "mix", NULL);
  if (mix == NULL)
    {
      g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                   _ ("“%s” names no requests: write {\"mix\": [{\"path\": \"/a\", \"weight\": 9}, …]}."), path);
      return FALSE;
    }
  json_object_set_array_member (plan, "mix", json_array_ref (mix));
  return TRUE;
}

static gboolean
add_schedule (JsonObject *plan,
              const LdsCliLoadOptions *options,
              GError **error)
{
  JsonArray *schedule;

  if (options->schedule == NULL)
    return add_rate (plan, "rate_hz", "--rate", options->rate_hz, error);
  if (options->rate_hz != NOT_GIVEN || options->duration != NULL)
    {
      g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                   _ ("--schedule says rates and durations itself: leave --rate and --duration out."));
      return FALSE;
    }
  schedule = lds_schedule_text_to_json (options->schedule, "--schedule", error);
  if (schedule == NULL)
    return FALSE;
  json_object_remove_member (plan, "rate_hz");
  json_object_remove_member (plan, "duration_ms");
  json_object_set_array_member (plan, "schedule", schedule);
  return TRUE;
}

static void
add_expectation (JsonObject *plan,
                 const LdsCliLoadOptions *options)
{
  JsonObject *expect;

  if (!options->any_body && options->expect == NULL && options->expect_length == NOT_GIVEN &&
      options->expect_hash == NULL)
    return;
  expect = json_object_new ();
  if (options->any_body)
    json_object_set_boolean_member (expect, "any", TRUE);
  add_string (expect, "text", options->expect);
  add_string (expect, "hash", options->expect_hash);
  if (options->expect_length != NOT_GIVEN)
    json_object_set_int_member (expect, "length", options->expect_length);
  json_object_set_object_member (plan, "expect", expect);
}

static void
add_background (JsonObject *plan,
                const LdsCliLoadOptions *options)
{
  JsonObject *background;

  if (options->idle == NOT_GIVEN && options->slow_readers == NOT_GIVEN &&
      options->slow_senders == NOT_GIVEN && options->askers == NOT_GIVEN && options->ask == NULL)
    return;
  background = get_or_add_object (plan, "background");
  add_count (background, "idle", options->idle);
  add_count (background, "slow_readers", options->slow_readers);
  add_count (background, "slow_senders", options->slow_senders);
  add_count (background, "askers", options->askers);
  if (options->ask == NULL)
    return;
  add_string (get_or_add_object (background, "request"), "path", options->ask);
}

static void
add_stream (JsonObject *plan,
            const LdsCliLoadOptions *options)
{
  JsonObject *stream;

  if (options->stream == NULL && options->payload_bytes == NOT_GIVEN)
    return;
  stream = get_or_add_object (plan, "stream");
  add_string (stream, "mode", options->stream);
  add_count (stream, "payload_bytes", options->payload_bytes);
}

static void
add_hosts (JsonObject *plan,
           char **hosts)
{
  JsonArray *array;

  if (hosts == NULL)
    return;
  array = json_array_new ();
  for (guint i = 0; hosts[i] != NULL; i++)
    json_array_add_string_element (array, hosts[i]);
  json_object_set_array_member (plan, "allow_hosts", array);
}

static gboolean
add_durations (JsonObject *plan,
               const LdsCliLoadOptions *options,
               GError **error)
{
  return add_duration (plan, "duration_ms", "--duration", options->duration, 1e3, error) &&
         add_duration (plan, "warm_up_ms", "--warm-up", options->warm_up, 1e3, error) &&
         add_duration (plan, "timeout_ms", "--timeout", options->timeout, 1e3, error) &&
         add_duration (plan, "think_time_ms", "--think", options->think, 1, error) &&
         add_duration (plan, "max_duration_ms", "--max-duration", options->max_duration, 1e3, error);
}

static void
add_choices (JsonObject *plan,
             const LdsCliLoadOptions *options)
{
  add_count (plan, "connections", options->connections);
  add_count (plan, "threads", options->threads);
  add_count (plan, "count", options->count);
  add_count (plan, "pipeline", options->pipeline);
  add_count (plan, "requests_per_connection", options->requests_per_connection);
  add_string (plan, "method", options->method);
  add_string (plan, "body", options->body);
  add_string (plan, "engine", options->engine);
  add_string (plan, "client", options->client);
  add_string (plan, "http_version", options->http_version);
  add_string (plan, "ca_file", options->ca_path);
  add_string (plan, "certificate_file", options->certificate_path);
  add_string (plan, "key_file", options->key_path);
  add_string (plan, "proxy", options->proxy);
  if (options->insecure)
    json_object_set_boolean_member (plan, "insecure", TRUE);
  if (options->poisson)
    json_object_set_string_member (plan, "arrivals", "poisson");
  if (options->think_random)
    json_object_set_string_member (plan, "think_time", "exponential");
}

JsonNode *
lds_cli_load_make_plan (const LdsCliLoadOptions *options,
                        const char *url,
                        GError **error)
{
  g_autoptr (JsonNode) node = NULL;
  JsonObject *plan;

  if (options->plan_path != NULL)
    {
      node = lds_json_read (options->plan_path, MAX_FILE_BYTES, error);
      if (node == NULL)
        return NULL;
      plan = json_node_get_object (node);
    }
  else
    {
      node = json_node_new (JSON_NODE_OBJECT);
      plan = json_object_new ();
      json_node_take_object (node, plan);
      if (options->count == NOT_GIVEN && options->schedule == NULL)
        json_object_set_int_member (plan, "duration_ms", DEFAULT_DURATION_MS);
    }
  add_string (plan, "url", url);
  add_choices (plan, options);
  add_expectation (plan, options);
  add_background (plan, options);
  add_stream (plan, options);
  add_hosts (plan, options->allowed_hosts);
  if (!add_durations (plan, options, error) || !add_schedule (plan, options, error) ||
      !add_rate (plan, "max_rate_hz", "--max-rate", options->max_rate_hz, error) ||
      !add_headers (plan, options->headers, error) || !add_mix (plan, options->mix_path, error))
    return NULL;
  return g_steal_pointer (&node);
}
