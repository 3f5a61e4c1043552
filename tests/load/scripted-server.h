/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A server that does to a client what a test wants: a thread a connection, raw bytes. */
#pragma once

#include <glib.h>

typedef struct ScriptedServer ScriptedServer;

/* Serves one connection until it returns; the connection is then closed in order. */
typedef void (*ScriptFunc) (ScriptedServer *server, int fd);

/* Listens on a free port of 127.0.0.1. Without a @script (nullable) it holds each connection as it is,
 * with no thread, until the test does something to it or the server dies. */
ScriptedServer *scripted_server_new (ScriptFunc script);

/* Closes the listener and all connections, as a process that died does. Any thread but a script's may
 * call it again. */
void scripted_server_die (ScriptedServer *server);
void scripted_server_free (ScriptedServer *server);

/* (transfer full) */
char *scripted_server_dup_url (ScriptedServer *server);

guint16 scripted_server_get_port (ScriptedServer *server);

/* Blocks until the server has accepted @n connections. */
void scripted_server_wait_for_connections (ScriptedServer *server, guint n);

/* Connection @i of those accepted, from 0; of a server without a script. */
int scripted_server_get_fd (ScriptedServer *server, guint i);

/* Reads a request, which is one without a body. Returns the number of requests that the server has
 * read with it, from 1; 0 when the connection is over. */
guint scripted_server_read (ScriptedServer *server, int fd);

/* Requests read so far. */
guint scripted_server_get_n_requests (ScriptedServer *server);

/* Blocks until the server has read @n requests. */
void scripted_server_wait_for (ScriptedServer *server, guint n);

/* Returns FALSE when the client has gone. */
gboolean scripted_server_write (int fd, const char *data, gsize size);
gboolean scripted_server_answer (int fd, const char *text);

/* Makes closing @fd a reset. */
void scripted_server_reset_on_close (int fd);
