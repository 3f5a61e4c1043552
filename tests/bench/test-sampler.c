/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sampler sees a whole tree of processes; the environment says what there is. */
#include <math.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lds-companions.h"
#include "lds-environment.h"
#include "lds-error.h"
#include "lds-sampler.h"

/* A child of @depth generations below it, each waiting for a signal. Its id, once all are there. */
static pid_t
start_generations (int depth)
{
  int ready[2];
  char byte;
  pid_t child;

  g_assert_cmpint (pipe (ready), ==, 0);
  child = fork ();
  g_assert_cmpint (child, >=, 0);
  if (child == 0)
    {
      setpgid (0, 0);
      for (int i = 0; i < depth; i++)
        if (fork () != 0)
          pause ();
      if (write (ready[1], "x", 1) != 1)
        _exit (1);
      for (;;)
        pause ();
    }
  g_assert_cmpint (read (ready[0], &byte, 1), ==, 1);
  close (ready[0]);
  close (ready[1]);
  return child;
}

static void
test_tree (void)
{
  pid_t child = start_generations (2);
  g_autoptr (LdsSampler) sampler = lds_sampler_new (child);
  LdsUsage first = lds_sampler_read (sampler, TRUE), usage;

  g_assert_cmpuint (first.n_processes, ==, 3);
  g_assert_cmpuint (first.n_threads, ==, 3);
  g_assert_cmpfloat (first.rss_bytes, >, 3 * 4096);
  g_assert_cmpfloat (first.pss_bytes, >, 0);
  /* What is shared counts once in PSS, and in each process in RSS. */
  g_assert_cmpfloat (first.pss_bytes, <, first.rss_bytes);
  usage = lds_sampler_read (sampler, FALSE);
  g_assert_true (isnan (usage.rss_bytes) && isnan (usage.pss_bytes));
  g_assert_cmpfloat (usage.cpu_s, >=, first.cpu_s);
  g_assert_cmpint (usage.t_ns, >=, first.t_ns);

  kill (-child, SIGKILL);
  waitpid (child, NULL, 0);
  do
    usage = lds_sampler_read (sampler, TRUE);
  while (usage.n_processes > 0); /* the grandchildren end when they end */
  g_assert_true (isnan (usage.rss_bytes));
  g_assert_cmpuint (usage.n_threads, ==, 0);
}

/* Each process by itself, and what it did: files that it opened, times that it had to wait. */
static void
test_process (void)
{
  g_autoptr (LdsSampler) sampler = lds_sampler_new (getpid ());
  LdsUsage before = lds_sampler_read (sampler, TRUE), after;
  g_autoptr (GArray) list = NULL;
  const LdsProcessUsage *usage;
  g_autofree char *name = NULL;
  int files[40];

  g_assert_cmpfloat (before.n_files, >, 2);
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    files[i] = dup (0);
  for (int i = 0; i < 20; i++)
    g_usleep (1000);
  /* What is dear is not read each time, but again and again. */
  do
    {
      g_usleep (200000);
      after = lds_sampler_read (sampler, TRUE);
    }
  while (after.dear_t_ns == before.dear_t_ns);
  g_assert_cmpfloat (after.n_files, ==, before.n_files + G_N_ELEMENTS (files));
  g_assert_cmpfloat (after.voluntary_switches, >=, before.voluntary_switches + 20);
  g_assert_cmpfloat (after.involuntary_switches, >=, before.involuntary_switches);
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    close (files[i]);

  list = lds_sampler_list (sampler);
  g_assert_cmpuint (list->len, ==, 1);
  usage = &g_array_index (list, LdsProcessUsage, 0);
  g_assert_cmpint (usage->pid, ==, getpid ());
  g_assert_true (g_file_get_contents ("/proc/self/comm", &name, NULL, NULL));
  g_assert_cmpstr (usage->name, ==, g_strchomp (name));
  g_assert_cmpfloat (usage->peak_files, ==, after.n_files);
  g_assert_cmpfloat (usage->peak_rss_bytes, >=, usage->peak_pss_bytes);
  g_assert_cmpfloat (usage->cpu_s, ==, after.cpu_s);
}

/* Reading keeps within its share, however much there is to be read. */
static void
test_share (void)
{
  enum
  {
    N_FILES = 400,
    N_READS = 2000,
  };
  g_autoptr (LdsSampler) sampler = lds_sampler_new (getpid ());
  gint64 last_ns = -1;
  guint n_dear = 0;
  int files[N_FILES];

  for (guint i = 0; i < N_FILES; i++)
    files[i] = dup (0);
  /* As fast as possible, where ten a second are wanted. */
  for (guint i = 0; i < N_READS; i++)
    {
      gint64 dear_t_ns = lds_sampler_read (sampler, TRUE).dear_t_ns;

      n_dear += dear_t_ns != last_ns;
      last_ns = dear_t_ns;
    }
  for (guint i = 0; i < N_FILES; i++)
    close (files[i]);
  g_assert_cmpuint (n_dear, >=, 1);
  g_assert_cmpuint (n_dear, <, N_READS / 2);
}

/* What this process uses is seen; what it used before the sampler was made does not count. */
static void
test_cpu (void)
{
  g_autoptr (LdsSampler) sampler = lds_sampler_new (getpid ());
  double begun = lds_sampler_read (sampler, FALSE).cpu_s;
  double machine = lds_sampler_read_machine_cpu_s ();
  volatile double sum = 0;

  g_assert_cmpfloat (begun, <, 1);
  while (lds_sampler_read (sampler, FALSE).cpu_s < begun + 0.05)
    for (int i = 0; i < 100000; i++)
      sum = sum + i;
  g_assert_cmpfloat (lds_sampler_read_machine_cpu_s (), >=, machine);
}

/* A line that names @pid, or nobody if it is 0. */
static gboolean
name_companion (LdsCompanions *companions,
                int pid,
                LdsSampler *sampler)
{
  g_autofree char *text =
      pid > 0 ? g_strdup_printf ("{\"companions\":[%d]}", pid) : g_strdup ("{\"pid\":7}");
  g_autoptr (JsonNode) root = json_from_string (text, NULL);
  g_autoptr (GError) error = NULL;
  gboolean taken =
      lds_companions_take (companions, json_node_get_object (root), sampler, &error);

  g_assert_no_error (error);
  return taken;
}

/* Who is named as a companion is left out with all its own, and has its own processors. */
static void
test_companions (void)
{
  g_autoptr (GArray) cores = lds_environment_list_cores ();
  g_autoptr (GArray) last = g_array_new (FALSE, FALSE, sizeof (int));
  g_autoptr (LdsSampler) sampler = lds_sampler_new (getpid ());
  g_autoptr (LdsCompanions) companions = NULL;
  g_autoptr (GError) error = NULL;
  pid_t other = start_generations (0), companion = start_generations (2);
  cpu_set_t set;
  static const char *const bad[] = {"{\"companions\":7}", "{\"companions\":[\"x\"]}", "{\"companions\":[1]}",
                                    "{\"companions\":[-5]}", "{\"companions\":[[]]}",
                                    "{\"companions\":[99999999999]}"};

  g_array_append_val (last, g_array_index (cores, int, cores->len - 1));
  companions = lds_companions_new (last);
  g_assert_cmpuint (lds_sampler_read (sampler, TRUE).n_processes, ==, 1 + 1 + 3);
  g_assert_true (name_companion (companions, companion, sampler));
  g_assert_cmpuint (lds_sampler_read (sampler, TRUE).n_processes, ==, 1 + 1);
  g_assert_cmpfloat (lds_companions_read_cpu_s (companions), >=, 0);
  g_assert_cmpint (sched_getaffinity (companion, sizeof set, &set), ==, 0);
  g_assert_cmpint (CPU_COUNT (&set), ==, 1);
  g_assert_true (CPU_ISSET ((size_t)g_array_index (last, int, 0), &set));

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (JsonNode) root = json_from_string (bad[i], NULL);

      g_assert_false (
          lds_companions_take (companions, json_node_get_object (root), sampler, &error));
      g_assert_error (error, LDS_ERROR, LDS_ERROR_INPUT);
      g_clear_error (&error);
    }
  g_assert_cmpuint (lds_sampler_read (sampler, TRUE).n_processes, ==, 1 + 1);

  /* Another one takes its place: the first is the server's own again. */
  g_assert_true (name_companion (companions, other, sampler));
  g_assert_cmpuint (lds_sampler_read (sampler, TRUE).n_processes, ==, 1 + 3);
  g_assert_true (name_companion (companions, 0, sampler));
  g_assert_cmpuint (lds_sampler_read (sampler, TRUE).n_processes, ==, 1 + 1 + 3);
  kill (-companion, SIGKILL);
  kill (-other, SIGKILL);
  waitpid (companion, NULL, 0);
  waitpid (other, NULL, 0);
}

static void
test_environment (void)
{
  g_autoptr (GArray) cores = lds_environment_list_cores ();
  JsonObject *environment = lds_environment_read ();

  lds_environment_finish (environment);
  g_assert_cmpuint (cores->len, >, 0);
  g_assert_cmpint (json_object_get_int_member (environment, "cpus"), ==, cores->len);
  g_assert_cmpint (json_object_get_int_member (environment, "memory_bytes"), >, 0);
  g_assert_true (g_str_has_prefix (json_object_get_string_member (environment, "kernel"), "Linux "));
  g_assert_true (g_str_has_suffix (json_object_get_string_member (environment, "started_at"), "Z"));
  g_assert_true (json_object_has_member (environment, "cpu_model"));
  g_assert_true (json_object_has_member (environment, "governor"));
  g_assert_true (json_object_has_member (environment, "load_average_before"));
  g_assert_true (json_object_has_member (environment, "load_average_after"));
  g_assert_true (json_object_has_member (environment, "flatpak"));
  json_object_unref (environment);
}

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bench/sampler/tree", test_tree);
  g_test_add_func ("/bench/sampler/cpu", test_cpu);
  g_test_add_func ("/bench/sampler/process", test_process);
  g_test_add_func ("/bench/sampler/share", test_share);
  g_test_add_func ("/bench/sampler/companions", test_companions);
  g_test_add_func ("/bench/environment/read", test_environment);
  return g_test_run ();
}
