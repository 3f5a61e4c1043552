/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shipped XML (data/decision/, data/workloads/) as a tree of elements: small, read once, every element
 * knows its line. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _LdsElement LdsElement;

/* Immutable; owned by the tree's root. */
struct _LdsElement
{
  const char *file; /* for messages */
  int line;         /* 1-based: where the element starts */
  char *name;
  GHashTable *attributes; /* (element-type utf8 utf8) */
  char *text;             /* its own text, white space collapsed to single spaces as ITS does */
  GPtrArray *children;    /* (element-type LdsElement), in order */
};

/**
 * lds_markup_parse:
 * @name: what the text is, for messages; kept as a copy
 *
 * Returns: (transfer full): the root element, freed with lds_element_free(); or %NULL with
 *   LDS_ERROR_INPUT naming @name, line and reason
 */
LdsElement *lds_markup_parse (const char *text, gsize length, const char *name, GError **error);
void lds_element_free (LdsElement *root);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LdsElement, lds_element_free)

/** Returns: (transfer none) (nullable): the attribute */
const char *lds_element_get (const LdsElement *self, const char *attribute);

/** Returns: (transfer none): the attribute; or %NULL with LDS_ERROR_INPUT when it is not there */
const char *lds_element_require (const LdsElement *self, const char *attribute, GError **error);

/** Reads a number; a missing attribute gives @fallback, nonsense LDS_ERROR_INPUT and %FALSE. */
gboolean lds_element_get_double (const LdsElement *self,
                                 const char *attribute,
                                 double fallback,
                                 double *value,
                                 GError **error);

/** Returns: (transfer none) (nullable): the first child of that name */
const LdsElement *lds_element_find_child (const LdsElement *self, const char *child);

/** Returns: (transfer none) (nullable): the translated text of the first child of that name */
const char *lds_element_child_text (const LdsElement *self, const char *child);

/** Returns: (transfer none) (nullable): the element's own text, translated; %NULL when empty */
const char *lds_element_translated (const LdsElement *self);

/** Sets LDS_ERROR_INPUT whose message begins with the element's file and line. */
void lds_element_error (const LdsElement *self, GError **error, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

G_END_DECLS
