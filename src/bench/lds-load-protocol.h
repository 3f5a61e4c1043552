/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What loadstone-load is told and what it answers, as src/DESIGN.md has it. All of it is checked:
 * the other end is a process of its own that may be broken. */
#pragma once

#include "lds-run.h"

G_BEGIN_DECLS

/**
 * lds_load_plan_line:
 * @address: of the server; that it may be loaded has been checked before, with the whole plan
 *
 * Returns: (transfer full): the plan line for a run of @spec, with its line feed
 */
char *lds_load_plan_line (const LdsRunSpec *spec, const LdsAddress *address, GArray *client_cores);

typedef enum
{
  LDS_LOAD_EVENT_STARTED,
  LDS_LOAD_EVENT_PHASE,
  LDS_LOAD_EVENT_FRAME,
  LDS_LOAD_EVENT_RESULT,
  LDS_LOAD_EVENT_ERROR,
  LDS_LOAD_EVENT_OTHER, /* of a later version: to be passed over */
} LdsLoadEventType;

/* One line of the load generator. */
typedef struct
{
  LdsLoadEventType type;
  JsonNode *root;
  gint64 t_ns;         /* started, phase, frame */
  LdsPhase phase;      /* phase, frame */
  const char *engine;  /* (nullable): started */
  const char *message; /* error */
  double rate_hz;      /* frame: good responses a second; NaN when it is too short to tell */
  double error_rate_hz;
  double p50_ns; /* frame: of response times; NaN when there were none */
  double p99_ns;
  /* frame: of connections that stay open; NaN when there are none */
  double deliveries_hz;   /* as rate_hz */
  double delivery_p50_ns; /* as p50_ns */
  double delivery_p99_ns;
} LdsLoadEvent;

/**
 * lds_load_event_parse:
 * @scratch: any histogram; its contents are lost
 *
 * Returns %FALSE with LDS_ERROR_INPUT when @line is not a well-formed event.
 */
gboolean lds_load_event_parse (LdsLoadEvent *event,
                               const char *line,
                               gsize length,
                               LdsHistogram *scratch,
                               GError **error);
void lds_load_event_clear (LdsLoadEvent *event);

/** Fills @run from the result event's object. Returns %FALSE with LDS_ERROR_INPUT when it is malformed. */
gboolean lds_load_result_apply (JsonObject *result, LdsRun *run, GError **error);

G_END_DECLS
