/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How requests reach the server of a plan. */
#define G_LOG_DOMAIN "lds-load"

#include "config.h"
#include "lds-load-transport.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <unistd.h>

#include "lds-error.h"
#include "lds-json.h"

static const char *const versions[] = {
    [LDS_LOAD_HTTP_1_1] = "1.1",
    [LDS_LOAD_HTTP_2] = "2",
    [LDS_LOAD_HTTP_2_PRIOR_KNOWLEDGE] = "2-prior-knowledge",
};

/* Reads the name of a file that must be readable now: later it is the library that says why not, once
 * for each connection. */
static gboolean
read_file_name (JsonObject *object,
                const char *member,
                const LdsLoadTarget *target,
                char **name,
                GError **error)
{
  g_autoptr (GError) local = NULL;

  *name = g_strdup (lds_json_get_string (object, member, NULL, &local));
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (*name == NULL)
    return TRUE;
  if (!target->is_tls)
    return lds_error_refuse (error, _ ("“%s” stands beside an address without TLS: use https, or leave it out."), member);
  if (access (*name, R_OK) < 0)
    return lds_error_refuse (error, /* Translators: a member of a plan, a file's name, the system's reason */
                             _ ("“%s” names “%s”, which cannot be read: %s."), member, *name, g_strerror (errno));
  return TRUE;
}

static gboolean
read_version (LdsLoadTransport *self,
              const char *version,
              const LdsLoadTarget *target,
              GError **error)
{
  guint i = 0;

  while (i < G_N_ELEMENTS (versions) && strcmp (version, versions[i]) != 0)
    i++;
  if (i == G_N_ELEMENTS (versions))
    return lds_error_refuse (error, _ ("“http_version” is “%s”: use “1.1”, “2” or “2-prior-knowledge”."), version);
  self->http_version = (LdsLoadHttpVersion)i;
  if (self->http_version == LDS_LOAD_HTTP_2 && !target->is_tls)
    return lds_error_refuse (error, _ ("“http_version” is “2”, on which client and server agree in TLS: use https, or “2-prior-knowledge”."));
  return TRUE;
}

static gboolean
read_proxy (LdsLoadTransport *self,
            const char *url,
            const char *const *allowed_hosts,
            GError **error)
{
  if (url == NULL)
    return TRUE;
  if (!lds_load_target_init (&self->proxy, url, allowed_hosts, error))
    {
      /* Translators: before a sentence that calls the address “url” */
      g_prefix_error (error, _ ("“proxy”, as a “url”: "));
      return FALSE;
    }
  if (strcmp (self->proxy.scheme, "http") != 0)
    return lds_error_refuse (error, _ ("“proxy” is “%s”: use http://HOST:PORT."), url);
  return TRUE;
}

gboolean
lds_load_transport_init (LdsLoadTransport *self,
                         JsonObject *object,
                         const LdsLoadTarget *target,
                         const char *const *allowed_hosts,
                         GError **error)
{
  g_autoptr (GError) local = NULL;
  const char *client = lds_json_get_string (object, "client", "auto", &local);
  const char *version = lds_json_get_string (object, "http_version", "1.1", &local);
  const char *proxy = lds_json_get_string (object, "proxy", NULL, &local);

  self->insecure = lds_json_get_boolean (object, "insecure", FALSE, &local);
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  self->client = g_strdup (client);
  if (!read_version (self, version, target, error) ||
      !read_file_name (object, "ca_file", target, &self->ca_file, error) ||
      !read_file_name (object, "certificate_file", target, &self->certificate_file, error) ||
      !read_file_name (object, "key_file", target, &self->key_file, error))
    return FALSE;
  if (self->key_file != NULL && self->certificate_file == NULL)
    return lds_error_refuse (error, _ ("“key_file” stands without “certificate_file”: name the certificate as well."));
  if (self->insecure && !target->is_tls)
    return lds_error_refuse (error, _ ("“insecure” stands beside an address without TLS: leave it out."));
  return read_proxy (self, proxy, allowed_hosts, error);
}

void
lds_load_transport_clear (LdsLoadTransport *self)
{
  g_free (self->client);
  g_free (self->ca_file);
  g_free (self->certificate_file);
  g_free (self->key_file);
  lds_load_target_clear (&self->proxy);
}
