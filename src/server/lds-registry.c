/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Look-up in the tables of models and workloads. */
#include "lds-registry.h"

#include "lds-job.h"

const LdsServerModel *
lds_registry_find_model (const char *id)
{
  for (size_t i = 0; lds_server_models[i] != NULL; i++)
    if (strcmp (lds_server_models[i]->id, id) == 0)
      return lds_server_models[i];
  return NULL;
}

const LdsServerWorkload *
lds_registry_find_workload (const char *id)
{
  for (size_t i = 0; lds_server_workloads[i] != NULL; i++)
    if (strcmp (lds_server_workloads[i]->id, id) == 0)
      return lds_server_workloads[i];
  return NULL;
}

/* Whether @path is one of @pattern; its variable parts go to @exchange. */
static bool
match (const char *pattern,
       LdsSpan path,
       LdsExchange *exchange)
{
  const char *p = path.data, *end = path.data + path.length;
  unsigned n_parts = 0;

  for (; *pattern != '\0'; pattern++)
    {
      const char *begin = p;
      bool rest = false;

      if (*pattern != ':')
        {
          if (p == end || *p++ != *pattern)
            return false;
          continue;
        }
      for (; pattern[1] != '\0' && pattern[1] != '/'; pattern++)
        rest = pattern[1] == '+';
      p = rest ? end : memchr (begin, '/', (size_t)(end - begin));
      if (p == NULL)
        p = end;
      if (p == begin)
        return false;
      exchange->parts[n_parts].offset = (uint32_t)(begin - exchange->data);
      exchange->parts[n_parts].bytes = (uint32_t)(p - begin);
      n_parts++;
    }
  return p == end;
}

const LdsServerWorkload *
lds_registry_route (LdsExchange *exchange,
                    unsigned *allowed)
{
  LdsHttpMethod method = exchange->request->method;
  LdsSpan path = lds_http_request_path (exchange->request, exchange->data);
  const LdsServerWorkload *endpoint = lds_job_endpoint ();

  *allowed = 0;
  for (size_t i = 0; lds_server_workloads[i] != NULL; i++)
    {
      const LdsServerWorkload *workload = lds_server_workloads[i];
      unsigned methods = workload->methods;

      if (!match (workload->path, path, exchange))
        continue;
      if ((methods & LDS_METHOD_BIT (LDS_HTTP_METHOD_GET)) != 0)
        methods |= LDS_METHOD_BIT (LDS_HTTP_METHOD_HEAD);
      if ((methods & LDS_METHOD_BIT (method)) != 0)
        return workload;
      *allowed |= methods;
    }
  if (endpoint != NULL && method == LDS_HTTP_METHOD_POST && match (endpoint->path, path, exchange))
    return endpoint;
  return NULL;
}
