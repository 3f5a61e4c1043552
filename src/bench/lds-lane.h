/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lanes: what can be put under test, and what a figure from it may be called. */
#pragma once

#include <glib.h>

#include "lds-address.h"
#include "lds-twin.h"

G_BEGIN_DECLS

/* Where a figure comes from. Drawn as a line style everywhere: never shown as another. */
typedef enum
{
  LDS_PROVENANCE_MODEL, /* an architecture alone: dotted */
  LDS_PROVENANCE_TWIN,  /* a model with a runtime's calibrated costs: dashed */
  LDS_PROVENANCE_REAL,  /* the real runtime: solid */
  LDS_PROVENANCE_URL,   /* a server of the user's own: solid */
  LDS_PROVENANCE_CLAIM, /* what an article says: hollow diamond */
} LdsProvenance;

/* What an architecture is, drawn as a hue everywhere. */
typedef enum
{
  LDS_FAMILY_EVENT_LOOP,
  LDS_FAMILY_ASYNCIO,
  LDS_FAMILY_THREADS,
  LDS_FAMILY_PREFORK,
  LDS_FAMILY_POLYGLOT,
  LDS_FAMILY_URL,
  LDS_N_FAMILIES,
} LdsFamily;

/* Worker processes that a server may be asked for; those of loadstone-server. */
#define LDS_LANE_MAX_WORKERS 256

/* lds-runtime.h, lds-workload.h */
typedef struct _LdsRuntime LdsRuntime;
typedef struct _LdsWorkload LdsWorkload;

/* A row of the lane table, the same with a runtime's costs, a real runtime, or a server of the user's own: immutable
 * but for lds_lane_renew_twin(), lives as long as the process. */
typedef struct
{
  /* "model:event-loop", "twin:node-http", "twin:node-http/cluster", "real:node-http", "url:http://127.0.0.1:8080":
   * stable, used in plans and reports */
  const char *id;
  const char *model_id;    /* (nullable): the server's --model, or what a runtime is an instance of: "event-loop" */
  const char *model_code;  /* (nullable): "M1", as in the domain's list of server models */
  const char *title;       /* untranslated: "Event loop"; of an own server its address */
  const char *description; /* untranslated, one sentence */
  LdsFamily family;
  LdsProvenance provenance;
  gboolean has_workers; /* a number of worker processes means something to it */
  gboolean proposed;    /* part of the plan that is proposed */
  /* An open connection would hold one of its threads or processes: it answers 501 to workloads of streams. */
  gboolean holds_no_streams;
  /* (nullable): of a server that is there already. It is neither started nor stopped, and nothing is
   * known of its processes. */
  const LdsAddress *address;
  const LdsRuntime *runtime; /* (nullable): what starts a real one; NULL also where its descriptor is not here */
  const LdsTwin *twin;       /* (nullable): what a twin costs; NULL also where its profile is not here */
} LdsLane;

/** Returns: (array length=n_lanes) (transfer none): every lane that needs no address, in the order to show them: models,
 * then twins, one a profile, then real runtimes, whether their programs are here or not. A twin is on the model of the
 * runtime of the same id, if the profile is for that, and otherwise on the first that it is for. What
 * lds_lane_renew_twin() adds comes last. */
const LdsLane *lds_lane_list (guint *n_lanes);

/**
 * lds_lane_renew_twin:
 * @path: a profile, which was written since lanes were read
 *
 * From now on the lane of its id costs that, as do those on other models: they are still the same lanes with another
 * name, and one that was not there is from now on. Nothing may be measured meanwhile. Main thread.
 *
 * Returns: (transfer none): the lane; or %NULL with LDS_ERROR_INPUT when the file is no profile, or is for no model
 */
const LdsLane *lds_lane_renew_twin (const char *path, GError **error);

/**
 * lds_lane_find:
 * @id: a lane's id, with or without "model:"; or "url:" and an address, as lds_address_parse() takes it; or "twin:",
 *   a profile, "/" and another model that it is for
 *
 * "real:" and a name of which there is no descriptor is a lane, too, as is "twin:" and one of which there is no such
 * profile: reports of other machines have such. They cannot be measured.
 *
 * Returns: (transfer none): the lane, the same one for the same @id; or %NULL with LDS_ERROR_INPUT that
 *   names the nearest one, or what is wrong with the address
 */
const LdsLane *lds_lane_find (const char *id, GError **error);

/**
 * lds_lane_new_twin:
 * @twin: kept; of a file that need not be among those that are listed
 * @model_id: that it is for
 *
 * Returns: (transfer full): a lane that is in no list and found by no id, for who tries a profile out; to be freed with
 *   lds_lane_free_twin() before @twin, when no run is left
 */
LdsLane *lds_lane_new_twin (const LdsTwin *twin, const char *model_id);
void lds_lane_free_twin (LdsLane *lane);

/**
 * lds_lane_check:
 *
 * Returns %TRUE when @lane can be measured on this machine. A real runtime is asked for its version the first
 *   time; LDS_ERROR_FAILED says what is missing or not set up, LDS_ERROR_INPUT that there is no such runtime or profile
 */
gboolean lds_lane_check (const LdsLane *lane, GError **error);

/**
 * lds_lane_list_real:
 * @ask: %TRUE to ask runtimes for their versions that have not been asked, which takes as long as starting each; %FALSE
 *   to never wait: such a runtime is then as good as not here
 *
 * Returns: (transfer container) (element-type LdsLane): the real lanes that can be measured on this machine, those of a
 *   language's standard library alone before those with packages
 */
GPtrArray *lds_lane_list_real (gboolean ask);

/**
 * lds_lane_serves:
 *
 * Returns %TRUE when @lane serves @workload, with whatever parameters. A lane whose threads or processes serve one
 *   connection each has none left for those that stay open; a real runtime serves what its program knows
 */
gboolean lds_lane_serves (const LdsLane *lane, const LdsWorkload *workload);

/** Returns: (transfer full): "Event loop (model)": the name with its provenance, translated */
char *lds_lane_dup_label (const LdsLane *lane);

/** "model", "twin", "real", "url", "claim": as in JSON. */
const char *lds_provenance_to_string (LdsProvenance provenance);

G_END_DECLS
