/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The model that W-000-6 asks: features in, scores out, one matrix times one vector.
 *
 * Vectors travel packed: doubles of this machine, one vector after the other.
 */
#pragma once

#include "lds-exchange.h"

#define LDS_PREDICT_FEATURES 128
#define LDS_PREDICT_CLASSES  10
/* Vectors in one request. */
#define LDS_PREDICT_MAX_VECTORS 4096

#define LDS_PREDICT_INPUT_BYTES  (LDS_PREDICT_FEATURES * sizeof (double))
#define LDS_PREDICT_OUTPUT_BYTES (LDS_PREDICT_CLASSES * sizeof (double))

/**
 * lds_predict:
 * @input: packed vectors of LDS_PREDICT_FEATURES; need not be aligned
 * @output: gets as many packed vectors of LDS_PREDICT_CLASSES
 * @breaker: checked while computing
 *
 * The weights follow from a sequence, so that all processes have the same. Any thread.
 */
void lds_predict (LdsSpan input, LdsBuffer *output, const LdsBreaker *breaker);

/**
 * lds_predict_spawned:
 *
 * The same, done by a child process started for it (W-000-10). Blocks until that has ended.
 *
 * Returns false when it could not be started, or did not answer; @output is then not whole.
 */
bool lds_predict_spawned (LdsSpan input, LdsBuffer *output);

/* The argument that makes this program such a child. */
#define LDS_PREDICT_CHILD_ARGUMENT "--predict-child"

/**
 * lds_predict_child:
 *
 * What the child does: reads vectors from standard input to its end, writes scores to standard output.
 *
 * Returns the exit code.
 */
int lds_predict_child (void);
