/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The plan of one load run. */
#define G_LOG_DOMAIN "lds-load"

#include "config.h"
#include "lds-load-plan.h"

#include <glib/gi18n-lib.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "lds-clock.h"
#include "lds-error.h"
#include "lds-json.h"
#include "lds-load-engine.h"
#include "lds-nearest.h"
#include "lds-remote.h"

#define DEFAULT_DURATION_MS 5000
/* About twice what a virtual machine needs to wake up a thread: a sleep as short as that is not worth what
 * it costs. At 10,000/s the thread uses 30 % of its core besides polling; with 50 it used 38 %. */
#define OPEN_BUSY_POLL_US 100
/* Of a closed loop as long as it may be: who answers a thread that sleeps has to wake it, which on loopback is the server,
 * and in a virtual machine costs it as much again as the whole answer. Over a network it would not. */
#define CLOSED_BUSY_POLL_US 1000
#define MAX_BUSY_POLL_US    1000

/* --- What is asked --------------------------------------------------------------------------- */

/* A member that nobody reads would be a wish that is not heard. */
static gboolean
check_members (JsonObject *object,
               GError **error)
{
  static const char *const known[] = {
      "allow_hosts", "arrivals", "background", "body", "busy_poll_us", "ca_file", "certificate_file",
      "client", "connections", "count", "cpus", "duration_ms", "engine", "expect", "frame_interval_ms",
      "headers", "http_version", "insecure", "key_file", "max_duration_ms", "max_rate_hz", "method",
      "mix", "pipeline", "proxy", "rate_hz", "requests_per_connection", "schedule", "seed", "stream",
      "think_time", "think_time_ms", "threads", "timeout_ms", "url", "warm_up_ms", NULL};
  g_autoptr (GList) names = json_object_get_members (object);

  for (GList *l = names; l != NULL; l = l->next)
    {
      const char *nearest;

      if (g_strv_contains (known, l->data))
        continue;
      nearest = lds_nearest (l->data, known);
      return nearest != NULL
                 ? lds_error_refuse (error, _ ("There is no member “%s” in a plan of load: did you mean “%s”?"), (char *)l->data, nearest)
                 : lds_error_refuse (error, _ ("There is no member “%s” in a plan of load: take it out."), (char *)l->data);
    }
  return TRUE;
}

static gboolean
read_target (LdsLoadPlan *plan,
             JsonObject *object,
             GError **error)
{
  const char *url = lds_json_get_string (object, "url", NULL, error);
  JsonArray *array = lds_json_get_array (object, "allow_hosts", error);
  g_autoptr (GPtrArray) hosts = g_ptr_array_new ();

  if (*error != NULL)
    return FALSE;
  if (url == NULL)
    return lds_error_refuse (error, _ ("“url” is missing: name the server, http://127.0.0.1:PORT/PATH."));
  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      JsonNode *node = json_array_get_element (array, i);

      if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_STRING)
        return lds_error_refuse (error, _ ("“allow_hosts” must list names of hosts, in quotes."));
      g_ptr_array_add (hosts, (gpointer)json_node_get_string (node));
    }
  g_ptr_array_add (hosts, NULL);
  if (!lds_load_target_init (&plan->target, url, (const char *const *)hosts->pdata, error) ||
      !lds_load_transport_init (&plan->transport, object, &plan->target,
                                (const char *const *)hosts->pdata, error))
    return FALSE;
  /* What is loopback to a proxy elsewhere is not this machine. */
  plan->target.is_loopback &=
      !lds_load_transport_has_proxy (&plan->transport) || plan->transport.proxy.is_loopback;
  return TRUE;
}

static void
set_shares (LdsLoadPlan *plan)
{
  double sum = 0, seen = 0;

  for (guint i = 0; i < plan->n_requests; i++)
    sum += plan->requests[i].weight;
  for (guint i = 0; i < plan->n_requests; i++)
    {
      seen += plan->requests[i].weight;
      plan->requests[i].share_end = seen / sum;
    }
}

static gboolean
read_mix (LdsLoadPlan *plan,
          JsonObject *object,
          JsonArray *mix,
          GError **error)
{
  static const char *const of_one[] = {"method", "body", "expect"};

  for (guint i = 0; i < G_N_ELEMENTS (of_one); i++)
    if (json_object_has_member (object, of_one[i]))
      return lds_error_refuse (error, _ ("“%s” stands beside “mix”: say it of each request of the mix."), of_one[i]);
  if (json_array_get_length (mix) == 0 || json_array_get_length (mix) > LDS_LOAD_MAX_REQUESTS)
    return lds_error_refuse (error, _ ("“mix” has %u requests: give from 1 to %u."), json_array_get_length (mix),
                             LDS_LOAD_MAX_REQUESTS);
  plan->requests = g_new0 (LdsLoadRequest, json_array_get_length (mix));
  for (guint i = 0; i < json_array_get_length (mix); i++)
    {
      JsonNode *node = json_array_get_element (mix, i);

      if (!JSON_NODE_HOLDS_OBJECT (node))
        return lds_error_refuse (error, _ ("“mix” must list requests, objects with “path”, “weight” …"));
      plan->n_requests++;
      if (!lds_load_request_init (&plan->requests[i], json_node_get_object (node), object,
                                  &plan->target, error))
        {
          /* Translators: which request of the mix, counted from 1 */
          g_prefix_error (error, _ ("Request %u of “mix”: "), i + 1);
          return FALSE;
        }
    }
  return TRUE;
}

/* What the clients beside the measured ones ask for. What answers it is looked at by its status alone. */
static gboolean
read_background_request (LdsLoadPlan *plan,
                         JsonObject *object,
                         GError **error)
{
  JsonObject *background = lds_json_get_object (object, "background", error);
  JsonObject *request =
      background != NULL ? lds_json_get_object (background, "request", error) : NULL;

  if (*error != NULL)
    return FALSE;
  if (request == NULL)
    return TRUE;
  plan->background_request = g_new0 (LdsLoadRequest, 1);
  return lds_load_request_init (plan->background_request, request, object, &plan->target, error);
}

static gboolean
read_requests (LdsLoadPlan *plan,
               JsonObject *object,
               GError **error)
{
  JsonArray *mix = lds_json_get_array (object, "mix", error);

  if (*error != NULL)
    return FALSE;
  if (mix != NULL)
    {
      if (!read_mix (plan, object, mix, error))
        return FALSE;
    }
  else
    {
      plan->requests = g_new0 (LdsLoadRequest, 1);
      plan->n_requests = 1;
      if (!lds_load_request_init (&plan->requests[0], object, NULL, &plan->target, error))
        return FALSE;
    }
  set_shares (plan);
  if (!read_background_request (plan, object, error))
    return FALSE;
  return lds_load_stream_init_from_json (&plan->stream, object, &plan->target, &plan->requests[0],
                                         error);
}

/* --- How much of it, and when ---------------------------------------------------------------- */

static gboolean
read_cpus (LdsLoadPlan *plan,
           JsonObject *object,
           GError **error)
{
  JsonArray *array = lds_json_get_array (object, "cpus", error);
  cpu_set_t allowed;

  if (array == NULL)
    return *error == NULL;
  CPU_ZERO (&allowed);
  sched_getaffinity (0, sizeof allowed, &allowed);
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonNode *node = json_array_get_element (array, i);
      gint64 cpu = JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_INT64
                       ? json_node_get_int (node)
                       : -1;
      int value = (int)cpu;

      if (cpu < 0 || cpu >= CPU_SETSIZE || !CPU_ISSET ((size_t)cpu, &allowed))
        return lds_error_refuse (error, _ ("“cpus” must list numbers of CPUs that this program may run on: number %u of the list is not."), i + 1);
      g_array_append_val (plan->cpus, value);
    }
  return TRUE;
}

static gint64
get_ns (JsonObject *object,
        const char *member,
        gint64 fallback_ms,
        gint64 min_ms,
        gint64 max_ms,
        GError **error)
{
  return LDS_NS_PER_MS *
         lds_json_get_int_between (object, member, fallback_ms, min_ms, max_ms, error);
}

static guint
get_uint (JsonObject *object,
          const char *member,
          guint fallback,
          guint min,
          guint max,
          GError **error)
{
  return (guint)lds_json_get_int_between (object, member, fallback, min, max, error);
}

static gboolean
read_figures (LdsLoadPlan *plan,
              JsonObject *object,
              GError **error)
{
  plan->connections = get_uint (object, "connections", 64, 1, LDS_LOAD_MAX_CONNECTIONS, error);
  plan->threads = get_uint (object, "threads", 1, 1, LDS_LOAD_MAX_THREADS, error);
  plan->pipeline = get_uint (object, "pipeline", 1, 1, LDS_LOAD_MAX_PIPELINE, error);
  plan->requests_per_connection = get_uint (object, "requests_per_connection", 0, 0, G_MAXINT, error);
  plan->seed = (guint64)lds_json_get_int_between (object, "seed", 1, 0, G_MAXINT64, error);
  plan->count = (guint64)lds_json_get_int_between (object, "count", 0, 0, LDS_LOAD_MAX_COUNT, error);
  plan->duration_ns = get_ns (object, "duration_ms",
                              plan->count > 0 ? LDS_LOAD_MAX_DURATION_MS : DEFAULT_DURATION_MS, 1,
                              LDS_LOAD_MAX_DURATION_MS, error);
  plan->warm_up_ns = get_ns (object, "warm_up_ms", 1000, 0, LDS_LOAD_MAX_DURATION_MS, error);
  plan->timeout_ns = get_ns (object, "timeout_ms", 2000, 1, LDS_LOAD_MAX_TIMEOUT_MS, error);
  plan->think_ns = get_ns (object, "think_time_ms", 0, 0, LDS_LOAD_MAX_TIMEOUT_MS, error);
  plan->frame_interval_ns = get_ns (object, "frame_interval_ms", 100, 10, 60000, error);
  if (*error != NULL)
    return FALSE;
  if (plan->threads > plan->connections)
    return lds_error_refuse (error, _ ("“threads” is %u, but “connections” is only %u: every thread needs a connection."),
                             plan->threads, plan->connections);
  if (plan->count > 0 && plan->count < plan->threads)
    return lds_error_refuse (error, _ ("“count” is smaller than “threads”: every thread needs a request."));
  return TRUE;
}

static gboolean
read_schedule (LdsLoadPlan *plan,
               JsonObject *object,
               GError **error)
{
  plan->schedule = lds_load_schedule_from_json (object, plan->duration_ns, error);
  if (*error != NULL)
    return FALSE;
  if (plan->schedule == NULL)
    return TRUE;
  plan->rate_hz = lds_load_schedule_get_mean_rate_hz (plan->schedule);
  plan->duration_ns = lds_load_schedule_get_duration_ns (plan->schedule);
  if (plan->think_ns > 0)
    return lds_error_refuse (error, _ ("“think_time_ms” stands beside a rate: an open loop does not wait for answers, so leave one of them out."));
  return TRUE;
}

/* Whether somebody has set apart what this process runs on: then the server has something else. */
static gboolean
has_own_core (void)
{
  cpu_set_t allowed;

  CPU_ZERO (&allowed);
  return sched_getaffinity (0, sizeof allowed, &allowed) == 0 &&
         CPU_COUNT (&allowed) < sysconf (_SC_NPROCESSORS_ONLN);
}

static gboolean
read_busy_poll (LdsLoadPlan *plan,
                JsonObject *object,
                GError **error)
{
  gint64 default_us = plan->rate_hz > 0                        ? OPEN_BUSY_POLL_US
                      : has_own_core () || plan->cpus->len > 0 ? CLOSED_BUSY_POLL_US
                                                               : 0;

  plan->busy_poll_ns = LDS_NS_PER_US * lds_json_get_int_between (object, "busy_poll_us", default_us, 0,
                                                                 MAX_BUSY_POLL_US, error);
  /* On a single processor it would take from the server what it waits for. */
  if (sysconf (_SC_NPROCESSORS_ONLN) < 2)
    plan->busy_poll_ns = 0;
  return *error == NULL;
}

static gboolean
read_choices (LdsLoadPlan *plan,
              JsonObject *object,
              GError **error)
{
  const char *arrivals = lds_json_get_string (object, "arrivals", "constant", error);
  const char *think = lds_json_get_string (object, "think_time", "constant", error);
  const char *engine = lds_json_get_string (object, "engine", "auto", error);

  if (*error != NULL)
    return FALSE;
  if (strcmp (arrivals, "constant") != 0 && strcmp (arrivals, "poisson") != 0)
    return lds_error_refuse (error, _ ("“arrivals” is “%s”: use “constant” or “poisson”."), arrivals);
  plan->arrivals = *arrivals == 'p' ? LDS_ARRIVALS_POISSON : LDS_ARRIVALS_CONSTANT;
  if (plan->arrivals == LDS_ARRIVALS_POISSON && plan->schedule == NULL)
    return lds_error_refuse (error, _ ("“arrivals” is “poisson”, but a closed loop sends when an answer has come: give a rate (-R)."));
  if (strcmp (think, "constant") != 0 && strcmp (think, "exponential") != 0)
    return lds_error_refuse (error, _ ("“think_time” is “%s”: use “constant” or “exponential”."), think);
  plan->think_is_random = *think == 'e';
  if (plan->think_is_random && plan->think_ns == 0)
    return lds_error_refuse (error, _ ("“think_time” is “exponential”, but no mean is given: give “think_time_ms” (--think)."));
  if (lds_load_engine_find (engine) == NULL)
    return lds_error_refuse (error, _ ("“engine” is “%s”: use “auto”, “io_uring” or “epoll”."), engine);
  plan->engine = g_strdup (engine);
  return TRUE;
}

/* What a slip of the hand may do to a server that is not this machine's. */
static gboolean
check_ceilings (LdsLoadPlan *plan,
                JsonObject *object,
                GError **error)
{
  double max_rate_hz = lds_json_get_double (object, "max_rate_hz", LDS_REMOTE_MAX_RATE_HZ, error);
  gint64 max_ms = lds_json_get_int_between (object, "max_duration_ms", LDS_REMOTE_MAX_DURATION_MS, 0,
                                            LDS_LOAD_MAX_DURATION_MS, error);

  if (*error != NULL)
    return FALSE;
  if (max_rate_hz < 0)
    return lds_error_refuse (error, _ ("“max_rate_hz” is %g: give a ceiling in requests a second, or 0 for none."), max_rate_hz);
  if (plan->target.is_loopback)
    return TRUE;
  if (max_rate_hz > 0 && plan->rate_hz <= 0)
    return lds_error_refuse (error, _ ("“%s” is not this machine, so its load has a ceiling of %g requests a second, and a closed loop has none: give a rate (-R), or remove the ceiling (--max-rate 0)."),
                             plan->target.host, max_rate_hz);
  if (max_rate_hz > 0 && lds_load_schedule_get_peak_rate_hz (plan->schedule) > max_rate_hz)
    return lds_error_refuse (
        error,
        _ ("“%s” is not this machine, and %g requests a second are more than the ceiling of %g: lower the rate, or raise the ceiling (--max-rate)."),
        plan->target.host, lds_load_schedule_get_peak_rate_hz (plan->schedule), max_rate_hz);
  if (max_rate_hz > 0 && plan->background.n_connections[LDS_LOAD_BACKGROUND_ASKER] > 0)
    return lds_error_refuse (error, _ ("“%s” is not this machine, so its load has a ceiling of %g requests a second, which “askers” do not keep: leave them out, or remove the ceiling (--max-rate 0)."),
                             plan->target.host, max_rate_hz);
  if (max_ms > 0 && plan->warm_up_ns + plan->duration_ns > max_ms * LDS_NS_PER_MS)
    return lds_error_refuse (
        error,
        _ ("“%s” is not this machine, and %g s of load are more than the ceiling of %g s: shorten it, or raise the ceiling (--max-duration)."),
        plan->target.host, (double)(plan->warm_up_ns + plan->duration_ns) / (double)LDS_NS_PER_S,
        (double)max_ms / 1000);
  return TRUE;
}

LdsLoadPlan *
lds_load_plan_from_json (JsonObject *object,
                         GError **error)
{
  g_autoptr (LdsLoadPlan) plan = g_new0 (LdsLoadPlan, 1);
  g_autoptr (GError) local = NULL;

  plan->cpus = g_array_new (FALSE, FALSE, sizeof (int));
  if (check_members (object, &local) && read_target (plan, object, &local) &&
      read_figures (plan, object, &local) && read_schedule (plan, object, &local) &&
      read_choices (plan, object, &local) &&
      lds_load_background_options_from_json (object, &plan->background, &local) &&
      read_requests (plan, object, &local) && check_ceilings (plan, object, &local) &&
      read_cpus (plan, object, &local) && read_busy_poll (plan, object, &local))
    return g_steal_pointer (&plan);
  g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}

void
lds_load_plan_free (LdsLoadPlan *plan)
{
  if (plan == NULL)
    return;
  lds_load_target_clear (&plan->target);
  lds_load_transport_clear (&plan->transport);
  for (guint i = 0; i < plan->n_requests; i++)
    lds_load_request_clear (&plan->requests[i]);
  if (plan->background_request != NULL)
    lds_load_request_clear (plan->background_request);
  g_free (plan->background_request);
  lds_load_stream_clear (&plan->stream);
  g_free (plan->requests);
  g_free (plan->engine);
  lds_load_schedule_free (plan->schedule);
  g_array_unref (plan->cpus);
  g_free (plan);
}
