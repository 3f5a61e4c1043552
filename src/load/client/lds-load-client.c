/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The clients there are, and which of them carries a plan. */
#define G_LOG_DOMAIN "lds-load"

#include "config.h"
#include "lds-load-client.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "lds-error.h"

/* Of requests; cheapest first. */
static const LdsLoadClientClass *const clients[] = {&lds_load_client_http, &lds_load_client_curl};

const LdsLoadClientClass *
lds_load_client_choose (const LdsLoadPlan *plan,
                        GError **error)
{
  const char *name = plan->transport.client;
  gboolean is_auto = strcmp (name, "auto") == 0;
  g_autoptr (GError) last = NULL;

  if (plan->stream.mode != LDS_LOAD_STREAM_NONE)
    return plan->target.is_websocket ? &lds_load_client_websocket : &lds_load_client_events;
  for (guint i = 0; i < G_N_ELEMENTS (clients); i++)
    if (is_auto || strcmp (clients[i]->name, name) == 0)
      {
        g_clear_error (&last);
        if (clients[i]->can_carry (plan, &last))
          return clients[i];
      }
  if (last != NULL)
    g_propagate_error (error, g_steal_pointer (&last));
  else
    g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                 _ ("“client” is “%s”: use “auto”, “native” or “curl”."), name);
  return NULL;
}
