/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A request asked of the workloads through a connection without a socket. */
#pragma once

#include "lds-connection.h"

#include <glib.h>

typedef struct
{
  int status;
  char *type; /* Content-Type; NULL when there is none */
  char *head; /* status line and fields */
  char *body;
  gsize length;
  char *operations; /* what was asked of the model: "wait 250 ms x 1, compute" */
} LdsTestAnswer;

/**
 * lds_test_ask:
 * @request: "GET /slow?ms=200"
 * @type: (nullable): Content-Type of @body
 * @body: (array length=length) (nullable):
 *
 * Asks once with jobs run in place and once with jobs run as tasks, on copies of what they may see,
 * and fails the test unless both answers are the same. Nothing is waited for but by calls.
 *
 * Returns: (transfer full): the answer, its chunks joined
 */
LdsTestAnswer *lds_test_ask (const char *request, const char *type, const void *body, gsize length);

void lds_test_answer_free (LdsTestAnswer *answer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LdsTestAnswer, lds_test_answer_free)

/** Fails the test unless @request is answered with @status, @body as JSON, after @operations. */
void lds_test_expect (const char *request, int status, const char *body, const char *operations);

/** Fails the test unless @request, with @body (nullable), is refused with @status and a message that
 * contains @words. */
void lds_test_refused (const char *request, const char *body, int status, const char *words);
