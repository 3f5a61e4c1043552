/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Look-up in the tables of models and workloads. */
#include "lds-registry.h"

const LdsServerModel *
lds_registry_find_model (const char *id)
{
  for (size_t i = 0; lds_server_models[i] != NULL; i++)
    if (strcmp (lds_server_models[i]->id, id) == 0)
      return lds_server_models[i];
  return NULL;
}

const LdsServerWorkload *
lds_registry_route (LdsSpan path,
                    LdsHttpMethod method,
                    unsigned *allowed)
{
  *allowed = 0;
  for (size_t i = 0; lds_server_workloads[i] != NULL; i++)
    {
      const LdsServerWorkload *workload = lds_server_workloads[i];
      unsigned methods = workload->methods;

      if (!lds_span_equal (path, workload->path))
        continue;
      if ((methods & LDS_METHOD_BIT (LDS_HTTP_METHOD_GET)) != 0)
        methods |= LDS_METHOD_BIT (LDS_HTTP_METHOD_HEAD);
      if (method != LDS_HTTP_METHOD_OTHER && (methods & LDS_METHOD_BIT (method)) != 0)
        return workload;
      *allowed |= methods;
    }
  return NULL;
}
