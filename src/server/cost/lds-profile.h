/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A profile: what one runtime and framework costs on top of its architecture, as figures in a JSON
 * file. data/schemas/profile.schema.json describes the file; what it would refuse, this refuses.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LDS_PROFILE_MAX_FILE_BYTES (64 * 1024)
#define LDS_PROFILE_ID_BYTES       64 /* with the final 0 */
/* Room for any message of the functions below. */
#define LDS_PROFILE_MESSAGE_BYTES 512

/* Every figure is what the operation costs as a whole, CPU of the thread that does it, the kernel's
 * part included: what this server itself uses for it counts towards it; see lds-cost.h. A figure
 * that the file does not give is 0, unless noted. */
typedef struct
{
  char id[LDS_PROFILE_ID_BYTES];

  double request_total_ns; /* one request with an answer of a few bytes, 0 to 1e9 */
  double request_ns;       /* instead of it: in addition to what this server uses, 0 to 1e9 */
  double request_byte_ns;  /* and for each byte of the request's body, 0 to 1e6 */
  double response_byte_ns; /* and for each byte of the answer's body, 0 to 1e6 */
  double json_byte_ns;     /* and for each byte of an answer that is JSON made for it, 0 to 1e6 */
  double body_ns;          /* a request that has a body, in addition, 0 to 1e9 */
  double turn_ns;          /* one turn of a loop in which requests come, 0 to 1e9 */
  double timer_ns;         /* one wait, 0 to 1e9 */
  double message_total_ns; /* one WebSocket message sent or received, 0 to 1e9 */
  double message_ns;       /* instead of it: in addition to what this server uses, 0 to 1e9 */
  double compute_ratio;    /* interpreted computation : the same in C, 1 to 10000; 1 when absent */
  double integer_ratio;    /* the same of whole numbers of 64 bits; compute_ratio when absent */
  double native_ratio;     /* the same of what libraries do in native code; compute_ratio when absent */
  double call_ns;          /* one blocking call handed to a pool, 0 to 1e9 */
  double database_ns;      /* one call of the database, in addition to that and the database's own, 0 to 1e9 */
  double dispatch_ns;      /* one job handed to another thread or process, 0 to 1e9 */
  double worker_spawn_ns;  /* starting a thread or process for one job, 0 to 6e10 */
  double pause_ns;         /* one pause to collect garbage, part of what requests cost, 0 to 1e10 */
  double pause_requests;   /* requests of a process from one to the next, 0 to 1e9; 0 = there are none */

  double broad_pace_hz;  /* rounds of work a second (lds-work.h) when all times above are as they are, 0 to 1e12; */
  double narrow_pace_hz; /* likewise of what ratios make; 0 = not known: times are spent as they are */

  double free_threading_tax_percent; /* 0 to 100; -1 when absent */

  int64_t base_rss_bytes;   /* of an idle process, 0 to 4 GiB */
  int64_t connection_bytes; /* each open connection, 0 to 16 MiB */
  int64_t worker_rss_bytes; /* of an idle worker process, 0 to 4 GiB; base_rss_bytes when absent */
  int64_t loaded_rss_bytes; /* of a process after use, 0 to 4 GiB; what is above base_rss_bytes, workers have, too */
  double loaded_requests;   /* that it takes to come to that, evenly, 0 to 1e9 */

  double startup_cpu_ns; /* of a process until it serves, 0 to 6e10 */
} LdsProfile;

/**
 * lds_profile_scale:
 * @factor: 0.01 to 100
 *
 * Multiplies all times, as a machine that is so much slower than the one that was measured needs them. What is a ratio to
 * C holds on both. Not for a profile that knows its pace: it follows the machine by itself.
 */
void lds_profile_scale (LdsProfile *self, double factor);

/**
 * lds_profile_load:
 * @name: the path of a file (with a "/" or ending in ".json"), or the id of a shipped profile
 * @self: (out):
 * @message: (out): at least LDS_PROFILE_MESSAGE_BYTES
 *
 * Shipped profiles are looked for in the folder that the environment variable LOADSTONE_PROFILES
 * names, else where they are installed.
 *
 * Returns false, with a sentence in @message that names file, member and what is allowed, when it
 * is not a profile.
 */
bool lds_profile_load (const char *name, LdsProfile *self, char *message, size_t message_bytes);
