/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What differs between two JSON documents, and between two milestones. */
#define G_LOG_DOMAIN "lds-history"

#include "config.h"
#include "lds-history-diff.h"

#include <math.h>

#include "lds-json.h"
#include "lds-session.h"

/* --- Members --------------------------------------------------------------------------------- */

static JsonNode *
copy_or_null (JsonNode *node)
{
  return node != NULL ? json_node_copy (node) : json_node_new (JSON_NODE_NULL);
}

static void
add_difference (JsonArray *found,
                const char *path,
                JsonNode *from,
                JsonNode *to)
{
  JsonObject *difference = json_object_new ();

  json_object_set_string_member (difference, "member", path);
  json_object_set_member (difference, "from", copy_or_null (from));
  json_object_set_member (difference, "to", copy_or_null (to));
  json_array_add_object_element (found, difference);
}

/* Returns: (transfer full) (nullable): the entries of a list by their ids; NULL when some has none,
 * or two have the same */
static JsonObject *
by_id (JsonNode *list)
{
  g_autoptr (JsonObject) entries = json_object_new ();
  JsonArray *array = JSON_NODE_HOLDS_ARRAY (list) ? json_node_get_array (list) : NULL;

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      JsonNode *entry = json_array_get_element (array, i);
      JsonObject *object = JSON_NODE_HOLDS_OBJECT (entry) ? json_node_get_object (entry) : NULL;
      const char *id = NULL;

      if (object != NULL)
        id = lds_json_get_string (object, "id", NULL, NULL);
      if (object != NULL && id == NULL)
        id = lds_json_get_string (object, "criterion", NULL, NULL);
      if (id == NULL || json_object_has_member (entries, id))
        return NULL;
      json_object_set_member (entries, id, json_node_copy (entry));
    }
  return array != NULL ? g_steal_pointer (&entries) : NULL;
}

static void diff_members (JsonArray *found, const char *path, JsonObject *from, JsonObject *to);

static void
diff_nodes (JsonArray *found,
            const char *path,
            JsonNode *from,
            JsonNode *to)
{
  g_autoptr (JsonObject) from_entries = from != NULL ? by_id (from) : NULL;
  g_autoptr (JsonObject) to_entries = to != NULL ? by_id (to) : NULL;

  if (from != NULL && to != NULL && JSON_NODE_HOLDS_OBJECT (from) && JSON_NODE_HOLDS_OBJECT (to))
    diff_members (found, path, json_node_get_object (from), json_node_get_object (to));
  else if (from_entries != NULL && to_entries != NULL)
    diff_members (found, path, from_entries, to_entries);
  else if (from == NULL || to == NULL || !json_node_equal (from, to))
    add_difference (found, path, from, to);
}

static void
diff_members (JsonArray *found,
              const char *path,
              JsonObject *from,
              JsonObject *to)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  for (int side = 0; side < 2; side++)
    {
      json_object_iter_init_ordered (&iter, side == 0 ? from : to);
      while (json_object_iter_next_ordered (&iter, &name, &node))
        {
          g_autofree char *member =
              *path != '\0' ? g_strconcat (path, ".", name, NULL) : g_strdup (name);

          if (side == 0)
            diff_nodes (found, member, node, json_object_get_member (to, name));
          else if (!json_object_has_member (from, name))
            add_difference (found, member, NULL, node);
        }
    }
}

JsonArray *
lds_history_diff_objects (JsonObject *from,
                          JsonObject *to)
{
  g_autoptr (JsonObject) nothing = json_object_new ();
  JsonArray *found = json_array_new ();

  diff_members (found, "", from != NULL ? from : nothing, to != NULL ? to : nothing);
  return found;
}

/* --- Measurements ---------------------------------------------------------------------------- */

static double
get_number (JsonObject *object,
            const char *member)
{
  return lds_json_get_double (object, member, NAN, NULL);
}

/* How hard a workload was driven: what was driven otherwise cannot be compared. */
static char *
describe_load (JsonObject *plan,
               const char *workload)
{
  JsonArray *loads = lds_json_get_array (plan, "loads", NULL);
  gint64 connections = lds_json_get_int (plan, "connections", 0, NULL);
  double rate_hz = lds_json_get_double (plan, "rate_hz", 0, NULL);

  for (guint i = 0; loads != NULL && i < json_array_get_length (loads); i++)
    {
      JsonNode *node = json_array_get_element (loads, i);
      JsonObject *load = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;

      if (load == NULL ||
          g_strcmp0 (lds_json_get_string (load, "workload", NULL, NULL), workload) != 0)
        continue;
      connections = lds_json_get_int (load, "connections", connections, NULL);
      rate_hz = lds_json_get_double (load, "rate_hz", rate_hz, NULL);
    }
  return g_strdup_printf ("%" G_GINT64_FORMAT "@%.17g", connections, rate_hz);
}

/* Returns: (transfer full): the entries of all sessions' summaries, by lane, workload and load; the
 * last session's where several have one */
static JsonObject *
collect_summaries (JsonObject *milestone)
{
  JsonObject *summaries = json_object_new ();
  JsonArray *sessions = lds_json_get_array (milestone, "sessions", NULL);

  for (guint i = 0; sessions != NULL && i < json_array_get_length (sessions); i++)
    {
      JsonNode *node = json_array_get_element (sessions, i);
      JsonObject *session = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
      JsonObject *plan =
          session != NULL ? lds_json_get_object (session, "plan", NULL) : NULL;
      JsonArray *summary = session != NULL ? lds_json_get_array (session, "summary", NULL) : NULL;

      for (guint j = 0; plan != NULL && summary != NULL && j < json_array_get_length (summary); j++)
        {
          JsonNode *entry = json_array_get_element (summary, j);
          const char *lane, *workload;
          g_autofree char *load = NULL, *key = NULL;

          if (!JSON_NODE_HOLDS_OBJECT (entry))
            continue;
          lane = lds_json_get_string (json_node_get_object (entry), "lane", "", NULL);
          workload = lds_json_get_string (json_node_get_object (entry), "workload", "", NULL);
          load = describe_load (plan, workload);
          key = g_strdup_printf ("%s %s %s", lane, workload, load);
          json_object_set_member (summaries, key, json_node_copy (entry));
        }
    }
  return summaries;
}

static void
add_comparison (JsonArray *found,
                JsonObject *names,
                const char *metric,
                JsonObject *from,
                JsonObject *to)
{
  JsonObject *entry = json_object_new ();
  double before = get_number (from, "median"), after = get_number (to, "median");

  json_object_set_string_member (entry, "lane", lds_json_get_string (names, "lane", "", NULL));
  json_object_set_string_member (entry, "workload",
                                 lds_json_get_string (names, "workload", "", NULL));
  json_object_set_string_member (entry, "metric", metric);
  json_object_set_object_member (entry, "from", json_object_ref (from));
  json_object_set_object_member (entry, "to", json_object_ref (to));
  if (isfinite (after / before))
    json_object_set_double_member (entry, "ratio", after / before);
  else
    json_object_set_null_member (entry, "ratio");
  if (get_number (from, "n") >= LDS_SESSION_MIN_RUNS && get_number (to, "n") >= LDS_SESSION_MIN_RUNS)
    json_object_set_boolean_member (entry, "intervals_overlap",
                                    !(get_number (to, "low") > get_number (from, "high") ||
                                      get_number (to, "high") < get_number (from, "low")));
  else
    json_object_set_null_member (entry, "intervals_overlap");
  json_array_add_object_element (found, entry);
}

static void
compare_summaries (JsonArray *found,
                   JsonObject *from,
                   JsonObject *to)
{
  JsonObject *from_metrics = lds_json_get_object (from, "metrics", NULL);
  JsonObject *to_metrics = lds_json_get_object (to, "metrics", NULL);
  JsonObjectIter iter;
  const char *metric;
  JsonNode *node;

  if (from_metrics == NULL || to_metrics == NULL)
    return;
  json_object_iter_init_ordered (&iter, from_metrics);
  while (json_object_iter_next_ordered (&iter, &metric, &node))
    {
      JsonObject *other = lds_json_get_object (to_metrics, metric, NULL);

      if (JSON_NODE_HOLDS_OBJECT (node) && other != NULL)
        add_comparison (found, from, metric, json_node_get_object (node), other);
    }
}

/* Adds to @builder, as @member, the lanes and workloads of @mine that @others lacks. */
static void
add_missing (JsonBuilder *builder,
             const char *member,
             JsonObject *mine,
             JsonObject *others)
{
  JsonObjectIter iter;
  const char *key;
  JsonNode *node;

  json_builder_set_member_name (builder, member);
  json_builder_begin_array (builder);
  json_object_iter_init_ordered (&iter, mine);
  while (json_object_iter_next_ordered (&iter, &key, &node))
    {
      JsonObject *summary = json_node_get_object (node);

      if (json_object_has_member (others, key))
        continue;
      json_builder_begin_object (builder);
      lds_json_add_string (builder, "lane", lds_json_get_string (summary, "lane", "", NULL));
      lds_json_add_string (builder, "workload",
                           lds_json_get_string (summary, "workload", "", NULL));
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

static void
add_array (JsonBuilder *builder,
           const char *member,
           JsonArray *array)
{
  JsonNode *node = json_node_new (JSON_NODE_ARRAY);

  json_node_take_array (node, array);
  json_builder_set_member_name (builder, member);
  json_builder_add_value (builder, node);
}

static void
add_name (JsonBuilder *builder,
          const char *member,
          JsonObject *milestone)
{
  json_builder_set_member_name (builder, member);
  json_builder_begin_object (builder);
  lds_json_add_string (builder, "name", lds_json_get_string (milestone, "name", NULL, NULL));
  lds_json_add_string (builder, "created_at",
                       lds_json_get_string (milestone, "created_at", NULL, NULL));
  json_builder_end_object (builder);
}

JsonNode *
lds_history_diff_milestones (JsonObject *from,
                             JsonObject *to)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonObject) before = NULL, after = NULL;
  JsonArray *measurements = json_array_new ();
  JsonObjectIter iter;
  const char *key;
  JsonNode *node;

  before = collect_summaries (from);
  after = collect_summaries (to);
  json_object_iter_init_ordered (&iter, before);
  while (json_object_iter_next_ordered (&iter, &key, &node))
    if (json_object_has_member (after, key))
      compare_summaries (measurements, json_node_get_object (node),
                         json_object_get_object_member (after, key));
  json_builder_begin_object (builder);
  add_name (builder, "from", from);
  add_name (builder, "to", to);
  for (guint i = 0; i < 2; i++)
    {
      const char *member = i == 0 ? "answers" : "verdict";

      add_array (builder, member,
                 lds_history_diff_objects (lds_json_get_object (from, member, NULL),
                                           lds_json_get_object (to, member, NULL)));
    }
  add_array (builder, "measurements", measurements);
  add_missing (builder, "only_from", before, after);
  add_missing (builder, "only_to", after, before);
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}
