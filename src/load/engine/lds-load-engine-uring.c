/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The io_uring back end: requests leave in batches, one multishot receive a connection stands for all
 * of its answers, and these come into buffers that the kernel takes off a ring. So a request costs one
 * submission entry, an answer one completion, and a batch of both one system call.
 *
 * Source of how the parts are meant to be used: io_uring_setup(2), io_uring_enter(2) and
 * io_uring_register(2) of liburing 2.3. */
#include <errno.h>
#include <liburing.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lds-clock.h"
#include "lds-load-engine.h"

/* DEFER_TASKRUN came last of what is used here, with Linux 6.1: where it is, all of it is. */
#define RING_FLAGS                                                                 \
  (IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_CQSIZE | \
   IORING_SETUP_SUBMIT_ALL)
#define SUBMISSION_ENTRIES     256
#define MIN_COMPLETION_ENTRIES 1024
/* More requests than this do not wait for each other: the first of a batch would be late, and the
 * server has nothing to do meanwhile. A larger number gains no rate (tests/bench/load-rate.py). */
#define BATCH 16
/* Larger requests are watched until the kernel has taken them whole. */
#define UNWATCHED_BYTES (16 * 1024)

/* One buffer an answer, given back as soon as it has been read. */
#define BUFFER_BYTES (16 * 1024)
/* Keeps the beginnings of buffers, which is all that small answers touch, from falling into the same
 * few sets of the processor's caches. */
#define BUFFER_STRIDE (BUFFER_BYTES + 192)
#define MIN_BUFFERS   64
#define MAX_BUFFERS   2048
#define BUFFER_GROUP  0

typedef enum
{
  OP_CONNECT,
  OP_RECEIVE,
  OP_SEND,
} Op;

struct LdsLoadEngine
{
  LdsLoadEngineSetup setup;
  struct io_uring ring;
  bool has_ring;
  LdsLoadLink **links; /* by index, set when first connected */
  struct io_uring_buf_ring *buffers;
  size_t buffers_bytes;
  char *memory;
  unsigned n_buffers; /* a power of 2 */
  unsigned n_queued;  /* since the last submission */
};

static size_t
memory_bytes (const LdsLoadEngine *self)
{
  return (size_t)self->n_buffers * BUFFER_STRIDE;
}

static void
uring_close (LdsLoadEngine *self)
{
  if (self->has_ring)
    io_uring_queue_exit (&self->ring);
  if (self->buffers != NULL)
    munmap (self->buffers, self->buffers_bytes);
  if (self->memory != NULL)
    munmap (self->memory, memory_bytes (self));
  free (self->links);
  free (self);
}

static void *
map (size_t size)
{
  void *memory = mmap (NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

  return memory != MAP_FAILED ? memory : NULL;
}

static void
give_back (LdsLoadEngine *self,
           unsigned id)
{
  io_uring_buf_ring_add (self->buffers, self->memory + (size_t)id * BUFFER_STRIDE, BUFFER_BYTES,
                         (unsigned short)id, io_uring_buf_ring_mask (self->n_buffers), 0);
  io_uring_buf_ring_advance (self->buffers, 1);
}

/* Returns 0 or an error number. */
static int
set_up_buffers (LdsLoadEngine *self)
{
  struct io_uring_buf_reg registration = {.ring_entries = 0, .bgid = BUFFER_GROUP};
  int error;

  self->n_buffers = MIN_BUFFERS;
  while (self->n_buffers < MAX_BUFFERS && self->n_buffers < 2 * self->setup.n_links)
    self->n_buffers *= 2;
  self->buffers_bytes = self->n_buffers * sizeof (struct io_uring_buf);
  self->buffers = map (self->buffers_bytes);
  self->memory = map (memory_bytes (self));
  if (self->buffers == NULL || self->memory == NULL)
    return ENOMEM;
  registration.ring_addr = (uintptr_t)self->buffers;
  registration.ring_entries = self->n_buffers;
  error = -io_uring_register_buf_ring (&self->ring, &registration, 0);
  if (error != 0)
    return error;
  io_uring_buf_ring_init (self->buffers);
  for (unsigned i = 0; i < self->n_buffers; i++)
    give_back (self, i);
  return 0;
}

/* Returns 0 or an error number. */
static int
set_up (LdsLoadEngine *self)
{
  struct io_uring_params params = {.flags = RING_FLAGS, .cq_entries = MIN_COMPLETION_ENTRIES};
  int error;

  /* Two for each connection: an answer and an end. */
  while (params.cq_entries < 2 * self->setup.n_links)
    params.cq_entries *= 2;
  self->links = calloc (self->setup.n_links, sizeof (LdsLoadLink *));
  if (self->links == NULL)
    return ENOMEM;
  error = -io_uring_queue_init_params (SUBMISSION_ENTRIES, &self->ring, &params);
  if (error != 0)
    return error;
  self->has_ring = true;
  /* Saves looking the ring's descriptor up at each call; not vital. */
  io_uring_register_ring_fd (&self->ring);
  return set_up_buffers (self);
}

static LdsLoadEngine *
uring_open (const LdsLoadEngineSetup *setup)
{
  LdsLoadEngine *self = calloc (1, sizeof *self);
  int error;

  if (self == NULL)
    return NULL;
  self->setup = *setup;
  error = set_up (self);
  if (error == 0)
    return self;
  uring_close (self);
  errno = error;
  return NULL;
}

static bool
uring_probe (void)
{
  LdsLoadEngine *self = uring_open (&(LdsLoadEngineSetup){.n_links = 1});

  if (self == NULL)
    return false;
  uring_close (self);
  return true;
}

static void
submit (LdsLoadEngine *self)
{
  io_uring_submit (&self->ring);
  self->n_queued = 0;
}

/* A completion says which connection it is of and, since that may have been dropped and made anew
 * meanwhile, which of those that @link has been. */
static uint64_t
to_user_data (const LdsLoadLink *link,
              Op op)
{
  return (uint64_t)link->index << 32 | (uint64_t)(link->generation & 0xffffff) << 8 | op;
}

/* Returns: (nullable): an entry that the caller has to prepare; NULL when the kernel does not take those
 * that are queued. Whatever is left undone then ends by its time-out. */
static struct io_uring_sqe *
next_entry (LdsLoadEngine *self)
{
  struct io_uring_sqe *entry = io_uring_get_sqe (&self->ring);

  if (entry == NULL)
    {
      submit (self);
      entry = io_uring_get_sqe (&self->ring);
    }
  self->n_queued += entry != NULL;
  return entry;
}

static void
begin_receiving (LdsLoadEngine *self,
                 LdsLoadLink *link)
{
  struct io_uring_sqe *entry = next_entry (self);

  if (entry == NULL)
    return;
  io_uring_prep_recv_multishot (entry, link->fd, NULL, 0, 0);
  entry->flags |= IOSQE_BUFFER_SELECT;
  entry->buf_group = BUFFER_GROUP;
  io_uring_sqe_set_data64 (entry, to_user_data (link, OP_RECEIVE));
  link->is_receiving = true;
}

static void
uring_disconnect (LdsLoadEngine *self,
                  LdsLoadLink *link)
{
  if (link->fd < 0)
    return;
  /* What was queued for it goes first: the descriptor may be another's by then. What the kernel still
   * holds would keep the connection open behind the closed descriptor: this ends it. */
  if (self->n_queued > 0)
    submit (self);
  if (link->is_receiving || link->is_connecting || link->is_sending)
    shutdown (link->fd, SHUT_RDWR);
  close (link->fd);
  link->fd = -1;
  link->generation++;
  link->is_connecting = link->is_sending = link->is_receiving = false;
}

static void
uring_connect (LdsLoadEngine *self,
               LdsLoadLink *link)
{
  struct io_uring_sqe *entry;

  link->generation++;
  link->is_hung_up = false;
  self->links[link->index] = link;
  /* Blocking, as far as the descriptor says: the kernel waits for it on our behalf. */
  link->fd = lds_load_engine_open_socket (&self->setup, link, 0);
  if (link->fd < 0)
    {
      self->setup.events->connect_failed (self->setup.client, link, errno);
      return;
    }
  entry = next_entry (self);
  if (entry == NULL)
    {
      uring_disconnect (self, link);
      self->setup.events->connect_failed (self->setup.client, link, EBUSY);
      return;
    }
  link->is_connecting = true;
  io_uring_prep_connect (entry, link->fd, self->setup.address, self->setup.address_size);
  io_uring_sqe_set_data64 (entry, to_user_data (link, OP_CONNECT));
}

static void
uring_send (LdsLoadEngine *self,
            LdsLoadLink *link,
            const char *data,
            size_t size,
            bool is_constant)
{
  struct io_uring_sqe *entry = next_entry (self);

  link->is_sending = !is_constant || size > UNWATCHED_BYTES;
  if (entry == NULL)
    return;
  /* WAITALL: a part is not enough, the kernel goes on by itself. */
  io_uring_prep_send (entry, link->fd, data, size, MSG_NOSIGNAL | MSG_WAITALL);
  io_uring_sqe_set_data64 (entry, to_user_data (link, OP_SEND));
  if (!link->is_sending)
    entry->flags |= IOSQE_CQE_SKIP_SUCCESS;
  if (self->n_queued >= BATCH)
    submit (self);
}

static void
end_connecting (LdsLoadEngine *self,
                LdsLoadLink *link,
                int result)
{
  link->is_connecting = false;
  if (result == 0)
    {
      begin_receiving (self, link);
      self->setup.events->connected (self->setup.client, link);
      return;
    }
  uring_disconnect (self, link);
  self->setup.events->connect_failed (self->setup.client, link, -result);
}

static void
take_received (LdsLoadEngine *self,
               LdsLoadLink *link,
               int result,
               uint32_t flags)
{
  uint32_t generation = link->generation;

  link->is_receiving = (flags & IORING_CQE_F_MORE) != 0;
  if (result > 0)
    self->setup.events->received (self->setup.client, link,
                                  self->memory +
                                      (size_t)(flags >> IORING_CQE_BUFFER_SHIFT) * BUFFER_STRIDE,
                                  (size_t)result);
  else if (result != -ENOBUFS)
    {
      self->setup.events->closed (self->setup.client, link, -result);
      return;
    }
  /* It ends by itself when there is no buffer or no room for its completion. */
  if (link->generation == generation && link->fd >= 0 && !link->is_receiving)
    begin_receiving (self, link);
}

static void
take_completion (LdsLoadEngine *self,
                 const struct io_uring_cqe *completion)
{
  uint64_t data = completion->user_data;
  LdsLoadLink *link = self->links[data >> 32];
  bool is_current = link->fd >= 0 && (link->generation & 0xffffff) == (data >> 8 & 0xffffff);

  switch ((Op)(data & 0xff))
    {
    case OP_CONNECT:
      if (is_current)
        end_connecting (self, link, completion->res);
      break;
    case OP_RECEIVE:
      if (is_current)
        take_received (self, link, completion->res, completion->flags);
      if (completion->flags & IORING_CQE_F_BUFFER)
        give_back (self, completion->flags >> IORING_CQE_BUFFER_SHIFT);
      break;
    case OP_SEND:
      /* What goes wrong shows when receiving: an answer may have come before. */
      if (is_current && link->is_sending && completion->res >= 0)
        {
          link->is_sending = false;
          self->setup.events->sent (self->setup.client, link);
        }
      break;
    default:
      break;
    }
}

static void
uring_wait (LdsLoadEngine *self,
            int64_t until_ns)
{
  int64_t left_ns = until_ns - lds_clock_now_ns ();
  struct io_uring_cqe *completion;
  unsigned head, n = 0;

  self->n_queued = 0;
  if (left_ns > 0)
    {
      struct __kernel_timespec left = {.tv_sec = left_ns / LDS_NS_PER_S,
                                       .tv_nsec = left_ns % LDS_NS_PER_S};

      io_uring_submit_and_wait_timeout (&self->ring, &completion, 1, &left, NULL);
    }
  else
    io_uring_submit_and_get_events (&self->ring);
  self->setup.events->woke (self->setup.client);
  io_uring_for_each_cqe (&self->ring, head, completion)
  {
    take_completion (self, completion);
    n++;
  }
  io_uring_cq_advance (&self->ring, n);
}

const LdsLoadEngineClass lds_load_engine_uring = {
    .name = "io_uring",
    .probe = uring_probe,
    .open = uring_open,
    .close = uring_close,
    .connect = uring_connect,
    .send = uring_send,
    .disconnect = uring_disconnect,
    .wait = uring_wait,
};
