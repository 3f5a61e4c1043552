/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The application: its command line, its actions, its windows. */
#define G_LOG_DOMAIN "loadstone-app"

#include "config.h"
#include "lds-application.h"

#include <glib/gi18n.h>
#include <sys/utsname.h>

#include "lds-clock.h"
#include "lds-compat.h"
#include "lds-error.h"
#include "lds-window.h"

struct _LdsApplication
{
  AdwApplication parent_instance;

  gint64 started_ns;
};

G_DEFINE_FINAL_TYPE (LdsApplication, lds_application, ADW_TYPE_APPLICATION)

static const char *const stage_names[] = {"ask", "advise", "measure", "report", "pitfalls", "claims"};

/* Where the text of a bug report begins. */
static char *
dup_debug_info (void)
{
  struct utsname system;
  GdkDisplay *display = gdk_display_get_default ();

  if (uname (&system) < 0)
    memset (&system, 0, sizeof system);
  return g_strdup_printf (
      "Loadstone %s (%s)\n"
      "GTK %u.%u.%u, libadwaita %u.%u.%u, GLib %u.%u.%u\n"
      "%s %s, %s, %u processors\n"
      "Display: %s, in a sandbox: %s\n",
      LDS_VERSION, LDS_APPLICATION_ID, gtk_get_major_version (), gtk_get_minor_version (),
      gtk_get_micro_version (), adw_get_major_version (), adw_get_minor_version (),
      adw_get_micro_version (), glib_major_version, glib_minor_version, glib_micro_version,
      system.sysname, system.release, system.machine, g_get_num_processors (),
      display != NULL ? G_OBJECT_TYPE_NAME (display) : "none",
      g_file_test ("/.flatpak-info", G_FILE_TEST_EXISTS) ? "yes" : "no");
}

static void
about_action (GSimpleAction *action,
              GVariant *parameter,
              gpointer user_data)
{
  GtkWindow *window = gtk_application_get_active_window (user_data);
  g_autofree char *debug_info = dup_debug_info ();

  if (window != NULL)
    lds_compat_show_about (window, debug_info);
}

static void
quit_action (GSimpleAction *action,
             GVariant *parameter,
             gpointer user_data)
{
  /* Closing keeps state and ends what runs; a copy, since windows leave the list. */
  g_autoptr (GList) windows = g_list_copy (gtk_application_get_windows (user_data));

  for (GList *l = windows; l != NULL; l = l->next)
    gtk_window_close (l->data);
}

static const GActionEntry actions[] = {
    {.name = "about", .activate = about_action},
    {.name = "quit", .activate = quit_action},
};

static void
first_frame_cb (GdkFrameClock *clock,
                gpointer user_data)
{
  LdsApplication *self = user_data;

  g_signal_handlers_disconnect_by_func (clock, first_frame_cb, user_data);
  g_printerr ("first frame after %.1f ms\n", (double)(lds_clock_now_ns () - self->started_ns) / (double)LDS_NS_PER_MS);
}

static void
mapped_cb (GtkWidget *window,
           gpointer user_data)
{
  g_signal_handlers_disconnect_by_func (window, mapped_cb, user_data);
  g_signal_connect_object (gtk_widget_get_frame_clock (window), "after-paint",
                           G_CALLBACK (first_frame_cb), user_data, 0);
}

static void
watch_first_frame (LdsApplication *self,
                   LdsWindow *window)
{
  const GDebugKey keys[] = {{"first-frame", 1}};

  if (self->started_ns != 0 && g_parse_debug_string (g_getenv ("LOADSTONE_DEBUG"), keys, G_N_ELEMENTS (keys)) != 0)
    g_signal_connect_object (window, "map", G_CALLBACK (mapped_cb), self, G_CONNECT_AFTER);
}

static LdsWindow *
add_window (LdsApplication *self,
            LdsAssessment *assessment,
            const char *stage)
{
  LdsWindow *window = lds_window_new (GTK_APPLICATION (self), assessment);

  if (stage != NULL)
    lds_window_set_stage (window, stage);
  watch_first_frame (self, window);
  return window;
}

/* The assessment that is kept; a file that cannot be read is moved aside, never overwritten. */
static void
show_kept (LdsApplication *self,
           const char *stage)
{
  g_autofree char *path = lds_assessment_dup_default_path ();
  g_autofree char *notice = NULL;
  g_autoptr (LdsAssessment) assessment = NULL;
  g_autoptr (GError) error = NULL;
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (self));

  if (window == NULL)
    {
      if (g_file_test (path, G_FILE_TEST_EXISTS))
        assessment = lds_assessment_new_from_file (path, &error);
      if (error != NULL)
        {
          g_autofree char *aside = g_strconcat (path, ".broken", NULL);
          g_autoptr (GFile) from = g_file_new_for_path (path);
          g_autoptr (GFile) to = g_file_new_for_path (aside);

          g_file_move (from, to, G_FILE_COPY_OVERWRITE, NULL, NULL, NULL, NULL);
          /* Translators: why the answers could not be read, then a path */
          notice = g_strdup_printf (_ ("%s The last answers could not be read and are now in “%s”."), error->message, aside);
        }
      if (assessment == NULL)
        assessment = lds_assessment_new ();
      lds_assessment_keep (assessment, path);
      window = GTK_WINDOW (add_window (self, assessment, stage));
      if (notice != NULL)
        lds_window_show_notice (LDS_WINDOW (window), notice);
    }
  else if (stage != NULL && LDS_IS_WINDOW (window))
    lds_window_set_stage (LDS_WINDOW (window), stage);
  gtk_window_present (window);
}

static void
show_file (LdsApplication *self,
           GFile *file,
           const char *stage)
{
  const char *path = g_file_peek_path (file);
  g_autofree char *uri = g_file_get_uri (file);
  g_autofree char *message = NULL;
  g_autoptr (LdsAssessment) assessment = NULL;
  g_autoptr (GError) error = NULL;
  LdsWindow *window;

  if (path != NULL)
    assessment = lds_assessment_new_from_file (path, &error);
  else
    g_set_error (&error, LDS_ERROR, LDS_ERROR_INPUT,
                 _ ("“%s” is not on this machine. Copy it here first."), uri);
  if (assessment == NULL)
    assessment = lds_assessment_new ();
  window = add_window (self, assessment,
                       stage != NULL                                     ? stage
                       : lds_assessment_get_session (assessment) != NULL ? "report"
                                                                         : "advise");
  if (error != NULL)
    lds_window_show_broken_file (window, error->message);
  gtk_window_present (GTK_WINDOW (window));
}

static void
lds_application_activate (GApplication *application)
{
  show_kept (LDS_APPLICATION (application), NULL);
}

static void
lds_application_open (GApplication *application,
                      GFile **files,
                      int n_files,
                      const char *hint)
{
  for (int i = 0; i < n_files; i++)
    show_file (LDS_APPLICATION (application), files[i], NULL);
}

static int
lds_application_command_line (GApplication *application,
                              GApplicationCommandLine *command_line)
{
  LdsApplication *self = LDS_APPLICATION (application);
  GVariantDict *options = g_application_command_line_get_options_dict (command_line);
  g_auto (GStrv) paths = NULL;
  const char *stage = NULL;

  g_variant_dict_lookup (options, "stage", "&s", &stage);
  g_variant_dict_lookup (options, G_OPTION_REMAINING, "^aay", &paths);
  if (stage != NULL)
    {
      gboolean known = FALSE;

      for (guint i = 0; i < G_N_ELEMENTS (stage_names); i++)
        known |= g_str_equal (stage, stage_names[i]);
      if (!known)
        {
          g_application_command_line_printerr (
              command_line, _ ("loadstone: there is no stage “%s”. Use ask, advise, measure, report, pitfalls or claims.\n"), stage);
          return LDS_EXIT_USAGE;
        }
    }
  if (paths == NULL)
    show_kept (self, stage);
  for (guint i = 0; paths != NULL && paths[i] != NULL; i++)
    {
      g_autoptr (GFile) file =
          g_application_command_line_create_file_for_arg (command_line, paths[i]);

      show_file (self, file, stage);
    }
  return LDS_EXIT_DONE;
}

static int
lds_application_handle_local_options (GApplication *application,
                                      GVariantDict *options)
{
  if (g_variant_dict_contains (options, "version"))
    {
      g_print ("Loadstone %s\n", LDS_VERSION);
      return LDS_EXIT_DONE;
    }
  return -1;
}

static void
lds_application_startup (GApplication *application)
{
  static const struct
  {
    const char *action;
    const char *keys[3];
  } accels[] = {
      {"app.quit", {"<Control>q"}},
      {"window.close", {"<Control>w"}},
      {"win.show-help-overlay", {"<Control>question"}},
  };

  G_APPLICATION_CLASS (lds_application_parent_class)->startup (application);

  g_action_map_add_action_entries (G_ACTION_MAP (application), actions, G_N_ELEMENTS (actions),
                                   application);
  for (guint i = 0; i < G_N_ELEMENTS (accels); i++)
    gtk_application_set_accels_for_action (GTK_APPLICATION (application), accels[i].action,
                                           accels[i].keys);
  gtk_window_set_default_icon_name (LDS_APPLICATION_ID);
}

static void
lds_application_class_init (LdsApplicationClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);

  application_class->startup = lds_application_startup;
  application_class->activate = lds_application_activate;
  application_class->open = lds_application_open;
  application_class->command_line = lds_application_command_line;
  application_class->handle_local_options = lds_application_handle_local_options;
}

static void
lds_application_init (LdsApplication *self)
{
  static const GOptionEntry entries[] = {
      {"stage", 0, 0, G_OPTION_ARG_STRING, NULL, N_ ("Open at STAGE: ask, advise, measure, report, pitfalls or claims"), N_ ("STAGE")},
      {"version", 0, 0, G_OPTION_ARG_NONE, NULL, N_ ("Print the version and exit"), NULL},
      {G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, NULL, NULL, N_ ("[FILE…]")},
      {NULL},
  };

  self->started_ns = lds_clock_now_ns ();
  g_application_add_main_option_entries (G_APPLICATION (self), entries);
  g_application_set_option_context_parameter_string (G_APPLICATION (self), _ ("[FILE…]"));
  g_application_set_option_context_summary (G_APPLICATION (self),
                                            _ ("Choose between Node.js, Python and both, by measuring on this machine."));
}

LdsApplication *
lds_application_new (void)
{
  return g_object_new (LDS_TYPE_APPLICATION,
                       "application-id", LDS_APPLICATION_ID,
                       "resource-base-path", LDS_RESOURCE_BASE,
                       "flags", G_APPLICATION_HANDLES_COMMAND_LINE | G_APPLICATION_HANDLES_OPEN,
                       NULL);
}
