/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The processes that a server needs beside itself. */
#define G_LOG_DOMAIN "lds-bench"

#include "config.h"
#include "lds-companions.h"

#include <dirent.h>
#include <glib/gi18n-lib.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "lds-error.h"
#include "lds-json.h"

/* More than a server has at a time; what it started again comes on top. */
#define MAX_COMPANIONS 16
#define MAX_SAMPLERS   256

struct _LdsCompanions
{
  gboolean has_cores;
  cpu_set_t cores;
  GArray *pids;        /* (element-type int): those that run */
  GPtrArray *samplers; /* (element-type LdsSampler): of those that ever ran */
};

LdsCompanions *
lds_companions_new (GArray *cores)
{
  LdsCompanions *self = g_new0 (LdsCompanions, 1);

  self->has_cores = cores != NULL && cores->len > 0;
  CPU_ZERO (&self->cores);
  for (guint i = 0; self->has_cores && i < cores->len; i++)
    CPU_SET ((size_t)g_array_index (cores, int, i), &self->cores);
  self->pids = g_array_new (FALSE, FALSE, sizeof (int));
  self->samplers = g_ptr_array_new_with_free_func ((GDestroyNotify)lds_sampler_free);
  return self;
}

void
lds_companions_free (LdsCompanions *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->pids);
  g_ptr_array_unref (self->samplers);
  g_free (self);
}

/* All threads that it has; those to come take after them. */
static void
move_to_cores (const LdsCompanions *self,
               int pid)
{
  char path[64];
  DIR *folder;
  struct dirent *entry;

  g_snprintf (path, sizeof path, "/proc/%d/task", pid);
  folder = opendir (path);
  while (folder != NULL && (entry = readdir (folder)) != NULL)
    if (g_ascii_isdigit (entry->d_name[0]))
      sched_setaffinity (atoi (entry->d_name), sizeof self->cores, &self->cores);
  if (folder != NULL)
    closedir (folder);
}

static gboolean
has_pid (GArray *pids,
         int pid)
{
  for (guint i = 0; i < pids->len; i++)
    if (g_array_index (pids, int, i) == pid)
      return TRUE;
  return FALSE;
}

gboolean
lds_companions_take (LdsCompanions *self,
                     JsonObject *object,
                     LdsSampler *sampler,
                     GError **error)
{
  g_autoptr (GArray) pids = g_array_new (FALSE, FALSE, sizeof (int));
  g_autoptr (GError) local = NULL;
  JsonArray *array = lds_json_get_array (object, "companions", &local);
  guint n = array != NULL ? json_array_get_length (array) : 0;

  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  for (guint i = 0; i < n; i++)
    {
      JsonNode *node = json_array_get_element (array, i);
      gint64 value = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_int (node) : 0;
      int pid = (int)CLAMP (value, 0, G_MAXINT);

      /* 1 and 0 are nobody's children. */
      if (value <= 1 || value > G_MAXINT || n > MAX_COMPANIONS)
        {
          g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                       _ ("“companions” must be at most %d process ids."), MAX_COMPANIONS);
          return FALSE;
        }
      g_array_append_val (pids, pid);
      if (has_pid (self->pids, pid) || self->samplers->len >= MAX_SAMPLERS)
        continue;
      g_ptr_array_add (self->samplers, lds_sampler_new (pid));
      if (self->has_cores)
        move_to_cores (self, pid);
    }
  if (pids->len != self->pids->len ||
      (pids->len > 0 && memcmp (pids->data, self->pids->data, pids->len * sizeof (int)) != 0))
    {
      lds_sampler_leave_out (sampler, pids);
      g_array_set_size (self->pids, 0);
      g_array_append_vals (self->pids, pids->data, pids->len);
    }
  return TRUE;
}

double
lds_companions_read_cpu_s (LdsCompanions *self)
{
  double cpu_s = 0;

  for (guint i = 0; i < self->samplers->len; i++)
    cpu_s += lds_sampler_read (g_ptr_array_index (self->samplers, i), FALSE).cpu_s;
  return cpu_s;
}
