/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two loops. */
#include "lds-work.h"

/* More than a first-level cache holds, a part of what a second-level one does. */
#define TABLE_WORDS 32768
#define TABLE_AT(x) table[(x) & (TABLE_WORDS - 1)]

/* Next number of a linear congruential generator (Knuth, The Art of Computer Programming 2, 3.3.4, table 1, line 16). */
#define NEXT(x) ((x)*1664525u + 1013904223u)

static uint32_t table[TABLE_WORDS];
static _Thread_local uint32_t place = 1;

/* Kept, so that no compiler leaves the work out. */
static _Thread_local volatile uint32_t result;

void
lds_work_init (void)
{
  uint32_t x = 1;

  for (uint32_t i = 0; i < TABLE_WORDS; i++)
    table[i] = x = NEXT (x);
}

/* One of 1024 pieces of code, some 100 bytes each and no two alike, of which it cannot be foretold which is next: as a
 * runtime's code, they neither fit into the first-level cache nor are their branches known. */
#define PIECE(n)                                            \
  case n:                                                   \
    a += TABLE_AT (b >> ((n) % 7 + 3));                     \
    b = (b ^ (a << ((n) % 5 + 1))) + (n);                   \
    if (a & (1u << ((n) % 11)))                             \
      c += b ^ (n);                                         \
    d = d * 5 + TABLE_AT (c >> ((n) % 9 + 2));              \
    c -= d >> ((n) % 3 + 1);                                \
    if (d & (1u << ((n) % 13)))                             \
      a ^= c + ((n) << 3);                                  \
    b += c ^ d;                                             \
    __asm__ volatile(""                                     \
                     : "+r"(a), "+r"(b), "+r"(c), "+r"(d)); \
    break
#define PIECES_8(n) \
  PIECE (n);        \
  PIECE ((n) + 1);  \
  PIECE ((n) + 2);  \
  PIECE ((n) + 3);  \
  PIECE ((n) + 4);  \
  PIECE ((n) + 5);  \
  PIECE ((n) + 6);  \
  PIECE ((n) + 7);
#define PIECES_64(n)   \
  PIECES_8 (n);        \
  PIECES_8 ((n) + 8);  \
  PIECES_8 ((n) + 16); \
  PIECES_8 ((n) + 24); \
  PIECES_8 ((n) + 32); \
  PIECES_8 ((n) + 40); \
  PIECES_8 ((n) + 48); \
  PIECES_8 ((n) + 56);
#define PIECES_512(n)    \
  PIECES_64 (n);         \
  PIECES_64 ((n) + 64);  \
  PIECES_64 ((n) + 128); \
  PIECES_64 ((n) + 192); \
  PIECES_64 ((n) + 256); \
  PIECES_64 ((n) + 320); \
  PIECES_64 ((n) + 384); \
  PIECES_64 ((n) + 448);

__attribute__ ((noinline)) static void
do_broad (uint64_t rounds)
{
  uint32_t next = place, a = next, b = 1, c = 2, d = 3;

  for (; rounds > 0; rounds--)
    {
      next = NEXT (next);
      /* Of such a generator the upper bits are the better ones. */
      switch (next >> 22)
        {
          PIECES_512 (0);
          PIECES_512 (512);
        }
    }
  place = next;
  result = a ^ b ^ c ^ d;
}

/* Sums that hardly wait for each other, so that they take what execution units there are. */
__attribute__ ((noinline)) static void
do_narrow (uint64_t rounds)
{
  uint32_t a = 1, b = 2, c = 3, d = 4, e = 5, f = (uint32_t)rounds;

  for (; rounds > 0; rounds--)
    {
      a += b ^ f;
      c += f * 3;
      d ^= c >> 3;
      e += a;
      f += e ^ d;
      b += 7;
      __asm__ volatile(""
                       : "+r"(a), "+r"(b), "+r"(c), "+r"(d), "+r"(e), "+r"(f));
    }
  result = a ^ b ^ c ^ d ^ e ^ f;
}

void
lds_work_do (LdsWorkKind kind,
             uint64_t rounds)
{
  if (kind == LDS_WORK_BROAD)
    do_broad (rounds);
  else
    do_narrow (rounds);
}
