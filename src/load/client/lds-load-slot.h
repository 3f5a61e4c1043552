/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One request at a time and its times: what the worker keeps account of, whatever carries it. A
 * connection has one slot, or as many as requests may be in flight on it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

typedef enum
{
  LDS_LOAD_FREE,   /* may take a request */
  LDS_LOAD_ASLEEP, /* thinking, or resting after a failure: free again at wake_ns */
  LDS_LOAD_BUSY,   /* has a request */
} LdsLoadSlotState;

typedef struct LdsLoadSlot LdsLoadSlot;

struct LdsLoadSlot
{
  uint32_t index; /* among the worker's */
  uint8_t state;
  uint8_t request;  /* of the plan's mix */
  uint8_t n_failed; /* requests in a row that got no answer; stops at 255 */
  bool is_measured; /* the request began in the measured interval */
  int64_t intended_ns;
  int64_t taken_ns; /* when the slot took the request up: connect or send */
  int64_t sent_ns;  /* -1 when not sent; set by the client */
  int64_t free_ns;  /* since when it is free */
  int64_t wake_ns;

  /* The client's. */
  LdsLoadSlot *next; /* on the same connection */
  bool was_resent;   /* the request met a closed connection once already */
};
