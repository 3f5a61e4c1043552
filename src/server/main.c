/* SPDX-License-Identifier: GPL-3.0-or-later */
/* loadstone-server: one concurrency model serving all workloads on 127.0.0.1. */
#include "config.h"

#include "lds-child.h"
#include "lds-clock.h"
#include "lds-cost.h"
#include "lds-companion.h"
#include "lds-job.h"
#include "lds-lifetime.h"
#include "lds-observer.h"
#include "lds-predict.h"
#include "lds-registry.h"
#include "lds-services.h"
#include "lds-upstreams.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>
#include <uv.h>

/* Exit codes as everywhere in Loadstone; see core/lds-error.h, which this program must not load. */
enum
{
  EXIT_FAILED = 1,
  EXIT_USAGE = 2,
};

enum
{
  OPTION_MODEL = 256,
  OPTION_PROFILE,
  OPTION_DATABASE,
  OPTION_EVENTS,
  OPTION_UPSTREAM,
  OPTION_LINK,
  OPTION_WORKER_MODEL,
  OPTION_WORKER_PROFILE,
  OPTION_LIST_MODELS,
  OPTION_LIST_WORKLOADS,
  OPTION_ALLOW_CRASH,
  OPTION_HELP,
  OPTION_VERSION,
};

/* The options that are numbers. */
static const struct
{
  const char *name;
  unsigned mask; /* LDS_OPTION_ that a model must know; 0 for all models */
  size_t offset; /* in LdsServerOptions */
  unsigned minimum, maximum;
  const char *help;
} numbers[] = {
#define AT(member) offsetof (LdsServerOptions, member)
    {"port", 0, AT (port), 0, 65535, "port of 127.0.0.1; 0, the default, is any free one"},
    {"workers", LDS_OPTION_WORKERS, AT (workers), 1, 256, "worker processes"},
    {"threads", LDS_OPTION_THREADS, AT (threads), 1, 1024, "threads in the pool"},
    {"switch-interval-us", LDS_OPTION_SWITCH_INTERVAL, AT (switch_interval_us), 1, 1000000,
     "time that a thread waits before it asks for the global lock, in us"},
    {"backlog", 0, AT (backlog), 1, 65535, "connections that may wait to be accepted"},
    {"max-connections", LDS_OPTION_MAX_CONNECTIONS, AT (max_connections), 0, 1000000,
     "connections open at a time in one process; 0 is no limit"},
    {"pool-threads", LDS_OPTION_POOL_THREADS, AT (pool_threads), 1, 1024,
     "threads of libuv for blocking calls (UV_THREADPOOL_SIZE)"},
    {"tax-percent", LDS_OPTION_TAX, AT (tax_percent), 0, 100,
     "CPU time used in addition, in %, as CPython needs without its lock; default: the profile's"},
    {"max-body-bytes", 0, AT (max_body_bytes), 1, 128 << 20,
     "largest body of a request; larger ones get 413"},
    {"database-connections", 0, AT (database_connections), 1, 1024,
     "connections to the database that a process keeps"},
    {"database-timeout-ms", 0, AT (database_timeout_ms), 0, 60000,
     "wait for another program's lock of the database, in ms"},
    {"ports", LDS_OPTION_PORTS, AT (ports), 1, LDS_SERVER_MAX_PORTS,
     "ports to listen on; the further ones are free ones"},
    {"upstreams", 0, AT (upstreams), 0, LDS_UPSTREAMS_MAX,
     "services to start for /api/:service/:path, in a process of their own"},
    {"fetch-timeout-ms", 0, AT (fetch_timeout_ms), 0, 3600000,
     "time an upstream has for its answer, in ms; 0, the default, is 30000"},
    {"profile-scale-permille", 0, AT (profile_scale_permille), 10, 100000,
     "what the profile's times are multiplied with, in thousandths, where\n"
     "                           this machine is not the one that was measured; default: 1000"},
    {"stats-interval-ms", 0, AT (stats_interval_ms), 0, 60000,
     "time between two lines of counts, in ms; 0, the default, prints none"},
#undef AT
};

#define N_NUMBERS (sizeof numbers / sizeof *numbers)

/* The options that are one of two words, of which the first is the default: numbers 0 and 1. */
static const struct
{
  const char *name;
  unsigned mask; /* LDS_OPTION_ that a model must know */
  size_t offset; /* in LdsServerOptions */
  const char *words[2];
  const char *help;
} choices[] = {
    {"accept",
     LDS_OPTION_ACCEPT,
     offsetof (LdsServerOptions, accept),
     {"round-robin", "reuseport"},
     "who accepts connections: a primary, which hands them to its workers in\n"
     "                           turn (round-robin), or each worker, by the kernel's hash (reuseport)"},
};

#define N_CHOICES (sizeof choices / sizeof *choices)

static unsigned *
choice_in (LdsServerOptions *options,
           size_t index)
{
  return (unsigned *)(void *)((char *)options + choices[index].offset);
}

/* The others. */
static const struct option others[] = {
    {"model", required_argument, NULL, OPTION_MODEL},
    {"profile", required_argument, NULL, OPTION_PROFILE},
    {"upstream", required_argument, NULL, OPTION_UPSTREAM},
    {"link", required_argument, NULL, OPTION_LINK},
    {"worker-model", required_argument, NULL, OPTION_WORKER_MODEL},
    {"worker-profile", required_argument, NULL, OPTION_WORKER_PROFILE},
    {"database", required_argument, NULL, OPTION_DATABASE},
    {"events", required_argument, NULL, OPTION_EVENTS},
    {"list-models", no_argument, NULL, OPTION_LIST_MODELS},
    {"list-workloads", no_argument, NULL, OPTION_LIST_WORKLOADS},
    {"allow-crash", no_argument, NULL, OPTION_ALLOW_CRASH},
    {"help", no_argument, NULL, OPTION_HELP},
    {"version", no_argument, NULL, OPTION_VERSION},
};

#define N_OTHERS (sizeof others / sizeof *others)

static unsigned *
number_in (LdsServerOptions *options,
           size_t index)
{
  return (unsigned *)(void *)((char *)options + numbers[index].offset);
}

/* The defaults, also of what is the same for all models. */
static LdsServerOptions
options_of (const LdsServerModel *model)
{
  LdsServerOptions options = model->defaults;

  options.max_body_bytes = (unsigned)LDS_HTTP_LIMITS_DEFAULT.max_body_bytes;
  options.database_connections = LDS_STORE_CONNECTIONS;
  options.database_timeout_ms = LDS_STORE_BUSY_TIMEOUT_MS;
  return options;
}

static void
print_help (void)
{
  printf ("Usage: loadstone-server --model ID [OPTION]...\n\n"
          "Serves every workload on 127.0.0.1 with one concurrency model, prints one JSON line with\n"
          "the port when it is ready, and ends when its standard input ends or on SIGTERM.\n\n"
          "  --model ID               what to be; see --list-models\n"
          "  --profile FILE|ID        what the runtime and framework to be costs, spent on top; without,\n"
          "                           the bare architecture; see \"loadstone-cli profiles\"\n");
  for (size_t i = 0; i < N_NUMBERS; i++)
    printf ("  --%s N%*s%s\n", numbers[i].name, 21 - (int)strlen (numbers[i].name), "",
            numbers[i].help);
  for (size_t i = 0; i < N_CHOICES; i++)
    printf ("  --%s WORD%*s%s\n", choices[i].name, 18 - (int)strlen (choices[i].name), "",
            choices[i].help);
  printf ("  --allow-crash            have GET /crash kill the process that gets it\n"
          "  --database FILE          keep the products of the workloads in FILE; without, they are gone\n"
          "                           when the server is\n"
          "  --events ADDRESS         publish to Redis or Valkey at redis://127.0.0.1:PORT/CHANNEL;\n"
          "                           without, to a queue of the server's own\n"
          "  --link WORD              how polyglot's edge has its workers compute: http (default), queue or rpc\n"
          "  --worker-model ID        what those are with --link http: prefork (default) or process-pool\n"
          "  --worker-profile FILE|ID what the workers' runtime costs\n"
          "  --upstream PORT          one that runs already on 127.0.0.1; may be given several times\n"
          "  --list-models            print the models and what they are\n"
          "  --list-workloads         print the workloads and their requests\n"
          "  --help, --version        print this, or the version\n\n"
          "Defaults are those of the originals:\n");
  for (size_t m = 0; lds_server_models[m] != NULL; m++)
    {
      LdsServerOptions defaults = options_of (lds_server_models[m]);

      printf ("  %-18s", lds_server_models[m]->id);
      for (size_t i = 1; i < N_NUMBERS; i++)
        if ((numbers[i].mask & ~lds_server_models[m]->options) == 0)
          {
            printf (" --%s", numbers[i].name);
            if (*number_in (&defaults, i) < numbers[i].minimum)
              printf (" CPUs");
            else
              printf (" %u", *number_in (&defaults, i));
          }
      printf ("\n");
    }
}

static void
list_models (void)
{
  for (size_t i = 0; lds_server_models[i] != NULL; i++)
    printf ("%s\t%s\n", lds_server_models[i]->id, lds_server_models[i]->summary);
}

static void
list_workloads (void)
{
  for (size_t i = 0; lds_server_workloads[i] != NULL; i++)
    if (!lds_server_workloads[i]->hidden)
      printf ("%s\t%s\n", lds_server_workloads[i]->id, lds_server_workloads[i]->usage);
}

/* A wrong argument; returns the exit code. */
__attribute__ ((format (printf, 1, 2))) static int
usage_error (const char *format,
             ...)
{
  char message[512];
  va_list args;

  va_start (args, format);
  vsnprintf (message, sizeof message, format, args);
  va_end (args);
  lds_server_announce_error (message);
  return EXIT_USAGE;
}

static bool
parse_number (const char *text,
              size_t index,
              unsigned *value)
{
  uint64_t number;

  if (!lds_http_parse_uint64 ((LdsSpan){text, strlen (text)}, &number) ||
      number < numbers[index].minimum || number > numbers[index].maximum)
    return false;
  *value = (unsigned)number;
  return true;
}

/* What is behind an edge. Returns -1 to go on, else the exit code. */
static int
check_link (LdsServer *server,
            const char *model)
{
  static const char *const links[] = {"http", "queue", "rpc"};
  static const char *const workers[] = {"prefork", "process-pool"};
  char message[LDS_PROFILE_MESSAGE_BYTES];
  LdsProfile profile;
  bool known = server->link == NULL;

  if ((server->model->options & LDS_OPTION_LINK) == 0)
    {
      if (server->link != NULL || server->worker_model != NULL || server->worker_profile != NULL)
        return usage_error ("--link and --worker-... mean nothing to the model %s; leave them out.", model);
      return -1;
    }
  for (size_t i = 0; i < sizeof links / sizeof *links; i++)
    known = known || strcmp (server->link, links[i]) == 0;
  if (!known)
    return usage_error ("--link: \"%s\" is not http, queue or rpc.", server->link);
  if (server->link == NULL)
    server->link = links[0];
  if (server->worker_model != NULL && strcmp (server->link, "http") != 0)
    return usage_error ("--worker-model means nothing to --link %s; leave it out.", server->link);
  if (server->worker_model == NULL)
    server->worker_model = workers[0];
  known = false;
  for (size_t i = 0; i < sizeof workers / sizeof *workers; i++)
    known = known || strcmp (server->worker_model, workers[i]) == 0;
  if (!known || lds_registry_find_model (server->worker_model) == NULL)
    return usage_error ("--worker-model: \"%s\" is not prefork or process-pool.", server->worker_model);
  if (server->worker_profile != NULL &&
      !lds_profile_load (server->worker_profile, &profile, message, sizeof message))
    return usage_error ("--worker-profile: %s", message);
  return -1;
}

/* Reads the command line into @server. Returns -1 to go on, else the exit code. */
static int
parse_arguments (int argc,
                 char **argv,
                 LdsServer *server,
                 LdsCost *cost)
{
  struct option options[N_OTHERS + N_NUMBERS + N_CHOICES + 1] = {{NULL}};
  const char *given[N_NUMBERS + N_CHOICES] = {NULL}, *model = NULL, *profile_name = NULL;
  char message[LDS_PROFILE_MESSAGE_BYTES];
  LdsProfile profile;
  double tax_percent;
  bool tax_given = false;
  uint64_t port;
  int option, wrong;

  memcpy (options, others, sizeof others);
  for (size_t i = 0; i < N_NUMBERS; i++)
    options[N_OTHERS + i] = (struct option){numbers[i].name, required_argument, NULL, (int)i};
  for (size_t i = 0; i < N_CHOICES; i++)
    options[N_OTHERS + N_NUMBERS + i] =
        (struct option){choices[i].name, required_argument, NULL, (int)(N_NUMBERS + i)};
  opterr = 0;
  while ((option = getopt_long (argc, argv, ":", options, NULL)) != -1)
    switch (option)
      {
      case OPTION_MODEL:
        model = optarg;
        break;
      case OPTION_LINK:
        server->link = optarg;
        break;
      case OPTION_WORKER_MODEL:
        server->worker_model = optarg;
        break;
      case OPTION_WORKER_PROFILE:
        server->worker_profile = optarg;
        break;
      case OPTION_DATABASE:
        server->database = optarg;
        break;
      case OPTION_EVENTS:
        server->events = optarg;
        break;
      case OPTION_PROFILE:
        profile_name = optarg;
        break;
      case OPTION_UPSTREAM:
        if (!lds_http_parse_uint64 ((LdsSpan){optarg, strlen (optarg)}, &port) || port == 0 ||
            port > 65535)
          return usage_error ("--upstream: \"%s\" is not a port from 1 to 65535.", optarg);
        if (!lds_upstreams_add ((int)port))
          return usage_error ("--upstream: more than %d are too many.", LDS_UPSTREAMS_MAX);
        break;
      case OPTION_LIST_MODELS:
        list_models ();
        return 0;
      case OPTION_LIST_WORKLOADS:
        list_workloads ();
        return 0;
      case OPTION_ALLOW_CRASH:
        lds_server_may_crash = true;
        break;
      case OPTION_HELP:
        print_help ();
        return 0;
      case OPTION_VERSION:
        printf ("loadstone-server %s\n", LDS_VERSION);
        return 0;
      case ':':
        return usage_error ("%s needs a value; see --help.", argv[optind - 1]);
      case '?':
        if (optopt > 0 && optopt < OPTION_MODEL)
          return usage_error ("-%c is not an option of loadstone-server; see --help.", optopt);
        return usage_error ("%s is not an option of loadstone-server; see --help.", argv[optind - 1]);
      default:
        given[option] = optarg;
        break;
      }
  if (optind < argc)
    return usage_error ("\"%s\" is not an option of loadstone-server; see --help.", argv[optind]);
  if (model == NULL)
    return usage_error ("--model is missing; see --list-models for what there is.");
  server->model = lds_registry_find_model (model);
  if (server->model == NULL)
    return usage_error ("--model: there is no model \"%s\"; see --list-models for what there is.", model);

  wrong = check_link (server, model);
  if (wrong >= 0)
    return wrong;
  server->options = options_of (server->model);
  if (server->options.workers == LDS_SERVER_CPUS)
    server->options.workers = uv_available_parallelism ();
  if (server->options.threads == LDS_SERVER_CPUS)
    server->options.threads = uv_available_parallelism ();
  for (size_t i = 0; i < N_NUMBERS; i++)
    {
      if (given[i] == NULL)
        continue;
      if (numbers[i].mask == LDS_OPTION_TAX)
        tax_given = true;
      if ((numbers[i].mask & ~server->model->options) != 0)
        return usage_error ("--%s means nothing to the model %s; leave it out.", numbers[i].name, model);
      if (!parse_number (given[i], i, number_in (&server->options, i)))
        return usage_error ("--%s: \"%s\" is not a whole number from %u to %u.", numbers[i].name,
                            given[i], numbers[i].minimum, numbers[i].maximum);
    }
  for (size_t i = 0; i < N_CHOICES; i++)
    {
      const char *word = given[N_NUMBERS + i];

      if (word == NULL)
        continue;
      if ((choices[i].mask & ~server->model->options) != 0)
        return usage_error ("--%s means nothing to the model %s; leave it out.", choices[i].name,
                            model);
      if (strcmp (word, choices[i].words[0]) != 0 && strcmp (word, choices[i].words[1]) != 0)
        return usage_error ("--%s: \"%s\" is not \"%s\" or \"%s\".", choices[i].name, word,
                            choices[i].words[0], choices[i].words[1]);
      *choice_in (&server->options, i) = strcmp (word, choices[i].words[1]) == 0;
    }
  if (profile_name != NULL && !lds_profile_load (profile_name, &profile, message, sizeof message))
    return usage_error ("--profile: %s", message);
  if (profile_name != NULL && server->options.profile_scale_permille > 0)
    lds_profile_scale (&profile, server->options.profile_scale_permille / 1000.0);
  tax_percent = server->options.tax_percent;
  if ((server->model->options & LDS_OPTION_TAX) == 0)
    tax_percent = 0;
  else if (profile_name != NULL && profile.free_threading_tax_percent >= 0 && !tax_given)
    tax_percent = profile.free_threading_tax_percent;
  server->cost = lds_cost_init (cost, profile_name != NULL ? &profile : NULL, tax_percent);
  if (server->options.upstreams > 0 && lds_upstreams_count () > 0)
    return usage_error ("--upstreams starts services and --upstream names running ones; give one of "
                        "the two.");
  if (server->options.fetch_timeout_ms > 0)
    lds_upstreams_set_timeout (server->options.fetch_timeout_ms);
  return -1;
}

/* Descriptors 0 to 2 must be what everybody takes them for, never a socket. */
static bool
complete_standard_files (void)
{
  int fd;

  do
    fd = open ("/dev/null", O_RDWR);
  while (fd >= 0 && fd <= STDERR_FILENO);
  if (fd >= 0)
    close (fd);
  return fd >= 0;
}

/* As Node.js does at its start: the soft limit is for programs that use select(). */
static void
raise_file_limit (void)
{
  struct rlimit limit;

  if (getrlimit (RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max)
    {
      limit.rlim_cur = limit.rlim_max;
      setrlimit (RLIMIT_NOFILE, &limit);
    }
}

static void
upstreams_moved (const LdsCompanion *companion,
                 const int *ports)
{
  for (unsigned i = 0; i < companion->n_ports; i++)
    if (i < lds_upstreams_count ())
      lds_upstreams_move (i, ports != NULL ? ports[i] : 0);
    else if (ports != NULL)
      lds_upstreams_add (ports[i]);
}

/* Services for a gateway: one process that listens on many ports, which costs the memory and the
 * start of one. Returns false with a sentence in @message. */
static bool
start_upstreams (LdsCompanion *companion,
                 unsigned count,
                 char *message,
                 size_t message_bytes)
{
  static char number[16];

  snprintf (number, sizeof number, "%u", count);
  *companion = (LdsCompanion){
      .arguments = {"--model", "event-loop", "--ports", number},
      .n_ports = count,
      .beside = true,
      .moved = upstreams_moved,
  };
  return lds_companion_start (companion, message, message_bytes);
}

int
main (int argc,
      char **argv)
{
  static LdsCost cost;
  static LdsCompanion upstreams;
  LdsServer server = {
      .limits = LDS_HTTP_LIMITS_DEFAULT, .listener = -1, .main_ns = lds_clock_now_ns ()};
  LdsStoreConfig store;
  char message[256];
  bool bad_usage;
  int code;

  lds_child_tie_to_parent ();
  if (argc == 2 && strcmp (argv[1], LDS_PREDICT_CHILD_ARGUMENT) == 0)
    return lds_predict_child ();
  if (argc >= 2 && strcmp (argv[1], LDS_JOB_WORKER_ARGUMENT) == 0)
    return lds_job_worker (argc > 2 ? argv[2] : NULL);
  lds_job_take_token ();
  if (!complete_standard_files ())
    return EXIT_FAILED;
  code = parse_arguments (argc, argv, &server, &cost);
  if (code >= 0)
    return code;
  server.limits.max_body_bytes = server.options.max_body_bytes;
  lds_lifetime_block_signals ();
  raise_file_limit ();
  store = (LdsStoreConfig){server.database, server.options.database_connections,
                           server.options.database_timeout_ms};
  if (!lds_services_open (&store, server.events, &bad_usage, message, sizeof message))
    {
      lds_server_announce_error (message);
      return bad_usage ? EXIT_USAGE : EXIT_FAILED;
    }
  server.listen_ns = lds_clock_now_ns ();
  if (!lds_server_listen (&server, message, sizeof message))
    {
      lds_server_announce_error (message);
      return EXIT_FAILED;
    }
  if (server.options.upstreams > 0 &&
      !start_upstreams (&upstreams, server.options.upstreams, message, sizeof message))
    {
      lds_server_announce_error (message);
      return EXIT_FAILED;
    }
  server.run_ns = lds_clock_now_ns ();
  if (server.options.stats_interval_ms > 0 &&
      !lds_observer_start (&server, server.options.stats_interval_ms))
    {
      lds_server_announce_error ("there is not enough memory to count in.");
      return EXIT_FAILED;
    }
  code = server.model->run (&server);
  lds_companion_end (&upstreams);
  lds_services_settle ();
  return code;
}
