/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Background connections: what a plan asks for, and what became of them. */
#define G_LOG_DOMAIN "lds-load"

#include "config.h"
#include "lds-load-background.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <math.h>

#include "lds-error.h"
#include "lds-json.h"

static const char *const kind_names[LDS_LOAD_BACKGROUND_N_KINDS] = {
    [LDS_LOAD_BACKGROUND_IDLE] = "idle",
    [LDS_LOAD_BACKGROUND_SLOW_READER] = "slow_readers",
    [LDS_LOAD_BACKGROUND_SLOW_SENDER] = "slow_senders",
    [LDS_LOAD_BACKGROUND_ASKER] = "askers",
};

static gint64
get_int_between (JsonObject *background,
                 const char *member,
                 gint64 fallback,
                 gint64 min,
                 gint64 max,
                 GError **error)
{
  gint64 value = lds_json_get_int (background, member, fallback, error);

  if (value >= min && value <= max)
    return value;
  if (*error == NULL)
    g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                 /* Translators: a member of the JSON object “background”, its value, the smallest and largest allowed */
                 _ ("“background”: “%s” is %" PRId64 ": give a whole number from %" PRId64
                    " to %" PRId64 "."),
                 member, value, min, max);
  return fallback;
}

static void
read_options (JsonObject *background,
              LdsLoadBackgroundOptions *options,
              GError **error)
{
  for (int i = 0; i < LDS_LOAD_BACKGROUND_N_KINDS; i++)
    options->n_connections[i] = (guint)get_int_between (
        background, kind_names[i], 0, 0, LDS_LOAD_BACKGROUND_MAX_CONNECTIONS, error);
  options->read_bytes_per_s = get_int_between (
      background, "read_bytes_per_s", 1000, 1, LDS_LOAD_BACKGROUND_MAX_BYTES_PER_S, error);
  options->send_bytes_per_s = get_int_between (
      background, "send_bytes_per_s", 10, 1, LDS_LOAD_BACKGROUND_MAX_BYTES_PER_S, error);
  options->ask_interval_ms = get_int_between (background, "ask_interval_ms", 0, 0,
                                              LDS_LOAD_BACKGROUND_MAX_INTERVAL_MS, error);
  options->connect_rate_hz = lds_json_get_double (background, "connect_rate_hz", 0, error);
  if (*error != NULL)
    return;
  if (!isfinite (options->connect_rate_hz) || options->connect_rate_hz < 0 ||
      options->connect_rate_hz > LDS_LOAD_BACKGROUND_MAX_CONNECT_HZ ||
      (options->connect_rate_hz > 0 && options->connect_rate_hz < 1e-3))
    g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                 _ ("“background”: “connect_rate_hz” is %g: give 0 for no limit, or a rate from 0.001 to %.0f connections a second."),
                 options->connect_rate_hz, LDS_LOAD_BACKGROUND_MAX_CONNECT_HZ);
  else if (lds_load_background_options_count (options) > LDS_LOAD_BACKGROUND_MAX_CONNECTIONS)
    g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                 _ ("“background” asks for %u connections, of all kinds together: use at most %d."),
                 lds_load_background_options_count (options), LDS_LOAD_BACKGROUND_MAX_CONNECTIONS);
}

gboolean
lds_load_background_options_from_json (JsonObject *plan,
                                       LdsLoadBackgroundOptions *options,
                                       GError **error)
{
  GError *local = NULL;
  JsonObject *background;

  g_return_val_if_fail (plan != NULL && options != NULL, FALSE);
  *options = (LdsLoadBackgroundOptions){0};
  background = lds_json_get_object (plan, "background", &local);
  if (background != NULL)
    read_options (background, options, &local);
  if (local == NULL)
    return TRUE;
  g_propagate_error (error, local);
  return FALSE;
}

guint
lds_load_background_options_count (const LdsLoadBackgroundOptions *options)
{
  guint n = 0;

  for (int i = 0; i < LDS_LOAD_BACKGROUND_N_KINDS; i++)
    n += options->n_connections[i];
  return n;
}

static void
add_count (JsonBuilder *builder,
           const LdsLoadBackgroundCount *count)
{
  json_builder_begin_object (builder);
  lds_json_add_int (builder, "asked", (gint64)count->asked);
  lds_json_add_int (builder, "opened", (gint64)count->opened);
  lds_json_add_int (builder, "open_at_end", (gint64)count->open_at_end);
  lds_json_add_int (builder, "closed_by_server", (gint64)count->closed_by_server);
  lds_json_add_int (builder, "refused", (gint64)count->refused);
  lds_json_add_string (builder, "refused_reason",
                       count->refused_errno != 0 ? g_strerror (count->refused_errno) : NULL);
  lds_json_add_int (builder, "abandoned", (gint64)count->abandoned);
  lds_json_add_int (builder, "answers", (gint64)count->answers);
  lds_json_add_int (builder, "non_2xx", (gint64)count->non_2xx);
  lds_json_add_int (builder, "malformed", (gint64)count->malformed);
  lds_json_add_int (builder, "cut_off", (gint64)count->cut_off);
  lds_json_add_int (builder, "bytes_received", (gint64)count->bytes_received);
  lds_json_add_int (builder, "bytes_sent", (gint64)count->bytes_sent);
  json_builder_end_object (builder);
}

JsonNode *
lds_load_background_figures_to_json (const LdsLoadBackgroundFigures *figures)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  for (int i = 0; i < LDS_LOAD_BACKGROUND_N_KINDS; i++)
    {
      json_builder_set_member_name (builder, kind_names[i]);
      add_count (builder, &figures->kinds[i]);
    }
  lds_json_add_int (builder, "cpu_ns", figures->cpu_ns);
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}
