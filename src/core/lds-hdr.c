/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The compressed V2 form of a histogram: a cookie, a length, and zlib's stream of the uncompressed
 * form. */
#define G_LOG_DOMAIN "lds-hdr"

#include "config.h"
#include "lds-hdr.h"

#include <gio/gio.h>
#include <stdlib.h>
#include <string.h>

#include "lds-base64.h"

#define COOKIE_V2_COMPRESSED 0x1c849314u
#define HEADER_BYTES         8u
/* Zlib's default: a compromise of time and size. */
#define LEVEL (-1)

static guint32
get_be32 (const guint8 *at)
{
  guint32 value;

  memcpy (&value, at, sizeof value);
  return GUINT32_FROM_BE (value);
}

static void
put_be32 (guint8 *at,
          guint32 value)
{
  value = GUINT32_TO_BE (value);
  memcpy (at, &value, sizeof value);
}

/* Passes all of @data through @converter. Returns the number of bytes that came out, or 0 when @data
 * is not one whole stream or when more than @room bytes would come out. */
static gsize
convert (GConverter *converter,
         const guint8 *data,
         gsize size,
         guint8 *out,
         gsize room)
{
  gsize done = 0, used = 0;
  GConverterResult result = G_CONVERTER_CONVERTED;

  while (result == G_CONVERTER_CONVERTED)
    {
      gsize n_read = 0, n_written = 0;

      if (used == room)
        return 0;
      result = g_converter_convert (converter, data + done, size - done, out + used, room - used,
                                    G_CONVERTER_INPUT_AT_END, &n_read, &n_written, NULL);
      done += n_read;
      used += n_written;
    }
  return result == G_CONVERTER_FINISHED && done == size ? used : 0;
}

char *
lds_hdr_encode (const LdsHistogram *histogram)
{
  g_autoptr (GConverter) compressor = NULL;
  g_autofree guint8 *packed = NULL;
  guint8 *bytes;
  gsize size, room, packed_size;

  g_return_val_if_fail (histogram != NULL, NULL);

  bytes = lds_histogram_to_bytes (histogram, &size);
  if (bytes == NULL)
    g_error ("Out of memory for a histogram of %" G_GSIZE_FORMAT " bytes", sizeof *histogram);
  compressor = G_CONVERTER (g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_ZLIB, LEVEL));
  /* What cannot be compressed grows by less than 0.1 % and some bytes for the stream itself. */
  room = size + size / 1000 + 64;
  packed = g_malloc (HEADER_BYTES + room);
  packed_size = convert (compressor, bytes, size, packed + HEADER_BYTES, room);
  free (bytes);
  g_assert (packed_size > 0);
  put_be32 (packed, COOKIE_V2_COMPRESSED);
  put_be32 (packed + 4, (guint32)packed_size);
  return g_base64_encode (packed, HEADER_BYTES + packed_size);
}

static gboolean
add_packed (LdsHistogram *histogram,
            const guint8 *data,
            gsize size)
{
  g_autoptr (GConverter) decompressor = NULL;
  g_autofree guint8 *bytes = NULL;
  /* One more than any histogram takes, so that what is too large is seen to be. */
  const gsize room = LDS_HISTOGRAM_MAX_BYTES + 1;
  gsize n;

  if (get_be32 (data + 4) != size - HEADER_BYTES)
    return FALSE;
  decompressor = G_CONVERTER (g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_ZLIB));
  bytes = g_malloc (room);
  n = convert (decompressor, data + HEADER_BYTES, size - HEADER_BYTES, bytes, room);
  return n > 0 && lds_histogram_add_bytes (histogram, bytes, n);
}

gboolean
lds_hdr_decode_add (LdsHistogram *histogram,
                    const char *text)
{
  guint8 *data;
  gsize size;
  gboolean is_added;

  g_return_val_if_fail (histogram != NULL, FALSE);
  g_return_val_if_fail (text != NULL, FALSE);

  /* Not g_base64_decode(), which passes over what is not base64. */
  data = lds_base64_decode (text, &size);
  if (data == NULL)
    return FALSE;
  if (size > HEADER_BYTES && get_be32 (data) == COOKIE_V2_COMPRESSED)
    is_added = add_packed (histogram, data, size);
  else
    is_added = lds_histogram_add_bytes (histogram, data, size);
  free (data);
  return is_added;
}
