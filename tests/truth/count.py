#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# count.py FORMAT TRUTH LOG...: counts a log of stormgen(1) in another format than
# Postfix by means of its own, and compares with the truth: of every post who was
# delivered to, bounced, expired and deferred; the incident's deliveries of every
# minute, its hand-overs, attempts and notifications; the lines of every host. It
# knows neither plan nor parser: only what the format's documents say a line is.
# Exits 1 on any difference. Not for logs with lines told again or taken out.
import collections
import csv
import json
import re
import sys


class Count:
    """What was read, by the Message-ID; recipients folded. Times are the text up to the minute."""

    def __init__(self):
        self.delivered = collections.defaultdict(dict)  # message -> recipient -> minute
        self.bounced, self.expired, self.deferred = (collections.defaultdict(set) for _ in range(3))
        self.attempts, self.hand_overs, self.notified = (collections.Counter() for _ in range(3))
        self.lines = collections.Counter()
        self.twice = []

    def end(self, message, recipient, minute):
        if recipient in self.delivered[message]:
            self.twice.append((message, recipient))
        self.delivered[message][recipient] = minute


# --- Exchange --------------------------------------------------------------------------

COLUMNS = ("date client_ip client server_ip server context connector source event id message recipient status bytes count "
           "related reference subject sender return_path info").split()


def exchange_rows(paths, encoding="utf-8-sig"):
    for path in paths:
        with open(path, encoding=encoding, newline="") as log:
            lines = (json.loads(line)["message"] if line.startswith("{") else line for line in log)
            for row in csv.reader(lines):
                if row[0].startswith("#") or row[0] == "date_time_utc":
                    continue
                if len(row) > 26:  # the network-message-id came in between
                    del row[11]
                yield dict(zip(COLUMNS, row))


def short(name):
    return name.split(".")[0].lower()


def exchange(paths, **more):
    count, rows = Count(), list(exchange_rows(paths, **more))
    ours = {short(row["server"]) for row in rows if row["event"] == "RECEIVE"}
    for row in rows:
        event, message = row["event"], row["message"]
        own = "client" if event in ("SEND", "SENDEXTERNAL", "DELIVER", "DUPLICATEDELIVER", "FAIL", "SUBMIT", "NOTIFYMAPI") else "server"
        count.lines[short(row[own])] += 1
        people = row["recipient"].lower().split(";") if row["recipient"] else []
        if event == "DSN":
            count.notified[row["reference"]] += 1
        if event not in ("SEND", "SENDEXTERNAL", "DELIVER", "FAIL", "DEFER"):
            continue
        count.attempts[message] += len(people)
        if event == "DEFER":
            count.deferred[message].update(people)
        elif event == "FAIL":
            (count.expired if "QUEUE.Expired" in row["status"] else count.bounced)[message].update(people)
        elif event == "SEND" and short(row["server"]) in ours:
            count.hand_overs[message] += len(people)
        else:
            for one in people:
                count.end(message, one, row["date"][:16])
    return count


# --- Exim ------------------------------------------------------------------------------

EXIM_ID = r"(?P<id>\w{6}-(?:\w{6}-\w{2}|\w{11}-\w{4})) "


def exim(paths):
    """Of syslog, of JSON as Vector makes it, or of a main log, which tells no host."""
    count, message, handed, parent = Count(), {}, [], {}
    for path in paths:
        for line in open(path, encoding="utf-8"):
            if line.startswith("{"):
                record = json.loads(line)
                line = "%s %s exim[1]: %s" % (record["timestamp"], record["hostname"], record["message"])
            native = re.match(r"\d{4}-\d\d-\d\d ", line)
            syslog = re.match(r"(?:<\d+>1 )?(.{6} [\d:]{8}|\S+) (\S+) exim(?:\[\d+\]:| \d+ - -) (.*)", line)
            minute = line[:16].replace(" ", "T") if native else syslog.group(1)
            body = line[20:] if native else syslog.group(3)
            if not native and not minute[0].isdigit():
                minute = "2016-11-%sT%s" % (minute[4:6].replace(" ", "0"), minute[7:12])
            count.lines["" if native else syslog.group(2)] += 1
            found = re.match(EXIM_ID + r"(<=|=>|->|==|\*\*) (.*)", body)
            if not found:
                continue
            own, flag, rest = found.groups()
            if flag == "<=":
                message[own] = "<" + re.search(r" id=(\S+)", rest).group(1) + ">"
                back = re.search(r" R=(\S+) U=", rest)
                if back:
                    parent[own] = back.group(1)
                continue
            if rest.startswith("|"):
                continue
            one = re.match(r"(\S+?):? ", rest).group(1)
            if "@" not in one:
                one = re.search(r"<(\S+)>", rest).group(1)
            one, post = one.lower(), message.get(own)
            count.attempts[post] += 1
            if flag == "==":
                count.deferred[post].add(one)
            elif flag == "**":
                (count.expired if "retry timeout exceeded" in rest else count.bounced)[post].add(one)
            else:
                handed.append((own, one, minute[:16], re.search(r"OK id=([\w-]+)\"", rest)))
    for own, one, minute, following in handed:
        if following and following.group(1) in message:
            count.hand_overs[message.get(own)] += 1
        else:
            count.end(message.get(own), one, minute)
    for own in parent.values():
        count.notified[message.get(own)] += 1
    return count


# --- Sendmail --------------------------------------------------------------------------

def syslog(line):
    """Host, time up to the minute, body."""
    found = re.match(r"(?:<\d+>1 )?(.{6} [\d:]{8}|\S+) (\S+) sm-mta(?:\[\d+\]:| \d+ - -) (.*)", line)
    stamp, host, body = found.groups()
    if not stamp[0].isdigit():
        stamp = "2016-11-%sT%s" % (stamp[4:6].replace(" ", "0"), stamp[7:])
    return host, stamp[:16], body


def sendmail(paths):
    count, lines, message, parent = Count(), [], {}, {}
    for path in paths:
        lines += [syslog(line) for line in open(path, encoding="utf-8")]
    for host, minute, body in lines:
        count.lines[host] += 1
        came = re.match(r"(\w+): from=.* msgid=(<[^>]*>)", body)
        back = re.match(r"(\w+): (\w+): DSN: ", body)
        if came:
            message[came.group(1)] = came.group(2)
        if back:
            parent[back.group(2)] = back.group(1)
    for host, minute, body in lines:
        cloned = re.match(r"(\w+): (\w+): clone: ", body)
        if cloned:
            message[cloned.group(2)] = message[cloned.group(1)]
    for host, minute, body in lines:
        found = re.match(r"(\w+): to=(.*?), (?:delay|ctladdr)=.* stat=(.*)", body)
        if not found or found.group(2).startswith('"|'):
            continue
        own, people, fate = found.groups()
        if own in parent:
            continue
        post, following = message.get(own), re.match(r"Sent \((\w+) Message accepted", fate)
        for one in people.lower().replace("<", "").replace(">", "").split(","):
            count.attempts[post] += 1
            if fate.startswith("Deferred"):
                count.deferred[post].add(one)
            elif fate.startswith("Cannot send"):
                count.expired[post].add(one)
            elif not fate.startswith("Sent"):
                count.bounced[post].add(one)
            elif following and following.group(1) in message:
                count.hand_overs[post] += 1
            else:
                count.end(post, one, minute)
    for own in parent.values():
        count.notified[message.get(own)] += 1
    return count


# --- Microsoft 365 ---------------------------------------------------------------------

def trace_rows(path):
    """Message, recipient, word of every recipient; how many lines a table has."""
    raw = open(path, "rb").read()
    text = raw.decode("utf-16-le" if raw[1:2] == b"\0" else "utf-8-sig")
    if text.startswith("origin"):
        for row in csv.DictReader(text.splitlines()):
            for one in row["recipient_status"].split(";"):
                address, words = one.split("##")
                yield row["message_id"], address, words.split(", ")[-1]
        return
    decoder, at = json.JSONDecoder(), 0
    while at < len(text):
        document, at = decoder.raw_decode(text, at)
        at += len(text[at:]) - len(text[at:].lstrip())
        rows = document.get("value") or document["d"]["results"] if isinstance(document, dict) else document
        for row in rows:
            yield row["MessageId"], row["RecipientAddress"], row["Status"]


def m365(paths):
    raw = open(paths[0], "rb").read(40).replace(b"\0", b"")
    if raw.startswith(b"date_time_utc"):
        wide = open(paths[0], "rb").read(2)[1:] == b"\0"
        return exchange(paths, encoding="utf-16-le" if wide else "utf-8-sig")
    count = Count()
    for path in paths:
        for message, address, word in trace_rows(path):
            address = address.lower()
            if word in ("Expand", "Expanded"):
                continue
            count.attempts[message] += 1
            if word in ("Fail", "Failed"):
                count.bounced[message].add(address)
            else:
                count.end(message, address, "")
    return count


# --- comparing -------------------------------------------------------------------------

def read_truth(path):
    truth = {}
    for line in open(path, encoding="utf-8"):
        if not line.startswith("#"):
            view, key, column, value = line.rstrip("\n").split("\t")
            truth[view, key, column] = value
    return truth


def within(wanted, got):
    low, _, high = wanted.partition("..")
    return int(low) <= got <= int(high or low)


def compare(truth, count):
    """The differences, and how many figures were compared."""
    wrong, compared = [], 0

    def check(view, key, column, got):
        nonlocal compared
        wanted = truth.get((view, key, column))
        if wanted is None or wanted == "NULL":
            return
        compared += 1
        if not within(wanted, got):
            wrong.append("%s %s %s: truth %s, lines %d" % (view, key, column, wanted, got))

    posts = [key for view, key, column in truth if (view, column) == ("posts", "in_incident")]
    storm = [key for key in posts if truth["posts", key, "in_incident"] == "1"]
    for post in posts:
        done = count.delivered[post]
        check("posts", post, "delivered", len(done))
        check("posts", post, "bounced", len(count.bounced[post]))
        check("posts", post, "expired", len(count.expired[post]))
        check("posts", post, "deferred", len(count.deferred[post]))
    minutes = collections.Counter(minute for post in storm for minute in count.delivered[post].values())
    told = {key[2:18]: int(value) for (view, key, column), value in truth.items() if (view, column) == ("minutes", "deliveries")}
    for minute in sorted(set(minutes) | set(told)) if told else ():
        if minutes[minute] != told.get(minute, 0):
            wrong.append("minute %s: truth %d, lines %d" % (minute, told.get(minute, 0), minutes[minute]))
    copies = collections.Counter(one for post in storm for one in count.delivered[post])
    for (view, key, column), value in truth.items():
        if (view, column) == ("affected", "copies") and "/" in key:
            check(view, key, column, copies[key.split("/")[1]])
    for host, lines in count.lines.items():
        if not host:
            host = [key for view, key, column in truth if (view, column) == ("coverage", "lines")][0]
        check("coverage", host, "lines", lines)
    total = sum(len(count.delivered[post]) for post in storm)
    check("incidents", "1", "deliveries", total)
    check("ledger", "1/delivered", "count", total)
    check("ledger", "1/attempts", "count", sum(count.attempts[post] for post in storm))
    check("ledger", "1/hand_overs", "count", sum(count.hand_overs[post] for post in storm))
    check("ledger", "1/notifications", "count", sum(count.notified[post] for post in storm))
    wrong += ["delivered twice: %s %s" % pair for pair in count.twice if pair[0] in storm]
    return wrong, compared


FORMATS = {"exchange": exchange, "exim": exim, "sendmail": sendmail, "m365": m365}


def main():
    kind, truth, *paths = sys.argv[1:]
    wrong, compared = compare(read_truth(truth), FORMATS[kind](paths))
    for line in wrong[:20]:
        print(line)
    print("%d figures compared, %d differences" % (compared, len(wrong)))
    sys.exit(not compared or bool(wrong))


if __name__ == "__main__":
    main()
