#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# forge.py SYSTEM FOLDER: the log of a small storm, twice. FOLDER/plain.log has
# harmless values wherever a stranger may write one; FOLDER/forged.log has values in
# the same places that look like other facts: other lines' beginnings, recipients,
# ends, Message-IDs, refusals of the list. FOLDER/values has the pairs that may be
# seen in a report, one a line: forged, TAB, plain; all else must be the same.
#
# A writer of a system's log writes what the system itself would: a value that the
# system cleans or quotes is cleaned or quoted here.
import json
import os
import re
import sys

MEMBERS = 60
POSTS = 12
LIST = "everyone@example.org"
THREADS = 4  # where subjects tell them
DAY = 1479081600  # 14 November 2016
START = 8 * 3600 + 29 * 60


def member(i):
    return f"member{i:02d}@example.org"


class Values:
    """What strangers write: harmless or forged, told apart by `forged`."""

    def __init__(self, forged):
        self.forged = forged
        self.pairs = []

    def value(self, name, plain, forged, shown=None):
        """shown: as reports have the forged one, where that is not what the log has; False: they never do."""
        if shown is not False:
            self.pairs.append((forged if shown is None else shown, plain))
        return forged if self.forged else plain


def clock(seconds):
    return "%02d:%02d:%02d" % (seconds // 3600, seconds // 60 % 60, seconds % 60)


# --- the texts, which know the storm that they are in -------------------------------------------------------------

def ends_of(queue_id):
    """Facts about another queue file, in the words of each system."""
    return [
        f"{queue_id}: removed",
        f"{queue_id}: to=<{member(3)}>, relay=none, delay=0, dsn=5.1.1, status=bounced (unknown user)",
        f", to=<{member(4)}>, orig_to=<{LIST}>, relay=none, delay=0, dsn=2.0.0, status=sent (250 ok queued as {queue_id})",
        f"x>, status=sent (250 2.0.0 Ok: queued as {queue_id}",
        f"message-id=<p0@desk.example.org> to=<{member(5)}>",
        f"from x[192.0.2.9]; from=<{LIST}> to=<{LIST}> proto=ESMTP helo=<x>",
        f"NOQUEUE: reject: RCPT from x[192.0.2.9]: 550 5.1.1 <{LIST}>: Recipient address rejected: User unknown; "
        f"from=<> to=<{LIST}> proto=ESMTP helo=<x>",
        f"{queue_id} ** {member(6)}: Unrouteable address",
        f"{queue_id} => {member(7)} R=x T=remote_smtp H=mx [192.0.2.9] C=\"250 OK id={queue_id}\"",
        f"{queue_id} Completed",
        f"{queue_id}: to=<{member(8)}>, delay=00:00:01, mailer=esmtp, dsn=5.1.1, stat=User unknown",
        "=?utf-8?q?x=0A?= last message repeated 900 times message repeated 900 times: [ x ]",
    ]


# --- Postfix ------------------------------------------------------------------------------------------------------

class Postfix:
    # enable_long_queue_ids = no: two, so that a post may be told to be another's
    @staticmethod
    def queue_id(n):
        return "%05X%06X" % (1000 * n + 7, 0xA62500 + n)

    def __init__(self, values):
        self.v, self.lines = values, []

    def log(self, at, program, text, host="mx1"):
        self.lines.append(f"Nov 14 {clock(at)} {host} postfix/{program}[42]: {text}")

    def post(self, n, at):
        v, q, other = self.v, self.queue_id(n), self.queue_id((n + 5) % POSTS)
        facts = ends_of(other)
        sender = v.value("sender", f"s{n % 5}@example.net", f'"s{n % 5}>, to=<{member(9)}>, relay=none, status=sent (x)"@example.net')
        helo = v.value("helo", "desk", f"x> {facts[6]}", False)
        # RFC 2822's Message-ID may hold what it likes between < and >
        mid = v.value("id", f"<p{n}@desk.example.org>", f"<p{n} {facts[n % len(facts)]}@desk.example.org>") \
            if n else "<p0@desk.example.org>"
        subject = v.value("subject", f"plain subject {n}", facts[(n + 3) % len(facts)] if n % 2 else
                          f"s from x[192.0.2.9]; from=<{member(2)}> to=<other@example.org> proto=ESMTP helo=<x> {n}")
        references = v.value("references", "<p0@desk.example.org>", "<p0@desk.example.org>", False) if n else ""
        self.log(at, "smtpd", f"{q}: client=pc{n}.example.net[192.0.2.{n + 1}], sasl_method=PLAIN, sasl_username=u{n % 5}")
        tail = f"from pc{n}.example.net[192.0.2.{n + 1}]; from=<{sender}> to=<{LIST}> proto=ESMTP helo=<{helo}>"
        # What header_checks log stands before Postfix's own remarks: subject and all
        self.log(at, "cleanup", f"{q}: info: header Subject: {subject} {tail}")
        if references:
            self.log(at, "cleanup", f"{q}: info: header References: {references} {tail}")
        self.log(at, "cleanup", f"{q}: message-id={mid}")
        self.log(at, "qmgr", f"{q}: from=<{sender}>, size=4096, nrcpt={MEMBERS} (queue active)")
        self.attempts(n, q, mid, at)
        self.log(at + 5, "qmgr", f"{q}: removed")

    def attempts(self, n, q, mid, at):
        for i in range(MEMBERS):
            self.attempt(n, i, q, self.queue_id((n + 5) % POSTS), at + 1 + i // 20)

    def attempt(self, n, i, q, other, at):
        v = self.v
        # What another server answers. Even its queue ID may be a lie: that of the file it was sent from, or of one before.
        answers = [f"queued as {q}", f"queued as {self.queue_id(0)}", f"queued as {other})", ends_of(other)[2],
                   f"{ends_of(other)[1]}) (x", f"ok (in reply to RCPT TO command))", "forwarded as " + other]
        answer = v.value("answer", "250 ok", "250 2.0.0 Ok: " + answers[(n + i) % len(answers)], False)
        relay = "mx.example.com[198.51.100.7]:25"
        to = f"to=<{member(i)}>, orig_to=<{LIST}>, relay={relay}, delay=1.5, delays=0.1/0/0/1.4"
        if i == 7:
            said = v.value("said", "no", f"<{LIST}>: Recipient address rejected: User unknown in virtual alias table; "
                           f"from=<> to=<{LIST}>", False)
            self.log(at, "smtp", f"{q}: {to}, dsn=5.1.1, status=bounced (host {relay[:-3]} said: 550 5.1.1 {said} "
                     "(in reply to RCPT TO command))")
        elif i == 8:
            said = v.value("said", "later", f"x (in reply to RCPT TO command)), status=sent (250 queued as {other}", False)
            self.log(at, "smtp", f"{q}: {to}, dsn=4.7.1, status=deferred (host {relay[:-3]} said: 451 4.7.1 {said})")
            self.log(at + 1, "smtp", f"{q}: {to}, dsn=2.0.0, status=sent ({answer})")
        else:
            self.log(at, "smtp", f"{q}: {to}, dsn=2.0.0, status=sent ({answer})")

    def refused(self, n, at):
        """Refusals that strangers provoke, and none of which is of the list's own address."""
        v = self.v
        sender = v.value("refused", f"r{n}@example.net", f'"r> to=<{LIST}> proto=ESMTP helo=<x"@example.net', False)
        helo = v.value("helo", "desk", f"x>: 550 5.1.1 <{LIST}>: User unknown; from=<> to=<{LIST}> proto=ESMTP helo=<x", False)
        why = v.value("why", "listed", f"550 5.1.1 <{LIST}>: Recipient address rejected: User unknown in virtual alias table", False)
        who = f"bad{n}.example.net[203.0.113.{n + 1}]"
        self.log(at, "smtpd", f"NOQUEUE: reject: RCPT from {who}: 554 5.7.1 Service unavailable; Client host [203.0.113.1] "
                 f"blocked using bl.example.com; {why}; from=<{sender}> to=<{LIST}> proto=ESMTP helo=<{helo}>")
        self.log(at, "smtpd", f"NOQUEUE: reject: RCPT from {who}: 450 4.2.0 <{LIST}>: Recipient address rejected: Greylisted; "
                 f"from=<{sender}> to=<{LIST}> proto=ESMTP helo=<{helo}>")
        self.log(at, "smtpd", f"NOQUEUE: reject: RCPT from {who}: 550 5.1.1 <{sender}>: Sender address rejected: User unknown in "
                 f"local recipient table; from=<{sender}> to=<{LIST}> proto=ESMTP helo=<{helo}>")
        self.log(at, "smtpd", f"NOQUEUE: reject: RCPT from {who}: 550 5.1.1 <nobody{n}@example.org>: Recipient address rejected: "
                 f"User unknown in virtual mailbox table; from=<{sender}> to=<nobody{n}@example.org> proto=ESMTP helo=<{helo}>")
        self.log(at, "smtpd", f"NOQUEUE: reject: MAIL from {who}: 552 5.3.4 Message size exceeds fixed limit; "
                 f"from=<{sender}> proto=ESMTP helo=<{helo}>")
        self.log(at, "smtpd", f"warning: Illegal address syntax from {who} in RCPT command: <{sender}>")


class PostfixHops(Postfix):
    """On two hosts; a member's server answers with the queue IDs that it finds in Received."""

    def attempts(self, n, q, mid, at):
        v, second = self.v, "%05X%06X" % (900000 + 10 * n, 0xB62500 + n)
        for i in range(MEMBERS):
            self.log(at + 1, "smtp", f"{q}: to=<{member(i)}>, orig_to=<{LIST}>, relay=store[192.0.2.99]:25, delay=1, delays=0/0/0/1, "
                     f"dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as {second})")
        self.log(at + 1, "smtpd", f"{second}: client=mx1[192.0.2.98]", "store")
        self.log(at + 1, "cleanup", f"{second}: message-id={mid}", "store")
        self.log(at + 1, "qmgr", f"{second}: from=<s@example.net>, size=4096, nrcpt={MEMBERS} (queue active)", "store")
        for i in range(MEMBERS):
            answer = v.value("answer", "9F1B2C3D4E", [q, second, self.queue_id(0)][i % 3], False)
            if i % 4 == 1:
                self.log(at + 2, "smtp", f"{second}: to=<{member(i)}>, relay=mx{i % 8}.example.com[198.51.100.{i}]:25, delay=1.5, "
                         f"delays=0.1/0/0/1.4, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as {answer})", "store")
            elif i == 7:
                self.log(at + 2, "local", f"{second}: to=<{member(i)}>, relay=local, delay=1, delays=0/0/0/1, dsn=5.1.1, "
                         "status=bounced (unknown user: \"member07\")", "store")
            else:
                self.log(at + 2, "local", f"{second}: to=<{member(i)}>, relay=local, delay=1, delays=0/0/0/1, dsn=2.0.0, "
                         "status=sent (delivered to mailbox)", "store")
        self.log(at + 5, "qmgr", f"{second}: removed", "store")


# --- Exim ---------------------------------------------------------------------------------------------------------

def c_string(text):
    return text.replace("\\", "\\\\").replace('"', '\\"')


class Exim:
    @staticmethod
    def queue_id(n):
        digits, seconds, text = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", DAY + START + 20 * n, ""
        for _ in range(6):
            seconds, text = seconds // 62, digits[seconds % 62] + text
        return f"{text}-0001{chr(65 + n)}b-7k"

    def __init__(self, values):
        self.v, self.lines = values, []

    def log(self, at, text):
        self.lines.append(f"Nov 14 {clock(at)} mx1 exim[42]: 2016-11-14 {clock(at)} {text}")

    def post(self, n, at):
        v, q, other = self.v, self.queue_id(n), self.queue_id((n + 5) % POSTS)
        facts = ends_of(other)
        sender = v.value("sender", f"s{n % 5}@example.net", f'"s{n % 5} H=x [192.0.2.9] id=p0@desk.example.org"@example.net')
        helo = v.value("helo", "desk", f"x P=local S=1 id=p0@desk.example.org T=\"x\" for {member(2)}", False)
        quoted = f'"p{n} T=x S=9 {facts[n % 5 + 5]}"@desk.example.org'.replace('C="', "C='").replace('"]', "']")
        mid = v.value("id", f"p{n}@desk.example.org", re.sub('(?<=.)"(?!@desk)', "'", quoted)) if n else "p0@desk.example.org"
        k = n % THREADS
        subject = v.value("subject", f"plain subject {k}", f'{k}" from <{member(1)}> for {member(2)} T="{ends_of(self.queue_id(k))[7 + k % 3]}')
        self.log(at, f"<= {sender} H=pc{n}.example.net ({helo}) [192.0.2.{n + 1}] P=esmtp S=4096 id={mid} "
                 f'T="{c_string(subject)}" from <{sender}> for {LIST}'.replace("<= ", f"{q} <= "))
        for i in range(MEMBERS):
            answers = [f"250 OK id={q}", f"250 OK id={self.queue_id(0)}", f'250 ok" QT=9d C="250 OK id={other}',
                       f"250 ok\\n{clock(at)} {facts[7]}", facts[8], f"250 {facts[9]}"]
            answer = v.value("answer", "250 ok", answers[(n + i) % len(answers)], False)
            to = f"{member(i)} <{LIST}> R=dnslookup T=remote_smtp"
            if i == 7:
                said = v.value("said", "no", f"<{LIST}>: User unknown: {facts[7]}", False)
                self.log(at + 2, f"{q} ** {to} H=mx.example.com [198.51.100.7]: SMTP error from remote mail server after RCPT "
                         f"TO:<{member(i)}>: 550 5.1.1 {said}")
            elif i == 8:
                said = v.value("said", "later", f"x R=x T=y: {facts[8]}", False)
                self.log(at + 2, f"{q} == {to} defer (-44) H=mx.example.com [198.51.100.7]: SMTP error from remote mail server "
                         f"after RCPT TO:<{member(i)}>: 451 4.7.1 {said}")
                self.log(at + 3, f'{q} => {to} H=mx.example.com [198.51.100.7] C="{c_string(answer)}" QT=3s')
            else:
                self.log(at + 1, f'{q} => {to} H=mx.example.com [198.51.100.7] C="{c_string(answer)}" QT=2s')
        self.log(at + 5, f"{q} Completed")

    def refused(self, n, at):
        v = self.v
        helo = v.value("helo", "desk", f"x) [192.0.2.9] F=<> rejected RCPT <{LIST}>: Unrouteable address", False)
        sender = v.value("refused", f"r{n}@example.net", f'"r> rejected RCPT <{LIST}>: Unrouteable address <x"@example.net', False)
        why = v.value("why", "listed", f"550 5.1.1 <{LIST}>: Unrouteable address: User unknown", False)
        self.log(at, f"H=bad{n}.example.net ({helo}) [203.0.113.{n + 1}] F=<{sender}> rejected RCPT <{LIST}>: blocked: {why}")
        self.log(at, f"H=bad{n}.example.net ({helo}) [203.0.113.{n + 1}] F=<{sender}> temporarily rejected RCPT <{LIST}>: greylisted")
        self.log(at, f"H=bad{n}.example.net ({helo}) [203.0.113.{n + 1}] F=<{sender}> rejected RCPT <nobody{n}@example.org>: "
                 "Unrouteable address")


# --- Sendmail -----------------------------------------------------------------------------------------------------

class Sendmail:
    @staticmethod
    def queue_id(n):
        return f"uAE8T{chr(65 + n)}qR0047{n:02d}"

    def __init__(self, values):
        self.v, self.lines = values, []

    def log(self, at, text):
        self.lines.append(f"Nov 14 {clock(at)} mx1 sm-mta[42]: {text}")

    def post(self, n, at):
        v, q, other = self.v, self.queue_id(n), self.queue_id((n + 5) % POSTS)
        facts = ends_of(other)
        sender = v.value("sender", f"s{n % 5}@example.net", f'"s{n % 5}>, size=1, class=0, nrcpts=1, msgid=<p0@desk.example.org>"@example.net')
        mid = v.value("id", f"<p{n}@desk.example.org>", f"<p{n}, proto=ESMTP, relay=x [192.0.2.9], {facts[10].replace('<', '(').replace('>', ')')}@desk.example.org>") \
            if n else "<p0@desk.example.org>"
        self.log(at, f"{q}: from=<{sender}>, size=4096, class=0, nrcpts=1, msgid={mid}, proto=ESMTP, daemon=MTA, "
                 f"relay=pc{n}.example.net [192.0.2.{n + 1}]")
        for i in range(MEMBERS):
            answers = [f"{q} Message accepted for delivery", f"{self.queue_id(0)} Message accepted for delivery",
                       f"ok) stat=User unknown ({other} Message accepted for delivery x", f"{facts[10]}",
                       f"Ok: queued as {q}"]
            answer = v.value("answer", "ok", answers[(n + i) % len(answers)], False)
            to = f"to=<{member(i)}>, ctladdr=<{LIST}> (8/0), delay=00:00:02, xdelay=00:00:01, mailer=esmtp, pri=30812, " \
                 "relay=mx.example.com. [198.51.100.7]"
            if i == 7:
                said = v.value("said", "no", f"no, stat=Sent ({other} Message accepted for delivery), {facts[10]}", False)
                self.log(at + 2, f"{q}: {to}, dsn=5.1.1, reply=550 5.1.1 {said}, stat=User unknown")
            elif i == 8:
                said = v.value("said", "later", f"later, stat=Sent ({other} Message accepted for delivery)", False)
                self.log(at + 2, f"{q}: {to}, dsn=4.7.1, reply=451 4.7.1 {said}, stat=Deferred: 451 4.7.1 {said}")
                self.log(at + 3, f"{q}: {to}, dsn=2.0.0, stat=Sent ({answer})")
            else:
                self.log(at + 1, f"{q}: {to}, dsn=2.0.0, stat=Sent ({answer})")

    def refused(self, n, at):
        v = self.v
        q = f"uAE9T{chr(65 + n)}qR0047{n:02d}"
        sender = v.value("refused", f"r{n}@example.net", f'"r>, reject=550 5.1.1 <{LIST}>... User unknown"@example.net', False)
        why = v.value("why", "listed", f"550 5.1.1 <{LIST}>... User unknown", False)
        who = f"bad{n}.example.net [203.0.113.{n + 1}]"
        self.log(at, f"{q}: ruleset=check_rcpt, arg1=<{LIST}>, relay={who}, reject=554 5.7.1 <{LIST}>... Mail refused: {why}")
        self.log(at, f"{q}: ruleset=check_mail, arg1=<{sender}>, relay={who}, reject=553 5.1.8 <{sender}>... Domain of sender "
                 "address does not exist")
        self.log(at, f"{q}: <nobody{n}@example.org>... User unknown")


# --- Exchange -----------------------------------------------------------------------------------------------------

FIELDS = ("date-time,client-ip,client-hostname,server-ip,server-hostname,source-context,connector-id,source,event-id,"
          "internal-message-id,message-id,network-message-id,recipient-address,recipient-status,total-bytes,recipient-count,"
          "related-recipient-address,reference,message-subject,sender-address,return-path,message-info,directionality,"
          "tenant-id,original-client-ip,original-server-ip,custom-data,transport-traffic-type,log-id,schema-version").split(",")


def cell(text):
    return '"' + text.replace('"', '""') + '"' if re.search(r'[",\r\n]', text) else text


class Exchange:
    """One row a line."""

    @staticmethod
    def between(text):
        return text.replace("\n", "; ")

    @staticmethod
    def queue_id(n):
        return str(70912345566400 + n)

    def __init__(self, values):
        self.v = values
        self.lines = ["#Software: Microsoft Exchange Server", "#Version: 15.01.2507.035", "#Log-type: Message Tracking Log",
                      "#Fields: " + ",".join(FIELDS)]

    def row(self, at, **values):
        values = {name.replace("_", "-"): value for name, value in values.items()}
        values.update({"date-time": f"2016-11-14T{clock(at)}.000Z", "log-id": "5f0c", "schema-version": "15.01.2507.035"})
        return ",".join(cell(values.get(name, "")) for name in FIELDS)

    def log(self, at, **values):
        self.lines.append(self.row(at, **values))

    def post(self, n, at):
        v, q, other = self.v, self.queue_id(n), self.queue_id((n + 5) % POSTS)
        sender = v.value("sender", f"s{n % 5}@example.net", f'"s{n % 5}\\" recipient=\\"{LIST}, x"@example.net')
        mid = v.value("id", f"<p{n}@desk.example.org>", f'<p{n}" recipient="{member(1)}" id="{other}",FAIL@desk.example.org>') \
            if n else "<p0@desk.example.org>"
        # A row of its own, a header and a syslog line in the lines of a subject
        row = self.row(START, source="ROUTING", event_id="FAIL", internal_message_id=self.queue_id(0), message_id="<p0@desk.example.org>",
                       recipient_address=member(2), recipient_status="550 5.1.1 User unknown", client_hostname="MBX1",
                       sender_address="x@example.net", return_path="x@example.net", message_subject="x")
        inner = ["#Fields: " + ",".join(reversed(FIELDS)), row, "x,y\n[{\n\"", f"Nov 14 {clock(START)} mbx1 postfix/qmgr[1]: {self.queue_id(0)}: removed",
                 f'" recipient="{member(3)}" status="550 5.1.1 User unknown']
        k = n % THREADS
        subject = v.value("subject", f"plain subject {k}", self.between(f"s{k}, \"\n{inner[k]}\n\", t"))
        common = dict(internal_message_id=q, message_id=mid, network_message_id=f"5cc03f6e-{n:04d}", total_bytes="4096",
                      message_subject=subject, sender_address=sender, return_path=sender)
        self.log(at, source="SMTP", event_id="RECEIVE", client_hostname=f"pc{n}.example.net", client_ip=f"192.0.2.{n + 1}",
                 server_hostname="MBX1", recipient_address=LIST, recipient_count="1", **common)
        self.log(at, source="ROUTING", event_id="EXPAND", server_hostname="MBX1", related_recipient_address=LIST,
                 recipient_address=";".join(member(i) for i in range(MEMBERS)), recipient_count=str(MEMBERS),
                 recipient_status="250 2.1.5 RESOLVER.GRP.Expanded; distribution list expanded", **common)
        for i in range(MEMBERS):
            said = v.value("said", "no", f'no;{LIST}" recipient="{LIST}" status="250 ok', False)
            one = dict(recipient_address=member(i), recipient_count="1", client_hostname="MBX1", **common)
            if i == 7:
                self.log(at + 2, source="ROUTING", event_id="FAIL", recipient_status=f"550 5.1.1 RESOLVER.ADR.RecipNotFound; {said}", **one)
            else:
                self.log(at + 1, source="STOREDRIVER", event_id="DELIVER", server_hostname="MBX1", **one)

    def refused(self, n, at):
        pass


class ExchangeLines(Exchange):
    """What stands between quotes may go on in the next line."""

    @staticmethod
    def between(text):
        return text


# --- Microsoft 365 ------------------------------------------------------------------------------------------------

class M365:
    """The reporting service's JSON, one object a line."""

    def __init__(self, values):
        self.v, self.lines = values, []

    def post(self, n, at):
        v = self.v
        sender = v.value("sender", f"s{n % 5}@example.net", f'"s{n % 5}, RecipientAddress: {member(1)}"@example.net')
        mid = v.value("id", f"<p{n}@desk.example.org>", f'<p{n}","Status":"Failed","x":"@desk.example.org>') if n else "<p0@desk.example.org>"
        object_ = {"MessageId": "<p0@desk.example.org>", "Received": "2016-11-14T08:29:00Z", "SenderAddress": "x@example.net",
                   "RecipientAddress": member(2), "Status": "Failed", "Size": 1, "MessageTraceId": "5cc03f6e-0000"}
        k = n % THREADS
        subject = v.value("subject", f"plain subject {k}", f"s{k} " + ["\n", "", "\r\n", "\u2028"][k] + json.dumps(object_) + '"},{')
        for i in range(MEMBERS):
            self.lines.append(json.dumps({
                "MessageId": mid, "Received": f"2016-11-14T{clock(at)}.{i:03d}Z", "SenderAddress": sender, "RecipientAddress": member(i),
                "Subject": subject, "Status": "Failed" if i == 7 else "Delivered", "ToIP": None, "FromIP": "192.0.2.7", "Size": 4096,
                "MessageTraceId": f"5cc03f6e-{n:04d}"}))

    def refused(self, n, at):
        pass


SYSTEMS = {"postfix": Postfix, "postfix-hops": PostfixHops, "exim": Exim, "sendmail": Sendmail, "exchange": Exchange, "exchange-lines": ExchangeLines, "m365": M365}


def write(system, forged, path):
    values = Values(forged)
    log = SYSTEMS[system](values)
    for n in range(POSTS):
        log.post(n, START + 20 * n)
        log.refused(n, START + 20 * n + 10)
    with open(path, "w", encoding="utf-8") as out:
        out.write("\n".join(log.lines) + "\n")
    return values.pairs


def main():
    system, folder = sys.argv[1:]
    os.makedirs(folder, exist_ok=True)
    write(system, False, os.path.join(folder, "plain.log"))
    pairs = write(system, True, os.path.join(folder, "forged.log"))
    with open(os.path.join(folder, "values"), "w", encoding="utf-8") as out:
        json.dump(sorted(set(pairs), key=lambda pair: -len(pair[0])), out)


main()
