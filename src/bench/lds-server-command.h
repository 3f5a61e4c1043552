/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command line of the server that a run is of: loadstone-server as a model, with a
 * profile for a twin, or a real runtime. */
#pragma once

#include "lds-run.h"

G_BEGIN_DECLS

typedef struct
{
  GStrv argv;
  GStrv environment; /* (nullable): of a real runtime; NULL = this process's own */
  guint port;        /* that it was told to listen to, for it does not say when it does; 0 = it tells */
} LdsServerCommand;

/**
 * lds_server_command_init:
 * @spec: of a lane that has a server to start
 * @server_path: loadstone-server
 *
 * Fills @self, to be cleared with lds_server_command_clear(); returns %FALSE with LDS_ERROR_FAILED when the
 * runtime is not here, or no port is free.
 */
gboolean lds_server_command_init (LdsServerCommand *self,
                                  const LdsRunSpec *spec,
                                  const char *server_path,
                                  GError **error);
void lds_server_command_clear (LdsServerCommand *self);

/** Returns whether somebody accepts connections on @port of loopback; does not wait for it. */
gboolean lds_server_command_is_accepting (guint port);

G_END_DECLS
