/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Work that does nothing of use, and takes as long as a program's would at this moment.
 *
 * A core is not always as fast: what shares its caches, its memory or its execution units comes and goes, most of all in
 * a virtual machine, and what runs a runtime's machinery then takes up to twice as long. A loop that waits for
 * nothing but its own last result takes as long as ever. So there are two kinds of work, and each slows down with what it
 * stands for (figures in src/DESIGN.md).
 */
#pragma once

#include <stdint.h>

typedef enum
{
  LDS_WORK_BROAD,  /* much code and much data, once each: a framework that handles a request */
  LDS_WORK_NARROW, /* the same few instructions again and again: an interpreter that computes */
  LDS_WORK_N_KINDS,
} LdsWorkKind;

/** Fills what work reads, 128 KiB. To be called once, before other threads start; without it broad work reads zeros. */
void lds_work_init (void);

/** Does @rounds rounds of work of some 3 (narrow) to 40 ns (broad). Any thread. */
void lds_work_do (LdsWorkKind kind, uint64_t rounds);
