/* SPDX-License-Identifier: GPL-3.0-or-later */
/* UTF-8: every pair of bytes, every place to cut, the first wrong byte. */
#include "lds-utf8.h"

#include <glib.h>
#include <string.h>

static bool
check_whole (const char *data,
             size_t length)
{
  LdsUtf8 utf8 = {0};

  return lds_utf8_check (&utf8, data, length) && lds_utf8_is_whole (&utf8);
}

/* GLib's word on it; NUL, which it does not like, is a character all the same. */
static bool
is_utf8 (const char *data,
         size_t length)
{
  g_autofree char *copy = g_memdup2 (data, length);

  for (size_t i = 0; i < length; i++)
    if (copy[i] == '\0')
      copy[i] = ' ';
  return g_utf8_validate_len (copy, length, NULL);
}

static void
test_every_pair (void)
{
  /* The edges of what may come third and fourth. */
  static const unsigned char edges[] = {0x00, 0x7f, 0x80, 0x8f, 0xbf, 0xc0};
  char text[4];

  for (int first = 0; first < 256; first++)
    for (int second = 0; second < 256; second++)
      {
        text[0] = (char)first;
        text[1] = (char)second;
        g_assert_cmpint (check_whole (text, 2), ==, is_utf8 (text, 2));
        if (first < 0xdf)
          continue;
        for (size_t i = 0; i < G_N_ELEMENTS (edges); i++)
          {
            text[2] = (char)edges[i];
            g_assert_cmpint (check_whole (text, 3), ==, is_utf8 (text, 3));
            for (size_t k = 0; k < G_N_ELEMENTS (edges); k++)
              {
                text[3] = (char)edges[k];
                g_assert_cmpint (check_whole (text, 4), ==, is_utf8 (text, 4));
              }
          }
      }
}

static void
test_cuts (void)
{
  static const char text[] = "plain ASCII, longer than a word; \xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80 and on it goes";
  const size_t length = sizeof text - 1;

  for (size_t cut = 0; cut <= length; cut++)
    {
      LdsUtf8 utf8 = {0};

      g_assert_true (lds_utf8_check (&utf8, text, cut));
      g_assert_cmpint (lds_utf8_is_whole (&utf8), ==, ((unsigned char)text[cut] & 0xc0) != 0x80);
      g_assert_true (lds_utf8_check (&utf8, text + cut, length - cut));
      g_assert_true (lds_utf8_is_whole (&utf8));
    }
  g_assert_true (check_whole (text, 0));
}

/* Refused with this very byte, and not before. */
static void
test_first_wrong_byte (void)
{
  static const struct
  {
    const char *text;
    size_t wrong;
  } cases[] = {
      {"12345678\x80", 8},
      {"1234567\xc0", 7},
      {"\xc1", 0},
      {"\xe0\x9f", 1},
      {"\xed\xa0", 1},
      {"\xf0\x8f", 1},
      {"\xf4\x90", 1},
      {"\xf5", 0},
      {"\xff", 0},
      {"\xe2\x82z", 2},
      {"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xf4\x90\x80\x80zzzzzzzz", 12},
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      LdsUtf8 utf8 = {0};

      g_test_message ("case %zu", i);
      for (size_t k = 0; k < cases[i].wrong; k++)
        g_assert_true (lds_utf8_check (&utf8, cases[i].text + k, 1));
      g_assert_false (lds_utf8_check (&utf8, cases[i].text + cases[i].wrong, 1));
      g_assert_false (check_whole (cases[i].text, strlen (cases[i].text)));
    }
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/net/utf8/every-pair", test_every_pair);
  g_test_add_func ("/net/utf8/cuts", test_cuts);
  g_test_add_func ("/net/utf8/first-wrong-byte", test_first_wrong_byte);
  return g_test_run ();
}
