/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lanes: the table of what can be put under test. */
#define G_LOG_DOMAIN "lds-bench"

#include "config.h"
#include "lds-lane.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "lds-error.h"
#include "lds-nearest.h"
#include "lds-runtime.h"

#define URL_PREFIX  "url:"
#define REAL_PREFIX "real:"
#define TWIN_PREFIX "twin:"

#define MAX_NAME_BYTES 64

/* One row a server model of loadstone-server. */
static const LdsLane models[] = {
    {"model:event-loop", "event-loop", "M1", N_ ("Event loop"),
     N_ ("One thread takes every request in turn and never waits for one."),
     LDS_FAMILY_EVENT_LOOP, LDS_PROVENANCE_MODEL, FALSE, TRUE},
    {"model:cluster", "cluster", "M2", N_ ("Event loops, one a processor"),
     N_ ("Processes that are an event loop each, and a primary that hands them connections in turn."),
     LDS_FAMILY_EVENT_LOOP, LDS_PROVENANCE_MODEL, TRUE, FALSE},
    {"model:worker-threads", "worker-threads", "M3", N_ ("Event loop with worker threads"),
     N_ ("An event loop that hands what computes to a pool of threads and goes on."),
     LDS_FAMILY_EVENT_LOOP, LDS_PROVENANCE_MODEL, FALSE, FALSE},
    {"model:thread-per-request", "thread-per-request", "M3r", N_ ("Event loop, a thread per computation"),
     N_ ("An event loop that starts a new thread for everything that computes."),
     LDS_FAMILY_EVENT_LOOP, LDS_PROVENANCE_MODEL, FALSE, FALSE},
    {"model:gil-threads", "gil-threads", "M4", N_ ("Threads with one lock"),
     N_ ("A pool of threads of which one computes at a time; a waiting thread lets the others go on."),
     LDS_FAMILY_THREADS, LDS_PROVENANCE_MODEL, FALSE, TRUE, .holds_no_streams = TRUE},
    {"model:free-threads", "free-threads", "M8", N_ ("Threads without a lock"),
     N_ ("A pool of threads that all compute at the same time."),
     LDS_FAMILY_THREADS, LDS_PROVENANCE_MODEL, FALSE, FALSE, .holds_no_streams = TRUE},
    {"model:asyncio", "asyncio", "M5", N_ ("Async loop with one lock"),
     N_ ("A loop that waits for many at once, and threads for what blocks; one of them computes at a time."),
     LDS_FAMILY_ASYNCIO, LDS_PROVENANCE_MODEL, FALSE, FALSE},
    {"model:prefork-asyncio", "prefork-asyncio", "M6a", N_ ("Worker processes with async loops"),
     N_ ("Processes that are an async loop with one lock each and share the port."),
     LDS_FAMILY_ASYNCIO, LDS_PROVENANCE_MODEL, TRUE, FALSE},
    {"model:process-pool", "process-pool", "M7", N_ ("Async loop with worker processes"),
     N_ ("A loop that waits for many at once and hands what computes to a pool of processes."),
     LDS_FAMILY_ASYNCIO, LDS_PROVENANCE_MODEL, TRUE, FALSE},
    {"model:prefork", "prefork", "M6", N_ ("Worker processes"),
     N_ ("Processes that take one request at a time and share nothing but the port."),
     LDS_FAMILY_PREFORK, LDS_PROVENANCE_MODEL, TRUE, TRUE, .holds_no_streams = TRUE},
    {"model:polyglot", "polyglot", "M9", N_ ("Event loop and worker service"),
     N_ ("An event loop that sends everything that computes to a service of worker processes."),
     LDS_FAMILY_POLYGLOT, LDS_PROVENANCE_MODEL, TRUE, FALSE},
};

/* Servers of the user's own, twins on other models than their first, and what is not described here, by id. */
G_LOCK_DEFINE_STATIC (own_lanes);
static GHashTable *own_lanes;
/* What lanes were called before their twins were renewed: who has such a name keeps it. */
static GPtrArray *former_titles;

/* Returns: (nullable): the model with that code, or that id */
static const LdsLane *
find_model (const char *code,
            const char *id)
{
  for (guint i = 0; i < G_N_ELEMENTS (models); i++)
    if (g_strcmp0 (models[i].model_code, code) == 0 || g_strcmp0 (models[i].model_id, id) == 0)
      return &models[i];
  return NULL;
}

/* Returns: (nullable): the model that @twin is on unless another is asked for; %NULL when it is for none */
static const LdsLane *
choose_model (const LdsTwin *twin)
{
  GPtrArray *runtimes = lds_runtime_list ();

  for (guint i = 0; i < runtimes->len; i++)
    {
      const LdsRuntime *runtime = runtimes->pdata[i];
      const LdsLane *model = find_model (NULL, runtime->model);

      if (strcmp (runtime->id, twin->id) == 0 && model != NULL &&
          lds_twin_check_model (twin, model->model_id, model->model_code, NULL))
        return model;
    }
  for (guint i = 0; twin->model_codes[i] != NULL; i++)
    {
      const LdsLane *model = find_model (twin->model_codes[i], NULL);

      if (model != NULL)
        return model;
    }
  return NULL;
}

/* @id and @title: (transfer full) */
static LdsLane
make_twin (const LdsTwin *twin,
           const LdsLane *model,
           char *id,
           char *title)
{
  LdsLane lane = *model;

  lane.id = id;
  lane.title = title;
  lane.description = twin->description;
  lane.provenance = LDS_PROVENANCE_TWIN;
  lane.proposed = FALSE;
  lane.twin = twin;
  return lane;
}

LdsLane *
lds_lane_new_twin (const LdsTwin *twin,
                   const char *model_id)
{
  const LdsLane *model = find_model (NULL, model_id);
  LdsLane *lane;

  g_return_val_if_fail (twin != NULL && model != NULL, NULL);

  lane = g_new (LdsLane, 1);
  *lane =
      make_twin (twin, model, g_strconcat (TWIN_PREFIX, twin->id, NULL), g_strdup (twin->title));
  return lane;
}

void
lds_lane_free_twin (LdsLane *lane)
{
  g_free ((char *)lane->id);
  g_free ((char *)lane->title);
  g_free (lane);
}

static char *
dup_title_on (const LdsTwin *twin,
              const LdsLane *model)
{
  /* Translators: a runtime, then the architecture that it is put on: “Node.js 20, node:http: Worker processes” */
  return g_strdup_printf (_ ("%s: %s"), twin->title, _ (model->title));
}

static void
add_twins (GArray *lanes)
{
  GPtrArray *twins = lds_twin_list ();

  for (guint i = 0; i < twins->len; i++)
    {
      const LdsTwin *twin = twins->pdata[i];
      const LdsLane *model = choose_model (twin);
      LdsLane lane;

      if (model == NULL)
        continue;
      lane = make_twin (twin, model, g_strconcat (TWIN_PREFIX, twin->id, NULL),
                        g_strdup (twin->title));
      g_array_append_val (lanes, lane);
    }
}

/* Lanes that there can be before one has to move. */
static guint lanes_room;

/* Models, twins and runtimes. */
static GArray *
read_lanes (void)
{
  GPtrArray *runtimes = lds_runtime_list ();
  GArray *lanes;

  /* A twin of each runtime may be made later. */
  lanes_room = (guint)G_N_ELEMENTS (models) + lds_twin_list ()->len + 2 * runtimes->len;
  lanes = g_array_sized_new (FALSE, FALSE, sizeof (LdsLane), lanes_room);
  g_array_append_vals (lanes, models, G_N_ELEMENTS (models));
  add_twins (lanes);
  for (guint i = 0; i < runtimes->len; i++)
    {
      const LdsRuntime *runtime = runtimes->pdata[i];
      LdsLane lane = {
          .id = g_strconcat (REAL_PREFIX, runtime->id, NULL),
          .model_id = runtime->model,
          .title = runtime->title,
          .description = runtime->description,
          .family = runtime->family,
          .provenance = LDS_PROVENANCE_REAL,
          .has_workers = runtime->worker_arguments != NULL,
          .runtime = runtime,
      };

      if (find_model (NULL, runtime->model) != NULL)
        lane.model_code = find_model (NULL, runtime->model)->model_code;
      g_array_append_val (lanes, lane);
    }
  return lanes;
}

static GArray *
get_lanes (void)
{
  static GArray *lanes;

  if (g_once_init_enter (&lanes))
    g_once_init_leave (&lanes, read_lanes ());
  return lanes;
}

static LdsLane *
new_own (const char *id,
         GError **error)
{
  const LdsAddress *address = lds_address_parse (id + strlen (URL_PREFIX), error);
  LdsLane *lane;

  if (address == NULL)
    return NULL;
  lane = g_new0 (LdsLane, 1);
  lane->id = g_strdup (id);
  lane->title = lane->id + strlen (URL_PREFIX);
  lane->description = N_ ("A server of your own, which Loadstone neither starts nor looks into.");
  lane->family = LDS_FAMILY_URL;
  lane->provenance = LDS_PROVENANCE_URL;
  lane->address = address;
  return lane;
}

/* Names are those of files and folders. */
static gboolean
check_name (const char *id,
            const char *name,
            GError **error)
{
  if (*name != '\0' && strlen (name) <= MAX_NAME_BYTES && g_str_is_ascii (name) &&
      strpbrk (name, "/ \"\\") == NULL && *name != '.')
    return TRUE;
  return lds_error_refuse (error,
                           /* Translators: what was typed */
                           _ ("There is no lane “%s”; “loadstone-cli lanes” lists them."), id);
}

static LdsLane *
new_unknown (const char *id,
             GError **error)
{
  LdsLane *lane;

  if (!check_name (id, id + strlen (REAL_PREFIX), error))
    return NULL;
  lane = g_new0 (LdsLane, 1);
  lane->id = g_strdup (id);
  lane->title = lane->id + strlen (REAL_PREFIX);
  lane->description = N_ ("A runtime that is not described on this machine.");
  lane->family = LDS_FAMILY_URL;
  lane->provenance = LDS_PROVENANCE_REAL;
  return lane;
}

/* A twin on another model, or of a profile that is not here. */
static LdsLane *
new_twin (const char *id,
          GError **error)
{
  g_auto (GStrv) parts = g_strsplit (id + strlen (TWIN_PREFIX), "/", 2);
  const char *name = parts[0] != NULL ? parts[0] : "",
             *model_id = parts[0] != NULL ? parts[1] : NULL;
  const LdsTwin *twin = lds_twin_find (name, NULL);
  const LdsLane *model = model_id != NULL ? find_model (NULL, model_id) : NULL;
  LdsLane *lane;

  if (!check_name (id, name, error) || (model_id != NULL && !check_name (id, model_id, error)))
    return NULL;
  lane = g_new0 (LdsLane, 1);
  if (twin != NULL && model != NULL &&
      lds_twin_check_model (twin, model->model_id, model->model_code, NULL))
    {
      *lane = make_twin (twin, model, g_strdup (id), dup_title_on (twin, model));
      return lane;
    }
  if (model != NULL)
    *lane = *model;
  else
    lane->family = LDS_FAMILY_URL;
  lane->id = g_strdup (id);
  lane->title = lane->id + strlen (TWIN_PREFIX);
  lane->description = N_ ("A runtime whose costs are not known on this machine.");
  lane->provenance = LDS_PROVENANCE_TWIN;
  lane->proposed = FALSE;
  return lane;
}

/* Gives @lane the costs of @twin, if it is one of that. */
static void
renew (LdsLane *lane,
       const LdsTwin *twin)
{
  g_auto (GStrv) parts = g_strsplit (lane->id + strlen (TWIN_PREFIX), "/", 2);
  const LdsLane *model;

  if (lane->provenance != LDS_PROVENANCE_TWIN || strcmp (parts[0], twin->id) != 0)
    return;
  model = parts[1] != NULL ? find_model (NULL, parts[1]) : choose_model (twin);
  if (model == NULL || !lds_twin_check_model (twin, model->model_id, model->model_code, NULL))
    return;
  if (former_titles == NULL)
    former_titles = g_ptr_array_new ();
  g_ptr_array_add (former_titles, (gpointer)lane->title);
  *lane = make_twin (twin, model, (char *)lane->id,
                     parts[1] != NULL ? dup_title_on (twin, model) : g_strdup (twin->title));
}

const LdsLane *
lds_lane_renew_twin (const char *path,
                     GError **error)
{
  const LdsTwin *twin = lds_twin_renew (path, error);
  const LdsLane *model = twin != NULL ? choose_model (twin) : NULL;
  g_autofree char *id = twin != NULL ? g_strconcat (TWIN_PREFIX, twin->id, NULL) : NULL;
  GArray *lanes = get_lanes ();
  const LdsLane *lane = NULL;
  GHashTableIter iter;
  gpointer own;

  if (twin == NULL)
    return NULL;
  if (model == NULL)
    {
      lds_error_refuse (error, _ ("The profile “%s” is for no model that there is."), path);
      return NULL;
    }
  for (guint i = 0; i < lanes->len; i++)
    renew (&g_array_index (lanes, LdsLane, i), twin);
  G_LOCK (own_lanes);
  if (own_lanes != NULL)
    {
      g_hash_table_iter_init (&iter, own_lanes);
      while (g_hash_table_iter_next (&iter, NULL, &own))
        renew (own, twin);
      lane = g_hash_table_lookup (own_lanes, id);
    }
  G_UNLOCK (own_lanes);
  for (guint i = 0; i < lanes->len && lane == NULL; i++)
    if (strcmp (g_array_index (lanes, LdsLane, i).id, id) == 0)
      lane = &g_array_index (lanes, LdsLane, i);
  if (lane == NULL)
    {
      LdsLane added;

      g_return_val_if_fail (lanes->len < lanes_room, NULL);
      added = make_twin (twin, model, g_steal_pointer (&id), g_strdup (twin->title));
      g_array_append_val (lanes, added);
      lane = &g_array_index (lanes, LdsLane, lanes->len - 1);
    }
  return lane;
}

/* Why there is no such twin. */
static gboolean
check_twin (const LdsLane *lane,
            GError **error)
{
  g_auto (GStrv) parts = g_strsplit (lane->id + strlen (TWIN_PREFIX), "/", 2);
  const LdsTwin *twin;

  if (lane->twin != NULL)
    return TRUE;
  twin = lds_twin_find (parts[0], error);
  if (twin == NULL)
    return FALSE;
  return lds_twin_check_model (twin, parts[1] != NULL ? parts[1] : "?", lane->model_code, error);
}

/* One that is made when it is asked for. */
static const LdsLane *
find_own (const char *id,
          LdsLane *(*make) (const char *id, GError **error),
          GError **error)
{
  LdsLane *lane;

  G_LOCK (own_lanes);
  if (own_lanes == NULL)
    own_lanes = g_hash_table_new (g_str_hash, g_str_equal);
  lane = g_hash_table_lookup (own_lanes, id);
  if (lane == NULL)
    {
      lane = make (id, error);
      if (lane != NULL)
        g_hash_table_insert (own_lanes, (gpointer)lane->id, lane);
    }
  G_UNLOCK (own_lanes);
  return lane;
}

const LdsLane *
lds_lane_list (guint *n_lanes)
{
  g_return_val_if_fail (n_lanes != NULL, NULL);

  *n_lanes = get_lanes ()->len;
  return (const LdsLane *)(gconstpointer)get_lanes ()->data;
}

const LdsLane *
lds_lane_find (const char *id,
               GError **error)
{
  g_autoptr (GPtrArray) known = g_ptr_array_new ();
  GArray *lanes = get_lanes ();
  const char *nearest;

  g_return_val_if_fail (id != NULL, NULL);

  if (g_str_has_prefix (id, URL_PREFIX))
    return find_own (id, new_own, error);
  for (guint i = 0; i < lanes->len; i++)
    {
      const LdsLane *lane = &g_array_index (lanes, LdsLane, i);
      gboolean is_model = lane->provenance == LDS_PROVENANCE_MODEL;

      if (strcmp (lane->id, id) == 0 || (is_model && strcmp (lane->model_id, id) == 0))
        return lane;
      if (is_model)
        g_ptr_array_add (known, (gpointer)lane->model_id);
      g_ptr_array_add (known, (gpointer)lane->id);
    }
  if (g_str_has_prefix (id, REAL_PREFIX))
    return find_own (id, new_unknown, error);
  if (g_str_has_prefix (id, TWIN_PREFIX))
    return find_own (id, new_twin, error);
  g_ptr_array_add (known, NULL);
  nearest = lds_nearest (id, (const char *const *)known->pdata);
  if (nearest != NULL)
    g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                 /* Translators: what was typed, then the identifier that comes nearest to it */
                 _ ("There is no lane “%s”; did you mean “%s”?"), id, nearest);
  else if (g_str_has_prefix (id, "http:"))
    g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                 /* Translators: an address, twice */
                 _ ("There is no lane “%s”; a server of your own is “url:%s”."), id, id);
  else
    g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                 /* Translators: “loadstone-cli lanes” is a command */
                 _ ("There is no lane “%s”; “loadstone-cli lanes” lists them."), id);
  return NULL;
}

gboolean
lds_lane_check (const LdsLane *lane,
                GError **error)
{
  g_autofree char *version = NULL;

  g_return_val_if_fail (lane != NULL, FALSE);

  if (lane->provenance == LDS_PROVENANCE_TWIN)
    return check_twin (lane, error);
  if (lane->provenance != LDS_PROVENANCE_REAL)
    return TRUE;
  if (lane->runtime == NULL)
    {
      g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                   /* Translators: a name; “loadstone-cli lanes” is a command */
                   _ ("There is no runtime “%s” on this machine; “loadstone-cli lanes” lists those that there are."),
                   lane->title);
      return FALSE;
    }
  version = lds_runtime_read_version (lane->runtime, error);
  return version != NULL;
}

GPtrArray *
lds_lane_list_real (gboolean ask)
{
  GPtrArray *real = g_ptr_array_new ();
  GArray *lanes = get_lanes ();

  for (int packages = 0; packages < 2; packages++)
    for (guint i = 0; i < lanes->len; i++)
      {
        const LdsLane *lane = &g_array_index (lanes, LdsLane, i);

        if (lane->runtime != NULL && (lane->runtime->installer != LDS_INSTALLER_NONE) == packages &&
            (ask || lds_runtime_is_asked (lane->runtime)) && lds_lane_check (lane, NULL))
          g_ptr_array_add (real, (gpointer)lane);
      }
  return real;
}

gboolean
lds_lane_serves (const LdsLane *lane,
                 const LdsWorkload *workload)
{
  g_return_val_if_fail (lane != NULL && workload != NULL, FALSE);

  if (lane->runtime != NULL)
    return lds_runtime_serves (lane->runtime, workload);
  return workload->kind == LDS_WORKLOAD_REQUESTS || !lane->holds_no_streams;
}

char *
lds_lane_dup_label (const LdsLane *lane)
{
  g_return_val_if_fail (lane != NULL, NULL);

  switch (lane->provenance)
    {
    case LDS_PROVENANCE_MODEL:
      /* Translators: an architecture's name: “Event loop (model)” */
      return g_strdup_printf (_ ("%s (model)"), _ (lane->title));
    case LDS_PROVENANCE_TWIN:
      if (lane->twin != NULL && lds_twin_is_foreign (lane->twin))
        /* Translators: the same where the costs are those of another machine */
        return g_strdup_printf (_ ("%s (twin, calibrated on another machine)"), _ (lane->title));
      if (lane->twin != NULL && !isnan (lane->twin->throughput_error) &&
          strchr (lane->id, '/') == NULL)
        /* Translators: the same where it is known how far its throughput is off: “Fastify 5 (twin, off by 6 %)” */
        return g_strdup_printf (_ ("%s (twin, off by %.0f %%)"), _ (lane->title),
                                lane->twin->throughput_error * 100);
      /* Translators: a runtime's name, imitated by a model with its costs: “Fastify 5 (twin)” */
      return g_strdup_printf (_ ("%s (twin)"), _ (lane->title));
    case LDS_PROVENANCE_REAL:
      /* Translators: a runtime's name, the runtime itself: “Fastify 5.1 on Node.js 22 (real)” */
      return g_strdup_printf (_ ("%s (real)"), _ (lane->title));
    case LDS_PROVENANCE_CLAIM:
      /* Translators: what an article says about something: “Fastify (claim)” */
      return g_strdup_printf (_ ("%s (claim)"), _ (lane->title));
    case LDS_PROVENANCE_URL:
    default:
      return g_strdup (lane->title);
    }
}

const char *
lds_provenance_to_string (LdsProvenance provenance)
{
  switch (provenance)
    {
    case LDS_PROVENANCE_MODEL:
      return "model";
    case LDS_PROVENANCE_TWIN:
      return "twin";
    case LDS_PROVENANCE_REAL:
      return "real";
    case LDS_PROVENANCE_URL:
      return "url";
    case LDS_PROVENANCE_CLAIM:
      return "claim";
    default:
      g_return_val_if_reached ("model");
    }
}
