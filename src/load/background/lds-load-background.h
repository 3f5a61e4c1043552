/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Background connections: clients beside the measured ones that hold a server's resources and are not
 * measured themselves, so that one can see what they do to those that are. One thread of its own
 * serves all of them, and sleeps while all that it has is idle ones.
 *
 *   idle          connects and says nothing. The server may end it: it is not made again.
 *   slow reader   sends the whole request and takes the answer in at a few bytes a second, through a
 *                 small receive buffer. The server feels what does not fit into that and into its
 *                 own send buffer: small answers are gone from its hands at once.
 *   slow sender   sends the request at a few bytes a second, and takes the answer in at once.
 *   asker         sends the whole request, takes the answer in at once, and asks again when its
 *                 interval is over: what another client's requests do to the measured ones.
 *
 * A slow connection goes on to the next request when it has its answer, and is made anew, after a
 * rest, when it ends. It has a turn every 20 ms, or rarer where there are more than 200 slow ones
 * (they share 10,000 turns a second), and takes in one answer a turn at most: its rate is what it
 * never exceeds. Askers have the same turns. What fails to connect is tried a few times again, and then
 * abandoned.
 *
 * A connection is open when this system says so: the server may not have accepted it yet. On
 * 127.0.0.0/8 the connections come from 127.0.0.2 and, as source ports run out (some 28,000 an
 * address by default), from the addresses behind it: those of 127.0.0.1 stay the measured ones'.
 *
 * In the order of a run: lds_load_background_options_from_json(), _start(), _wait(), the measurement,
 * _stop(), _figures_to_json(). All functions are for the thread that called _start().
 */
#pragma once

#include <json-glib/json-glib.h>
#include <sys/socket.h>

G_BEGIN_DECLS

/* Of all kinds together. */
#define LDS_LOAD_BACKGROUND_MAX_CONNECTIONS 65535
/* More is not slow, and a slow reader's buffer would be empty before its next turn. */
#define LDS_LOAD_BACKGROUND_MAX_BYTES_PER_S 100000
#define LDS_LOAD_BACKGROUND_MAX_CONNECT_HZ  1e6
#define LDS_LOAD_BACKGROUND_MAX_INTERVAL_MS 60000
/* Connects in a row that may fail before a connection is abandoned. */
#define LDS_LOAD_BACKGROUND_MAX_TRIES 5
/* Of the time that one rests before it is made again: after a failure as after an end. */
#define LDS_LOAD_BACKGROUND_REST_MS 200

typedef enum
{
  LDS_LOAD_BACKGROUND_IDLE,
  LDS_LOAD_BACKGROUND_SLOW_READER,
  LDS_LOAD_BACKGROUND_SLOW_SENDER,
  LDS_LOAD_BACKGROUND_ASKER,
  LDS_LOAD_BACKGROUND_N_KINDS
} LdsLoadBackgroundKind;

typedef struct
{
  guint n_connections[LDS_LOAD_BACKGROUND_N_KINDS];
  gint64 read_bytes_per_s; /* of one slow reader; 1 to LDS_LOAD_BACKGROUND_MAX_BYTES_PER_S */
  gint64 send_bytes_per_s; /* of one slow sender; the same */
  gint64 ask_interval_ms;  /* of one asker, from request to request; 0 = at once, when it has its answer */
  double connect_rate_hz;  /* connects a second, all kinds together; 0 = as fast as they are taken */
  guint n_other_files;     /* the caller's to set: files that the process has open beside these */
} LdsLoadBackgroundOptions;

/* What became of the connections of one kind. */
typedef struct
{
  guint64 asked;            /* connections wanted */
  guint64 opened;           /* connections made, those that were made anew too */
  guint64 open_at_end;      /* when lds_load_background_stop() was called */
  guint64 closed_by_server; /* that it ended, or said it would ("Connection: close") */
  guint64 refused;          /* connects that failed, each try */
  guint64 abandoned;        /* connections not tried any more */
  int refused_errno;        /* of the last connect that failed; 0 when none did */

  /* Idle connections have no requests: 0 but for what the server sends nevertheless. */
  guint64 answers;   /* whole ones to whole requests, of any status but 408 */
  guint64 non_2xx;   /* of those: a server that says 503 holds little */
  guint64 malformed; /* connections ended from here, for what came was no answer */
  guint64 cut_off;   /* requests that the server gave up on: it ended the connection before the answer
                      * was whole, answered before the request was, or said 408 (Request Timeout) */
  guint64 bytes_received;
  guint64 bytes_sent;
} LdsLoadBackgroundCount;

typedef struct
{
  LdsLoadBackgroundCount kinds[LDS_LOAD_BACKGROUND_N_KINDS];
  gint64 cpu_ns; /* CPU time of the thread, up to the stop: what the load generator spent on them */
} LdsLoadBackgroundFigures;

typedef struct _LdsLoadBackground LdsLoadBackground;

/**
 * lds_load_background_options_from_json:
 * @plan: whose member "background" is read; the defaults are those shown, but for the numbers of
 *   connections, which are 0:
 *   {"idle":10000,"slow_readers":50,"read_bytes_per_s":1000,"slow_senders":50,"send_bytes_per_s":10,
 *    "askers":1,"ask_interval_ms":0,"connect_rate_hz":0}
 *   Its member "request" is the plan's to read: it is sent instead of the measured one.
 * @options: (out): set whole; without the member there is nothing to start. n_other_files is 0
 *
 * Returns %TRUE, or %FALSE with LDS_ERROR_INPUT naming the member.
 */
gboolean lds_load_background_options_from_json (JsonObject *plan,
                                                LdsLoadBackgroundOptions *options,
                                                GError **error);

/** Returns how many connections are wanted, of all kinds; with 0 there is nothing to start. */
guint lds_load_background_options_count (const LdsLoadBackgroundOptions *options);

/**
 * lds_load_background_start:
 * @options: as above; at least one connection. Not needed afterwards
 * @address: of the server, IPv4 or IPv6. Copied
 * @request: (array length=request_size) (nullable): what slow ones and askers send; not copied: stays until
 *   lds_load_background_stop(). %NULL will do for idle ones
 * @request_size: in bytes; 0 only for idle ones alone
 *
 * Raises this process's limit of open files to what the connections and n_other_files need, and
 * starts the thread, which begins to connect at once. Blocks for nothing.
 *
 * Returns: (transfer full): to be given to lds_load_background_stop(); or %NULL with LDS_ERROR_INPUT
 *   when the system allows fewer open files, saying how many connections are possible, and with
 *   LDS_ERROR_FAILED when a thread or its descriptors cannot be had
 */
LdsLoadBackground *lds_load_background_start (const LdsLoadBackgroundOptions *options,
                                              const struct sockaddr_storage *address,
                                              socklen_t address_size,
                                              const char *request,
                                              size_t request_size,
                                              GError **error);

/**
 * lds_load_background_get_ready_fd:
 *
 * Returns a descriptor that becomes readable, and stays so, when each connection, slow ones too, has
 * been open once or is abandoned. For a caller with a poll() of its own; never to be read from.
 */
int lds_load_background_get_ready_fd (LdsLoadBackground *self);

/**
 * lds_load_background_wait:
 * @limit_ms: 0 to G_MAXINT; how long to wait at most
 * @interrupt_fd: ends the wait when it becomes readable, is not read from; -1 for none
 *
 * Waits for the ready descriptor. The connections are made on afterwards, whatever this returns.
 *
 * Returns whether it is ready; %FALSE after the limit or an interrupt.
 */
gboolean lds_load_background_wait (LdsLoadBackground *self, int limit_ms, int interrupt_fd);

/**
 * lds_load_background_stop:
 * @self: (transfer full)
 * @figures: (out): set whole
 *
 * Ends the thread, at any time and without waiting for the server, closes all connections and frees
 * @self. Of an idle connection that the server ended before this call, @figures say so.
 */
void lds_load_background_stop (LdsLoadBackground *self, LdsLoadBackgroundFigures *figures);

/**
 * lds_load_background_figures_to_json:
 *
 * Returns: (transfer full): an object with the members "idle", "slow_readers", "slow_senders" and
 *   "askers", each of them the members of LdsLoadBackgroundCount ("refused_reason", text for people or null, in
 *   the place of refused_errno), and "cpu_ns"
 */
JsonNode *lds_load_background_figures_to_json (const LdsLoadBackgroundFigures *figures);

G_END_DECLS
