#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# texts.py log: the log of a storm whose subjects, senders, Message-IDs and mailboxes are
# made to do harm where they are shown. texts.py subjects: each Message-ID with the subject that the
# database must have, as JSON. texts.py check FORMAT <OUTPUT: whether what mailstorm(1) printed is
# harmless; says why not.
import base64
import csv
import io
import json
import re
import sys

# As logged, and as decoded: what is no character of a line becomes a blank; nothing else is touched.
SUBJECTS = [
    ("<script>alert(1)</script>", None),
    ("'); DROP TABLE post; -- %s%n", None),
    ("=HYPERLINK(\"http://x.example\";\"y\")", None),
    ("+1 -1 @SUM(1)", None),
    ("-2+3 \\\" \\n", None),
    ("@SUM(1+1)*cmd|'/C calc'!A0", None),
    ("\u202egpj.exe \u2066x\u2069 \u200b", None),
    ("\uff1d1+1 \u85ac e" + "\u0301" * 60, None),
    ("Re: " * 25600 + "end", None),
    (b"bytes \xff\xfe \xc3 \xed\xa0\x80 that are no UTF-8", "bytes \ufffd\ufffd \ufffd \ufffd that are no UTF-8"),
    ("=?utf-8?b?" + base64.b64encode("so\x1b[31mred\x07 two\nlines\ttab \x9b".encode()).decode() + "?=", "so [31mred  two lines tab \x9b"),
    ("=?utf-8?q?=3Dcmd?=", "=cmd"),
    ("{\"a\": [1, null]}, ]}\u2028", None),
    ("<!-- ]]> &amp; &#x3c; <svg onload=x>", None),
]
LIST = "everyone@example.org"
MAILBOXES = ["=1+1@example.org", "+cmd@example.org", "-d@example.org", "<b>@example.org", "'; --@example.org"] + \
    [f"member{i:02d}@example.org" for i in range(40)]


def message_id(n):
    return f"<=p{n}\"';--%s%n,\\@x.example>"


def subject(n):
    logged, shown = SUBJECTS[n]
    return (logged if isinstance(logged, bytes) else logged.encode()), (logged if shown is None else shown)


def log():
    out = sys.stdout.buffer

    def line(n, program, text):
        text = text if isinstance(text, bytes) else text.encode()
        out.write(b"Nov 14 08:%02d:00 mx1 postfix/%s[1]: %05X%06X: " % (29 + n, program.encode(), n, 1000 + n) + text + b"\n")

    for n in range(len(SUBJECTS)):
        sender = ["=2+2", "@x", "-e", "\"a,b\\\"c\"", "<i>"][n % 5] + f"{n % 3}@example.net"
        tail = f" from pc[192.0.2.1]; from=<{sender}> to=<{LIST}> proto=ESMTP helo=<x>".encode()
        line(n, "smtpd", f"client=pc[192.0.2.1], sasl_method=PLAIN, sasl_username==cmd{n}")
        line(n, "cleanup", b"info: header Subject: " + subject(n)[0] + tail)
        if n:
            line(n, "cleanup", b"info: header References: " + message_id(0).encode() + tail)
        line(n, "cleanup", f"message-id={message_id(n)}")
        line(n, "qmgr", f"from=<{sender}>, size=4096, nrcpt={len(MAILBOXES)} (queue active)")
        for mailbox in MAILBOXES:
            line(n, "local", f"to=<{mailbox}>, orig_to=<{LIST}>, relay=local, delay=1, delays=0/0/0/1, dsn=2.0.0, "
                 "status=sent (delivered to mailbox)")
        line(n, "qmgr", "removed")


STEERS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u2069\ufeff]")


def check(kind):
    raw = sys.stdin.buffer.read()
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        return f"no UTF-8: {error}"
    found = STEERS.search(text.replace("\r\n", "\n"))
    if found:
        return f"steers a terminal: {found.group()!r} at {text[max(found.start() - 40, 0):found.end()]!r}"
    if kind == "json":
        try:
            json.loads(text)
        except ValueError as error:
            return f"no JSON: {error}"
    if kind == "csv":
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
        for row in rows:
            if len(row) != len(rows[0]):
                return f"{len(row)} fields, not {len(rows[0])}: {row}"
            for cell in row:
                if re.match("[=+@\t\r\uff1d\uff0b\uff0d\uff20-]", cell) and not re.fullmatch(r"-?[0-9.]+", cell):
                    return f"a formula: {cell}"
    return ""


if sys.argv[1] == "log":
    log()
elif sys.argv[1] == "subjects":
    json.dump([[message_id(n), subject(n)[1]] for n in range(len(SUBJECTS))], sys.stdout)
else:
    print(check(sys.argv[2]), end="")
