/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of results. */
#define G_LOG_DOMAIN "loadstone-app"

#include "config.h"
#include "lds-results-table.h"

#include <glib/gi18n.h>
#include <string.h>

#include "lds-lane-chip.h"

/* The rows with the same columns; all other metrics are in the report. */
typedef struct
{
  const LdsView *view;
  GtkWidget *frame; /* not owned */
  GtkColumnView *column_view;
  GtkColumnViewColumn *columns[LDS_VIEW_N_COLUMNS]; /* the column view's */
  GListStore *store;
  GtkSortListModel *sorted;
} Part;

struct _LdsResultsTable
{
  GtkWidget parent_instance;

  GArray *parts; /* (element-type Part): one a view */
  GtkBox *reasons;
};

G_DEFINE_FINAL_TYPE (LdsResultsTable, lds_results_table, GTK_TYPE_WIDGET)

static GtkWidget *
new_label (float xalign)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), xalign);
  return label;
}

/* What is invalid is struck, never hidden. */
static void
strike (GtkLabel *label,
        gboolean struck)
{
  g_autoptr (PangoAttrList) attributes = pango_attr_list_new ();

  if (struck)
    pango_attr_list_insert (attributes, pango_attr_strikethrough_new (TRUE));
  gtk_label_set_attributes (label, attributes);
}

static void
setup_lane_cb (GtkSignalListItemFactory *factory,
               GtkListItem *item)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 9);

  gtk_box_append (GTK_BOX (box), lds_lane_swatch_new ());
  gtk_box_append (GTK_BOX (box), new_label (0));
  gtk_list_item_set_child (item, box);
}

static void
bind_lane_cb (GtkSignalListItemFactory *factory,
              GtkListItem *item)
{
  GtkWidget *box = gtk_list_item_get_child (item);
  const LdsLane *lane = lds_result_get_lane (gtk_list_item_get_item (item));
  g_autofree char *name = lds_lane_dup_label (lane);

  lds_lane_swatch_set_lane (gtk_widget_get_first_child (box), lane);
  gtk_label_set_label (GTK_LABEL (gtk_widget_get_last_child (box)), name);
  strike (GTK_LABEL (gtk_widget_get_last_child (box)),
          !lds_result_is_valid (gtk_list_item_get_item (item)));
}

static void
setup_workload_cb (GtkSignalListItemFactory *factory,
                   GtkListItem *item)
{
  gtk_list_item_set_child (item, new_label (0));
}

static void
bind_workload_cb (GtkSignalListItemFactory *factory,
                  GtkListItem *item)
{
  gtk_label_set_label (GTK_LABEL (gtk_list_item_get_child (item)),
                       lds_result_get_workload (gtk_list_item_get_item (item))->title);
}

static void
setup_figure_cb (GtkSignalListItemFactory *factory,
                 GtkListItem *item)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *interval = new_label (0);

  gtk_box_append (GTK_BOX (box), new_label (0));
  gtk_box_append (GTK_BOX (box), interval);
  gtk_widget_set_valign (box, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (box, "numeric");
  gtk_widget_add_css_class (interval, "caption");
  gtk_widget_add_css_class (interval, "dim-label");
  gtk_list_item_set_child (item, box);
}

static void
bind_figure_cb (GtkSignalListItemFactory *factory,
                GtkListItem *item,
                gpointer user_data)
{
  const char *metric = user_data;
  LdsResult *result = gtk_list_item_get_item (item);
  GtkWidget *box = gtk_list_item_get_child (item);
  GtkLabel *figure = GTK_LABEL (gtk_widget_get_first_child (box));
  GtkLabel *interval = GTK_LABEL (gtk_widget_get_last_child (box));
  g_autofree char *value = lds_result_dup_figure (result, metric);
  g_autofree char *range = lds_result_dup_interval (result, metric);

  gtk_label_set_label (figure, value);
  strike (figure, !lds_result_is_valid (result));
  gtk_label_set_label (interval, range);
  strike (interval, !lds_result_is_valid (result));
  gtk_widget_set_visible (GTK_WIDGET (interval), range != NULL);
}

static void
setup_runs_cb (GtkSignalListItemFactory *factory,
               GtkListItem *item)
{
  gtk_list_item_set_child (item, new_label (0));
}

/* In one line: the list guesses the height of rows that wrap, and cuts what it has guessed too low.
 * The reasons stand below. */
static void
bind_runs_cb (GtkSignalListItemFactory *factory,
              GtkListItem *item)
{
  LdsResult *result = gtk_list_item_get_item (item);
  GtkWidget *label = gtk_list_item_get_child (item);
  const char *remark = lds_result_get_remark (result);
  const char *end = strchr (remark, '\n');
  g_autofree char *counts =
      end != NULL ? g_strndup (remark, (gsize)(end - remark)) : g_strdup (remark);

  gtk_label_set_label (GTK_LABEL (label), counts);
  gtk_widget_set_tooltip_text (label, end != NULL ? end + 1 : NULL);
  if (lds_result_is_valid (result))
    gtk_widget_remove_css_class (label, "error");
  else
    gtk_widget_add_css_class (label, "error");
}

/* Why runs were refused, in words: a line for each server and workload. */
static void
show_reasons (LdsResultsTable *self,
              GPtrArray *results)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->reasons))) != NULL)
    gtk_box_remove (self->reasons, child);
  for (guint i = 0; i < results->len; i++)
    {
      LdsResult *result = results->pdata[i];
      const char *reasons = strchr (lds_result_get_remark (result), '\n');
      g_autofree char *lane = lds_lane_dup_label (lds_result_get_lane (result));
      g_autofree char *text = NULL;
      GtkWidget *label;

      if (reasons == NULL)
        continue;
      /* Translators: a server, a workload, why its runs were refused */
      text = g_strdup_printf (_ ("%s, %s: %s"), lane, lds_result_get_workload (result)->title, reasons + 1);
      label = new_label (0);
      gtk_label_set_label (GTK_LABEL (label), text);
      gtk_label_set_wrap (GTK_LABEL (label), TRUE);
      gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
      gtk_label_set_selectable (GTK_LABEL (label), TRUE);
      gtk_widget_add_css_class (label, "caption");
      gtk_box_append (self->reasons, label);
    }
  gtk_widget_set_visible (GTK_WIDGET (self->reasons),
                          gtk_widget_get_first_child (GTK_WIDGET (self->reasons)) != NULL);
}

static GtkColumnViewColumn *
add_column (Part *part,
            const char *title,
            GCallback setup,
            GCallback bind,
            gpointer user_data,
            gboolean expand)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  GtkColumnViewColumn *column = gtk_column_view_column_new (title, factory);

  g_signal_connect (factory, "setup", setup, user_data);
  g_signal_connect (factory, "bind", bind, user_data);
  gtk_column_view_column_set_expand (column, expand);
  gtk_column_view_append_column (part->column_view, column);
  g_object_unref (column); /* the view has it */
  return column;
}

static int
compare_metric (gconstpointer a,
                gconstpointer b,
                gpointer user_data)
{
  return lds_result_compare ((LdsResult *)a, (LdsResult *)b, user_data);
}

static int
compare_lane (gconstpointer a,
              gconstpointer b,
              gpointer user_data)
{
  g_autofree char *x = lds_lane_dup_label (lds_result_get_lane ((LdsResult *)a));
  g_autofree char *y = lds_lane_dup_label (lds_result_get_lane ((LdsResult *)b));

  return g_utf8_collate (x, y);
}

static int
compare_workload (gconstpointer a,
                  gconstpointer b,
                  gpointer user_data)
{
  return g_utf8_collate (lds_result_get_workload ((LdsResult *)a)->title,
                         lds_result_get_workload ((LdsResult *)b)->title);
}

static void
set_sorter (GtkColumnViewColumn *column,
            GCompareDataFunc compare,
            gpointer user_data)
{
  g_autoptr (GtkSorter) sorter = GTK_SORTER (gtk_custom_sorter_new (compare, user_data, NULL));

  gtk_column_view_column_set_sorter (column, sorter);
}

static void
lds_results_table_dispose (GObject *object)
{
  LdsResultsTable *self = LDS_RESULTS_TABLE (object);
  GtkWidget *child;

  g_array_set_size (self->parts, 0);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (lds_results_table_parent_class)->dispose (object);
}

static void
lds_results_table_finalize (GObject *object)
{
  g_array_unref (LDS_RESULTS_TABLE (object)->parts);
  G_OBJECT_CLASS (lds_results_table_parent_class)->finalize (object);
}

static void
lds_results_table_class_init (LdsResultsTableClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lds_results_table_dispose;
  G_OBJECT_CLASS (klass)->finalize = lds_results_table_finalize;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
}

static void
part_clear (gpointer data)
{
  Part *part = data;

  g_clear_object (&part->sorted);
  g_clear_object (&part->store);
}

static void
add_columns (Part *part)
{
  set_sorter (add_column (part, _ ("Server"), G_CALLBACK (setup_lane_cb), G_CALLBACK (bind_lane_cb),
                          NULL, FALSE),
              compare_lane, NULL);
  set_sorter (add_column (part, _ ("Workload"), G_CALLBACK (setup_workload_cb),
                          G_CALLBACK (bind_workload_cb), NULL, FALSE),
              compare_workload, NULL);
  for (guint i = 0; i < LDS_VIEW_N_COLUMNS; i++)
    {
      const LdsMetric *metric = lds_view_get_metric (part->view, i);

      part->columns[i] =
          add_column (part, gettext (metric->short_title), G_CALLBACK (setup_figure_cb),
                      G_CALLBACK (bind_figure_cb), (gpointer)metric->id, FALSE);
      set_sorter (part->columns[i], compare_metric, (gpointer)metric->id);
    }
  add_column (part, _ ("Runs"), G_CALLBACK (setup_runs_cb), G_CALLBACK (bind_runs_cb), NULL, TRUE);
}

static void
add_part (LdsResultsTable *self,
          const LdsView *view,
          GtkBox *box)
{
  GtkWidget *scroller = gtk_scrolled_window_new ();
  Part part = {.view = view, .frame = gtk_frame_new (NULL)};
  g_autoptr (GtkSelectionModel) selection = NULL;

  part.store = g_list_store_new (LDS_TYPE_RESULT);
  part.column_view = GTK_COLUMN_VIEW (gtk_column_view_new (NULL));
  gtk_column_view_set_show_row_separators (part.column_view, TRUE);
  gtk_widget_add_css_class (GTK_WIDGET (part.column_view), "results");
  gtk_accessible_update_property (GTK_ACCESSIBLE (part.column_view), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Results"), -1);
  add_columns (&part);

  part.sorted =
      gtk_sort_list_model_new (g_object_ref (G_LIST_MODEL (part.store)),
                               g_object_ref (gtk_column_view_get_sorter (part.column_view)));
  selection =
      GTK_SELECTION_MODEL (gtk_no_selection_new (g_object_ref (G_LIST_MODEL (part.sorted))));
  gtk_column_view_set_model (part.column_view, selection);

  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_AUTOMATIC,
                                  GTK_POLICY_NEVER);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), GTK_WIDGET (part.column_view));
  gtk_frame_set_child (GTK_FRAME (part.frame), scroller);
  gtk_box_append (box, part.frame);
  g_array_append_val (self->parts, part);
}

static void
lds_results_table_init (LdsResultsTable *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  guint n_views;
  const LdsView *views = lds_view_list (&n_views);

  self->parts = g_array_new (FALSE, FALSE, sizeof (Part));
  g_array_set_clear_func (self->parts, part_clear);
  for (guint i = 0; i < n_views; i++)
    add_part (self, &views[i], GTK_BOX (box));
  self->reasons = GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, 6));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->reasons), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Why runs were refused"), -1);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->reasons));
  gtk_widget_set_parent (box, GTK_WIDGET (self));
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}

GtkWidget *
lds_results_table_new (void)
{
  return g_object_new (LDS_TYPE_RESULTS_TABLE, NULL);
}

/* Shows those of @results that have the part's columns. */
static void
fill_part (Part *part,
           GPtrArray *results)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new ();

  for (guint i = 0; i < results->len; i++)
    if (lds_view_of (lds_result_get_workload (results->pdata[i])) == part->view)
      g_ptr_array_add (rows, results->pdata[i]);
  g_list_store_splice (part->store, 0, g_list_model_get_n_items (G_LIST_MODEL (part->store)),
                       rows->pdata, rows->len);
  gtk_widget_set_visible (part->frame, rows->len > 0);
}

void
lds_results_table_show (LdsResultsTable *self,
                        GPtrArray *summaries,
                        GPtrArray *runs)
{
  g_autoptr (GPtrArray) results = g_ptr_array_new_with_free_func (g_object_unref);

  g_return_if_fail (LDS_IS_RESULTS_TABLE (self));

  for (guint i = 0; summaries != NULL && i < summaries->len; i++)
    {
      const LdsSummary *summary = summaries->pdata[i];

      /* Nothing is known yet of what has not run. */
      if (summary->n_valid + summary->n_invalid > 0)
        g_ptr_array_add (results, lds_result_new (summary, runs));
    }
  for (guint i = 0; i < self->parts->len; i++)
    fill_part (&g_array_index (self->parts, Part, i), results);
  show_reasons (self, results);
  gtk_widget_set_visible (GTK_WIDGET (self), results->len > 0);
}

GListModel *
lds_results_table_get_rows (LdsResultsTable *self,
                            const LdsView *view)
{
  g_return_val_if_fail (LDS_IS_RESULTS_TABLE (self), NULL);

  for (guint i = 0; i < self->parts->len; i++)
    if (g_array_index (self->parts, Part, i).view == view)
      return G_LIST_MODEL (g_array_index (self->parts, Part, i).sorted);
  g_return_val_if_reached (NULL);
}

void
lds_results_table_sort_by (LdsResultsTable *self,
                           const char *metric,
                           GtkSortType order)
{
  g_return_if_fail (LDS_IS_RESULTS_TABLE (self));

  for (guint i = 0; i < self->parts->len; i++)
    {
      Part *part = &g_array_index (self->parts, Part, i);

      for (guint c = 0; c < LDS_VIEW_N_COLUMNS; c++)
        if (g_str_equal (part->view->columns[c], metric))
          gtk_column_view_sort_by_column (part->column_view, part->columns[c], order);
    }
}
