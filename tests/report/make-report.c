/* SPDX-License-Identifier: GPL-3.0-or-later */
/* make-report FLAGS FILE.json|FILE.pdf: writes a made-up report, for test-schema.py and for looking. */
#include "fixture.h"

#include <stdlib.h>
#include <string.h>

int
main (int argc,
      char *argv[])
{
  g_autoptr (LdsReport) report = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (argc, ==, 3);
  report = fixture_report ((FixtureFlags)atoi (argv[1]));
  if (g_str_has_suffix (argv[2], ".pdf"))
    lds_report_write_pdf (report, argv[2], LDS_PAPER_A4, &error);
  else
    lds_report_write_json (report, argv[2], LDS_PAPER_A4, &error);
  g_assert_no_error (error);
  return 0;
}
