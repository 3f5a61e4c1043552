/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A system as components (edge, core, batch …), each with answers of its own: one verdict a component,
 * never "both", and the combined one, which is "both" when the components differ. */
#pragma once

#include "lds-overlay.h"

G_BEGIN_DECLS

typedef struct
{
  char *name;          /* "edge" */
  LdsAnswers *answers; /* owned */
  LdsVerdict *verdict; /* owned */
} LdsComponent;

typedef struct
{
  GPtrArray *components; /* (element-type LdsComponent), in the file's order; 1 to 16 */
  LdsOption winner;      /* of all together */
  double confidence;     /* 0 to 100: that of the least certain component */
  LdsBand band;
  gboolean refused; /* the components differ, and somewhere two stacks are refused */
  char *headline;   /* one sentence, translated */
} LdsComponents;

void lds_components_free (LdsComponents *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LdsComponents, lds_components_free)

/** Returns %TRUE when a file's root has "components" instead of "answers". */
gboolean lds_components_is_json (JsonObject *object);

/**
 * lds_components_advise:
 * @object: {"components": {"edge": {"mix": "io", …}, "batch": {…}}}: names of at most 64 characters,
 *   values as in an answers file; "shared": {…} beside it holds for every component that does not say
 *   otherwise
 * @options: (nullable)
 *
 * Returns: (transfer full): the verdicts; or %NULL with LDS_ERROR_INPUT naming the component
 */
LdsComponents *lds_components_advise (LdsRulePack *pack,
                                      JsonObject *object,
                                      const LdsAdviceOptions *options,
                                      GError **error);

/** Returns: (transfer full): {"verdict", "headline", …, "components": {"edge": {verdict}, …}} */
JsonNode *lds_components_to_json (const LdsComponents *self);

G_END_DECLS
