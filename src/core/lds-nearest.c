/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What somebody who mistyped an identifier probably meant. */
#define G_LOG_DOMAIN "lds-nearest"

#include "config.h"
#include "lds-nearest.h"

#include <string.h>

/* Identifiers are short: more than this is no typing mistake, and bounds the work. */
#define MAX_LENGTH 64

/* Edit distance by bytes, upper and lower case alike, two neighbours exchanged counting as one edit; in
 * O(MAX_LENGTH^2). Source: Damerau, "A Technique for Computer Detection and Correction of Spelling
 * Errors", Communications of the ACM 7 (1964), in the form that edits no part twice. */
static guint
edit_distance (const char *a,
               const char *b)
{
  guint cost[MAX_LENGTH + 1][MAX_LENGTH + 1];
  gsize n_a = strlen (a), n_b = strlen (b);

  g_assert (n_a <= MAX_LENGTH && n_b <= MAX_LENGTH);
  for (guint i = 0; i <= n_a; i++)
    for (guint j = 0; j <= n_b; j++)
      {
        gboolean differ;

        if (i == 0 || j == 0)
          {
            cost[i][j] = i + j;
            continue;
          }
        differ = g_ascii_tolower (a[i - 1]) != g_ascii_tolower (b[j - 1]);
        cost[i][j] = MIN (MIN (cost[i - 1][j], cost[i][j - 1]) + 1, cost[i - 1][j - 1] + differ);
        if (i > 1 && j > 1 && g_ascii_tolower (a[i - 1]) == g_ascii_tolower (b[j - 2]) &&
            g_ascii_tolower (a[i - 2]) == g_ascii_tolower (b[j - 1]))
          cost[i][j] = MIN (cost[i][j], cost[i - 2][j - 2] + 1);
      }
  return cost[n_a][n_b];
}

const char *
lds_nearest (const char *text,
             const char *const *known)
{
  const char *nearest = NULL;
  guint smallest = G_MAXUINT;

  g_return_val_if_fail (text != NULL && known != NULL, NULL);

  if (strlen (text) > MAX_LENGTH)
    return NULL;
  for (; *known != NULL; known++)
    {
      guint distance;

      if (strlen (*known) > MAX_LENGTH)
        continue;
      distance = edit_distance (text, *known);
      if (distance < smallest && distance * 2 <= strlen (*known))
        {
          smallest = distance;
          nearest = *known;
        }
    }
  return nearest;
}
