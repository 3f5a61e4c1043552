/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The machine that is measured on. */
#define G_LOG_DOMAIN "lds-bench"

#include "config.h"
#include "lds-environment.h"

#include <math.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "lds-build.h"

/* Returns (transfer full) (nullable): what follows @label in a file of lines "label : value". */
static char *
read_labelled (const char *path,
               const char *label)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return NULL;
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      char *value = strchr (lines[i], ':');

      if (value == NULL || !g_str_has_prefix (lines[i], label))
        continue;
      return g_utf8_make_valid (g_strstrip (value + 1), -1);
    }
  return NULL;
}

static void
set_text (JsonObject *object,
          const char *name,
          const char *text)
{
  if (text != NULL && *text != '\0')
    json_object_set_string_member (object, name, text);
  else
    json_object_set_null_member (object, name);
}

static void
set_time (JsonObject *object,
          const char *name)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *text = g_date_time_format (now, "%Y-%m-%dT%H:%M:%SZ");

  set_text (object, name, text);
}

static void
set_load_average (JsonObject *object,
                  const char *name)
{
  double load;

  if (getloadavg (&load, 1) == 1)
    json_object_set_double_member (object, name, load);
  else
    json_object_set_null_member (object, name);
}

/* Reads as the measured programs are: all three come of one build, or the session warns. */
static void
set_build (JsonObject *object)
{
  const LdsBuild *build = lds_build_get ();
  g_auto (GStrv) sanitizers = g_strsplit (build->sanitizers, ",", -1);
  JsonArray *array = json_array_new ();

  for (guint i = 0; sanitizers[i] != NULL; i++)
    json_array_add_string_element (array, sanitizers[i]);
  set_text (object, "commit", build->commit);
  set_text (object, "compiler", build->compiler);
  set_text (object, "build_type", build->type);
  set_text (object, "build_flags", build->flags);
  json_object_set_boolean_member (object, "optimised", build->optimised);
  json_object_set_array_member (object, "sanitizers", array);
}

/* Whether a process may be given processors of its own: a sandbox can refuse that. Setting what is set
 * already changes nothing. */
static gboolean
can_pin (void)
{
  cpu_set_t set;

  return sched_getaffinity (0, sizeof set, &set) == 0 && CPU_COUNT (&set) > 1 &&
         sched_setaffinity (0, sizeof set, &set) == 0;
}

GArray *
lds_environment_list_cores (void)
{
  GArray *cores = g_array_new (FALSE, FALSE, sizeof (int));
  cpu_set_t set;

  if (sched_getaffinity (0, sizeof set, &set) != 0)
    return cores;
  for (int core = 0; core < CPU_SETSIZE; core++)
    if (CPU_ISSET ((size_t)core, &set))
      g_array_append_val (cores, core);
  return cores;
}

double
lds_environment_available_bytes (void)
{
  g_autofree char *available = read_labelled ("/proc/meminfo", "MemAvailable");

  return available != NULL ? g_ascii_strtod (available, NULL) * 1024 : NAN;
}

JsonObject *
lds_environment_read (void)
{
  JsonObject *environment = json_object_new ();
  g_autofree char *cpu_model = read_labelled ("/proc/cpuinfo", "model name");
  g_autofree char *memory = read_labelled ("/proc/meminfo", "MemTotal");
  g_autofree char *governor = NULL;
  g_autoptr (GArray) cores = lds_environment_list_cores ();
  struct utsname name;

  set_text (environment, "loadstone_version", LDS_VERSION);
  set_build (environment);
  set_time (environment, "started_at");
  if (cpu_model == NULL)
    cpu_model = read_labelled ("/proc/cpuinfo", "Model"); /* as boards of ARM have it */
  set_text (environment, "cpu_model", cpu_model);
  json_object_set_int_member (environment, "cpus",
                              cores->len > 0 ? cores->len : g_get_num_processors ());
  json_object_set_boolean_member (environment, "pinning_possible", can_pin ());
  if (uname (&name) == 0)
    {
      g_autofree char *kernel = g_strdup_printf ("%s %s", name.sysname, name.release);

      set_text (environment, "kernel", kernel);
      set_text (environment, "architecture", name.machine);
    }
  if (g_file_get_contents ("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", &governor, NULL,
                           NULL))
    g_strstrip (governor);
  set_text (environment, "governor", governor);
  if (memory != NULL)
    json_object_set_int_member (environment, "memory_bytes",
                                g_ascii_strtoll (memory, NULL, 10) * 1024);
  else
    json_object_set_null_member (environment, "memory_bytes");
  set_load_average (environment, "load_average_before");
  json_object_set_boolean_member (environment, "flatpak",
                                  g_file_test ("/.flatpak-info", G_FILE_TEST_EXISTS));
  return environment;
}

void
lds_environment_finish (JsonObject *environment)
{
  g_return_if_fail (environment != NULL);

  set_time (environment, "finished_at");
  set_load_average (environment, "load_average_after");
}

JsonObject *
lds_environment_copy (JsonObject *environment)
{
  JsonObject *copy = json_object_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  g_return_val_if_fail (environment != NULL, copy);

  json_object_iter_init_ordered (&iter, environment);
  while (json_object_iter_next_ordered (&iter, &name, &value))
    json_object_set_member (copy, name, json_node_copy (value));
  return copy;
}

static const char *const build_members[] = {"loadstone_version", "commit", "compiler",
                                            "build_type", "build_flags", "sanitizers"};

static gboolean
differs (JsonObject *before,
         JsonObject *now,
         const char *member)
{
  JsonNode *was = json_object_get_member (before, member);
  JsonNode *is = json_object_get_member (now, member);

  return was != NULL && is != NULL && !json_node_equal (was, is);
}

char *
lds_environment_find_change (JsonObject *before,
                             JsonObject *now)
{
  static const char *const members[] = {"cpu_model", "cpus", "pinning_possible", "kernel",
                                        "architecture", "governor", "flatpak"};

  g_return_val_if_fail (before != NULL && now != NULL, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (build_members); i++)
    if (differs (before, now, build_members[i]))
      return g_strdup (build_members[i]);
  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    if (differs (before, now, members[i]))
      return g_strdup (members[i]);
  return NULL;
}

gboolean
lds_environment_is_same_machine (JsonObject *before,
                                 JsonObject *now)
{
  static const char *const members[] = {"cpu_model", "cpus", "architecture"};

  g_return_val_if_fail (before != NULL && now != NULL, FALSE);

  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    if (differs (before, now, members[i]))
      return FALSE;
  return TRUE;
}

gboolean
lds_environment_is_build_member (const char *member)
{
  g_return_val_if_fail (member != NULL, FALSE);

  for (guint i = 0; i < G_N_ELEMENTS (build_members); i++)
    if (strcmp (build_members[i], member) == 0)
      return TRUE;
  return FALSE;
}
