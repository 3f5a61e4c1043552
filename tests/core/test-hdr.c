/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The compressed form: exact both ways, and hostile text refused with nothing added. */
#include <gio/gio.h>
#include <stdlib.h>
#include <string.h>

#include "lds-hdr.h"

static void
fill (LdsHistogram *h,
      guint32 seed,
      guint n)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (seed);

  for (guint i = 0; i < n; i++)
    lds_histogram_record (h, ((gint64)g_rand_int (rand) << 10) >> g_rand_int_range (rand, 0, 42));
}

/* What a hostile writer may put behind the cookie. Returns: (transfer full): it as base64 */
static char *
pack (const guint8 *data,
      gsize size)
{
  g_autoptr (GConverter) compressor =
      G_CONVERTER (g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_ZLIB, 9));
  g_autofree guint8 *packed = g_malloc0 (size + 1024);
  gsize n_read, n_written;

  g_assert_cmpint (g_converter_convert (compressor, data, size, packed + 8, size + 1016,
                                        G_CONVERTER_INPUT_AT_END, &n_read, &n_written, NULL),
                   ==, G_CONVERTER_FINISHED);
  memcpy (packed, "\x1c\x84\x93\x14", 4);
  for (guint i = 0; i < 4; i++)
    packed[4 + i] = (guint8)(n_written >> (24 - 8 * i));
  return g_base64_encode (packed, 8 + n_written);
}

static void
test_round_trip (void)
{
  for (guint n = 0; n < 30; n++)
    {
      LdsHistogram *h = lds_histogram_new (), *back = lds_histogram_new ();
      g_autofree char *text = NULL, *again = NULL;
      char *plain;

      fill (h, n, n * n * 20);
      if (n == 29)
        h->counts[5] += G_GUINT64_CONSTANT (1) << 62, h->total += G_GUINT64_CONSTANT (1) << 62;
      text = lds_hdr_encode (h);
      g_assert_true (g_str_has_prefix (text, "HISTFAAA"));
      g_assert_true (lds_hdr_decode_add (back, text));
      g_assert_cmpuint (back->total, ==, h->total);
      g_assert_cmpmem (back->counts, sizeof back->counts, h->counts, sizeof h->counts);
      again = lds_hdr_encode (back);
      g_assert_cmpstr (text, ==, again);
      /* The uncompressed form is read too. */
      plain = lds_histogram_encode (h);
      lds_histogram_reset (back);
      g_assert_true (lds_hdr_decode_add (back, plain));
      g_assert_cmpmem (back->counts, sizeof back->counts, h->counts, sizeof h->counts);
      free (plain);
      lds_histogram_free (h);
      lds_histogram_free (back);
    }
}

static void
test_largest (void)
{
  LdsHistogram *h = lds_histogram_new (), *back = lds_histogram_new ();
  g_autoptr (GRand) rand = g_rand_new_with_seed (3);
  g_autofree char *text = NULL;

  /* All buckets, with counts that no compressor makes smaller. */
  for (size_t i = 0; i < LDS_HISTOGRAM_BUCKETS; i++)
    {
      h->counts[i] = ((guint64)g_rand_int (rand) << 15 | 1) + ((guint64)g_rand_int (rand) & 0x7fff);
      h->total += h->counts[i];
    }
  h->min_ns = 0, h->max_ns = LDS_HISTOGRAM_MAX_NS;
  text = lds_hdr_encode (h);
  g_assert_true (lds_hdr_decode_add (back, text));
  g_assert_cmpuint (back->total, ==, h->total);
  g_assert_cmpmem (back->counts, sizeof back->counts, h->counts, sizeof h->counts);
  lds_histogram_free (h);
  lds_histogram_free (back);
}

static void
test_damaged (void)
{
  LdsHistogram *h = lds_histogram_new (), *target = lds_histogram_new (), *before, *sum;
  g_autofree char *text = NULL, *swollen = NULL;
  guint n_accepted = 0;
  g_autofree guint8 *bytes = NULL;
  gsize size;

  fill (h, 5, 300);
  fill (target, 6, 300);
  before = g_memdup2 (target, sizeof *target);
  text = lds_hdr_encode (h);
  bytes = g_base64_decode (text, &size);
  sum = g_memdup2 (target, sizeof *target);
  g_assert_true (lds_hdr_decode_add (sum, text));
  /* Zlib's checksum is behind the data: no byte of it may lack, and none may be another, save for the
   * few bits that fill the last one of the compressed data, which mean nothing. */
  for (gsize i = 0; i < size; i++)
    {
      g_autofree char *damaged = NULL, *cut = g_base64_encode (bytes, i);

      g_assert_false (lds_hdr_decode_add (target, cut));
      bytes[i] ^= 0x10;
      damaged = g_base64_encode (bytes, size);
      if (lds_hdr_decode_add (target, damaged))
        {
          g_assert_cmpmem (target->counts, sizeof target->counts, sum->counts, sizeof sum->counts);
          n_accepted++;
          *target = *before;
        }
      bytes[i] ^= 0x10;
    }
  g_assert_cmpuint (n_accepted, <=, 7);
  /* Bytes behind the stream, with a length that names them. */
  bytes = g_realloc (bytes, size + 1);
  bytes[size] = 0;
  if (++bytes[7] == 0)
    bytes[6]++;
  swollen = g_base64_encode (bytes, size + 1);
  g_assert_false (lds_hdr_decode_add (target, swollen));
  g_assert_cmpmem (target, sizeof *target, before, sizeof *before);
  lds_histogram_free (h);
  lds_histogram_free (target);
  g_free (before);
  g_free (sum);
}

static void
test_hostile (void)
{
  static const char *const bad[] = {"", "A", "not base64", "AAAA", "HISTFAAAAAA=", "HISTFAAAAAB4", "HISTFP////8="};
  LdsHistogram *target = lds_histogram_new (), *empty = lds_histogram_new ();
  g_autofree guint8 *zeros = g_malloc0 (64 << 20);
  g_autofree char *bomb = pack (zeros, 64 << 20), *nested = NULL, *unpadded = NULL, *spaced = NULL;
  g_autofree char *text = NULL, *inner = NULL;
  g_autofree guint8 *inner_bytes = NULL;
  guint8 *bytes;
  gsize size, inner_size;

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (lds_hdr_decode_add (target, bad[i]));
  /* 64 MiB out of 64 KiB. */
  g_assert_false (lds_hdr_decode_add (target, bomb));
  /* With a header in front that is right, what follows being counts of zero. */
  bytes = lds_histogram_to_bytes (empty, &size);
  memcpy (zeros, bytes, size);
  free (bytes);
  for (guint i = 0; i < 4; i++)
    zeros[4 + i] = (guint8)(((64u << 20) - LDS_HISTOGRAM_HEADER_BYTES) >> (24 - 8 * i));
  g_free (bomb);
  bomb = pack (zeros, 64 << 20);
  g_assert_false (lds_hdr_decode_add (target, bomb));
  /* A compressed form inside another. */
  inner = lds_hdr_encode (empty);
  inner_bytes = g_base64_decode (inner, &inner_size);
  nested = pack (inner_bytes, inner_size);
  g_assert_false (lds_hdr_decode_add (target, nested));
  /* Base64 that others may let pass. */
  lds_histogram_record (target, 5);
  text = lds_hdr_encode (target);
  lds_histogram_reset (target);
  spaced = g_strconcat (" ", text, NULL);
  g_assert_false (lds_hdr_decode_add (target, spaced));
  unpadded = g_strconcat (text, "=", NULL);
  g_assert_false (lds_hdr_decode_add (target, unpadded));
  g_assert_cmpmem (target, sizeof *target, empty, sizeof *empty);
  lds_histogram_free (target);
  lds_histogram_free (empty);
}

static void
test_counts_that_run_over (void)
{
  LdsHistogram *h = lds_histogram_new (), *target = lds_histogram_new ();
  g_autofree char *text = NULL;

  h->counts[7] = h->total = G_GUINT64_CONSTANT (1) << 62;
  h->min_ns = h->max_ns = 7;
  text = lds_hdr_encode (h);
  g_assert_true (lds_hdr_decode_add (target, text));
  g_assert_false (lds_hdr_decode_add (target, text));
  g_assert_cmpuint (target->total, ==, h->total);
  g_assert_cmpuint (target->counts[7], ==, h->total);
  lds_histogram_free (h);
  lds_histogram_free (target);
}

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/core/hdr/round-trip", test_round_trip);
  g_test_add_func ("/core/hdr/largest", test_largest);
  g_test_add_func ("/core/hdr/damaged", test_damaged);
  g_test_add_func ("/core/hdr/hostile", test_hostile);
  g_test_add_func ("/core/hdr/counts-that-run-over", test_counts_that_run_over);
  return g_test_run ();
}
