/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Matrix times vector, with weights that are always the same. */
#include "lds-predict.h"

#include "lds-random.h"

#include <pthread.h>

#define SEED UINT64_C (128010)
/* Vectors between two looks at the breaker: some 20 to 50 us. */
#define STRETCH 32

static double weights[LDS_PREDICT_CLASSES][LDS_PREDICT_FEATURES];
static double biases[LDS_PREDICT_CLASSES];

static void
make_weights (void)
{
  uint64_t sequence = SEED;

  for (unsigned class = 0; class < LDS_PREDICT_CLASSES; class ++)
    {
      biases[class] = lds_random_signed (&sequence);
      for (unsigned i = 0; i < LDS_PREDICT_FEATURES; i++)
        weights[class][i] = lds_random_signed (&sequence);
    }
}

void
lds_predict (LdsSpan input,
             LdsBuffer *output,
             const LdsBreaker *breaker)
{
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  size_t n = input.length / LDS_PREDICT_INPUT_BYTES;

  pthread_once (&once, make_weights);
  for (size_t k = 0; k < n; k++)
    {
      double features[LDS_PREDICT_FEATURES], scores[LDS_PREDICT_CLASSES];

      memcpy (features, input.data + k * sizeof features, sizeof features);
      for (unsigned class = 0; class < LDS_PREDICT_CLASSES; class ++)
        {
          double score = biases[class];

          for (unsigned i = 0; i < LDS_PREDICT_FEATURES; i++)
            score += weights[class][i] * features[i];
          scores[class] = score;
        }
      lds_buffer_append (output, scores, sizeof scores);
      if (k % STRETCH == STRETCH - 1)
        lds_breaker_check (breaker);
    }
}
