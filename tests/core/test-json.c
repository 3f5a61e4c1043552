/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON in: hostile text gives one sentence, never a crash. */
#include <string.h>

#include "lds-error.h"
#include "lds-json.h"

static void
check_refused (const char *text,
               const char *part)
{
  g_autoptr (GError) error = NULL;
  JsonNode *node = lds_json_parse (text, strlen (text), "answers.json", &error);

  g_assert_null (node);
  g_assert_error (error, LDS_ERROR, LDS_ERROR_INPUT);
  g_assert_nonnull (strstr (error->message, "answers.json"));
  g_assert_nonnull (strstr (error->message, part));
}

static void
test_refused (void)
{
  static const char *const hiding[] = {"{\n\"a\": /\"/", "{\n\"a\": /*\"*/", "{\n'a\"': ", "{\n\"a\": #\"\n"};
  g_autofree char *deep = g_strnfill (100000, '[');

  check_refused ("", "one JSON object");
  check_refused ("[1]", "one JSON object");
  check_refused ("{\n\"a\": 1,\n\"b\" 2}", "line 3");
  check_refused ("\xff\xfe", "UTF-8");
  check_refused (deep, "nested");
  /* json-glib takes these for comments and text: nothing may hide in them */
  for (guint i = 0; i < G_N_ELEMENTS (hiding); i++)
    {
      g_autofree char *text = g_strconcat (hiding[i], deep, NULL);

      check_refused (text, "line 2 has a comment or a quote");
    }
}

static void
test_members (void)
{
  g_autoptr (GError) error = NULL;
  const char *text = "{\"i\": 3, \"d\": 2.5, \"b\": true, \"s\": \"x\", \"n\": null, \"a\": [], \"o\": {}, \"inf\": 1e999}";
  g_autoptr (JsonNode) node = lds_json_parse (text, strlen (text), "x", &error);
  JsonObject *object;

  g_assert_no_error (error);
  object = json_node_get_object (node);
  g_assert_cmpint (lds_json_get_int (object, "i", 7, &error), ==, 3);
  g_assert_cmpint (lds_json_get_int (object, "absent", 7, &error), ==, 7);
  g_assert_cmpint (lds_json_get_int (object, "n", 7, &error), ==, 7);
  g_assert_cmpfloat (lds_json_get_double (object, "i", 0, &error), ==, 3);
  g_assert_cmpfloat (lds_json_get_double (object, "d", 0, &error), ==, 2.5);
  g_assert_true (lds_json_get_boolean (object, "b", FALSE, &error));
  g_assert_cmpstr (lds_json_get_string (object, "s", NULL, &error), ==, "x");
  g_assert_nonnull (lds_json_get_array (object, "a", &error));
  g_assert_nonnull (lds_json_get_object (object, "o", &error));
  g_assert_no_error (error);
  g_assert_cmpfloat (lds_json_get_double (object, "inf", 7, &error), ==, 7);
  g_assert_error (error, LDS_ERROR, LDS_ERROR_INPUT);
  g_clear_error (&error);
  g_assert_cmpint (lds_json_get_int (object, "d", 7, &error), ==, 7);
  g_assert_error (error, LDS_ERROR, LDS_ERROR_INPUT);
  /* The first error stays. */
  g_assert_null (lds_json_get_string (object, "i", NULL, &error));
  g_assert_nonnull (strstr (error->message, "“d”"));
}

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/core/json/refused", test_refused);
  g_test_add_func ("/core/json/members", test_members);
  return g_test_run ();
}
