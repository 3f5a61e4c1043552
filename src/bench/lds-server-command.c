/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command line of a server. */
#define G_LOG_DOMAIN "lds-bench"

#include "config.h"
#include "lds-server-command.h"

#include <gio/gio.h>
#include <glib/gi18n-lib.h>

#include "lds-error.h"
#include "lds-runtime.h"
#include "lds-server-stats.h"

static GStrv
make_model_command (const LdsRunSpec *spec,
                    const char *server_path)
{
  const char *const *wanted = spec->workload->server_arguments;
  const char *const always[] = {server_path, "--model", spec->lane->model_id, "--port", "0",
                                "--stats-interval-ms", G_STRINGIFY (LDS_SERVER_STATS_INTERVAL_MS)};
  g_autofree char *workers = g_strdup_printf ("%u", spec->workers);
  g_autoptr (GStrvBuilder) argv = g_strv_builder_new ();

  for (guint i = 0; i < G_N_ELEMENTS (always); i++)
    g_strv_builder_add (argv, always[i]);
  if (spec->workers > 0 && spec->lane->has_workers)
    g_strv_builder_add_many (argv, "--workers", workers, NULL);
  if (spec->lane->twin != NULL)
    g_strv_builder_add_many (argv, "--profile", spec->lane->twin->path, NULL);
  if (spec->lane->twin != NULL && lds_twin_is_foreign (spec->lane->twin))
    {
      g_autofree char *permille =
          g_strdup_printf ("%.0f", lds_twin_get_scale (spec->lane->twin) * 1000);

      g_strv_builder_add_many (argv, "--profile-scale-permille", permille, NULL);
    }
  for (guint i = 0; wanted != NULL && wanted[i] != NULL; i++)
    g_strv_builder_add (argv, wanted[i]);
  return g_strv_builder_end (argv);
}

/* Returns: a port of loopback that nobody listens to; or 0 with an error */
static guint
find_free_port (GError **error)
{
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) any = g_inet_socket_address_new (loopback, 0);
  g_autoptr (GSocket) socket = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM,
                                             G_SOCKET_PROTOCOL_TCP, error);
  g_autoptr (GSocketAddress) address = NULL;

  if (socket == NULL || !g_socket_bind (socket, any, FALSE, error))
    return 0;
  address = g_socket_get_local_address (socket, error);
  return address != NULL ? g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address)) : 0;
}

gboolean
lds_server_command_init (LdsServerCommand *self,
                         const LdsRunSpec *spec,
                         const char *server_path,
                         GError **error)
{
  const LdsRuntime *runtime = spec->lane->runtime;
  g_autoptr (GError) local = NULL;

  g_return_val_if_fail (self != NULL && spec->lane->address == NULL, FALSE);

  *self = (LdsServerCommand){0};
  if (runtime == NULL)
    {
      self->argv = make_model_command (spec, server_path);
      return TRUE;
    }
  if (!runtime->speaks)
    {
      /* Should another take it before the server does, that cannot start and says so. */
      self->port = find_free_port (&local);
      if (self->port == 0)
        {
          g_set_error (error, LDS_ERROR, LDS_ERROR_FAILED, _ ("There is no free port: %s"), local->message);
          return FALSE;
        }
    }
  self->argv = lds_runtime_make_command (runtime, self->port, spec->workers, error);
  if (self->argv == NULL)
    return FALSE;
  self->environment = lds_runtime_make_environment (runtime);
  return TRUE;
}

void
lds_server_command_clear (LdsServerCommand *self)
{
  g_clear_pointer (&self->argv, g_strfreev);
  g_clear_pointer (&self->environment, g_strfreev);
}

gboolean
lds_server_command_is_accepting (guint port)
{
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new (loopback, (guint16)port);
  g_autoptr (GSocket) socket =
      g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);

  /* Loopback answers at once. */
  return socket != NULL && g_socket_connect (socket, address, NULL, NULL);
}
