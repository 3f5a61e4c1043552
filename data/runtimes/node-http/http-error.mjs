// SPDX-License-Identifier: GPL-3.0-or-later

/** What a request is answered with instead of what it asked for: a status, and a sentence for a person. */
export class HttpError extends Error {
  constructor(status, message, headers = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}
