/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The questionnaire in a terminal: one question at a time, back and forth. */
#define G_LOG_DOMAIN "loadstone-cli"

#include "config.h"
#include "lds-cli-advise.h"

#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>

/* Questions of this weight are asked first and in any case. */
#define LEADING_WEIGHT 3

typedef struct
{
  LdsAnswers *answers;
  LdsRulePack *pack;
  GPtrArray *asked; /* (element-type LdsQuestion): for going back */
  gboolean all;     /* ask even what cannot change the answer */
  gboolean settled; /* not even all open questions together can */
} Interview;

typedef enum
{
  REPLY_NEXT,
  REPLY_AGAIN,
  REPLY_BACK,
  REPLY_STOP,
} Reply;

/* A line without its end; NULL when the input has ended. */
static char *
read_line (void)
{
  g_autofree char *line = NULL;
  size_t size = 0;
  ssize_t length = getline (&line, &size, stdin);

  if (length < 0)
    return NULL;
  return g_strdup (g_strstrip (line));
}

static LdsRelevance
relevance_of (const LdsVerdict *verdict,
              const char *id)
{
  for (guint i = 0; i < verdict->open_questions->len; i++)
    {
      const LdsOpenQuestion *open = &g_array_index (verdict->open_questions, LdsOpenQuestion, i);

      if (strcmp (open->question, id) == 0)
        return open->relevance;
    }
  return LDS_RELEVANCE_NONE;
}

/* The next question: the leading ones, then what can still change the answer; @skipped counts the rest. */
static const LdsQuestion *
find_next (Interview *self,
           guint *skipped)
{
  GPtrArray *questions = lds_rule_pack_get_questions (self->pack);
  g_autoptr (LdsVerdict) verdict = lds_advise (self->answers, LDS_EVIDENCE_NONE);

  *skipped = 0;
  self->settled = verdict->settled;
  for (guint i = 0; i < questions->len; i++)
    {
      const LdsQuestion *question = g_ptr_array_index (questions, i);

      if (lds_answers_get (self->answers, question->id) != NULL ||
          lds_answers_get_not_applicable (self->answers, question->id) != NULL ||
          g_ptr_array_find (self->asked, question, NULL) ||
          !lds_answers_is_asked (self->answers, question->id))
        continue;
      if (self->all || question->weight >= LEADING_WEIGHT || i == 0 ||
          relevance_of (verdict, question->id) >= LDS_RELEVANCE_TOGETHER)
        return question;
      (*skipped)++;
    }
  return NULL;
}

/* What the use case makes likely for the question; NULL when nothing. */
static char *
propose (const Interview *self,
         const LdsQuestion *question)
{
  g_autoptr (LdsAnswers) likely = lds_answers_copy (self->answers);

  lds_answers_prefill (likely);
  return g_strdup (lds_answers_get (likely, question->id));
}

static void
print_question (const LdsQuestion *question,
                const char *proposal)
{
  fprintf (stderr, "\n%s\n  %s\n", question->text, question->help);
  for (guint i = 0; i < question->choices->len; i++)
    {
      const LdsChoice *choice = g_ptr_array_index (question->choices, i);

      fprintf (stderr, "  %2u  %s\n", i + 1, choice->label);
    }
  if (question->choices->len == 0)
    fprintf (stderr, _ ("  A number from %g to %g%s%s\n"), question->minimum, question->maximum,
             question->unit != NULL ? " " : "", question->unit != NULL ? question->unit : "");
  if (proposal != NULL)
    fprintf (stderr, _ ("[Enter: %s; u unknown, n REASON does not apply, ? why, b back, q stop] "),
             proposal);
  else
    fprintf (stderr, "%s", _ ("[u unknown, n REASON does not apply, ? why, b back, q stop] "));
}

static void
print_why (const LdsQuestion *question,
           const LdsVerdict *verdict)
{
  fprintf (stderr, "  %s (%s)\n", question->why, question->uses);
  switch (relevance_of (verdict, question->id))
    {
    case LDS_RELEVANCE_ALONE:
      fprintf (stderr, "  %s\n", _ ("It can still change the answer by itself."));
      break;
    case LDS_RELEVANCE_TOGETHER:
      fprintf (stderr, "  %s\n",
               _ ("It can still change the answer together with another question."));
      break;
    case LDS_RELEVANCE_UNLIKELY:
      fprintf (stderr, "  %s\n",
               _ ("Alone or with one other question it cannot change the answer any more."));
      break;
    case LDS_RELEVANCE_NONE:
    default:
      fprintf (stderr, "  %s\n", _ ("It cannot change the answer any more."));
    }
}

static Reply
report (gboolean done,
        GError **error)
{
  if (done)
    return REPLY_NEXT;
  fprintf (stderr, "  %s\n", (*error)->message);
  return REPLY_AGAIN;
}

/* Applies one line of input to a question. */
static Reply
reply (Interview *self,
       const LdsQuestion *question,
       const char *line,
       const char *proposal)
{
  g_autoptr (GError) error = NULL;
  guint64 number;

  if (*line == '\0')
    {
      if (proposal == NULL)
        return REPLY_AGAIN;
      line = proposal;
    }
  if (strcmp (line, "q") == 0)
    return REPLY_STOP;
  if (strcmp (line, "b") == 0)
    return REPLY_BACK;
  if (strcmp (line, "?") == 0)
    {
      g_autoptr (LdsVerdict) verdict = lds_advise (self->answers, LDS_EVIDENCE_NONE);

      print_why (question, verdict);
      return REPLY_AGAIN;
    }
  if (strcmp (line, "u") == 0)
    return report (lds_answers_set (self->answers, question->id, "unknown", &error), &error);
  if (strcmp (line, "n") == 0 || g_str_has_prefix (line, "n "))
    return report (lds_answers_set_not_applicable (self->answers, question->id, line + 1, &error),
                   &error);
  /* A value's id comes before its place: the team sizes are numbers. */
  if (question->choices->len > 0 && !lds_answers_set (self->answers, question->id, line, NULL) &&
      g_ascii_string_to_unsigned (line, 10, 1, question->choices->len, &number, NULL))
    line = ((LdsChoice *)g_ptr_array_index (question->choices, number - 1))->id;
  return report (lds_answers_set (self->answers, question->id, line, &error), &error);
}

/* Takes back the last answer; returns its question, or @question when there is none. */
static const LdsQuestion *
go_back (Interview *self,
         const LdsQuestion *question)
{
  if (self->asked->len == 0)
    return question;
  question = g_ptr_array_steal_index (self->asked, self->asked->len - 1);
  lds_answers_set (self->answers, question->id, NULL, NULL);
  return question;
}

/* Offers to go on when nothing that is left matters; FALSE to stop. */
static gboolean
offer_rest (Interview *self,
            guint skipped)
{
  g_autofree char *line = NULL;

  if (skipped == 0)
    return FALSE;
  if (self->settled)
    fprintf (stderr,
             ngettext ("\n%u question is left; its answer cannot change the result.",
                       "\n%u questions are left; their answers cannot change the result.", skipped),
             skipped);
  else
    fprintf (stderr,
             ngettext ("\n%u question is left; alone it cannot change the result.",
                       "\n%u questions are left; alone or in pairs they cannot change the result.",
                       skipped),
             skipped);
  fprintf (stderr, "%s", _ (" [Enter: done, c: go on] "));
  line = read_line ();
  self->all = line != NULL && strcmp (line, "c") == 0;
  return self->all;
}

void
lds_cli_ask (LdsAnswers *answers)
{
  g_autoptr (GPtrArray) asked = g_ptr_array_new ();
  Interview self = {answers, lds_answers_get_pack (answers), asked, FALSE, FALSE};
  guint skipped;
  const LdsQuestion *question = find_next (&self, &skipped);

  while (question != NULL)
    {
      g_autofree char *proposal = propose (&self, question);
      g_autofree char *line = NULL;
      Reply done;

      print_question (question, proposal);
      line = read_line ();
      if (line == NULL)
        break;
      done = reply (&self, question, line, proposal);
      if (done == REPLY_STOP)
        break;
      if (done == REPLY_BACK)
        question = go_back (&self, question);
      if (done != REPLY_NEXT)
        continue;
      g_ptr_array_add (asked, (gpointer)question);
      question = find_next (&self, &skipped);
      if (question == NULL && offer_rest (&self, skipped))
        question = find_next (&self, &skipped);
    }
  fputc ('\n', stderr);
}
