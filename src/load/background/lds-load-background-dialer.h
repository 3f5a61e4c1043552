/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a background connection gets its socket: with the options that its kind needs, and from a source
 * address that leaves the measured connections theirs. */
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include "lds-load-background.h"

typedef struct
{
  struct sockaddr_storage address; /* of the server */
  socklen_t address_size;
  int source; /* the last byte of the address that connections come from; 0 = the system's choice */
} LdsLoadBackgroundDialer;

/**
 * lds_load_background_dialer_init:
 * @address: (array length=address_size): of the server; copied
 */
void lds_load_background_dialer_init (LdsLoadBackgroundDialer *self,
                                      const struct sockaddr_storage *address,
                                      socklen_t address_size);

/**
 * lds_load_background_dialer_dial:
 *
 * Begins to connect. Where there is no source port left it goes on to the next source address, one
 * a call: who tries again comes further.
 *
 * Returns a socket, which is writable when the outcome is known and does not block; or -1 with errno.
 */
int lds_load_background_dialer_dial (LdsLoadBackgroundDialer *self, LdsLoadBackgroundKind kind);
