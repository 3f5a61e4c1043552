/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One real request, to see that a server does what it will be measured at. Not for speed. */
#pragma once

#include <gio/gio.h>

#include "lds-address.h"

G_BEGIN_DECLS

/**
 * lds_http_check_async:
 * @method: "GET"
 * @path: "/slow?ms=200", behind that of @address
 * @type: (nullable): Content-Type of @body
 * @body: "" for none
 * @fields: further header lines, each with its end: "Connection: close\r\n"
 * @timeout_ms: for the whole exchange, at least 1
 *
 * Sends one request and reads its answer, of at most 1 MiB. Of server-sent events and of a WebSocket's
 * handshake the answer ends with its head.
 */
void lds_http_check_async (const LdsAddress *address,
                           const char *method,
                           const char *path,
                           const char *type,
                           const char *body,
                           const char *fields,
                           guint timeout_ms,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data);

/**
 * lds_http_check_finish:
 * @status: (out): the status code
 *
 * Returns: (transfer full): the body, perhaps empty; or %NULL with LDS_ERROR_FAILED when there was no
 *   well-formed answer in time, or G_IO_ERROR_CANCELLED
 */
GBytes *lds_http_check_finish (GAsyncResult *result, guint *status, GError **error);

/**
 * lds_http_check_parse:
 * @data: (array length=size): what came so far
 * @ended: the server closed the connection
 * @status: (out): the status code
 * @body: (out) (transfer full) (nullable): the body when it is complete
 *
 * Returns 1 when the answer is complete, 0 when more must come, -1 when it is malformed.
 */
int lds_http_check_parse (
    const char *data, gsize size, gboolean ended, guint *status, GBytes **body);

G_END_DECLS
