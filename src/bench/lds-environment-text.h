/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The environment of a session for people. */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

typedef struct
{
  char *title; /* "Processor" */
  char *text;
} LdsEnvironmentText;

/**
 * lds_environment_list_text:
 * @environment: as lds_environment_read() has it, or a file; members that this version does not know are
 *   shown under their own names
 *
 * Returns: (transfer full) (element-type LdsEnvironmentText): what is known, in the order of the members
 */
GPtrArray *lds_environment_list_text (JsonObject *environment);

G_END_DECLS
