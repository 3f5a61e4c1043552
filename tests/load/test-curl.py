# SPDX-License-Identifier: GPL-3.0-or-later
"""The client that is libcurl: TLS, HTTP/2, proxies; and that it counts as the native one does.

test-curl.py TAP_FOLDER SERVER SERVER_TESTS_FOLDER LOAD
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, sys.argv[3])
import harness  # noqa: E402
from servers import (GOOD, RST_STREAM, STATUS_200, HEADERS, END_HEADERS, Server, answering,  # noqa: E402
                     ending_with, frame, http2, make_certificate, tls_context)

LOAD = sys.argv[4]
FOLDER = tempfile.mkdtemp()
OWN, OWN_KEY = make_certificate(FOLDER, 'own')
OTHER, OTHER_KEY = make_certificate(FOLDER, 'other', 'DNS:elsewhere.example')
CLIENT, CLIENT_KEY = make_certificate(FOLDER, 'client')
HTTP2 = {'http_version': '2', 'ca_file': OWN}


def load(url, environment=None, **members):
    """Runs a plan, through libcurl unless it names a client; returns the last line, an object."""
    plan = {'url': url, 'client': 'curl', 'connections': 2, 'warm_up_ms': 0, 'duration_ms': 200,
            'frame_interval_ms': 20} | members
    with subprocess.Popen([LOAD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          env=os.environ | (environment or {})) as process:
        process.stdin.write(json.dumps(plan) + '\n')
        process.stdin.flush()
        lines = process.stdout.read().splitlines()
        process.stdin.close()
        errors = process.stderr.read()
    assert errors == '', errors
    last = json.loads(lines[-1])
    assert (process.returncode == 0) == (last['event'] == 'result'), (process.returncode, last)
    if last['event'] == 'result':
        check_books(last, [json.loads(line) for line in lines])
    return last


def check_books(result, events):
    """What must hold of every run."""
    errors = result['errors']
    ended = result['requests'] + sum(errors.values()) + result['unanswered']
    assert result['sent'] == ended - errors['unsent'], result
    assert sum(result['status_codes'].values()) == result['requests'] + errors['wrong_body'] + errors['non_2xx']
    assert sum(event['sent'] for event in events
               if event['event'] == 'frame' and event['phase'] != 'warm-up') == result['sent']
    assert result['service_time_us']['max'] <= result['latency_us']['max'], result
    if result['client'] == 'curl':
        assert result['engine'] == 'libcurl' == events[0]['engine']


def refused(url, *words, **members):
    answer = load(url, **members)
    assert answer['event'] == 'error', answer
    for word in words:
        assert word in answer['message'], (word, answer)
    assert answer['message'].endswith('.'), answer


def all_failed(result, kind):
    assert result['requests'] == 0 and result['errors'][kind] > 0, result
    assert result['errors'][kind] == sum(result['errors'].values()), result


def all_good(result):
    assert result['requests'] > 0 and sum(result['errors'].values()) == 0, result


def has_warning(result, code):
    return code in [warning['code'] for warning in result['warnings']]


def test_counts_as_the_native_client_does():
    mix = [{'path': '/', 'expect': {'text': 'hello\n'}}, {'method': 'HEAD', 'path': '/', 'expect': {'any': True}},
           {'path': '/no-such-thing', 'expect': {'any': True}}]
    with harness.Server('event-loop') as server:
        url = f'http://127.0.0.1:{server.port}/'
        seen = []
        for client in 'native', 'curl':
            result = load(url, client=client, mix=mix, count=300, duration_ms=60000, timeout_ms=30000, seed=7)
            seen.append([result['status_codes'], result['requests'], result['errors'], result['sent'],
                         result['bytes_received'], [part['requests'] for part in result['mix']], result['http_version']])
        assert seen[0] == seen[1], seen
        assert seen[0][0]['200'] > 0 and seen[0][0]['404'] > 0 and seen[0][3] == 300, seen


def test_fixed_count_on_threads():
    with harness.Server('event-loop') as server:
        result = load(f'http://127.0.0.1:{server.port}/', connections=6, threads=2, count=500, duration_ms=60000,
                      timeout_ms=30000)
    all_good(result)
    assert result['requests'] == 500, result


def test_open_loop():
    with Server(answering(GOOD)) as server:
        # k / 400 s < 0.25 s: k = 0 to 99.
        result = load(server.url, connections=6, threads=2, rate_hz=400, duration_ms=250, timeout_ms=30000)
        assert result['mode'] == 'open' and result['sent'] + result['errors']['unsent'] == 100, result
        assert len(server.requests) == result['sent'], result
        assert result['requests'] + result['unanswered'] + result['errors']['unsent'] == 100, result


def test_connections_are_kept_and_no_more_than_asked_for():
    with Server(answering(GOOD)) as server:
        result = load(server.url, connections=5, count=200, duration_ms=60000)
        all_good(result)
        # One more came and went ahead of the run.
        assert server.accepted <= 6 and server.most_open <= 5 and result['connects'] <= 5, result
        assert len(server.requests) == 200, 'something else was asked for'


def test_a_connection_each():
    with Server(answering(GOOD)) as server:
        result = load(server.url, count=50, duration_ms=60000, requests_per_connection=1)
        all_good(result)
        assert result['connects'] == 50 and server.accepted == 51, result


def test_bytes_of_requests():
    members = {'headers': {'X-Empty': '', 'X-Two': 'a b', 'Accept': 'text/plain'}, 'count': 2, 'duration_ms': 60000}
    mix = [{'method': 'POST', 'path': '/a/../b?c=%20&d', 'body': 'thé'}, {'method': 'PUT', 'path': '/put'},
           {'method': 'DELETE', 'path': '//x?', 'body': 'y'}, {'path': '/get', 'headers': {'Host': 'elsewhere.example'}}]
    for request in mix:
        seen = []
        for client in 'native', 'curl':
            with Server(answering(GOOD)) as server:
                all_good(load(server.url, client=client, **members | {'mix': [request]}))
                lines, body = server.requests[0]
                seen.append((lines[0], sorted(line.rstrip().replace(str(server.port), 'PORT') for line in lines[1:]), body))
        assert seen[0] == seen[1], seen


def test_wrong_body():
    with Server(answering(GOOD)) as server:
        all_failed(load(server.url, expect={'text': 'hellO'}), 'wrong_body')
        all_good(load(server.url, expect={'text': 'hello'}))


def test_bodies_are_compared_as_sent():
    packed = b'\x1f\x8b not really gzip'
    answer = b'HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s' % (len(packed), packed)
    with Server(answering(answer)) as server:
        all_good(load(server.url, expect={'length': len(packed)}))


def test_redirects_are_not_followed():
    with Server(answering(b'HTTP/1.1 302 Found\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n')) as server:
        result = load(server.url, count=20, duration_ms=60000)
        all_failed(result, 'non_2xx')
        assert result['status_codes'] == {'302': 20}, result
        assert {lines[0] for lines, _ in server.requests} == {'GET / HTTP/1.1'} and len(server.requests) == 20


def test_proxies_of_the_environment_are_ignored():
    nowhere = 'http://127.0.0.1:1/'
    with Server(answering(GOOD)) as server, Server(answering(GOOD), tls_context(OWN, OWN_KEY)) as secure:
        environment = {name: nowhere for name in ('http_proxy', 'HTTP_PROXY', 'https_proxy', 'HTTPS_PROXY', 'all_proxy',
                                                  'ALL_PROXY')}
        all_good(load(server.url, environment, count=4, duration_ms=60000))
        all_good(load(secure.url, environment, count=4, duration_ms=60000, ca_file=OWN))


def test_proxy_of_the_plan():
    with Server(answering(GOOD)) as proxy:
        result = load('http://127.0.0.1:9/a?b', count=4, duration_ms=60000, proxy=proxy.url, client='auto')
        all_good(result)
        assert result['client'] == 'curl'
        assert {lines[0] for lines, _ in proxy.requests} == {'GET http://127.0.0.1:9/a?b HTTP/1.1'}, proxy.requests
    refused('http://127.0.0.1:9/', 'proxy', '10.0.0.1', proxy='http://10.0.0.1:3128')
    # To a proxy elsewhere 127.0.0.1 is not this machine: the ceilings of a closed loop hold.
    refused('http://127.0.0.1:9/', '--max-rate', proxy='http://10.0.0.1:3128', allow_hosts=['10.0.0.1'])


def test_certificates():
    with Server(answering(GOOD), tls_context(OWN, OWN_KEY)) as server:
        refused(server.url, server.url, 'self-signed certificate', 'ca_file')
        refused(server.url, 'self-signed certificate', ca_file=OTHER)
        result = load(server.url, ca_file=OWN, client='auto')
        all_good(result)
        assert result['client'] == 'curl' and not has_warning(result, 'not-verified'), result
        result = load(server.url, insecure=True)
        all_good(result)
        assert has_warning(result, 'not-verified'), result
        all_good(load(server.url.replace('127.0.0.1', 'localhost'), ca_file=OWN))
    with Server(answering(GOOD), tls_context(OTHER, OTHER_KEY)) as server:
        refused(server.url, '127.0.0.1', 'certificate', ca_file=OTHER)


def test_certificate_of_the_client():
    with Server(answering(GOOD), tls_context(OWN, OWN_KEY, client_ca=CLIENT)) as server:
        all_good(load(server.url, ca_file=OWN, certificate_file=CLIENT, key_file=CLIENT_KEY))
        # In TLS 1.3 the client is through before the server has looked.
        answer = load(server.url, ca_file=OWN)
        assert answer['event'] == 'error' or answer['requests'] == 0, answer
        refused(server.url, 'key', ca_file=OWN, certificate_file=CLIENT, key_file=OWN_KEY)


def test_no_tls_there():
    with Server(lambda server, connection: connection.write(GOOD)) as server:
        refused(server.url.replace('http:', 'https:'), 'SSL', insecure=True)


def test_nobody_there():
    with Server(answering(GOOD)) as server:
        pass
    refused(server.url, server.url, 'Connection refused')


def test_server_that_ends_connections_without_a_word():
    # What was on its way by then is sent again, on a new connection, but for what must not be.
    for method in 'GET', 'POST':
        with Server(ending_with(GOOD)) as server:
            result = load(server.url, count=30, duration_ms=60000, method=method)
            assert result['requests'] + result['errors']['reset'] == 30, result
            assert len(server.requests) <= 30 + result['retries'], result
            assert method == 'GET' or result['retries'] == 0, result


def test_end_in_mid_body():
    cut = b'HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello'
    for context in None, tls_context(OWN, OWN_KEY):
        members = {'ca_file': OWN} if context else {}
        with Server(ending_with(cut), context) as server:
            all_failed(load(server.url, **members), 'short')
        with Server(ending_with(b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello'), context) as server:
            all_failed(load(server.url, **members), 'short')
        with Server(ending_with(b''), context) as server:
            all_failed(load(server.url, **members), 'reset')
    with Server(ending_with(cut, reset=True)) as server:
        result = load(server.url)
        assert result['requests'] == 0 and result['errors']['reset'] + result['errors']['short'] > 0, result


def test_malformed():
    for answer in (b'SSH-2.0-OpenSSH_9.2\r\n\r\n', b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n',
                   b'HTTP/1.1 999 What\r\nContent-Length: 0\r\n\r\n'):
        with Server(answering(answer)) as server:
            all_failed(load(server.url), 'malformed')


def test_never_answering():
    def script(server, connection):
        while connection.read(server):
            pass
    for context in None, tls_context(OWN, OWN_KEY):
        with Server(script, context) as server:
            result = load(server.url, timeout_ms=50, **({'ca_file': OWN} if context else {}))
            all_failed(result, 'timeout')
            assert result['client_cpu_fraction'] < 0.5, 'it does not sleep'
            assert len(server.requests) <= result['sent'], 'something was sent again'


def test_streams_share_connections():
    # The server answers when eight requests are in flight on one connection and not before.
    with Server(http2(8), tls_context(OWN, OWN_KEY, ['h2'])) as server:
        result = load(server.url, connections=1, pipeline=8, count=80, duration_ms=60000, timeout_ms=30000, **HTTP2)
        all_good(result)
        assert result['requests'] == 80 == len(server.requests) and result['http_version'] == '2', result
        assert result['connects'] == 1 and server.accepted == 2, (result, server.accepted)


def test_streams_on_several_connections():
    with Server(http2(1), tls_context(OWN, OWN_KEY, ['h2'])) as server:
        result = load(server.url, connections=3, pipeline=4, count=300, duration_ms=60000, **HTTP2)
        all_good(result)
        assert result['requests'] == 300 and server.most_open <= 3 and result['connects'] <= 3, result


def test_streams_that_are_reset():
    def reset(connection, streams):
        for stream in streams:
            connection.write(frame(HEADERS, END_HEADERS, stream, STATUS_200) +
                             frame(RST_STREAM, 0, stream, b'\0\0\0\2'))
    with Server(http2(1, reset), tls_context(OWN, OWN_KEY, ['h2'])) as server:
        result = load(server.url, **HTTP2)
        all_failed(result, 'reset')
        assert result['client_cpu_fraction'] < 0.5, 'it does not sleep'


def test_prior_knowledge():
    with Server(http2(1)) as server:
        result = load(server.url, http_version='2-prior-knowledge', count=20, duration_ms=60000)
    if result['event'] == 'error':
        assert 'libcurl 7.88' in result['message'], result
    else:
        all_good(result)
        assert result['http_version'] == '2', result


def test_version_that_the_server_does_not_speak():
    with Server(answering(GOOD), tls_context(OWN, OWN_KEY)) as server:
        result = load(server.url, http_version='2', ca_file=OWN)
        all_good(result)
        assert result['http_version'] == '1.1' and has_warning(result, 'http-version'), result


def test_http2_of_node():
    script = f'''const http2 = require('http2'), fs = require('fs');
        const server = http2.createSecureServer({{key: fs.readFileSync('{OWN_KEY}'), cert: fs.readFileSync('{OWN}')}});
        let sessions = 0;
        server.on('session', () => sessions++);
        server.on('stream', (stream, headers) => {{
          stream.respond({{':status': 200}});
          stream.end(headers[':method'] + headers[':path'] + headers['x-a']); }});
        process.stdin.on('data', () => console.log(sessions)).on('end', () => process.exit());
        server.listen(0, '127.0.0.1', () => console.log(server.address().port));'''
    with subprocess.Popen(['node', '-e', script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as node:
        url = f'https://127.0.0.1:{int(node.stdout.readline())}/p?q'
        result = load(url, http_version='2', ca_file=OWN, connections=2, pipeline=10, count=1000, duration_ms=60000,
                      headers={'X-A': 'b'}, expect={'text': 'GET/p?qb'}, timeout_ms=30000)
        node.stdin.write('?')
        node.stdin.flush()
        sessions = int(node.stdout.readline())
        node.stdin.close()
    all_good(result)
    assert result['requests'] == 1000 and sessions <= 3, (sessions, result)


def test_what_is_refused():
    here = 'http://127.0.0.1:9/'
    for url, words, members in (
            (here, ['client', 'steam'], {'client': 'steam'}),
            (here, ['native', 'curl'], {'client': 'native', 'http_version': '2-prior-knowledge'}),
            (here, ['native', 'curl'], {'client': 'native', 'proxy': here}),
            ('https://127.0.0.1:9/', ['native', 'TLS'], {'client': 'native'}),
            (here, ['http_version', '3'], {'http_version': '3'}),
            (here, ['http_version', 'https'], {'http_version': '2'}),
            (here, ['ca_file', 'https'], {'ca_file': OWN}),
            (here, ['insecure'], {'insecure': True}),
            ('https://127.0.0.1:9/', ['ca_file', 'nowhere', 'No such file'], {'ca_file': FOLDER + '/nowhere'}),
            ('https://127.0.0.1:9/', ['key_file', 'certificate_file'], {'key_file': OWN_KEY}),
            (here, ['proxy', 'socks5'], {'proxy': 'socks5://127.0.0.1:9'}),
            (here, ['pipeline'], {'pipeline': 2}),
            (here, ['requests_per_connection'], {'requests_per_connection': 2}),
            (here, ['HEAD'], {'method': 'HEAD', 'body': 'x'}),
            ('https://example.com/', ['example.com', '--allow-host'], {})):
        refused(url, *words, **members)


try:
    harness.run_tests(globals(), lambda name, model: 'node is not installed'
                      if name == 'test_http2_of_node' and not shutil.which('node') else None)
finally:
    shutil.rmtree(FOLDER)
