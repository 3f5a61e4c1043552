/* SPDX-License-Identifier: GPL-3.0-or-later */
/* M5, asyncio: one loop, one global lock, 40 threads for what blocks; see lds-asyncio.h for the
 * sources. An async route that computes or blocks does so on the loop, and nobody else is served. */
#include "lds-asyncio.h"

const LdsServerModel lds_model_asyncio = {
    .id = "asyncio",
    .summary = "one loop under a global lock and threads for plain routes, as uvicorn and Starlette",
    .options = LDS_ASYNCIO_OPTIONS,
    .defaults = {.workers = 1, LDS_ASYNCIO_DEFAULTS},
    .run = lds_asyncio_serve,
};
