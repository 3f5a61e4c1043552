/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The address of a server that the user runs himself, taken apart. */
#pragma once

#include <glib.h>

#include "lds-remote.h"

G_BEGIN_DECLS

/* Longer is no address. In bytes. */
#define LDS_ADDRESS_MAX_LENGTH 1024

typedef struct
{
  char *url;       /* as written, without slashes at its end: a path can be put behind it */
  char *host;      /* without brackets, as it stands in the address */
  char *authority; /* host and port as written: what Host says */
  char *path;      /* before each workload's: "" or "/api" */
  guint16 port;
  gboolean is_loopback; /* 127.0.0.0/8, ::1 or "localhost": by what is written, nothing is looked up */
} LdsAddress;

/**
 * lds_address_parse:
 * @text: "http://127.0.0.1:8080" or "http://server.example/api"
 *
 * Returns: (transfer full): the address; or %NULL with LDS_ERROR_INPUT
 */
LdsAddress *lds_address_parse (const char *text, GError **error);
void lds_address_free (LdsAddress *address);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LdsAddress, lds_address_free)

G_END_DECLS
