/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Prints what the server counts. */
#include "lds-observer.h"

#include "lds-buffer.h"
#include "lds-clock.h"
#include "lds-companion.h"
#include "lds-histogram.h"
#include "lds-tally.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* Threads that count besides those of --threads: pools that models have of their own. */
#define MORE_THREADS 64
/* How often to look whether the server is ready. */
#define NOT_READY_MS 10
/* A line's member or two. */
#define PIECE_BYTES 512

typedef enum
{
  OUTPUT_PIPE,   /* opened anew, so that not blocking is our own affair */
  OUTPUT_SOCKET, /* MSG_DONTWAIT */
  OUTPUT_POLLED, /* what poll() says can be written, at most PIPE_BUF at a time */
} OutputKind;

static struct
{
  int64_t interval_ns; /* 0: prints nothing */
  atomic_bool ready;   /* what follows is set */
  int64_t due_ns;
  int64_t last_ns;  /* of the last line that went out, or of being ready */
  uint64_t dropped; /* lines since the start */
  OutputKind kind;
  int output;
  LdsBuffer line;     /* of which a part may still have to go out */
  LdsHistogram *lags; /* since the last line that went out */
} observer = {.output = -1};

/* A pipe's flags belong to all who have it; a terminal or a file do not block for long. */
static void
open_output (void)
{
  struct stat status;

  observer.kind = OUTPUT_POLLED;
  observer.output = STDOUT_FILENO;
  if (fstat (STDOUT_FILENO, &status) < 0)
    return;
  if (S_ISSOCK (status.st_mode))
    observer.kind = OUTPUT_SOCKET;
  if (S_ISFIFO (status.st_mode))
    {
      int fd = open ("/proc/self/fd/1", O_WRONLY | O_NONBLOCK | O_CLOEXEC);

      if (fd >= 0)
        {
          observer.kind = OUTPUT_PIPE;
          observer.output = fd;
        }
    }
}

/* An interval's lags are few, and far between: what they have touched is given back, not zeroed with
 * all that lies between, for the memory of a server is looked at. */
static void
empty_lags (void)
{
  madvise (observer.lags, sizeof *observer.lags, MADV_DONTNEED);
  lds_histogram_reset (observer.lags);
}

bool
lds_observer_start (const LdsServer *server,
                    unsigned interval_ms)
{
  unsigned workers =
      (server->model->options & LDS_OPTION_WORKERS) != 0 ? server->options.workers : 0;

  observer.lags = mmap (NULL, sizeof *observer.lags, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (observer.lags == MAP_FAILED)
    {
      observer.lags = NULL;
      return false;
    }
  empty_lags ();
  if (!lds_tally_observe (1 + workers, server->options.threads + MORE_THREADS))
    return false;
  observer.interval_ns = interval_ms * LDS_NS_PER_MS;
  return true;
}

void
lds_observer_ready (void)
{
  if (observer.interval_ns == 0)
    return;
  open_output ();
  observer.last_ns = lds_clock_now_ns ();
  observer.due_ns = observer.last_ns + observer.interval_ns;
  /* Release: the thread that ticks may be running already. */
  atomic_store_explicit (&observer.ready, true, memory_order_release);
}

void
lds_observer_leave (void)
{
  observer.interval_ns = 0;
  if (observer.kind == OUTPUT_PIPE && observer.output >= 0)
    close (observer.output);
  observer.output = -1;
  if (observer.lags != NULL)
    munmap (observer.lags, sizeof *observer.lags);
  observer.lags = NULL;
  lds_buffer_free (&observer.line);
}

/* Returns how many bytes went out, 0 when none can now, -1 when nobody is there. */
static ssize_t
write_some (const char *bytes,
            size_t count)
{
  ssize_t n;

  if (observer.kind == OUTPUT_POLLED)
    {
      struct pollfd writable = {.fd = observer.output, .events = POLLOUT};

      if (poll (&writable, 1, 0) <= 0 || (writable.revents & POLLOUT) == 0)
        return 0;
      if (count > PIPE_BUF)
        count = PIPE_BUF;
    }
  if (observer.kind == OUTPUT_SOCKET)
    n = send (observer.output, bytes, count, MSG_DONTWAIT | MSG_NOSIGNAL);
  else
    n = write (observer.output, bytes, count);
  if (n >= 0)
    return n;
  return errno == EAGAIN || errno == EINTR ? 0 : -1;
}

/* Returns whether the whole line has gone out, or never will. */
static bool
flush (void)
{
  LdsBuffer *line = &observer.line;

  while (lds_buffer_size (line) > 0)
    {
      ssize_t n = write_some (line->data + line->start, lds_buffer_size (line));

      if (n == 0)
        return false;
      if (n < 0)
        {
          observer.interval_ns = 0;
          break;
        }
      line->start += (size_t)n;
    }
  lds_buffer_clear (line);
  return true;
}

__attribute__ ((format (printf, 1, 2))) static void
add (const char *format,
     ...)
{
  LdsBuffer *line = &observer.line;
  char *at = lds_buffer_reserve (line, PIECE_BYTES);
  va_list args;

  if (at == NULL)
    return;
  va_start (args, format);
  line->end += (size_t)vsnprintf (at, PIECE_BYTES, format, args);
  va_end (args);
}

/* Jobs that nobody has taken up. Not every pool can be seen doing that. */
static uint64_t
queue_depth (const uint64_t *sums)
{
  uint64_t begun = sums[LDS_TALLY_JOBS_BEGUN], done = sums[LDS_TALLY_JOBS_DONE];

  return lds_tally_between (sums[LDS_TALLY_JOBS_QUEUED], begun > done ? begun : done);
}

static void
add_counts (const uint64_t *sums)
{
  static const struct
  {
    const char *name;
    LdsTally which;
  } counts[] = {
      {"requests", LDS_TALLY_REQUESTS_DONE},
      {"lost", LDS_TALLY_REQUESTS_LOST},
      {"accepted", LDS_TALLY_CONNECTIONS_OPENED},
      {"bytes_in", LDS_TALLY_BYTES_IN},
      {"bytes_out", LDS_TALLY_BYTES_OUT},
      {"jobs", LDS_TALLY_JOBS_DONE},
      {"jobs_lost", LDS_TALLY_JOBS_LOST},
      {"jobs_redelivered", LDS_TALLY_JOBS_REDELIVERED},
      {"restarts", LDS_TALLY_RESTARTS},
      {"messages_in", LDS_TALLY_MESSAGES_IN},
      {"messages_out", LDS_TALLY_MESSAGES_OUT},
      {"messages_dropped", LDS_TALLY_MESSAGES_DROPPED},
      {"members_closed", LDS_TALLY_MEMBERS_CLOSED},
      {"ticks", LDS_TALLY_TICKS},
      {"ticks_missed", LDS_TALLY_TICKS_MISSED},
      {"events_published", LDS_TALLY_EVENTS_PUBLISHED},
      {"events_consumed", LDS_TALLY_EVENTS_CONSUMED},
      {"events_failed", LDS_TALLY_EVENTS_FAILED},
      {"event_lag_ns", LDS_TALLY_EVENT_LAG_NS},
      {"database_busy", LDS_TALLY_DATABASE_BUSY},
      {"probes_missed", LDS_TALLY_PROBES_MISSED},
  };

  for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
    add (",\"%s\":%" PRIu64, counts[i].name, sums[counts[i].which]);
  add (",\"responses\":{");
  for (unsigned class = 1; class <= 5; class ++)
    add ("%s\"%uxx\":%" PRIu64, class == 1 ? "" : ",", class,
         sums[LDS_TALLY_RESPONSES_1XX + class - 1]);
  add ("},\"in_flight\":%" PRIu64 ",\"connections\":%" PRIu64 ",\"queue_depth\":%" PRIu64,
       lds_tally_between (sums[LDS_TALLY_REQUESTS_BEGUN], sums[LDS_TALLY_REQUESTS_DONE]),
       lds_tally_between (sums[LDS_TALLY_CONNECTIONS_OPENED], sums[LDS_TALLY_CONNECTIONS_CLOSED]),
       queue_depth (sums));
  if (sums[LDS_TALLY_GIL_TAKES] > 0)
    add (",\"gil\":{\"takes\":%" PRIu64 ",\"contended\":%" PRIu64 ",\"wait_ns\":%" PRIu64
         ",\"drop_requests\":%" PRIu64 ",\"forced\":%" PRIu64 "}",
         sums[LDS_TALLY_GIL_TAKES], sums[LDS_TALLY_GIL_CONTENDED], sums[LDS_TALLY_GIL_WAIT_NS],
         sums[LDS_TALLY_GIL_REQUESTS], sums[LDS_TALLY_GIL_FORCED]);
}

/* How much work a profile made the server do, and in how much time. */
static void
add_work (const uint64_t *sums)
{
  static const struct
  {
    const char *name;
    LdsTally rounds, ns;
  } kinds[] = {
      {"broad", LDS_TALLY_BROAD_ROUNDS, LDS_TALLY_BROAD_NS},
      {"narrow", LDS_TALLY_NARROW_ROUNDS, LDS_TALLY_NARROW_NS},
  };

  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    if (sums[kinds[i].rounds] > 0)
      add (",\"%s_work\":{\"rounds\":%" PRIu64 ",\"cpu_ns\":%" PRIu64 "}", kinds[i].name,
           sums[kinds[i].rounds], sums[kinds[i].ns]);
}

static void
lag_cb (void *data,
        int64_t lag_ns)
{
  lds_histogram_record (data, lag_ns);
}

static void
add_lags (int64_t now_ns)
{
  int64_t behind_ns = -1;
  char *text;

  for (unsigned i = 0; i < lds_tally_processes (); i++)
    {
      int64_t its_ns = lds_tally_read_lags (i, now_ns, lag_cb, observer.lags);

      if (its_ns > behind_ns)
        behind_ns = its_ns;
    }
  if (behind_ns < 0)
    return;
  text = lds_histogram_encode (observer.lags);
  if (text == NULL)
    {
      observer.line.failed = true;
      return;
    }
  add (",\"loop_behind_ns\":%" PRId64 ",\"loop_lag\":\"", behind_ns);
  lds_buffer_append (&observer.line, text, strlen (text));
  add ("\"");
  free (text);
}

static void
write_line (int64_t now_ns)
{
  uint64_t totals[LDS_TALLY_N] = {0}, sums[LDS_TALLY_N];
  const char *comma = "";
  pid_t pid, companions[LDS_COMPANIONS_MAX];
  unsigned n_companions;

  add ("{\"event\":\"stats\",\"t_ns\":%" PRId64 ",\"interval_ns\":%" PRId64
       ",\"lines_dropped\":%" PRIu64 ",\"workers\":[",
       now_ns, now_ns - observer.last_ns, observer.dropped);
  for (unsigned i = 0; i < lds_tally_processes (); i++)
    {
      pid = lds_tally_read (i, sums);
      for (unsigned which = 0; which < LDS_TALLY_N; which++)
        totals[which] += sums[which];
      if (pid == 0)
        continue;
      add ("%s{\"pid\":%d,\"requests\":%" PRIu64 ",\"in_flight\":%" PRIu64
           ",\"connections\":%" PRIu64 "}",
           comma, (int)pid, sums[LDS_TALLY_REQUESTS_DONE],
           lds_tally_between (sums[LDS_TALLY_REQUESTS_BEGUN], sums[LDS_TALLY_REQUESTS_DONE]),
           lds_tally_between (sums[LDS_TALLY_CONNECTIONS_OPENED],
                              sums[LDS_TALLY_CONNECTIONS_CLOSED]));
      comma = ",";
    }
  add ("],\"companions\":[");
  n_companions = lds_companions_list (companions);
  for (unsigned i = 0; i < n_companions; i++)
    add ("%s%d", i > 0 ? "," : "", (int)companions[i]);
  add ("]");
  add_counts (totals);
  add_work (totals);
  add_lags (now_ns);
  add ("}\n");
}

int
lds_observer_tick (void)
{
  int64_t now_ns;
  bool whole;

  if (observer.interval_ns == 0)
    return -1;
  if (!atomic_load_explicit (&observer.ready, memory_order_acquire))
    return NOT_READY_MS;
  now_ns = lds_clock_now_ns ();
  if (now_ns >= observer.due_ns)
    {
      /* Lines that were due while nobody looked are one line with a long interval. */
      observer.due_ns +=
          ((now_ns - observer.due_ns) / observer.interval_ns + 1) * observer.interval_ns;
      whole = flush ();
      if (whole)
        write_line (now_ns);
      if (!whole || observer.line.failed)
        observer.dropped++;
      if (observer.line.failed)
        lds_buffer_clear (&observer.line);
      else if (whole)
        {
          observer.last_ns = now_ns;
          empty_lags ();
          flush ();
        }
    }
  if (observer.interval_ns == 0)
    return -1;
  return (int)((observer.due_ns - now_ns) / LDS_NS_PER_MS) + 1;
}
