/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Base64: the vectors of RFC 4648, every byte, and nothing but digits accepted. */
#include <glib.h>
#include <stdlib.h>
#include <string.h>

#include "lds-base64.h"

static void
test_vectors (void)
{
  static const char *const vectors[][2] = {
      {"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}};

  for (guint i = 0; i < G_N_ELEMENTS (vectors); i++)
    {
      size_t size = strlen (vectors[i][0]), back_size;
      char *text = lds_base64_encode ((const guint8 *)vectors[i][0], size);
      guint8 *back;

      g_assert_cmpstr (text, ==, vectors[i][1]);
      back = lds_base64_decode (text, &back_size);
      if (size == 0)
        g_assert_null (back);
      else
        g_assert_cmpmem (back, back_size, vectors[i][0], size);
      free (text);
      free (back);
    }
}

static void
test_all_bytes (void)
{
  guint8 bytes[256];

  for (guint i = 0; i < sizeof bytes; i++)
    bytes[i] = (guint8)(255 - i);
  for (size_t size = 1; size <= sizeof bytes; size++)
    {
      size_t back_size;
      char *text = lds_base64_encode (bytes, size);
      guint8 *back = lds_base64_decode (text, &back_size);
      g_autofree char *theirs = g_base64_encode (bytes, size);

      g_assert_cmpstr (text, ==, theirs);
      g_assert_cmpmem (back, back_size, bytes, size);
      free (text);
      free (back);
    }
}

static void
test_hostile (void)
{
  static const char *const bad[] = {"Z", "Zg", "Zg=", "=", "====", "Z===", "Zg==Zg==", "Zm9v\n", "Zm 9", "Zm-_", "Zm9\xc3"};
  size_t size;

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_null (lds_base64_decode (bad[i], &size));
}

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/base64/vectors", test_vectors);
  g_test_add_func ("/base/base64/all-bytes", test_all_bytes);
  g_test_add_func ("/base/base64/hostile", test_hostile);
  return g_test_run ();
}
