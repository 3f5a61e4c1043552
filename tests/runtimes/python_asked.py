# SPDX-License-Identifier: GPL-3.0-or-later
"""What the reference servers in Python are asked, and what loadstone-server is, too."""

import json
import pathlib
import re
import sys
import xml.etree.ElementTree

from python_servers import order

WORKLOADS = pathlib.Path(sys.argv[4])


def gets(*paths):
    return [order('GET', path) for path in paths]


def posts(path, *bodies):
    return [order('POST', path, body) for body in bodies]


TABLE = (b'date,customer,category,quantity,price\n2026-01-02,a,b,3,1.5\n2026-01-01,"a, ""b""\r\n",b,1,3\r\n'
         b'2026-01-01,,b,1,3\n2026-01-01,a,\xff,1000,1000000.00')
HEADER = b'date,customer,category,quantity,price\n'
ROW = b'2026-01-01,a,b,1,1\n'
VECTOR = json.dumps([i / 7 - 9 for i in range(128)])
MANY = json.dumps({'batch': [[float(i)] * 128 for i in range(20)]}).encode()
DOCUMENT = json.dumps({'name': 'Pétra \u0000 ☸', 'empty': [{}, [], '', None],
                       'rows': [{'id': i, 'price': i / 8, 'good': i % 2 == 0} for i in range(500)]}, indent=1).encode()

# What is asked of each workload beside its own request, right and wrong.
ASKED = {
    'hello': gets('/', '/?x=1') + [order('HEAD', '/'), order('POST', '/', b'x'), order('OPTIONS', '/')],
    'json': gets('/json'),
    'slow': gets('/slow?ms=3', '/slow?ms=0', '/slow?ms=x', '/slow?ms=', '/slow?ms', '/slow?ms=60001', '/slow?ms=-1',
                 '/slow?ms=1&ms=x', '/slow?ms=99999999999999999999999', '/slow?ms=1.5'),
    'bad': gets('/bad?ms=2', '/bad?ms=2&in=pool', '/bad?ms=2&in=loop', '/bad?in=x', '/bad?ms=60001'),
    'compute': gets('/compute?n=0', '/compute?n=1', '/compute?n=100003', '/compute?n=x', '/compute?n=10000000001'),
    'user': gets('/user/9007199254740991?ms=1', '/user/0', '/user/x', '/user/', '/user/1/2', '/user/9007199254740992',
                 '/user/1?ms=60001') + [order('PUT', '/user/1', b'x')],
    'users': gets('/users/14', '/users/2', '/users/0', '/users/%31') + [order('HEAD', '/users/3')],
    'signup': posts('/users', b'{"email":"ab","password":"short"}', b'{"email":"a@b","password":"12345"}', b'[]', b'{}',
                    b'{"email":"ab","password":"secret"}', '{"email":"ä\\"@\\n","password":"sécret"}'.encode(),
                    b'', b'{"email":', b'1', b'"x"', b'{"email":1}', b'{"email":"\\ud800@","password":"secret"}',
                    b'\xff', b'[' + b' ' * 65535, b'{"a":NaN}', b'{} {}') +
              posts('/users?validate=0', b'{}', b'{"email":"ab"}', b'{"email":7}', b'{"email":{"a":[null,true]}}', b'[]') +
              posts('/users?validate=2', b'{}') + gets('/users'),
    'parse': posts('/parse', DOCUMENT, b'1', b'"x"', b'[]', b' {"a":{"b":[[1,2.5,true,null,"x"]]},"a":1} ', b'', b'[1,',
                   b'{"a" 1}', b'[1] 2', b'[1,]', b'\xff', b'["\xff"]', b'[NaN]', b'["\\ud800"]', b'{"a":"\x01"}',
                   b'[' * 100000, b'[' * 400 + b']' * 400) + gets('/parse'),
    'report': gets('/report?rows=1', '/report?rows=777', '/report?rows=0', '/report?rows=1000001'),
    'tasks': gets('/tasks?chunk=1', '/tasks?chunk=7', '/tasks?chunk=0', '/tasks?chunk=1000001'),
    'image': gets('/image?size=1', '/image?size=2', '/image?size=33', '/image?size=0', '/image?size=2049'),
    'predict': gets('/predict', '/predict?n=3', '/predict?n=3&via=spawn', '/predict?n=0', '/predict?n=1001', '/predict?via=x') +
               posts('/predict', f'{{"features":{VECTOR}}}'.encode(), MANY, b'{}', b'[]', b'', b'{"features":[1]}',
                     b'{"features":null}', b'{"batch":[]}', b'{"batch":7}', b'{"features":[],"batch":[]}',
                     f'{{"batch":[{VECTOR},[1]]}}'.encode(), f'{{"features":{VECTOR[:-1]},true]}}'.encode(),
                     f'{{"features":{VECTOR.replace("-9.0", "true", 1)}}}'.encode(), b'x') +
               posts('/predict?via=spawn', f'{{"features":{VECTOR}}}'.encode()),
    'csv': gets('/csv?mode=whole', '/csv?mb=2', '/csv?mb=0', '/csv?mb=65', '/csv?mode=x') + [order('HEAD', '/csv'), order('DELETE', '/csv')] +
           [asked for mode in ('stream', 'whole') for asked in posts(
               f'/csv?mode={mode}', TABLE, TABLE + b'\r\n', HEADER, HEADER[:-1], b'', b'\n', b'date\n', HEADER + b'\n', HEADER + b'1\n',
               HEADER + ROW + b'2026-13-01,a,b,1,1\n', HEADER + b'2026-01-01,a,b,1001,1\n', HEADER + b'2026-01-01,a,b,1,1.234\n',
               HEADER + b'2026-01-01,a,b,1,1000000.01\n', HEADER + b'2026-01-01,a,b,-1,1\n', HEADER + ROW + b'2026-01-01,a,b,1,1,1\n',
               HEADER + ROW * 3 + b'2026-01-01,"a,b,1,1\n', HEADER + b'2026-01-01,"a"x,b,1,1\n', HEADER + b'2026-01-01,a\rb,b,1,1\n',
               HEADER + b',,,,\n', HEADER + b'x,,,,\n', HEADER + b'2026-01-01,a,b,1,1.5\r', HEADER + ROW.replace(b'a', b'a' * 200000),
               HEADER + b''.join(b'%04d-01-01,a,b,1,1\n' % year for year in range(4096)),
               HEADER + b''.join(b'%04d-01-01,a,b,1,1\n' % year for year in range(4099)))],
    'mix': gets('/mix?total_ms=2&cpu=50', '/mix?total_ms=2&cpu=0', '/mix?total_ms=2&cpu=100', '/mix?total_ms=0', '/mix?cpu=101',
                '/mix?total_ms=10001'),
    'fan-out': gets(*(f'/fan-out?n={n}&ms=2&mode={mode}&via={via}' for n in (1, 50) for mode in ('all', 'sequential')
                      for via in ('timer', 'pool')), '/fan-out?n=0', '/fan-out?n=10001', '/fan-out?n=100&ms=6001',
                    '/fan-out?mode=x', '/fan-out?via=x'),
    'echo': [order(method, '/echo', bytes(range(256)) * 20) for method in ('POST', 'PUT', 'PATCH', 'DELETE', 'BREW')] +
            [order('POST', '/echo', b'x', Content_Type='text/x; y="z"'), order('POST', '/echo', b'', Content_Type='a' * 201),
             order('POST', '/echo', b'y' * 3000000), order('POST', '/echo', b''), order('GET', '/echo'), order('HEAD', '/echo')],
    'stream': gets('/stream?chunks=30&bytes=65536', '/stream?chunks=3&bytes=1&ms=1', '/stream?chunks=2&bytes=65', '/stream?chunks=0',
                   '/stream?bytes=1048577', '/stream?chunks=100000&ms=7') + [order('HEAD', '/stream')],
    'events': gets('/events?hz=0', '/events?hz=101', '/events?hz=x') + [order('HEAD', '/events')],
    'products': gets('/products?limit=1000', '/products?limit=0', '/products?limit=3&connect=1', '/products?limit=100001',
                     '/products?connect=2') + [order('PATCH', '/products', b''), order('OPTIONS', '/products')],
    'product': gets('/products/1000', '/products/7?connect=1', '/products/1001', '/products/0', '/products/x', '/products/1?connect=2') +
               [order('PUT', '/products/2', b'{"name":"Tar \xc3\xa4","price":3}'), order('GET', '/products/2'),
                order('PUT', '/products/2', b'{"name":"","price":-1}'), order('PUT', '/products/1001', b'{"name":"Tar","price":3}'),
                order('PUT', '/products/2?connect=1', b'{"name":"\\"","price":1e9}'), order('GET', '/products/2'), order('PUT', '/products/2', b''),
                order('DELETE', '/products/003'), order('GET', '/products/3'), order('DELETE', '/products/3'),
                order('DELETE', '/products/4?connect=1'), order('POST', '/products/1', b'{}')],
    'product-add': posts('/products', b'{"name":"Tar","price":12.4}', b'{"name":"","price":"12.4"}', b'{"name":"a\\u0000b","price":1}',
                         b'{"name":"Tar","price":true}', b'{"name":"Tar","price":1000000000.5}', b'{"name":"Tar","price":0.1e-6}', b'', b'x', b'7',
                         b'[' + b' ' * 65536, json.dumps({'name': 'ä' * 100, 'price': 0}).encode(),
                         json.dumps({'name': 'ä' * 100 + 'x', 'price': 0}).encode()) +
                   posts('/products?connect=1', b'{"name":"Tar","price":12}') + posts('/products?validate=0', b'{}', b'{"name":7,"price":-3.25}', b'{"price":1e999}', b'{"price":1' + b'0' * 400 + b'}') +
                   posts('/products?validate=2', b'{}') + gets('/products/1001', '/products?limit=2000'),
    'query': gets('/query?connect=1', '/query?from=50&below=60', '/query?from=7&below=7', '/query?from=1000000001', '/query?below=x',
                  '/query?connect=2'),
}
NOWHERE = [order(method, path, body) for path in ('/nothing', '/x//', '/hello', '/json/', '/products/1/2', '/%6Ason')
           for method, body in (('GET', None), ('POST', b'x'), ('HEAD', None), ('OPTIONS', None))]


def default_order(workload):
    """The request of the workload's file, with each parameter as it stands there. Of compute a tenth of a
    million roots, for twenty million in each server would be half a minute of nothing else."""
    root = xml.etree.ElementTree.parse(WORKLOADS / f'{workload}.xml').getroot()
    values = {parameter.get('name'): parameter.get('default') for parameter in root.iter('parameter')}
    request = root.find('request')

    def fill(text):
        return re.sub(r'\{(\w+)\}', lambda match: values[match[1]], text)
    path = fill(request.get('path')).replace('n=20000000', 'n=100000')
    body = request.get('body')
    if body and request.get('body-item'):
        body = body.replace('%s', request.get('body-item') * int(fill(request.get('body-times'))))
    fields = {'Content-Type': request.get('type')} if request.get('type') else {}
    expected = None if path.startswith('/compute') or request.get('stream') else fill(request.get('expect'))
    return (request.get('method'), path, body and body.encode(), fields), expected
