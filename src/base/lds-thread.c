/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Threads beside the work. */
#include "lds-thread.h"

#include <limits.h>
#include <signal.h>

int
lds_thread_start_small (pthread_t *thread,
                        size_t stack_bytes,
                        void *(*run) (void *data),
                        void *data)
{
  pthread_attr_t attributes;
  pthread_t detached;
  sigset_t all, before;
  int error;

  if (stack_bytes < (size_t)PTHREAD_STACK_MIN)
    stack_bytes = (size_t)PTHREAD_STACK_MIN;
  pthread_attr_init (&attributes);
  pthread_attr_setstacksize (&attributes, stack_bytes);
  if (thread == NULL)
    pthread_attr_setdetachstate (&attributes, PTHREAD_CREATE_DETACHED);
  sigfillset (&all);
  pthread_sigmask (SIG_BLOCK, &all, &before);
  error = pthread_create (thread != NULL ? thread : &detached, &attributes, run, data);
  pthread_sigmask (SIG_SETMASK, &before, NULL);
  pthread_attr_destroy (&attributes);
  return error;
}
