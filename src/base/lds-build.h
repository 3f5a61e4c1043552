/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What this program was built from, and how: without that its figures cannot be repeated. */
#pragma once

#include <stdbool.h>

typedef struct
{
  const char *commit;     /* 12 digits or more, "-dirty" behind them for changed files; "unknown" */
  const char *compiler;   /* "gcc 12.2.0" */
  const char *type;       /* Meson's: "debug", "debugoptimized", "release" … */
  const char *flags;      /* that decide speed: "-O2 -g", then the builder's own */
  const char *sanitizers; /* "address,undefined"; "" = none */
  bool optimised;         /* as the compiler says it, whatever the flags */
} LdsBuild;

/** Returns what lives as long as the program. Any thread. */
const LdsBuild *lds_build_get (void);

/** Returns whether times of such a build say nothing of others: sanitizers, or no optimisation. */
bool lds_build_is_slow (const LdsBuild *build);
