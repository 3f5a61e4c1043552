/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Plans: their limits, their order of runs, their JSON. */
#define G_LOG_DOMAIN "lds-bench"

#include "config.h"
#include "lds-plan.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <math.h>

#include "lds-bench-json.h"
#include "lds-clock.h"
#include "lds-error.h"
#include "lds-json.h"
#include "lds-nearest.h"
#include "lds-runtime.h"

#define PLAN_VERSION 1

/* Start of the server, check and stopping of one run, in ms; with workers, for each of them besides. */
#define OVERHEAD_MS        60
#define WORKER_OVERHEAD_MS 4
/* A runtime starts later than loadstone-server does, by 120 ms (node:http) to 300 ms (worker processes of Python); one that
 * loads Python packages first by 600 ms (FastAPI). Who has packages is slower with connections as well: ws, and uvicorn. */
#define RUNTIME_OVERHEAD_MS          250
#define NPM_THOUSAND_CONNECTIONS_MS  250
#define VENV_OVERHEAD_MS             700
#define VENV_THOUSAND_CONNECTIONS_MS 1000
/* Opening a thousand connections and closing them on both sides, in ms. */
#define THOUSAND_CONNECTIONS_MS 70

/* A plan is made by hand: more is none. */
#define MAX_FILE_BYTES (1u << 20)
#define MAX_LIST       64

/* The slowest open loop, in requests a second; that of loadstone-load. */
#define MIN_RATE_HZ 1e-3

LdsPlan *
lds_plan_new (void)
{
  LdsPlan *plan = g_new0 (LdsPlan, 1);

  plan->lanes = g_ptr_array_new ();
  plan->workloads = g_ptr_array_new ();
  plan->loads = g_array_new (FALSE, FALSE, sizeof (LdsPlanLoad));
  plan->allow_hosts = g_ptr_array_new_with_free_func (g_free);
  plan->left_out = g_ptr_array_new_with_free_func ((GDestroyNotify)lds_invalid_reason_free);
  plan->connections_scale = plan->rate_scale = 1;
  plan->seed = 1;
  plan->connections = 64;
  plan->client_threads = 1;
  plan->duration_ms = 5000;
  plan->warm_up_ms = 1000;
  plan->timeout_ms = 10000;
  plan->repeats = 5;
  plan->knee_accuracy = 0.1; /* Source: METHOD, mark "knee search" */
  plan->knee_max_runs = 60;
  plan->scale_connections = g_array_new (FALSE, FALSE, sizeof (guint));
  plan->scale_workers = g_array_new (FALSE, FALSE, sizeof (guint));
  return plan;
}

static gpointer
copy_text (gconstpointer text,
           gpointer user_data)
{
  return g_strdup (text);
}

static gpointer
copy_reason (gconstpointer reason,
             gpointer user_data)
{
  const LdsInvalidReason *original = reason;

  return lds_invalid_reason_new (original->code, original->text);
}

LdsPlan *
lds_plan_copy (const LdsPlan *plan)
{
  LdsPlan *copy;

  g_return_val_if_fail (plan != NULL, NULL);

  copy = g_memdup2 (plan, sizeof *plan);
  copy->lanes = g_ptr_array_copy (plan->lanes, NULL, NULL);
  copy->loads = g_array_copy (plan->loads);
  copy->allow_hosts = g_ptr_array_copy (plan->allow_hosts, copy_text, NULL);
  copy->scale_connections = g_array_copy (plan->scale_connections);
  copy->scale_workers = g_array_copy (plan->scale_workers);
  copy->workloads = g_ptr_array_copy (plan->workloads, NULL, NULL);
  copy->left_out = g_ptr_array_copy (plan->left_out, copy_reason, NULL);
  copy->scale_reason = g_strdup (plan->scale_reason);
  return copy;
}

void
lds_plan_free (LdsPlan *plan)
{
  if (plan == NULL)
    return;
  g_ptr_array_unref (plan->lanes);
  g_ptr_array_unref (plan->workloads);
  g_array_unref (plan->loads);
  g_ptr_array_unref (plan->allow_hosts);
  g_ptr_array_unref (plan->left_out);
  g_free (plan->scale_reason);
  g_array_unref (plan->scale_connections);
  g_array_unref (plan->scale_workers);
  g_free (plan);
}

static gboolean
check_range (const char *what,
             double value,
             double low,
             double high,
             GError **error)
{
  if (value >= low && value <= high) /* false for NaN */
    return TRUE;
  g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
               /* Translators: a member of the plan, its value, smallest and largest allowed value */
               _ ("The plan's “%s” is %.10g; it must be from %.10g to %.10g."), what, value, low, high);
  return FALSE;
}

static gboolean
check_distinct (const char *what,
                GPtrArray *items,
                GError **error)
{
  for (guint i = 0; i < items->len; i++)
    for (guint j = 0; j < i; j++)
      if (items->pdata[i] == items->pdata[j])
        {
          g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                       /* Translators: “lanes” or “workloads” */
                       _ ("The plan's “%s” names the same one twice; name each once and set “repeats” instead."), what);
          return FALSE;
        }
  return TRUE;
}

/* How hard one workload is driven: what loadstone-load would refuse is refused before a run. */
static gboolean
check_load (guint connections,
            double rate_hz,
            guint client_threads,
            GError **error)
{
  if (!check_range ("connections", connections, 1, LDS_PLAN_MAX_CONNECTIONS, error) ||
      !check_range ("rate_hz", rate_hz, 0, 1e7, error))
    return FALSE;
  if (rate_hz > 0 && rate_hz < MIN_RATE_HZ)
    return check_range ("rate_hz", rate_hz, MIN_RATE_HZ, 1e7, error);
  if (client_threads <= connections)
    return TRUE;
  g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
               _ ("The plan's “client_threads” is %u, but one of its “connections” is only %u; every thread needs a connection."),
               client_threads, connections);
  return FALSE;
}

/* Who only listens is told something when the server wants. */
static gboolean
check_listening (const LdsPlan *plan,
                 const LdsPlanLoad *load,
                 GError **error)
{
  if (g_strcmp0 (load->workload->stream, "listen") != 0)
    return TRUE;
  if (plan->find_knee)
    {
      g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                   /* Translators: a workload */
                   _ ("“%s” sends nothing, so it has no rate whose knee could be found; leave it out of a plan with “find_knee” (--find-knee)."),
                   load->workload->id);
      return FALSE;
    }
  if (load->rate_hz <= 0)
    return TRUE;
  g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
               /* Translators: a workload, twice */
               _ ("“%s” sends nothing, so it has no rate; give it a load of its own without one (--load %s=64)."),
               load->workload->id, load->workload->id);
  return FALSE;
}

static gboolean
check_loads (const LdsPlan *plan,
             GError **error)
{
  if (!check_load (plan->connections, plan->rate_hz, 1, error))
    return FALSE;
  for (guint i = 0; i < plan->loads->len; i++)
    {
      const LdsPlanLoad *load = &g_array_index (plan->loads, LdsPlanLoad, i);

      if (!check_load (load->connections, load->rate_hz, 1, error))
        return FALSE;
    }
  for (guint i = 0; i < plan->workloads->len; i++)
    {
      LdsPlanLoad load = lds_plan_get_load (plan, plan->workloads->pdata[i]);

      if (!check_load (load.connections, load.rate_hz, plan->client_threads, error) ||
          !check_listening (plan, &load, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
check_streams (const LdsPlan *plan,
               GError **error)
{
  for (guint i = 0; i < plan->workloads->len; i++)
    for (guint j = 0; j < plan->lanes->len; j++)
      {
        const LdsWorkload *workload = plan->workloads->pdata[i];
        const LdsLane *lane = plan->lanes->pdata[j];

        if (lds_lane_serves (lane, workload))
          continue;
        if (lane->runtime != NULL)
          g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                       /* Translators: a lane, a workload */
                       _ ("The program of the lane “%s” does not serve “%s”; leave one of them out."), lane->id,
                       workload->id);
        else
          g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                       /* Translators: a lane, a workload */
                       _ ("On the lane “%s” an open connection would hold a thread or a process, so it does not serve “%s”; leave one of them out."),
                       lane->id, workload->id);
        return FALSE;
      }
  return TRUE;
}

/* A series of closed loops: ascending, none twice, each with a connection for every thread. */
static gboolean
check_scale (const char *what,
             GArray *points,
             double low,
             double high,
             GError **error)
{
  if (!check_range (what, points->len, 0, LDS_PLAN_MAX_SCALE, error))
    return FALSE;
  for (guint i = 0; i < points->len; i++)
    {
      guint point = g_array_index (points, guint, i);

      if (!check_range (what, point, low, high, error))
        return FALSE;
      if (i == 0 || point > g_array_index (points, guint, i - 1))
        continue;
      g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                   /* Translators: a member of the plan, then a number */
                   _ ("The plan's “%s” must ascend, and %u does not; sort them, and name each once."), what, point);
      return FALSE;
    }
  return TRUE;
}

/* What a load takes follows from knees. */
static gboolean
check_demand (const LdsPlan *plan,
              GError **error)
{
  if (!check_range ("demand_rate_hz", plan->demand_rate_hz, 0, 1e12, error) ||
      !check_range ("demand_connections", plan->demand_connections, 0, G_MAXINT, error))
    return FALSE;
  if (plan->demand_rate_hz <= 0 ? plan->demand_connections == 0 : plan->find_knee)
    return TRUE;
  g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
               _ ("The plan states a demand; what that takes follows from a “demand_rate_hz” above 0 and each lane's knee: set “find_knee” too."));
  return FALSE;
}

static gboolean
check_adaptive (const LdsPlan *plan,
                GError **error)
{
  return check_range ("knee_accuracy", plan->knee_accuracy, 0.02, 0.5, error) &&
         check_range ("knee_max_runs", plan->knee_max_runs, 1, LDS_PLAN_MAX_KNEE_RUNS, error) &&
         check_scale ("scale_connections", plan->scale_connections, plan->client_threads,
                      LDS_PLAN_MAX_CONNECTIONS, error) &&
         check_scale ("scale_workers", plan->scale_workers, 1, LDS_LANE_MAX_WORKERS, error) &&
         check_demand (plan, error);
}

static gboolean
is_allowed (const LdsPlan *plan,
            const char *host)
{
  for (guint i = 0; i < plan->allow_hosts->len; i++)
    if (g_ascii_strcasecmp (plan->allow_hosts->pdata[i], host) == 0)
      return TRUE;
  return FALSE;
}

/* What a slip of the hand may do to a server at @host. */
static gboolean
check_ceilings (const LdsPlan *plan,
                const char *host,
                GError **error)
{
  if (plan->warm_up_ms + plan->duration_ms > LDS_REMOTE_MAX_DURATION_MS)
    {
      g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                   /* Translators: a host name, then a time twice */
                   _ ("“%s” is not this machine, and %g s of load in a run are more than the ceiling of %g s; shorten the runs."),
                   host, (double)(plan->warm_up_ms + plan->duration_ms) / 1000,
                   LDS_REMOTE_MAX_DURATION_MS / 1000.0);
      return FALSE;
    }
  if (plan->scale_connections->len > 0 || plan->scale_workers->len > 0)
    {
      g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                   /* Translators: a host name */
                   _ ("“%s” is not this machine, and a series of closed loops has no ceiling; leave the series out."), host);
      return FALSE;
    }
  for (guint i = 0; i < plan->workloads->len; i++)
    {
      const LdsWorkload *workload = plan->workloads->pdata[i];
      double rate_hz = lds_plan_get_load (plan, workload).rate_hz;

      if (rate_hz > 0 && rate_hz <= LDS_REMOTE_MAX_RATE_HZ)
        continue;
      g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                   /* Translators: a host name, a number, a workload, twice the same number */
                   _ ("“%s” is not this machine, so its load has a ceiling of %g requests a second, and a closed loop has none; give “%s” a rate of at most %g (--rate %g)."),
                   host, LDS_REMOTE_MAX_RATE_HZ, workload->id, LDS_REMOTE_MAX_RATE_HZ,
                   LDS_REMOTE_MAX_RATE_HZ);
      return FALSE;
    }
  return TRUE;
}

static gboolean
check_hosts (const LdsPlan *plan,
             GError **error)
{
  for (guint i = 0; i < plan->allow_hosts->len; i++)
    {
      const char *host = plan->allow_hosts->pdata[i];
      gsize n = 0;

      while (g_ascii_isgraph (host[n]))
        n++;
      if (n > 0 && host[n] == '\0')
        continue;
      g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                   _ ("The plan's “%s” must list names of hosts, without blanks."), "allow_hosts");
      return FALSE;
    }
  return check_range ("allow_hosts", plan->allow_hosts->len, 0, 64, error);
}

/* Only servers of this machine and those that the plan allows are loaded, the latter gently. */
static gboolean
check_addresses (const LdsPlan *plan,
                 GError **error)
{
  for (guint i = 0; i < plan->lanes->len; i++)
    {
      const LdsAddress *address = ((const LdsLane *)plan->lanes->pdata[i])->address;

      if (address == NULL || address->is_loopback)
        continue;
      if (!is_allowed (plan, address->host))
        {
          g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                       /* Translators: an address, then a host name twice */
                       _ ("“%s” is at “%s”, which is not this machine; if that server is yours to load, allow it by name (--allow-host %s)."),
                       address->url, address->host, address->host);
          return FALSE;
        }
      if (!check_ceilings (plan, address->host, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
lds_plan_validate (const LdsPlan *plan,
                   GError **error)
{
  g_return_val_if_fail (plan != NULL, FALSE);

  if (plan->lanes->len == 0)
    return lds_error_refuse (error, _ ("The plan names no lane; “loadstone-cli lanes” lists them."));
  if (plan->workloads->len == 0)
    return lds_error_refuse (error, _ ("The plan names no workload; “loadstone-cli workloads” lists them."));
  return check_range ("lanes", plan->lanes->len, 1, 64, error) &&
         check_range ("workloads", plan->workloads->len, 1, 64, error) &&
         check_distinct ("lanes", plan->lanes, error) &&
         check_distinct ("workloads", plan->workloads, error) &&
         check_range ("client_threads", plan->client_threads, 1, LDS_PLAN_MAX_CLIENT_THREADS, error) &&
         check_range ("duration_ms", (double)plan->duration_ms, 100, 3600000, error) &&
         check_range ("warm_up_ms", (double)plan->warm_up_ms, 0, 600000, error) &&
         check_range ("timeout_ms", (double)plan->timeout_ms, 1, 60000, error) &&
         check_range ("repeats", plan->repeats, 1, LDS_PLAN_MAX_REPEATS, error) &&
         check_range ("workers", plan->workers, 0, LDS_LANE_MAX_WORKERS, error) &&
         check_range ("slo_p99_ms", plan->slo_p99_ms, 0, 60000, error) &&
         check_range ("seed", plan->seed, 1, LDS_PLAN_MAX_SEED, error) &&
         check_range ("connections of scale", plan->connections_scale, 1, 1e9, error) &&
         check_range ("rate of scale", plan->rate_scale, 1, 1e9, error) &&
         check_loads (plan, error) && check_streams (plan, error) && check_adaptive (plan, error) &&
         check_hosts (plan, error) && check_addresses (plan, error);
}

gboolean
lds_plan_check_series (const LdsPlan *plan,
                       GError **error)
{
  g_return_val_if_fail (plan != NULL, FALSE);

  if (plan->scale_workers->len == 0)
    return TRUE;
  for (guint i = 0; i < plan->lanes->len; i++)
    if (((const LdsLane *)plan->lanes->pdata[i])->has_workers)
      return TRUE;
  return lds_error_refuse (error, _ ("The plan's “scale_workers” is a series over workers, which none of its lanes has; add a lane that has, as prefork, or leave the series out."));
}

void
lds_plan_set_load (LdsPlan *plan,
                   const LdsWorkload *workload,
                   guint connections,
                   double rate_hz)
{
  LdsPlanLoad load = {workload, connections, rate_hz};

  g_return_if_fail (plan != NULL && workload != NULL);

  for (guint i = 0; i < plan->loads->len; i++)
    if (g_array_index (plan->loads, LdsPlanLoad, i).workload == workload)
      {
        g_array_index (plan->loads, LdsPlanLoad, i) = load;
        return;
      }
  g_array_append_val (plan->loads, load);
}

LdsPlanLoad
lds_plan_get_load (const LdsPlan *plan,
                   const LdsWorkload *workload)
{
  LdsPlanLoad load = {workload, 0, 0};

  g_return_val_if_fail (plan != NULL && workload != NULL, load);

  load.connections = plan->connections;
  load.rate_hz = plan->rate_hz;
  for (guint i = 0; i < plan->loads->len; i++)
    if (g_array_index (plan->loads, LdsPlanLoad, i).workload == workload)
      load = g_array_index (plan->loads, LdsPlanLoad, i);
  return load;
}

void
lds_plan_allow_host (LdsPlan *plan,
                     const char *host)
{
  g_return_if_fail (plan != NULL && host != NULL);

  if (!is_allowed (plan, host))
    g_ptr_array_add (plan->allow_hosts, g_strdup (host));
}

static void
lower_rate (double *rate_hz)
{
  if (*rate_hz <= 0 || *rate_hz > LDS_REMOTE_MAX_RATE_HZ)
    *rate_hz = LDS_REMOTE_MAX_RATE_HZ;
}

void
lds_plan_apply_ceilings (LdsPlan *plan)
{
  gboolean is_remote = FALSE;

  g_return_if_fail (plan != NULL);

  for (guint i = 0; i < plan->lanes->len; i++)
    {
      const LdsAddress *address = ((const LdsLane *)plan->lanes->pdata[i])->address;

      is_remote |= address != NULL && !address->is_loopback;
    }
  if (!is_remote)
    return;
  lower_rate (&plan->rate_hz);
  for (guint i = 0; i < plan->loads->len; i++)
    lower_rate (&g_array_index (plan->loads, LdsPlanLoad, i).rate_hz);
  plan->warm_up_ms = MIN (plan->warm_up_ms, LDS_REMOTE_MAX_DURATION_MS / 2);
  plan->duration_ms = MIN (plan->duration_ms, LDS_REMOTE_MAX_DURATION_MS - plan->warm_up_ms);
}

gboolean
lds_plan_is_adaptive (const LdsPlan *plan)
{
  g_return_val_if_fail (plan != NULL, FALSE);

  return plan->find_knee || plan->scale_connections->len > 0 || plan->scale_workers->len > 0;
}

/* Runs of one lane on one workload. */
static guint
count_repeats (const LdsPlan *plan)
{
  guint n = plan->repeats * (plan->scale_connections->len + plan->scale_workers->len);

  if (plan->find_knee)
    n += LDS_PLAN_EXPECTED_KNEE_RUNS + 2 * plan->repeats;
  return lds_plan_is_adaptive (plan) ? n : plan->repeats;
}

guint
lds_plan_n_runs (const LdsPlan *plan)
{
  g_return_val_if_fail (plan != NULL, 0);

  return plan->workloads->len * count_repeats (plan) * plan->lanes->len;
}

LdsRunSpec
lds_plan_make_spec (const LdsPlan *plan,
                    const LdsLane *lane,
                    const LdsWorkload *workload)
{
  LdsPlanLoad load = lds_plan_get_load (plan, workload);

  return (LdsRunSpec){.lane = lane,
                      .workload = workload,
                      .connections = load.connections,
                      .client_threads = plan->client_threads,
                      .rate_hz = load.rate_hz,
                      .duration_ms = plan->duration_ms,
                      .warm_up_ms = plan->warm_up_ms,
                      .timeout_ms = plan->timeout_ms,
                      .workers = plan->workers,
                      .seed = plan->seed};
}

LdsRunSpec
lds_plan_run_spec (const LdsPlan *plan,
                   guint index)
{
  LdsRunSpec spec = {0};
  guint lane, repeat, n_repeats;

  g_return_val_if_fail (plan != NULL && index < lds_plan_n_runs (plan), spec);

  n_repeats = count_repeats (plan);
  lane = index % plan->lanes->len;
  repeat = index / plan->lanes->len % n_repeats;
  if (repeat % 2 == 1)
    lane = plan->lanes->len - 1 - lane;
  spec = lds_plan_make_spec (plan, plan->lanes->pdata[lane],
                             plan->workloads->pdata[index / plan->lanes->len / n_repeats]);
  spec.repeat = repeat;
  spec.seed = plan->seed + repeat;
  return spec;
}

/* What a runtime needs besides what loadstone-server would. */
static gint64
estimate_runtime_ms (const LdsRunSpec *spec)
{
  LdsInstaller installer =
      spec->lane->runtime != NULL ? spec->lane->runtime->installer : LDS_INSTALLER_NONE;

  switch (installer)
    {
    case LDS_INSTALLER_VENV:
      return VENV_OVERHEAD_MS + spec->connections * VENV_THOUSAND_CONNECTIONS_MS / 1000;
    case LDS_INSTALLER_NPM:
      return RUNTIME_OVERHEAD_MS + spec->connections * NPM_THOUSAND_CONNECTIONS_MS / 1000;
    case LDS_INSTALLER_NONE:
    default:
      return RUNTIME_OVERHEAD_MS;
    }
}

gint64
lds_plan_estimate_ms (const LdsPlan *plan)
{
  gint64 estimate_ms = 0;

  g_return_val_if_fail (plan != NULL, 0);

  for (guint i = 0; i < lds_plan_n_runs (plan); i++)
    {
      LdsRunSpec spec = lds_plan_run_spec (plan, i);

      estimate_ms += spec.warm_up_ms + spec.duration_ms + OVERHEAD_MS +
                     spec.connections * THOUSAND_CONNECTIONS_MS / 1000;
      if (spec.lane->has_workers)
        estimate_ms += spec.workers * WORKER_OVERHEAD_MS;
      if (spec.lane->provenance == LDS_PROVENANCE_REAL)
        estimate_ms += estimate_runtime_ms (&spec);
      /* What a closed loop has under way at its end is waited for; preforked workers take one at a time. */
      if (spec.rate_hz <= 0)
        estimate_ms += spec.workload->min_service_ns / LDS_NS_PER_MS *
                       (spec.lane->family == LDS_FAMILY_PREFORK
                            ? spec.connections / MAX (spec.workers, 1)
                            : 1);
    }
  return estimate_ms;
}

void
lds_plan_leave_out (LdsPlan *plan,
                    const char *id,
                    const char *reason)
{
  g_return_if_fail (plan != NULL && id != NULL && reason != NULL);

  lds_invalid_reasons_add (plan->left_out, id, reason);
}

char *
lds_plan_dup_scale_text (const LdsPlan *plan)
{
  g_autofree char *factors = NULL;

  g_return_val_if_fail (plan != NULL, NULL);

  if (plan->connections_scale > 1 && plan->rate_scale > 1)
    /* Translators: two factors */
    factors = g_strdup_printf (_ ("Scaled down: one connection here stands for %.3g in the answers, one request for %.4g."),
                               plan->connections_scale, plan->rate_scale);
  else if (plan->connections_scale > 1)
    /* Translators: a factor */
    factors = g_strdup_printf (_ ("Scaled down: one connection here stands for %.3g in the answers."),
                               plan->connections_scale);
  else if (plan->rate_scale > 1)
    /* Translators: a factor */
    factors = g_strdup_printf (_ ("Scaled down: one request here stands for %.4g in the answers."),
                               plan->rate_scale);
  else
    return NULL;
  return g_strjoin (" ", factors, plan->scale_reason, NULL);
}

static const LdsWorkload *
find_not_served (const LdsPlan *plan,
                 const LdsLane *lane)
{
  for (guint i = 0; i < plan->workloads->len; i++)
    if (!lds_lane_serves (lane, plan->workloads->pdata[i]))
      return plan->workloads->pdata[i];
  return NULL;
}

void
lds_plan_leave_out_lanes (LdsPlan *plan)
{
  g_return_if_fail (plan != NULL);

  for (guint i = plan->lanes->len; i > 0; i--)
    {
      const LdsLane *lane = plan->lanes->pdata[i - 1];
      const LdsWorkload *workload = find_not_served (plan, lane);
      g_autofree char *reason = NULL;

      if (workload == NULL)
        continue;
      if (lane->runtime != NULL)
        /* Translators: a workload */
        reason = g_strdup_printf (_ ("Its program does not serve “%s”."), workload->title);
      else
        /* Translators: a workload */
        reason = g_strdup_printf (_ ("Here an open connection would hold a thread or a process, so it does not serve “%s”."), workload->title);
      lds_plan_leave_out (plan, lane->id, reason);
      g_ptr_array_remove_index (plan->lanes, i - 1);
    }
}

/* Numbers as JSON gives them back. */
static void
add_scale (JsonBuilder *builder,
           const LdsPlan *plan)
{
  json_builder_set_member_name (builder, "scale");
  json_builder_begin_object (builder);
  lds_bench_json_set_number (builder, "connections", plan->connections_scale);
  lds_bench_json_set_number (builder, "rate", plan->rate_scale);
  lds_json_add_string (builder, "reason", plan->scale_reason != NULL ? plan->scale_reason : "");
  json_builder_end_object (builder);
}

static void
read_scale (JsonObject *object,
            LdsPlan *plan,
            GError **error)
{
  JsonObject *scale = lds_json_get_object (object, "scale", error);
  const char *reason;

  if (scale == NULL)
    return;
  plan->connections_scale = lds_json_get_double (scale, "connections", 1, error);
  plan->rate_scale = lds_json_get_double (scale, "rate", 1, error);
  reason = lds_json_get_string (scale, "reason", "", error);
  plan->scale_reason = *reason != '\0' ? g_strdup (reason) : NULL;
}

static void
add_points (JsonBuilder *builder,
            const char *member,
            GArray *points)
{
  json_builder_set_member_name (builder, member);
  json_builder_begin_array (builder);
  for (guint i = 0; i < points->len; i++)
    json_builder_add_int_value (builder, g_array_index (points, guint, i));
  json_builder_end_array (builder);
}

static void
add_adaptive (JsonBuilder *builder,
              const LdsPlan *plan)
{
  lds_json_add_boolean (builder, "find_knee", plan->find_knee);
  json_builder_set_member_name (builder, "knee_accuracy");
  json_builder_add_double_value (builder, plan->knee_accuracy);
  lds_json_add_int (builder, "knee_max_runs", plan->knee_max_runs);
  add_points (builder, "scale_connections", plan->scale_connections);
  add_points (builder, "scale_workers", plan->scale_workers);
  json_builder_set_member_name (builder, "demand_rate_hz");
  json_builder_add_double_value (builder, plan->demand_rate_hz);
  lds_json_add_int (builder, "demand_connections", plan->demand_connections);
}

JsonNode *
lds_plan_to_json (const LdsPlan *plan)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  g_return_val_if_fail (plan != NULL, NULL);

  json_builder_begin_object (builder);
  lds_json_add_int (builder, "version", PLAN_VERSION);
  json_builder_set_member_name (builder, "lanes");
  json_builder_begin_array (builder);
  for (guint i = 0; i < plan->lanes->len; i++)
    json_builder_add_string_value (builder, ((const LdsLane *)plan->lanes->pdata[i])->id);
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "workloads");
  json_builder_begin_array (builder);
  for (guint i = 0; i < plan->workloads->len; i++)
    json_builder_add_string_value (builder, ((const LdsWorkload *)plan->workloads->pdata[i])->id);
  json_builder_end_array (builder);
  lds_json_add_int (builder, "connections", plan->connections);
  lds_json_add_int (builder, "client_threads", plan->client_threads);
  json_builder_set_member_name (builder, "rate_hz");
  json_builder_add_double_value (builder, plan->rate_hz);
  lds_json_add_int (builder, "duration_ms", plan->duration_ms);
  lds_json_add_int (builder, "warm_up_ms", plan->warm_up_ms);
  lds_json_add_int (builder, "timeout_ms", plan->timeout_ms);
  lds_json_add_int (builder, "repeats", plan->repeats);
  lds_json_add_int (builder, "workers", plan->workers);
  json_builder_set_member_name (builder, "slo_p99_ms");
  json_builder_add_double_value (builder, plan->slo_p99_ms);
  json_builder_set_member_name (builder, "loads");
  json_builder_begin_array (builder);
  for (guint i = 0; i < plan->loads->len; i++)
    {
      const LdsPlanLoad *load = &g_array_index (plan->loads, LdsPlanLoad, i);

      json_builder_begin_object (builder);
      lds_json_add_string (builder, "workload", load->workload->id);
      lds_json_add_int (builder, "connections", load->connections);
      json_builder_set_member_name (builder, "rate_hz");
      json_builder_add_double_value (builder, load->rate_hz);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "allow_hosts");
  json_builder_begin_array (builder);
  for (guint i = 0; i < plan->allow_hosts->len; i++)
    json_builder_add_string_value (builder, plan->allow_hosts->pdata[i]);
  json_builder_end_array (builder);
  add_adaptive (builder, plan);
  lds_json_add_int (builder, "seed", plan->seed);
  add_scale (builder, plan);
  lds_bench_json_set_reasons (builder, "left_out", plan->left_out);
  if (plan->lanes->len > 0)
    lds_json_add_int (builder, "estimated_ms", lds_plan_estimate_ms (plan));
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}

/* Looks up each text of @member with @find and appends what it gives to @found. */
static gboolean
read_list (JsonObject *object,
           const char *member,
           gconstpointer (*find) (const char *id, GError **error),
           GPtrArray *found,
           GError **error)
{
  g_autoptr (GError) local = NULL;
  JsonArray *array = lds_json_get_array (object, member, &local);

  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (array != NULL && !check_range (member, json_array_get_length (array), 0, MAX_LIST, error))
    return FALSE;
  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      JsonNode *node = json_array_get_element (array, i);
      gconstpointer item;

      if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_STRING)
        {
          g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT, _ ("The plan's “%s” must be a list of texts."), member);
          return FALSE;
        }
      item = find (json_node_get_string (node), error);
      if (item == NULL)
        return FALSE;
      g_ptr_array_add (found, (gpointer)item);
    }
  return TRUE;
}

static gconstpointer
find_lane (const char *id,
           GError **error)
{
  return lds_lane_find (id, error);
}

/* Hosts are what they are called. */
static gconstpointer
find_host (const char *host,
           GError **error)
{
  return host;
}

static gconstpointer
find_workload (const char *id,
               GError **error)
{
  return lds_workload_find (id, error);
}

/* A number that a guint holds; else sets @error with the number as it is, and gives the fallback. */
static guint
get_uint (JsonObject *object,
          const char *member,
          guint fallback,
          GError **error)
{
  gint64 value = lds_json_get_int (object, member, fallback, error);

  if (value >= 0 && value <= G_MAXINT)
    return (guint)value;
  if (*error == NULL)
    g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                 /* Translators: a member of the plan, its value, the largest allowed value */
                 _ ("The plan's “%s” is %" PRId64 "; it must be from 0 to %d."), member, value, G_MAXINT);
  return fallback;
}

static gboolean
read_loads (JsonObject *object,
            LdsPlan *plan,
            GError **error)
{
  g_autoptr (GError) local = NULL;
  JsonArray *array = lds_json_get_array (object, "loads", &local);

  for (guint i = 0; local == NULL && array != NULL && i < json_array_get_length (array); i++)
    {
      JsonNode *node = json_array_get_element (array, i);
      JsonObject *load = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
      const LdsWorkload *workload = NULL;

      if (load == NULL)
        g_set_error (&local, LDS_ERROR, LDS_ERROR_INPUT, _ ("The plan's “%s” must be a list of objects."), "loads");
      else
        {
          const char *id = lds_json_get_string (load, "workload", "", &local);

          workload = local == NULL ? lds_workload_find (id, &local) : NULL;
        }
      if (workload != NULL && local == NULL)
        {
          guint connections = get_uint (load, "connections", plan->connections, &local);

          lds_plan_set_load (plan, workload, connections,
                             lds_json_get_double (load, "rate_hz", plan->rate_hz, &local));
        }
    }
  if (local == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

static void
read_points (JsonObject *object,
             const char *member,
             GArray *points,
             GError **error)
{
  JsonArray *array = lds_json_get_array (object, member, error);

  for (guint i = 0; *error == NULL && array != NULL && i < json_array_get_length (array); i++)
    {
      JsonNode *node = json_array_get_element (array, i);
      gboolean is_whole =
          JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_INT64;
      gint64 value = is_whole ? json_node_get_int (node) : -1;
      guint point = (guint)CLAMP (value, 0, G_MAXINT);

      if (value < 1 || value > G_MAXINT)
        g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                     _ ("The plan's “%s” must be a list of whole numbers from 1."), member);
      else
        g_array_append_val (points, point);
    }
}

static void
read_adaptive (JsonObject *object,
               LdsPlan *plan,
               GError **error)
{
  plan->find_knee = lds_json_get_boolean (object, "find_knee", FALSE, error);
  plan->knee_accuracy = lds_json_get_double (object, "knee_accuracy", plan->knee_accuracy, error);
  plan->knee_max_runs = get_uint (object, "knee_max_runs", plan->knee_max_runs, error);
  read_points (object, "scale_connections", plan->scale_connections, error);
  read_points (object, "scale_workers", plan->scale_workers, error);
  plan->demand_rate_hz = lds_json_get_double (object, "demand_rate_hz", 0, error);
  plan->demand_connections = get_uint (object, "demand_connections", 0, error);
}

LdsPlan *
lds_plan_from_json (JsonObject *object,
                    GError **error)
{
  g_autoptr (LdsPlan) plan = lds_plan_new ();
  g_autoptr (GPtrArray) hosts = g_ptr_array_new ();
  g_autoptr (GError) local = NULL;
  gint64 version;

  g_return_val_if_fail (object != NULL, NULL);

  version = lds_json_get_int (object, "version", PLAN_VERSION, &local);
  if (local == NULL && version > PLAN_VERSION)
    g_set_error (&local, LDS_ERROR, LDS_ERROR_INPUT,
                 _ ("The plan is of version %" PRId64 ", newer than this Loadstone reads (%d); update Loadstone."),
                 version, PLAN_VERSION);
  plan->connections = get_uint (object, "connections", plan->connections, &local);
  plan->client_threads = get_uint (object, "client_threads", plan->client_threads, &local);
  plan->rate_hz = lds_json_get_double (object, "rate_hz", plan->rate_hz, &local);
  plan->duration_ms = lds_json_get_int (object, "duration_ms", plan->duration_ms, &local);
  plan->warm_up_ms = lds_json_get_int (object, "warm_up_ms", plan->warm_up_ms, &local);
  plan->timeout_ms = lds_json_get_int (object, "timeout_ms", plan->timeout_ms, &local);
  plan->repeats = get_uint (object, "repeats", plan->repeats, &local);
  plan->workers = get_uint (object, "workers", plan->workers, &local);
  plan->slo_p99_ms = lds_json_get_double (object, "slo_p99_ms", plan->slo_p99_ms, &local);
  plan->seed = get_uint (object, "seed", plan->seed, &local);
  read_scale (object, plan, &local);
  lds_bench_json_get_reasons (object, "left_out", plan->left_out, &local);
  read_adaptive (object, plan, &local);
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  if (!read_list (object, "lanes", find_lane, plan->lanes, error) ||
      !read_list (object, "workloads", find_workload, plan->workloads, error) ||
      !read_loads (object, plan, error) ||
      !read_list (object, "allow_hosts", find_host, hosts, error))
    return NULL;
  for (guint i = 0; i < hosts->len; i++)
    lds_plan_allow_host (plan, hosts->pdata[i]);
  if (!lds_plan_validate (plan, error))
    return NULL;
  return g_steal_pointer (&plan);
}

/* A member that is not read would be a wish that is not heard. What is read is what is written. */
static gboolean
check_members (JsonObject *object,
               GError **error)
{
  g_autoptr (LdsPlan) plan = lds_plan_new ();
  g_autoptr (JsonNode) node = lds_plan_to_json (plan);
  g_autoptr (GList) known = json_object_get_members (json_node_get_object (node));
  g_autoptr (GList) names = json_object_get_members (object);
  g_autoptr (GPtrArray) ids = g_ptr_array_new ();

  /* A newer one may have more, and is refused for being newer. */
  if (lds_json_get_int (object, "version", PLAN_VERSION, NULL) > PLAN_VERSION)
    return TRUE;
  if (json_object_has_member (object, "format"))
    return lds_error_refuse (error, _ ("It is a “%s”, and no plan; “--print-plan” prints one."), lds_json_get_string (object, "format", "", NULL));
  for (GList *l = known; l != NULL; l = l->next)
    g_ptr_array_add (ids, l->data);
  g_ptr_array_add (ids, (gpointer) "estimated_ms"); /* which only a plan with lanes has */
  g_ptr_array_add (ids, NULL);
  for (GList *l = names; l != NULL; l = l->next)
    {
      const char *nearest;

      if (g_strv_contains ((const char *const *)ids->pdata, l->data))
        continue;
      nearest = lds_nearest (l->data, (const char *const *)ids->pdata);
      if (nearest != NULL)
        g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                     _ ("There is no member “%s” in a plan; did you mean “%s”?"), (char *)l->data, nearest);
      else
        g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                     _ ("There is no member “%s” in a plan; take it out."), (char *)l->data);
      return FALSE;
    }
  return TRUE;
}

LdsPlan *
lds_plan_load (const char *path,
               GError **error)
{
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (LdsPlan) plan = NULL;

  g_return_val_if_fail (path != NULL, NULL);

  node = lds_json_read (path, MAX_FILE_BYTES, error);
  if (node == NULL)
    return NULL;
  if (check_members (json_node_get_object (node), error))
    plan = lds_plan_from_json (json_node_get_object (node), error);
  if (plan != NULL)
    return g_steal_pointer (&plan);
  g_prefix_error (error, "%s: ", path);
  return NULL;
}
