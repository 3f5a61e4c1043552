/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The heap of slots that wait: earliest first, whatever the order they came in. */
#include <glib.h>

#include "lds-load-sleepers.h"
#include "lds-random.h"

#define N 1000

static void
test_order (void)
{
  g_autofree LdsLoadSlot *slots = g_new0 (LdsLoadSlot, N);
  LdsLoadSleepers sleepers;
  guint64 random = 1;
  gint64 before_ns = 0;

  g_assert_true (lds_load_sleepers_init (&sleepers, N));
  g_assert_cmpint (lds_load_sleepers_next_ns (&sleepers), ==, G_MAXINT64);
  g_assert_null (lds_load_sleepers_take (&sleepers, G_MAXINT64 - 1));
  for (guint i = 0; i < N; i++)
    {
      /* Few different times, so that many are equal. */
      slots[i].wake_ns = (gint64)(lds_random_next (&random) % 100);
      lds_load_sleepers_add (&sleepers, &slots[i]);
      /* Now and then one leaves: the heap is never only filled. */
      if (i % 3 == 0)
        {
          LdsLoadSlot *slot = lds_load_sleepers_take (&sleepers, G_MAXINT64 - 1);

          slot->wake_ns += 1000;
          lds_load_sleepers_add (&sleepers, slot);
        }
    }
  for (guint i = 0; i < N; i++)
    {
      gint64 next_ns = lds_load_sleepers_next_ns (&sleepers);
      LdsLoadSlot *slot;

      g_assert_null (lds_load_sleepers_take (&sleepers, next_ns - 1));
      slot = lds_load_sleepers_take (&sleepers, next_ns);
      g_assert_nonnull (slot);
      g_assert_cmpint (slot->wake_ns, ==, next_ns);
      g_assert_cmpint (next_ns, >=, before_ns);
      /* Each but once. */
      g_assert_false (slot->is_measured);
      slot->is_measured = true;
      before_ns = next_ns;
    }
  g_assert_cmpint (lds_load_sleepers_next_ns (&sleepers), ==, G_MAXINT64);
  lds_load_sleepers_clear (&sleepers);
}

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/load/sleepers/order", test_order);
  return g_test_run ();
}
