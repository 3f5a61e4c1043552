/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The plan of one load run. */
#define G_LOG_DOMAIN "lds-load"

#include "config.h"
#include "lds-load-plan.h"

#include <arpa/inet.h>
#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <math.h>
#include <sched.h>
#include <string.h>

#include "lds-clock.h"
#include "lds-error.h"
#include "lds-json.h"
#include "lds-load-engine.h"

/* A request larger than this is not a benchmark's. */
#define MAX_BODY_BYTES (16u << 20)

static gboolean
set_error (GError **error,
           const char *format,
           ...) G_GNUC_PRINTF (2, 3);

static gboolean
set_error (GError **error,
           const char *format,
           ...)
{
  va_list args;

  if (error != NULL && *error == NULL)
    {
      va_start (args, format);
      *error = g_error_new_valist (LDS_ERROR, LDS_ERROR_INPUT, format, args);
      va_end (args);
    }
  return FALSE;
}

static gint64
get_int_between (JsonObject *object,
                 const char *member,
                 gint64 fallback,
                 gint64 min,
                 gint64 max,
                 GError **error)
{
  gint64 value = lds_json_get_int (object, member, fallback, error);

  if (value >= min && value <= max)
    return value;
  set_error (error,
             /* Translators: a member of a JSON object, its value, the smallest and largest allowed */
             _ ("“%s” is %" PRId64 ": give a whole number from %" PRId64
                " to %" PRId64 "."),
             member, value, min, max);
  return fallback; /* which the caller may reckon with before it looks at the error */
}

/* RFC 9110, section 5.6.2 */
static gboolean
is_token (const char *text)
{
  return *text != '\0' && text[strspn (text, "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
                                             "ABCDEFGHIJKLMNOPQRSTUVWXYZ")] == '\0';
}

static gboolean
is_field_value (const char *text)
{
  for (; *text != '\0'; text++)
    if (((guchar)*text < 0x20 && *text != '\t') || *text == 0x7f)
      return FALSE;
  return TRUE;
}

static gboolean
set_address (LdsLoadPlan *plan,
             const char *host,
             int port,
             GError **error)
{
  struct sockaddr_in *in = (struct sockaddr_in *)&plan->address;
  struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&plan->address;

  if (g_ascii_strcasecmp (host, "localhost") == 0)
    host = "127.0.0.1";
  if (inet_pton (AF_INET, host, &in->sin_addr) == 1 &&
      (ntohl (in->sin_addr.s_addr) >> 24) == IN_LOOPBACKNET)
    {
      in->sin_family = AF_INET;
      in->sin_port = htons ((guint16)port);
      plan->address_size = sizeof *in;
      return TRUE;
    }
  if (inet_pton (AF_INET6, host, &in6->sin6_addr) == 1 && IN6_IS_ADDR_LOOPBACK (&in6->sin6_addr))
    {
      in6->sin6_family = AF_INET6;
      in6->sin6_port = htons ((guint16)port);
      plan->address_size = sizeof *in6;
      return TRUE;
    }
  return set_error (error,
                    /* Translators: a host name */
                    _ ("“url” names the host “%s”, and Loadstone loads only this machine: use 127.0.0.1, [::1] or localhost."),
                    host);
}

/* Returns: (transfer full): the request target of @url, with the address set */
static char *
read_url (LdsLoadPlan *plan,
          GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (GUri) uri = NULL;
  const char *path;
  int port;

  for (const char *c = plan->url; *c != '\0'; c++)
    if ((guchar)*c <= 0x20 || (guchar)*c >= 0x7f)
      {
        set_error (error, _ ("“url” holds a blank or a character that is not ASCII: write it as %%XX."));
        return NULL;
      }
  uri = g_uri_parse (plan->url, G_URI_FLAGS_ENCODED, &local);
  if (uri == NULL)
    {
      set_error (error,
                 /* Translators: an address, then the reason */
                 _ ("“url” is “%s”, which is no address (%s): write http://127.0.0.1:PORT/PATH."),
                 plan->url, local->message);
      return NULL;
    }
  if (g_strcmp0 (g_uri_get_scheme (uri), "http") != 0)
    {
      set_error (error, _ ("“url” begins with “%s:”: only http:// is supported."),
                 g_uri_get_scheme (uri));
      return NULL;
    }
  if (g_uri_get_host (uri) == NULL || *g_uri_get_host (uri) == '\0' ||
      g_uri_get_userinfo (uri) != NULL)
    {
      set_error (error, _ ("“url” is “%s”: write http://127.0.0.1:PORT/PATH, without a user name."),
                 plan->url);
      return NULL;
    }
  port = g_uri_get_port (uri);
  if (port == 0 || port > 65535)
    {
      set_error (error, _ ("“url” names the port %d: give one from 1 to 65535."), port);
      return NULL;
    }
  if (!set_address (plan, g_uri_get_host (uri), port > 0 ? port : 80, error))
    return NULL;
  path = g_uri_get_path (uri);
  return g_strconcat (*path != '\0' ? path : "/", g_uri_get_query (uri) != NULL ? "?" : NULL,
                      g_uri_get_query (uri), NULL);
}

/* What Host says: the authority of the address as written. */
static char *
dup_authority (const char *url)
{
  const char *from = url + strlen ("http://");

  return g_strndup (from, strcspn (from, "/?#"));
}

static gboolean
add_headers (GString *head,
             JsonObject *headers,
             gboolean *has_host,
             GError **error)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  if (headers == NULL)
    return TRUE;
  json_object_iter_init (&iter, headers);
  while (json_object_iter_next (&iter, &name, &node))
    {
      const char *value;

      if (!is_token (name))
        return set_error (error, _ ("“headers” has the name “%s”, which is no header name."), name);
      if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_STRING)
        return set_error (error, _ ("“headers”: the value of “%s” must be text in quotes."), name);
      value = json_node_get_string (node);
      if (!is_field_value (value))
        return set_error (error, _ ("“headers”: the value of “%s” holds a control character."), name);
      if (g_ascii_strcasecmp (name, "Content-Length") == 0 ||
          g_ascii_strcasecmp (name, "Transfer-Encoding") == 0)
        return set_error (error, _ ("“headers” sets “%s”, which follows from the body: leave it out."), name);
      if (g_ascii_strcasecmp (name, "Host") == 0)
        *has_host = TRUE;
      g_string_append_printf (head, "%s: %s\r\n", name, value);
    }
  return TRUE;
}

static gboolean
read_request (LdsLoadPlan *plan,
              JsonObject *object,
              GError **error)
{
  const char *method = lds_json_get_string (object, "method", "GET", error);
  const char *body = lds_json_get_string (object, "body", "", error);
  JsonObject *headers = lds_json_get_object (object, "headers", error);
  g_autofree char *target = NULL, *authority = NULL;
  g_autoptr (GString) head = g_string_new (NULL), fields = g_string_new (NULL);
  gboolean has_host = FALSE;
  gsize body_size;

  if (error != NULL && *error != NULL)
    return FALSE;
  if (!is_token (method) || strlen (method) > 32)
    return set_error (error, _ ("“method” is “%s”, which is no HTTP method: use GET, POST …"), method);
  if (strcmp (method, "CONNECT") == 0)
    return set_error (error, _ ("“method” is CONNECT, which cannot be measured: use GET, POST …"));
  body_size = strlen (body);
  if (body_size > MAX_BODY_BYTES)
    return set_error (error, _ ("“body” is larger than %u MiB."), MAX_BODY_BYTES >> 20);
  target = read_url (plan, error);
  if (target == NULL || !add_headers (fields, headers, &has_host, error))
    return FALSE;
  authority = dup_authority (plan->url);
  g_string_append_printf (head, "%s %s HTTP/1.1\r\n", method, target);
  if (!has_host)
    g_string_append_printf (head, "Host: %s\r\n", authority);
  g_string_append_len (head, fields->str, (gssize)fields->len);
  if (body_size > 0 || strcmp (method, "POST") == 0 || strcmp (method, "PUT") == 0 ||
      strcmp (method, "PATCH") == 0)
    g_string_append_printf (head, "Content-Length: %" G_GSIZE_FORMAT "\r\n", body_size);
  g_string_append (head, "\r\n");
  g_string_append (head, body);
  plan->request_size = head->len;
  plan->request = g_string_free (g_steal_pointer (&head), FALSE);
  plan->is_head = strcmp (method, "HEAD") == 0;
  plan->may_resend = strcmp (method, "POST") != 0 && strcmp (method, "PATCH") != 0;
  return TRUE;
}

static gboolean
read_expectation (LdsLoadPlan *plan,
                  JsonObject *object,
                  GError **error)
{
  JsonObject *expect = lds_json_get_object (object, "expect", error);
  const char *text, *hash;

  if (expect == NULL)
    return error == NULL || *error == NULL;
  plan->expectation.any = lds_json_get_boolean (expect, "any", FALSE, error);
  text = lds_json_get_string (expect, "text", NULL, error);
  hash = lds_json_get_string (expect, "hash", NULL, error);
  if (json_object_has_member (expect, "length"))
    {
      plan->expectation.has_size = TRUE;
      plan->expectation.size =
          (guint64)get_int_between (expect, "length", 0, 0, G_MAXINT64 / 2, error);
    }
  if (hash != NULL)
    {
      char *end = NULL;

      plan->expectation.has_hash = TRUE;
      plan->expectation.hash = g_ascii_strtoull (hash, &end, 16);
      if (strlen (hash) != 16 || *end != '\0' || !g_ascii_isxdigit (*hash))
        return set_error (error, _ ("“expect”: “hash” must be 16 hexadecimal digits (FNV-1a)."));
    }
  if (error != NULL && *error != NULL)
    return FALSE;
  if (plan->expectation.any && (text != NULL || hash != NULL))
    return set_error (error, _ ("“expect” cannot name “any” and a body as well."));
  if (text != NULL && !lds_load_expectation_set_text (&plan->expectation, text, strlen (text)))
    return set_error (error, _ ("“expect”: there is not enough memory for “text”."));
  return TRUE;
}

static gboolean
read_cpus (LdsLoadPlan *plan,
           JsonObject *object,
           GError **error)
{
  JsonArray *array = lds_json_get_array (object, "cpus", error);
  cpu_set_t allowed;

  if (array == NULL)
    return error == NULL || *error == NULL;
  CPU_ZERO (&allowed);
  sched_getaffinity (0, sizeof allowed, &allowed);
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonNode *node = json_array_get_element (array, i);
      gint64 cpu = JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_INT64
                       ? json_node_get_int (node)
                       : -1;
      int value = (int)cpu;

      if (cpu < 0 || cpu >= CPU_SETSIZE || !CPU_ISSET ((size_t)cpu, &allowed))
        return set_error (error, _ ("“cpus” must list numbers of CPUs that this program may run on: number %u of the list is not."), i + 1);
      g_array_append_val (plan->cpus, value);
    }
  return TRUE;
}

static gboolean
read_figures (LdsLoadPlan *plan,
              JsonObject *object,
              GError **error)
{
  const char *arrivals = lds_json_get_string (object, "arrivals", "constant", error);
  const char *engine = lds_json_get_string (object, "engine", "auto", error);

  plan->connections = (guint)get_int_between (object, "connections", 64, 1, LDS_LOAD_MAX_CONNECTIONS, error);
  plan->threads = (guint)get_int_between (object, "threads", 1, 1, LDS_LOAD_MAX_THREADS, error);
  plan->seed = (guint64)get_int_between (object, "seed", 1, 0, G_MAXINT64, error);
  plan->duration_ns =
      LDS_NS_PER_MS * get_int_between (object, "duration_ms", 5000, 1, LDS_LOAD_MAX_DURATION_MS, error);
  plan->warm_up_ns =
      LDS_NS_PER_MS * get_int_between (object, "warm_up_ms", 1000, 0, LDS_LOAD_MAX_DURATION_MS, error);
  plan->timeout_ns =
      LDS_NS_PER_MS * get_int_between (object, "timeout_ms", 2000, 1, LDS_LOAD_MAX_TIMEOUT_MS, error);
  plan->frame_interval_ns =
      LDS_NS_PER_MS * get_int_between (object, "frame_interval_ms", 100, 10, 60000, error);
  plan->rate_hz = lds_json_get_double (object, "rate_hz", 0, error);
  if (error != NULL && *error != NULL)
    return FALSE;
  if (!isfinite (plan->rate_hz) || plan->rate_hz < 0 || plan->rate_hz > LDS_LOAD_MAX_RATE_HZ ||
      (plan->rate_hz > 0 && plan->rate_hz < 1e-3))
    return set_error (error, _ ("“rate_hz” is %g: give 0 for a closed loop, or a rate from 0.001 to %.0f requests a second."),
                      plan->rate_hz, LDS_LOAD_MAX_RATE_HZ);
  if (plan->threads > plan->connections)
    return set_error (error, _ ("“threads” is %u, but “connections” is only %u: every thread needs a connection."),
                      plan->threads, plan->connections);
  if (strcmp (arrivals, "constant") != 0 && strcmp (arrivals, "poisson") != 0)
    return set_error (error, _ ("“arrivals” is “%s”: use “constant” or “poisson”."), arrivals);
  plan->arrivals = *arrivals == 'p' ? LDS_ARRIVALS_POISSON : LDS_ARRIVALS_CONSTANT;
  if (lds_load_engine_find (engine) == NULL)
    return set_error (error, _ ("“engine” is “%s”: use “auto” or “epoll”."), engine);
  plan->engine = g_strdup (engine);
  return TRUE;
}

LdsLoadPlan *
lds_load_plan_from_json (JsonObject *object,
                         GError **error)
{
  g_autoptr (LdsLoadPlan) plan = g_new0 (LdsLoadPlan, 1);
  g_autoptr (GError) local = NULL;
  const char *url = lds_json_get_string (object, "url", NULL, &local);

  plan->cpus = g_array_new (FALSE, FALSE, sizeof (int));
  plan->url = g_strdup (url);
  if (url == NULL)
    set_error (&local, _ ("“url” is missing: name the server, http://127.0.0.1:PORT/PATH."));
  if (local != NULL || !read_figures (plan, object, &local) ||
      !read_request (plan, object, &local) || !read_expectation (plan, object, &local) ||
      !read_cpus (plan, object, &local))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  return g_steal_pointer (&plan);
}

void
lds_load_plan_free (LdsLoadPlan *plan)
{
  if (plan == NULL)
    return;
  g_free (plan->url);
  g_free (plan->request);
  g_free (plan->engine);
  g_array_unref (plan->cpus);
  lds_load_expectation_clear (&plan->expectation);
  g_free (plan);
}
