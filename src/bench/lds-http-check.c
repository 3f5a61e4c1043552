/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One real request, to see that a server does what it will be measured at. */
#define G_LOG_DOMAIN "lds-bench"

#include "config.h"
#include "lds-http-check.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "lds-error.h"

#define MAX_RESPONSE_BYTES (1u << 20)
#define CHUNK_BYTES        16384

/* HTTP's status for a WebSocket's handshake. Source: RFC 6455, section 4.2.2. */
#define SWITCHING_PROTOCOLS 101

typedef struct
{
  char *request;
  GSocketConnection *connection;
  GByteArray *response;
  guint8 chunk[CHUNK_BYTES];
  guint status;

  GCancellable *inner;  /* cancelled by time-out and by the caller */
  GCancellable *caller; /* (nullable) */
  gulong caller_id;
  GSource *timeout;
  gboolean timed_out;
} Check;

static void
check_free (gpointer data)
{
  Check *check = data;

  g_free (check->request);
  g_clear_object (&check->connection);
  g_byte_array_unref (check->response);
  g_clear_object (&check->inner);
  g_clear_object (&check->caller);
  g_free (check);
}

/* Returns the value of header @name in the header lines of @head, or NULL. */
static char *
find_header (const char *head,
             const char *name)
{
  g_auto (GStrv) lines = g_strsplit (head, "\r\n", -1);
  gsize length = strlen (name);

  for (guint i = 1; lines[0] != NULL && lines[i] != NULL; i++)
    if (g_ascii_strncasecmp (lines[i], name, length) == 0 && lines[i][length] == ':')
      return g_strstrip (g_strdup (lines[i] + length + 1));
  return NULL;
}

int
lds_http_check_parse (const char *data,
                      gsize size,
                      gboolean ended,
                      guint *status,
                      GBytes **body)
{
  const char *end = g_strstr_len (data, (gssize)size, "\r\n\r\n");
  g_autofree char *head = NULL, *length_text = NULL, *type_text = NULL;
  gsize head_size;
  guint64 length;

  if (end == NULL)
    return ended ? -1 : 0;
  head_size = (gsize)(end - data) + 4;
  head = g_strndup (data, head_size);
  if (strlen (head) != head_size || !g_str_has_prefix (head, "HTTP/1.") ||
      !g_ascii_isdigit (head[7]) || head[8] != ' ' || !g_ascii_isdigit (head[9]) ||
      !g_ascii_isdigit (head[10]) || !g_ascii_isdigit (head[11]))
    return -1;
  *status = (guint)g_ascii_strtoull (head + 9, NULL, 10);
  length_text = find_header (head, "Content-Length");
  if (length_text != NULL)
    {
      if (!g_ascii_string_to_unsigned (length_text, 10, 0, MAX_RESPONSE_BYTES, &length, NULL))
        return -1;
      if (size - head_size < length)
        return ended ? -1 : 0;
      *body = g_bytes_new (data + head_size, (gsize)length);
      return 1;
    }
  /* A stream has no end to wait for: its head is the answer. */
  type_text = find_header (head, "Content-Type");
  if (!ended && *status != SWITCHING_PROTOCOLS &&
      (type_text == NULL || !g_str_has_prefix (type_text, "text/event-stream")))
    return 0;
  *body = g_bytes_new (data + head_size, size - head_size);
  return 1;
}

/* Ends the task: with @body, or with @error, or with the time-out that caused @error. */
static void
finish (GTask *task,
        GBytes *body,
        GError *error)
{
  Check *check = g_task_get_task_data (task);

  g_source_destroy (check->timeout);
  g_clear_pointer (&check->timeout, g_source_unref);
  if (check->caller != NULL)
    g_cancellable_disconnect (check->caller, check->caller_id);
  if (body != NULL)
    g_task_return_pointer (task, body, (GDestroyNotify)g_bytes_unref);
  else if (check->timed_out)
    g_task_return_new_error (task, LDS_ERROR, LDS_ERROR_FAILED, _ ("no answer came in time"));
  else if (error != NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_task_return_new_error (task, LDS_ERROR, LDS_ERROR_FAILED, "%s", error->message);
  else if (error != NULL)
    g_task_return_error (task, g_error_copy (error));
  else
    g_task_return_new_error (task, LDS_ERROR, LDS_ERROR_FAILED,
                             _ ("the answer was not HTTP, or incomplete"));
  g_clear_error (&error);
  g_object_unref (task);
}

static void
read_cb (GObject *source,
         GAsyncResult *result,
         gpointer user_data)
{
  GTask *task = user_data;
  Check *check = g_task_get_task_data (task);
  GError *error = NULL;
  GBytes *body = NULL;
  gssize n = g_input_stream_read_finish (G_INPUT_STREAM (source), result, &error);
  int state;

  if (n < 0)
    {
      finish (task, NULL, error);
      return;
    }
  g_byte_array_append (check->response, check->chunk, (guint)n);
  state = lds_http_check_parse ((const char *)check->response->data, check->response->len, n == 0,
                                &check->status, &body);
  if (state == 0 && check->response->len <= MAX_RESPONSE_BYTES)
    g_input_stream_read_async (G_INPUT_STREAM (source), check->chunk, CHUNK_BYTES,
                               G_PRIORITY_DEFAULT, check->inner, read_cb, task);
  else
    finish (task, body, NULL);
}

static void
write_cb (GObject *source,
          GAsyncResult *result,
          gpointer user_data)
{
  GTask *task = user_data;
  Check *check = g_task_get_task_data (task);
  GError *error = NULL;

  if (!g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, &error))
    {
      finish (task, NULL, error);
      return;
    }
  g_input_stream_read_async (g_io_stream_get_input_stream (G_IO_STREAM (check->connection)),
                             check->chunk, CHUNK_BYTES, G_PRIORITY_DEFAULT, check->inner, read_cb,
                             task);
}

static void
connect_cb (GObject *source,
            GAsyncResult *result,
            gpointer user_data)
{
  GTask *task = user_data;
  Check *check = g_task_get_task_data (task);
  GError *error = NULL;

  check->connection = g_socket_client_connect_finish (G_SOCKET_CLIENT (source), result, &error);
  if (check->connection == NULL)
    {
      finish (task, NULL, error);
      return;
    }
  g_output_stream_write_all_async (g_io_stream_get_output_stream (G_IO_STREAM (check->connection)),
                                   check->request, strlen (check->request), G_PRIORITY_DEFAULT,
                                   check->inner, write_cb, task);
}

static gboolean
timeout_cb (gpointer user_data)
{
  Check *check = g_task_get_task_data (user_data);

  check->timed_out = TRUE;
  g_cancellable_cancel (check->inner);
  return G_SOURCE_CONTINUE; /* removed when the task ends */
}

static void
cancelled_cb (GCancellable *cancellable,
              gpointer user_data)
{
  g_cancellable_cancel (user_data);
}

void
lds_http_check_async (const LdsAddress *address,
                      const char *method,
                      const char *path,
                      const char *type,
                      const char *body,
                      const char *fields,
                      guint timeout_ms,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketConnectable) server = NULL;
  g_autofree char *entity = NULL;
  const char *host;
  GTask *task;
  Check *check;

  g_return_if_fail (address != NULL && method != NULL && path != NULL && body != NULL &&
                    fields != NULL);
  g_return_if_fail (timeout_ms > 0);

  host = address->host;
  task = g_task_new (NULL, cancellable, callback, user_data);
  check = g_new0 (Check, 1);
  g_task_set_source_tag (task, lds_http_check_async);
  g_task_set_check_cancellable (task, FALSE); /* finish() decides */
  g_task_set_task_data (task, check, check_free);
  if (*body != '\0')
    entity = g_strdup_printf ("Content-Type: %s\r\nContent-Length: %zu\r\n",
                              type != NULL ? type : "application/octet-stream", strlen (body));
  check->request = g_strdup_printf ("%s %s%s HTTP/1.1\r\nHost: %s\r\n%s"
                                    "%s\r\n%s",
                                    method, address->path, path, address->authority,
                                    entity != NULL ? entity : "", fields, body);
  check->response = g_byte_array_new ();
  check->inner = g_cancellable_new ();
  check->timeout = g_timeout_source_new (timeout_ms);
  g_source_set_callback (check->timeout, timeout_cb, task, NULL);
  g_source_attach (check->timeout, g_task_get_context (task));
  if (cancellable != NULL)
    {
      check->caller = g_object_ref (cancellable);
      check->caller_id = g_cancellable_connect (cancellable, G_CALLBACK (cancelled_cb),
                                                g_object_ref (check->inner), g_object_unref);
    }
  g_socket_client_set_enable_proxy (client, FALSE);
  /* As for loadstone-load, "localhost" is 127.0.0.1 whatever the system says. */
  if (g_ascii_strcasecmp (host, "localhost") == 0)
    host = "127.0.0.1";
  server = g_network_address_new (host, address->port);
  g_socket_client_connect_async (client, server, check->inner, connect_cb, task);
}

GBytes *
lds_http_check_finish (GAsyncResult *result,
                       guint *status,
                       GError **error)
{
  Check *check;

  g_return_val_if_fail (g_task_is_valid (result, NULL) && status != NULL, NULL);

  check = g_task_get_task_data (G_TASK (result));
  *status = check->status;
  return g_task_propagate_pointer (G_TASK (result), error);
}
