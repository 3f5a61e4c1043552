/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What libcurl is told of a plan, and what its answers mean. */
#pragma once

#include <curl/curl.h>

#include "lds-load-plan.h"
#include "lds-load-recorder.h"

G_BEGIN_DECLS

/**
 * lds_load_curl_easy_new:
 * @hosts: (nullable): of lds_load_curl_hosts_new(); must live as long
 *
 * Returns: (transfer full) (nullable): a handle with all that holds for every request of @plan; NULL
 *   when memory is short or libcurl was built without what @plan needs
 */
CURL *lds_load_curl_easy_new (const LdsLoadPlan *plan, struct curl_slist *hosts);

/** Returns: (transfer full) (nullable): the addresses that @plan's hosts have, so that no request looks
 * one up; NULL when there is none to be told, or memory is short */
struct curl_slist *lds_load_curl_hosts_new (const LdsLoadPlan *plan);

/** Returns: (transfer full) (nullable): the header lines of @request; NULL when memory is short */
struct curl_slist *lds_load_curl_headers_new (const LdsLoadPlan *plan,
                                              const LdsLoadRequest *request);

/** Makes @easy send @request with @headers, both of which must live as long. Returns false when memory
 * is short. */
bool lds_load_curl_easy_set_request (CURL *easy,
                                     const LdsLoadPlan *plan,
                                     const LdsLoadRequest *request,
                                     struct curl_slist *headers);

/** @message: of the handle's error buffer. Returns how a transfer failed that had been sent. */
LdsLoadOutcome lds_load_curl_outcome (CURL *easy, CURLcode code, const char *message);

/** Returns: (nullable): the version of HTTP that the handle's answer came in: "1.1" */
const char *lds_load_curl_version (CURL *easy);

G_END_DECLS
