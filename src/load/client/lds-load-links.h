/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the clients over a back end have in common: how they begin and end, and how their connections are
 * made. What is said on a connection is each client's own.
 *
 * A client begins with an LdsLoadLinks, each of its connections with an LdsLoadConnection. Functions that
 * take an LdsLoadClient stand in its LdsLoadClientClass as they are.
 */
#pragma once

#include "lds-clock.h"
#include "lds-load-worker.h"

typedef struct
{
  LdsLoadLink link;
  bool was_prepared;  /* made, or tried, ahead of the run */
  int64_t connect_ns; /* when connecting began */
} LdsLoadConnection;

/* What a client says of its connections. */
typedef struct
{
  size_t connection_bytes;
  /* Readies the client's part of @connection, which is zero. Returns false, with errno set, when memory
   * is short. */
  bool (*init) (LdsLoadClient *client, LdsLoadConnection *connection);
  /* Frees it; it may still be zero. */
  void (*clear) (LdsLoadConnection *connection);
  LdsLoadEngineEvents events;
} LdsLoadLinksClass;

typedef struct
{
  const LdsLoadLinksClass *links_class;
  LdsLoadWorker *worker;
  LdsLoadPlan *plan;
  const LdsLoadEngineClass *engine_class;
  LdsLoadEngine *engine;
  void *connections; /* (array length=n_connections): the client's structs */
  unsigned n_connections;
  unsigned first_connection; /* numbers of connections go over all threads */
  unsigned n_prepared;       /* of the connections, in order */
  unsigned n_preparing;
} LdsLoadLinks;

/**
 * lds_load_links_open:
 * @client: (nullable): one block of calloc(), zero but for what init() needs
 *
 * Returns: (nullable): @client, ready; NULL with errno set, and @client freed, when it cannot work here
 */
LdsLoadClient *lds_load_links_open (LdsLoadClient *client,
                                    const LdsLoadLinksClass *links_class,
                                    LdsLoadWorker *worker,
                                    unsigned n_slots);

void lds_load_links_close (LdsLoadClient *client);
unsigned lds_load_links_prepare (LdsLoadClient *client);
bool lds_load_links_is_connected (LdsLoadClient *client, const LdsLoadSlot *slot);
void lds_load_links_wait (LdsLoadClient *client, int64_t until_ns);

/** The back end's woke(). */
void lds_load_links_woke (void *client);

/** @connection is good for use since @now_ns, all handshakes included. */
void
lds_load_links_connected (LdsLoadLinks *self, LdsLoadConnection *connection, int64_t now_ns);

/** @connection could not be made; @message as of lds_load_worker_connect_failed(). */
void lds_load_links_connect_failed (LdsLoadLinks *self,
                                    LdsLoadConnection *connection,
                                    int error_number,
                                    const char *message);

/* The back end's functions of these names, which clients do not call themselves. */

static inline void
lds_load_links_connect (LdsLoadLinks *self,
                        LdsLoadConnection *connection)
{
  connection->connect_ns = lds_clock_now_ns ();
  self->engine_class->connect (self->engine, &connection->link);
}

static inline void
lds_load_links_send (LdsLoadLinks *self,
                     LdsLoadConnection *connection,
                     const char *data,
                     size_t size,
                     bool is_constant)
{
  self->engine_class->send (self->engine, &connection->link, data, size, is_constant);
}

static inline void
lds_load_links_disconnect (LdsLoadLinks *self,
                           LdsLoadConnection *connection)
{
  self->engine_class->disconnect (self->engine, &connection->link);
}
