/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Workloads: reads data/workloads/, which is built into the program. */
#define G_LOG_DOMAIN "lds-bench"

#include "config.h"
#include "lds-workload.h"

#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <string.h>

#include "lds-bench-resources.h"
#include "lds-clock.h"
#include "lds-error.h"
#include "lds-nearest.h"

#define FOLDER LDS_RESOURCE_BASE "/workloads"

typedef struct
{
  LdsWorkload workload;
  gint64 order;
} Entry;

typedef struct
{
  Entry *entry;
  GString *text; /* of the element that is open, NULL outside those that hold text */
} Reader;

static void
start_element_cb (GMarkupParseContext *context,
                  const char *element,
                  const char **names,
                  const char **values,
                  gpointer user_data,
                  GError **error)
{
  Reader *reader = user_data;
  LdsWorkload *workload = &reader->entry->workload;

  if (strcmp (element, "workload") == 0)
    {
      const char *order = NULL;

      if (!g_markup_collect_attributes (element, names, values, error,
                                        G_MARKUP_COLLECT_STRDUP, "id", &workload->id,
                                        G_MARKUP_COLLECT_STRDUP, "code", &workload->code,
                                        G_MARKUP_COLLECT_STRDUP, "source", &workload->source,
                                        G_MARKUP_COLLECT_STRING, "order", &order,
                                        G_MARKUP_COLLECT_INVALID))
        return;
      g_ascii_string_to_signed (order, 10, 0, G_MAXINT, &reader->entry->order, error);
    }
  else if (strcmp (element, "request") == 0)
    {
      const char *min_service_ms = NULL;
      gint64 ms = 0;

      if (!g_markup_collect_attributes (element, names, values, error,
                                        G_MARKUP_COLLECT_STRDUP, "method", &workload->method,
                                        G_MARKUP_COLLECT_STRDUP, "path", &workload->path,
                                        G_MARKUP_COLLECT_STRDUP, "expect", &workload->expect,
                                        G_MARKUP_COLLECT_STRING | G_MARKUP_COLLECT_OPTIONAL,
                                        "min-service-ms", &min_service_ms,
                                        G_MARKUP_COLLECT_INVALID))
        return;
      if (min_service_ms != NULL &&
          !g_ascii_string_to_signed (min_service_ms, 10, 0, 3600000, &ms, error))
        return;
      workload->min_service_ns = ms * LDS_NS_PER_MS;
    }
  else if (strcmp (element, "title") == 0 || strcmp (element, "description") == 0)
    reader->text = g_string_new (NULL);
  else
    g_set_error (error, G_MARKUP_ERROR, G_MARKUP_ERROR_UNKNOWN_ELEMENT, "unknown element “%s”", element);
}

static void
text_cb (GMarkupParseContext *context,
         const char *text,
         gsize length,
         gpointer user_data,
         GError **error)
{
  Reader *reader = user_data;

  if (reader->text != NULL)
    g_string_append_len (reader->text, text, (gssize)length);
}

/* White space as the ITS extraction leaves it in the catalogue: trimmed, runs become one space. */
static char *
translate (const char *text)
{
  g_auto (GStrv) words = g_strsplit_set (text, " \t\r\n", -1);
  g_autoptr (GString) joined = g_string_new (NULL);

  for (guint i = 0; words[i] != NULL; i++)
    if (*words[i] != '\0')
      g_string_append_printf (joined, "%s%s", joined->len > 0 ? " " : "", words[i]);
  return joined->len > 0 ? g_strdup (_ (joined->str)) : g_strdup ("");
}

static void
end_element_cb (GMarkupParseContext *context,
                const char *element,
                gpointer user_data,
                GError **error)
{
  Reader *reader = user_data;

  if (reader->text == NULL)
    return;
  if (strcmp (element, "title") == 0)
    reader->entry->workload.title = translate (reader->text->str);
  else
    reader->entry->workload.description = translate (reader->text->str);
  g_string_free (g_steal_pointer (&reader->text), TRUE);
}

static gboolean
read_entry (GBytes *bytes,
            Entry *entry,
            GError **error)
{
  const GMarkupParser parser = {start_element_cb, end_element_cb, text_cb, NULL, NULL};
  Reader reader = {entry, NULL};
  g_autoptr (GMarkupParseContext) context =
      g_markup_parse_context_new (&parser, G_MARKUP_PREFIX_ERROR_POSITION, &reader, NULL);
  const LdsWorkload *workload = &entry->workload;
  gsize size;
  const char *text = g_bytes_get_data (bytes, &size);

  if (!g_markup_parse_context_parse (context, text, (gssize)size, error) ||
      !g_markup_parse_context_end_parse (context, error))
    return FALSE;
  if (workload->id == NULL || workload->title == NULL || workload->description == NULL ||
      workload->path == NULL)
    {
      g_set_error_literal (error, G_MARKUP_ERROR, G_MARKUP_ERROR_MISSING_ATTRIBUTE, "title, description or request is missing");
      return FALSE;
    }
  return TRUE;
}

static int
compare_order (gconstpointer a,
               gconstpointer b)
{
  const Entry *left = a, *right = b;

  return (left->order > right->order) - (left->order < right->order);
}

/* Returns (element-type LdsWorkload): what is shipped is right, so a mistake there is a bug. */
static GArray *
read_all (void)
{
  GResource *resource = lds_bench_get_resource ();
  g_auto (GStrv) names =
      g_resource_enumerate_children (resource, FOLDER, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
  g_autoptr (GArray) entries = g_array_new (FALSE, TRUE, sizeof (Entry));
  GArray *workloads = g_array_new (FALSE, TRUE, sizeof (LdsWorkload));

  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *path = g_strconcat (FOLDER "/", names[i], NULL);
      g_autoptr (GBytes) bytes =
          g_resource_lookup_data (resource, path, G_RESOURCE_LOOKUP_FLAGS_NONE, &error);
      Entry entry = {0};

      if (bytes != NULL && read_entry (bytes, &entry, &error))
        g_array_append_val (entries, entry);
      else
        g_critical ("%s: %s", names[i], error->message);
    }
  g_array_sort (entries, compare_order);
  for (guint i = 0; i < entries->len; i++)
    g_array_append_val (workloads, g_array_index (entries, Entry, i).workload);
  return workloads;
}

const LdsWorkload *
lds_workload_list (guint *n_workloads)
{
  static GArray *workloads;

  g_return_val_if_fail (n_workloads != NULL, NULL);

  if (g_once_init_enter (&workloads))
    g_once_init_leave (&workloads, read_all ());
  *n_workloads = workloads->len;
  return (const LdsWorkload *)(gconstpointer)workloads->data;
}

const LdsWorkload *
lds_workload_find (const char *id,
                   GError **error)
{
  g_autoptr (GPtrArray) known = g_ptr_array_new ();
  const LdsWorkload *workloads;
  const char *nearest;
  guint n_workloads;

  g_return_val_if_fail (id != NULL, NULL);

  workloads = lds_workload_list (&n_workloads);
  for (guint i = 0; i < n_workloads; i++)
    {
      if (strcmp (workloads[i].id, id) == 0)
        return &workloads[i];
      g_ptr_array_add (known, (gpointer)workloads[i].id);
    }
  g_ptr_array_add (known, NULL);
  nearest = lds_nearest (id, (const char *const *)known->pdata);
  if (nearest != NULL)
    g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                 /* Translators: what was typed, then the identifier that comes nearest to it */
                 _ ("There is no workload “%s”; did you mean “%s”?"), id, nearest);
  else
    g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                 /* Translators: “loadstone-cli workloads” is a command */
                 _ ("There is no workload “%s”; “loadstone-cli workloads” lists them."), id);
  return NULL;
}
