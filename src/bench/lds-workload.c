/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Workloads: the table of data/workloads/, which is built into the program, and their variants by id. */
#define G_LOG_DOMAIN "lds-bench"

#include "config.h"
#include "lds-workload-private.h"

#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <string.h>

#include "lds-bench-resources.h"
#include "lds-error.h"
#include "lds-nearest.h"

#define FOLDER LDS_RESOURCE_BASE "/workloads"

/* Variants are kept for good: bounds what files can make us keep. */
#define MAX_VARIANTS 256

/* Of one file. */
typedef struct
{
  LdsElement *root;
  double order;
  LdsWorkload workload;
} Entry;

/* What there is. Workloads stand side by side, elements in the same order. */
typedef struct
{
  GArray *workloads; /* (element-type LdsWorkload) */
  GPtrArray *roots;  /* (element-type LdsElement) */
} Table;

/* Workloads with other values than the shipped ones, by id. */
G_LOCK_DEFINE_STATIC (variants);
static GHashTable *variants;

static gboolean
read_entry (GBytes *bytes,
            const char *name,
            Entry *entry,
            GError **error)
{
  gsize size;
  const char *text = g_bytes_get_data (bytes, &size);

  entry->root = lds_markup_parse (text, size, name, error);
  return entry->root != NULL &&
         lds_element_get_double (entry->root, "order", 0, &entry->order, error) &&
         lds_workload_read (entry->root, NULL, &entry->workload, error);
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

/* What is shipped is right, so a mistake there is a bug. */
static Table *
read_table (void)
{
  GResource *resource = lds_bench_get_resource ();
  g_auto (GStrv) names =
      g_resource_enumerate_children (resource, FOLDER, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
  g_autoptr (GArray) entries = g_array_new (FALSE, TRUE, sizeof (Entry));
  Table *table = g_new (Table, 1);

  table->workloads = g_array_new (FALSE, TRUE, sizeof (LdsWorkload));
  table->roots = g_ptr_array_new ();
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
    {
      g_array_append_val (table->workloads, g_array_index (entries, Entry, i).workload);
      g_ptr_array_add (table->roots, g_array_index (entries, Entry, i).root);
    }
  return table;
}

static const Table *
get_table (void)
{
  static Table *table;

  if (g_once_init_enter (&table))
    g_once_init_leave (&table, read_table ());
  return table;
}

const LdsWorkload *
lds_workload_list (guint *n_workloads)
{
  g_return_val_if_fail (n_workloads != NULL, NULL);

  *n_workloads = get_table ()->workloads->len;
  return (const LdsWorkload *)(gconstpointer)get_table ()->workloads->data;
}

/* The shipped one whose id is the first @length bytes of @id. */
static const LdsWorkload *
find_base (const char *id,
           gsize length,
           const LdsElement **root)
{
  const Table *table = get_table ();

  for (guint i = 0; i < table->workloads->len; i++)
    {
      const LdsWorkload *workload = &g_array_index (table->workloads, LdsWorkload, i);

      *root = table->roots->pdata[i];
      if (strlen (workload->id) == length && strncmp (workload->id, id, length) == 0)
        return workload;
    }
  return NULL;
}

static void
set_unknown (const char *id,
             gsize length,
             GError **error)
{
  g_autoptr (GPtrArray) known = g_ptr_array_new ();
  g_autofree char *base = g_strndup (id, length);
  guint n_workloads;
  const LdsWorkload *workloads = lds_workload_list (&n_workloads);
  const char *nearest;

  for (guint i = 0; i < n_workloads; i++)
    g_ptr_array_add (known, (gpointer)workloads[i].id);
  g_ptr_array_add (known, NULL);
  nearest = lds_nearest (base, (const char *const *)known->pdata);
  if (nearest != NULL)
    g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                 /* Translators: what was typed, then the identifier that comes nearest to it */
                 _ ("There is no workload “%s”; did you mean “%s”?"), base, nearest);
  else
    g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                 /* Translators: “loadstone-cli workloads” is a command */
                 _ ("There is no workload “%s”; “loadstone-cli workloads” lists them."), base);
}

/* Keeps what @read holds, once for each id; takes it over. Returns NULL when there are too many. */
static const LdsWorkload *
keep_variant (LdsWorkload *read)
{
  LdsWorkload *variant;

  G_LOCK (variants);
  if (variants == NULL)
    variants = g_hash_table_new (g_str_hash, g_str_equal);
  variant = g_hash_table_lookup (variants, read->id);
  if (variant == NULL && g_hash_table_size (variants) < MAX_VARIANTS)
    {
      variant = g_memdup2 (read, sizeof *read);
      memset (read, 0, sizeof *read);
      g_hash_table_insert (variants, (gpointer)variant->id, variant);
    }
  G_UNLOCK (variants);
  return variant;
}

/* Returns: (transfer none) (nullable): the variant, the same one for the same values */
static const LdsWorkload *
find_variant (const LdsWorkload *base,
              const LdsElement *root,
              const char *query,
              GError **error)
{
  LdsWorkload read = {.base = base};
  const LdsWorkload *found = NULL;

  if (lds_workload_read (root, query, &read, error))
    {
      found = strcmp (read.id, base->id) == 0 ? base : keep_variant (&read);
      if (found == NULL)
        g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                     /* Translators: a workload with parameters, a number */
                     _ ("“%s” is one workload with parameters too many: there may be %d."), read.id, MAX_VARIANTS);
    }
  lds_workload_clear (&read);
  return found;
}

const LdsWorkload *
lds_workload_find (const char *id,
                   GError **error)
{
  const LdsWorkload *base;
  const LdsElement *root;
  gsize length;

  g_return_val_if_fail (id != NULL, NULL);

  length = strcspn (id, "?");
  base = find_base (id, length, &root);
  if (base == NULL)
    {
      set_unknown (id, length, error);
      return NULL;
    }
  return id[length] == '\0' ? base : find_variant (base, root, id + length + 1, error);
}
