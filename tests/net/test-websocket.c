/* SPDX-License-Identifier: GPL-3.0-or-later */
/* WebSocket frames: the RFC's own examples, every cut, every refusal, limits, the writer. */
#include "lds-websocket.h"

#include <glib.h>

#define MAX_MESSAGE_BYTES (1u << 20)

/* Hexadecimal digits, white space between them as one likes, to bytes. */
static GByteArray *
bytes_of (const char *hex)
{
  GByteArray *bytes = g_byte_array_new ();

  for (const char *p = hex; *p != '\0';)
    {
      guint8 byte;

      if (g_ascii_isspace (*p))
        {
          p++;
          continue;
        }
      byte = (guint8)(g_ascii_xdigit_value (p[0]) << 4 | g_ascii_xdigit_value (p[1]));
      g_byte_array_append (bytes, &byte, 1);
      p += 2;
    }
  return bytes;
}

static unsigned
hash_of (const char *data,
         size_t length)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (data, length);

  return g_bytes_hash (bytes);
}

/* Adds what the reader said, as text. Returns whether it goes on after that. */
static bool
log_event (GString *log,
           const LdsWebsocketReader *reader,
           LdsWebsocketEvent event,
           const char *data)
{
  static const char *const names[] = {"", "", "ping", "pong", "close", "error"};
  LdsSpan payload = lds_websocket_reader_payload (reader, data);

  if (event == LDS_WEBSOCKET_MESSAGE)
    g_string_append (log, reader->text ? "text" : "binary");
  else
    g_string_append (log, names[event]);
  if (event == LDS_WEBSOCKET_CLOSE || event == LDS_WEBSOCKET_ERROR)
    g_string_append_printf (log, " %u", reader->close_code);
  if (payload.length > 40)
    g_string_append_printf (log, " %zu bytes, hash %u", payload.length,
                            hash_of (payload.data, payload.length));
  else if (payload.length > 0)
    {
      g_string_append_c (log, ' ');
      g_string_append_len (log, payload.data, (gssize)payload.length);
    }
  g_string_append_c (log, '\n');
  if (event != LDS_WEBSOCKET_ERROR)
    return event != LDS_WEBSOCKET_CLOSE;
  g_assert_nonnull (reader->reason);
  g_assert_cmpuint (strlen (reader->reason), <=, 123);
  return false;
}

/* Feeds @bytes in pieces, the first @first long (0: none such), all others @step long, in a
 * buffer that moves every time. Returns what the reader said. */
static char *
read_in_pieces (LdsWebsocketRole role,
                uint32_t max_message_bytes,
                const GByteArray *bytes,
                size_t first,
                size_t step)
{
  LdsWebsocketReader reader;
  GString *log = g_string_new (NULL);
  g_autofree char *data = NULL;
  size_t length = 0, piece = first > 0 ? first : step;
  bool goes_on = true;

  lds_websocket_reader_init (&reader, role, max_message_bytes);
  for (size_t fed = 0; fed < bytes->len && goes_on; fed += piece, piece = step)
    {
      char *moved = g_malloc (length + piece);
      size_t start = 0;

      piece = MIN (piece, bytes->len - fed);
      if (length > 0)
        memcpy (moved, data, length);
      g_free (data);
      data = moved;
      memcpy (data + length, bytes->data + fed, piece);
      length += piece;
      for (;;)
        {
          LdsWebsocketEvent event = lds_websocket_reader_next (&reader, data + start, &length);

          if (event == LDS_WEBSOCKET_INCOMPLETE)
            break;
          g_assert_cmpuint (reader.total_bytes, <=, length);
          goes_on = log_event (log, &reader, event, data + start);
          start += reader.total_bytes;
          length -= reader.total_bytes;
          if (goes_on)
            continue;
          g_assert_cmpint (lds_websocket_reader_next (&reader, data + start, &length), ==, event);
          break;
        }
      memmove (data, data + start, length);
    }
  return g_string_free (log, FALSE);
}

static void
assert_reads (LdsWebsocketRole role,
              const GByteArray *bytes,
              const char *expected)
{
  for (size_t first = 0; first < bytes->len; first++)
    {
      g_autofree char *log = read_in_pieces (role, MAX_MESSAGE_BYTES, bytes, first,
                                             first == 0 ? 1 : bytes->len);

      g_test_message ("cut at %zu", first);
      g_assert_cmpstr (log, ==, expected);
    }
}

/* RFC 6455 section 5.7, in its order. */
static void
test_examples (void)
{
  static const struct
  {
    LdsWebsocketRole role;
    const char *hex, *expected;
  } cases[] = {
      {LDS_WEBSOCKET_CLIENT, "81 05 48656c6c6f", "text Hello\n"},
      {LDS_WEBSOCKET_SERVER, "81 85 37fa213d 7f9f4d5158", "text Hello\n"},
      {LDS_WEBSOCKET_CLIENT, "01 03 48656c 80 02 6c6f", "text Hello\n"},
      {LDS_WEBSOCKET_CLIENT, "89 05 48656c6c6f", "ping Hello\n"},
      {LDS_WEBSOCKET_SERVER, "8a 85 37fa213d 7f9f4d5158", "pong Hello\n"},
  };
  static const size_t sizes[] = {256, 65536};
  static const char *const heads[] = {"82 7e 0100", "82 7f 0000000000010000"};

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GByteArray) bytes = bytes_of (cases[i].hex);

      assert_reads (cases[i].role, bytes, cases[i].expected);
    }
  for (size_t i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (GByteArray) bytes = bytes_of (heads[i]);
      size_t head_bytes = bytes->len;
      LdsWebsocketReader reader;
      size_t length;

      g_byte_array_set_size (bytes, (guint)(head_bytes + sizes[i]));
      lds_websocket_reader_init (&reader, LDS_WEBSOCKET_CLIENT, MAX_MESSAGE_BYTES);
      length = bytes->len;
      g_assert_cmpint (lds_websocket_reader_next (&reader, (char *)bytes->data, &length), ==,
                       LDS_WEBSOCKET_MESSAGE);
      g_assert_false (reader.text);
      g_assert_cmpuint (reader.payload_offset, ==, head_bytes);
      g_assert_cmpuint (reader.payload_bytes, ==, sizes[i]);
      g_assert_cmpuint (reader.total_bytes, ==, bytes->len);
    }
}

/* One frame as the other end of @role sends it. */
static void
append_frame (GByteArray *bytes,
              LdsWebsocketRole role,
              LdsWebsocketOpcode opcode,
              bool final,
              const char *payload,
              size_t length)
{
  static const uint8_t key[] = {0x9c, 0x00, 0xff, 0x31};
  const uint8_t *used = role == LDS_WEBSOCKET_SERVER ? key : NULL;
  char head[LDS_WEBSOCKET_HEAD_MAX_BYTES];
  size_t n = lds_websocket_write_head (head, opcode, final, length, used);

  g_byte_array_append (bytes, (const guint8 *)head, (guint)n);
  g_byte_array_append (bytes, (const guint8 *)payload, (guint)length);
  if (used != NULL)
    lds_websocket_mask ((char *)bytes->data + bytes->len - length, length, used, 0);
}

/* All that may follow one another, cut at every place: control frames between fragments, empty
 * fragments, characters that lie in two fragments. */
static void
test_every_cut (void)
{
  static const struct
  {
    LdsWebsocketOpcode opcode;
    bool final;
    const char *payload;
  } frames[] = {
      {LDS_WEBSOCKET_OPCODE_TEXT, true, "one"},
      {LDS_WEBSOCKET_OPCODE_TEXT, true, ""},
      {LDS_WEBSOCKET_OPCODE_TEXT, false, ""},
      {LDS_WEBSOCKET_OPCODE_PING, true, "in"},
      {LDS_WEBSOCKET_OPCODE_CONTINUATION, false, "tw\xe2"},
      {LDS_WEBSOCKET_OPCODE_PONG, true, ""},
      {LDS_WEBSOCKET_OPCODE_PING, true, "the middle"},
      {LDS_WEBSOCKET_OPCODE_CONTINUATION, false, "\x82"},
      {LDS_WEBSOCKET_OPCODE_CONTINUATION, false, ""},
      {LDS_WEBSOCKET_OPCODE_CONTINUATION, true, "\xaco"},
      {LDS_WEBSOCKET_OPCODE_BINARY, false, "\xff\xfe is no text"},
      {LDS_WEBSOCKET_OPCODE_CONTINUATION, true, ", nor is a longer one of more than forty bytes\xc0"},
      {LDS_WEBSOCKET_OPCODE_PING, true, ""},
      {LDS_WEBSOCKET_OPCODE_BINARY, true, "\x80"},
      {LDS_WEBSOCKET_OPCODE_TEXT, false, "unfinished"},
      {LDS_WEBSOCKET_OPCODE_CLOSE, true, "\x03\xe8 bye"},
      {LDS_WEBSOCKET_OPCODE_TEXT, true, "never read"},
  };
  const char *long_text = "\xff\xfe is no text, nor is a longer one of more than forty bytes\xc0";
  g_autofree char *expected =
      g_strdup_printf ("text one\ntext\nping in\npong\nping the middle\ntext tw\xe2\x82\xaco\n"
                       "binary %zu bytes, hash %u\nping\nbinary \x80\nclose 1000  bye\n",
                       strlen (long_text),
                       hash_of (long_text, strlen (long_text)));

  for (int role = LDS_WEBSOCKET_SERVER; role <= LDS_WEBSOCKET_CLIENT; role++)
    {
      g_autoptr (GByteArray) bytes = g_byte_array_new ();

      for (size_t i = 0; i < G_N_ELEMENTS (frames); i++)
        append_frame (bytes, (LdsWebsocketRole)role, frames[i].opcode, frames[i].final,
                      frames[i].payload, strlen (frames[i].payload));
      assert_reads ((LdsWebsocketRole)role, bytes, expected);
    }
}

/* A text of all kinds of characters, fragmented at every two places. */
static void
test_every_fragment (void)
{
  static const char text[] = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80z0123456789abcdef";
  const size_t length = sizeof text - 1;

  for (size_t first = 0; first <= length; first++)
    for (size_t second = first; second <= length; second++)
      {
        g_autoptr (GByteArray) bytes = g_byte_array_new ();
        g_autofree char *whole = NULL, *pieces = NULL;

        append_frame (bytes, LDS_WEBSOCKET_SERVER, LDS_WEBSOCKET_OPCODE_TEXT, false, text, first);
        append_frame (bytes, LDS_WEBSOCKET_SERVER, LDS_WEBSOCKET_OPCODE_CONTINUATION, false,
                      text + first, second - first);
        append_frame (bytes, LDS_WEBSOCKET_SERVER, LDS_WEBSOCKET_OPCODE_CONTINUATION, true,
                      text + second, length - second);
        whole = read_in_pieces (LDS_WEBSOCKET_SERVER, (uint32_t)length, bytes, 0, bytes->len);
        pieces = read_in_pieces (LDS_WEBSOCKET_SERVER, (uint32_t)length, bytes, 0, 1);
        g_assert_cmpstr (whole, ==, "text a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80z0123456789abcdef\n");
        g_assert_cmpstr (pieces, ==, whole);
      }
}

#define KEY " 00000000 "

static void
test_refused (void)
{
  static const struct
  {
    LdsWebsocketRole role;
    int close_code;
    const char *hex;
  } cases[] = {
      /* masks */
      {LDS_WEBSOCKET_SERVER, 1002, "81 05"},
      {LDS_WEBSOCKET_SERVER, 1002, "89 00"},
      {LDS_WEBSOCKET_CLIENT, 1002, "81 85"},
      {LDS_WEBSOCKET_CLIENT, 1002, "88 80"},
      /* reserved bits and opcodes, at the first byte */
      {LDS_WEBSOCKET_SERVER, 1002, "c1"},
      {LDS_WEBSOCKET_SERVER, 1002, "a1"},
      {LDS_WEBSOCKET_SERVER, 1002, "91"},
      {LDS_WEBSOCKET_SERVER, 1002, "c9"},
      {LDS_WEBSOCKET_SERVER, 1002, "83"},
      {LDS_WEBSOCKET_SERVER, 1002, "84"},
      {LDS_WEBSOCKET_SERVER, 1002, "85"},
      {LDS_WEBSOCKET_SERVER, 1002, "86"},
      {LDS_WEBSOCKET_SERVER, 1002, "87"},
      {LDS_WEBSOCKET_SERVER, 1002, "8b"},
      {LDS_WEBSOCKET_SERVER, 1002, "8c"},
      {LDS_WEBSOCKET_SERVER, 1002, "8d"},
      {LDS_WEBSOCKET_SERVER, 1002, "8e"},
      {LDS_WEBSOCKET_SERVER, 1002, "8f"},
      /* control frames */
      {LDS_WEBSOCKET_SERVER, 1002, "08"},
      {LDS_WEBSOCKET_SERVER, 1002, "09"},
      {LDS_WEBSOCKET_SERVER, 1002, "0a"},
      {LDS_WEBSOCKET_SERVER, 1002, "88 fe"},
      {LDS_WEBSOCKET_SERVER, 1002, "89 fe"},
      {LDS_WEBSOCKET_SERVER, 1002, "8a ff"},
      /* the order of fragments */
      {LDS_WEBSOCKET_SERVER, 1002, "80"},
      {LDS_WEBSOCKET_SERVER, 1002, "00"},
      {LDS_WEBSOCKET_SERVER, 1002, "01 80" KEY "81"},
      {LDS_WEBSOCKET_SERVER, 1002, "01 80" KEY "02"},
      {LDS_WEBSOCKET_SERVER, 1002, "02 81" KEY "61 01"},
      {LDS_WEBSOCKET_SERVER, 1002, "02 81" KEY "61 89 80" KEY "82"},
      /* lengths not in their shortest form */
      {LDS_WEBSOCKET_SERVER, 1002, "81 fe 0000"},
      {LDS_WEBSOCKET_SERVER, 1002, "81 fe 007d"},
      {LDS_WEBSOCKET_SERVER, 1002, "81 ff 0000000000000000"},
      {LDS_WEBSOCKET_SERVER, 1002, "81 ff 000000000000007d"},
      {LDS_WEBSOCKET_SERVER, 1002, "81 ff 000000000000ffff"},
      {LDS_WEBSOCKET_SERVER, 1002, "81 ff 8000000000000000"},
      {LDS_WEBSOCKET_SERVER, 1002, "81 ff ffffffffffffffff"},
      {LDS_WEBSOCKET_SERVER, 1009, "81 ff 7fffffffffffffff"},
      {LDS_WEBSOCKET_SERVER, 1009, "81 ff 0000000000100001"},
      {LDS_WEBSOCKET_SERVER, 1009, "02 81" KEY "61 80 ff 0000000000100000"},
      /* close */
      {LDS_WEBSOCKET_SERVER, 1002, "88 81" KEY "03"},
      {LDS_WEBSOCKET_SERVER, 1002, "88 82" KEY "0000"},
      {LDS_WEBSOCKET_SERVER, 1002, "88 82" KEY "03e7"}, /* 999 */
      {LDS_WEBSOCKET_SERVER, 1002, "88 82" KEY "03ec"}, /* 1004 */
      {LDS_WEBSOCKET_SERVER, 1002, "88 82" KEY "03ed"}, /* 1005 */
      {LDS_WEBSOCKET_SERVER, 1002, "88 82" KEY "03ee"}, /* 1006 */
      {LDS_WEBSOCKET_SERVER, 1002, "88 82" KEY "03f4"}, /* 1012 */
      {LDS_WEBSOCKET_SERVER, 1002, "88 82" KEY "03f7"}, /* 1015 */
      {LDS_WEBSOCKET_SERVER, 1002, "88 82" KEY "0bb7"}, /* 2999 */
      {LDS_WEBSOCKET_SERVER, 1002, "88 82" KEY "1388"}, /* 5000 */
      {LDS_WEBSOCKET_SERVER, 1002, "88 82" KEY "ffff"},
      {LDS_WEBSOCKET_SERVER, 1007, "88 83" KEY "03e8 ff"},
      {LDS_WEBSOCKET_SERVER, 1007, "88 84" KEY "03e8 e282"},
      /* text: with its first wrong byte, long before the end of the frame */
      {LDS_WEBSOCKET_SERVER, 1007, "81 fd" KEY "6162 c0"},
      {LDS_WEBSOCKET_SERVER, 1007, "81 ff 0000000000100000" KEY "eda0"},
      {LDS_WEBSOCKET_SERVER, 1007, "01 82" KEY "f490"},
      {LDS_WEBSOCKET_SERVER, 1007, "01 81" KEY "c3 80 81" KEY "28"},
      {LDS_WEBSOCKET_SERVER, 1007, "01 81" KEY "c3 89 80" KEY "80 80" KEY},
      {LDS_WEBSOCKET_SERVER, 1007, "81 81" KEY "c3"},
      {LDS_WEBSOCKET_CLIENT, 1007, "81 02 c328"},
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GByteArray) bytes = bytes_of (cases[i].hex);
      g_autofree char *last = g_strdup_printf ("error %d\n", cases[i].close_code);

      g_test_message ("case %zu: %s", i, cases[i].hex);
      for (size_t first = 0; first < bytes->len; first++)
        {
          g_autofree char *log = read_in_pieces (cases[i].role, MAX_MESSAGE_BYTES, bytes, first,
                                                 first == 0 ? 1 : bytes->len);
          const char *line = strstr (log, "error");

          g_assert_cmpstr (line, ==, last);
        }
      /* Neither sooner than with the last byte. */
      g_byte_array_set_size (bytes, bytes->len - 1);
      if (bytes->len > 0)
        {
          g_autofree char *log = read_in_pieces (cases[i].role, MAX_MESSAGE_BYTES, bytes, 0,
                                                 bytes->len);

          g_assert_null (strstr (log, "error"));
        }
    }
}

static void
test_close (void)
{
  static const int codes[] = {1000, 1001, 1002, 1003, 1007, 1008, 1009,
                              1010, 1011, 3000, 3999, 4000, 4999};
  char frame[LDS_WEBSOCKET_CONTROL_ROOM_BYTES], reason[200];
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autofree char *none = NULL;
  size_t n;

  for (size_t i = 0; i < G_N_ELEMENTS (codes); i++)
    {
      g_autofree char *expected = g_strdup_printf ("close %d why\n", codes[i]);

      g_byte_array_set_size (bytes, 0);
      n = lds_websocket_write_close (frame, (uint16_t)codes[i], "why", NULL);
      g_byte_array_append (bytes, (const guint8 *)frame, (guint)n);
      assert_reads (LDS_WEBSOCKET_CLIENT, bytes, expected);
    }

  n = lds_websocket_write_close (frame, LDS_WEBSOCKET_CLOSE_NO_CODE, "not said", NULL);
  g_assert_cmpmem (frame, n, "\x88\x00", 2);
  g_byte_array_set_size (bytes, 0);
  g_byte_array_append (bytes, (const guint8 *)frame, (guint)n);
  none = read_in_pieces (LDS_WEBSOCKET_CLIENT, 1, bytes, 0, n);
  g_assert_cmpstr (none, ==, "close 1005\n");

  memset (reason, 'r', sizeof reason);
  reason[sizeof reason - 1] = '\0';
  n = lds_websocket_write_close (frame, 1000, reason, (const uint8_t *)"KEYS");
  g_assert_cmpuint (n, ==, sizeof frame);
  g_assert_cmpmem (frame, 2, "\x88\xfd", 2);
}

/* The limit is on the message, not on a frame; exactly met, and passed by one. */
static void
test_limit (void)
{
  g_autofree char *payload = g_strnfill (70000, 'p');
  static const uint32_t limits[] = {1, 125, 126, 1000, 65535, 65536, 70000 - 1};

  for (size_t i = 0; i < G_N_ELEMENTS (limits); i++)
    for (size_t over = 0; over <= 1; over++)
      {
        size_t all = limits[i] + over;
        g_autoptr (GByteArray) one = g_byte_array_new (), two = g_byte_array_new ();
        g_autofree char *log_one = NULL, *log_two = NULL;

        append_frame (one, LDS_WEBSOCKET_SERVER, LDS_WEBSOCKET_OPCODE_BINARY, true, payload, all);
        append_frame (two, LDS_WEBSOCKET_SERVER, LDS_WEBSOCKET_OPCODE_BINARY, false, payload,
                      all / 2);
        append_frame (two, LDS_WEBSOCKET_SERVER, LDS_WEBSOCKET_OPCODE_CONTINUATION, true, payload,
                      all - all / 2);
        /* The next message has the whole limit for itself again. */
        append_frame (one, LDS_WEBSOCKET_SERVER, LDS_WEBSOCKET_OPCODE_BINARY, true, payload,
                      limits[i]);
        log_one = read_in_pieces (LDS_WEBSOCKET_SERVER, limits[i], one, 0, 4096);
        log_two = read_in_pieces (LDS_WEBSOCKET_SERVER, limits[i], two, 0, 4096);
        if (over == 1)
          {
            g_assert_cmpstr (log_one, ==, "error 1009\n");
            g_assert_cmpstr (log_two, ==, "error 1009\n");
          }
        else
          {
            g_autofree char *both = g_strconcat (log_two, log_two, NULL);

            g_assert_true (g_str_has_prefix (log_two, "binary"));
            g_assert_cmpstr (log_one, ==, both);
          }
      }
}

/* However many fragments and control frames come, no more is kept than is needed. */
static void
test_kept (void)
{
  LdsWebsocketReader reader;
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  char data[256];
  size_t length = 0, pings = 0;

  append_frame (bytes, LDS_WEBSOCKET_SERVER, LDS_WEBSOCKET_OPCODE_TEXT, false, "x", 1);
  for (int i = 0; i < 10000; i++)
    {
      append_frame (bytes, LDS_WEBSOCKET_SERVER, LDS_WEBSOCKET_OPCODE_PING, true, "?", 1);
      append_frame (bytes, LDS_WEBSOCKET_SERVER, LDS_WEBSOCKET_OPCODE_CONTINUATION, false, "", 0);
    }
  lds_websocket_reader_init (&reader, LDS_WEBSOCKET_SERVER, 100);
  for (size_t fed = 0, n; fed < bytes->len; fed += n)
    {
      LdsWebsocketEvent event;

      n = MIN (100, bytes->len - fed);
      g_assert_cmpuint (length + n, <=, sizeof data);
      memcpy (data + length, bytes->data + fed, n);
      length += n;
      while ((event = lds_websocket_reader_next (&reader, data, &length)) == LDS_WEBSOCKET_PING)
        {
          g_assert_cmpuint (reader.total_bytes, ==, 0);
          g_assert_cmpuint (lds_websocket_reader_payload (&reader, data).data[0], ==, '?');
          pings++;
        }
      g_assert_cmpint (event, ==, LDS_WEBSOCKET_INCOMPLETE);
    }
  g_assert_cmpuint (pings, ==, 10000);
  g_assert_cmpuint (length, ==, 2 + 4 + 1);
}

static void
test_mask (void)
{
  static const uint8_t key[] = {0x12, 0x34, 0xab, 0xff};

  for (size_t length = 0; length <= 100; length++)
    for (size_t align = 0; align < 16; align++)
      {
        char data[128], expected[128];
        size_t offset = align + length;

        for (size_t i = 0; i < sizeof data; i++)
          data[i] = expected[i] = (char)g_test_rand_int_range (0, 256);
        for (size_t i = 0; i < length; i++)
          expected[align + i] = (char)(expected[align + i] ^ key[(offset + i) % 4]);
        lds_websocket_mask (data + align, length, key, offset);
        g_assert_cmpmem (data, sizeof data, expected, sizeof expected);
      }
}

static void
test_heads (void)
{
  static const struct
  {
    uint64_t length;
    const char *hex;
  } cases[] = {
      {0, "82 00"},
      {125, "82 7d"},
      {126, "82 7e 007e"},
      {65535, "82 7e ffff"},
      {65536, "82 7f 0000000000010000"},
      {G_MAXINT64, "82 7f 7fffffffffffffff"},
  };
  const uint8_t key[] = {1, 2, 3, 4};
  char room[LDS_WEBSOCKET_HEAD_MAX_BYTES + 1], untouched[LDS_WEBSOCKET_HEAD_MAX_BYTES + 1];

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GByteArray) head = bytes_of (cases[i].hex);
      char to[LDS_WEBSOCKET_HEAD_MAX_BYTES];
      size_t n =
          lds_websocket_write_head (to, LDS_WEBSOCKET_OPCODE_BINARY, true, cases[i].length, NULL);

      g_assert_cmpmem (to, n, head->data, head->len);
      head->data[1] |= 0x80;
      g_byte_array_append (head, key, sizeof key);
      n = lds_websocket_write_head (to, LDS_WEBSOCKET_OPCODE_BINARY, true, cases[i].length, key);
      g_assert_cmpmem (to, n, head->data, head->len);

      memset (room, '#', sizeof room);
      memset (untouched, '#', sizeof untouched);
      g_assert_cmpuint (lds_websocket_write_head_before (room + sizeof room, n - 1,
                                                         LDS_WEBSOCKET_OPCODE_BINARY, true,
                                                         cases[i].length, key),
                        ==, 0);
      g_assert_cmpmem (room, sizeof room, untouched, sizeof untouched);
      g_assert_cmpuint (lds_websocket_write_head_before (room + sizeof room, n,
                                                         LDS_WEBSOCKET_OPCODE_BINARY, true,
                                                         cases[i].length, key),
                        ==, n);
      g_assert_cmpmem (room + sizeof room - n, n, head->data, head->len);
      g_assert_cmpmem (room, sizeof room - n, untouched, sizeof room - n);
    }
}

/* RFC 6455 section 5.7: what the writer makes of the same frames. */
static void
test_control (void)
{
  static const uint8_t key[] = {0x37, 0xfa, 0x21, 0x3d};
  g_autoptr (GByteArray) ping = bytes_of ("89 05 48656c6c6f");
  g_autoptr (GByteArray) pong = bytes_of ("8a 85 37fa213d 7f9f4d5158");
  char to[LDS_WEBSOCKET_CONTROL_ROOM_BYTES], large[200] = {0};
  size_t n;

  n = lds_websocket_write_control (to, LDS_WEBSOCKET_OPCODE_PING, (LdsSpan){"Hello", 5}, NULL);
  g_assert_cmpmem (to, n, ping->data, ping->len);
  n = lds_websocket_write_control (to, LDS_WEBSOCKET_OPCODE_PONG, (LdsSpan){"Hello", 5}, key);
  g_assert_cmpmem (to, n, pong->data, pong->len);
  n = lds_websocket_write_control (to, LDS_WEBSOCKET_OPCODE_PONG, (LdsSpan){NULL, 0}, NULL);
  g_assert_cmpmem (to, n, "\x8a\x00", 2);
  n = lds_websocket_write_control (to, LDS_WEBSOCKET_OPCODE_PING, (LdsSpan){large, sizeof large},
                                   key);
  g_assert_cmpuint (n, ==, sizeof to);
}

/* Noise: the same however it is cut up, and never beyond the buffer. */
static void
test_random (void)
{
  for (int round = 0; round < 5000; round++)
    {
      LdsWebsocketRole role = g_test_rand_bit () ? LDS_WEBSOCKET_SERVER : LDS_WEBSOCKET_CLIENT;
      g_autoptr (GByteArray) bytes = g_byte_array_new ();
      g_autofree char *whole = NULL, *pieces = NULL;

      for (int n = g_test_rand_int_range (1, 20); n > 0; n--)
        {
          static const LdsWebsocketOpcode opcodes[] = {0, 0, 0, 1, 2, 8, 9, 9, 10, 11};
          char payload[130];
          size_t length = (size_t)g_test_rand_int_range (0, g_test_rand_bit () ? 4 : 130);

          for (size_t i = 0; i < length; i++)
            payload[i] = (char)g_test_rand_int_range (0, g_test_rand_int_range (0, 20) ? 128 : 256);
          append_frame (bytes, role, opcodes[g_test_rand_int_range (0, G_N_ELEMENTS (opcodes))],
                        g_test_rand_bit (), payload, length);
          if (g_test_rand_int_range (0, 10) == 0)
            bytes->data[g_test_rand_int_range (0, (gint32)bytes->len)] ^=
                (guint8)(1 << (round % 8));
        }
      whole = read_in_pieces (role, 300, bytes, 0, bytes->len);
      pieces = read_in_pieces (role, 300, bytes, 0, (size_t)g_test_rand_int_range (1, 20));
      g_assert_cmpstr (pieces, ==, whole);
    }
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/net/websocket/examples", test_examples);
  g_test_add_func ("/net/websocket/every-cut", test_every_cut);
  g_test_add_func ("/net/websocket/every-fragment", test_every_fragment);
  g_test_add_func ("/net/websocket/refused", test_refused);
  g_test_add_func ("/net/websocket/close", test_close);
  g_test_add_func ("/net/websocket/limit", test_limit);
  g_test_add_func ("/net/websocket/kept", test_kept);
  g_test_add_func ("/net/websocket/mask", test_mask);
  g_test_add_func ("/net/websocket/heads", test_heads);
  g_test_add_func ("/net/websocket/control", test_control);
  g_test_add_func ("/net/websocket/random", test_random);
  return g_test_run ();
}
