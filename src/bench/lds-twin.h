/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Profiles as the conductor knows them: what a twin, a server model with a runtime's costs, spends.
 *
 * data/schemas/profile.schema.json describes the files. Read here is what a lane needs, which models they are for and
 * where the figures come from; the figures themselves are looked at by loadstone-server, which spends them. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Largest file; as in the server, which refuses larger ones. */
#define LDS_TWIN_MAX_FILE_BYTES (64 * 1024)

/* Immutable, lives as long as the process. */
typedef struct
{
  const char *id;          /* "node-http": its file's name without ".json" */
  const char *path;        /* absolute */
  const char *title;       /* as the file has it: "Node.js 20, node:http" */
  const char *runtime;     /* "Node.js 20.20.2" */
  const char *framework;   /* "node:http" */
  GStrv model_codes;       /* at least one: "M1" */
  const char *source;      /* where the figures come from: "DOMAIN C.0" */
  const char *machine;     /* what they were found on */
  const char *kind;        /* "claim", "measured" or "derived" */
  const char *date;        /* "2026-11-21" */
  const char *digest;      /* of the file: SHA-256, 64 hexadecimal digits */
  const char *cpu_model;   /* (nullable): that it was calibrated on; NULL when the file does not say */
  double cpu_work_ns;      /* that lds_cpu_work_measure_ns() took there; 0 likewise */
  double throughput_error; /* 0.06: how far it was off, the median of cases (lds-fidelity.h); NaN = not known */
  const char *description; /* translated, one sentence: what it costs and where that is known from */
} LdsTwin;

/**
 * lds_twin_list:
 *
 * Those that are shipped and those of "loadstone/profiles" in the user's data folder, by id; one of the same id as a
 * shipped one takes its place. Read once. LOADSTONE_PROFILES, for tests, names another folder of shipped ones, as it
 * does for the server.
 *
 * Returns: (transfer none) (element-type LdsTwin)
 */
GPtrArray *lds_twin_list (void);

/** Returns: (transfer none) (element-type utf8): why files were passed over, a sentence each */
GPtrArray *lds_twin_list_faults (void);

/**
 * lds_twin_find:
 *
 * Returns: (transfer none): the profile; or %NULL with LDS_ERROR_INPUT that names the nearest one
 */
const LdsTwin *lds_twin_find (const char *id, GError **error);

/**
 * lds_twin_load:
 * @path: a profile named after its id
 *
 * Returns: (transfer full): the profile; or %NULL with LDS_ERROR_INPUT naming the file and what is wrong
 */
LdsTwin *lds_twin_load (const char *path, GError **error);
void lds_twin_free (LdsTwin *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LdsTwin, lds_twin_free)

/**
 * lds_twin_renew:
 * @path: a profile of the user's own, which was written since profiles were read
 *
 * From now on it is listed, in the place of one of the same id. That one lives on, for who has it.
 * Main thread.
 *
 * Returns: (transfer none): the profile; or %NULL with LDS_ERROR_INPUT
 */
const LdsTwin *lds_twin_renew (const char *path, GError **error);

/** Returns: (transfer full): where “fidelity” leaves what it found of the profile @id, whether it is there or not. What it
 * found of other costs, for the profile was made anew since, says nothing of these. */
char *lds_twin_dup_fidelity_path (const char *id);

/** Returns: (transfer full): the folder of the user's own profiles, whether it is there or not */
char *lds_twin_dup_own_folder (void);

/**
 * lds_twin_check_model:
 * @code: (nullable): "M1"
 *
 * Returns %TRUE when the profile is for that model, or LDS_ERROR_INPUT which says which ones it is for
 */
gboolean lds_twin_check_model (const LdsTwin *self,
                               const char *model_id,
                               const char *code,
                               GError **error);

/**
 * lds_twin_get_scale:
 *
 * On another processor than it was calibrated on, times are longer or shorter by as much as a fixed piece of work is,
 * which is measured the first time that it is needed. The figures are less certain then: that work is not a server's.
 *
 * Returns what the profile's times are multiplied with here, 0.01 to 100; 1 on the same processor, and where the file does
 *   not say which it was
 */
double lds_twin_get_scale (const LdsTwin *self);

/** Returns whether it was calibrated on another machine than this: its figures are scaled, and less certain. */
gboolean lds_twin_is_foreign (const LdsTwin *self);

/** Returns: (transfer full): what tells the figures from others, on one line: "node-http measured 2026-11-28 sha256:…" */
char *lds_twin_dup_identity (const LdsTwin *self);

G_END_DECLS
