/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON in and out: parsing with one clear sentence on error, typed member access, and writing with
 * a stable order and locale-free numbers. */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * lds_json_parse:
 * @name: what the text is, for the message: a path or "standard input"
 *
 * Returns: (transfer full): the root, which is an object; or %NULL with LDS_ERROR_INPUT naming
 *   @name, line and reason
 */
JsonNode *lds_json_parse (const char *text, gsize length, const char *name, GError **error);

/** lds_file_read() and lds_json_parse() in one. */
JsonNode *lds_json_read (const char *path, gsize max_bytes, GError **error);

/**
 * lds_json_to_text:
 * @pretty: two-space indentation, one member a line; otherwise one line
 *
 * Returns: (transfer full): the text, with a final newline when @pretty
 */
char *lds_json_to_text (JsonNode *node, gboolean pretty);

/* Typed members with a default for absent ones. A member of the wrong type sets @error (if it is
 * not set already) with LDS_ERROR_INPUT naming the member, and gives the default; so a reader can
 * fetch all it wants and look at @error once. */
gint64 lds_json_get_int (JsonObject *object, const char *member, gint64 fallback, GError **error);
double lds_json_get_double (JsonObject *object,
                            const char *member,
                            double fallback,
                            GError **error);
/* As lds_json_get_int(); a value out of range sets @error as well, and gives the default. */
gint64 lds_json_get_int_between (JsonObject *object,
                                 const char *member,
                                 gint64 fallback,
                                 gint64 min,
                                 gint64 max,
                                 GError **error);
gboolean lds_json_get_boolean (JsonObject *object,
                               const char *member,
                               gboolean fallback,
                               GError **error);
/* (transfer none) (nullable): valid as long as @object */
const char *lds_json_get_string (JsonObject *object,
                                 const char *member,
                                 const char *fallback,
                                 GError **error);
/* (transfer none) (nullable): NULL when absent */
JsonObject *lds_json_get_object (JsonObject *object, const char *member, GError **error);
JsonArray *lds_json_get_array (JsonObject *object, const char *member, GError **error);

/* Members of the object that @builder is in. */
/** @value: (nullable): %NULL is written as null */
void lds_json_add_string (JsonBuilder *builder, const char *member, const char *value);
void lds_json_add_int (JsonBuilder *builder, const char *member, gint64 value);
/** @value: NaN and infinities are written as null */
void lds_json_add_number (JsonBuilder *builder, const char *member, double value);
void lds_json_add_boolean (JsonBuilder *builder, const char *member, gboolean value);

G_END_DECLS
