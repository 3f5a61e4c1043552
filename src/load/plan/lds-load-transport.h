/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How requests reach the server of a plan: by which client, in which version of HTTP, with which
 * certificates, through which proxy. */
#pragma once

#include <json-glib/json-glib.h>

#include "lds-load-target.h"

G_BEGIN_DECLS

typedef enum
{
  LDS_LOAD_HTTP_1_1,
  LDS_LOAD_HTTP_2,                 /* agreed on in the TLS handshake (ALPN) */
  LDS_LOAD_HTTP_2_PRIOR_KNOWLEDGE, /* from the first byte on */
} LdsLoadHttpVersion;

typedef struct
{
  char *client; /* "auto" or a client's name */
  LdsLoadHttpVersion http_version;
  char *ca_file;          /* (nullable): whom to trust instead of the system's authorities; PEM */
  char *certificate_file; /* (nullable): what to show the server; PEM */
  char *key_file;         /* (nullable): its key, if that is not in certificate_file */
  gboolean insecure;      /* the server's certificate is not verified */
  LdsLoadTarget proxy;    /* its url is NULL when there is none; that of the environment is ignored */
} LdsLoadTransport;

/**
 * lds_load_transport_init:
 * @self: zeroed
 * @object: its members: “client”, “http_version”, “ca_file”, “certificate_file”, “key_file”,
 *   “insecure”, “proxy”
 * @allowed_hosts: (nullable): beside this machine's, of proxies as of targets
 *
 * Returns %FALSE with LDS_ERROR_INPUT naming the member.
 */
gboolean lds_load_transport_init (LdsLoadTransport *self,
                                  JsonObject *object,
                                  const LdsLoadTarget *target,
                                  const char *const *allowed_hosts,
                                  GError **error);

void lds_load_transport_clear (LdsLoadTransport *self);

/** Whether requests to @target go through a proxy. */
static inline gboolean
lds_load_transport_has_proxy (const LdsLoadTransport *self)
{
  return self->proxy.url != NULL;
}

G_END_DECLS
