/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What npm, venv and pip said when they failed, and the one sentence that is made of it. */
#include "lds-runtime-installer.h"

#include <string.h>

#include "lds-error.h"

/* Written by npm 9.2 (the older form) and 11.19, and pip 23.2. */
static const struct
{
  LdsInstaller installer;
  const char *said, *part;
  gboolean succeeded;
} cases[] = {
    {LDS_INSTALLER_NPM,
     "npm http fetch GET https://registry.npmjs.org/ws attempt 1 failed with ENOTFOUND\n"
     "npm error code ENOTFOUND\nnpm error syscall getaddrinfo\nnpm error errno ENOTFOUND\n"
     "npm error network request to https://registry.npmjs.org/ws failed, reason: getaddrinfo ENOTFOUND registry.npmjs.org\n"
     "npm error network This is a problem related to network connectivity.\n"
     "npm error A complete log of this run can be found in: /root/.npm/_logs/x.log\n",
     "npm could not reach its registry: getaddrinfo ENOTFOUND registry.npmjs.org; connect"},
    {LDS_INSTALLER_NPM,
     "npm ERR! code ECONNREFUSED\nnpm ERR! syscall connect\nnpm ERR! errno ECONNREFUSED\n"
     "npm ERR! FetchError: request to https://registry.npmjs.org/ws failed, reason: connect ECONNREFUSED 127.0.0.1:1\n"
     "npm ERR!     at ClientRequest.<anonymous> (/usr/lib/minipass-fetch/lib/index.js:130:14)\n"
     "npm ERR! A complete log of this run can be found in:\nnpm ERR!     /root/.npm/_logs/x.log\n",
     "npm could not reach its registry: connect ECONNREFUSED 127.0.0.1:1; connect"},
    {LDS_INSTALLER_NPM,
     "npm warn tar TAR_ENTRY_ERROR ENOSPC: no space left on device, write\nnpm error code ENOSPC\nnpm error syscall write\n"
     "npm error errno -28\nnpm error nospc ENOSPC: no space left on device, write\n",
     "has no room left: make room, and run “loadstone-cli lanes setup own”"},
    {LDS_INSTALLER_NPM,
     "npm error code EINTEGRITY\nnpm error sha512-AAA== integrity checksum failed when using sha512: wanted sha512-AAA== but got "
     "sha512-BBB==. (80 bytes)\nnpm error A complete log of this run can be found in: /root/.npm/_logs/x.log\n",
     "ended with exit status 1: “sha512-AAA== integrity checksum failed"},
    {LDS_INSTALLER_NPM,
     "npm warn tar TAR_ENTRY_ERROR ENOSPC: no space left on device, write\n\nadded 68 packages in 2s\n", "has no room left", TRUE},
    {LDS_INSTALLER_NPM, "", "it did not say why"},
    {LDS_INSTALLER_VENV,
     "WARNING: Retrying (Retry(total=0, connect=None)) after connection broken by 'NewConnectionError('<pip._vendor."
     "urllib3.connection.HTTPSConnection object at 0x7f>: Failed to establish a new connection: [Errno -3] Temporary failure in "
     "name resolution')': /simple/thing/\nERROR: Could not find a version that satisfies the requirement thing==1.0\n"
     "ERROR: No matching distribution found for thing==1.0\n",
     "pip could not reach its package index: Temporary failure in name resolution; connect"},
    {LDS_INSTALLER_VENV, "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device\n", "has no room left"},
    {LDS_INSTALLER_VENV, "/usr/bin/python3: No module named venv\n", "python3-venv"},
    {LDS_INSTALLER_VENV, "Error: Command '['/x/bin/python3', '-m', 'ensurepip']' returned non-zero exit status 1.\n", "python3-venv"},
    {LDS_INSTALLER_VENV,
     "Collecting thing==1.0\nERROR: Could not find a version that satisfies the requirement thing==1.0 (from versions: none)\n"
     "ERROR: No matching distribution found for thing==1.0\n",
     "“No matching distribution found for thing==1.0”"},
};

static void
test_failures (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const LdsRuntime runtime = {.id = "own", .title = "Own", .installer = cases[i].installer};
      g_autoptr (GError) error = NULL;

      g_assert_false (lds_runtime_installer_check (&runtime, cases[i].said, cases[i].succeeded,
                                                   "with exit status 1", &error));
      g_assert_error (error, LDS_ERROR, LDS_ERROR_FAILED);
      g_test_message ("%s", error->message);
      g_assert_nonnull (strstr (error->message, cases[i].part));
      g_assert_null (strchr (error->message, '\n'));
      g_clear_error (&error);
      g_assert_true (lds_runtime_installer_check (&runtime, "added 1 package\n", TRUE, "with exit status 0", &error));
      g_assert_no_error (error);
    }
}

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bench/runtime-installer/failures", test_failures);
  return g_test_run ();
}
