/* SPDX-License-Identifier: GPL-3.0-or-later */
/* W-001-4: a cart, read from the database, and what a recommender finds to go with it: waiting, then
 * computing, in one request.
 *
 * Which products a cart holds follows from its id. The recommender is the usual one of nearest vectors:
 * every product has one, here from a sequence, the cart's is the sum of its products', and those are recommended whose
 * vectors point most in its direction.
 */
#include "lds-product.h"
#include "lds-random.h"
#include "lds-services.h"

#include <inttypes.h>

#define ITEMS        5
#define DIMENSIONS   64
#define RECOMMENDED  5
#define N_CANDIDATES LDS_STORE_SEED_ROWS
/* Candidates between two looks at the breaker: some 20 to 50 us. */
#define STRETCH 256

typedef struct
{
  uint64_t id;
  LdsStoreAccess access;
  LdsStoreResult result;
} State;

typedef struct
{
  int64_t id;
  double score;
} Recommendation;

/* Reads the cart's products. One that is not sold any more is left out. */
static void
read_cart (LdsJob *job)
{
  State *state = lds_job_state (job, State);
  LdsStore *store = lds_services_store ();
  uint64_t sequence = state->id;

  state->result = store != NULL ? LDS_STORE_OK : LDS_STORE_FAILED;
  for (unsigned i = 0; i < ITEMS && state->result == LDS_STORE_OK; i++)
    {
      int64_t id = 1 + (int64_t)(lds_random_next (&sequence) % LDS_STORE_SEED_ROWS);

      state->result = lds_store_get (store, state->access, id, job->output);
      if (state->result == LDS_STORE_NONE)
        state->result = LDS_STORE_OK;
    }
}

static void
add_vector (double vector[DIMENSIONS],
            int64_t id)
{
  uint64_t sequence = (uint64_t)id << 32;

  for (unsigned i = 0; i < DIMENSIONS; i++)
    vector[i] += lds_random_signed (&sequence);
}

static double
score_of (const double cart[DIMENSIONS],
          int64_t id)
{
  uint64_t sequence = (uint64_t)id << 32;
  double score = 0;

  for (unsigned i = 0; i < DIMENSIONS; i++)
    score += cart[i] * lds_random_signed (&sequence);
  return score;
}

static bool
has_item (LdsSpan rows,
          int64_t id)
{
  LdsProduct product;

  while (lds_product_next (&rows, &product))
    if (product.id == id)
      return true;
  return false;
}

/* Finds what to recommend with the products in @rows, the best first; of equals the smaller id. */
static void
recommend (LdsSpan rows,
           Recommendation best[RECOMMENDED],
           const LdsBreaker *breaker)
{
  double cart[DIMENSIONS] = {0};
  LdsSpan left = rows;
  LdsProduct product;
  unsigned n = 0;

  while (lds_product_next (&left, &product))
    add_vector (cart, product.id);
  for (int64_t id = 1; id <= N_CANDIDATES; id++)
    {
      double score = score_of (cart, id);

      if (id % STRETCH == 0)
        lds_breaker_check (breaker);
      if ((n == RECOMMENDED && score <= best[n - 1].score) || has_item (rows, id))
        continue;
      if (n < RECOMMENDED)
        n++;
      for (unsigned i = n - 1;; i--)
        {
          if (i > 0 && best[i - 1].score < score)
            {
              best[i] = best[i - 1];
              continue;
            }
          best[i] = (Recommendation){id, score};
          break;
        }
    }
}

static void
write_cart (LdsJob *job)
{
  const State *state = lds_job_state (job, State);
  LdsSpan rows = job->input;
  Recommendation best[RECOMMENDED];
  LdsProduct product;
  const char *separator = "";
  double total = 0;

  recommend (rows, best, job->breaker);
  lds_buffer_printf (job->output, "{\"id\":%" PRIu64 ",\"items\":[", state->id);
  while (lds_product_next (&rows, &product))
    {
      lds_buffer_printf (job->output, "%s", separator);
      lds_product_write (job->output, &product);
      total += product.price;
      separator = ",";
    }
  lds_buffer_printf (job->output, "],\"total\":%.2f,\"recommended\":[", total);
  for (unsigned i = 0; i < RECOMMENDED; i++)
    lds_buffer_printf (job->output, "%s{\"id\":%" PRId64 ",\"score\":%.6f}", i > 0 ? "," : "", best[i].id,
                       best[i].score);
  lds_buffer_append (job->output, "]}", 2);
}

static LdsOperation
step (LdsExchange *exchange)
{
  State *state = lds_exchange_state (exchange, State);

  if (exchange->step == 0)
    {
      if (!lds_exchange_part_id (exchange, 0, &state->id) ||
          !lds_product_ask_access (exchange, &state->access))
        return LDS_OPERATION_DONE;
      return LDS_OPERATION_CALL;
    }
  if (state->result != LDS_STORE_OK)
    return lds_product_fail (exchange, state->result);
  if (exchange->step == 1)
    {
      exchange->input = lds_buffer_span (&exchange->parcel);
      return LDS_OPERATION_COMPUTE;
    }
  exchange->content_type = "application/json";
  lds_exchange_write_parcel (exchange);
  return LDS_OPERATION_DONE;
}

const LdsServerWorkload lds_workload_cart = {
    .id = "cart",
    .usage = "GET /cart/7",
    .path = "/cart/:id",
    .methods = LDS_METHOD_BIT (LDS_HTTP_METHOD_GET),
    .step = step,
    .call = read_cart,
    .database = true,
    .compute = write_cart,
};
