/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The address of a server that the user runs himself. */
#define G_LOG_DOMAIN "lds-bench"

#include "config.h"
#include "lds-address.h"

#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <string.h>

#include "lds-error.h"

#define SCHEME    "http"
#define HTTP_PORT 80

/* As loadstone-load sees it; "localhost" stands for 127.0.0.1 whatever the system says. */
static gboolean
is_loopback (const char *host)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (host);

  return g_ascii_strcasecmp (host, "localhost") == 0 ||
         (address != NULL && g_inet_address_get_is_loopback (address));
}

static gboolean
is_visible_ascii (const char *text)
{
  for (; *text != '\0'; text++)
    if ((guchar)*text <= 0x20 || (guchar)*text >= 0x7f)
      return FALSE;
  return TRUE;
}

/* Returns: (transfer full) (nullable): @text taken apart */
static GUri *
parse (const char *text,
       GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (GUri) uri = NULL;

  if (strlen (text) > LDS_ADDRESS_MAX_LENGTH || !is_visible_ascii (text))
    {
      g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                   _ ("The server's address is longer than %d bytes, or holds a blank or a character that is not ASCII; write it as http://127.0.0.1:8080."),
                   LDS_ADDRESS_MAX_LENGTH);
      return NULL;
    }
  uri = g_uri_parse (text, G_URI_FLAGS_ENCODED, &local);
  if (uri == NULL)
    g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                 /* Translators: what was written for an address, then the reason */
                 _ ("“%s” is no address (%s); write it as http://127.0.0.1:8080."), text, local->message);
  else if (strcmp (g_uri_get_scheme (uri), SCHEME) != 0)
    g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                 /* Translators: an address, then its scheme, such as “https” */
                 _ ("“%s” begins with “%s:”, and only http can be measured; write it as http://127.0.0.1:8080."),
                 text, g_uri_get_scheme (uri));
  else if (g_uri_get_host (uri) == NULL || *g_uri_get_host (uri) == '\0')
    g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                 _ ("“%s” names no host; write it as http://127.0.0.1:8080."), text);
  else if (g_uri_get_userinfo (uri) != NULL || g_uri_get_query (uri) != NULL ||
           g_uri_get_fragment (uri) != NULL || strchr (text, ',') != NULL) /* parts lanes in lists */
    g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                 _ ("“%s” has a user name, “?”, “#” or a comma; leave it out, each workload brings its own path."), text);
  else if (g_uri_get_port (uri) == 0 || g_uri_get_port (uri) > G_MAXUINT16)
    g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                 _ ("“%s” names the port %d; give one from 1 to 65535."), text, g_uri_get_port (uri));
  else
    return g_steal_pointer (&uri);
  return NULL;
}

LdsAddress *
lds_address_parse (const char *text,
                   GError **error)
{
  g_autoptr (GUri) uri = NULL;
  LdsAddress *self;
  const char *authority;
  gsize length;

  g_return_val_if_fail (text != NULL, NULL);

  uri = parse (text, error);
  if (uri == NULL)
    return NULL;
  length = strlen (text);
  while (text[length - 1] == '/')
    length--;
  self = g_new0 (LdsAddress, 1);
  self->url = g_strndup (text, length);
  self->host = g_strdup (g_uri_get_host (uri));
  authority = self->url + strlen (SCHEME "://");
  self->authority = g_strndup (authority, strcspn (authority, "/"));
  self->path = g_strdup (authority + strlen (self->authority));
  self->port = g_uri_get_port (uri) > 0 ? (guint16)g_uri_get_port (uri) : HTTP_PORT;
  self->is_loopback = is_loopback (self->host);
  return self;
}

void
lds_address_free (LdsAddress *address)
{
  if (address == NULL)
    return;
  g_free (address->url);
  g_free (address->host);
  g_free (address->authority);
  g_free (address->path);
  g_free (address);
}
