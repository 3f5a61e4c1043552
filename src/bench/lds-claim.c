/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The articles' claims from their files. */
#define G_LOG_DOMAIN "lds-bench"

#include "config.h"
#include "lds-claim.h"

#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lds-claim-private.h"
#include "lds-claims-resources.h"
#include "lds-error.h"
#include "lds-markup.h"
#include "lds-nearest.h"
#include "lds-plan.h"

#define FOLDER LDS_RESOURCE_BASE "/claims"

/* Where an entry does not say one. Source: C-000-36. */
#define USUAL_TOLERANCE 0.1
#define MAX_TOLERANCE   10

static const char *const role_names[] = {"node", "python", "server", NULL};
static const char *const needs_names[] = {"model", "twin", "real", NULL};

static const char *const claim_attributes[] = {"kind", "id", "articles", "grade", "option", "related", NULL};
static const char *const claim_children[] = {"title", "body", "how", "figure", "total", "users", NULL};
static const char *const figure_attributes[] = {
    "of", "lanes", "over", "over-lanes", "on", "connections", "rate-hz", "workers",
    "duration-ms", "metric", "unit", "low", "high", "tolerance", "needs", "travels", NULL};
static const char *const total_attributes[] = {"requests", "time-ms", "rate-hz", "connections", NULL};
static const char *const users_attributes[] = {
    "n", "rate-low-hz", "rate-high-hz", "latency-low-ms", "latency-high-ms", NULL};

/* --- Elements -------------------------------------------------------------------------------- */

static gboolean
check_attributes (const LdsElement *element,
                  const char *const *known,
                  GError **error)
{
  GHashTableIter iter;
  gpointer name;

  g_hash_table_iter_init (&iter, element->attributes);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    if (!g_strv_contains (known, name))
      {
        lds_element_error (element, error, _ ("<%s> has no attribute “%s”"), element->name, (char *)name);
        return FALSE;
      }
  return TRUE;
}

/* Index of the attribute among names; @fallback where it is not there, -1 with an error. */
static int
get_one_of (const LdsElement *element,
            const char *attribute,
            const char *const *names,
            int fallback,
            GError **error)
{
  const char *value = lds_element_get (element, attribute);
  g_autofree char *all = NULL;

  if (value == NULL && fallback >= 0)
    return fallback;
  for (int i = 0; value != NULL && names[i] != NULL; i++)
    if (strcmp (names[i], value) == 0)
      return i;
  all = g_strjoinv (", ", (char **)names);
  if (value == NULL)
    lds_element_require (element, attribute, error);
  else
    lds_element_error (element, error, _ ("“%s” cannot be “%s”; it is one of: %s"), attribute, value, all);
  return -1;
}

static gboolean
get_number (const LdsElement *element,
            const char *attribute,
            double fallback,
            double minimum,
            double maximum,
            double *number,
            GError **error)
{
  if (lds_element_get (element, attribute) == NULL)
    {
      *number = fallback;
      return TRUE;
    }
  if (!lds_element_get_double (element, attribute, fallback, number, error))
    return FALSE;
  if (*number >= minimum && *number <= maximum)
    return TRUE;
  lds_element_error (element, error, _ ("“%s” must be from %g to %g, not %g"), attribute, minimum, maximum, *number);
  return FALSE;
}

static gboolean
get_count (const LdsElement *element,
           const char *attribute,
           guint fallback,
           guint minimum,
           guint maximum,
           guint *count,
           GError **error)
{
  double number;

  if (!get_number (element, attribute, fallback, minimum, maximum, &number, error))
    return FALSE;
  *count = (guint)number;
  if ((double)*count == number)
    return TRUE;
  lds_element_error (element, error, _ ("“%s” must be a whole number, not %g"), attribute, number);
  return FALSE;
}

/* What any of a sentence's figures must be: above 0. */
static gboolean
require_positive (const LdsElement *element,
                  const char *attribute,
                  double scale,
                  double *number,
                  GError **error)
{
  if (lds_element_require (element, attribute, error) == NULL ||
      !lds_element_get_double (element, attribute, 0, number, error))
    return FALSE;
  if (*number <= 0)
    {
      lds_element_error (element, error, _ ("“%s” must be above 0, not %g"), attribute, *number);
      return FALSE;
    }
  *number *= scale;
  return TRUE;
}

/* --- Figures --------------------------------------------------------------------------------- */

static void
figure_free (gpointer data)
{
  LdsClaimFigure *figure = data;

  g_strfreev (figure->lanes);
  g_strfreev (figure->over_lanes);
  g_free (figure);
}

/* A list of lanes, each of a provenance that may decide. Which there are on this machine is another question. */
static gboolean
get_lanes (const LdsElement *element,
           const char *attribute,
           LdsProvenance needs,
           GStrv *lanes,
           GError **error)
{
  static const char *const prefixes[] = {"model:", "twin:", "real:"};
  const char *text = lds_element_require (element, attribute, error);

  if (text == NULL)
    return FALSE;
  *lanes = g_strsplit (text, " ", -1);
  for (guint i = 0; (*lanes)[i] != NULL; i++)
    {
      const char *lane = (*lanes)[i];
      gboolean decides = FALSE;

      for (guint p = (guint)needs; p < G_N_ELEMENTS (prefixes); p++)
        decides |= g_str_has_prefix (lane, prefixes[p]) && lane[strlen (prefixes[p])] != '\0';
      if (!decides)
        {
          lds_element_error (element, error, _ ("“%s” has “%s”, which is no lane that may decide what needs “%s”"),
                             attribute, lane, needs_names[needs]);
          return FALSE;
        }
      if (g_str_has_prefix (lane, prefixes[LDS_PROVENANCE_MODEL]) &&
          lds_lane_find (lane, error) == NULL)
        return FALSE;
    }
  return TRUE;
}

static gboolean
read_lanes (const LdsElement *element,
            LdsClaimFigure *figure,
            GError **error)
{
  gboolean is_ratio = lds_element_get (element, "over") != NULL;
  int needs = get_one_of (element, "needs", needs_names, LDS_PROVENANCE_TWIN, error);
  int of = needs >= 0 ? get_one_of (element, "of", role_names, -1, error) : -1;
  int over = of >= 0 ? get_one_of (element, "over", role_names, LDS_CLAIM_SERVER, error) : -1;

  if (over < 0)
    return FALSE;
  figure->needs = (LdsProvenance)needs;
  figure->of = (LdsClaimRole)of;
  figure->over = (LdsClaimRole)over;
  if (!get_lanes (element, "lanes", figure->needs, &figure->lanes, error))
    return FALSE;
  if (is_ratio)
    return get_lanes (element, "over-lanes", figure->needs, &figure->over_lanes, error);
  if (lds_element_get (element, "over-lanes") == NULL)
    return TRUE;
  lds_element_error (element, error, _ ("“over-lanes” needs “over”"));
  return FALSE;
}

static gboolean
read_load (const LdsElement *element,
           LdsClaimFigure *figure,
           GError **error)
{
  const char *workload = lds_element_require (element, "on", error);
  g_autoptr (GError) local = NULL;
  guint duration_ms;

  if (workload == NULL)
    return FALSE;
  figure->workload = lds_workload_find (workload, &local);
  if (figure->workload == NULL)
    {
      lds_element_error (element, error, "%s", local->message);
      return FALSE;
    }
  if (!get_count (element, "connections", 0, 1, LDS_PLAN_MAX_CONNECTIONS, &figure->connections, error) ||
      !get_number (element, "rate-hz", 0, 0, 1e9, &figure->rate_hz, error) ||
      !get_count (element, "workers", 0, 1, LDS_LANE_MAX_WORKERS, &figure->workers, error) ||
      !get_count (element, "duration-ms", 0, 100, 600000, &duration_ms, error))
    return FALSE;
  figure->duration_ms = duration_ms;
  if (figure->connections > 0)
    return TRUE;
  return lds_element_require (element, "connections", error) != NULL;
}

static gboolean
read_limits (const LdsElement *element,
             LdsClaimFigure *figure,
             GError **error)
{
  const char *metric = lds_element_require (element, "metric", error);
  const char *unit = metric != NULL ? lds_element_require (element, "unit", error) : NULL;
  double factor;

  if (unit == NULL)
    return FALSE;
  figure->metric = lds_metric_find (metric);
  if (figure->metric == NULL)
    {
      lds_element_error (element, error, _ ("there is no metric “%s”"), metric);
      return FALSE;
    }
  if (!lds_claim_unit_find (unit, figure->over_lanes != NULL, figure->metric->unit, &factor))
    {
      lds_element_error (element, error, _ ("“%s” is no unit of “%s”, nor, of a ratio, “times”"), unit, metric);
      return FALSE;
    }
  figure->unit = g_intern_string (unit);
  if (!get_number (element, "low", NAN, 0, 1e12, &figure->low, error) ||
      !get_number (element, "high", NAN, 0, 1e12, &figure->high, error) ||
      !get_number (element, "tolerance", USUAL_TOLERANCE, 0, MAX_TOLERANCE, &figure->tolerance, error))
    return FALSE;
  if (isnan (figure->low) && isnan (figure->high))
    {
      lds_element_error (element, error, _ ("a figure needs “low” or “high”"));
      return FALSE;
    }
  if (figure->low > figure->high)
    {
      lds_element_error (element, error, _ ("“low” is above “high”"));
      return FALSE;
    }
  figure->low *= factor;
  figure->high *= factor;
  return TRUE;
}

static gboolean
read_figure (const LdsElement *element,
             LdsClaim *claim,
             GError **error)
{
  static const char *const yes_no[] = {"no", "yes", NULL};
  LdsClaimFigure *figure = g_new0 (LdsClaimFigure, 1);
  int travels;

  g_ptr_array_add (claim->figures, figure);
  if (!check_attributes (element, figure_attributes, error) ||
      !read_lanes (element, figure, error) || !read_load (element, figure, error) ||
      !read_limits (element, figure, error))
    return FALSE;
  travels = get_one_of (element, "travels", yes_no, TRUE, error);
  figure->travels = travels == TRUE;
  return travels >= 0;
}

static gboolean
read_total (const LdsElement *element,
            LdsClaim *claim,
            GError **error)
{
  LdsLittleTotal total;

  if (!check_attributes (element, total_attributes, error) ||
      !require_positive (element, "requests", 1, &total.requests, error) ||
      !require_positive (element, "time-ms", 1e-3, &total.time_s, error) ||
      !require_positive (element, "rate-hz", 1, &total.rate_hz, error) ||
      !require_positive (element, "connections", 1, &total.connections, error))
    return FALSE;
  g_array_append_val (claim->totals, total);
  return TRUE;
}

static gboolean
read_users (const LdsElement *element,
            LdsClaim *claim,
            GError **error)
{
  LdsLittleUsers users;

  if (!check_attributes (element, users_attributes, error) ||
      !require_positive (element, "n", 1, &users.n, error) ||
      !require_positive (element, "rate-low-hz", 1, &users.rate_low_hz, error) ||
      !require_positive (element, "rate-high-hz", 1, &users.rate_high_hz, error) ||
      !require_positive (element, "latency-low-ms", 1e-3, &users.latency_low_s, error) ||
      !require_positive (element, "latency-high-ms", 1e-3, &users.latency_high_s, error))
    return FALSE;
  if (users.rate_low_hz > users.rate_high_hz || users.latency_low_s > users.latency_high_s)
    {
      lds_element_error (element, error, _ ("“low” is above “high”"));
      return FALSE;
    }
  g_array_append_val (claim->users, users);
  return TRUE;
}

/* --- Claims ---------------------------------------------------------------------------------- */

static void
claim_free (gpointer data)
{
  LdsClaim *claim = data;

  g_free ((char *)claim->id);
  g_free ((char *)claim->articles);
  g_free ((char *)claim->title);
  g_free ((char *)claim->body);
  g_free ((char *)claim->how);
  g_free ((char *)claim->grade);
  g_free ((char *)claim->related);
  g_ptr_array_unref (claim->figures);
  g_array_unref (claim->totals);
  g_array_unref (claim->users);
  g_free (claim);
}

static gboolean
read_children (const LdsElement *element,
               LdsClaim *claim,
               GError **error)
{
  for (guint i = 0; i < element->children->len; i++)
    {
      const LdsElement *child = element->children->pdata[i];
      gboolean is_read = TRUE;

      if (!g_strv_contains (claim_children, child->name))
        {
          lds_element_error (child, error, _ ("<%s> is no part of a claim"), child->name);
          return FALSE;
        }
      if (strcmp (child->name, "figure") == 0)
        is_read = read_figure (child, claim, error);
      else if (strcmp (child->name, "total") == 0)
        is_read = read_total (child, claim, error);
      else if (strcmp (child->name, "users") == 0)
        is_read = read_users (child, claim, error);
      if (!is_read)
        return FALSE;
    }
  return TRUE;
}

static gboolean
read_claim (const LdsElement *element,
            GPtrArray *claims,
            GError **error)
{
  LdsClaim *claim = g_new0 (LdsClaim, 1);

  g_ptr_array_add (claims, claim);
  claim->figures = g_ptr_array_new_with_free_func (figure_free);
  claim->totals = g_array_new (FALSE, FALSE, sizeof (LdsLittleTotal));
  claim->users = g_array_new (FALSE, FALSE, sizeof (LdsLittleUsers));
  if (!check_attributes (element, claim_attributes, error) ||
      lds_element_require (element, "id", error) == NULL ||
      lds_element_require (element, "articles", error) == NULL)
    return FALSE;
  claim->id = g_strdup (lds_element_get (element, "id"));
  claim->articles = g_strdup (lds_element_get (element, "articles"));
  claim->title = g_strdup (lds_element_child_text (element, "title"));
  claim->body = g_strdup (lds_element_child_text (element, "body"));
  claim->how = g_strdup (lds_element_child_text (element, "how"));
  claim->grade = g_strdup (lds_element_get (element, "grade"));
  claim->related = g_strdup (lds_element_get (element, "related"));
  if (claim->title == NULL || claim->how == NULL)
    {
      lds_element_error (element, error, _ ("a claim needs a <title> and a <how>"));
      return FALSE;
    }
  for (guint i = 0; i + 1 < claims->len; i++)
    if (strcmp (((LdsClaim *)claims->pdata[i])->id, claim->id) == 0)
      {
        lds_element_error (element, error, _ ("there are two of “%s”"), claim->id);
        return FALSE;
      }
  return read_children (element, claim, error);
}

GPtrArray *
lds_claim_read (const char *text,
                gsize length,
                const char *name,
                GError **error)
{
  g_autoptr (LdsElement) root = NULL;
  g_autoptr (GPtrArray) claims = g_ptr_array_new_with_free_func (claim_free);

  g_return_val_if_fail (text != NULL && name != NULL, NULL);

  root = lds_markup_parse (text, length, name, error);
  if (root == NULL)
    return NULL;
  for (guint i = 0; i < root->children->len; i++)
    {
      const LdsElement *element = root->children->pdata[i];

      if (strcmp (element->name, "entry") != 0 || g_strcmp0 (lds_element_get (element, "kind"), "claim") != 0)
        {
          lds_element_error (element, error, _ ("there may be nothing but entries of the kind “claim” here"));
          return NULL;
        }
      if (!read_claim (element, claims, error))
        return NULL;
    }
  return g_steal_pointer (&claims);
}

static int
compare_names (const void *a,
               const void *b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

/* What is shipped is right, so a mistake there is a bug. */
static GPtrArray *
read_shipped (void)
{
  GResource *resource = lds_claims_get_resource ();
  g_auto (GStrv) names =
      g_resource_enumerate_children (resource, FOLDER, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
  GPtrArray *all = g_ptr_array_new_with_free_func (claim_free);

  if (names != NULL)
    qsort (names, g_strv_length (names), sizeof *names, compare_names);
  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *path = g_strconcat (FOLDER "/", names[i], NULL);
      g_autoptr (GBytes) bytes =
          g_resource_lookup_data (resource, path, G_RESOURCE_LOOKUP_FLAGS_NONE, &error);
      g_autoptr (GPtrArray) claims =
          bytes != NULL ? lds_claim_read (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes),
                                          names[i], &error)
                        : NULL;

      if (claims != NULL)
        g_ptr_array_extend_and_steal (all, g_steal_pointer (&claims));
      else
        g_critical ("%s: %s", names[i], error->message);
    }
  return all;
}

GPtrArray *
lds_claim_list (void)
{
  static GPtrArray *claims;

  if (g_once_init_enter (&claims))
    g_once_init_leave (&claims, read_shipped ());
  return claims;
}

const LdsClaim *
lds_claim_find (const char *id,
                GError **error)
{
  GPtrArray *claims = lds_claim_list ();
  g_autoptr (GPtrArray) known = g_ptr_array_new ();
  const char *nearest;

  g_return_val_if_fail (id != NULL, NULL);

  for (guint i = 0; i < claims->len; i++)
    {
      const LdsClaim *claim = claims->pdata[i];

      if (strcmp (claim->id, id) == 0)
        return claim;
      g_ptr_array_add (known, (gpointer)claim->id);
    }
  g_ptr_array_add (known, NULL);
  nearest = lds_nearest (id, (const char *const *)known->pdata);
  if (nearest != NULL)
    g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                 /* Translators: what was typed, then the identifier that comes nearest to it */
                 _ ("There is no claim “%s”; did you mean “%s”?"), id, nearest);
  else
    g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                 /* Translators: “loadstone-cli claims” is a command */
                 _ ("There is no claim “%s”; “loadstone-cli claims” lists them."), id);
  return NULL;
}

gboolean
lds_claim_is_testable (const LdsClaim *claim)
{
  g_return_val_if_fail (claim != NULL, FALSE);

  return claim->figures->len + claim->totals->len + claim->users->len > 0;
}

const char *
lds_claim_role_to_string (LdsClaimRole role)
{
  g_return_val_if_fail (role <= LDS_CLAIM_SERVER, "server");

  return role_names[role];
}
