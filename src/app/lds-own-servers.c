/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Servers of the user's own: a row each, and an entry for one more. */
#define G_LOG_DOMAIN "loadstone-app"

#include "config.h"
#include "lds-own-servers.h"

#include <glib/gi18n.h>
#include <string.h>

#include "lds-compat.h"

struct _LdsOwnServers
{
  GtkWidget parent_instance;

  GtkBox *rows; /* of a check button, which knows its lane, and a button that removes it */
  GtkEntry *address;
  GtkButton *add;
  GtkLabel *remark; /* above the entry: scrolled to with it */

  LdsAssessment *assessment;
  GPtrArray *confirmed;  /* (element-type LdsLane): not this machine's, and said to be the user's own */
  const LdsLane *asking; /* (nullable): whose confirmation is asked for */
  guint filling : 1;
};

enum
{
  CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (LdsOwnServers, lds_own_servers, GTK_TYPE_WIDGET)

static gboolean
may_load (LdsOwnServers *self,
          const LdsLane *lane)
{
  return lane->address->is_loopback || g_ptr_array_find (self->confirmed, lane, NULL);
}

/* Returns the check button of @lane; NULL when it has none. */
static GtkCheckButton *
find_check (LdsOwnServers *self,
            const LdsLane *lane)
{
  for (GtkWidget *row = gtk_widget_get_first_child (GTK_WIDGET (self->rows)); row != NULL;
       row = gtk_widget_get_next_sibling (row))
    {
      GtkWidget *check = gtk_widget_get_first_child (row);

      if (g_object_get_data (G_OBJECT (check), "lane") == lane)
        return GTK_CHECK_BUTTON (check);
    }
  return NULL;
}

/* --- Choosing a server, and asking before one is loaded that is not this machine's ---------------- */

static void
choose (LdsOwnServers *self,
        const LdsLane *lane)
{
  if (!may_load (self, lane))
    g_ptr_array_add (self->confirmed, (gpointer)lane);
  lds_assessment_add_server (self->assessment, lane);
  self->filling = TRUE;
  if (find_check (self, lane) != NULL)
    gtk_check_button_set_active (find_check (self, lane), TRUE);
  self->filling = FALSE;
  g_signal_emit (self, signals[CHANGED], 0);
}

static void
confirmed_cb (gpointer user_data)
{
  LdsOwnServers *self = user_data;

  gtk_editable_set_text (GTK_EDITABLE (self->address), "");
  choose (self, self->asking);
}

static void
ask (LdsOwnServers *self,
     const LdsLane *lane)
{
  GtkWidget *popover = gtk_widget_get_ancestor (GTK_WIDGET (self), GTK_TYPE_POPOVER);
  g_autofree char *heading = NULL;
  g_autofree char *body = NULL;

  /* It would stay above the question. */
  if (popover != NULL)
    gtk_popover_popdown (GTK_POPOVER (popover));
  self->asking = lane;
  /* Translators: the name of a host */
  heading = g_strdup_printf (_ ("Load “%s”?"), lane->address->host);
  body = g_strdup_printf (
      /* Translators: an address, a number, a number of seconds */
      _ ("The server at %s is not on this machine. It gets at most %g requests a second, each run for at most %g s, and so do all servers that are compared with it.\n\nLoad only servers that are your own."),
      lane->address->url, LDS_REMOTE_MAX_RATE_HZ, LDS_REMOTE_MAX_DURATION_MS / 1000.0);
  lds_compat_ask (GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))), heading, body,
                  _ ("_Load This Server"), TRUE, G_CALLBACK (confirmed_cb), self);
}

static void
toggled_cb (LdsOwnServers *self,
            GtkCheckButton *check)
{
  const LdsLane *lane = g_object_get_data (G_OBJECT (check), "lane");

  if (self->filling)
    return;
  if (gtk_check_button_get_active (check) && !may_load (self, lane))
    {
      self->filling = TRUE;
      gtk_check_button_set_active (check, FALSE);
      self->filling = FALSE;
      ask (self, lane);
    }
  else
    g_signal_emit (self, signals[CHANGED], 0);
}

/* --- The rows ------------------------------------------------------------------------------------- */

static void
remove_cb (LdsOwnServers *self,
           GtkWidget *button)
{
  const LdsLane *lane = g_object_get_data (G_OBJECT (button), "lane");

  g_ptr_array_remove (self->confirmed, (gpointer)lane);
  gtk_widget_grab_focus (GTK_WIDGET (self->address));
  lds_assessment_remove_server (self->assessment, lane);
}

static void
add_row (LdsOwnServers *self,
         const LdsLane *lane)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *check = gtk_check_button_new ();
  GtkWidget *label = gtk_label_new (lane->title);
  GtkWidget *button = gtk_button_new_from_icon_name ("user-trash-symbolic");
  g_autofree char *what = NULL;

  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_MIDDLE);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_check_button_set_child (GTK_CHECK_BUTTON (check), label);
  gtk_check_button_set_active (GTK_CHECK_BUTTON (check), may_load (self, lane));
  gtk_widget_set_hexpand (check, TRUE);
  gtk_widget_set_tooltip_text (check, lane->title);
  gtk_accessible_update_property (GTK_ACCESSIBLE (check), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  lane->title, -1);
  g_object_set_data (G_OBJECT (check), "lane", (gpointer)lane);
  g_signal_connect_object (check, "toggled", G_CALLBACK (toggled_cb), self, G_CONNECT_SWAPPED);
  /* Translators: an address */
  what = g_strdup_printf (_ ("Remove %s"), lane->title);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (button, what);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, what, -1);
  g_object_set_data (G_OBJECT (button), "lane", (gpointer)lane);
  g_signal_connect_object (button, "clicked", G_CALLBACK (remove_cb), self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (row), check);
  gtk_box_append (GTK_BOX (row), button);
  gtk_box_append (self->rows, row);
}

static void
servers_changed_cb (LdsOwnServers *self)
{
  GPtrArray *servers = lds_assessment_get_servers (self->assessment);
  GtkWidget *row = gtk_widget_get_first_child (GTK_WIDGET (self->rows));

  while (row != NULL)
    {
      GtkWidget *next = gtk_widget_get_next_sibling (row);
      GObject *check = G_OBJECT (gtk_widget_get_first_child (row));

      if (!g_ptr_array_find (servers, g_object_get_data (check, "lane"), NULL))
        gtk_box_remove (self->rows, row);
      row = next;
    }
  for (guint i = 0; i < servers->len; i++)
    if (find_check (self, servers->pdata[i]) == NULL)
      add_row (self, servers->pdata[i]);
  g_signal_emit (self, signals[CHANGED], 0);
}

/* --- The entry ------------------------------------------------------------------------------------ */

/* Returns: (transfer full): what is in the entry, with the scheme that may be left out; "" for nothing */
static char *
dup_entered (LdsOwnServers *self)
{
  char *text = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->address))));
  char *url;

  if (*text == '\0' || strstr (text, "://") != NULL)
    return text;
  url = g_strconcat ("http://", text, NULL);
  g_free (text);
  return url;
}

static void
set_css_class (GtkWidget *widget,
               const char *css_class,
               gboolean has)
{
  if (has)
    gtk_widget_add_css_class (widget, css_class);
  else
    gtk_widget_remove_css_class (widget, css_class);
}

static void
address_changed_cb (LdsOwnServers *self)
{
  g_autofree char *url = dup_entered (self);
  g_autoptr (GError) error = NULL;
  g_autoptr (LdsAddress) address = *url != '\0' ? lds_address_parse (url, &error) : NULL;

  gtk_widget_set_sensitive (GTK_WIDGET (self->add), address != NULL);
  gtk_label_set_label (self->remark,
                       error != NULL
                           ? error->message
                           : _ ("It must answer the requests of the workloads that are chosen, such as “GET /” with “hello”."));
  set_css_class (GTK_WIDGET (self->remark), "error", error != NULL);
  set_css_class (GTK_WIDGET (self->remark), "dim-label", error == NULL);
  set_css_class (GTK_WIDGET (self->address), "error", error != NULL);
  gtk_accessible_update_state (
      GTK_ACCESSIBLE (self->address), GTK_ACCESSIBLE_STATE_INVALID,
      error != NULL ? GTK_ACCESSIBLE_INVALID_TRUE : GTK_ACCESSIBLE_INVALID_FALSE, -1);
}

static void
add_cb (LdsOwnServers *self)
{
  g_autofree char *url = dup_entered (self);
  g_autofree char *id = g_strconcat ("url:", url, NULL);
  const LdsLane *lane = lds_lane_find (id, NULL);

  if (lane == NULL)
    return;
  if (!may_load (self, lane))
    {
      ask (self, lane);
      return;
    }
  gtk_editable_set_text (GTK_EDITABLE (self->address), "");
  gtk_widget_grab_focus (GTK_WIDGET (self->address));
  choose (self, lane);
}

static void
lds_own_servers_dispose (GObject *object)
{
  LdsOwnServers *self = LDS_OWN_SERVERS (object);
  GtkWidget *child;

  if (self->assessment != NULL)
    g_signal_handlers_disconnect_by_data (self->assessment, self);
  g_clear_object (&self->assessment);
  g_clear_pointer (&self->confirmed, g_ptr_array_unref);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (lds_own_servers_parent_class)->dispose (object);
}

static void
lds_own_servers_class_init (LdsOwnServersClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lds_own_servers_dispose;

  signals[CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);

  gtk_widget_class_set_template_from_resource (widget_class, LDS_RESOURCE_BASE "/lds-own-servers.ui");
  gtk_widget_class_bind_template_child (widget_class, LdsOwnServers, rows);
  gtk_widget_class_bind_template_child (widget_class, LdsOwnServers, address);
  gtk_widget_class_bind_template_child (widget_class, LdsOwnServers, add);
  gtk_widget_class_bind_template_child (widget_class, LdsOwnServers, remark);
  gtk_widget_class_bind_template_callback (widget_class, address_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, add_cb);
}

static void
lds_own_servers_init (LdsOwnServers *self)
{
  self->confirmed = g_ptr_array_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
  address_changed_cb (self);
}

void
lds_own_servers_set_assessment (LdsOwnServers *self,
                                LdsAssessment *assessment)
{
  g_return_if_fail (LDS_IS_OWN_SERVERS (self));
  g_return_if_fail (LDS_IS_ASSESSMENT (assessment));
  g_return_if_fail (self->assessment == NULL);

  self->assessment = g_object_ref (assessment);
  g_signal_connect_object (assessment, "servers-changed", G_CALLBACK (servers_changed_cb), self,
                           G_CONNECT_SWAPPED);
  servers_changed_cb (self);
}

void
lds_own_servers_fill_plan (LdsOwnServers *self,
                           LdsPlan *plan)
{
  g_return_if_fail (LDS_IS_OWN_SERVERS (self));
  g_return_if_fail (plan != NULL);

  for (GtkWidget *row = gtk_widget_get_first_child (GTK_WIDGET (self->rows)); row != NULL;
       row = gtk_widget_get_next_sibling (row))
    {
      GtkWidget *check = gtk_widget_get_first_child (row);
      const LdsLane *lane = g_object_get_data (G_OBJECT (check), "lane");

      if (!gtk_check_button_get_active (GTK_CHECK_BUTTON (check)))
        continue;
      g_ptr_array_add (plan->lanes, (gpointer)lane);
      if (!lane->address->is_loopback)
        lds_plan_allow_host (plan, lane->address->host);
    }
}
