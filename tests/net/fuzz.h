/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What fuzz targets share. With clang, -fsanitize=fuzzer,address -DLDS_FUZZER builds the fuzzer
 * itself. Otherwise main() replays the files named on the command line, as every test run does with
 * corpus/. To be included once, by a program's only source. */
#pragma once

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define CHECK(condition)                                                         \
  do                                                                             \
    if (!(condition))                                                            \
      {                                                                          \
        fprintf (stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
        abort ();                                                                \
      }                                                                          \
  while (0)

int LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t size);

#ifndef LDS_FUZZER
int
main (int argc,
      char **argv)
{
  static uint8_t bytes[1 << 16];

  for (int i = 1; i < argc; i++)
    {
      FILE *file = fopen (argv[i], "rb");

      if (file == NULL)
        {
          perror (argv[i]);
          return 1;
        }
      LLVMFuzzerTestOneInput (bytes, fread (bytes, 1, sizeof bytes, file));
      fclose (file);
    }
  printf ("%d inputs replayed\n", argc - 1);
  return argc > 1 ? 0 : 1;
}
#endif
