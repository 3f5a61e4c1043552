/* SPDX-License-Identifier: GPL-3.0-or-later */
/* W-000-4: every message of a chat goes through a language service, then to all members.
 *
 * The service weighs words, which is a computation of its own kind, not a call: where it runs, on
 * the loop or in another process or on a worker behind a gateway, is what the workload is about.
 */
#include "lds-exchange.h"
#include "lds-json-text.h"

#include <inttypes.h>

/* Words between two looks at the breaker: some 20 us. */
#define STRETCH      64
#define LONGEST_WORD 12

typedef struct
{
  int32_t score;
  uint32_t words;
} State;

static const struct
{
  char word[LONGEST_WORD];
  int8_t weight;
} lexicon[] = {
    {"amazing", 3},
    {"awful", -3},
    {"bad", -2},
    {"best", 3},
    {"better", 1},
    {"broken", -2},
    {"crash", -2},
    {"excellent", 3},
    {"fail", -2},
    {"fast", 1},
    {"fine", 1},
    {"good", 2},
    {"great", 3},
    {"happy", 2},
    {"hate", -3},
    {"help", 1},
    {"late", -1},
    {"like", 1},
    {"lost", -1},
    {"love", 3},
    {"nice", 2},
    {"poor", -2},
    {"sad", -2},
    {"slow", -1},
    {"thanks", 2},
    {"terrible", -3},
    {"worse", -2},
    {"worst", -3},
    {"wrong", -1},
};

static bool
is_letter (char c)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '\'';
}

static bool
is_word (LdsSpan word,
         const char *text)
{
  return lds_span_equal_ignoring_case (word, text);
}

static int
weigh (LdsSpan word)
{
  for (size_t i = 0; i < sizeof lexicon / sizeof *lexicon; i++)
    if (is_word (word, lexicon[i].word))
      return lexicon[i].weight;
  return 0;
}

/* Adds up the weights of the known words; the one after a "not" counts the other way round. */
static void
weigh_words (LdsJob *job)
{
  State *state = lds_job_state (job, State);
  const char *p = job->input.data, *end = p + job->input.length;
  bool negated = false;

  while (p < end)
    {
      LdsSpan word = {p, 0};

      while (p < end && is_letter (*p))
        p++;
      word.length = (size_t)(p - word.data);
      if (word.length == 0)
        {
          p++;
          continue;
        }
      state->score += negated ? -weigh (word) : weigh (word);
      negated = is_word (word, "not") || is_word (word, "never");
      if (++state->words % STRETCH == 0)
        lds_breaker_check (job->breaker);
    }
}

static LdsOperation
step (LdsExchange *exchange)
{
  const State *state = lds_exchange_state (exchange, State);
  const char *sentiment = state->score > 0 ? "positive" : state->score < 0 ? "negative"
                                                                           : "neutral";

  if (!exchange->message)
    return LDS_OPERATION_UPGRADE;
  if (!exchange->text)
    {
      exchange->text = true;
      return lds_exchange_fail (exchange, 400, "a message to be weighed must be text");
    }
  if (exchange->step == 0)
    return LDS_OPERATION_COMPUTE;
  exchange->broadcast = true;
  lds_exchange_printf (exchange, "{\"sentiment\":\"%s\",\"score\":%" PRId32 ",\"words\":%" PRIu32 ",\"message\":",
                       sentiment, state->score, state->words);
  lds_json_append_string (exchange->out, exchange->input);
  lds_exchange_write (exchange, "}", 1);
  return LDS_OPERATION_DONE;
}

const LdsServerWorkload lds_workload_nlp = {
    .id = "nlp",
    .usage = "GET /nlp",
    .path = "/nlp",
    .methods = LDS_METHOD_BIT (LDS_HTTP_METHOD_GET),
    .step = step,
    .compute = weigh_words,
};
