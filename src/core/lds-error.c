/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one error domain. */
#include "lds-error.h"

G_DEFINE_QUARK (lds - error - quark, lds_error)

LdsExit
lds_error_exit_code (const GError *error)
{
  if (error == NULL)
    return LDS_EXIT_DONE;
  if (error->domain == G_OPTION_ERROR)
    return LDS_EXIT_USAGE;
  if (error->domain != LDS_ERROR)
    return LDS_EXIT_FAILED;
  switch ((LdsError)error->code)
    {
    case LDS_ERROR_INPUT:
      return LDS_EXIT_USAGE;
    case LDS_ERROR_THRESHOLD:
      return LDS_EXIT_THRESHOLD;
    case LDS_ERROR_INVALID:
      return LDS_EXIT_INVALID;
    case LDS_ERROR_FAILED:
    default:
      return LDS_EXIT_FAILED;
    }
}

gboolean
lds_error_refuse (GError **error,
                  const char *format,
                  ...)
{
  va_list args;

  if (error != NULL && *error == NULL)
    {
      va_start (args, format);
      *error = g_error_new_valist (LDS_ERROR, LDS_ERROR_INPUT, format, args);
      va_end (args);
    }
  return FALSE;
}
