# SPDX-License-Identifier: GPL-3.0-or-later
"""What a request brings."""

from flask import request

from exchange import MAX_ID, Refusal, whole_number


def number(name, fallback, maximum, minimum=0):
    text = request.args.get(name)
    if text is None:
        return fallback
    value = whole_number(text)
    if value is None or not minimum <= value <= maximum:
        raise Refusal(400, f'{name} must be a whole number from {minimum} to {maximum}')
    return value


def choice(name, *choices):
    value = request.args.get(name, choices[0])
    if value not in choices:
        raise Refusal(400, f'{name} must be {", ".join(choices[:-1])} or {choices[-1]}')
    return value


def id_of(part):
    value = whole_number(part)
    if value is None or not 1 <= value <= MAX_ID:
        raise Refusal(400, f'the id in the path must be a whole number from 1 to {MAX_ID}')
    return value
