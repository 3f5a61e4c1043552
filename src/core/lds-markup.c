/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shipped XML as a tree of elements. */
#define G_LOG_DOMAIN "lds-markup"

#include "config.h"
#include "lds-markup.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "lds-error.h"

/* Deeper nesting is no data of ours, and freeing it would recurse too far. */
#define MAX_DEPTH 16

typedef struct
{
  const char *file;
  LdsElement *root;
  GPtrArray *open; /* (element-type LdsElement), not owned */
  GString *text;   /* of the innermost open element */
} Reader;

static void
element_unref (gpointer data)
{
  LdsElement *self = data;

  g_free (self->name);
  g_free (self->text);
  g_hash_table_unref (self->attributes);
  g_ptr_array_unref (self->children);
  g_free (self);
}

void
lds_element_free (LdsElement *root)
{
  if (root != NULL)
    element_unref (root);
}

/* Collapses white space as ITS extraction does, so that the text is the catalogue's key. */
static char *
collapse (const char *text)
{
  GString *result = g_string_new (NULL);
  gboolean gap = FALSE;

  for (const char *p = text; *p != '\0'; p++)
    if (g_ascii_isspace (*p))
      gap = result->len > 0;
    else
      {
        if (gap)
          g_string_append_c (result, ' ');
        gap = FALSE;
        g_string_append_c (result, *p);
      }
  return g_string_free (result, FALSE);
}

static void
start_element_cb (GMarkupParseContext *context,
                  const char *name,
                  const char **names,
                  const char **values,
                  gpointer user_data,
                  GError **error)
{
  Reader *reader = user_data;
  LdsElement *element = g_new0 (LdsElement, 1);
  LdsElement *parent =
      reader->open->len > 0 ? g_ptr_array_index (reader->open, reader->open->len - 1) : NULL;

  element->file = reader->file;
  g_markup_parse_context_get_position (context, &element->line, NULL);
  element->name = g_strdup (name);
  element->attributes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  element->children = g_ptr_array_new_with_free_func (element_unref);
  for (guint i = 0; names[i] != NULL; i++)
    g_hash_table_insert (element->attributes, g_strdup (names[i]), g_strdup (values[i]));
  if (parent != NULL)
    g_ptr_array_add (parent->children, element);
  else
    reader->root = element;
  g_ptr_array_add (reader->open, element);
  g_string_truncate (reader->text, 0);
  if (reader->open->len > MAX_DEPTH)
    lds_element_error (element, error, _ ("elements are nested more than %d deep"), MAX_DEPTH);
}

static void
text_cb (GMarkupParseContext *context,
         const char *text,
         gsize length,
         gpointer user_data,
         GError **error)
{
  Reader *reader = user_data;

  g_string_append_len (reader->text, text, (gssize)length);
}

static void
end_element_cb (GMarkupParseContext *context,
                const char *name,
                gpointer user_data,
                GError **error)
{
  Reader *reader = user_data;
  LdsElement *element = g_ptr_array_index (reader->open, reader->open->len - 1);

  element->text = collapse (element->children->len == 0 ? reader->text->str : "");
  g_string_truncate (reader->text, 0);
  g_ptr_array_set_size (reader->open, (int)reader->open->len - 1);
}

/* GMarkup's message without the place that it begins with and the full stop that it may end with. */
static char *
dup_reason (const char *message)
{
  const char *place_end = g_str_has_prefix (message, "Error on line ") ? strstr (message, ": ") : NULL;
  char *reason = g_strdup (place_end != NULL ? place_end + 2 : message);

  if (g_str_has_suffix (reason, "."))
    reason[strlen (reason) - 1] = '\0';
  return reason;
}

LdsElement *
lds_markup_parse (const char *text,
                  gsize length,
                  const char *name,
                  GError **error)
{
  static const GMarkupParser parser = {start_element_cb, end_element_cb, text_cb, NULL, NULL};
  g_autoptr (GPtrArray) open = g_ptr_array_new ();
  g_autoptr (GString) content = g_string_new (NULL);
  Reader reader = {g_intern_string (name), NULL, open, content};
  g_autoptr (GMarkupParseContext) context = g_markup_parse_context_new (&parser, 0, &reader, NULL);
  g_autoptr (GError) local = NULL;

  if (g_markup_parse_context_parse (context, text, (gssize)length, &local) &&
      g_markup_parse_context_end_parse (context, &local))
    return reader.root;
  if (local->domain == LDS_ERROR)
    g_propagate_error (error, g_steal_pointer (&local));
  else
    {
      int line;
      g_autofree char *reason = dup_reason (local->message);

      g_markup_parse_context_get_position (context, &line, NULL);
      g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                   /* Translators: a file, a line, the parser's reason */
                   _ ("“%s”, line %d, is not valid XML: %s."), name, line, reason);
    }
  lds_element_free (reader.root);
  return NULL;
}

const char *
lds_element_get (const LdsElement *self,
                 const char *attribute)
{
  return g_hash_table_lookup (self->attributes, attribute);
}

const char *
lds_element_require (const LdsElement *self,
                     const char *attribute,
                     GError **error)
{
  const char *value = lds_element_get (self, attribute);

  if (value == NULL || *value == '\0')
    {
      lds_element_error (self, error, _ ("<%s> needs the attribute “%s”"), self->name, attribute);
      return NULL;
    }
  return value;
}

gboolean
lds_element_get_double (const LdsElement *self,
                        const char *attribute,
                        double fallback,
                        double *value,
                        GError **error)
{
  const char *text = lds_element_get (self, attribute);
  char *end = NULL;

  *value = fallback;
  if (text == NULL)
    return TRUE;
  *value = g_ascii_strtod (text, &end);
  if (end == text || *end != '\0' || !isfinite (*value))
    {
      lds_element_error (self, error, _ ("“%s” must be a number, not “%s”"), attribute, text);
      return FALSE;
    }
  return TRUE;
}

const char *
lds_element_translated (const LdsElement *self)
{
  return *self->text != '\0' ? g_dgettext (GETTEXT_PACKAGE, self->text) : NULL;
}

const LdsElement *
lds_element_find_child (const LdsElement *self,
                        const char *child)
{
  for (guint i = 0; i < self->children->len; i++)
    {
      const LdsElement *element = g_ptr_array_index (self->children, i);

      if (strcmp (element->name, child) == 0)
        return element;
    }
  return NULL;
}

const char *
lds_element_child_text (const LdsElement *self,
                        const char *child)
{
  const LdsElement *element = lds_element_find_child (self, child);

  return element != NULL ? lds_element_translated (element) : NULL;
}

void
lds_element_error (const LdsElement *self,
                   GError **error,
                   const char *format,
                   ...)
{
  va_list args;
  g_autofree char *reason = NULL;

  va_start (args, format);
  reason = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
               /* Translators: a file, a line, the reason why it is refused */
               _ ("“%s”, line %d: %s."), self->file, self->line, reason);
}
