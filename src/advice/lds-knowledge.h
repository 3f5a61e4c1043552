/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the articles say and what is known about it, by id: rules, criteria, patterns, pitfalls,
 * claims, contradictions, corrections, checklists, and the articles themselves. */
#pragma once

#include "lds-grades.h"
#include "lds-questionnaire.h"

G_BEGIN_DECLS

/* Immutable, lives as long as its pack. */
typedef struct
{
  const char *id;       /* "P-1" */
  const char *kind;     /* "article", "checklist", "claim", "contradiction", "correction", "criterion",
                         * "interop", "matrix", "pattern", "pitfall", "question", "rule", "strategy",
                         * "usecase", "workload" */
  const char *title;    /* translated */
  const char *body;     /* (nullable), translated */
  const char *remedy;   /* (nullable), translated: what to do about it */
  const char *how;      /* (nullable), translated: of claims: how they are tested, or why they cannot be */
  const char *articles; /* "000, 002"; empty: none of the articles */
  const char *date;     /* (nullable) of articles: "2025-12-29", or as much as is known */
  const char *grade;    /* (nullable) "E0" … "E3", "E-": see DOMAIN.md D.5 */
  const char *option;   /* (nullable) "node", "python", "polyglot": what it speaks for */
  const char *related;  /* (nullable) ids: "X-02, W-002-4" */
  const char *claims;   /* (nullable) ids of claims that say the same in numbers: "C-000-7": see lds-grades.h */
  GPtrArray *items;     /* (element-type utf8), translated: of checklists; else empty */
} LdsEntry;

/** Returns: (transfer none) (element-type LdsEntry): every entry of that kind, or of all for %NULL */
GPtrArray *lds_knowledge_list (LdsRulePack *pack, const char *kind);

/** Returns: (transfer none) (nullable): the entry of that id */
const LdsEntry *lds_knowledge_find (LdsRulePack *pack, const char *id);

/**
 * lds_knowledge_explain:
 * @id: an entry, a question ("conns"), a criterion ("conc"), a gate ("G1"), an advisor ("A-000a"), a
 *   step of one ("Q-000-1") or a named condition ("many-connections")
 * @grades: (nullable): what was tested here; %NULL: grades as shipped
 *
 * Returns: (transfer full): {"id", "kind", "title", "body", "articles": [{"id", "title", "date"}],
 *   "used_by": […], …}; or %NULL with LDS_ERROR_INPUT that names the nearest id
 */
JsonNode *lds_knowledge_explain (LdsRulePack *pack,
                                 const char *id,
                                 const LdsGrades *grades,
                                 GError **error);

G_END_DECLS
