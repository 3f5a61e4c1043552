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
#include "lds-markup.h"
#include "lds-nearest.h"

#define FOLDER LDS_RESOURCE_BASE "/workloads"

typedef struct
{
  LdsWorkload workload;
  double order;
} Entry;

/* Of a repeated part of a body: 16 MiB of the least that one would repeat. */
#define MAX_TIMES 1e6

/* Keeps an attribute for the process's life. Returns FALSE when it is not there. */
static gboolean
keep_attribute (const LdsElement *element,
                const char *attribute,
                const char **value,
                GError **error)
{
  *value = g_strdup (lds_element_require (element, attribute, error));
  return *value != NULL;
}

/* The request's body: what "body" holds, or that with "body-item" repeated at the place of "%s". */
static gboolean
read_body (const LdsElement *request,
           LdsWorkload *workload,
           GError **error)
{
  const char *frame = lds_element_get (request, "body");
  const char *item = lds_element_get (request, "body-item");
  const char *place = frame != NULL ? strstr (frame, "%s") : NULL;
  g_autoptr (GString) body = g_string_new (NULL);
  double times;

  if (!lds_element_get_double (request, "body-times", 0, &times, error))
    return FALSE;
  if (frame == NULL || item == NULL || place == NULL)
    {
      g_string_assign (body, frame != NULL ? frame : "");
    }
  else
    {
      g_string_append_len (body, frame, place - frame);
      for (int i = 0; i < (int)CLAMP (times, 0, MAX_TIMES); i++)
        g_string_append (body, item);
      g_string_append (body, place + strlen ("%s"));
    }
  workload->body = g_string_free (g_steal_pointer (&body), FALSE);
  workload->type = g_strdup (lds_element_get (request, "type"));
  return TRUE;
}

static gboolean
read_request (const LdsElement *request,
              LdsWorkload *workload,
              GError **error)
{
  double min_service_ms;

  workload->expect = "";
  workload->varies = g_strcmp0 (lds_element_get (request, "answers"), "vary") == 0;
  if (!keep_attribute (request, "method", &workload->method, error) ||
      !keep_attribute (request, "path", &workload->path, error) ||
      (workload->kind == LDS_WORKLOAD_REQUESTS &&
       !keep_attribute (request, "expect", &workload->expect, error)) ||
      !read_body (request, workload, error) ||
      !lds_element_get_double (request, "min-service-ms", 0, &min_service_ms, error))
    return FALSE;
  workload->min_service_ns = (gint64)(CLAMP (min_service_ms, 0, 3600e3) * (double)LDS_NS_PER_MS);
  return TRUE;
}

/* Options that a workload may ask the server for; each has a number for its value. */
static const char *const server_options[] = {"--upstreams", NULL};

/* "server-arguments": names and values with one space between them. */
static gboolean
read_server_arguments (const LdsElement *root,
                       LdsWorkload *workload,
                       GError **error)
{
  const char *text = lds_element_get (root, "server-arguments");
  g_auto (GStrv) words = NULL;

  if (text == NULL)
    return TRUE;
  words = g_strsplit (text, " ", -1);
  for (guint i = 0; words[i] != NULL; i += 2)
    {
      guint64 value;

      if (!g_strv_contains (server_options, words[i]) || words[i + 1] == NULL ||
          !g_ascii_string_to_unsigned (words[i + 1], 10, 0, G_MAXUINT, &value, NULL))
        {
          lds_element_error (root, error, "server-arguments has what is not a known option, or no number for it");
          return FALSE;
        }
    }
  workload->server_arguments = (const char *const *)(gpointer)g_steal_pointer (&words);
  return TRUE;
}

static gboolean
read_kind (const LdsElement *root,
           LdsWorkload *workload,
           GError **error)
{
  const char *kind = lds_element_get (root, "kind");

  if (kind == NULL)
    workload->kind = LDS_WORKLOAD_REQUESTS;
  else if (strcmp (kind, "websocket") == 0)
    workload->kind = LDS_WORKLOAD_WEBSOCKET;
  else if (strcmp (kind, "events") == 0)
    workload->kind = LDS_WORKLOAD_EVENTS;
  else
    lds_element_error (root, error, "kind must be websocket or events, or left out");
  return *error == NULL;
}

static gboolean
read_entry (GBytes *bytes,
            const char *name,
            Entry *entry,
            GError **error)
{
  gsize size;
  const char *text = g_bytes_get_data (bytes, &size);
  g_autoptr (LdsElement) root = lds_markup_parse (text, size, name, error);
  const LdsElement *request;
  LdsWorkload *workload = &entry->workload;

  if (root == NULL || !keep_attribute (root, "id", &workload->id, error) ||
      !keep_attribute (root, "code", &workload->code, error) ||
      !keep_attribute (root, "source", &workload->source, error) ||
      !read_kind (root, workload, error) ||
      !lds_element_get_double (root, "order", 0, &entry->order, error) ||
      !read_server_arguments (root, workload, error))
    return FALSE;
  workload->chosen = g_strcmp0 (lds_element_get (root, "chosen"), "yes") == 0;
  workload->title = g_strdup (lds_element_child_text (root, "title"));
  workload->description = g_strdup (lds_element_child_text (root, "description"));
  request = lds_element_find_child (root, "request");
  if (workload->title == NULL || workload->description == NULL || request == NULL)
    {
      lds_element_error (root, error, "title, description or request is missing");
      return FALSE;
    }
  return read_request (request, workload, error);
}

static int
compare_order (gconstpointer a,
               gconstpointer b)
{
  const Entry *left = a, *right = b;
  gboolean left_is_last = left->workload.kind != LDS_WORKLOAD_REQUESTS;
  gboolean right_is_last = right->workload.kind != LDS_WORKLOAD_REQUESTS;

  if (left_is_last != right_is_last)
    return left_is_last - right_is_last;
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

      if (bytes != NULL && read_entry (bytes, names[i], &entry, &error))
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
  const LdsWorkload *workloads;
  guint n = 0, n_all;

  g_return_val_if_fail (n_workloads != NULL, NULL);

  workloads = lds_workload_list_all (&n_all);
  while (n < n_all && workloads[n].kind == LDS_WORKLOAD_REQUESTS)
    n++;
  *n_workloads = n;
  return workloads;
}

const LdsWorkload *
lds_workload_list_all (guint *n_workloads)
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

  workloads = lds_workload_list_all (&n_workloads);
  for (guint i = 0; i < n_workloads; i++)
    {
      gboolean measurable = workloads[i].kind == LDS_WORKLOAD_REQUESTS;

      if (strcmp (workloads[i].id, id) == 0)
        {
          if (measurable)
            return &workloads[i];
          g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                       /* Translators: an identifier of a workload */
                       _ ("“%s” is for clients that keep a connection open, which cannot be measured yet; “loadstone-cli serve” serves it, other workloads can be measured."),
                       id);
          return NULL;
        }
      if (measurable)
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
