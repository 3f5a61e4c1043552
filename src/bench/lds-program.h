/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the programs that measure say of themselves: their build, and the libraries that they have loaded. */
#pragma once

#include "lds-build.h"
#include "lds-session.h"

G_BEGIN_DECLS

/**
 * lds_program_take:
 * @line: what a server says when it is ready, or a load generator when it has started
 *
 * Adds its "commit" and "libraries", where it has them, to @run. Returns %FALSE with LDS_ERROR_INPUT when
 * they are not what they should be.
 */
gboolean lds_program_take (LdsRun *run, JsonObject *line, GError **error);

/**
 * lds_program_tell:
 * @session: its environment can be changed
 * @run: of this session, fresh
 *
 * Adds the libraries of @run's programs to "libraries" of the environment, a list of names with versions. Warns
 * in the session when one has another version than before, and when a program is of another build than this one.
 */
void lds_program_tell (LdsSession *session, const LdsRun *run);

/** Warns in @session that such a build, with sanitizers or without optimisation, is nothing to measure with. */
void lds_program_warn_of_build (LdsSession *session, const LdsBuild *build);

G_END_DECLS
