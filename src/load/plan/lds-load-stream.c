/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a plan says of connections that stay open. */
#define G_LOG_DOMAIN "lds-load"

#include "config.h"
#include "lds-load-stream.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "lds-error.h"
#include "lds-json.h"

/* Every connection keeps the message that it sent last. */
#define MAX_KEPT_BYTES (1u << 30)

static const char *const mode_names[] = {
    [LDS_LOAD_STREAM_NONE] = "none",
    [LDS_LOAD_STREAM_ECHO] = "echo",
    [LDS_LOAD_STREAM_BROADCAST] = "broadcast",
    [LDS_LOAD_STREAM_LISTEN] = "listen",
};

const char *
lds_load_stream_mode_name (LdsLoadStreamMode mode)
{
  return mode_names[mode];
}

/* Figures are in range already. A member that says what holds anyway does no harm. */
static gboolean
check_plan (JsonObject *plan,
            const LdsLoadRequest *request,
            GError **error)
{
  const char *wrong = NULL;

  if (json_object_has_member (plan, "mix"))
    wrong = "mix";
  else if (lds_json_get_int (plan, "pipeline", 1, error) > 1)
    wrong = "pipeline";
  else if (lds_json_get_int (plan, "requests_per_connection", 0, error) > 0)
    wrong = "requests_per_connection";
  else if (strcmp (request->method, "GET") != 0)
    wrong = "method";
  else if (request->body_size > 0)
    wrong = "body";
  else if (json_object_has_member (plan, "expect"))
    wrong = "expect";
  else if (strcmp (lds_json_get_string (plan, "client", "auto", error), "auto") != 0)
    wrong = "client";
  else if (strcmp (lds_json_get_string (plan, "http_version", "1.1", error), "1.1") != 0)
    wrong = "http_version";
  else if (json_object_has_member (plan, "proxy"))
    wrong = "proxy";
  if (wrong == NULL)
    return TRUE;
  return lds_error_refuse (error, _ ("“%s” does not go with a WebSocket or a stream of events: leave it out."), wrong);
}

static gboolean
check_listening (JsonObject *plan,
                 JsonObject *stream,
                 const LdsLoadTarget *target,
                 GError **error)
{
  const char *wrong = NULL;

  if (json_object_has_member (plan, "schedule"))
    wrong = "schedule";
  else if (lds_json_get_double (plan, "rate_hz", 0, error) > 0)
    wrong = "rate_hz";
  else if (lds_json_get_int (plan, "count", 0, error) > 0)
    wrong = "count";
  else if (lds_json_get_int (plan, "think_time_ms", 0, error) > 0)
    wrong = "think_time_ms";
  else if (stream != NULL && json_object_has_member (stream, "payload_bytes"))
    wrong = "payload_bytes";
  if (wrong != NULL)
    return lds_error_refuse (error, _ ("“%s” does not go with “listen”, which sends nothing: leave it out."), wrong);
  if (!target->is_loopback)
    return lds_error_refuse (error, _ ("“%s” is not this machine, whose clock the times in what is listened to must be of: listen to a server here."),
                             target->host);
  return TRUE;
}

static gboolean
read_mode (LdsLoadStream *self,
           JsonObject *stream,
           gboolean is_websocket,
           GError **error)
{
  const char *mode = is_websocket ? "echo" : "listen";

  if (stream != NULL)
    mode = lds_json_get_string (stream, "mode", mode, error);
  if (*error != NULL)
    return FALSE;
  for (guint i = LDS_LOAD_STREAM_ECHO; i < G_N_ELEMENTS (mode_names); i++)
    if (strcmp (mode, mode_names[i]) == 0)
      self->mode = i;
  if (self->mode == LDS_LOAD_STREAM_NONE)
    return lds_error_refuse (error, _ ("“stream”: “mode” is “%s”: use “echo”, “broadcast” or “listen”."), mode);
  if (!is_websocket && self->mode != LDS_LOAD_STREAM_LISTEN)
    return lds_error_refuse (error, _ ("“stream”: “%s” needs a WebSocket: begin “url” with ws:, or use “listen”."), mode);
  return TRUE;
}

static gboolean
read_payload (LdsLoadStream *self,
              JsonObject *plan,
              JsonObject *stream,
              GError **error)
{
  gint64 connections = lds_json_get_int (plan, "connections", 64, error);

  self->payload_bytes = LDS_LOAD_MIN_PAYLOAD_BYTES;
  if (stream != NULL)
    self->payload_bytes = (guint)lds_json_get_int_between (stream, "payload_bytes", LDS_LOAD_MIN_PAYLOAD_BYTES,
                                                           LDS_LOAD_MIN_PAYLOAD_BYTES,
                                                           LDS_LOAD_MAX_PAYLOAD_BYTES, error);
  if (*error != NULL)
    return FALSE;
  if (self->payload_bytes * connections > MAX_KEPT_BYTES)
    return lds_error_refuse (error, _ ("“payload_bytes” times “connections” is more than %u MiB, which this program would have to keep: lower one of them."),
                             MAX_KEPT_BYTES >> 20);
  return TRUE;
}

static gboolean
is_field (const char *line,
          const char *name)
{
  return g_ascii_strncasecmp (line, name, strlen (name)) == 0;
}

/* The plan's header lines go into the handshake, but for those that it consists of. */
static gboolean
read_handshake_fields (LdsLoadStream *self,
                       const LdsLoadTarget *target,
                       const LdsLoadRequest *request,
                       GError **error)
{
  static const char *const own[] = {"Connection:", "Upgrade:", "Sec-WebSocket-"};
  GString *fields = g_string_new (NULL);

  self->host = g_strdup (target->authority);
  for (char **line = request->fields; *line != NULL; line++)
    {
      for (guint i = 0; i < G_N_ELEMENTS (own); i++)
        if (is_field (*line, own[i]))
          {
            g_string_free (fields, TRUE);
            return lds_error_refuse (error, _ ("“headers” sets “%.*s”, which belongs to the handshake: leave it out."),
                                     (int)strcspn (*line, ":"), *line);
          }
      if (!is_field (*line, "Host:"))
        g_string_append_printf (fields, "%s\r\n", *line);
      else
        {
          g_free (self->host);
          self->host = g_strdup (*line + strlen ("Host: "));
        }
    }
  self->fields = g_string_free (fields, FALSE);
  return TRUE;
}

/* The plan's request, which asks for events where it does not say what it wants. */
static void
write_request (LdsLoadStream *self,
               const LdsLoadRequest *request)
{
  gboolean says_what = FALSE;

  for (char **line = request->fields; *line != NULL; line++)
    says_what |= is_field (*line, "Accept:");
  self->request = g_strdup_printf ("%.*s%s\r\n", (int)(request->size - strlen ("\r\n")), request->bytes,
                                   says_what ? "" : "Accept: text/event-stream\r\n");
  self->request_size = strlen (self->request);
}

gboolean
lds_load_stream_init_from_json (LdsLoadStream *self,
                                JsonObject *plan,
                                const LdsLoadTarget *target,
                                const LdsLoadRequest *request,
                                GError **error)
{
  g_autoptr (GError) local = NULL;
  JsonObject *stream = lds_json_get_object (plan, "stream", &local);

  if (local == NULL && stream == NULL && !target->is_websocket)
    return TRUE;
  if (local == NULL && target->is_tls)
    lds_error_refuse (&local, _ ("“url” begins with “%s:”: streams are measured without TLS, so begin it with “%s:”."),
                      target->scheme, target->is_websocket ? "ws" : "http");
  if (local == NULL && check_plan (plan, request, &local) &&
      read_mode (self, stream, target->is_websocket, &local) &&
      (self->mode == LDS_LOAD_STREAM_LISTEN ? check_listening (plan, stream, target, &local)
                                            : read_payload (self, plan, stream, &local)))
    {
      if (!target->is_websocket)
        write_request (self, request);
      else
        read_handshake_fields (self, target, request, &local);
    }
  if (local == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

void
lds_load_stream_clear (LdsLoadStream *self)
{
  g_free (self->host);
  g_free (self->fields);
  g_free (self->request);
}
