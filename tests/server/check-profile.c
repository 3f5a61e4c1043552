/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the server makes of each of the files named: "good", or the sentence that says why not. */
#include "lds-profile.h"

#include <stdio.h>

int
main (int argc,
      char **argv)
{
  for (int i = 1; i < argc; i++)
    {
      LdsProfile profile;
      char message[LDS_PROFILE_MESSAGE_BYTES];

      puts (lds_profile_load (argv[i], &profile, message, sizeof message) ? "good" : message);
    }
  return 0;
}
