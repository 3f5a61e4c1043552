/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A verdict for people. */
#define G_LOG_DOMAIN "loadstone-cli"

#include "config.h"
#include "lds-cli-advise.h"

#include <glib/gi18n.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lds-grades.h"
#include "lds-json.h"

static void
print_contribution (const LdsContribution *contribution)
{
  g_autofree char *grade = lds_grades_dup_text (contribution->grade, contribution->graded_by);

  /* Translators: points, a criterion, the answer behind it, where its figures come from, rule ids, grade */
  printf (_ ("  %+5.1f  %s (%s): %s; %s, grade %s\n"), contribution->points, contribution->title,
          contribution->answer, lds_evidence_title (contribution->evidence), contribution->sources,
          grade);
}

static void
print_reasons (const LdsVerdict *verdict)
{
  if (verdict->second == LDS_OPTION_ABSTAIN)
    return;
  /* Translators: the second option; "over" it the winner leads */
  printf (_ ("\nBecause, over %s:\n"), lds_option_title (verdict->second));
  for (guint i = 0; i < verdict->reasons_for->len; i++)
    print_contribution (g_ptr_array_index (verdict->reasons_for, i));
  printf ("%s", _ ("\nAgainst it:\n"));
  for (guint i = 0; i < verdict->reasons_against->len; i++)
    print_contribution (g_ptr_array_index (verdict->reasons_against, i));
  if (verdict->reasons_against->len == 0)
    printf ("  %s\n", _ ("Nothing that was asked about."));
}

static void
print_why_not (const LdsVerdict *verdict)
{
  for (guint i = 0; i < verdict->why_not->len; i++)
    {
      const LdsWhyNot *why_not = g_ptr_array_index (verdict->why_not, i);

      /* Translators: an option, its score of 100 */
      printf (_ ("\nWhy not %s (%.1f):\n"), lds_option_title (why_not->option),
              verdict->scores[why_not->option]);
      if (why_not->gate != NULL)
        printf ("  %s\n", why_not->gate);
      for (guint d = 0; d < why_not->deficits->len; d++)
        {
          const LdsDeficit *deficit = g_ptr_array_index (why_not->deficits, d);

          printf ("  %+5.1f  %s\n", -deficit->points, deficit->title);
        }
    }
}

static void
print_advisors (const LdsVerdict *verdict)
{
  /* Translators: how many of how many advisors say otherwise */
  printf (_ ("\nWhat the articles' own rules say; %u of %u say otherwise:\n"), verdict->n_dissent,
          verdict->n_voices);
  for (guint i = 0; i < verdict->advisors->len; i++)
    {
      const LdsAdvice *advice = g_ptr_array_index (verdict->advisors, i);

      printf ("  %s: %s (%s)\n", advice->title, lds_option_title (advice->vote), advice->sources);
      for (guint s = 0; advice->path[s] != NULL; s++)
        printf ("      %s\n", advice->path[s]);
    }
}

/* An answer in words; its id when it is a number. */
static const char *
label_of (const LdsQuestion *question,
          const char *value)
{
  for (guint i = 0; i < question->choices->len; i++)
    {
      const LdsChoice *choice = g_ptr_array_index (question->choices, i);

      if (strcmp (choice->id, value) == 0)
        return choice->label;
    }
  return value;
}

static void
print_change (LdsRulePack *pack,
              const char *id,
              const char *from,
              const char *to)
{
  const LdsQuestion *question = lds_rule_pack_find_question (pack, id);

  /* Translators: a question, an answer, the answer as it is */
  printf (_ ("  %s “%s” instead of “%s”"), question->text, label_of (question, to),
          label_of (question, from));
}

static void
print_flips (LdsRulePack *pack,
             const LdsVerdict *verdict)
{
  printf ("%s", _ ("\nWhat would change the answer:\n"));
  for (guint i = 0; i < verdict->flips->len; i++)
    {
      const LdsFlip *flip = g_ptr_array_index (verdict->flips, i);

      print_change (pack, flip->question, flip->from, flip->to);
      printf (": %s\n", lds_option_title (flip->winner));
    }
  if (verdict->flips->len == 0)
    printf ("  %s\n", _ ("No other answer to a single question."));
  for (guint i = 0; i < MIN (3, verdict->pair_flips->len); i++)
    {
      const LdsPairFlip *flip = g_ptr_array_index (verdict->pair_flips, i);

      print_change (pack, flip->questions[0], flip->from[0], flip->to[0]);
      printf ("\n    %s", _ ("and"));
      print_change (pack, flip->questions[1], flip->from[1], flip->to[1]);
      printf (": %s\n", lds_option_title (flip->winner));
    }
  for (guint i = 0; i < verdict->conditions->len; i++)
    printf ("  %s\n", (const char *)g_ptr_array_index (verdict->conditions, i));
}

static void
print_ranges (const LdsVerdict *verdict)
{
  for (guint i = 0; i < verdict->weight_ranges->len; i++)
    {
      const LdsWeightRange *range = &g_array_index (verdict->weight_ranges, LdsWeightRange, i);

      /* Weights go from 0 to 10: a bound outside cannot be crossed. */
      if (!isnan (range->low) && range->low <= 10)
        printf (_ ("  The weight of “%s” below %.1f (it is %.1f): %s\n"), range->title, range->low,
                range->weight, lds_option_title (range->below));
      if (!isnan (range->high) && range->high <= 10)
        printf (_ ("  The weight of “%s” above %.1f (it is %.1f): %s\n"), range->title, range->high,
                range->weight, lds_option_title (range->above));
    }
  for (guint i = 0; i < verdict->ratio_ranges->len; i++)
    {
      const LdsRatioRange *range = &g_array_index (verdict->ratio_ranges, LdsRatioRange, i);

      /* Translators: a criterion, a ratio, workloads, an option */
      if (!isnan (range->low))
        printf (_ ("  “%s” measured with Node.js below %.2f times Python on %s: %s\n"),
                range->title, range->low, range->workloads, lds_option_title (range->below));
      if (!isnan (range->high))
        printf (_ ("  “%s” measured with Node.js above %.2f times Python on %s: %s\n"),
                range->title, range->high, range->workloads, lds_option_title (range->above));
    }
}

static void
print_notes (const char *heading,
             GPtrArray *notes)
{
  if (notes->len > 0)
    printf ("\n%s\n", heading);
  for (guint i = 0; i < notes->len; i++)
    {
      const LdsVerdictNote *note = g_ptr_array_index (notes, i);

      printf ("  %s%s%s%s%s", note->id, *note->title != '\0' ? " " : "", note->title, ": ",
              note->text);
      if (note->workload != NULL)
        printf (" (%s)", note->workload);
      putchar ('\n');
    }
}

static void
print_open (const LdsVerdict *verdict)
{
  guint matter = 0;

  for (guint i = 0; i < verdict->open_questions->len; i++)
    matter += g_array_index (verdict->open_questions, LdsOpenQuestion, i).relevance >=
              LDS_RELEVANCE_TOGETHER;
  /* Translators: two counts of questions */
  printf (_ ("%u of %u questions answered"), verdict->n_answered, verdict->n_questions);
  if (verdict->open_questions->len == 0)
    puts (".");
  else if (verdict->settled)
    puts (_ ("; the others cannot change the answer."));
  else
    {
      printf (_ ("; %u of the others can still change the answer:"), matter);
      for (guint i = 0; i < verdict->open_questions->len; i++)
        {
          const LdsOpenQuestion *open =
              &g_array_index (verdict->open_questions, LdsOpenQuestion, i);

          if (open->relevance >= LDS_RELEVANCE_TOGETHER)
            printf (" %s", open->question);
        }
      putchar ('\n');
    }
}

static void
print_changes (const LdsVerdict *verdict)
{
  for (guint i = 0; i < verdict->changes->len; i++)
    printf (_ ("Changed: %s\n"), (const char *)g_ptr_array_index (verdict->changes, i));
  if (verdict->unchanged != NULL)
    /* Translators: an option, a lead in points, a certainty of 100 */
    printf (_ ("Without these changes: %s, by %.1f points, certainty %.0f/100.\n"),
            lds_option_title (verdict->unchanged->winner), verdict->unchanged->margin,
            verdict->unchanged->confidence);
}

void
lds_cli_print_verdict (LdsRulePack *pack,
                       const LdsVerdict *verdict)
{
  printf ("%s\n", verdict->headline);
  if (verdict->contested)
    printf ("%s\n", _ ("Contested: most of the articles say otherwise."));
  for (guint i = 0; i < verdict->warnings->len; i++)
    printf (_ ("Warning: %s\n"), (const char *)g_ptr_array_index (verdict->warnings, i));
  print_open (verdict);
  print_changes (verdict);
  printf (_ ("Scores, of 100: Node.js %.1f, Python %.1f, both %.1f.\n"),
          verdict->scores[LDS_OPTION_NODE], verdict->scores[LDS_OPTION_PYTHON],
          verdict->scores[LDS_OPTION_POLYGLOT]);
  print_reasons (verdict);
  print_why_not (verdict);
  print_advisors (verdict);
  print_flips (pack, verdict);
  print_ranges (verdict);
  print_notes (_ ("The shape to build:"), verdict->patterns);
  print_notes (_ ("Between the two:"), verdict->interop);
  print_notes (_ ("Next:"), verdict->actions);
  print_notes (_ ("Look at the decision again when production does not keep to this:"),
               verdict->thresholds);
  print_notes (_ ("Pitfalls that these answers invite:"), verdict->pitfalls);
}

void
lds_cli_print_components (const LdsComponents *components)
{
  printf ("%s\n", components->headline);
  for (guint i = 0; i < components->components->len; i++)
    {
      const LdsComponent *component = g_ptr_array_index (components->components, i);

      /* Translators: a component's name, then its verdict in a sentence */
      printf (_ ("  %s: %s\n"), component->name, component->verdict->headline);
      for (guint r = 0; r < component->verdict->reasons_for->len; r++)
        print_contribution (g_ptr_array_index (component->verdict->reasons_for, r));
    }
}

void
lds_cli_print_json (JsonNode *node)
{
  g_autofree char *text = lds_json_to_text (node, TRUE);

  fputs (text, stdout);
}
