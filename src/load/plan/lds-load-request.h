/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One kind of request of a plan: its bytes, worked out once, and what answers to it must be. Immutable
 * but for what is learnt of the expected body. */
#pragma once

#include <json-glib/json-glib.h>

#include "lds-load-expectation.h"
#include "lds-load-target.h"

G_BEGIN_DECLS

typedef struct
{
  char *name;       /* as results call it */
  double weight;    /* above 0 */
  double share_end; /* 0 to 1: where its share of all requests ends, which begins at the one before */
  char *method;
  char *path;    /* and query */
  char **fields; /* header lines "Name: value" of the plan, without those that follow from the body */
  char *body;
  gsize body_size;
  char *bytes; /* head and body, as sent */
  gsize size;
  bool is_head;    /* answers have no body */
  bool may_resend; /* the method is idempotent: RFC 9110, section 9.2.2 */
  LdsLoadExpectation expectation;
} LdsLoadRequest;

/**
 * lds_load_request_init:
 * @self: zeroed
 * @object: its members: “name”, “weight”, “method”, “path”, “headers”, “body”, “expect”
 * @plan: (nullable): whose “headers” are sent as well, unless @object has one of that name
 *
 * Returns %FALSE with LDS_ERROR_INPUT naming the member.
 */
gboolean lds_load_request_init (LdsLoadRequest *self,
                                JsonObject *object,
                                JsonObject *plan,
                                const LdsLoadTarget *target,
                                GError **error);

void lds_load_request_clear (LdsLoadRequest *self);

G_END_DECLS
