/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The end of the report: how it was measured and on what, what was answered, how to do it again,
 * what the figures do not say. */
#define G_LOG_DOMAIN "lds-report"

#include "config.h"
#include "lds-report-pdf-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "lds-environment-text.h"

static void
draw_limits (LdsReport *self,
             LdsPages *pages)
{
  if (self->limits->len == 0)
    return;
  lds_pages_heading (pages, _ ("What these figures do not say"), 40);
  for (guint i = 0; i < self->limits->len; i++)
    lds_pages_item (pages, "•", g_ptr_array_index (self->limits, i));
}

/* How each workload was driven; whether any was by an open or a closed loop. */
static void
draw_loads (LdsReport *self,
            LdsPages *pages,
            gboolean *any_open,
            gboolean *any_closed)
{
  const LdsPlan *plan = self->session->plan;

  *any_open = *any_closed = FALSE;
  for (guint i = 0; i < plan->workloads->len; i++)
    {
      LdsPlanLoad load = lds_plan_get_load (plan, g_ptr_array_index (plan->workloads, i));
      g_autofree char *rate = lds_format_value (load.rate_hz, LDS_UNIT_RATE_HZ), *text = NULL;

      if (g_strcmp0 (load.workload->stream, "listen") == 0)
        {
          /* Translators: a workload, connections */
          text = g_strdup_printf (_ ("%s: connections that only listen: %u."), load.workload->title,
                                  load.connections);
          lds_pages_item (pages, "•", text);
          continue;
        }
      if (load.rate_hz > 0)
        /* Translators: a workload, connections, a rate */
        text = g_strdup_printf (_ ("%s: open loop, connections: %u, requests offered: %s."),
                                load.workload->title, load.connections, rate);
      else
        /* Translators: a workload, connections */
        text = g_strdup_printf (_ ("%s: closed loop, connections: %u."), load.workload->title,
                                load.connections);
      lds_pages_item (pages, "•", text);
      *any_open |= load.rate_hz > 0;
      *any_closed |= !(load.rate_hz > 0);
    }
}

/* The same of an adaptive plan, whose rates follow from what came out. */
static void
draw_searched_loads (LdsReport *self,
                     LdsPages *pages)
{
  const LdsPlan *plan = self->session->plan;

  for (guint i = 0; i < plan->workloads->len; i++)
    {
      LdsPlanLoad load = lds_plan_get_load (plan, g_ptr_array_index (plan->workloads, i));
      g_autofree char *rate = lds_format_value (load.rate_hz, LDS_UNIT_RATE_HZ), *text = NULL;

      if (!plan->find_knee)
        /* Translators: a workload */
        text = g_strdup_printf (_ ("%s: closed loops over a series."), load.workload->title);
      else if (load.rate_hz > 0)
        /* Translators: a workload, connections, a rate */
        text = g_strdup_printf (_ ("%s: search of the knee, connections: %u, highest rate offered: %s."),
                                load.workload->title, load.connections, rate);
      else
        /* Translators: a workload, connections */
        text = g_strdup_printf (_ ("%s: search of the knee, connections: %u."), load.workload->title,
                                load.connections);
      lds_pages_item (pages, "•", text);
    }
}

/* How the runs of an adaptive plan were made, and what makes them sure. */
static void
draw_search (LdsReport *self,
             LdsPages *pages)
{
  const LdsPlan *plan = self->session->plan;
  g_autofree char *text = NULL;

  /* Translators: threads of the load generator, seconds of warm-up, seconds measured, runs */
  text = g_strdup_printf (_ ("Threads of the load generator, a process of its own: %u. Warm-up, thrown away: %.3g s. Measured: %.3g s. Repeats at each load that is not searched: %u, each with a fresh server, lanes in turn."),
                          plan->client_threads, (double)plan->warm_up_ms / 1000,
                          (double)plan->duration_ms / 1000, plan->repeats);
  lds_pages_paragraph (pages, LDS_STYLE_BODY, text);
  if (plan->find_knee)
    {
      lds_pages_paragraph (pages, LDS_STYLE_BODY, _ ("Search: a closed loop shows how fast a lane may be; then open loops are offered rates, halving what is left between the highest rate that is kept and the lowest that is not. Both ends are repeated until Wald’s sequential test decides them, so that the interval holds the knee in 95 of 100 searches; what the last rounds of all lanes no longer say is found again, for a machine may have become slower. A run in which the load generator was the limit is no evidence against the server: the knee is then “at least” the highest rate kept. One on a machine that others use is no evidence at all, and is made again."));
      lds_pages_paragraph (pages, LDS_STYLE_BODY, _ ("Open loop: requests are sent at the offered rate whatever comes back; response times count from the moment a request was due, so a stall is seen in full."));
    }
  if (plan->scale_connections->len + plan->scale_workers->len > 0)
    lds_pages_paragraph (pages, LDS_STYLE_BODY, _ ("Series: least squares of the throughput within α, β ≥ 0, by Levenberg and Marquardt’s method; intervals from 500 bootstrap resamples of the runs of each point. Source: Gunther, “Guerrilla Capacity Planning” (2007)."));
  lds_pages_paragraph (pages, LDS_STYLE_BODY, _ ("Figures below the knee are medians over valid runs, with the 95 % bootstrap interval of that median. Lanes have no test between them here: their intervals say what can be told apart."));
}

static void
draw_method (LdsReport *self,
             LdsPages *pages)
{
  const LdsPlan *plan = self->session->plan;
  g_autofree char *text = NULL, *scale = NULL;
  gboolean any_open, any_closed;

  lds_pages_heading (pages, _ ("Method"), 60);
  if (lds_plan_is_adaptive (plan))
    {
      any_open = any_closed = FALSE;
      draw_searched_loads (self, pages);
    }
  else
    draw_loads (self, pages, &any_open, &any_closed);
  lds_pages_skip (pages, 3);
  scale = lds_plan_dup_scale_text (plan);
  if (scale != NULL)
    lds_pages_paragraph (pages, LDS_STYLE_BODY, scale);
  for (guint i = 0; i < plan->left_out->len; i++)
    {
      const LdsInvalidReason *left_out = plan->left_out->pdata[i];
      /* Translators: a lane or a workload, then the reason in a sentence */
      g_autofree char *line = g_strdup_printf (_ ("Left out: %s. %s"), left_out->code, left_out->text);

      lds_pages_paragraph (pages, LDS_STYLE_BODY, line);
    }
  if (any_open)
    lds_pages_paragraph (pages, LDS_STYLE_BODY,
                         _ ("Open loop: requests are sent at the offered rate whatever comes back; response times count from the moment a request was due, so a stall is seen in full."));
  if (any_closed)
    lds_pages_paragraph (pages, LDS_STYLE_BODY,
                         _ ("Closed loop: each connection sends its next request when the last was answered. This finds the highest rate; response times at that rate are those of a full server."));
  if (lds_plan_is_adaptive (plan))
    {
      draw_search (self, pages);
      return;
    }
  /* Translators: threads of the load generator, seconds of warm-up, seconds measured, runs */
  text = g_strdup_printf (_ ("Threads of the load generator, a process of its own: %u. Warm-up, thrown away: %.3g s. Measured: %.3g s. Runs of each lane and workload: %u, each with a fresh server, all lanes of a repeat beside each other in alternating order."),
                          plan->client_threads, (double)plan->warm_up_ms / 1000,
                          (double)plan->duration_ms / 1000, plan->repeats);
  lds_pages_paragraph (pages, LDS_STYLE_BODY, text);
  lds_pages_paragraph (pages, LDS_STYLE_BODY,
                       _ ("The run is the replicate: each figure is the median over runs, with the 95 % bootstrap interval of that median. Percentiles over several runs come from merged histograms, never from averages. A run whose load generator was the bottleneck, whose rate was missed, or whose answers were wrong is INVALID, is named as such, and counts nowhere."));
  lds_pages_paragraph (pages, LDS_STYLE_BODY,
                       _ ("Lanes are compared in pairs of runs that were beside each other, by Student’s test of the logarithms of their ratios; where there are no such pairs, by the exact Mann-Whitney test. All pairs of lanes of a workload together are at the 5 % level (Bonferroni). “No detectable difference” does not say that lanes are equal, but that these runs cannot tell them apart."));
}

static void
draw_environment (LdsReport *self,
                  LdsPages *pages)
{
  const LdsColumn columns[] = {
      {_ ("Environment"), 30, LDS_ALIGN_LEFT},
      {"", 70, LDS_ALIGN_LEFT},
  };
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GArray) rows = g_array_new (FALSE, FALSE, sizeof (LdsRow));
  g_autoptr (GPtrArray) lines = lds_environment_list_text (self->session->environment);

  for (guint i = 0; i < lines->len; i++)
    {
      const LdsEnvironmentText *line = lines->pdata[i];
      LdsCell *cells = g_new0 (LdsCell, 2);
      LdsRow row = {0};

      g_ptr_array_add (texts, cells);
      cells[0].text = line->title;
      cells[1].text = line->text;
      row.cells = cells;
      g_array_append_val (rows, row);
    }
  lds_pages_skip (pages, 10);
  lds_pages_table (pages, columns, G_N_ELEMENTS (columns),
                   (const LdsRow *)(const void *)rows->data, rows->len);
  for (guint i = 0; i < self->session->warnings->len; i++)
    lds_pages_item (pages, "•", ((LdsInvalidReason *)self->session->warnings->pdata[i])->text);
}

static const char *
answer_text (const LdsReportAnswer *answer)
{
  switch (answer->state)
    {
    case LDS_ANSWER_UNKNOWN:
      return _ ("I don’t know");
    case LDS_ANSWER_NOT_APPLICABLE:
      return _ ("Does not apply");
    case LDS_ANSWER_MISSING:
      return _ ("Not answered");
    case LDS_ANSWER_GIVEN:
    default:
      return answer->label != NULL ? answer->label : answer->value;
    }
}

static void
draw_answers (LdsReport *self,
              LdsPages *pages)
{
  const LdsColumn columns[] = {
      {_ ("Question"), 54, LDS_ALIGN_LEFT},
      {_ ("Answer"), 34, LDS_ALIGN_LEFT},
      {_ ("Name"), 12, LDS_ALIGN_LEFT},
  };
  guint n = self->answers->len;
  g_autofree LdsRow *rows = g_new0 (LdsRow, n + 1);
  g_autofree LdsCell *cells = g_new0 (LdsCell, (n + 1) * G_N_ELEMENTS (columns));

  lds_pages_heading (pages, _ ("Answers"), 80);
  for (guint i = 0; i < n; i++)
    {
      const LdsReportAnswer *answer = g_ptr_array_index (self->answers, i);
      LdsCell *row = &cells[i * G_N_ELEMENTS (columns)];

      row[0] = (LdsCell){.text = answer->question};
      row[2] = (LdsCell){.text = answer->id};
      row[1] =
          (LdsCell){.text = answer_text (answer),
                    .note = answer->reason,
                    .style = answer->state == LDS_ANSWER_GIVEN ? LDS_TEXT_PLAIN : LDS_TEXT_ITALIC};
      rows[i].cells = row;
    }
  lds_pages_table (pages, columns, G_N_ELEMENTS (columns), rows, n);
}

#define COMMAND_COLUMNS 92

/* Breaks a long command between its options, with the shell's backslash, so that what is copied from
 * the page still runs. */
static char *
break_command (const char *command)
{
  g_auto (GStrv) words = g_strsplit (command, " ", -1);
  GString *text = g_string_new (NULL);
  gsize column = 0;

  for (guint i = 0; words[i] != NULL; i++)
    {
      gsize length = strlen (words[i]);

      /* An option stays with its value. */
      if (words[i][0] == '-' && words[i + 1] != NULL && words[i + 1][0] != '-')
        length += 1 + strlen (words[i + 1]);
      if (words[i][0] == '-' && column + 1 + length + 2 > COMMAND_COLUMNS)
        {
          g_string_append (text, " \\\n    ");
          column = 4;
        }
      else if (i > 0)
        {
          g_string_append_c (text, ' ');
          column++;
        }
      g_string_append (text, words[i]);
      column += strlen (words[i]);
    }
  return g_string_free (text, FALSE);
}

static void
draw_commands (LdsReport *self,
               LdsPages *pages)
{
  if (self->commands->len == 0)
    return;
  lds_pages_heading (pages, _ ("To do it again"), 40);
  for (guint i = 0; i < self->commands->len; i++)
    {
      g_autofree char *text = break_command (g_ptr_array_index (self->commands, i));

      lds_pages_paragraph (pages, LDS_STYLE_COMMAND, text);
    }
}

void
lds_report_draw_appendix (LdsReport *self,
                          LdsPages *pages)
{
  lds_pages_begin_section (pages, _ ("Appendix"), TRUE);
  draw_limits (self, pages);
  if (self->session != NULL)
    {
      draw_method (self, pages);
      /* Of searches no comparison is made. */
      if (!lds_plan_is_adaptive (self->session->plan))
        lds_report_draw_self_test (self, pages);
      draw_environment (self, pages);
    }
  draw_commands (self, pages);
  draw_answers (self, pages);
}
