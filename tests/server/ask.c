/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A request asked of the workloads through a connection without a socket. */
#include "ask.h"

#include "lds-task.h"

#include <jansson.h>

static void
never_cb (void *data)
{
}

static const LdsBreaker breaker = {never_cb, NULL};

static void
run_as_tasks (LdsExchange *exchange,
              const LdsServerWorkload *workload,
              LdsJobFunc run,
              unsigned n)
{
  LdsTask **tasks = g_new (LdsTask *, n);

  for (unsigned i = 0; i < n; i++)
    tasks[i] = lds_task_new (exchange, workload, run);
  for (unsigned i = 0; i < n; i++)
    {
      lds_task_run (tasks[i], &breaker);
      if (n == 1)
        lds_task_deliver (tasks[i], exchange);
      lds_task_free (tasks[i]);
    }
  g_free (tasks);
}

static void
operate (LdsConnection *connection,
         GString *operations,
         gboolean as_tasks)
{
  LdsExchange *exchange = &connection->exchange;
  const LdsServerWorkload *workload = connection->workload;

  if (operations->len > 0)
    g_string_append (operations, ", ");
  switch ((int)connection->operation)
    {
    case LDS_OPERATION_WAIT:
    case LDS_OPERATION_BLOCK:
      g_string_append_printf (operations, "%s %g ms",
                              connection->operation == LDS_OPERATION_WAIT ? "wait" : "block",
                              (double)exchange->wait_ns / 1e6);
      if (exchange->branches > 1)
        g_string_append_printf (operations, " x %u", exchange->branches);
      break;

    case LDS_OPERATION_CALL:
      g_string_append (operations, "call");
      if (exchange->branches > 1)
        g_string_append_printf (operations, " x %u", exchange->branches);
      if (as_tasks)
        run_as_tasks (exchange, workload, workload->call, exchange->branches);
      else
        lds_exchange_call (exchange, workload->call);
      break;

    case LDS_OPERATION_COMPUTE:
      g_string_append (operations, "compute");
      if (as_tasks)
        run_as_tasks (exchange, workload, workload->compute, 1);
      else
        lds_exchange_compute (exchange, workload, &breaker);
      break;

    default:
      g_assert_not_reached ();
    }
}

static void
receive (LdsConnection *connection,
         const char *bytes,
         gsize length)
{
  char scratch[8192];

  while (length > 0)
    {
      char *room;
      size_t room_bytes, n;

      g_assert_true (lds_connection_room (connection, scratch, sizeof scratch, &room, &room_bytes));
      n = MIN (room_bytes, length);
      memcpy (room, bytes, n);
      lds_connection_received (connection, room, n);
      g_assert_true (lds_connection_settle (connection));
      bytes += n;
      length -= n;
    }
}

static char *
dup_field (const char *head,
           const char *name)
{
  g_autofree char *begin = g_strconcat ("\r\n", name, ": ", NULL);
  const char *field = strstr (head, begin);

  if (field == NULL)
    return NULL;
  field += strlen (begin);
  return g_strndup (field, (gsize)(strchr (field, '\r') - field));
}

/* Joins the chunks that @all holds from @at on, to its very end. */
static void
take_chunks (LdsTestAnswer *answer,
             const GString *all,
             gsize at)
{
  GString *body = g_string_new (NULL);

  for (;;)
    {
      char *end;
      guint64 size = g_ascii_strtoull (all->str + at, &end, 16);

      g_assert_true (g_str_has_prefix (end, "\r\n"));
      at = (gsize)(end + 2 - all->str);
      g_assert_cmpuint (size, <=, all->len - at);
      g_string_append_len (body, all->str + at, (gssize)size);
      at += size;
      g_assert_true (g_str_has_prefix (all->str + at, "\r\n"));
      at += 2;
      if (size == 0)
        break;
    }
  g_assert_cmpuint (at, ==, all->len);
  answer->length = body->len;
  answer->body = g_string_free (body, FALSE);
}

static LdsTestAnswer *
parse (const GString *all,
       gboolean head_only)
{
  LdsTestAnswer *answer = g_new0 (LdsTestAnswer, 1);
  const char *end = g_strstr_len (all->str, (gssize)all->len, "\r\n\r\n");
  g_autofree char *length = NULL, *coding = NULL;
  gsize at;

  g_assert_nonnull (end);
  at = (gsize)(end + 4 - all->str);
  answer->head = g_strndup (all->str, at - 2);
  answer->status = atoi (answer->head + strlen ("HTTP/1.1 "));
  answer->type = dup_field (answer->head, "Content-Type");
  length = dup_field (answer->head, "Content-Length");
  coding = dup_field (answer->head, "Transfer-Encoding");
  if (coding != NULL && !head_only)
    {
      g_assert_cmpstr (coding, ==, "chunked");
      g_assert_null (length);
      take_chunks (answer, all, at);
      return answer;
    }
  answer->length = all->len - at;
  answer->body = g_memdup2 (all->str + at, answer->length + 1);
  if (head_only)
    g_assert_cmpuint (answer->length, ==, 0);
  else if (length != NULL)
    g_assert_cmpuint (answer->length, ==, g_ascii_strtoull (length, NULL, 10));
  return answer;
}

static LdsTestAnswer *
ask (const char *request,
     const char *type,
     const void *body,
     gsize length,
     gboolean as_tasks)
{
  LdsServer server = {.limits = LDS_HTTP_LIMITS_DEFAULT};
  LdsConnection connection;
  LdsBuffer out = {0};
  LdsConnectionNeed need;
  GString *operations = g_string_new (NULL);
  g_autoptr (GString) all = g_string_new (NULL), text = g_string_new (NULL);
  LdsTestAnswer *answer;

  server.limits.max_body_bytes = 128 << 20;
  lds_connection_init (&connection, &server);
  g_string_printf (text, "%s HTTP/1.1\r\nHost: a\r\n", request);
  if (type != NULL)
    g_string_append_printf (text, "Content-Type: %s\r\n", type);
  g_string_append_printf (text, "Content-Length: %zu\r\n\r\n", length);
  receive (&connection, text->str, text->len);
  receive (&connection, body, length);
  do
    {
      need = lds_connection_advance (&connection, &out);
      if (lds_buffer_size (&out) > 0)
        g_string_append_len (all, out.data + out.start, (gssize)lds_buffer_size (&out));
      lds_buffer_clear (&out);
      if (need == LDS_CONNECTION_OPERATE)
        operate (&connection, operations, as_tasks);
      g_assert_true (lds_connection_settle (&connection));
    }
  while (need == LDS_CONNECTION_OPERATE || need == LDS_CONNECTION_FLUSH);
  g_assert_cmpint (need, ==, LDS_CONNECTION_READ);
  g_assert_true (lds_connection_is_idle (&connection));
  lds_connection_clear (&connection);
  lds_buffer_free (&out);
  answer = parse (all, g_str_has_prefix (request, "HEAD "));
  answer->operations = g_string_free (operations, FALSE);
  return answer;
}

LdsTestAnswer *
lds_test_ask (const char *request,
              const char *type,
              const void *body,
              gsize length)
{
  LdsTestAnswer *answer = ask (request, type, body, length, FALSE);
  g_autoptr (LdsTestAnswer) other = ask (request, type, body, length, TRUE);

  g_test_message ("%s", request);
  g_assert_cmpint (answer->status, ==, other->status);
  g_assert_cmpmem (answer->body, answer->length, other->body, other->length);
  g_assert_cmpstr (answer->operations, ==, other->operations);
  return answer;
}

void
lds_test_answer_free (LdsTestAnswer *answer)
{
  g_free (answer->type);
  g_free (answer->head);
  g_free (answer->body);
  g_free (answer->operations);
  g_free (answer);
}

void
lds_test_expect (const char *request,
                 int status,
                 const char *body,
                 const char *operations)
{
  g_autoptr (LdsTestAnswer) answer = lds_test_ask (request, NULL, NULL, 0);
  json_error_t error;
  json_t *json = json_loadb (answer->body, answer->length, 0, &error);

  g_assert_cmpint (answer->status, ==, status);
  g_assert_cmpstr (answer->type, ==, "application/json");
  g_assert_cmpmem (answer->body, answer->length, body, strlen (body));
  g_assert_cmpstr (answer->operations, ==, operations);
  g_assert_nonnull (json);
  json_decref (json);
}

void
lds_test_refused (const char *request,
                  const char *body,
                  int status,
                  const char *words)
{
  g_autoptr (LdsTestAnswer) answer =
      lds_test_ask (request, NULL, body, body != NULL ? strlen (body) : 0);
  json_t *json = json_loadb (answer->body, answer->length, 0, NULL);
  const char *message = json_string_value (json_object_get (json, "error"));

  g_assert_cmpint (answer->status, ==, status);
  g_assert_nonnull (message);
  if (strstr (message, words) == NULL)
    g_error ("“%s” does not say “%s”", message, words);
  json_decref (json);
}
