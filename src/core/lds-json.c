/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON in and out. */
#define G_LOG_DOMAIN "lds-json"

#include "config.h"
#include "lds-json.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <math.h>

#include "lds-error.h"
#include "lds-file.h"

/* Deep nesting would exhaust the stack of json-glib's recursive reader. */
#define MAX_DEPTH 64

typedef enum
{
  SHAPE_GOOD,
  SHAPE_TOO_DEEP,
  SHAPE_FOREIGN, /* comments and quotes that json-glib knows and JSON does not */
} Shape;

/* Looks at @text before json-glib does. What JSON does not know is refused here, for a comment or a
 * quote that only one of the two readers sees would hide how deep the text is nested. */
static Shape
find_shape (const char *text,
            gsize length,
            guint *line)
{
  guint depth = 0;
  gboolean in_string = FALSE;

  *line = 1;
  for (gsize i = 0; i < length; i++)
    {
      if (text[i] == '\n')
        ++*line;
      if (in_string)
        {
          if (text[i] == '\\')
            i++;
          else if (text[i] == '"')
            in_string = FALSE;
          continue;
        }
      switch (text[i])
        {
        case '"':
          in_string = TRUE;
          break;
        case '/':
        case '#':
        case '\'':
          return SHAPE_FOREIGN;
        case '{':
        case '[':
          if (++depth > MAX_DEPTH)
            return SHAPE_TOO_DEEP;
          break;
        case '}':
        case ']':
          if (depth > 0)
            depth--;
          break;
        default:
          break;
        }
    }
  return SHAPE_GOOD;
}

JsonNode *
lds_json_parse (const char *text,
                gsize length,
                const char *name,
                GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  g_autoptr (GError) local = NULL;
  JsonNode *root;
  Shape shape;
  guint line;

  if (!g_utf8_validate_len (text, length, NULL))
    {
      g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                   _ ("“%s” is not JSON: it is not UTF-8 text."), name);
      return NULL;
    }
  shape = find_shape (text, length, &line);
  if (shape == SHAPE_FOREIGN)
    {
      g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                   /* Translators: a file name, then a line */
                   _ ("“%s” is not valid JSON: line %u has a comment or a quote that JSON does not know; take it out, or use \"."),
                   name, line);
      return NULL;
    }
  if (shape == SHAPE_TOO_DEEP)
    {
      g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                   _ ("“%s” is refused: it is nested more than %d levels deep."), name, MAX_DEPTH);
      return NULL;
    }
  if (!json_parser_load_from_data (parser, text, (gssize)length, &local))
    {
      /* json-glib's message begins with "<data>:LINE:COLUMN: ". */
      const char *place =
          g_str_has_prefix (local->message, "<data>:") ? local->message + 7 : local->message;

      g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                   /* Translators: a file name, then line, column and reason */
                   _ ("“%s” is not valid JSON: line %s."), name, place);
      return NULL;
    }
  root = json_parser_get_root (parser);
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    {
      g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                   _ ("“%s” must hold one JSON object, between { and }."), name);
      return NULL;
    }
  return json_node_ref (root);
}

JsonNode *
lds_json_read (const char *path,
               gsize max_bytes,
               GError **error)
{
  g_autoptr (GBytes) bytes = lds_file_read (path, max_bytes, error);
  gsize size;
  const char *text;

  if (bytes == NULL)
    return NULL;
  text = g_bytes_get_data (bytes, &size);
  return lds_json_parse (text != NULL ? text : "", size, path, error);
}

char *
lds_json_to_text (JsonNode *node,
                  gboolean pretty)
{
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  g_autofree char *text = NULL;

  json_generator_set_root (generator, node);
  json_generator_set_pretty (generator, pretty);
  json_generator_set_indent (generator, 2);
  text = json_generator_to_data (generator, NULL);
  return pretty ? g_strconcat (text, "\n", NULL) : g_steal_pointer (&text);
}

static void
set_type_error (GError **error,
                const char *member,
                const char *expected)
{
  if (error != NULL && *error == NULL)
    g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                 /* Translators: a member of a JSON object, then the type it should have */
                 _ ("“%s” must be %s."), member, expected);
}

/* Returns NULL for a member that is absent or null. */
static JsonNode *
find_member (JsonObject *object,
             const char *member)
{
  JsonNode *node = json_object_get_member (object, member);

  return node == NULL || JSON_NODE_HOLDS_NULL (node) ? NULL : node;
}

static gboolean
is_number (JsonNode *node)
{
  return JSON_NODE_HOLDS_VALUE (node) && (json_node_get_value_type (node) == G_TYPE_INT64 ||
                                          json_node_get_value_type (node) == G_TYPE_DOUBLE);
}

gint64
lds_json_get_int (JsonObject *object,
                  const char *member,
                  gint64 fallback,
                  GError **error)
{
  JsonNode *node = find_member (object, member);

  if (node == NULL)
    return fallback;
  if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_INT64)
    return json_node_get_int (node);
  set_type_error (error, member, _ ("a whole number"));
  return fallback;
}

gint64
lds_json_get_int_between (JsonObject *object,
                          const char *member,
                          gint64 fallback,
                          gint64 min,
                          gint64 max,
                          GError **error)
{
  gint64 value = lds_json_get_int (object, member, fallback, error);

  if (value >= min && value <= max)
    return value;
  if (error != NULL && *error == NULL)
    g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                 /* Translators: a member of a JSON object, its value, the smallest and largest allowed */
                 _ ("“%s” is %" PRId64 ": give a whole number from %" PRId64
                    " to %" PRId64 "."),
                 member, value, min, max);
  return fallback;
}

double
lds_json_get_double (JsonObject *object,
                     const char *member,
                     double fallback,
                     GError **error)
{
  JsonNode *node = find_member (object, member);

  if (node == NULL)
    return fallback;
  /* 1e999 is a number of JSON's, but none that can be reckoned with. */
  if (is_number (node) && isfinite (json_node_get_double (node)))
    return json_node_get_double (node);
  set_type_error (error, member, _ ("a number"));
  return fallback;
}

gboolean
lds_json_get_boolean (JsonObject *object,
                      const char *member,
                      gboolean fallback,
                      GError **error)
{
  JsonNode *node = find_member (object, member);

  if (node == NULL)
    return fallback;
  if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_BOOLEAN)
    return json_node_get_boolean (node);
  set_type_error (error, member, _ ("true or false"));
  return fallback;
}

const char *
lds_json_get_string (JsonObject *object,
                     const char *member,
                     const char *fallback,
                     GError **error)
{
  JsonNode *node = find_member (object, member);

  if (node == NULL)
    return fallback;
  if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
    return json_node_get_string (node);
  set_type_error (error, member, _ ("text in quotes"));
  return fallback;
}

JsonObject *
lds_json_get_object (JsonObject *object,
                     const char *member,
                     GError **error)
{
  JsonNode *node = find_member (object, member);

  if (node == NULL)
    return NULL;
  if (JSON_NODE_HOLDS_OBJECT (node))
    return json_node_get_object (node);
  set_type_error (error, member, _ ("an object"));
  return NULL;
}

JsonArray *
lds_json_get_array (JsonObject *object,
                    const char *member,
                    GError **error)
{
  JsonNode *node = find_member (object, member);

  if (node == NULL)
    return NULL;
  if (JSON_NODE_HOLDS_ARRAY (node))
    return json_node_get_array (node);
  set_type_error (error, member, _ ("a list"));
  return NULL;
}

void
lds_json_add_string (JsonBuilder *builder,
                     const char *member,
                     const char *value)
{
  json_builder_set_member_name (builder, member);
  if (value != NULL)
    json_builder_add_string_value (builder, value);
  else
    json_builder_add_null_value (builder);
}

void
lds_json_add_int (JsonBuilder *builder,
                  const char *member,
                  gint64 value)
{
  json_builder_set_member_name (builder, member);
  json_builder_add_int_value (builder, value);
}

void
lds_json_add_number (JsonBuilder *builder,
                     const char *member,
                     double value)
{
  json_builder_set_member_name (builder, member);
  if (isfinite (value))
    json_builder_add_double_value (builder, value);
  else
    json_builder_add_null_value (builder);
}

void
lds_json_add_boolean (JsonBuilder *builder,
                      const char *member,
                      gboolean value)
{
  json_builder_set_member_name (builder, member);
  json_builder_add_boolean_value (builder, value);
}
