# SPDX-License-Identifier: GPL-3.0-or-later
"""What a workload sees of HTTP: a request, a reply, and a refusal."""

import json
from urllib.parse import parse_qsl

# Largest number that every reader of JSON has exactly.
MAX_ID = 2 ** 53 - 1
MAX_BODY_BYTES = 16 * 1024 * 1024
# Frameworks bound what they parse as well.
MAX_FORM_BYTES = 64 * 1024

to_json = json.JSONEncoder(ensure_ascii=False, separators=(',', ':')).encode


class Refusal(Exception):
    """Ends a request with an error that its client is told; may come from another process."""

    def __init__(self, status, message):
        super().__init__(status, message)
        self.status = status
        self.message = message

    def reply(self):
        return Reply(to_json({'error': self.message}), status=self.status)


class Request:
    """A request with its whole body; `fields` by lower-case name, `part` as the path has it."""

    def __init__(self, method, target, fields, body):
        self.method = method
        self.path, _, query = target.partition('?')
        self.query = {}
        if query:
            # Of a name that comes twice the first counts.
            for name, value in parse_qsl(query, keep_blank_values=True):
                self.query.setdefault(name, value)
        self.fields = fields
        self.body = body
        self.part = ''

    def number(self, name, fallback, maximum, minimum=0):
        text = self.query.get(name)
        if text is None:
            return fallback
        value = whole_number(text)
        if value is None or not minimum <= value <= maximum:
            raise Refusal(400, f'{name} must be a whole number from {minimum} to {maximum}')
        return value

    def choice(self, name, *choices):
        value = self.query.get(name, choices[0])
        if value not in choices:
            raise Refusal(400, f'{name} must be {", ".join(choices[:-1])} or {choices[-1]}')
        return value

    def id(self):
        value = whole_number(self.part)
        if value is None or not 1 <= value <= MAX_ID:
            raise Refusal(400, f'the id in the path must be a whole number from 1 to {MAX_ID}')
        return value

    def form(self, what='the body is not JSON'):
        return read_form(self.body, what)


class Reply:
    """An answer: a body, or with `chunks`, an asynchronous generator, one sent as it is made."""

    def __init__(self, body=b'', content_type='application/json', status=200, fields=(),
                 chunks=None):
        self.body = body.encode() if isinstance(body, str) else body
        self.content_type = content_type
        self.status = status
        self.fields = fields
        self.chunks = chunks


def whole_number(text):
    """Returns the number that up to 20 digits are, else None."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 20 else None


def read_form(body, what='the body is not JSON'):
    """Returns what the JSON in `body` is, which must be small."""
    if len(body) > MAX_FORM_BYTES:
        raise Refusal(413, f'the body must be at most {MAX_FORM_BYTES} bytes')
    return from_json(body, what)


def from_json(body, what='the body is not JSON'):
    """Returns what the JSON in `body` is; a Refusal begins with `what`."""
    def constant(name):
        raise Refusal(400, f'{what}: {name} is no number of JSON')
    text = ''
    try:
        text = body.decode()
        value = json.loads(text, parse_constant=constant)
        if '\\ud' in text.lower():
            to_json(value).encode()
        return value
    except json.JSONDecodeError as error:
        reason = ''
        if error.msg == 'Extra data':
            reason = ': something follows its end'
        elif error.pos >= len(text.rstrip()):
            reason = ': it ends too early'
        raise Refusal(400, f'{what}: line {error.lineno}, column {error.colno}{reason}') from None
    except UnicodeDecodeError:
        raise Refusal(400, f'{what}: it is not UTF-8') from None
    except UnicodeEncodeError:
        raise Refusal(400, f'{what}: a text holds half a character') from None
    except RecursionError:
        raise Refusal(400, f'{what}: it is nested too deep') from None
    except ValueError:
        # Of int(), since Python 3.10.7 and its like, for more than 4300 digits.
        raise Refusal(400, f'{what}: the number is too large') from None
