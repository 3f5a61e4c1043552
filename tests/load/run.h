/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whole runs of the load generator within a test, and what they came to. */
#pragma once

#include "lds-histogram.h"
#include "lds-json.h"
#include "scripted-server.h"

#define GOOD "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"

typedef struct
{
  JsonNode *result; /* the last line */
  guint n_frames;
  guint64 frames_sent; /* of measure and drain */
  guint64 frames_done;
  guint64 frames_errors;
  guint64 frames_deliveries;
  LdsHistogram *frames_delivery; /* of them, those that belong to their phase */
} Report;

void report_clear (Report *report);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Report, report_clear)

/* Members of the result. */
gint64 get (Report *report, const char *member);
gint64 get_error (Report *report, const char *member);
gint64 sum_members (Report *report, const char *member);
LdsHistogram *get_histogram (Report *report, const char *member);
guint64 count_above (Report *report, const char *member, gint64 value_ns);
gboolean has_reason (Report *report, const char *code);

/* A member of the result's member “stream”. */
gint64 get_stream (Report *report, const char *member);

/* How many requests were due, if nothing failed: on a busy machine some are not sent in time, or get no
 * answer. */
gint64 count_due (Report *report);

/* Every failure is of @kind, and nothing was answered well. */
void assert_all_fail (Report *report, const char *kind);

/* Runs a plan against @script, and checks what must hold of every run. @members come behind its url;
 * @n_requests: (out) (optional): requests that the server has read. */
Report run (ScriptFunc script, const char *members, guint *n_requests);

/* The same against a server that is there already. @input_fd: -1 for one that stays open. */
Report run_with_input (ScriptedServer *server, const char *members, int input_fd);

/* The same for a plan with an address of its own. @members: all but its engine and frames. */
Report run_plan (const char *members, int input_fd);

/* Whether the back end that is to be tested, as LOADSTONE_TEST_ENGINE says, works here; says that it is
 * skipped if not. */
gboolean can_run (void);
