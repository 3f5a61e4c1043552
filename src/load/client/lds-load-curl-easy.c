/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What libcurl is told of a plan, and what its answers mean. */
#define G_LOG_DOMAIN "lds-load"

#include "config.h"
#include "lds-load-curl-easy.h"

#include <netdb.h>
#include <string.h>

/* Sources of what the options do: the manual pages of curl_easy_setopt(3), libcurl 7.88. */

static bool
set_tls (CURL *easy,
         const LdsLoadTransport *transport)
{
  CURLcode code = CURLE_OK;

  /* Every connection pays its whole handshake; whether one is taken up again would be left to chance. */
  code |= curl_easy_setopt (easy, CURLOPT_SSL_SESSIONID_CACHE, 0L);
  code |= curl_easy_setopt (easy, CURLOPT_SSL_VERIFYPEER, transport->insecure ? 0L : 1L);
  code |= curl_easy_setopt (easy, CURLOPT_SSL_VERIFYHOST, transport->insecure ? 0L : 2L);
  if (transport->ca_file != NULL)
    {
      /* It and nobody else: not the system's folder of authorities beside it. */
      code |= curl_easy_setopt (easy, CURLOPT_CAINFO, transport->ca_file);
      code |= curl_easy_setopt (easy, CURLOPT_CAPATH, NULL);
    }
  if (transport->certificate_file != NULL)
    code |= curl_easy_setopt (easy, CURLOPT_SSLCERT, transport->certificate_file);
  if (transport->key_file != NULL)
    code |= curl_easy_setopt (easy, CURLOPT_SSLKEY, transport->key_file);
  return code == CURLE_OK;
}

static bool
set_version (CURL *easy,
             LdsLoadHttpVersion version)
{
  static const long versions[] = {
      [LDS_LOAD_HTTP_1_1] = CURL_HTTP_VERSION_1_1,
      [LDS_LOAD_HTTP_2] = CURL_HTTP_VERSION_2TLS,
      [LDS_LOAD_HTTP_2_PRIOR_KNOWLEDGE] = CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE,
  };

  return curl_easy_setopt (easy, CURLOPT_HTTP_VERSION, versions[version]) == CURLE_OK;
}

CURL *
lds_load_curl_easy_new (const LdsLoadPlan *plan,
                        struct curl_slist *hosts)
{
  const LdsLoadTransport *transport = &plan->transport;
  CURL *easy = curl_easy_init ();
  CURLcode code = CURLE_OK;

  if (easy == NULL)
    return NULL;
  code |= curl_easy_setopt (easy, CURLOPT_NOSIGNAL, 1L);
  code |= curl_easy_setopt (easy, CURLOPT_PROTOCOLS_STR, "http,https");
  code |= curl_easy_setopt (easy, CURLOPT_FOLLOWLOCATION, 0L);
  /* An empty name, other than none, keeps libcurl from asking the environment. */
  code |= curl_easy_setopt (easy, CURLOPT_PROXY,
                            lds_load_transport_has_proxy (transport) ? transport->proxy.url : "");
  code |= curl_easy_setopt (easy, CURLOPT_NOPROXY, "");
  code |= curl_easy_setopt (easy, CURLOPT_PATH_AS_IS, 1L);
  code |= curl_easy_setopt (easy, CURLOPT_DNS_CACHE_TIMEOUT, -1L);
  if (hosts != NULL)
    code |= curl_easy_setopt (easy, CURLOPT_RESOLVE, hosts);
  if (plan->requests_per_connection == 1)
    code |= curl_easy_setopt (easy, CURLOPT_FORBID_REUSE, 1L);
  if (code == CURLE_OK && set_version (easy, transport->http_version) && set_tls (easy, transport))
    return easy;
  curl_easy_cleanup (easy);
  return NULL;
}

struct curl_slist *
lds_load_curl_hosts_new (const LdsLoadPlan *plan)
{
  const LdsLoadTarget *target =
      lds_load_transport_has_proxy (&plan->transport) ? &plan->transport.proxy : &plan->target;
  char address[NI_MAXHOST];
  g_autofree char *entry = NULL;

  if (getnameinfo ((const struct sockaddr *)&target->address, target->address_size, address,
                   sizeof address, NULL, 0, NI_NUMERICHOST) != 0 ||
      strcmp (address, target->host) == 0)
    return NULL;
  entry = g_strdup_printf (strchr (address, ':') != NULL ? "%s:%u:[%s]" : "%s:%u:%s", target->host,
                           target->port, address);
  return curl_slist_append (NULL, entry);
}

static bool
append (struct curl_slist **list,
        const char *line)
{
  struct curl_slist *longer = curl_slist_append (*list, line);

  if (longer == NULL)
    return false;
  *list = longer;
  return true;
}

/* libcurl takes a name that nothing follows as one to leave out, unless it ends in a semicolon. */
static bool
append_field (struct curl_slist **list,
              const char *field)
{
  const char *colon = strchr (field, ':');
  g_autofree char *line = NULL;

  if (colon[1 + strspn (colon + 1, " \t")] != '\0')
    return append (list, field);
  line = g_strdup_printf ("%.*s;", (int)(colon - field), field);
  return append (list, line);
}

static bool
has_field (const LdsLoadRequest *request,
           const char *start)
{
  for (char **field = request->fields; *field != NULL; field++)
    if (g_ascii_strncasecmp (*field, start, strlen (start)) == 0)
      return true;
  return false;
}

struct curl_slist *
lds_load_curl_headers_new (const LdsLoadPlan *plan,
                           const LdsLoadRequest *request)
{
  /* What libcurl would send of its own accord, and nobody asked for. */
  static const char *const unasked[] = {"Accept:", "Content-Type:", "Expect:", "User-Agent:"};
  struct curl_slist *list = NULL;
  g_autofree char *host = g_strdup_printf ("Host: %s", plan->target.authority);
  bool ok = has_field (request, "Host:") || append (&list, host);

  for (char **field = request->fields; ok && *field != NULL; field++)
    ok = append_field (&list, *field);
  for (guint i = 0; ok && i < G_N_ELEMENTS (unasked); i++)
    ok = has_field (request, unasked[i]) || append (&list, unasked[i]);
  if (ok)
    return list;
  curl_slist_free_all (list);
  return NULL;
}

/* RFC 9110, section 8.6: what a method that defines a body has to say even when there is none. */
static bool
has_body (const LdsLoadRequest *request)
{
  return request->body_size > 0 || strcmp (request->method, "POST") == 0 ||
         strcmp (request->method, "PUT") == 0 || strcmp (request->method, "PATCH") == 0;
}

bool
lds_load_curl_easy_set_request (CURL *easy,
                                const LdsLoadPlan *plan,
                                const LdsLoadRequest *request,
                                struct curl_slist *headers)
{
  g_autofree char *url =
      g_strdup_printf ("%s://%s%s", plan->target.scheme, plan->target.authority, request->path);
  CURLcode code = CURLE_OK;

  code |= curl_easy_setopt (easy, CURLOPT_URL, url);
  /* The path as it is written, which taking an address apart may change; a proxy for http needs the
   * whole address in its place. */
  if (!lds_load_transport_has_proxy (&plan->transport))
    code |= curl_easy_setopt (easy, CURLOPT_REQUEST_TARGET, request->path);
  /* Undoes what another request of the mix has left. */
  code |= curl_easy_setopt (easy, CURLOPT_HTTPGET, 1L);
  if (has_body (request))
    {
      code |= curl_easy_setopt (easy, CURLOPT_POST, 1L);
      code |= curl_easy_setopt (easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_size);
      code |= curl_easy_setopt (easy, CURLOPT_POSTFIELDS, request->body);
    }
  else if (request->is_head)
    code |= curl_easy_setopt (easy, CURLOPT_NOBODY, 1L);
  code |= curl_easy_setopt (easy, CURLOPT_CUSTOMREQUEST, request->method);
  code |= curl_easy_setopt (easy, CURLOPT_HTTPHEADER, headers);
  return code == CURLE_OK;
}

LdsLoadOutcome
lds_load_curl_outcome (CURL *easy,
                       CURLcode code,
                       const char *message)
{
  long n_head_bytes = 0;
  bool has_begun;

  curl_easy_getinfo (easy, CURLINFO_HEADER_SIZE, &n_head_bytes);
  has_begun = n_head_bytes > 0;
  switch ((int)code)
    {
    case CURLE_PARTIAL_FILE:
      return LDS_LOAD_SHORT;
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_COULDNT_CONNECT:
    case CURLE_ABORTED_BY_CALLBACK:
      return LDS_LOAD_RESET;
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
      return has_begun ? LDS_LOAD_SHORT : LDS_LOAD_RESET;
    case CURLE_RECV_ERROR:
      /* Broken chunks have no code of their own, nor has a connection that ended without TLS's word
       * for it, as it would without TLS in an orderly way. */
      if (strstr (message, "chunk") != NULL)
        return LDS_LOAD_MALFORMED;
      return has_begun && strstr (message, "unexpected eof") != NULL ? LDS_LOAD_SHORT : LDS_LOAD_RESET;
    default:
      return LDS_LOAD_MALFORMED;
    }
}

const char *
lds_load_curl_version (CURL *easy)
{
  long version = CURL_HTTP_VERSION_NONE;

  curl_easy_getinfo (easy, CURLINFO_HTTP_VERSION, &version);
  switch (version)
    {
    case CURL_HTTP_VERSION_1_0:
      return "1.0";
    case CURL_HTTP_VERSION_1_1:
      return "1.1";
    case CURL_HTTP_VERSION_2_0:
      return "2";
    default:
      return NULL;
    }
}
