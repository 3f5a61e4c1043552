/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the history knows of claims. */
#define G_LOG_DOMAIN "loadstone-cli"

#include "config.h"
#include "lds-cli-recall.h"

#include <glib/gi18n.h>
#include <stdio.h>

#include "lds-history-claims.h"

LdsClaimEvidence *
lds_cli_recall_claims (const char *database)
{
  g_autoptr (GError) error = NULL;
  LdsClaimEvidence *evidence = lds_history_judge_claims_at (database, lds_claim_list (), &error);

  if (evidence == NULL)
    /* Translators: a sentence with the reason */
    fprintf (stderr, _ ("Warning: what was tested before does not count: %s\n"), error->message);
  return evidence;
}
