"""What no browser sends, on the wire to a real server: no 500, and the next visitor is served."""

from __future__ import annotations

import re
import socket
from urllib.parse import urlsplit

import pytest

from tests.browsers import PATIENCE
from tests.servers import Site, answers

HOST = b"Host: 127.0.0.1\r\n"
FORM = b"Content-Type: application/x-www-form-urlencoded\r\n"


def get(path: bytes, head: bytes = b"", host: bytes = HOST) -> bytes:
    return b"GET " + path + b" HTTP/1.1\r\n" + host + head + b"Connection: close\r\n\r\n"


def post(path: bytes, body: bytes, head: bytes = FORM, length: bytes | None = None) -> bytes:
    said = b"Content-Length: " + (str(len(body)).encode() if length is None else length) + b"\r\n"
    return b"POST " + path + b" HTTP/1.1\r\n" + HOST + head + said + b"\r\n" + body


MULTIPART = b"Content-Type: multipart/form-data; boundary=B\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
LOGIN, UPLOAD = b"/login/code/", b"/upload/"

RAW = {
    "no host": get(b"/", host=b""),
    "two hosts": get(b"/", HOST + b"Host: evil.example\r\n"),
    "another's host": get(b"/login/code/", host=b"Host: evil.example\r\n"),
    "a host of nonsense": get(b"/", host=b"Host: [::1\r\n"),
    "a host with a line of its own": get(b"/", host=b"Host: a\r\n b\r\n"),
    "a whole address": get(b"http://evil.example/login/code/"),
    "no slash": get(b"login"),
    "an asterisk": b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n",
    "no version": b"GET /\r\n\r\n",
    "another version": b"GET / HTTP/9.9\r\n" + HOST + b"\r\n",
    "another protocol": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 200,
    "nothing": b"\r\n\r\n",
    "a word that is no method": get(b"/").replace(b"GET", b"BREW"),
    "a method in small letters": get(b"/login/code/").replace(b"GET", b"get"),
    "TRACE": get(b"/").replace(b"GET", b"TRACE"),
    "CONNECT": get(b"evil.example:443").replace(b"GET", b"CONNECT"),
    "HEAD": get(b"/login/code/").replace(b"GET", b"HEAD"),
    "bytes that are no text in the path": get(b"/c/\xff\xfe/today/"),
    "the same, written with percents": get(b"/c/%ff%fe/today/%00"),
    "a half percent": get(b"/c/north/%/%2/%zz/"),
    "bytes that are no text in the query": get(b"/login/code/?next=\xff\xfe&%ff=%fe"),
    "NUL in the query": get(b"/login/code/?next=%00&a=%00"),
    "half of a surrogate pair": get(b"/login/code/?next=%ed%a0%80"),
    "up and out of the static files": get(b"/static/../../bonefit/settings.py"),
    "the same, written with percents twice": get(
        b"/static/%252e%252e/%2e%2e%2fbonefit/settings.py"
    ),
    "out of the demo's mails": get(b"/demo/mail/..%2f..%2fweb.log/"),
    "out of the demo's mails, with backslashes": get(b"/demo/mail/..%5c..%5cweb.log/"),
    "a NUL in a mail's name": get(b"/demo/mail/a%00b/"),
    "a long path": get(b"/" + b"a" * 3900),
    "a path that is too long": get(b"/" + b"a" * 9000),
    "many names in the query": get(b"/login/code/?" + b"a=1&" * 900),
    "a long header": get(b"/", b"X-Long: " + b"a" * 7000 + b"\r\n"),
    "too many headers": get(b"/", b"".join(b"X-%d: 1\r\n" % n for n in range(300))),
    "a header without a name": get(b"/", b": 1\r\n"),
    "a header with a space before its colon": get(b"/", b"Accept : 1\r\n"),
    "NUL in a header": get(b"/", b"User-Agent: \x00\r\n"),
    "bytes in a header": get(b"/login/code/", b"User-Agent: \xff\xfe\r\nReferer: \xff\r\n"),
    "NUL in a cookie": get(b"/login/code/", b'Cookie: sessionid="aaaaaaaaaaaaaaaa\\000"\r\n'),
    "bytes in a cookie": get(b"/login/code/", b"Cookie: sessionid=\xff\xfe; csrftoken=\xff\r\n"),
    "a cookie of nothing": get(b"/login/code/", b"Cookie: ;;=;=a; b\r\n"),
    "an address of nonsense from htmx": get(
        b"/c/harbour/today/", b"HX-Request: true\r\nHX-Current-URL: http://[\r\n"
    ),
    "a date of nonsense": get(b"/static/img/mark.svg", b"If-Modified-Since: Fri, 99 Foo 1\r\n"),
    "a range of nonsense": get(b"/static/img/mark.svg", b"Range: bytes=9-1,a-b\r\n"),
    "a range of a page": get(b"/login/code/", b"Range: bytes=0-0\r\n"),
    "who it was forwarded for": get(b"/login/code/", b"X-Forwarded-For: a, [::1, \xff\r\n"),
    "a length of no number": post(LOGIN, b"a=b", length=b"x"),
    "a length below nothing": post(LOGIN, b"a=b", length=b"-1"),
    "a length of great size": post(UPLOAD, b"a=b", length=b"9" * 30),
    "two lengths": post(LOGIN, b"a=b", FORM + b"Content-Length: 9\r\n"),
    "a length and pieces": post(LOGIN, b"0\r\n\r\nGET / HTTP/1.1\r\n\r\n", FORM + CHUNKED),
    "pieces of nonsense": post(LOGIN, b"zz\r\nabc\r\n", FORM + CHUNKED).replace(
        b"Content-Length: 9\r\n", b""
    ),
    "a form without the token": post(LOGIN, b"login=ana%40harbour.example"),
    "a form that is no text": post(LOGIN, b"\xff\xfe=%ff&login=%00"),
    "another charset": post(LOGIN, b"a=b", FORM[:-2] + b"; charset=utf-7\r\n"),
    "parts without a boundary": post(LOGIN, b"x", MULTIPART.replace(b"; boundary=B", b"")),
    "parts that are cut off": post(LOGIN, b"--B\r\nContent-Disposition: form-data; na", MULTIPART),
    "a part with a bad name": post(
        LOGIN,
        b'--B\r\nContent-Disposition: form-data; name="\xff\x00"\r\n\r\nx\r\n--B--',
        MULTIPART,
    ),
    "a part in base64 that is none": post(
        LOGIN,
        b'--B\r\nContent-Disposition: form-data; name="login"\r\n'
        b"Content-Transfer-Encoding: base64\r\n\r\n!\r\n--B--",
        MULTIPART,
    ),
    "JSON that is deep": post(UPLOAD, b"[" * 90_000, b"Content-Type: application/json\r\n"),
    "a report that is deep": post(b"/refused/", b"[" * 9_000),
    "a report with NUL": post(
        b"/refused/",
        b'{"csp-report": {"document-uri": "/", "effective-directive": "img-src",'
        b' "blocked-uri": "https://a\\u0000b/"}}',
    ),
    "a tablet's token of nonsense": post(UPLOAD, b"{}", b"Authorization: Bearer \xff\xfe\r\n"),
    "a monitor's token of nonsense": get(b"/metrics", b"Authorization: Bearer \xff\r\n"),
}


def exchanged(site: Site, said: bytes) -> bytes:
    """What the server says to these bytes before it hangs up or has nothing more to say."""
    where = urlsplit(site.url)
    heard = b""
    there = where.hostname or "", where.port or 0
    with socket.create_connection(there, timeout=PATIENCE / 1000) as wire:
        try:
            wire.sendall(said)
            wire.shutdown(socket.SHUT_WR)
            while part := wire.recv(65536):
                heard += part
                if len(heard) > 1_000_000:
                    break
        except ConnectionError:
            return heard
    return heard


@pytest.mark.parametrize("what", RAW)
def test_it_is_refused_or_answered_and_nothing_breaks(demo_site: Site, what: str) -> None:
    before = len(demo_site.process.log.read_text(errors="replace"))
    heard = exchanged(demo_site, RAW[what])
    for status in re.findall(rb"HTTP/1\.[01] (\d{3})", heard):
        assert int(status) < 500 or int(status) == 505, heard[:400]
    assert b"SECRET_KEY" not in heard
    assert b"Traceback" not in heard
    written = demo_site.process.log.read_text(errors="replace")[before:]
    assert "Internal Server Error" not in written
    # Of a name that is not the site's the log says where it was refused.
    assert "Traceback" not in written or "DisallowedHost" in written
    assert answers(f"{demo_site.url}/healthz/")
