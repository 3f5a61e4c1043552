/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packages that a runtime needs: where they are, whether they are those that its lock file names, and which versions.
 *
 * They are in "loadstone/runtimes/ID" of the user's cache folder (XDG_CACHE_HOME), which lds_runtime_setup_async() makes
 * whole or not at all. A stamp in it holds the digest of the lock file that they were installed from, and the part of
 * the program's version that they are tied to: Node.js' first number, for its binary interface changes with that, and
 * Python's first two, for they are part of the venv's paths. With another stamp than is wanted now they are not set up. */
#pragma once

#include "lds-runtime.h"

G_BEGIN_DECLS

/* The interpreter of a venv, within its folder. */
#define LDS_RUNTIME_PACKAGES_PYTHON "bin/python3"

/** Returns: (transfer full): the absolute path of the folder, be it there or not */
char *lds_runtime_packages_dup_folder (const LdsRuntime *self);

/** Returns: (transfer none) (array zero-terminated=1): names of the files, in the runtime's folder, that say what is to be
 * installed; none when it needs no packages */
const char *const *lds_runtime_packages_get_lock_files (const LdsRuntime *self);

/**
 * lds_runtime_packages_make_stamp:
 * @self: one that needs packages
 *
 * Asks the program for its version the first time.
 *
 * Returns: (transfer full): what the stamp has to be; or %NULL with LDS_ERROR_FAILED when the program is not there, and
 *   LDS_ERROR_INPUT when a lock file cannot be read
 */
char *lds_runtime_packages_make_stamp (const LdsRuntime *self, GError **error);

/** Writes @stamp into @folder, as the last of its files; returns %FALSE with LDS_ERROR_FAILED. */
gboolean lds_runtime_packages_write_stamp (const char *folder, const char *stamp, GError **error);

/**
 * lds_runtime_packages_read_versions:
 * @folder: where they are installed
 *
 * Returns: (transfer full): "express 5.1.0" for each of the runtime's named packages; or %NULL with LDS_ERROR_FAILED naming
 *   one that is not there
 */
GStrv lds_runtime_packages_read_versions (const LdsRuntime *self,
                                          const char *folder,
                                          GError **error);

/**
 * lds_runtime_packages_list:
 *
 * Reads a few small files, and asks the program for its version the first time. Any thread.
 *
 * Returns: (transfer full): as lds_runtime_packages_read_versions(), none for a runtime that needs none; or %NULL with
 *   LDS_ERROR_FAILED when they are not set up, saying how that is done, and errors of lds_runtime_packages_make_stamp()
 */
GStrv lds_runtime_packages_list (const LdsRuntime *self, GError **error);

/** Makes @folder, of the user's cache folder, and its parents; returns %FALSE with LDS_ERROR_FAILED. */
gboolean lds_runtime_packages_make_folder (const char *folder, GError **error);

/**
 * lds_runtime_packages_lock:
 *
 * Keeps other processes from setting up or removing packages until the descriptor is closed. Makes the folder that
 * all are in.
 *
 * Returns: a descriptor to close; or -1 with LDS_ERROR_FAILED when another has it, or the folder cannot be made
 */
int lds_runtime_packages_lock (GError **error);

/** Removes what is installed, be it whole or not; nothing there is no error. Returns %FALSE with LDS_ERROR_FAILED. */
gboolean lds_runtime_packages_remove (const LdsRuntime *self, GError **error);

G_END_DECLS
