# SPDX-License-Identifier: GPL-3.0-or-later
"""The pipeline of /csv: orders in, without those that lack something, amounts by date out."""

import csv
import datetime
import io
import os
import re
import tempfile

from computing import money, random_numbers
from exchange import MAX_BODY_BYTES, Refusal

COLUMNS = ['date', 'customer', 'category', 'quantity', 'price']
CATEGORIES = ('charts', 'compasses', 'lamps', '"ropes, thin"', 'sails')
# Dates in one input, so that streaming is bounded: eleven years.
MAX_DATES = 4096

DATE = re.compile(r'[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])')
QUANTITY = re.compile(r'[0-9]{1,4}')
PRICE = re.compile(r'([0-9]{1,7})(?:\.([0-9]{1,2}))?')

HEADER_WRONG = 'the first line must be date,customer,category,quantity,price'
FIELDS_WRONG = 'a row must have five fields'
QUOTES_WRONG = 'a quote is not closed, or something follows it'
DATE_WRONG = 'the date must be YYYY-MM-DD'
QUANTITY_WRONG = 'the quantity must be a whole number from 0 to 1000'
PRICE_WRONG = 'the price must be from 0 to 1000000, with at most two decimals'
DATES_WRONG = 'there must be at most 4096 dates'

# Fields have no bound but that of a body.
csv.field_size_limit(MAX_BODY_BYTES)


def write_orders(folder, mb):
    """Makes the file of `mb` MiB unless it is there, and returns its path. Other processes may make
    the same one at the same time: it has its name only when it is whole."""
    path = os.path.join(folder, f'orders-{mb}.csv')
    if os.path.exists(path):
        return path
    numbers = random_numbers(8)
    first = datetime.date(2025, 1, 1)
    days = [str(first + datetime.timedelta(days=day)) for day in range(365)]
    try:
        with tempfile.NamedTemporaryFile('w', dir=folder, encoding='ascii', delete=False) as file:
            line = ','.join(COLUMNS) + '\n'
            size = 0
            while True:
                file.write(line)
                size += len(line)
                if size >= mb << 20:
                    break
                number = next(numbers)
                lacking = (number >> 20) % 100
                date = '' if lacking == 0 else days[number % 365]
                customer = '' if lacking == 1 else f'c{(number >> 40) % 20000:05}'
                category = CATEGORIES[(number >> 32) % 5]
                quantity = '' if lacking == 3 else 1 + (number >> 56) % 9
                cents = next(numbers) % 50000
                price = '' if lacking in (4, 5) else money(cents)
                line = f'{date},{customer},{category},{quantity},{price}\n'
        os.replace(file.name, path)
    except OSError:
        raise Refusal(503, 'the temporary file to read cannot be written: '
                           'free some space') from None
    return path


class WrongRow(Exception):
    """With what is wrong."""


def read_cents(text):
    match = PRICE.fullmatch(text)
    if not match:
        raise WrongRow(PRICE_WRONG)
    cents = int(match[1]) * 100 + int((match[2] or '').ljust(2, '0'))
    if cents > 100000000:
        raise WrongRow(PRICE_WRONG)
    return cents


def read_row(row):
    """Returns (date, quantity, cents), or None when a field is empty."""
    date, quantity, price = (row[i] if i < len(row) else '' for i in (0, 3, 4))
    if date and not DATE.fullmatch(date):
        raise WrongRow(DATE_WRONG)
    if quantity and not (QUANTITY.fullmatch(quantity) and int(quantity) <= 1000):
        raise WrongRow(QUANTITY_WRONG)
    cents = read_cents(price) if price else None
    if len(row) != len(COLUMNS):
        raise WrongRow(FIELDS_WRONG)
    return (date, int(quantity), cents) if all(row) else None


class Orders:
    """Yields each row as read_row() has it; `line` is the one that is being read, from 1 on."""

    def __init__(self, lines):
        self.reader = csv.reader(lines, strict=True)
        self.line = 1

    def __iter__(self):
        try:
            if next(self.reader, None) != COLUMNS:
                raise WrongRow(HEADER_WRONG)
            self.line += 1
            for row in self.reader:
                yield read_row(row)
                self.line += 1
        except csv.Error as error:
            # Of a CR in the middle of a line, the reader says "new-line character".
            is_return = str(error).startswith('new-line')
            raise WrongRow(FIELDS_WRONG if is_return else QUOTES_WRONG) from None


def add_up(amounts):
    """Adds up (date, cents) by date."""
    sums = {}
    for date, cents in amounts:
        orders, total = sums.get(date, (0, 0))
        sums[date] = orders + 1, total + cents
        if len(sums) > MAX_DATES:
            raise WrongRow(DATES_WRONG)
    return sums


def stream(orders):
    """Row by row, so that nothing is kept but the sums."""
    return add_up((row[0], row[1] * row[2]) for row in orders if row)


def whole(orders):
    """A table of all rows, and one step after the other over all of it, as with a data frame."""
    table = list(orders)
    table = [row for row in table if row]
    amounts = [(date, quantity * cents) for date, quantity, cents in table]
    return add_up(amounts)


def summarize(folder, mb, mode, body):
    """Returns the sums as CSV: of `body`, or of a file of `mb` MiB when that is None."""
    binary = open(write_orders(folder, mb), 'rb') if body is None else io.BytesIO(body)
    # Lines end in LF alone, so that the reader finds a CR in the middle of one.
    with io.TextIOWrapper(binary, encoding='utf-8', errors='replace', newline='\n') as text:
        # The input is in memory before anything is done with it, where it is taken as a whole.
        lines = io.StringIO(text.read(), newline='\n') if mode == 'whole' else text
        orders = Orders(lines)
        try:
            sums = whole(orders) if mode == 'whole' else stream(orders)
        except WrongRow as error:
            raise Refusal(400, f'line {orders.line}: {error}') from None
    rows = [f'{date},{count},{money(cents)}\n' for date, (count, cents) in sorted(sums.items())]
    return 'date,rows,amount\n' + ''.join(rows)
