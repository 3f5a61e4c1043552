/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What reading WebSocket frames costs: not run by `meson test`.
 *
 * bench-websocket [small | mask | text | head] [COUNT]
 *
 * small  reads messages of 20 bytes, masked, all that came in one buffer
 * mask   unmasks blocks of 16 KiB
 * text   checks blocks of 16 KiB of ASCII for being UTF-8
 * head   writes frame heads before their payloads
 *
 * Does it COUNT times in a fixed way, for a counter of instructions to be put around it, such as
 * `valgrind --tool=callgrind --toggle-collect=measure`; with no word it prints each as a ratio of
 * what memcpy() takes for as many bytes, all in one run. */
#include "lds-websocket.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define BLOCK_BYTES   (16 * 1024)
#define PAYLOAD_BYTES 20
#define BATCH         64

static const uint8_t key[] = {0x37, 0xfa, 0x21, 0x3d};
static char block[BLOCK_BYTES], other[BLOCK_BYTES];
static unsigned long long seen;

static size_t
fill_frames (char *to)
{
  size_t n = 0;

  for (int i = 0; i < BATCH; i++)
    {
      n += lds_websocket_write_head (to + n, LDS_WEBSOCKET_OPCODE_TEXT, true, PAYLOAD_BYTES, key);
      memcpy (to + n, "{\"price\": 1234.5678}", PAYLOAD_BYTES);
      lds_websocket_mask (to + n, PAYLOAD_BYTES, key, 0);
      n += PAYLOAD_BYTES;
    }
  return n;
}

static void
read_batch (void)
{
  LdsWebsocketReader reader;
  size_t start = 0, length;

  length = fill_frames (block);
  lds_websocket_reader_init (&reader, LDS_WEBSOCKET_SERVER, 1 << 20);
  while (lds_websocket_reader_next (&reader, block + start, &length) == LDS_WEBSOCKET_MESSAGE)
    {
      seen += reader.payload_bytes;
      start += reader.total_bytes;
      length -= reader.total_bytes;
    }
}

static void
write_batch (void)
{
  for (int i = 0; i < BATCH; i++)
    seen += lds_websocket_write_head_before (block + 64, 64, LDS_WEBSOCKET_OPCODE_TEXT, true,
                                             PAYLOAD_BYTES, NULL);
}

static void
mask_block (void)
{
  lds_websocket_mask (block, sizeof block, key, 0);
}

static void
check_block (void)
{
  LdsUtf8 utf8 = {0};

  seen += lds_utf8_check (&utf8, other, sizeof other);
}

static void
copy_block (void)
{
  /* Through memory that the compiler cannot see through. */
  char *volatile to = block;

  memcpy (to, other, sizeof block);
}

/* Not inlined, for counters to find it. */
static __attribute__ ((noinline)) void
measure (void (*turn) (void),
         long count)
{
  for (long i = 0; i < count; i++)
    turn ();
}

static double
seconds_of (void (*turn) (void),
            long count)
{
  struct timespec from, to;

  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &from);
  measure (turn, count);
  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &to);
  return (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9;
}

int
main (int argc,
      char **argv)
{
  static const struct
  {
    const char *name;
    void (*turn) (void);
    double bytes; /* a turn */
    const char *what;
  } rows[] = {
      {"small", read_batch, BATCH * PAYLOAD_BYTES, "messages of 20 bytes, framed, masked and read"},
      {"head", write_batch, BATCH * PAYLOAD_BYTES, "frame heads for 20 bytes"},
      {"mask", mask_block, BLOCK_BYTES, "unmasking 16 KiB"},
      {"text", check_block, BLOCK_BYTES, "UTF-8 check of 16 KiB of ASCII"},
  };
  long count = argc > 2 ? strtol (argv[2], NULL, 10) : 20000;
  double copy_s;

  memset (other, 'a', sizeof other);
  for (size_t i = 0; argc > 1 && i < sizeof rows / sizeof *rows; i++)
    if (strcmp (argv[1], rows[i].name) == 0)
      {
        measure (rows[i].turn, count);
        return seen == 1;
      }
  if (argc > 1)
    {
      fprintf (stderr, "bench-websocket: no such measurement: %s\n", argv[1]);
      return 2;
    }
  copy_s = seconds_of (copy_block, count) / BLOCK_BYTES;
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    printf ("%-50s %6.1f times memcpy a byte\n", rows[i].what,
            seconds_of (rows[i].turn, count) / rows[i].bytes / copy_s);
  return seen == 1;
}
