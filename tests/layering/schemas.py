# SPDX-License-Identifier: GPL-3.0-or-later
"""What tests ask of a published JSON schema."""


def closed(node):
    """Returns the schema with every object closed: what it does not name, it refuses."""
    if isinstance(node, list):
        return [closed(item) for item in node]
    if not isinstance(node, dict):
        return node
    node = {key: closed(value) for key, value in node.items()}
    if isinstance(node.get('properties'), dict) and node.get('type') == 'object':
        node.setdefault('additionalProperties', False)
    return node


def undescribed(node, path=''):
    """Yields the members that the schema does not explain."""
    if isinstance(node, list):
        for index, item in enumerate(node):
            yield from undescribed(item, f'{path}/{index}')
    elif isinstance(node, dict):
        for name, member in node.get('properties', {}).items():
            if isinstance(member, dict) and not {'description', '$ref'} & member.keys():
                yield f'{path}/{name}'
        for key, item in node.items():
            yield from undescribed(item, f'{path}/{key}')


def joined(schema, other):
    """Returns @schema with the definitions of @other, which it refers to by that one's id, as its own."""
    prefix = other['$id'] + '#/$defs/'

    def resolve(node):
        if isinstance(node, list):
            return [resolve(item) for item in node]
        if not isinstance(node, dict):
            return node
        return {key: '#/$defs/' + value.removeprefix(prefix) if key == '$ref' and value.startswith(prefix)
                else resolve(value) for key, value in node.items()}

    assert not schema['$defs'].keys() & other['$defs'].keys(), 'two definitions have one name'
    schema = resolve(schema)
    return schema | {'$defs': schema['$defs'] | other['$defs']}
