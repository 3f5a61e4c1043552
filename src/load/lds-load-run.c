/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The main thread's part of a run. */
#define G_LOG_DOMAIN "lds-load"

#include "config.h"
#include "lds-load-run.h"

#include <curl/curl.h>
#include <errno.h>
#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <liburing.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lds-build.h"
#include "lds-clock.h"
#include "lds-error.h"
#include "lds-json.h"
#include "lds-load-files.h"
#include "lds-load-summary.h"
#include "lds-load-worker.h"

/* From the moment all workers are ready to the start: enough for each of them to notice. */
#define START_DELAY_NS (5 * LDS_NS_PER_MS)
/* How long background connections may take to be made: this, and for each of them that. */
#define BACKGROUND_LIMIT_MS      5000
#define BACKGROUND_LIMIT_EACH_MS 0.5
/* Files that are open beside the connections. */
#define OTHER_FILES 24

typedef struct
{
  LdsLoadPlan *plan;
  LdsLoadControl control;
  FILE *output;
  int input_fd;
  int signal_fd;                 /* SIGINT and SIGTERM */
  LdsLoadBackground *background; /* (nullable) */
  LdsLoadWorker **workers;
  guint n_workers;
  LdsLoadTally *frame; /* the interval that is being gathered */
  LdsLoadTally *total; /* of the measured interval's requests */
  int phase;           /* last said; -1 for none */
  gint64 start_ns;
  gboolean stopped;
} Run;

static void
print (FILE *output,
       JsonNode *node)
{
  g_autofree char *line = lds_json_to_text (node, FALSE);

  fprintf (output, "%s\n", line);
  fflush (output);
}

static JsonObject *
new_event (JsonNode **node,
           const char *event)
{
  JsonObject *object = json_object_new ();

  *node = json_node_new (JSON_NODE_OBJECT);
  json_node_take_object (*node, object);
  json_object_set_string_member (object, "event", event);
  return object;
}

void
lds_load_run_report_error (FILE *output,
                           const char *message)
{
  g_autoptr (JsonNode) node = NULL;
  JsonObject *object = new_event (&node, "error");

  json_object_set_string_member (object, "message", message);
  print (output, node);
}

/* What moves the bytes: a library has its own ways. */
static const char *
engine_name (Run *self)
{
  return self->control.client->engine != NULL ? self->control.client->engine
                                              : self->control.engine->name;
}

/* As they are loaded, not as they were when this was built; older ones do not say it. */
static JsonArray *
list_libraries (void)
{
  JsonArray *libraries = json_array_new ();
  const curl_version_info_data *curl = curl_version_info (CURLVERSION_NOW);
  g_autofree char *of_curl = g_strdup_printf ("libcurl %s", curl->version);
#ifdef HAVE_IO_URING_MAJOR_VERSION
  g_autofree char *of_uring =
      g_strdup_printf ("liburing %d.%d", io_uring_major_version (), io_uring_minor_version ());
#else
  g_autofree char *of_uring = g_strdup ("liburing " LDS_LIBURING_VERSION);
#endif

  json_array_add_string_element (libraries, of_uring);
  json_array_add_string_element (libraries, of_curl);
  if (curl->ssl_version != NULL)
    {
      g_autofree char *tls = g_strdelimit (g_strdup (curl->ssl_version), "/", ' ');

      json_array_add_string_element (libraries, tls);
    }
  return libraries;
}

static void
print_started (Run *self)
{
  g_autoptr (JsonNode) node = NULL;
  JsonObject *object = new_event (&node, "started");

  json_object_set_string_member (object, "commit", lds_build_get ()->commit);
  json_object_set_array_member (object, "libraries", list_libraries ());

  json_object_set_string_member (object, "engine", engine_name (self));
  json_object_set_int_member (object, "threads", self->plan->threads);
  json_object_set_int_member (object, "t_ns", self->start_ns);
  print (self->output, node);
}

static const char *const phase_names[LDS_LOAD_N_PHASES] = {"warm-up", "measure", "drain"};

/* Says every phase up to @phase that was not said yet. */
static void
print_phase (Run *self,
             LdsLoadPhase phase)
{
  while (self->phase < (int)phase)
    {
      g_autoptr (JsonNode) node = NULL;
      JsonObject *object;
      gint64 t_ns = self->start_ns;

      self->phase++;
      if (self->phase >= LDS_LOAD_MEASURE)
        t_ns += self->plan->warm_up_ns;
      if (self->phase == LDS_LOAD_DRAIN)
        t_ns = MIN (t_ns + self->plan->duration_ns, lds_clock_now_ns ());
      object = new_event (&node, "phase");
      json_object_set_string_member (object, "phase", phase_names[self->phase]);
      json_object_set_int_member (object, "t_ns", t_ns);
      print (self->output, node);
    }
}

/* Says the phases that begin at @t_ns or before. Who hears of one with its first frame only, up to an
 * interval late, would begin to count the server's CPU time that much late. */
static void
print_phases_until (Run *self,
                    gint64 t_ns)
{
  gint64 measure_ns = self->start_ns + self->plan->warm_up_ns;

  if (t_ns >= measure_ns)
    print_phase (self, LDS_LOAD_MEASURE);
  if (t_ns >= measure_ns + self->plan->duration_ns)
    print_phase (self, LDS_LOAD_DRAIN);
}

static void
set_histogram (JsonObject *object,
               const char *member,
               const LdsHistogram *histogram)
{
  char *encoded = lds_histogram_encode (histogram);

  json_object_set_string_member (object, member, encoded != NULL ? encoded : "");
  free (encoded);
}

static void
print_frame (Run *self,
             const LdsLoadTally *frame)
{
  g_autoptr (JsonNode) node = NULL;
  JsonObject *object = new_event (&node, "frame");
  LdsLoadStreamMode mode = self->plan->stream.mode;
  guint64 deliveries = frame->deliveries + frame->carried_deliveries;
  guint64 done = mode == LDS_LOAD_STREAM_LISTEN ? deliveries : frame->done + frame->carried_done;

  print_phase (self, frame->phase);
  json_object_set_int_member (object, "t_ns", frame->end_ns);
  json_object_set_int_member (object, "interval_ns", frame->end_ns - frame->begin_ns);
  json_object_set_string_member (object, "phase", phase_names[frame->phase]);
  json_object_set_int_member (object, "sent", (gint64)frame->sent);
  json_object_set_int_member (object, "done", (gint64)done);
  json_object_set_int_member (
      object, "errors", (gint64)(lds_load_tally_failures (frame) + frame->carried_failures));
  if (mode != LDS_LOAD_STREAM_NONE)
    json_object_set_int_member (object, "deliveries", (gint64)deliveries);
  json_object_set_int_member (object, "in_flight", (gint64)frame->in_flight);
  json_object_set_int_member (object, "max_schedule_lag_ns", frame->lag.max_ns);
  json_object_set_int_member (object, "client_cpu_ns", (gint64)frame->cpu_ns);
  set_histogram (object, "response", &frame->response);
  set_histogram (object, "service", &frame->service);
  if (mode != LDS_LOAD_STREAM_NONE)
    set_histogram (object, "delivery", &frame->delivery);
  print (self->output, node);
}

/* Adds one worker's interval to the frame and, if it counts, to the total. */
static void
gather (Run *self,
        const LdsLoadTally *tally)
{
  LdsLoadTally *frame = self->frame;

  lds_load_tally_add (frame, tally);
  frame->in_flight += tally->in_flight;
  frame->begin_ns = frame->begin_ns == 0 ? tally->begin_ns : MIN (frame->begin_ns, tally->begin_ns);
  frame->end_ns = MAX (frame->end_ns, tally->end_ns);
  frame->phase = MAX (frame->phase, tally->phase);
  if (tally->phase != LDS_LOAD_WARM_UP)
    lds_load_tally_add (self->total, tally);
}

static gboolean
all_have_reached (Run *self,
                  LdsLoadWorkerState state)
{
  for (guint i = 0; i < self->n_workers; i++)
    if (lds_load_worker_get_state (self->workers[i]) < state)
      return FALSE;
  return TRUE;
}

/* A frame is complete when every worker that still runs has handed its interval over. */
static void
collect_frame (Run *self)
{
  for (guint i = 0; i < self->n_workers; i++)
    if (!lds_load_recorder_is_full (lds_load_worker_get_recorder (self->workers[i])) &&
        lds_load_worker_get_state (self->workers[i]) != LDS_LOAD_WORKER_FINISHED)
      return;
  for (guint i = 0; i < self->n_workers; i++)
    {
      LdsLoadRecorder *recorder = lds_load_worker_get_recorder (self->workers[i]);
      LdsLoadTally *tally = lds_load_recorder_take (recorder);

      if (tally == NULL)
        continue;
      gather (self, tally);
      lds_load_recorder_give_back (recorder, tally);
    }
  if (self->frame->end_ns == 0)
    return;
  print_frame (self, self->frame);
  print_phases_until (self, self->frame->end_ns);
  lds_load_tally_reset (self->frame);
}

/* The threads have ended: what they hold still is theirs no more. */
static void
collect_rest (Run *self)
{
  for (guint i = 0; i < self->n_workers; i++)
    {
      LdsLoadRecorder *recorder = lds_load_worker_get_recorder (self->workers[i]);
      LdsLoadTally *tally = lds_load_recorder_take (recorder);

      if (tally != NULL)
        {
          gather (self, tally);
          lds_load_recorder_give_back (recorder, tally);
        }
      if (recorder->writing->end_ns > recorder->writing->begin_ns)
        gather (self, recorder->writing);
    }
  if (self->frame->end_ns != 0)
    print_frame (self, self->frame);
}

/* Whether nothing but the end is to be read any more; what is read is thrown away. */
static gboolean
is_at_end (int fd)
{
  char ignored[4096];
  ssize_t n = read (fd, ignored, sizeof ignored);

  return n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
}

/* A plan in a file is read to its end at once, and nobody holds the other end: it says nothing. */
static gboolean
is_regular_file (int fd)
{
  struct stat st;

  return fstat (fd, &st) == 0 && S_ISREG (st.st_mode);
}

/* Waits for a worker, for the end of the input or for a signal. */
static void
wait_for_news (Run *self)
{
  struct pollfd fds[] = {
      {.fd = self->control.wake_fd, .events = POLLIN},
      {.fd = self->stopped ? -1 : self->input_fd, .events = POLLIN},
      {.fd = self->stopped ? -1 : self->signal_fd, .events = POLLIN},
  };
  guint64 count;

  if (poll (fds, G_N_ELEMENTS (fds), -1) < 0)
    return;
  if (fds[0].revents != 0 && read (self->control.wake_fd, &count, sizeof count) < 0 &&
      errno != EAGAIN)
    g_warning ("eventfd: %s", g_strerror (errno));
  if ((fds[1].revents != 0 && is_at_end (self->input_fd)) || fds[2].revents != 0)
    {
      self->stopped = TRUE;
      atomic_store (&self->control.stop, true);
    }
}

/* Blocks the signals that end a run early, for the threads to come as well: they are read. */
static int
catch_signals (void)
{
  sigset_t set;

  sigemptyset (&set);
  sigaddset (&set, SIGINT);
  sigaddset (&set, SIGTERM);
  pthread_sigmask (SIG_BLOCK, &set, NULL);
  return signalfd (-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static guint
count_other_files (const LdsLoadPlan *plan,
                   const LdsLoadClientClass *client)
{
  return OTHER_FILES + client->n_files * plan->threads;
}

/* Before the measured connections, which find the server as those have it. */
static gboolean
start_background (Run *self,
                  GError **error)
{
  const LdsLoadPlan *plan = self->plan;
  LdsLoadBackgroundOptions options = plan->background;
  const LdsLoadRequest *request =
      plan->background_request != NULL ? plan->background_request : &plan->requests[0];
  guint n = lds_load_background_options_count (&options);

  if (n == 0)
    return TRUE;
  options.n_other_files = plan->connections + count_other_files (plan, self->control.client);
  self->background =
      lds_load_background_start (&options, &plan->target.address, plan->target.address_size,
                                 request->bytes, request->size, error);
  if (self->background == NULL)
    return FALSE;
  lds_load_background_wait (self->background,
                            (int)(BACKGROUND_LIMIT_MS + BACKGROUND_LIMIT_EACH_MS * n),
                            self->signal_fd);
  return TRUE;
}

static gboolean
start_workers (Run *self,
               GError **error)
{
  guint n_connected = 0;
  const char *message = NULL;
  int connect_errno = ETIMEDOUT;

  self->workers = g_new0 (LdsLoadWorker *, self->plan->threads);
  for (guint i = 0; i < self->plan->threads; i++)
    {
      self->workers[i] = lds_load_worker_new (&self->control, i);
      if (self->workers[i] == NULL)
        {
          g_set_error (error, LDS_ERROR, LDS_ERROR_FAILED,
                       _ ("Thread %u of %u could not be started: use fewer threads or connections."),
                       i + 1, self->plan->threads);
          return FALSE;
        }
      self->n_workers++;
    }
  while (!all_have_reached (self, LDS_LOAD_WORKER_READY))
    wait_for_news (self);
  for (guint i = 0; i < self->n_workers; i++)
    {
      const LdsLoadWorkerReport *report = lds_load_worker_get_report (self->workers[i]);

      if (lds_load_worker_get_state (self->workers[i]) == LDS_LOAD_WORKER_REFUSED)
        {
          g_set_error (error, LDS_ERROR, LDS_ERROR_FAILED,
                       _ ("The engine “%s” does not work on this system: %s."),
                       engine_name (self), g_strerror (report->open_errno));
          return FALSE;
        }
      n_connected += report->n_connected;
      if (*report->connect_message != '\0')
        message = report->connect_message;
      else if (report->connect_errno != 0)
        connect_errno = report->connect_errno;
    }
  if (n_connected > 0 || self->stopped)
    return TRUE;
  if (message != NULL && self->plan->stream.mode != LDS_LOAD_STREAM_NONE)
    g_set_error (error, LDS_ERROR, LDS_ERROR_FAILED,
                 /* Translators: an address, then what is wrong, in English */
                 _ ("%s is of no use for this: %s. Correct the address, or see what the server says."),
                 self->plan->target.url, message);
  else if (message != NULL)
    g_set_error (error, LDS_ERROR, LDS_ERROR_FAILED,
                 /* Translators: an address, then a library's reason */
                 _ ("Cannot connect to %s: %s. Check what listens there, its certificate (“ca_file” names whom to trust) and the proxy, if there is one."),
                 self->plan->target.url, message);
  else
    g_set_error (error, LDS_ERROR, LDS_ERROR_FAILED,
                 /* Translators: an address, then the system's reason */
                 _ ("Cannot connect to %s: %s. Start the server first, or correct the address."),
                 self->plan->target.url, g_strerror (connect_errno));
  return FALSE;
}

/* Adds one worker to what the run came to; the figures of those that did not reach the measured interval
 * are none. */
static void
add_report (LdsLoadSummary *summary,
            LdsLoadThreadUsage *usage,
            const LdsLoadWorkerReport *report,
            gint64 *begin_ns,
            gint64 *end_ns)
{
  if (report->measure_begin_ns == 0)
    return;
  *begin_ns = *begin_ns == 0 ? report->measure_begin_ns : MIN (*begin_ns, report->measure_begin_ns);
  *end_ns = MAX (*end_ns, report->measure_end_ns);
  usage->cpu_s = (double)report->measure_cpu_ns / (double)LDS_NS_PER_S;
  usage->spun_s = (double)report->measure_spun_ns / (double)LDS_NS_PER_S;
  /* Another process may have had the core while this one believed to poll. */
  usage->cpu_fraction = (double)MAX (report->measure_cpu_ns - report->measure_spun_ns, 0) /
                        (double)MAX (report->measure_end_ns - report->measure_begin_ns, 1);
  summary->n_lost += report->n_lost;
  if (report->http_version != NULL)
    summary->http_version = report->http_version;
  summary->n_members += report->n_members;
  summary->most = MAX (summary->most, report->most);
}

static void
print_result (Run *self)
{
  g_autofree LdsLoadThreadUsage *usages = g_new0 (LdsLoadThreadUsage, self->n_workers);
  LdsHistogram *connect = lds_histogram_new ();
  gint64 begin_ns = 0, end_ns = 0;
  LdsLoadSummary summary = {
      .plan = self->plan,
      .client = self->control.client->name,
      .engine = engine_name (self),
      .total = self->total,
      .connect = connect,
      .threads = usages,
      .n_threads = self->n_workers,
      .ended_early = self->stopped,
  };
  LdsLoadBackgroundFigures figures;
  g_autoptr (JsonNode) node = NULL;

  if (self->background != NULL)
    {
      lds_load_background_stop (g_steal_pointer (&self->background), &figures);
      summary.background = &figures;
    }
  for (guint i = 0; i < self->n_workers; i++)
    {
      const LdsLoadWorkerReport *report = lds_load_worker_get_report (self->workers[i]);

      add_report (&summary, &usages[i], report, &begin_ns, &end_ns);
      if (connect != NULL)
        lds_histogram_add (connect, report->connect);
    }
  if (end_ns > begin_ns)
    summary.duration_s = (double)(end_ns - begin_ns) / (double)LDS_NS_PER_S;
  node = lds_load_summary_to_json (&summary);
  print (self->output, node);
  lds_histogram_free (connect);
}

static void
run (Run *self)
{
  self->start_ns = lds_clock_now_ns () + START_DELAY_NS;
  print_started (self);
  print_phase (self, LDS_LOAD_WARM_UP);
  print_phases_until (self, self->start_ns);
  atomic_store_explicit (&self->control.start_ns, self->start_ns, memory_order_release);
  while (!all_have_reached (self, LDS_LOAD_WORKER_FINISHED))
    {
      wait_for_news (self);
      collect_frame (self);
    }
  collect_rest (self);
  print_phase (self, LDS_LOAD_DRAIN);
  print_result (self);
}

gboolean
lds_load_run (LdsLoadPlan *plan,
              int input_fd,
              FILE *output,
              GError **error)
{
  Run self = {
      .plan = plan,
      .control = {.plan = plan,
                  .client = lds_load_client_choose (plan, error),
                  .engine = lds_load_engine_find (plan->engine)},
      .output = output,
      .input_fd = is_regular_file (input_fd) ? -1 : input_fd,
      .phase = -1,
  };
  gboolean ok = FALSE;

  if (self.control.client == NULL ||
      !lds_load_files_allow ("connections", plan->connections,
                             count_other_files (plan, self.control.client), error))
    return FALSE;
  self.control.wake_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  self.signal_fd = catch_signals ();
  self.frame = lds_load_tally_new (lds_load_plan_count_parts (plan));
  self.total = lds_load_tally_new (lds_load_plan_count_parts (plan));
  if (self.control.wake_fd < 0 || self.signal_fd < 0 || self.frame == NULL || self.total == NULL)
    g_set_error (error, LDS_ERROR, LDS_ERROR_FAILED, _ ("The run cannot begin: %s."),
                 g_strerror (errno));
  else if (start_background (&self, error) && start_workers (&self, error))
    {
      run (&self);
      ok = TRUE;
    }
  atomic_store (&self.control.stop, true);
  if (self.background != NULL)
    lds_load_background_stop (self.background, &(LdsLoadBackgroundFigures){0});
  for (guint i = 0; i < self.n_workers; i++)
    lds_load_worker_free (self.workers[i]);
  g_free (self.workers);
  lds_load_tally_free (self.frame);
  lds_load_tally_free (self.total);
  if (self.control.wake_fd >= 0)
    close (self.control.wake_fd);
  if (self.signal_fd >= 0)
    close (self.signal_fd);
  return ok;
}
