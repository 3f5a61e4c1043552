/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The small language that rules are written in: a recursive-descent parser and a tree walker. */
#define G_LOG_DOMAIN "lds-expression"

#include "config.h"
#include "lds-expression.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "lds-error.h"
#include "lds-nearest.h"

#define MAX_DEPTH 32
#define MAX_WORD  64
/* Bounds the depth of the tree, which is walked recursively. */
#define MAX_TEXT 2000
/* Conditions may name conditions that name conditions: what they add up to is bounded. */
#define MAX_COST 10000

typedef enum
{
  OP_NUMBER,
  OP_SLOT,
  OP_IN, /* slot's value is one of the bits in mask */
  OP_CONDITION,
  OP_KNOWN,
  OP_OR,
  OP_AND,
  OP_NOT,
  OP_EQ,
  OP_NE,
  OP_LT,
  OP_LE,
  OP_GT,
  OP_GE,
  OP_ADD,
  OP_SUB,
  OP_MUL,
  OP_QUOT,
  OP_DIV,
  OP_ABS,
  OP_MIN,
  OP_MAX,
} Op;

struct _LdsExpression
{
  Op op;
  int slot;
  double number;
  guint64 mask;
  guint cost; /* of roots: nodes, those of named conditions included */
  const LdsExpression *definition;
  LdsExpression *a, *b;
};

typedef struct
{
  const char *p;
  char token[MAX_WORD]; /* empty at the end */
  guint depth;
  LdsWordFunc look_up;
  const char *const *known;
  gpointer user_data;
  GError **error;
} Parser;

static const struct
{
  const char *token;
  Op op;
} comparisons[] = {{"=", OP_EQ}, {"!=", OP_NE}, {"<", OP_LT}, {"<=", OP_LE}, {">", OP_GT}, {">=", OP_GE}};

static LdsExpression *parse_or (Parser *parser);

void
lds_expression_free (LdsExpression *self)
{
  if (self == NULL)
    return;
  lds_expression_free (self->a);
  lds_expression_free (self->b);
  g_free (self);
}

/* Takes over a and b; NULL when one of them failed. */
static LdsExpression *
node_new (Op op,
          LdsExpression *a,
          LdsExpression *b,
          gboolean binary)
{
  LdsExpression *self;

  if (a == NULL || (binary && b == NULL))
    {
      lds_expression_free (a);
      lds_expression_free (b);
      return NULL;
    }
  self = g_new0 (LdsExpression, 1);
  self->op = op;
  self->a = a;
  self->b = b;
  return self;
}

static LdsExpression *
leaf_new (Op op,
          int slot)
{
  LdsExpression *self = g_new0 (LdsExpression, 1);

  self->op = op;
  self->slot = slot;
  return self;
}

G_GNUC_PRINTF (2, 3)
static LdsExpression *
fail (Parser *parser,
      const char *format,
      ...)
{
  if (parser->error == NULL || *parser->error == NULL)
    {
      va_list args;
      g_autofree char *message = NULL;

      va_start (args, format);
      message = g_strdup_vprintf (format, args);
      va_end (args);
      g_set_error_literal (parser->error, LDS_ERROR, LDS_ERROR_INPUT, message);
    }
  return NULL;
}

static gboolean
is_word_char (char c)
{
  return g_ascii_isalnum (c) || c == '-' || c == '+' || c == '_' || c == '.';
}

static void
advance (Parser *parser)
{
  gsize length = 0;

  while (g_ascii_isspace (*parser->p))
    parser->p++;
  if (g_ascii_isalnum (*parser->p))
    while (is_word_char (parser->p[length]))
      length++;
  else if (strchr ("<>!", *parser->p) != NULL && *parser->p != '\0')
    length = parser->p[1] == '=' ? 2 : 1;
  else if (*parser->p != '\0')
    length = 1;
  g_strlcpy (parser->token, parser->p, MIN (length + 1, sizeof parser->token));
  parser->p += length;
}

static gboolean
accept (Parser *parser,
        const char *token)
{
  if (strcmp (parser->token, token) != 0)
    return FALSE;
  advance (parser);
  return TRUE;
}

static gboolean
expect (Parser *parser,
        const char *token)
{
  if (accept (parser, token))
    return TRUE;
  fail (parser, _ ("“%s” is expected where “%s” stands"), token, parser->token);
  return FALSE;
}

static gboolean
look_up_word (Parser *parser,
              LdsWord *word)
{
  *word = (LdsWord){-1, NULL, NULL};
  if (parser->look_up (parser->token, word, parser->user_data))
    return TRUE;
  if (parser->token[0] == '\0')
    fail (parser, _ ("the expression ends too early"));
  else
    {
      const char *nearest = lds_nearest (parser->token, parser->known);

      if (nearest != NULL)
        fail (parser, _ ("there is no “%s”; perhaps “%s” is meant"), parser->token, nearest);
      else
        fail (parser, _ ("there is no “%s”"), parser->token);
    }
  return FALSE;
}

/* One value of a question as a bit; 0 when there is no such value. */
static guint64
parse_value (Parser *parser,
             const char *const *values)
{
  for (guint i = 0; values[i] != NULL; i++)
    if (strcmp (values[i], parser->token) == 0)
      {
        advance (parser);
        return G_GUINT64_CONSTANT (1) << i;
      }
  fail (parser, _ ("there is no value “%s”; perhaps “%s” is meant"), parser->token,
        lds_nearest (parser->token, values) != NULL ? lds_nearest (parser->token, values)
                                                    : values[0]);
  return 0;
}

/* A question with values: compared, never computed with. */
static LdsExpression *
parse_choice (Parser *parser,
              const LdsWord *word)
{
  gboolean negated = FALSE;
  guint64 mask = 0;
  LdsExpression *self;

  if (accept (parser, "in"))
    {
      if (!expect (parser, "("))
        return NULL;
      do
        {
          guint64 bit = parse_value (parser, word->values);

          if (bit == 0)
            return NULL;
          mask |= bit;
        }
      while (accept (parser, ","));
      if (!expect (parser, ")"))
        return NULL;
    }
  else
    {
      negated = strcmp (parser->token, "!=") == 0;
      if (!negated && strcmp (parser->token, "=") != 0)
        return fail (parser, _ ("a question with values needs “=”, “!=” or “in”, not “%s”"),
                     parser->token);
      advance (parser);
      mask = parse_value (parser, word->values);
      if (mask == 0)
        return NULL;
    }
  self = leaf_new (OP_IN, word->slot);
  /* Inverted, the mask holds the other values: no value at all is still false. */
  self->mask = negated ? ~mask : mask;
  return self;
}

static LdsExpression *
parse_function (Parser *parser,
                Op op)
{
  LdsExpression *a, *b = NULL;

  if (!expect (parser, "("))
    return NULL;
  a = parse_or (parser);
  if (a != NULL && op != OP_ABS && expect (parser, ","))
    b = parse_or (parser);
  a = node_new (op, a, b, op != OP_ABS);
  if (a != NULL && !expect (parser, ")"))
    g_clear_pointer (&a, lds_expression_free);
  return a;
}

static LdsExpression *
parse_known (Parser *parser)
{
  LdsWord word;

  if (!expect (parser, "(") || !look_up_word (parser, &word))
    return NULL;
  if (word.slot < 0)
    return fail (parser, _ ("“%s” is a condition, not a question"), parser->token);
  advance (parser);
  return expect (parser, ")") ? leaf_new (OP_KNOWN, word.slot) : NULL;
}

static LdsExpression *
parse_number (Parser *parser,
              double sign)
{
  char *end;
  double number = g_ascii_strtod (parser->token, &end);
  LdsExpression *self;

  if (end == parser->token || *end != '\0' || !isfinite (number))
    return fail (parser, _ ("“%s” is not a number"), parser->token);
  advance (parser);
  self = leaf_new (OP_NUMBER, -1);
  self->number = sign * number;
  return self;
}

static LdsExpression *
parse_primary (Parser *parser)
{
  LdsWord word;

  if (accept (parser, "("))
    {
      LdsExpression *self = parse_or (parser);

      if (self != NULL && !expect (parser, ")"))
        g_clear_pointer (&self, lds_expression_free);
      return self;
    }
  if (accept (parser, "abs"))
    return parse_function (parser, OP_ABS);
  if (accept (parser, "min"))
    return parse_function (parser, OP_MIN);
  if (accept (parser, "max"))
    return parse_function (parser, OP_MAX);
  if (accept (parser, "known"))
    return parse_known (parser);
  if (accept (parser, "-"))
    return parse_number (parser, -1);
  if (g_ascii_isdigit (parser->token[0]))
    return parse_number (parser, 1);
  if (!look_up_word (parser, &word))
    return NULL;
  advance (parser);
  if (word.values != NULL)
    return parse_choice (parser, &word);
  if (word.definition != NULL)
    {
      LdsExpression *self = leaf_new (OP_CONDITION, -1);

      self->definition = word.definition;
      return self;
    }
  return leaf_new (OP_SLOT, word.slot);
}

static LdsExpression *
parse_product (Parser *parser)
{
  LdsExpression *self = parse_primary (parser);

  while (self != NULL)
    if (accept (parser, "*"))
      self = node_new (OP_MUL, self, parse_primary (parser), TRUE);
    else if (accept (parser, "/"))
      self = node_new (OP_QUOT, self, parse_primary (parser), TRUE);
    else if (accept (parser, "div"))
      self = node_new (OP_DIV, self, parse_primary (parser), TRUE);
    else
      break;
  return self;
}

static LdsExpression *
parse_sum (Parser *parser)
{
  LdsExpression *self = parse_product (parser);

  while (self != NULL)
    if (accept (parser, "+"))
      self = node_new (OP_ADD, self, parse_product (parser), TRUE);
    else if (accept (parser, "-"))
      self = node_new (OP_SUB, self, parse_product (parser), TRUE);
    else
      break;
  return self;
}

static LdsExpression *
parse_comparison (Parser *parser)
{
  LdsExpression *self = parse_sum (parser);

  if (self != NULL)
    for (guint i = 0; i < G_N_ELEMENTS (comparisons); i++)
      if (accept (parser, comparisons[i].token))
        return node_new (comparisons[i].op, self, parse_sum (parser), TRUE);
  return self;
}

static LdsExpression *
parse_not (Parser *parser)
{
  LdsExpression *self;

  if (++parser->depth > MAX_DEPTH)
    return fail (parser, _ ("the expression is nested more than %d deep"), MAX_DEPTH);
  if (accept (parser, "not"))
    self = node_new (OP_NOT, parse_not (parser), NULL, FALSE);
  else
    self = parse_comparison (parser);
  parser->depth--;
  return self;
}

static LdsExpression *
parse_and (Parser *parser)
{
  LdsExpression *self = parse_not (parser);

  while (self != NULL && accept (parser, "and"))
    self = node_new (OP_AND, self, parse_not (parser), TRUE);
  return self;
}

static LdsExpression *
parse_or (Parser *parser)
{
  LdsExpression *self = parse_and (parser);

  while (self != NULL && accept (parser, "or"))
    self = node_new (OP_OR, self, parse_and (parser), TRUE);
  return self;
}

static guint
cost_of (const LdsExpression *self)
{
  if (self == NULL)
    return 0;
  return MIN (MAX_COST + 1, 1 + (self->definition != NULL ? self->definition->cost : 0) +
                                cost_of (self->a) + cost_of (self->b));
}

LdsExpression *
lds_expression_parse (const char *text,
                      LdsWordFunc look_up,
                      const char *const *known,
                      gpointer user_data,
                      GError **error)
{
  g_autoptr (GError) local = NULL;
  Parser parser = {
      .p = text, .look_up = look_up, .known = known, .user_data = user_data, .error = &local};
  LdsExpression *self;

  if (strlen (text) > MAX_TEXT)
    {
      g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                   _ ("an expression is longer than %d characters"), MAX_TEXT);
      return NULL;
    }
  advance (&parser);
  self = parse_or (&parser);
  if (self != NULL && parser.token[0] != '\0')
    {
      fail (&parser, _ ("“%s” is not expected here"), parser.token);
      g_clear_pointer (&self, lds_expression_free);
    }
  if (self != NULL)
    {
      self->cost = cost_of (self);
      if (self->cost > MAX_COST)
        {
          fail (&parser, _ ("with the conditions that it names, it is too long"));
          g_clear_pointer (&self, lds_expression_free);
        }
    }
  if (self == NULL)
    g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                 /* Translators: an expression, the reason why it is refused */
                 _ ("the expression “%s” is wrong: %s"), text, local->message);
  return self;
}

double
lds_expression_evaluate (const LdsExpression *self,
                         const double *slots)
{
  double a, b;

  switch (self->op)
    {
    case OP_NUMBER:
      return self->number;
    case OP_SLOT:
      return slots[self->slot];
    case OP_IN:
      return !isnan (slots[self->slot]) && (self->mask >> (guint)slots[self->slot] & 1) != 0;
    case OP_CONDITION:
      return lds_expression_evaluate (self->definition, slots);
    case OP_KNOWN:
      return !isnan (slots[self->slot]);
    case OP_OR:
      return lds_expression_is_true (self->a, slots) || lds_expression_is_true (self->b, slots);
    case OP_AND:
      return lds_expression_is_true (self->a, slots) && lds_expression_is_true (self->b, slots);
    case OP_NOT:
      return !lds_expression_is_true (self->a, slots);
    case OP_ABS:
      return fabs (lds_expression_evaluate (self->a, slots));
    case OP_EQ:
    case OP_NE:
    case OP_LT:
    case OP_LE:
    case OP_GT:
    case OP_GE:
    case OP_ADD:
    case OP_SUB:
    case OP_MUL:
    case OP_QUOT:
    case OP_DIV:
    case OP_MIN:
    case OP_MAX:
    default:
      break;
    }
  a = lds_expression_evaluate (self->a, slots);
  b = lds_expression_evaluate (self->b, slots);
  if (isnan (a) || isnan (b))
    return self->op >= OP_EQ && self->op <= OP_GE ? 0 : NAN;
  switch ((int)self->op)
    {
    case OP_EQ:
      return a == b;
    case OP_NE:
      return a != b;
    case OP_LT:
      return a < b;
    case OP_LE:
      return a <= b;
    case OP_GT:
      return a > b;
    case OP_GE:
      return a >= b;
    case OP_ADD:
      return a + b;
    case OP_SUB:
      return a - b;
    case OP_MUL:
      return a * b;
    case OP_QUOT:
      return b != 0 ? a / b : NAN;
    case OP_DIV:
      return b != 0 ? floor (a / b) : NAN;
    case OP_MIN:
      return MIN (a, b);
    default:
      return MAX (a, b);
    }
}

gboolean
lds_expression_is_true (const LdsExpression *self,
                        const double *slots)
{
  double value = lds_expression_evaluate (self, slots);

  return !isnan (value) && value != 0;
}

guint64
lds_expression_reads (const LdsExpression *self)
{
  guint64 bits = 0;

  if (self == NULL)
    return 0;
  if (self->op == OP_SLOT || self->op == OP_IN || self->op == OP_KNOWN)
    bits = self->slot < 64 ? G_GUINT64_CONSTANT (1) << self->slot : 0;
  return bits | lds_expression_reads (self->definition) | lds_expression_reads (self->a) |
         lds_expression_reads (self->b);
}
