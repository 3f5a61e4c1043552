# SPDX-License-Identifier: GPL-3.0-or-later
"""What the workloads compute: plain functions, which a process pool can run as well.

As a program it is the child process of /predict?via=spawn: vectors in, scores out, as JSON.
"""

import functools
import json
import math
import os
import signal
import sys
import time

from exchange import from_json, to_json

MASK = 2 ** 64 - 1
FNV_SEED = 0xcbf29ce484222325
FEATURES, CLASSES = 128, 10
REGIONS = ('east', 'islands', 'midlands', 'north', 'south', 'west')


def random_numbers(state):
    """SplitMix64 (Steele, Lea, Flood, OOPSLA 2014): the same rows and weights as everywhere."""
    while True:
        state = (state + 0x9e3779b97f4a7c15) & MASK
        z = ((state ^ (state >> 30)) * 0xbf58476d1ce4e5b9) & MASK
        z = ((z ^ (z >> 27)) * 0x94d049bb133111eb) & MASK
        yield z ^ (z >> 31)


def signed(numbers):
    """The next of `numbers` as one from -1 to less than 1."""
    return (next(numbers) >> 11) / 2 ** 52 - 1


def fnv(data, value=FNV_SEED):
    """FNV-1a of 64 bits (draft-eastlake-fnv)."""
    for byte in data:
        value = ((value ^ byte) * 0x100000001b3) & MASK
    return value


def sum_roots(n):
    # Not sum(), which rounds in another way from Python 3.12 on.
    total = 0.0
    for i in range(n):
        total += math.sqrt(i)
    return total


def spin(seconds):
    """Uses so much CPU time."""
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


def count_json(body):
    """Parses `body` and counts what is in it. With a stack of its own: it may be nested deep."""
    counts = dict.fromkeys(('objects', 'arrays', 'members', 'strings', 'numbers', 'literals'), 0)
    depth = 0
    stack = [(from_json(body), 1)]
    while stack:
        value, level = stack.pop()
        if isinstance(value, dict):
            counts['objects'] += 1
            counts['members'] += len(value)
            depth = max(depth, level)
            stack.extend((child, level + 1) for child in value.values())
        elif isinstance(value, list):
            counts['arrays'] += 1
            depth = max(depth, level)
            stack.extend((child, level + 1) for child in value)
        elif isinstance(value, str):
            counts['strings'] += 1
        elif value is None or isinstance(value, bool):
            counts['literals'] += 1
        else:
            counts['numbers'] += 1
    return {'bytes': len(body), **counts, 'depth': depth}


def money(cents):
    return f'{cents // 100}.{cents % 100:02}'


def report(n):
    """Orders put together, sorted and added up by region; amounts are whole cents."""
    numbers = random_numbers(20260221)
    rows = []
    for order in range(n):
        number = next(numbers)
        cents = next(numbers) % 1000000
        rows.append((number % 6, -cents, order, 1 + (number >> 32) % 12))
    # By region, then the largest amount first.
    rows.sort()
    groups = []
    begin = 0
    while begin < n:
        region = rows[begin][0]
        end = begin
        while end < n and rows[end][0] == region:
            end += 1
        group = rows[begin:end]
        groups.append(f'{{"region":"{REGIONS[region]}","orders":{len(group)},'
                      f'"quantity":{sum(row[3] for row in group)},'
                      f'"amount":{money(sum(-row[1] for row in group))},'
                      f'"median":{money(-group[len(group) // 2][1])},"largest":{group[0][2]}}}')
        begin = end
    return f'{{"rows":{n},"regions":[{",".join(groups)}]}}'


def run_tasks(chunk):
    """Tasks of one hash each: of the task's number and 1 KiB."""
    block = bytes((i * 131 + 7) % 256 for i in range(1024))
    return sum(fnv(number.to_bytes(8, 'little') + block) for number in range(chunk)) & MASK


def blur(line):
    """Binomial, with the outermost values repeated beyond the edges."""
    wide = [line[0], line[0], *line, line[-1], line[-1]]
    return [(8 + wide[i] + 4 * wide[i + 1] + 6 * wide[i + 2] + 4 * wide[i + 3] + wide[i + 4]) // 16
            for i in range(len(line))]


def image(size):
    """A slope with noise, blurred along rows and columns, and its statistics."""
    numbers = random_numbers(10000)
    rows = [[(x + y) * 191 // (2 * size) + next(numbers) % 65 for x in range(size)]
            for y in range(size)]
    for _ in range(2):
        # Turned over by zip(), so that the second time goes along the columns, and turns back.
        rows = list(zip(*(blur(row) for row in rows)))
    values = bytes(value for row in rows for value in row)
    n = size * size
    histogram = [0] * 16
    total = squares = 0
    for value in values:
        histogram[value // 16] += 1
        total += value
        squares += value * value
    mean = total / n
    deviation = math.sqrt(max(squares / n - mean * mean, 0))
    return (f'{{"size":{size},"minimum":{min(values)},"maximum":{max(values)},"mean":{mean:.4f},'
            f'"deviation":{deviation:.4f},"histogram":{to_json(histogram)},'
            f'"checksum":"{fnv(values):016x}"}}')


@functools.lru_cache(maxsize=None)
def weights():
    """Of each class its bias and a weight for each feature."""
    numbers = random_numbers(128010)
    return [(signed(numbers), [signed(numbers) for _ in range(FEATURES)]) for _ in range(CLASSES)]


def own_vectors(n):
    numbers = random_numbers(6)
    return [[signed(numbers) for _ in range(FEATURES)] for _ in range(n)]


def predict(vectors):
    """One matrix times each vector."""
    scores = []
    for vector in vectors:
        row = []
        for score, factors in weights():
            for weight, feature in zip(factors, vector):
                score += weight * feature
            row.append(score)
        scores.append(row)
    return scores


def main():
    """Scores for the vectors on standard input. Ends early when whoever wanted them has gone."""
    parent = os.getppid()
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    scores = []
    for vector in json.load(sys.stdin):
        if os.getppid() != parent:
            sys.exit(1)
        scores += predict([vector])
    json.dump(scores, sys.stdout)


if __name__ == '__main__':
    main()
