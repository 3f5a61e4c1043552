/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The small language that rules are written in: conditions and arithmetic over answers.
 *
 *   rt = essential or conns in (1k-10k, 10k-50k, gt50k)
 *   cpu >= 50 and numeric                    "numeric" being a named condition
 *   3 + abs (js - py)
 *
 * or, and, not, = != < <= > >=, in (...), + - * / div (whole quotient), abs min max, known (QUESTION),
 * ( ). A word may hold "-" and "+", so the operators need spaces around them. A question with values
 * is compared with its values' ids, a number with numbers.
 *
 * Truth is 1 and 0. A question without a value (not applicable, or unknown with nothing to fall back
 * on) is NaN: arithmetic with it is NaN, every comparison with it is false. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _LdsExpression LdsExpression;

/* One word that an expression may use. Exactly one of the members decides what it is. */
typedef struct
{
  int slot; /* a question's or a variable's index; -1 = a named condition */
  const char *const
      *values;                     /* (array zero-terminated=1) (nullable): ids, for questions with values */
  const LdsExpression *definition; /* the named condition */
} LdsWord;

/* Returns FALSE when there is no such word. */
typedef gboolean (*LdsWordFunc) (const char *name, LdsWord *word, gpointer user_data);

/**
 * lds_expression_parse:
 * @look_up: finds words; called during the parse only
 * @known: (array zero-terminated=1): every word there is, for the message
 *
 * Named conditions must outlive the expression.
 *
 * Returns: (transfer full): the expression; or %NULL with LDS_ERROR_INPUT: a reason without a place
 */
LdsExpression *lds_expression_parse (const char *text,
                                     LdsWordFunc look_up,
                                     const char *const *known,
                                     gpointer user_data,
                                     GError **error);
void lds_expression_free (LdsExpression *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LdsExpression, lds_expression_free)

/**
 * lds_expression_evaluate:
 * @slots: a value for each question and variable: an index into its values, or a number, or NaN
 *
 * O(size of the expression), no allocation.
 */
double lds_expression_evaluate (const LdsExpression *self, const double *slots);

/** As a truth: NaN and 0 are false. */
gboolean lds_expression_is_true (const LdsExpression *self, const double *slots);

/** Returns a bit for each slot below 64 that the expression reads, through named conditions too. */
guint64 lds_expression_reads (const LdsExpression *self);

G_END_DECLS
