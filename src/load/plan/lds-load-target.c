/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The server that a plan loads. */
#define G_LOG_DOMAIN "lds-load"

#include "config.h"
#include "lds-load-target.h"

#include <arpa/inet.h>
#include <glib/gi18n-lib.h>
#include <netdb.h>
#include <string.h>

#include "lds-error.h"

static const struct
{
  const char *name;
  guint16 port;
  bool is_tls;
  bool is_websocket;
} schemes[] = {
    {"http", 80, false, false},
    {"https", 443, true, false},
    {"ws", 80, false, true},
    {"wss", 443, true, true},
};

static gboolean
is_visible_ascii (const char *text)
{
  for (; *text != '\0'; text++)
    if ((guchar)*text <= 0x20 || (guchar)*text >= 0x7f)
      return FALSE;
  return TRUE;
}

gboolean
lds_load_target_is_path (const char *path)
{
  return *path == '/' && is_visible_ascii (path) && strchr (path, '#') == NULL;
}

static bool
is_loopback (const struct sockaddr *address)
{
  if (address->sa_family == AF_INET)
    return ntohl (((const struct sockaddr_in *)(const void *)address)->sin_addr.s_addr) >> 24 ==
           IN_LOOPBACKNET;
  return address->sa_family == AF_INET6 &&
         IN6_IS_ADDR_LOOPBACK (&((const struct sockaddr_in6 *)(const void *)address)->sin6_addr);
}

/* An address in figures, or "localhost", which stands for 127.0.0.1 whatever the system says. */
static bool
read_address (LdsLoadTarget *self)
{
  struct sockaddr_in *in = (struct sockaddr_in *)&self->address;
  struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&self->address;

  if (inet_pton (AF_INET, g_ascii_strcasecmp (self->host, "localhost") == 0 ? "127.0.0.1" : self->host,
                 &in->sin_addr) == 1)
    {
      in->sin_family = AF_INET;
      in->sin_port = htons (self->port);
      self->address_size = sizeof *in;
    }
  else if (inet_pton (AF_INET6, self->host, &in6->sin6_addr) == 1)
    {
      in6->sin6_family = AF_INET6;
      in6->sin6_port = htons (self->port);
      self->address_size = sizeof *in6;
    }
  else
    return false;
  self->is_loopback = is_loopback ((struct sockaddr *)&self->address);
  return true;
}

static gboolean
look_up (LdsLoadTarget *self,
         GError **error)
{
  struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM}, *found = NULL;
  g_autofree char *port = g_strdup_printf ("%u", self->port);
  int result = getaddrinfo (self->host, port, &hints, &found);

  if (result != 0)
    {
      g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                   /* Translators: a host name, then the system's reason */
                   _ ("“url” names the host “%s”, which cannot be found: %s. Check the name and the network."),
                   self->host, gai_strerror (result));
      return FALSE;
    }
  memcpy (&self->address, found->ai_addr, found->ai_addrlen);
  self->address_size = found->ai_addrlen;
  self->is_loopback = is_loopback (found->ai_addr);
  freeaddrinfo (found);
  return TRUE;
}

static bool
is_allowed (const char *host,
            const char *const *allowed_hosts)
{
  for (; allowed_hosts != NULL && *allowed_hosts != NULL; allowed_hosts++)
    if (g_ascii_strcasecmp (host, *allowed_hosts) == 0)
      return true;
  return false;
}

static gboolean
set_scheme (LdsLoadTarget *self,
            GUri *uri,
            GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (schemes); i++)
    if (strcmp (g_uri_get_scheme (uri), schemes[i].name) == 0)
      {
        self->scheme = g_strdup (schemes[i].name);
        self->is_tls = schemes[i].is_tls;
        self->is_websocket = schemes[i].is_websocket;
        self->port = g_uri_get_port (uri) > 0 ? (guint16)g_uri_get_port (uri) : schemes[i].port;
        return TRUE;
      }
  g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
               _ ("“url” begins with “%s:”: http, https, ws and wss are supported."),
               g_uri_get_scheme (uri));
  return FALSE;
}

/* Returns: (transfer full) (nullable): @url taken apart */
static GUri *
parse (const char *url,
       GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (GUri) uri = NULL;

  if (!is_visible_ascii (url))
    {
      g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                   _ ("“url” holds a blank or a character that is not ASCII: write it as %%XX."));
      return NULL;
    }
  uri = g_uri_parse (url, G_URI_FLAGS_ENCODED, &local);
  if (uri == NULL)
    g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                 /* Translators: an address, then the reason */
                 _ ("“url” is “%s”, which is no address (%s): write http://127.0.0.1:PORT/PATH."), url,
                 local->message);
  else if (g_uri_get_host (uri) == NULL || *g_uri_get_host (uri) == '\0' ||
           g_uri_get_userinfo (uri) != NULL)
    g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                 _ ("“url” is “%s”: write http://127.0.0.1:PORT/PATH, without a user name."), url);
  else if (g_uri_get_port (uri) == 0 || g_uri_get_port (uri) > 65535)
    g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                 _ ("“url” names the port %d: give one from 1 to 65535."), g_uri_get_port (uri));
  else
    return g_steal_pointer (&uri);
  return NULL;
}

static gboolean
find_host (LdsLoadTarget *self,
           const char *const *allowed_hosts,
           GError **error)
{
  bool allowed = is_allowed (self->host, allowed_hosts);

  if (read_address (self))
    {
      if (allowed || self->is_loopback)
        return TRUE;
    }
  else if (allowed)
    return look_up (self, error);
  g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
               /* Translators: a host name, twice */
               _ ("“url” names the host “%s”, which is not this machine: use 127.0.0.1, [::1] or localhost, or, if that server is yours to load, allow it by name (--allow-host %s)."),
               self->host, self->host);
  return FALSE;
}

gboolean
lds_load_target_init (LdsLoadTarget *self,
                      const char *url,
                      const char *const *allowed_hosts,
                      GError **error)
{
  g_autoptr (GUri) uri = parse (url, error);
  const char *authority;

  if (uri == NULL || !set_scheme (self, uri, error))
    return FALSE;
  self->url = g_strdup (url);
  self->host = g_strdup (g_uri_get_host (uri));
  authority = url + strlen (self->scheme) + strlen ("://");
  self->authority = g_strndup (authority, strcspn (authority, "/?#"));
  self->path = g_strconcat (*g_uri_get_path (uri) != '\0' ? g_uri_get_path (uri) : "/",
                            g_uri_get_query (uri) != NULL ? "?" : NULL, g_uri_get_query (uri), NULL);
  return find_host (self, allowed_hosts, error);
}

void
lds_load_target_clear (LdsLoadTarget *self)
{
  g_free (self->url);
  g_free (self->scheme);
  g_free (self->host);
  g_free (self->authority);
  g_free (self->path);
}
