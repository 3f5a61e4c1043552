/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the options of “load” ask for, as a plan of the load generator. */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* As they were given; none and G_MININT where they were not, so that a plan from a file keeps its own. */
typedef struct
{
  char *plan_path;
  int connections;
  int threads;
  char *duration;
  int count;
  char *warm_up;
  double rate_hz;
  char *schedule;
  gboolean poisson;
  char *think;
  gboolean think_random;
  int pipeline;
  int requests_per_connection;
  char *timeout;
  char *method;
  char **headers;
  char *body;
  char *mix_path;
  char *expect;
  gint64 expect_length;
  char *expect_hash;
  gboolean any_body;
  char *engine;
  char *client;
  int idle;
  int slow_readers;
  int slow_senders;
  int askers;
  char *ask;
  char *stream;
  int payload_bytes;
  char **allowed_hosts;
  double max_rate_hz;
  char *max_duration;
  char *http_version;
  char *ca_path;
  char *certificate_path;
  char *key_path;
  char *proxy;
  gboolean insecure;
} LdsCliLoadOptions;

/** Makes @options those where nothing was given. */
void lds_cli_load_options_init (LdsCliLoadOptions *options);
void lds_cli_load_options_clear (LdsCliLoadOptions *options);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (LdsCliLoadOptions, lds_cli_load_options_clear)

/**
 * lds_cli_load_make_plan:
 * @url: (nullable): the address; %NULL takes that of the plan's file
 *
 * Returns: (transfer full): the plan, an object: that of the file, if one is named, with what the options
 *   say over it; or %NULL with LDS_ERROR_INPUT. What its members may be is for the load generator to say.
 */
JsonNode *
lds_cli_load_make_plan (const LdsCliLoadOptions *options, const char *url, GError **error);

G_END_DECLS
