/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One kind of request of a plan. */
#define G_LOG_DOMAIN "lds-load"

#include "config.h"
#include "lds-load-request.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "lds-error.h"
#include "lds-json.h"

/* A request larger than this is not a benchmark's. */
#define MAX_BODY_BYTES   (16u << 20)
#define MAX_METHOD_BYTES 32
#define MAX_WEIGHT       1e6

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
has_member_ignoring_case (JsonObject *object,
                          const char *name)
{
  g_autoptr (GList) members = object != NULL ? json_object_get_members (object) : NULL;

  for (GList *l = members; l != NULL; l = l->next)
    if (g_ascii_strcasecmp (l->data, name) == 0)
      return TRUE;
  return FALSE;
}

/* Adds the members of @headers to @fields, but for those that @others has. */
static gboolean
add_fields (GPtrArray *fields,
            JsonObject *headers,
            JsonObject *others,
            GError **error)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  if (headers == NULL)
    return TRUE;
  json_object_iter_init_ordered (&iter, headers);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    {
      const char *value;

      if (!is_token (name))
        return lds_error_refuse (error, _ ("“headers” has the name “%s”, which is no header name."), name);
      if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_STRING)
        return lds_error_refuse (error, _ ("“headers”: the value of “%s” must be text in quotes."), name);
      value = json_node_get_string (node);
      if (!is_field_value (value))
        return lds_error_refuse (error, _ ("“headers”: the value of “%s” holds a control character."), name);
      if (g_ascii_strcasecmp (name, "Content-Length") == 0 ||
          g_ascii_strcasecmp (name, "Transfer-Encoding") == 0)
        return lds_error_refuse (error, _ ("“headers” sets “%s”, which follows from the body: leave it out."), name);
      if (!has_member_ignoring_case (others, name))
        g_ptr_array_add (fields, g_strdup_printf ("%s: %s", name, value));
    }
  return TRUE;
}

static void
write_bytes (LdsLoadRequest *self,
             const LdsLoadTarget *target)
{
  GString *text = g_string_new (NULL);
  gboolean has_host = FALSE;

  for (char **field = self->fields; *field != NULL; field++)
    has_host |= g_ascii_strncasecmp (*field, "Host:", strlen ("Host:")) == 0;
  g_string_append_printf (text, "%s %s HTTP/1.1\r\n", self->method, self->path);
  if (!has_host)
    g_string_append_printf (text, "Host: %s\r\n", target->authority);
  for (char **field = self->fields; *field != NULL; field++)
    g_string_append_printf (text, "%s\r\n", *field);
  /* RFC 9110, section 8.6: what a method that defines a body has to say even when there is none. */
  if (self->body_size > 0 || strcmp (self->method, "POST") == 0 || strcmp (self->method, "PUT") == 0 ||
      strcmp (self->method, "PATCH") == 0)
    g_string_append_printf (text, "Content-Length: %" G_GSIZE_FORMAT "\r\n", self->body_size);
  g_string_append (text, "\r\n");
  g_string_append_len (text, self->body, (gssize)self->body_size);
  self->size = text->len;
  self->bytes = g_string_free (text, FALSE);
}

static gboolean
read_expectation (LdsLoadRequest *self,
                  JsonObject *object,
                  GError **error)
{
  g_autoptr (GError) local = NULL;
  JsonObject *expect = lds_json_get_object (object, "expect", &local);
  const char *text = NULL, *hash = NULL;

  if (expect != NULL)
    {
      self->expectation.any = lds_json_get_boolean (expect, "any", FALSE, &local);
      text = lds_json_get_string (expect, "text", NULL, &local);
      hash = lds_json_get_string (expect, "hash", NULL, &local);
      self->expectation.has_size = json_object_has_member (expect, "length");
      self->expectation.size =
          (guint64)lds_json_get_int_between (expect, "length", 0, 0, G_MAXINT64 / 2, &local);
    }
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (hash != NULL)
    {
      char *end = NULL;

      self->expectation.has_hash = TRUE;
      self->expectation.hash = g_ascii_strtoull (hash, &end, 16);
      if (strlen (hash) != 16 || *end != '\0' || !g_ascii_isxdigit (*hash))
        return lds_error_refuse (error, _ ("“expect”: “hash” must be 16 hexadecimal digits (FNV-1a)."));
    }
  if (self->expectation.any && (text != NULL || hash != NULL))
    return lds_error_refuse (error, _ ("“expect” cannot name “any” and a body as well."));
  if (text != NULL && !lds_load_expectation_set_text (&self->expectation, text, strlen (text)))
    return lds_error_refuse (error, _ ("“expect”: there is not enough memory for “text”."));
  return TRUE;
}

/* Reads the members that stand for themselves. */
static gboolean
read_members (LdsLoadRequest *self,
              JsonObject *object,
              const LdsLoadTarget *target,
              GError **error)
{
  g_autoptr (GError) local = NULL;

  self->method = g_strdup (lds_json_get_string (object, "method", "GET", &local));
  self->path = g_strdup (lds_json_get_string (object, "path", target->path, &local));
  self->body = g_strdup (lds_json_get_string (object, "body", "", &local));
  self->name = g_strdup (lds_json_get_string (object, "name", NULL, &local));
  self->weight = lds_json_get_double (object, "weight", 1, &local);
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (!is_token (self->method) || strlen (self->method) > MAX_METHOD_BYTES)
    return lds_error_refuse (error, _ ("“method” is “%s”, which is no HTTP method: use GET, POST …"), self->method);
  if (strcmp (self->method, "CONNECT") == 0)
    return lds_error_refuse (error, _ ("“method” is CONNECT, which cannot be measured: use GET, POST …"));
  if (!lds_load_target_is_path (self->path))
    return lds_error_refuse (error, _ ("“path” is “%s”: begin it with “/”, and write blanks and other characters than ASCII as %%XX."), self->path);
  if (self->weight <= 0 || self->weight > MAX_WEIGHT)
    return lds_error_refuse (error, _ ("“weight” is %g: give a number above 0, at most %g."), self->weight, MAX_WEIGHT);
  self->body_size = strlen (self->body);
  if (self->body_size > MAX_BODY_BYTES)
    return lds_error_refuse (error, _ ("“body” is larger than %u MiB."), MAX_BODY_BYTES >> 20);
  if (self->name == NULL)
    self->name = g_strdup_printf ("%s %s", self->method, self->path);
  return TRUE;
}

gboolean
lds_load_request_init (LdsLoadRequest *self,
                       JsonObject *object,
                       JsonObject *plan,
                       const LdsLoadTarget *target,
                       GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (GPtrArray) fields = g_ptr_array_new_with_free_func (g_free);
  JsonObject *own = lds_json_get_object (object, "headers", &local);
  JsonObject *general =
      plan != NULL && local == NULL ? lds_json_get_object (plan, "headers", &local) : NULL;

  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (!read_members (self, object, target, error) || !add_fields (fields, general, own, error) ||
      !add_fields (fields, own, NULL, error) || !read_expectation (self, object, error))
    return FALSE;
  g_ptr_array_add (fields, NULL);
  self->fields = (char **)g_ptr_array_free (g_steal_pointer (&fields), FALSE);
  self->is_head = strcmp (self->method, "HEAD") == 0;
  self->may_resend = strcmp (self->method, "POST") != 0 && strcmp (self->method, "PATCH") != 0;
  write_bytes (self, target);
  return TRUE;
}

void
lds_load_request_clear (LdsLoadRequest *self)
{
  g_free (self->name);
  g_free (self->method);
  g_free (self->path);
  g_strfreev (self->fields);
  g_free (self->body);
  g_free (self->bytes);
  lds_load_expectation_clear (&self->expectation);
}
