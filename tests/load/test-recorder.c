/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The hand-over: nothing lost, nothing twice, whatever the pace of either side. */
#include <glib.h>
#include <string.h>

#include "lds-load-recorder.h"

static void
test_turns (void)
{
  LdsLoadRecorder recorder;
  LdsLoadTally *tally;

  g_assert_true (lds_load_recorder_init (&recorder, 0));
  g_assert_null (lds_load_recorder_take (&recorder));
  lds_load_tally_record (recorder.writing, LDS_LOAD_OK, 5, 4);
  g_assert_true (lds_load_recorder_hand_over (&recorder));
  /* The reader is late: the worker keeps recording into what it has. */
  lds_load_tally_record (recorder.writing, LDS_LOAD_TIMEOUT, 7, 6);
  g_assert_false (lds_load_recorder_hand_over (&recorder));
  lds_load_tally_record (recorder.writing, LDS_LOAD_UNSENT, 9, -1);

  tally = lds_load_recorder_take (&recorder);
  g_assert_cmpuint (tally->done, ==, 1);
  g_assert_cmpuint (tally->response.total, ==, 1);
  g_assert_null (lds_load_recorder_take (&recorder));
  lds_load_recorder_give_back (&recorder, tally);

  g_assert_true (lds_load_recorder_hand_over (&recorder));
  tally = lds_load_recorder_take (&recorder);
  g_assert_cmpuint (tally->done, ==, 0);
  g_assert_cmpuint (tally->failures[LDS_LOAD_TIMEOUT], ==, 1);
  g_assert_cmpuint (tally->failures[LDS_LOAD_UNSENT], ==, 1);
  g_assert_cmpuint (tally->response.total, ==, 2);
  g_assert_cmpuint (tally->service.total, ==, 1);
  lds_load_recorder_give_back (&recorder, tally);
  lds_load_recorder_clear (&recorder);
}

static void
test_reset_and_add (void)
{
  LdsLoadTally *a = lds_load_tally_new (0), *b = lds_load_tally_new (0),
               *empty = lds_load_tally_new (0);

  for (int i = 0; i < 1000; i++)
    lds_load_tally_record (a, i % 9 - 1, i * 1000, i * 900);
  a->sent = 1000;
  a->statuses[100] = 5;
  a->bytes_received = 7;
  lds_load_tally_add (b, a);
  lds_load_tally_add (b, a);
  g_assert_cmpuint (b->done + lds_load_tally_failures (b), ==, 2000);
  g_assert_cmpuint (b->response.total, ==, 2000);
  g_assert_cmpuint (b->sent, ==, 2000);
  g_assert_cmpuint (b->statuses[100], ==, 10);
  lds_load_tally_reset (b);
  g_assert_cmpmem (b, offsetof (LdsLoadTally, parts), empty, offsetof (LdsLoadTally, parts));
  lds_load_tally_free (a);
  lds_load_tally_free (b);
  lds_load_tally_free (empty);
}

#define N_RECORDS 2000000u

typedef struct
{
  LdsLoadRecorder recorder;
  atomic_bool is_done;
} Pair;

static gpointer
write_all (gpointer data)
{
  Pair *pair = data;

  for (guint i = 1; i <= N_RECORDS; i++)
    {
      lds_load_tally_record (pair->recorder.writing, LDS_LOAD_OK, i, i);
      if (i % 64 == 0)
        lds_load_recorder_hand_over (&pair->recorder);
    }
  atomic_store (&pair->is_done, true);
  return NULL;
}

static void
read_one (LdsLoadRecorder *recorder,
          LdsLoadTally *total)
{
  LdsLoadTally *tally = lds_load_recorder_take (recorder);

  if (tally == NULL)
    {
      g_thread_yield ();
      return;
    }
  g_assert_cmpuint (tally->response.total, ==, tally->done);
  lds_load_tally_add (total, tally);
  lds_load_recorder_give_back (recorder, tally);
}

/* Two threads at full speed: every record comes out once. */
static void
test_two_threads (void)
{
  Pair pair = {0};
  LdsLoadTally *total = lds_load_tally_new (0);
  GThread *writer;

  g_assert_true (lds_load_recorder_init (&pair.recorder, 0));
  writer = g_thread_new ("writer", write_all, &pair);
  while (!atomic_load (&pair.is_done))
    read_one (&pair.recorder, total);
  g_thread_join (writer);
  read_one (&pair.recorder, total);
  lds_load_tally_add (total, pair.recorder.writing);
  g_assert_cmpuint (total->done, ==, N_RECORDS);
  g_assert_cmpuint (total->response.total, ==, N_RECORDS);
  g_assert_cmpint (total->response.max_ns, ==, N_RECORDS);
  g_assert_cmpfloat (total->response.sum_ns, ==, 0.5 * N_RECORDS * (N_RECORDS + 1.0));
  lds_load_tally_free (total);
  lds_load_recorder_clear (&pair.recorder);
}

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/load/recorder/turns", test_turns);
  g_test_add_func ("/load/recorder/reset-and-add", test_reset_and_add);
  g_test_add_func ("/load/recorder/two-threads", test_two_threads);
  return g_test_run ();
}
