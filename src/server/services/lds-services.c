/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The database and the events of this server. */
#include "lds-services.h"

/* Set once, before there is anyone else to read them. */
static struct
{
  LdsStore *store;
  LdsEvents *events;
} services;

bool
lds_services_open (const LdsStoreConfig *store,
                   const char *events,
                   bool *bad_usage,
                   char *message,
                   size_t message_bytes)
{
  *bad_usage = false;
  services.events = lds_events_open (events, bad_usage, message, message_bytes);
  if (services.events == NULL)
    return false;
  services.store = lds_store_open (store, message, message_bytes);
  if (services.store != NULL)
    return true;
  lds_events_close (services.events);
  services.events = NULL;
  return false;
}

void
lds_services_settle (void)
{
  if (services.store != NULL)
    lds_store_settle (services.store);
}

LdsStore *
lds_services_store (void)
{
  return services.store;
}

LdsEvents *
lds_services_events (void)
{
  return services.events;
}
