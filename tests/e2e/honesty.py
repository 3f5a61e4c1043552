# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a text passes a figure of a model, or of a twin, off as one of Node.js or Python.

A sentence, or a row of a table, that names a runtime and has a measured figure must say where the figure comes from.
What the articles say, and what would be if something were measured, are no figures of ours.
"""

import pathlib
import re
import xml.etree.ElementTree as ElementTree

# Figures with the units of what is measured, and ratios in words; points and shares of a verdict are its own.
FIGURE = re.compile(r'\d[\d.,]*(?:\s?(?:ns|µs|ms|s|k/s|M/s|/s|[KMG]i?B|cores?)\b|/s\b|\s+times\b)')
RUNTIME = re.compile(r'\b(?:Node\.js|Python)\b')
PROVENANCE = re.compile(r'\((?:model|twin(?:, [^)]*)?|real|model or twin)\)')
# Of a sentence that says what would follow, and of one that asks for a measurement.
CONDITIONAL = re.compile(r'\b(?:if|would|measured with Node\.js (?:below|above))\b')
END = re.compile(r'(?<=[.?!:;])\s+(?=[^a-z\d])|\s+[•·]\s+')


def squeezed(text):
    """Returns @text with single blanks only."""
    return ' '.join(text.split())


def sayings(*folders):
    """Returns what the data in @folders says in words: texts of articles and of those who judge them."""
    found = set()
    for path in sorted(path for folder in folders for path in pathlib.Path(folder).glob('*.xml')):
        for element in ElementTree.parse(path).iter():
            text = squeezed(element.text or '')
            if FIGURE.search(text):
                found.add(text)
    return found


def sentences(text):
    """Yields the sentences of a text whose paragraphs and rows are lines apart, or wrapped."""
    for block in re.split(r'\n\s*\n|\f', text):
        lines = block.splitlines()
        # A row of a table, or a list, has its figures on its own line; a paragraph runs on.
        yield from (squeezed(line) for line in lines if re.search(r'\S\s{2,}\S', line.strip()))
        yield from END.split(squeezed(block))


def find(text, said=()):
    """Returns the sentences of @text that claim too much; @said are the articles' own words."""
    found = []
    for sentence in sentences(text):
        if not RUNTIME.search(sentence) or not FIGURE.search(sentence) or PROVENANCE.search(sentence) \
                or CONDITIONAL.search(sentence):
            continue
        if any(sentence.rstrip('.:;') in saying or saying in sentence for saying in said):
            continue
        found.append(sentence)
    return found


def strings(node):
    """Yields the texts in a JSON document, member by member."""
    if isinstance(node, dict):
        for value in node.values():
            yield from strings(value)
    elif isinstance(node, list):
        for value in node:
            yield from strings(value)
    elif isinstance(node, str):
        yield node


def find_in_json(document, said=()):
    """The same for a JSON document, whose lanes besides must have their provenance in their names."""
    return [sentence for text in strings(document) for sentence in find(text, said)] + sorted(set(unlabelled(document)))


def unlabelled(node):
    """Yields the names that lanes of a provenance are given without it."""
    if isinstance(node, list):
        for value in node:
            yield from unlabelled(value)
    elif isinstance(node, dict):
        label, provenance = node.get('label'), node.get('provenance')
        if isinstance(label, str) and provenance in ('model', 'twin', 'real') and f'({provenance})' not in label:
            yield label
        for value in node.values():
            yield from unlabelled(value)
