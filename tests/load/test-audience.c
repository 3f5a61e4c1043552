/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What messages say of themselves, and the books of who has had what. */
#include <glib.h>
#include <string.h>

#include "lds-json.h"
#include "lds-load-audience.h"
#include "lds-load-message.h"
#include "lds-load-stream.h"

static void
test_messages_are_json (void)
{
  static const gsize sizes[] = {64, 65, 72, 73, 74, 75, 200, 4096};
  static const gint64 times[] = {0, 7, G_GINT64_CONSTANT (123456789012345),
                                 G_GINT64_CONSTANT (999999999999999999)};

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autofree char *message = g_malloc (sizes[i]);

      lds_load_message_init (message, sizes[i]);
      for (guint j = 0; j < G_N_ELEMENTS (times); j++)
        {
          g_autoptr (GError) error = NULL;
          g_autoptr (JsonNode) node = NULL;
          LdsLoadStamp stamp;

          /* From the largest down as well: nothing of a longer number may stay. */
          lds_load_message_stamp (message, 99999 - j, 99999999999 >> (4 * j), times[3 - j]);
          node = lds_json_parse (message, sizes[i], "message", &error);
          g_assert_no_error (error);
          g_assert_cmpint (json_object_get_int_member (json_node_get_object (node), "sender"), ==,
                           99999 - j);
          g_assert_true (lds_load_stamp_read ((LdsSpan){message, sizes[i]}, &stamp));
          g_assert_true (stamp.has_seq);
          g_assert_cmpuint (stamp.seq, ==, 99999999999 >> (4 * j));
          g_assert_cmpint (stamp.sent_ns, ==, times[3 - j]);
        }
    }
}

/* A message comes back as it is, or within another; what is somebody else's is neither. */
static void
test_own (void)
{
  char message[LDS_LOAD_MIN_PAYLOAD_BYTES + 1] = {0}, other[LDS_LOAD_MIN_PAYLOAD_BYTES + 1] = {0};
  g_autofree char *object = NULL, *text = NULL, *quoted = NULL, *foreign = NULL;
  g_auto (GStrv) parts = NULL;

  lds_load_message_init (message, LDS_LOAD_MIN_PAYLOAD_BYTES);
  lds_load_message_init (other, LDS_LOAD_MIN_PAYLOAD_BYTES);
  lds_load_message_stamp (message, 3, 12, 4567);
  lds_load_message_stamp (other, 3, 12, 4568);
  parts = g_strsplit (message, "\"", -1);
  quoted = g_strjoinv ("\\\"", parts);
  object = g_strdup_printf ("{\"score\":1,\"message\":%s}", message);
  text = g_strdup_printf ("{\"message\":\"%s\"}", quoted);
  foreign = g_strdup_printf ("{\"score\":1,\"message\":%s}", other);
  g_assert_true (lds_load_message_is_of ((LdsSpan){message, strlen (message)}, message));
  g_assert_false (lds_load_message_is_within ((LdsSpan){message, strlen (message)}, message));
  g_assert_false (lds_load_message_is_of ((LdsSpan){object, strlen (object)}, message));
  g_assert_true (lds_load_message_is_within ((LdsSpan){object, strlen (object)}, message));
  g_assert_true (lds_load_message_is_within ((LdsSpan){text, strlen (text)}, message));
  g_assert_false (lds_load_message_is_within ((LdsSpan){foreign, strlen (foreign)}, message));
  for (gsize n = 0; n < 70; n++)
    {
      g_autofree char *exact = g_memdup2 (text, n);

      g_assert_false (lds_load_message_is_within ((LdsSpan){exact, n}, message));
    }
}

static void
test_stamps (void)
{
  static const struct
  {
    const char *text;
    gboolean is_stamped;
    gboolean has_seq;
    gint64 sent_ns;
    guint64 seq;
  } cases[] = {
      {"{\"seq\":7,\"sent_ns\":12}", TRUE, TRUE, 12, 7},
      {"{\"sent_ns\": 12}", TRUE, FALSE, 12, 0},
      {"{\"sent_ns\":12,\"seq\":\"7\"}", TRUE, FALSE, 12, 0},
      {"{\"seq\":7}", FALSE, FALSE, 0, 0},
      {"{\"sent_ns\":-12}", FALSE, FALSE, 0, 0},
      {"{\"sent_ns\":", FALSE, FALSE, 0, 0},
      {"{\"sent_ns\":1234567890123456789}", FALSE, FALSE, 0, 0},
      {"\"sent_ns\"", FALSE, FALSE, 0, 0},
      {"\"sent_ns\\", FALSE, FALSE, 0, 0},
      /* Passed on by a server within a message of its own. */
      {"{\"score\":1,\"message\":{\"seq\":7,\"sent_ns\":12}}", TRUE, TRUE, 12, 7},
      {"{\"message\":\"{\\\"seq\\\":  7,\\\"sent_ns\\\":12}\"}", TRUE, TRUE, 12, 7},
      {"{\"sequence\":5,\"sent_nsec\":1,\"seq\":7,\"sent_ns\":12}", TRUE, TRUE, 12, 7},
      {"", FALSE, FALSE, 0, 0},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *exact = g_memdup2 (cases[i].text, strlen (cases[i].text));
      LdsLoadStamp stamp = {0};

      g_assert_cmpint (lds_load_stamp_read ((LdsSpan){exact, strlen (cases[i].text)}, &stamp), ==,
                       cases[i].is_stamped);
      if (!cases[i].is_stamped)
        continue;
      g_assert_cmpint (stamp.sent_ns, ==, cases[i].sent_ns);
      g_assert_cmpint (stamp.has_seq, ==, cases[i].has_seq);
      g_assert_cmpuint (stamp.has_seq ? stamp.seq : 0, ==, cases[i].seq);
    }
}

static void
test_own_messages (void)
{
  char message[80], other[80];

  lds_load_message_init (message, sizeof message);
  lds_load_message_init (other, sizeof other);
  lds_load_message_stamp (message, 3, 5, 1000);
  lds_load_message_stamp (other, 3, 5, 2000);
  g_assert_true (lds_load_message_is_of ((LdsSpan){other, sizeof other}, message));
  lds_load_message_stamp (other, 4, 5, 1000);
  g_assert_false (lds_load_message_is_of ((LdsSpan){other, sizeof other}, message));
  lds_load_message_stamp (other, 3, 6, 1000);
  g_assert_false (lds_load_message_is_of ((LdsSpan){other, sizeof other}, message));
  g_assert_false (lds_load_message_is_of ((LdsSpan){message, 20}, message));
}

/* The measured interval is from 1000 to 2000. */
typedef struct
{
  LdsLoadAudience audience;
  LdsLoadTally *tally;
  LdsLoadMember a;
  LdsLoadMember b;
} Fixture;

static void
set_up (Fixture *fixture,
        gconstpointer by_ticks)
{
  fixture->audience =
      (LdsLoadAudience){.begin_ns = 1000, .end_ns = 2000, .by_ticks = by_ticks != NULL};
  fixture->tally = lds_load_tally_new (0);
  lds_load_audience_join (&fixture->audience, &fixture->a);
  lds_load_audience_join (&fixture->audience, &fixture->b);
}

static void
tear_down (Fixture *fixture,
           gconstpointer by_ticks)
{
  lds_load_tally_free (fixture->tally);
}

static void
take (Fixture *fixture,
      LdsLoadMember *member,
      gint64 sent_ns,
      guint64 seq)
{
  LdsLoadStamp stamp = {.seq = seq, .sent_ns = sent_ns, .has_seq = true};

  lds_load_audience_take (&fixture->audience, fixture->tally, member, &stamp, sent_ns + 10);
}

static void
test_broadcast (Fixture *fixture,
                gconstpointer data)
{
  LdsLoadMember late;

  g_assert_false (lds_load_audience_send (&fixture->audience, fixture->tally, 999));
  lds_load_audience_begin (&fixture->audience);
  lds_load_tally_reset (fixture->tally);
  lds_load_audience_join (&fixture->audience, &late);
  g_assert_cmpuint (fixture->audience.n_members, ==, 2);
  g_assert_true (lds_load_audience_send (&fixture->audience, fixture->tally, 1000));
  g_assert_true (lds_load_audience_send (&fixture->audience, fixture->tally, 1999));
  g_assert_false (lds_load_audience_send (&fixture->audience, fixture->tally, 2000));
  g_assert_cmpuint (fixture->tally->messages, ==, 2);

  /* Of the warm-up, the measured interval, and behind it. */
  take (fixture, &fixture->a, 900, 1);
  take (fixture, &fixture->a, 1000, 1);
  take (fixture, &fixture->a, 1999, 9);
  take (fixture, &fixture->a, 2000, 9);
  take (fixture, &fixture->b, 1000, 1);
  take (fixture, &late, 1999, 9);
  g_assert_cmpuint (fixture->tally->deliveries, ==, 4);
  g_assert_cmpuint (fixture->tally->carried_deliveries, ==, 2);
  g_assert_cmpuint (fixture->tally->delivery.total, ==, 4);
  g_assert_cmpint (fixture->tally->delivery.max_ns, ==, 10);
  /* Each sender counts for itself. */
  g_assert_cmpuint (fixture->tally->missed_ticks, ==, 0);
  g_assert_cmpuint (fixture->audience.most, ==, 2);

  /* One is still to come: to the member that has not had it, or that leaves. */
  g_assert_false (lds_load_audience_has_all (&fixture->audience, 2));
  lds_load_audience_leave (&fixture->audience, &late);
  g_assert_false (lds_load_audience_has_all (&fixture->audience, 2));
  lds_load_audience_leave (&fixture->audience, &fixture->b);
  lds_load_audience_leave (&fixture->audience, &fixture->b);
  g_assert_true (lds_load_audience_has_all (&fixture->audience, 2));
  g_assert_false (lds_load_audience_has_all (&fixture->audience, 3));
}

static void
test_ticks (Fixture *fixture,
            gconstpointer data)
{
  LdsLoadStamp future = {.sent_ns = 5000};

  /* In the warm-up what comes counts for its frames; gaps do not. */
  take (fixture, &fixture->a, 500, 0);
  take (fixture, &fixture->a, 900, 3);
  g_assert_cmpuint (fixture->tally->deliveries, ==, 2);
  g_assert_cmpuint (fixture->tally->missed_ticks, ==, 0);
  lds_load_audience_begin (&fixture->audience);
  lds_load_tally_reset (fixture->tally);

  take (fixture, &fixture->a, 1000, 4);
  take (fixture, &fixture->a, 1200, 7); /* 5 and 6 are missing */
  take (fixture, &fixture->a, 1300, 7); /* again */
  take (fixture, &fixture->a, 1400, 2); /* the server counts anew */
  take (fixture, &fixture->a, 1500, 3);
  take (fixture, &fixture->a, 1600, G_MAXUINT64 / 2); /* no gap that could be */
  take (fixture, &fixture->b, 1700, 100);             /* the first that it sees */
  g_assert_cmpuint (fixture->tally->missed_ticks, ==, 2);
  g_assert_cmpuint (fixture->tally->deliveries, ==, 7);
  g_assert_cmpuint (fixture->audience.most, ==, 6);
  lds_load_audience_take (&fixture->audience, fixture->tally, &fixture->a, &future, 1900);
  g_assert_cmpuint (fixture->tally->unstamped, ==, 1);
  g_assert_cmpuint (fixture->tally->deliveries, ==, 7);

  /* A tick of behind the interval says that nothing of it is to come. */
  take (fixture, &fixture->a, 2000, 0);
  take (fixture, &fixture->a, 2100, 1);
  g_assert_false (lds_load_audience_has_all (&fixture->audience, 0));
  take (fixture, &fixture->b, 2000, 101);
  g_assert_true (lds_load_audience_has_all (&fixture->audience, 0));
  lds_load_audience_leave (&fixture->audience, &fixture->a);
  g_assert_true (lds_load_audience_has_all (&fixture->audience, 0));
}

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/load/audience/messages-are-json", test_messages_are_json);
  g_test_add_func ("/load/audience/stamps", test_stamps);
  g_test_add_func ("/load/audience/own", test_own);
  g_test_add_func ("/load/audience/own-messages", test_own_messages);
  g_test_add ("/load/audience/broadcast", Fixture, NULL, set_up, test_broadcast, tear_down);
  g_test_add ("/load/audience/ticks", Fixture, "ticks", set_up, test_ticks, tear_down);
  return g_test_run ();
}
