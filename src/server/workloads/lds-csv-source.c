/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Orders of a year, one after the other. One row in 20 or so lacks something. */
#include "lds-csv-source.h"

#include "lds-random.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SEED        UINT64_C (8)
#define BLOCK_BYTES (64u * 1024)
/* More than any row has. */
#define ROW_BYTES 80
#define MB_BYTES  (UINT64_C (1) << 20)

/* A forked process goes on with the file of the one that forked it: what both would write is equal. */
static struct
{
  pthread_mutex_t mutex; /* protects the rest */
  int fd;                /* -1 before there is one */
  uint64_t sequence;
  uint64_t end;
  unsigned mb;                              /* so many are there */
  uint64_t ends[LDS_CSV_SOURCE_MAX_MB + 1]; /* of these */
} file = {.mutex = PTHREAD_MUTEX_INITIALIZER, .fd = -1, .sequence = SEED};

static int
open_unnamed (void)
{
  const char *folder = getenv ("TMPDIR");
  char path[4096];
  int fd;

  if (folder == NULL || *folder == '\0')
    folder = P_tmpdir;
  fd = open (folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd >= 0 || snprintf (path, sizeof path, "%s/loadstone-XXXXXX", folder) >= (int)sizeof path)
    return fd;
  /* Not every file system has files without a name. */
  fd = mkostemp (path, O_CLOEXEC);
  if (fd >= 0)
    unlink (path);
  return fd;
}

/* Writes the next row to @to; returns its length. */
static size_t
write_row (char *to)
{
  static const unsigned days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  static const char *const categories[] = {"charts", "compasses", "lamps", "ropes, thin", "sails"};
  uint64_t number = lds_random_next (&file.sequence);
  unsigned day = (unsigned)(number % 365), month = 0, lacking = (unsigned)((number >> 20) % 100);
  const char *category = categories[(number >> 32) % 5];
  char date[32], customer[16], quantity[16], price[32];

  for (; day >= days[month]; month++)
    day -= days[month];
  snprintf (date, sizeof date, "2025-%02u-%02u", month + 1, day + 1);
  snprintf (customer, sizeof customer, "c%05u", (unsigned)((number >> 40) % 20000));
  snprintf (quantity, sizeof quantity, "%u", 1 + (unsigned)((number >> 56) % 9));
  number = lds_random_next (&file.sequence) % 50000;
  snprintf (price, sizeof price, "%u.%02u", (unsigned)number / 100, (unsigned)number % 100);
  return (size_t)snprintf (
      to, ROW_BYTES, strchr (category, ',') != NULL ? "%s,%s,\"%s\",%s,%s\n" : "%s,%s,%s,%s,%s\n",
      lacking == 0 ? "" : date, lacking == 1 ? "" : customer, category,
      lacking == 3 ? "" : quantity, lacking >= 4 && lacking < 6 ? "" : price);
}

static bool
write_block (const char *block,
             size_t length)
{
  size_t done = 0;

  while (done < length)
    {
      ssize_t n = pwrite (file.fd, block + done, length - done, (off_t)(file.end + done));

      if (n < 0 && errno != EINTR)
        return false;
      if (n > 0)
        done += (size_t)n;
    }
  file.end += length;
  return true;
}

/* Writes until @mb is there. What a failed write was to bring is made again, from where it began. */
static bool
extend (unsigned mb)
{
  while (file.mb < mb)
    {
      char block[BLOCK_BYTES];
      uint64_t sequence = file.sequence, next_end = (file.mb + 1) * MB_BYTES;
      size_t length = 0;

      if (file.end == 0)
        length = (size_t)snprintf (block, sizeof block, "date,customer,category,quantity,price\n");
      while (length + ROW_BYTES <= sizeof block && file.end + length < next_end)
        length += write_row (block + length);
      if (!write_block (block, length))
        {
          file.sequence = sequence;
          return false;
        }
      if (file.end >= next_end)
        file.ends[++file.mb] = file.end;
    }
  return true;
}

bool
lds_csv_source_get (unsigned mb,
                    LdsCsvSource *source)
{
  bool is_there;

  /* Nobody who holds the mutex waits for anything but the disk, so whoever waits here with a global
   * lock does not wait for ever. */
  pthread_mutex_lock (&file.mutex);
  if (file.fd < 0)
    file.fd = open_unnamed ();
  is_there = file.fd >= 0 && extend (mb);
  *source = (LdsCsvSource){.fd = file.fd, .end = is_there ? file.ends[mb] : 0};
  pthread_mutex_unlock (&file.mutex);
  return is_there;
}
