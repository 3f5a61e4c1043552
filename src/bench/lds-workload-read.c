/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One workload from its element, with the values of its parameters in their places. */
#define G_LOG_DOMAIN "lds-bench"

#include "config.h"
#include "lds-workload-private.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "lds-clock.h"
#include "lds-error.h"
#include "lds-nearest.h"

/* Of a repeated part of a body: 16 MiB of the least that one would repeat. */
#define MAX_TIMES 1e6
/* Of clients beside the measured ones; the latter is the load generator's limit. */
#define MAX_BESIDE_CONNECTIONS 1000
#define MAX_BESIDE_INTERVAL_MS 60000

typedef struct
{
  const LdsElement *element;
  const char *name;
  char *value;
} Parameter;

/* An element and what stands for the names in it. */
typedef struct
{
  const LdsElement *root;
  GArray *parameters; /* (element-type Parameter) */
  gboolean is_variant;
} Reader;

static void
parameter_clear (gpointer data)
{
  g_free (((Parameter *)data)->value);
}

/* --- Values ---------------------------------------------------------------------------------- */

static Parameter *
find_parameter (const Reader *self,
                const char *name,
                gsize length)
{
  for (guint i = 0; i < self->parameters->len; i++)
    {
      Parameter *parameter = &g_array_index (self->parameters, Parameter, i);

      if (strlen (parameter->name) == length && strncmp (parameter->name, name, length) == 0)
        return parameter;
    }
  return NULL;
}

/* One of the listed words, or a whole number of the range. */
static gboolean
check_value (const Parameter *parameter,
             const char *id,
             const char *value,
             GError **error)
{
  const char *words = lds_element_get (parameter->element, "values");
  g_autoptr (GError) local = NULL;
  double minimum, maximum;
  guint64 number;

  if (words != NULL)
    {
      g_auto (GStrv) known = g_strsplit (words, " ", -1);

      if (g_strv_contains ((const char *const *)known, value))
        return TRUE;
      g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                   /* Translators: a workload, a parameter, its wrong value, the right ones */
                   _ ("“%s”: “%s” cannot be “%s”; it is one of: %s."), id, parameter->name, value, words);
      return FALSE;
    }
  if (!lds_element_get_double (parameter->element, "minimum", 0, &minimum, error) ||
      !lds_element_get_double (parameter->element, "maximum", G_MAXINT, &maximum, error))
    return FALSE;
  /* Only as it is written by itself, for a value is part of an id. */
  if (g_ascii_isdigit (*value) && (*value != '0' || value[1] == '\0') &&
      g_ascii_string_to_unsigned (value, 10, (guint64)minimum, (guint64)maximum, &number, &local))
    return TRUE;
  g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
               /* Translators: a workload, a parameter, its wrong value, smallest and largest value */
               _ ("“%s”: “%s” cannot be “%s”; it is a whole number from %.0f to %.0f."), id, parameter->name,
               value, minimum, maximum);
  return FALSE;
}

static void
set_unknown (const Reader *self,
             const char *id,
             const char *name,
             GError **error)
{
  g_autoptr (GPtrArray) known = g_ptr_array_new ();
  g_autofree char *all = NULL;

  for (guint i = 0; i < self->parameters->len; i++)
    g_ptr_array_add (known, (gpointer)g_array_index (self->parameters, Parameter, i).name);
  g_ptr_array_add (known, NULL);
  all = g_strjoinv (", ", (char **)known->pdata);
  if (self->parameters->len == 0)
    g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                 /* Translators: a workload, then what was written behind it */
                 _ ("“%s” takes no parameters, so “%s” cannot stand behind it."), id, name);
  else
    g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                 /* Translators: a workload, a parameter that it has not, those that it has */
                 _ ("“%s” takes no parameter “%s”; it takes: %s."), id, name, all);
}

static gboolean
read_query (Reader *self,
            const char *id,
            const char *query,
            GError **error)
{
  g_auto (GStrv) pairs = g_strsplit (query, "&", -1);

  if (pairs[0] == NULL)
    set_unknown (self, id, "", error);
  for (guint i = 0; pairs[i] != NULL; i++)
    {
      const char *equals = strchr (pairs[i], '=');
      Parameter *parameter =
          equals != NULL ? find_parameter (self, pairs[i], (gsize)(equals - pairs[i])) : NULL;

      if (parameter == NULL)
        {
          set_unknown (self, id, pairs[i], error);
          return FALSE;
        }
      if (!check_value (parameter, id, equals + 1, error))
        return FALSE;
      g_free (parameter->value);
      parameter->value = g_strdup (equals + 1);
    }
  return pairs[0] != NULL;
}

static gboolean
read_parameters (Reader *self,
                 GError **error)
{
  for (guint i = 0; i < self->root->children->len; i++)
    {
      const LdsElement *element = g_ptr_array_index (self->root->children, i);
      Parameter parameter = {.element = element};
      const char *value;

      if (strcmp (element->name, "parameter") != 0)
        continue;
      parameter.name = lds_element_require (element, "name", error);
      value = parameter.name != NULL ? lds_element_require (element, "default", error) : NULL;
      if (value == NULL || !check_value (&parameter, parameter.name, value, error))
        return FALSE;
      parameter.value = g_strdup (value);
      g_array_append_val (self->parameters, parameter);
    }
  return TRUE;
}

/* Returns: (transfer full): "mix", or with what differs from the shipped values "mix?cpu=80" */
static char *
make_id (Reader *self,
         const char *base)
{
  GString *id = g_string_new (base);

  for (guint i = 0; i < self->parameters->len; i++)
    {
      const Parameter *parameter = &g_array_index (self->parameters, Parameter, i);

      if (strcmp (parameter->value, lds_element_get (parameter->element, "default")) == 0)
        continue;
      g_string_append_printf (id, "%c%s=%s", self->is_variant ? '&' : '?', parameter->name,
                              parameter->value);
      self->is_variant = TRUE;
    }
  return g_string_free (id, FALSE);
}

/* Returns: (transfer full) (nullable): "ms=200, cpu=50": what may be set, as it is */
static char *
list_parameters (const Reader *self)
{
  GString *list = g_string_new (NULL);

  for (guint i = 0; i < self->parameters->len; i++)
    {
      const Parameter *parameter = &g_array_index (self->parameters, Parameter, i);

      g_string_append_printf (list, "%s%s=%s", i > 0 ? ", " : "", parameter->name, parameter->value);
    }
  return g_string_free (list, list->len == 0);
}

/* Returns: (transfer full): @text with values instead of names */
static char *
expand (const Reader *self,
        const char *text)
{
  GString *expanded = g_string_new (NULL);

  while (*text != '\0')
    {
      const char *end = *text == '{' ? strchr (text, '}') : NULL;
      const Parameter *parameter =
          end != NULL ? find_parameter (self, text + 1, (gsize)(end - text - 1)) : NULL;

      if (parameter == NULL)
        g_string_append_c (expanded, *text++);
      else
        {
          g_string_append (expanded, parameter->value);
          text = end + 1;
        }
    }
  return g_string_free (expanded, FALSE);
}

/* Returns: (transfer full) (nullable): the attribute with values in it */
static char *
get (const Reader *self,
     const LdsElement *element,
     const char *attribute)
{
  const char *text = lds_element_get (element, attribute);

  return text != NULL ? expand (self, text) : NULL;
}

static gboolean
require (const Reader *self,
         const LdsElement *element,
         const char *attribute,
         const char **value,
         GError **error)
{
  if (lds_element_require (element, attribute, error) == NULL)
    return FALSE;
  *value = get (self, element, attribute);
  return TRUE;
}

static gboolean
get_number (const Reader *self,
            const LdsElement *element,
            const char *attribute,
            double fallback,
            double *value,
            GError **error)
{
  g_autofree char *text = get (self, element, attribute);
  char *end = NULL;

  *value = text != NULL ? g_ascii_strtod (text, &end) : fallback;
  if (text == NULL || (end != text && *end == '\0' && isfinite (*value)))
    return TRUE;
  lds_element_error (element, error, "%s must be a number", attribute);
  return FALSE;
}

/* --- Members --------------------------------------------------------------------------------- */

/* The request's body: what "body" holds, or that with "body-item" repeated at the place of "%s". */
static gboolean
read_body (const Reader *self,
           const LdsElement *request,
           const char **text,
           const char **type,
           GError **error)
{
  const char *frame = lds_element_get (request, "body");
  const char *item = lds_element_get (request, "body-item");
  const char *place = frame != NULL ? strstr (frame, "%s") : NULL;
  g_autoptr (GString) body = g_string_new (NULL);
  double times;

  if (!get_number (self, request, "body-times", 0, &times, error))
    return FALSE;
  if (frame == NULL || item == NULL || place == NULL)
    {
      g_string_assign (body, frame != NULL ? frame : "");
    }
  else
    {
      g_string_append_len (body, frame, place - frame);
      for (int i = 0; i < (int)CLAMP (times, 0, MAX_TIMES); i++)
        g_string_append (body, item);
      g_string_append (body, place + strlen ("%s"));
    }
  *text = g_string_free (g_steal_pointer (&body), FALSE);
  *type = g_strdup (lds_element_get (request, "type"));
  return TRUE;
}

/* What the shipped values allow to say shorter, or more exactly, has another attribute for variants. */
static gboolean
require_variant (const Reader *self,
                 const LdsElement *request,
                 const char *attribute,
                 const char *variant_attribute,
                 const char **value,
                 GError **error)
{
  if (self->is_variant && lds_element_get (request, variant_attribute) != NULL)
    attribute = variant_attribute;
  return require (self, request, attribute, value, error);
}

static gboolean
read_request (const Reader *self,
              const LdsElement *request,
              LdsWorkload *workload,
              GError **error)
{
  double min_service_ms, payload_bytes, ticks_hz;

  workload->varies = g_strcmp0 (lds_element_get (request, "answers"), "vary") == 0;
  if (!require (self, request, "method", &workload->method, error) ||
      !require_variant (self, request, "path", "variant-path", &workload->path, error) ||
      (workload->kind != LDS_WORKLOAD_REQUESTS &&
       !require (self, request, "stream", &workload->stream, error)) ||
      (workload->kind == LDS_WORKLOAD_REQUESTS &&
       !require_variant (self, request, "expect", "variant-expect", &workload->expect, error)) ||
      !read_body (self, request, &workload->body, &workload->type, error) ||
      !get_number (self, request, "payload-bytes", 0, &payload_bytes, error) ||
      !get_number (self, request, "min-service-ms", 0, &min_service_ms, error) ||
      !get_number (self, request, "ticks-hz", 0, &ticks_hz, error))
    return FALSE;
  if (workload->expect == NULL)
    workload->expect = g_strdup ("");
  workload->payload_bytes = (guint)CLAMP (payload_bytes, 0, G_MAXINT);
  workload->min_service_ns = (gint64)(CLAMP (min_service_ms, 0, 3600e3) * (double)LDS_NS_PER_MS);
  workload->wave_ns = workload->min_service_ns;
  if (ticks_hz > 0)
    workload->wave_ns = (gint64)((double)LDS_NS_PER_S / CLAMP (ticks_hz, 1e-3, 1e6));
  return TRUE;
}

/* What other clients do meanwhile, where some do. */
static gboolean
read_beside (const Reader *self,
             LdsWorkload *workload,
             GError **error)
{
  const LdsElement *element = lds_element_find_child (self->root, "beside");
  LdsWorkloadBeside *beside = &workload->beside;
  double connections, interval_ms;

  if (element == NULL)
    return TRUE;
  if (!require (self, element, "method", &beside->method, error) ||
      !require (self, element, "path", &beside->path, error) ||
      !read_body (self, element, &beside->body, &beside->type, error) ||
      !get_number (self, element, "connections", 1, &connections, error) ||
      !get_number (self, element, "interval-ms", 0, &interval_ms, error))
    return FALSE;
  if (workload->kind != LDS_WORKLOAD_REQUESTS)
    {
      lds_element_error (element, error, "beside is for workloads of requests");
      return FALSE;
    }
  beside->connections = (guint)CLAMP (connections, 1, MAX_BESIDE_CONNECTIONS);
  beside->interval_ms = (guint)CLAMP (interval_ms, 0, MAX_BESIDE_INTERVAL_MS);
  return TRUE;
}

/* Options that a workload may ask the server for; each has a number for its value. */
static const char *const server_options[] = {"--upstreams", NULL};

/* "server-arguments": names and values with one space between them. */
static gboolean
read_server_arguments (const Reader *self,
                       LdsWorkload *workload,
                       GError **error)
{
  g_autofree char *text = get (self, self->root, "server-arguments");
  g_auto (GStrv) words = NULL;

  if (text == NULL)
    return TRUE;
  words = g_strsplit (text, " ", -1);
  for (guint i = 0; words[i] != NULL; i += 2)
    {
      guint64 value;

      if (!g_strv_contains (server_options, words[i]) || words[i + 1] == NULL ||
          !g_ascii_string_to_unsigned (words[i + 1], 10, 0, G_MAXUINT, &value, NULL))
        {
          lds_element_error (self->root, error, "server-arguments has what is not a known option, or no number for it");
          return FALSE;
        }
    }
  workload->server_arguments = (const char *const *)(gpointer)g_steal_pointer (&words);
  return TRUE;
}

static gboolean
read_kind (const LdsElement *root,
           LdsWorkload *workload,
           GError **error)
{
  const char *kind = lds_element_get (root, "kind");

  if (kind == NULL)
    workload->kind = LDS_WORKLOAD_REQUESTS;
  else if (strcmp (kind, "websocket") == 0)
    workload->kind = LDS_WORKLOAD_WEBSOCKET;
  else if (strcmp (kind, "events") == 0)
    workload->kind = LDS_WORKLOAD_EVENTS;
  else
    {
      lds_element_error (root, error, "kind must be websocket or events, or left out");
      return FALSE;
    }
  return TRUE;
}

/* Texts are translated with the names in them. */
static gboolean
read_texts (const Reader *self,
            LdsWorkload *workload,
            GError **error)
{
  const char *title = lds_element_child_text (self->root, "title");
  const char *description = lds_element_child_text (self->root, "description");

  if (title == NULL || description == NULL)
    {
      lds_element_error (self->root, error, "title or description is missing");
      return FALSE;
    }
  workload->title = expand (self, title);
  workload->description = expand (self, description);
  return TRUE;
}

static gboolean
read_all (Reader *self,
          const char *query,
          LdsWorkload *workload,
          GError **error)
{
  const LdsElement *request = lds_element_find_child (self->root, "request");
  const char *id = lds_element_require (self->root, "id", error);

  if (id == NULL || !read_parameters (self, error) ||
      (query != NULL && !read_query (self, id, query, error)))
    return FALSE;
  if (request == NULL)
    {
      lds_element_error (self->root, error, "request is missing");
      return FALSE;
    }
  workload->id = make_id (self, id);
  workload->parameters = list_parameters (self);
  workload->chosen = g_strcmp0 (lds_element_get (self->root, "chosen"), "yes") == 0;
  return require (self, self->root, "code", &workload->code, error) &&
         require (self, self->root, "source", &workload->source, error) &&
         read_kind (self->root, workload, error) && read_texts (self, workload, error) &&
         read_server_arguments (self, workload, error) &&
         read_request (self, request, workload, error) && read_beside (self, workload, error);
}

gboolean
lds_workload_read (const LdsElement *root,
                   const char *query,
                   LdsWorkload *workload,
                   GError **error)
{
  Reader self = {.root = root, .parameters = g_array_new (FALSE, FALSE, sizeof (Parameter))};
  gboolean read;

  g_array_set_clear_func (self.parameters, parameter_clear);
  read = read_all (&self, query, workload, error);
  g_array_unref (self.parameters);
  return read;
}

void
lds_workload_clear (LdsWorkload *workload)
{
  const char **const texts[] = {
      &workload->id,
      &workload->code,
      &workload->title,
      &workload->description,
      &workload->method,
      &workload->path,
      &workload->body,
      &workload->type,
      &workload->expect,
      &workload->source,
      &workload->stream,
      &workload->parameters,
      &workload->beside.method,
      &workload->beside.path,
      &workload->beside.body,
      &workload->beside.type,
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    g_clear_pointer ((char **)texts[i], g_free);
  g_strfreev ((char **)(gpointer)workload->server_arguments);
  workload->server_arguments = NULL;
}
