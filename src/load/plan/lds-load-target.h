/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The server that a plan loads: its address as written, taken apart, and where that leads. */
#pragma once

#include <glib.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>

G_BEGIN_DECLS

typedef struct
{
  char *url;
  char *scheme;    /* "http", "https", "ws" or "wss" */
  char *host;      /* without brackets */
  char *authority; /* what Host says: the authority of the address as written */
  char *path;      /* of requests that name none: path and query */
  guint16 port;
  bool is_tls;
  bool is_websocket;
  bool is_loopback; /* whatever the host is called, it is this machine */
  struct sockaddr_storage address;
  socklen_t address_size;
} LdsLoadTarget;

/**
 * lds_load_target_init:
 * @self: zeroed
 * @allowed_hosts: (nullable): names beside this machine's that may be loaded, as they stand in addresses
 *
 * Only loopback addresses and @allowed_hosts are accepted; the latter are looked up here, once, so that
 * no request waits for that.
 *
 * Returns %FALSE with LDS_ERROR_INPUT naming “url”.
 */
gboolean lds_load_target_init (LdsLoadTarget *self,
                               const char *url,
                               const char *const *allowed_hosts,
                               GError **error);

void lds_load_target_clear (LdsLoadTarget *self);

/** Whether @path can be the target of a request: it begins with “/” and holds visible ASCII only. */
gboolean lds_load_target_is_path (const char *path);

G_END_DECLS
