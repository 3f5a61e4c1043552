/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sampler sees a whole tree of processes; the environment says what there is. */
#include <math.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lds-environment.h"
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
  g_test_add_func ("/bench/environment/read", test_environment);
  return g_test_run ();
}
