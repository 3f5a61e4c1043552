/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A loop that listens on several ports: many services of a gateway in one process. */
#include "lds-loop-private.h"

#include <stdlib.h>

struct _LdsLoopPorts
{
  unsigned count;
  uv_tcp_t listeners[];
};

static void
connection_cb (uv_stream_t *listener,
               int status)
{
  LdsLoop *loop = listener->data;
  LdsLoopClient *client;

  if (status != 0)
    return;
  lds_loop_enter (loop);
  client = lds_loop_client_new (loop);
  if (client != NULL)
    {
      if (uv_accept (listener, (uv_stream_t *)lds_loop_client_handle (client)) == 0)
        lds_loop_client_begin (client);
      else
        lds_loop_client_close (client);
    }
  lds_loop_leave (loop);
}

bool
lds_loop_ports_open (LdsLoop *loop)
{
  const LdsServer *server = loop->server;
  LdsLoopPorts *self;

  if (server->n_more == 0)
    return true;
  self = loop->ports = calloc (1, sizeof *self + server->n_more * sizeof *self->listeners);
  if (self == NULL)
    return false;
  for (; self->count < server->n_more; self->count++)
    {
      uv_tcp_t *listener = &self->listeners[self->count];

      if (uv_tcp_init (&loop->uv, listener) != 0 ||
          uv_tcp_open (listener, server->more_listeners[self->count]) != 0)
        return false;
      listener->data = loop;
      if (uv_listen ((uv_stream_t *)listener, (int)server->options.backlog, connection_cb) != 0)
        return false;
    }
  return true;
}

void
lds_loop_ports_close (LdsLoop *loop)
{
  if (loop->ports == NULL)
    return;
  for (unsigned i = 0; i < loop->ports->count; i++)
    uv_close ((uv_handle_t *)&loop->ports->listeners[i], NULL);
}

void
lds_loop_ports_free (LdsLoop *loop)
{
  free (loop->ports);
  loop->ports = NULL;
}
