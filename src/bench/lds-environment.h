/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The machine that is measured on: what a reader must know to judge or repeat the figures. */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * lds_environment_read:
 *
 * Members: "loadstone_version", "commit", "compiler", "build_type", "build_flags", "optimised", "sanitizers" (a
 * list) as in LdsBuild, "started_at" (ISO 8601, UTC), "cpu_model", "cpus" (that this process may use),
 * "pinning_possible" (server and load generator get processors of their own), "kernel", "architecture", "governor" (null where the system does not say), "memory_bytes",
 * "load_average_before" (1 minute), "flatpak" (boolean). What cannot be read is null. Reads a few
 * small files; any thread.
 *
 * Returns: (transfer full)
 */
JsonObject *lds_environment_read (void);

/** Adds "finished_at" and "load_average_after". */
void lds_environment_finish (JsonObject *environment);

/** Returns the memory that programs may take before the machine swaps, bytes; NaN when not known. */
double lds_environment_available_bytes (void);

/** Returns: (transfer full): the same members, in an object that can be changed */
JsonObject *lds_environment_copy (JsonObject *environment);

/**
 * lds_environment_find_change:
 *
 * Compares what of a machine steers its figures: version, commit and build, processor, number of processors,
 * pinning, kernel, architecture, governor, sandbox. What an older environment does not say is not compared.
 *
 * Returns: (transfer full) (nullable): the first member that differs; %NULL when none does
 */
char *lds_environment_find_change (JsonObject *before, JsonObject *now);

/**
 * lds_environment_is_same_machine:
 *
 * Compares processor, number of processors and architecture alone: another kernel or build is still this machine.
 * What an environment does not say is not compared.
 */
gboolean lds_environment_is_same_machine (JsonObject *before, JsonObject *now);

/**
 * lds_environment_is_build_member:
 * @member: as lds_environment_find_change() gives it
 *
 * Returns whether it tells of Loadstone and how it was built, not of the machine
 */
gboolean lds_environment_is_build_member (const char *member);

/**
 * lds_environment_list_cores:
 *
 * Returns: (transfer full) (element-type int): the processors that this process may use, ascending;
 *   empty when the system does not say
 */
GArray *lds_environment_list_cores (void);

G_END_DECLS
