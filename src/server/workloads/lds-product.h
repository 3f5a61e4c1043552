/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the product workloads have in common: a product as JSON, both ways, and what can go wrong. */
#pragma once

#include "lds-exchange.h"
#include "lds-store.h"

/**
 * lds_product_ask:
 * @connect: (out): 1 when the request's query has connect=1
 *
 * Returns false, with the answer made a 400, when it is neither 0 nor 1.
 */
bool lds_product_ask_access (LdsExchange *exchange, LdsStoreAccess *access);

/**
 * lds_product_receive:
 *
 * Reads the product that the request's body is, `{"name":…,"price":…}`, and makes it the input of a
 * job, which reads it with lds_product_next(). The rules: a name of 1 to LDS_PRODUCT_NAME_BYTES bytes
 * without control characters, a price from 0 to 1000000000. With validate=0 in the query (X-25: one of
 * the article's two servers validates and the other does not) only what has no room is refused: a name
 * that is no text is empty then, a price that is no number is 0.
 *
 * Returns false, with the answer made a 400 that says what is wrong, `{"errors":[…]}`.
 */
bool lds_product_receive (LdsExchange *exchange);

/** Appends `{"id":…,"name":…,"price":…}`. */
void lds_product_write (LdsBuffer *out, const LdsProduct *product);

/**
 * lds_product_publish:
 * @action: "created" or "deleted"
 * @name: of the one created; nothing for one deleted
 * @scratch: empty, and empty again afterwards
 *
 * Publishes what has become of a product. Blocks. Returns false when that did not work.
 */
bool lds_product_publish (const char *action, int64_t id, LdsSpan name, LdsBuffer *scratch);

/**
 * lds_product_fail:
 * @result: anything but LDS_STORE_OK
 *
 * Makes the answer an error: 404 for no such product, 503 for a database that was locked for too long
 * (W-004-9), 500 for one that is broken.
 */
LdsOperation lds_product_fail (LdsExchange *exchange, LdsStoreResult result);

/** Makes the answer a 503: the row is changed, but the event could not be published. */
LdsOperation lds_product_fail_event (LdsExchange *exchange);
