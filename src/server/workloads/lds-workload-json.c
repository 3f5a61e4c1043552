/* SPDX-License-Identifier: GPL-3.0-or-later */
/* W-000-13 and W-004-2: a user with what they bought, as 1 KB (1024 bytes) of JSON.
 *
 * The object is what an API would send for a user (W-000-13), its list what GET /products of the
 * articles has, {id, name, price} (W-004-4), and its size that of W-004-2. It is rendered from a
 * record for each request, as a framework would, and not kept as text.
 */
#include "lds-exchange.h"

typedef struct
{
  unsigned id;
  const char *name;
  double price;
} Product;

typedef struct
{
  unsigned id;
  const char *name;
  const char *email;
  const char *city;
  bool active;
  const char *note;
  const Product *products;
  size_t n_products;
} User;

static const Product products[] = {
    {1, "Pocket compass", 24.50},
    {2, "Brass sextant", 189.00},
    {3, "Chart of the North Sea", 17.25},
    {4, "Marine chronometer", 349.99},
    {5, "Parallel ruler", 12.80},
    {6, "Dividers, straight", 21.40},
    {7, "Log line, 100 m", 38.00},
    {8, "Sounding lead, 3 kg", 27.75},
    {9, "Signal lamp", 64.20},
    {10, "Barometer, aneroid", 92.10},
    {11, "Night order book", 8.95},
    {12, "Azimuth circle", 143.60},
};

static const User user = {
    .id = 1,
    .name = "Petra Peregrina",
    .email = "petra@example.org",
    .city = "Maricourt",
    .active = true,
    .note = "Prefers a needle that floats to one on a pivot; see the letter on the magnet. Deliver to "
            "the harbour office, second floor, between eight and ten in the morning. Leave nothing "
            "at the gate. Please ask for the chart of the year before if the one of this year is sold out, and "
            "for its corrections up to now either way.",
    .products = products,
    .n_products = sizeof products / sizeof *products,
};

static LdsOperation
step (LdsExchange *exchange)
{
  exchange->content_type = "application/json";
  lds_exchange_printf (exchange, "{\"id\":%u,\"name\":\"%s\",\"email\":\"%s\",\"city\":\"%s\",", user.id,
                       user.name, user.email, user.city);
  lds_exchange_printf (exchange, "\"active\":%s,\"note\":\"%s\",\"products\":[",
                       user.active ? "true" : "false", user.note);
  for (size_t i = 0; i < user.n_products; i++)
    lds_exchange_printf (exchange, "%s{\"id\":%u,\"name\":\"%s\",\"price\":%.2f}", i > 0 ? "," : "",
                         user.products[i].id, user.products[i].name, user.products[i].price);
  lds_exchange_write (exchange, "]}", 2);
  return LDS_OPERATION_DONE;
}

const LdsServerWorkload lds_workload_json = {
    .id = "json",
    .usage = "GET /json",
    .path = "/json",
    .methods = LDS_METHOD_BIT (LDS_HTTP_METHOD_GET),
    .step = step,
};
