/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Advisors of the decision data into rules: steps that only lead forward, so that every walk ends. */
#define G_LOG_DOMAIN "lds-rule-pack"

#include "config.h"
#include "lds-rule-pack-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

static const char *const end_names[] = {"node", "python", "polyglot", "abstain", NULL};

static void
step_free (gpointer data)
{
  LdsStep *step = data;

  lds_expression_free (step->test);
  g_free (step);
}

static gboolean
load_branch (const LdsElement *element,
             const LdsElement *advisor,
             guint index,
             const char *attribute,
             LdsBranchRule *branch,
             GError **error)
{
  const char *text = lds_element_get (element, attribute);
  gboolean vote = text != NULL && *text == '+';

  *branch = (LdsBranchRule){LDS_BRANCH_NEXT, LDS_OPTION_ABSTAIN, 0};
  if (text == NULL || strcmp (text, "next") == 0)
    return TRUE;
  for (guint i = 0; end_names[i] != NULL; i++)
    if (strcmp (end_names[i], text + vote) == 0)
      {
        branch->kind = vote ? LDS_BRANCH_VOTE : LDS_BRANCH_END;
        branch->option = i < LDS_N_OPTIONS ? (LdsOption)i : LDS_OPTION_ABSTAIN;
        return TRUE;
      }
  /* Only forward, so that every walk ends. */
  for (guint i = index + 1; i < advisor->children->len; i++)
    {
      const LdsElement *other = g_ptr_array_index (advisor->children, i);

      if (g_strcmp0 (lds_element_get (other, "id"), text) == 0)
        {
          branch->kind = LDS_BRANCH_GO;
          /* Steps are the children from the first <step> on; see below. */
          branch->target = i;
          return TRUE;
        }
    }
  lds_element_error (element, error,
                     _ ("“%s” leads to “%s”, which is neither a verdict nor a later step"),
                     attribute, text);
  return FALSE;
}

static gboolean
load_step (LdsRulePack *self,
           LdsAdvisor *advisor,
           const LdsElement *parent,
           guint index,
           guint first,
           GError **error)
{
  const LdsElement *element = g_ptr_array_index (parent->children, index);
  LdsStep *step = g_new0 (LdsStep, 1);
  const char *question;

  g_ptr_array_add (advisor->steps, step);
  if (strcmp (element->name, "step") != 0)
    {
      lds_element_error (element, error, _ ("<step> is expected where <%s> stands"), element->name);
      return FALSE;
    }
  step->id = (char *)lds_element_require (element, "id", error);
  question = step->id != NULL ? lds_element_require (element, "question", error) : NULL;
  if (question == NULL || !lds_rule_pack_require_text (element, "text", &step->text, error) ||
      !lds_rule_pack_require_expression (self, element, "test", &step->test, error) ||
      !load_branch (element, parent, index, "yes", &step->yes, error) ||
      !load_branch (element, parent, index, "no", &step->no, error))
    return FALSE;
  step->yes.target -= step->yes.kind == LDS_BRANCH_GO ? first : 0;
  step->no.target -= step->no.kind == LDS_BRANCH_GO ? first : 0;
  step->question = lds_rule_pack_index_of (self, question);
  if (step->question >= 0)
    return TRUE;
  lds_element_error (element, error, _ ("there is no question “%s”"), question);
  return FALSE;
}

gboolean
lds_rule_pack_load_advisor (LdsRulePack *self,
                            const LdsElement *element,
                            GError **error)
{
  static const char *const count_names[] = {"none", "any", "majority", NULL};
  LdsAdvisor *advisor = g_new0 (LdsAdvisor, 1);
  int count = LDS_COUNT_NONE, otherwise;
  const guint first = 1; /* the title stands before the steps */

  advisor->steps = g_ptr_array_new_with_free_func (step_free);
  g_ptr_array_add (self->advisors, advisor);
  advisor->id = (char *)lds_element_require (element, "id", error);
  advisor->sources =
      advisor->id != NULL ? (char *)lds_element_require (element, "source", error) : NULL;
  advisor->articles =
      advisor->sources != NULL ? (char *)lds_element_require (element, "articles", error) : NULL;
  advisor->tree = (char *)lds_element_get (element, "tree");
  advisor->first_hit = g_strcmp0 (lds_element_get (element, "first-hit"), "yes") == 0;
  if (advisor->articles == NULL ||
      !lds_rule_pack_require_text (element, "title", &advisor->title, error))
    return FALSE;
  if (lds_element_get (element, "count") != NULL)
    count = lds_rule_pack_require_one_of (element, "count", count_names, error);
  otherwise =
      count >= 0 ? lds_rule_pack_require_one_of (element, "otherwise", end_names, error) : -1;
  if (otherwise < 0)
    return FALSE;
  advisor->count = (LdsCount)count;
  advisor->otherwise = otherwise < LDS_N_OPTIONS ? (LdsOption)otherwise : LDS_OPTION_ABSTAIN;
  for (guint i = first; i < element->children->len; i++)
    if (!load_step (self, advisor, element, i, first, error))
      return FALSE;
  return TRUE;
}
