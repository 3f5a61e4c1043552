/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A thread that wants the global lock while another one works under it. */
#pragma once

#include "lds-gil.h"

#include <glib.h>

typedef struct
{
  LdsGil gil;  /* from gil_rival_init() on */
  guint turns; /* that the rival has had; under the lock */
} GilRival;

#define GIL_RIVAL_TURNS 3

/* An LdsBreaker's, with the lock for its data. */
static inline void
gil_rival_check_cb (void *data)
{
  lds_gil_check (data);
}

static inline gpointer
gil_rival_thread (gpointer data)
{
  GilRival *self = data;

  for (guint i = 0; i < GIL_RIVAL_TURNS; i++)
    {
      lds_gil_take (&self->gil);
      self->turns++;
      lds_gil_drop (&self->gil);
    }
  return NULL;
}

/* Does @work with @data under the lock again and again until the rival has had its turns, which it
 * can only have when @work gives way. */
static inline void
gil_rival_assert_gives_way (GilRival *self,
                            void (*work) (void *data),
                            void *data)
{
  LdsGilCounts counts;
  GThread *thread;
  guint turns = 0;

  lds_gil_init (&self->gil, 1000);
  lds_gil_take (&self->gil);
  thread = g_thread_new ("rival", gil_rival_thread, self);
  while (turns < GIL_RIVAL_TURNS)
    {
      work (data);
      turns = self->turns;
    }
  lds_gil_drop (&self->gil);
  g_thread_join (thread);
  counts = lds_gil_counts (&self->gil);
  g_assert_cmpuint (counts.drop_requests, >=, 1);
  g_assert_cmpuint (counts.forced, >=, 1);
  lds_gil_clear (&self->gil);
}
