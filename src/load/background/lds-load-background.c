/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Background connections: beginning, waiting for them, and the end. */
#define G_LOG_DOMAIN "lds-load"

#include "config.h"
#include "lds-load-background.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "lds-clock.h"
#include "lds-error.h"
#include "lds-load-background-private.h"
#include "lds-load-files.h"
#include "lds-thread.h"

/* Its calls are shallow. */
#define STACK_BYTES ((size_t)64 * 1024)
/* The epoll, the stop and the ready descriptor. */
#define OWN_FILES 3

static void
set_up_work (LdsLoadBackground *self,
             const char *request,
             size_t request_size)
{
  for (int i = 0; i < LDS_LOAD_BACKGROUND_N_KINDS; i++)
    {
      self->figures.kinds[i].asked = self->options.n_connections[i];
      self->work[i] = (LdsLoadBackgroundWork){
          .kind = (LdsLoadBackgroundKind)i,
          .request = request,
          .request_size = request_size,
          .is_head = request_size >= 5 && memcmp (request, "HEAD ", 5) == 0,
          .bytes_per_s = i == LDS_LOAD_BACKGROUND_SLOW_READER ? self->options.read_bytes_per_s
                                                              : self->options.send_bytes_per_s,
          .interval_ns = self->options.ask_interval_ms * LDS_NS_PER_MS,
          .count = &self->figures.kinds[i],
          .buffer = self->buffer,
          .buffer_bytes = sizeof self->buffer,
      };
    }
}

static void
free_background (LdsLoadBackground *self)
{
  int fds[] = {self->epoll_fd, self->stop_fd, self->ready_fd};

  for (guint i = 0; i < G_N_ELEMENTS (fds); i++)
    if (fds[i] >= 0)
      close (fds[i]);
  for (uint32_t i = 0; i < self->n_connections - self->n_idle; i++)
    lds_load_background_slow_clear (&self->slow[i]);
  g_free (self->slow);
  g_free (self->connections);
  g_free (self);
}

/* Returns 0 or an error number. */
static int
start_thread (LdsLoadBackground *self)
{
  struct epoll_event event = {.events = EPOLLIN, .data.u32 = LDS_LOAD_BACKGROUND_STOP};

  self->epoll_fd = epoll_create1 (EPOLL_CLOEXEC);
  self->stop_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  self->ready_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (self->epoll_fd < 0 || self->stop_fd < 0 || self->ready_fd < 0 ||
      epoll_ctl (self->epoll_fd, EPOLL_CTL_ADD, self->stop_fd, &event) < 0)
    return errno;
  return lds_thread_start_small (&self->thread, STACK_BYTES, lds_load_background_thread, self);
}

LdsLoadBackground *
lds_load_background_start (const LdsLoadBackgroundOptions *options,
                           const struct sockaddr_storage *address,
                           socklen_t address_size,
                           const char *request,
                           size_t request_size,
                           GError **error)
{
  guint n_connections = lds_load_background_options_count (options);
  LdsLoadBackground *self;
  int error_number;

  g_return_val_if_fail (n_connections > 0, NULL);
  g_return_val_if_fail (address_size <= sizeof *address, NULL);
  g_return_val_if_fail (
      request_size > 0 || n_connections == options->n_connections[LDS_LOAD_BACKGROUND_IDLE], NULL);
  if (!lds_load_files_allow ("background", lds_load_background_options_count (options),
                             options->n_other_files + OWN_FILES, error))
    return NULL;
  self = g_new0 (LdsLoadBackground, 1);
  self->options = *options;
  lds_load_background_dialer_init (&self->dialer, address, address_size);
  self->n_connections = n_connections;
  self->n_idle = options->n_connections[LDS_LOAD_BACKGROUND_IDLE];
  self->n_unsettled = n_connections;
  self->connections = g_new0 (LdsLoadBackgroundConnection, n_connections);
  self->slow = g_new0 (LdsLoadBackgroundSlow, n_connections - self->n_idle);
  self->waiting.first = LDS_LOAD_BACKGROUND_NONE;
  self->resting.first = LDS_LOAD_BACKGROUND_NONE;
  for (uint32_t i = 0; i < n_connections; i++)
    {
      self->connections[i].fd = -1;
      lds_load_background_push (self, &self->waiting, i);
    }
  set_up_work (self, request, request_size);
  error_number = start_thread (self);
  if (error_number == 0)
    return self;
  g_set_error (error, LDS_ERROR, LDS_ERROR_FAILED,
               /* Translators: the system's reason */
               _ ("The background connections cannot begin: %s."), g_strerror (error_number));
  free_background (self);
  return NULL;
}

int
lds_load_background_get_ready_fd (LdsLoadBackground *self)
{
  return self->ready_fd;
}

gboolean
lds_load_background_wait (LdsLoadBackground *self,
                          int limit_ms,
                          int interrupt_fd)
{
  struct pollfd fds[] = {
      {.fd = self->ready_fd, .events = POLLIN},
      {.fd = interrupt_fd, .events = POLLIN},
  };
  int64_t until_ns = lds_clock_now_ns () + limit_ms * LDS_NS_PER_MS;

  for (;;)
    {
      int64_t left_ns = MAX (until_ns - lds_clock_now_ns (), 0);
      int n = poll (fds, G_N_ELEMENTS (fds), (int)((left_ns + LDS_NS_PER_MS - 1) / LDS_NS_PER_MS));

      if (n >= 0 || errno != EINTR)
        return n > 0 && fds[0].revents != 0;
    }
}

void
lds_load_background_stop (LdsLoadBackground *self,
                          LdsLoadBackgroundFigures *figures)
{
  lds_load_background_ring (self->stop_fd);
  pthread_join (self->thread, NULL);
  *figures = self->figures;
  free_background (self);
}
