/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The back ends there are, best first. */
#include "lds-load-engine.h"

#include <string.h>

static const LdsLoadEngineClass *const engines[] = {&lds_load_engine_epoll};

const LdsLoadEngineClass *
lds_load_engine_find (const char *name)
{
  if (strcmp (name, "auto") == 0)
    return engines[0];
  for (size_t i = 0; i < sizeof engines / sizeof engines[0]; i++)
    if (strcmp (engines[i]->name, name) == 0)
      return engines[i];
  return NULL;
}
