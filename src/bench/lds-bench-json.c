/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the JSON of runs and sessions is made of. */
#define G_LOG_DOMAIN "lds-bench"

#include "config.h"
#include "lds-bench-json.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lds-error.h"
#include "lds-json.h"

/* Whole numbers up to this are exact in a double. */
#define MAX_EXACT 9007199254740992.0

void
lds_bench_json_add_number (JsonBuilder *builder,
                           double value)
{
  if (!isfinite (value))
    json_builder_add_null_value (builder);
  else if (value == floor (value) && fabs (value) <= MAX_EXACT)
    json_builder_add_int_value (builder, (gint64)value);
  else
    json_builder_add_double_value (builder, value);
}

void
lds_bench_json_set_number (JsonBuilder *builder,
                           const char *name,
                           double value)
{
  json_builder_set_member_name (builder, name);
  lds_bench_json_add_number (builder, value);
}

void
lds_bench_json_set_estimate (JsonBuilder *builder,
                             const char *name,
                             const LdsEstimate *estimate)
{
  json_builder_set_member_name (builder, name);
  if (estimate->n == 0)
    {
      json_builder_add_null_value (builder);
      return;
    }
  json_builder_begin_object (builder);
  lds_json_add_int (builder, "n", estimate->n);
  lds_bench_json_set_number (builder, "median", estimate->median);
  lds_bench_json_set_number (builder, "low", estimate->low);
  lds_bench_json_set_number (builder, "high", estimate->high);
  json_builder_end_object (builder);
}

void
lds_bench_json_set_histogram (JsonBuilder *builder,
                              const char *name,
                              const LdsHistogram *histogram)
{
  gboolean has_values = histogram != NULL && histogram->total > 0;
  char *text = histogram != NULL ? lds_histogram_encode (histogram) : NULL;
  g_autofree char *histogram_name = g_strconcat (name, "_histogram", NULL);
  g_autofree char *min_name = g_strconcat (name, "_min_ns", NULL);
  g_autofree char *max_name = g_strconcat (name, "_max_ns", NULL);
  g_autofree char *sum_name = g_strconcat (name, "_sum_ns", NULL);

  lds_json_add_string (builder, histogram_name, text);
  free (text); /* made by malloc() */
  lds_bench_json_set_number (builder, min_name, has_values ? (double)histogram->min_ns : NAN);
  lds_bench_json_set_number (builder, max_name, has_values ? (double)histogram->max_ns : NAN);
  lds_bench_json_set_number (builder, sum_name, has_values ? histogram->sum_ns : NAN);
}

void
lds_bench_json_set_reasons (JsonBuilder *builder,
                            const char *name,
                            GPtrArray *reasons)
{
  json_builder_set_member_name (builder, name);
  json_builder_begin_array (builder);
  for (guint i = 0; i < reasons->len; i++)
    {
      const LdsInvalidReason *reason = reasons->pdata[i];

      json_builder_begin_object (builder);
      lds_json_add_string (builder, "code", reason->code);
      lds_json_add_string (builder, "text", reason->text);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

double
lds_bench_json_get_number (JsonObject *object,
                           const char *name,
                           GError **error)
{
  double value = lds_json_get_double (object, name, NAN, error);

  if (value < 0 && *error == NULL)
    g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT, _ ("“%s” must not be below 0."), name);
  return value;
}

static gboolean
is_in_bucket_of (double value_ns,
                 gint64 other_ns)
{
  return value_ns >= 0 && value_ns <= (double)LDS_HISTOGRAM_MAX_NS &&
         lds_histogram_index ((gint64)value_ns) == lds_histogram_index (other_ns);
}

void
lds_bench_histogram_refine (LdsHistogram *histogram,
                            double min_ns,
                            double max_ns,
                            double sum_ns)
{
  if (histogram->total == 0)
    return;
  if (is_in_bucket_of (min_ns, histogram->min_ns))
    histogram->min_ns = (gint64)min_ns;
  if (is_in_bucket_of (max_ns, histogram->max_ns))
    histogram->max_ns = (gint64)max_ns;
  if (sum_ns >= (double)histogram->min_ns * (double)histogram->total &&
      sum_ns <= (double)histogram->max_ns * (double)histogram->total)
    histogram->sum_ns = sum_ns;
}

LdsHistogram *
lds_bench_json_get_histogram (JsonObject *object,
                              const char *name,
                              GError **error)
{
  g_autofree char *histogram_name = g_strconcat (name, "_histogram", NULL);
  g_autofree char *min_name = g_strconcat (name, "_min_ns", NULL);
  g_autofree char *max_name = g_strconcat (name, "_max_ns", NULL);
  g_autofree char *sum_name = g_strconcat (name, "_sum_ns", NULL);
  const char *text = lds_json_get_string (object, histogram_name, NULL, error);
  LdsHistogram *histogram;

  if (text == NULL)
    return NULL;
  histogram = lds_histogram_new ();
  if (histogram != NULL && lds_histogram_decode_add (histogram, text))
    {
      lds_bench_histogram_refine (histogram,
                                  lds_bench_json_get_number (object, min_name, error),
                                  lds_bench_json_get_number (object, max_name, error),
                                  lds_bench_json_get_number (object, sum_name, error));
      return histogram;
    }
  lds_histogram_free (histogram);
  if (error != NULL && *error == NULL)
    g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT, _ ("“%s” is not an encoded histogram."), histogram_name);
  return NULL;
}

void
lds_bench_json_get_reasons (JsonObject *object,
                            const char *name,
                            GPtrArray *reasons,
                            GError **error)
{
  JsonArray *array = lds_json_get_array (object, name, error);

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      JsonNode *node = json_array_get_element (array, i);
      const char *code = NULL, *text = NULL;

      if (JSON_NODE_HOLDS_OBJECT (node))
        {
          code = lds_json_get_string (json_node_get_object (node), "code", NULL, error);
          text = lds_json_get_string (json_node_get_object (node), "text", NULL, error);
        }
      if (code != NULL && text != NULL)
        lds_invalid_reasons_add (reasons, code, text);
      else if (error != NULL && *error == NULL)
        g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                     _ ("Each entry of “%s” must have a “code” and a “text”."), name);
    }
}

LdsInvalidReason *
lds_invalid_reason_new (const char *code,
                        const char *text)
{
  LdsInvalidReason *reason = g_new0 (LdsInvalidReason, 1);

  reason->code = g_strdup (code);
  reason->text = g_strdup (text);
  return reason;
}

void
lds_invalid_reason_free (LdsInvalidReason *reason)
{
  g_free (reason->code);
  g_free (reason->text);
  g_free (reason);
}

void
lds_invalid_reasons_add (GPtrArray *reasons,
                         const char *code,
                         const char *text)
{
  for (guint i = 0; i < reasons->len; i++)
    if (strcmp (((LdsInvalidReason *)reasons->pdata[i])->code, code) == 0)
      return;
  g_ptr_array_add (reasons, lds_invalid_reason_new (code, text));
}
