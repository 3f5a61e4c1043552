/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What somebody who mistyped an identifier probably meant. */
#define G_LOG_DOMAIN "lds-nearest"

#include "config.h"
#include "lds-nearest.h"

#include <string.h>

/* Identifiers are short: more than this is no typing mistake, and bounds the work. */
#define MAX_LENGTH 64

/* Edit distance by bytes, in O(MAX_LENGTH^2). Source: Wagner and Fischer, "The String-to-String
 * Correction Problem", Journal of the ACM 21 (1974). */
static guint
edit_distance (const char *a,
               const char *b)
{
  guint row[MAX_LENGTH + 1];
  gsize n_a = strlen (a), n_b = strlen (b);

  g_assert (n_a <= MAX_LENGTH && n_b <= MAX_LENGTH);
  for (guint j = 0; j <= n_b; j++)
    row[j] = j;
  for (guint i = 1; i <= n_a; i++)
    {
      guint diagonal = row[0];

      row[0] = i;
      for (guint j = 1; j <= n_b; j++)
        {
          guint above = row[j];

          row[j] = MIN (MIN (above, row[j - 1]) + 1, diagonal + (a[i - 1] != b[j - 1]));
          diagonal = above;
        }
    }
  return row[n_b];
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
