/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What all models on asyncio share. */
#include "lds-asyncio.h"

bool
lds_asyncio_init (LdsAsyncio *self,
                  LdsServer *server)
{
  *self = (LdsAsyncio){.server = server};
  lds_gil_init (&self->gil, server->options.switch_interval_us);
  if (!lds_offload_threads_init (&self->threads, server->options.threads, &self->gil))
    {
      lds_gil_clear (&self->gil);
      lds_server_announce_error ("there is not enough memory for the pool of threads.");
      return false;
    }
  self->options = (LdsLoopOptions){.call = &self->threads.offload, .gil = &self->gil};
  return true;
}

void
lds_asyncio_clear (LdsAsyncio *self)
{
  lds_offload_threads_clear (&self->threads);
  lds_gil_clear (&self->gil);
}

int
lds_asyncio_serve (LdsServer *server)
{
  static LdsAsyncio self;
  int code;

  if (!lds_asyncio_init (&self, server))
    return 1;
  code = lds_loop_serve (server, &self.options);
  lds_asyncio_clear (&self);
  return code;
}
