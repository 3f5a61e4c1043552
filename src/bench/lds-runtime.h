/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Real runtimes: what data/runtimes/ and the user's own folder say of servers that Loadstone starts but is not
 * made of. One folder a runtime, with a descriptor "runtime.xml":
 *
 *   <runtime version="1" id="node-http" family="event-loop" model="event-loop">
 *     <title>Node.js, node:http</title>
 *     <description>…</description>
 *     <detect program="node" arguments="--version" minimum="18"/>
 *     <setup with="npm" packages="express"/>
 *     <environment name="NODE_ENV" value="production"/>
 *     <start arguments="{folder}/server.mjs --port {port}" workers="--workers {workers}"/>
 *     <ready/>
 *     <serves workloads="hello json"/>
 *   </runtime>
 *
 * "program" may list several names, of which the first that is there is taken. Arguments are words with blanks
 * between them; {folder} is where the descriptor is, {port} the port to listen to, {workers} a number. <ready/>
 * stands for a server that says so itself, with loadstone-server's ready line, on a port of its own choice ({port} is
 * 0); <ready path="/"/> for one that is ready when it accepts a connection on {port}. A new runtime is one folder.
 *
 * <setup> is of a runtime that is not made of its standard library alone. "with" says what installs the packages:
 * "npm" from the folder's package.json and package-lock.json; "venv", a virtual environment of the program that was
 * found, from its requirements.txt of exact versions with hashes (lds-runtime-packages.h says where to). {packages} is
 * that folder, in the arguments and in the values of <environment>. What is started of a venv is {packages}/bin/python3,
 * so that "-m gunicorn" is a server: scripts of the venv itself name the folder where it was made and would not start.
 * Programs on Node.js get NODE_PATH={packages}/node_modules, in which require() of createRequire() looks and "import"
 * does not; that way program and packages may both be read only, and need no copy or link of each other. "packages" are
 * those whose versions are told beside the program's. Any number of <environment> add to what Loadstone was started with. */
#pragma once

#include <glib.h>

#include "lds-lane.h"
#include "lds-workload.h"

G_BEGIN_DECLS

/* What installs the packages that a runtime needs. */
typedef enum
{
  LDS_INSTALLER_NONE, /* it needs none */
  LDS_INSTALLER_NPM,
  LDS_INSTALLER_VENV, /* and pip within */
} LdsInstaller;

/* Immutable, lives as long as the process. */
struct _LdsRuntime
{
  const char *id;          /* "node-http": the folder's name */
  const char *folder;      /* absolute */
  const char *title;       /* translated: "Node.js, node:http" */
  const char *description; /* translated, one sentence */
  LdsFamily family;        /* "event-loop", "asyncio", "threads", "prefork" or "polyglot" */
  const char *model;       /* the server model that it is an instance of: "event-loop" */
  GStrv programs;          /* names in PATH, or absolute paths */
  GStrv version_arguments; /* that make it say its version */
  const char *minimum;     /* (nullable): its version, at least: "18", "3.11" */
  LdsInstaller installer;
  GStrv packages;    /* (nullable): names of those whose versions are told; none without installer */
  GStrv environment; /* "NAME=value", with places in the values */
  GStrv arguments;
  GStrv worker_arguments; /* (nullable): it has workers, whose number these say */
  gboolean speaks;        /* it says by itself that it is ready */
  GStrv workloads;        /* ids that it serves */
};

/**
 * lds_runtime_list:
 *
 * Those that are shipped, then those of "loadstone/runtimes" in the user's data folder, by id; one of the same id as
 * a shipped one takes its place. Read once. LOADSTONE_RUNTIMES, for tests, names another folder of shipped ones.
 *
 * Returns: (transfer none) (element-type LdsRuntime)
 */
GPtrArray *lds_runtime_list (void);

/** Returns: (transfer none) (element-type utf8): why descriptors were passed over, a sentence each */
GPtrArray *lds_runtime_list_faults (void);

/**
 * lds_runtime_load:
 * @folder: with a "runtime.xml"
 *
 * Returns: (transfer full): the runtime; or %NULL with LDS_ERROR_INPUT naming file, line and reason
 */
LdsRuntime *lds_runtime_load (const char *folder, GError **error);
void lds_runtime_free (LdsRuntime *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LdsRuntime, lds_runtime_free)

/** Returns: (transfer full): the program's absolute path; or %NULL with LDS_ERROR_FAILED, what to install */
char *lds_runtime_find_program (const LdsRuntime *self, GError **error);

/**
 * lds_runtime_read_program_version:
 *
 * Starts the program for it, the first time: takes as long as that, and at most 5 s. Any thread.
 *
 * Returns: (transfer full): "20.20.2"; or %NULL with LDS_ERROR_FAILED when it is not there, says nothing that is a
 *   version, or is older than it may be
 */
char *lds_runtime_read_program_version (const LdsRuntime *self, GError **error);

/** Returns whether its program has been asked for its version, or is not there: lds_runtime_read_version() starts nothing
 * then. Never waits: while some program is asked it is %FALSE. Any thread. */
gboolean lds_runtime_is_asked (const LdsRuntime *self);

/**
 * lds_runtime_read_version:
 *
 * As lds_runtime_read_program_version(), and what of its packages is told. Any thread.
 *
 * Returns: (transfer full): "20.20.2", "20.20.2 (express 5.1.0)"; or %NULL with LDS_ERROR_FAILED when the program is not
 *   there or not fit, or its packages are not set up
 */
char *lds_runtime_read_version (const LdsRuntime *self, GError **error);

/**
 * lds_runtime_make_command:
 * @port: 0 when it chooses
 * @n_workers: 0 = its own default
 *
 * Returns: (transfer full): absolute path and arguments; or %NULL with LDS_ERROR_FAILED
 */
GStrv lds_runtime_make_command (const LdsRuntime *self,
                                guint port,
                                guint n_workers,
                                GError **error);

/** Returns: (transfer full): the environment to start it with, as g_get_environ() has it */
GStrv lds_runtime_make_environment (const LdsRuntime *self);

/** Returns %TRUE when it serves @workload, with whatever parameters. */
gboolean lds_runtime_serves (const LdsRuntime *self, const LdsWorkload *workload);

G_END_DECLS
