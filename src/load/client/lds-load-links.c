/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The beginning and the end of clients over a back end. */
#include "lds-load-links.h"

#include <errno.h>
#include <stdlib.h>

/* So many connections are made at a time ahead of the run: a server's queue of connections to be accepted is
 * seldom shorter (100 in asyncio, 511 in Node.js), and what finds it full is tried again after a second. */
#define MAX_PREPARING 64

static LdsLoadConnection *
nth (const LdsLoadLinks *self,
     unsigned i)
{
  return (void *)((char *)self->connections + i * self->links_class->connection_bytes);
}

static void
end_preparing (LdsLoadLinks *self,
               LdsLoadConnection *connection)
{
  self->n_preparing -= connection->was_prepared;
  connection->was_prepared = false;
}

/* --- What the back end tells ----------------------------------------------------------------- */

void
lds_load_links_woke (void *client)
{
  LdsLoadLinks *self = client;

  lds_load_worker_woke (self->worker);
}

void
lds_load_links_connected (LdsLoadLinks *self,
                          LdsLoadConnection *connection,
                          int64_t now_ns)
{
  end_preparing (self, connection);
  lds_load_worker_connected (self->worker, now_ns - connection->connect_ns);
}

void
lds_load_links_connect_failed (LdsLoadLinks *self,
                               LdsLoadConnection *connection,
                               int error_number,
                               const char *message)
{
  end_preparing (self, connection);
  lds_load_worker_connect_failed (self->worker, error_number, message);
}

/* --- Life ------------------------------------------------------------------------------------ */

unsigned
lds_load_links_prepare (LdsLoadClient *client)
{
  LdsLoadLinks *self = (LdsLoadLinks *)client;

  while (self->n_prepared < self->n_connections && self->n_preparing < MAX_PREPARING)
    {
      LdsLoadConnection *connection = nth (self, self->n_prepared++);

      connection->was_prepared = true;
      self->n_preparing++;
      lds_load_links_connect (self, connection);
    }
  return self->n_preparing + (self->n_connections - self->n_prepared);
}

bool
lds_load_links_is_connected (LdsLoadClient *client,
                             const LdsLoadSlot *slot)
{
  LdsLoadLinks *self = (LdsLoadLinks *)client;

  return nth (self, slot->index / self->plan->pipeline)->link.fd >= 0;
}

void
lds_load_links_wait (LdsLoadClient *client,
                     int64_t until_ns)
{
  LdsLoadLinks *self = (LdsLoadLinks *)client;

  self->engine_class->wait (self->engine, until_ns);
}

void
lds_load_links_close (LdsLoadClient *client)
{
  LdsLoadLinks *self = (LdsLoadLinks *)client;

  for (unsigned i = 0; self->connections != NULL && i < self->n_connections; i++)
    {
      if (self->engine != NULL)
        lds_load_links_disconnect (self, nth (self, i));
      self->links_class->clear (nth (self, i));
    }
  if (self->engine != NULL)
    self->engine_class->close (self->engine);
  free (self->connections);
  free (self);
}

static bool
set_up (LdsLoadLinks *self)
{
  LdsLoadEngineSetup setup = {
      .events = &self->links_class->events,
      .client = self,
      .address = (const struct sockaddr *)&self->plan->target.address,
      .address_size = self->plan->target.address_size,
      .n_links = self->n_connections,
      .first_link = self->first_connection,
  };

  self->connections = calloc (self->n_connections, self->links_class->connection_bytes);
  if (self->connections == NULL)
    return false;
  for (unsigned i = 0; i < self->n_connections; i++)
    {
      LdsLoadConnection *connection = nth (self, i);

      connection->link.fd = -1;
      connection->link.index = i;
      if (!self->links_class->init ((LdsLoadClient *)self, connection))
        return false;
    }
  self->engine = self->engine_class->open (&setup);
  return self->engine != NULL;
}

LdsLoadClient *
lds_load_links_open (LdsLoadClient *client,
                     const LdsLoadLinksClass *links_class,
                     LdsLoadWorker *worker,
                     unsigned n_slots)
{
  LdsLoadLinks *self = (LdsLoadLinks *)client;
  int saved_errno;

  if (self == NULL)
    return NULL;
  self->links_class = links_class;
  self->worker = worker;
  self->plan = lds_load_worker_get_plan (worker);
  self->engine_class = lds_load_worker_get_engine_class (worker);
  self->n_connections = n_slots / self->plan->pipeline;
  self->first_connection = lds_load_worker_get_first_slot (worker) / self->plan->pipeline;
  if (set_up (self))
    return client;
  saved_errno = errno;
  lds_load_links_close (client);
  errno = saved_errno;
  return NULL;
}
