#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# A small storm on Exchange. First comes the plan: who posts what to which group, who is
# in it, where each mailbox lives, how long each delivery takes. From the plan alone the
# rows are written, as Microsoft documents them, and, apart from that, the figures that a
# report of the storm must have. storm.py KIND FOLDER writes FOLDER/*.LOG and FOLDER/truth.
#
# Kinds: plain (two servers, header lines missing in one file; plain2007 and so on: as that
# version writes; plainother: in an order that only the header lines tell), nested (groups in
# groups, two members twice), waits (the same, and the mailboxes of four members are busy to the
# end), deleted (the group is deleted; replies to its old address fail), ends (mailboxes that are
# full, that wait, that expire; an alias; a contact outside), gateway (a part of the group is
# outside: behind Postfix, and there at a site with Exim); the same storm as Microsoft 365
# exports it: extended (all rows), summary, wide (the summary in UTF-16), value, results, array
# (the JSON of the reporting service, old and new, and of ConvertTo-Json).
import datetime
import json
import os
import sys

START = datetime.datetime(2016, 11, 14, 8, 29, 0)
FIELDS = {
    "2007": "date-time,client-ip,client-hostname,server-ip,server-hostname,source-context,connector-id,source,event-id,"
    "internal-message-id,message-id,recipient-address,recipient-status,total-bytes,recipient-count,"
    "related-recipient-address,reference,message-subject,sender-address,return-path,message-info",
}
FIELDS["2010"] = FIELDS["2007"] + ",directionality,tenant-id,original-client-ip,original-server-ip,custom-data"
FIELDS["2013"] = FIELDS["2010"].replace("message-id,recipient-address", "message-id,network-message-id,recipient-address")
FIELDS["2016"] = FIELDS["2013"] + ",transport-traffic-type,log-id,schema-version"
# As many columns as 2016 has, in another order: only a header tells.
FIELDS["other"] = ",".join(sorted(FIELDS["2016"].split(",")))


def stamp(seconds):
    return (START + datetime.timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def cell(text):
    text = str(text)
    return '"' + text.replace('"', '""') + '"' if "," in text or '"' in text else text


class Server:
    """One server's log: rows are kept, and written in the order of their time."""

    def __init__(self, name, address, first, version="2016"):
        self.name, self.address, self.version = name, address, version
        self.rows, self.next = [], first

    def number(self):
        self.next += 17
        return self.next

    def row(self, at, source, event, post, recipients=(), status="", **more):
        values = {
            "date-time": stamp(at), "source": source, "event-id": event, "message-id": post.get("id", ""),
            "network-message-id": post.get("network", ""), "recipient-address": ";".join(recipients),
            "recipient-status": status, "total-bytes": post.get("bytes", ""), "recipient-count": len(recipients) or "",
            "message-subject": post["subject"], "sender-address": post["sender"], "return-path": post["sender"],
            "directionality": "Originating", "server-hostname": self.name, "server-ip": self.address,
            "log-id": "5f0c", "schema-version": "15.01.2507.035", "transport-traffic-type": "Email",
        }
        values.update({key.replace("_", "-"): value for key, value in more.items()})
        line = ",".join(cell(values.get(name, "")) for name in FIELDS[self.version].split(","))
        self.rows.append((at, len(self.rows), line))

    def head(self):
        return ["#Software: Microsoft Exchange Server", "#Version: 15.01.2507.035", "#Log-type: Message Tracking Log",
                "#Date: " + stamp(0), "#Fields: " + FIELDS[self.version]]

    def write(self, folder, head=True, bom=False):
        lines = (self.head() if head else []) + [line for _, _, line in sorted(self.rows)]
        with open(os.path.join(folder, self.name + ".LOG"), "wb") as out:
            out.write(b"\xef\xbb\xbf" if bom else b"")
            out.write(("\r\n".join(lines) + "\r\n").encode())


# --- the plan ---------------------------------------------------------------------------

LIST = "all-staff@example.org"


def plan(kind):
    people = ["person%02d@example.org" % i for i in range(60)]
    posts = []
    for n in range(13):
        sender = people[0] if n == 0 else people[5 + n * 3]
        posts.append({
            "id": "<post%d@mbx.example.org>" % n, "network": "%08x-0000-4000-8000-000000000000" % n, "n": n,
            "bytes": 5000 + 100 * n, "sender": sender, "at": 0.0 if n == 0 else 60.0 + 20.25 * n,
            "subject": 'Test, "please ignore"' if n == 0 else 'RE: Test, "please ignore"',
        })
    return people, posts


def home(person):
    """Even numbers live on the first server."""
    return int(person[6:8]) % 2


def latency(post, person):
    return 1.5 + 0.125 * post["n"] + 0.001 * int(person[6:8])


def expected(rows, folder):
    with open(os.path.join(folder, "truth"), "w") as out:
        out.writelines("%s|%s\n" % row for row in rows)


def figures(people, posts, more=(), also=0):
    """Of a storm in which every post reached every member; also: so many more, sooner."""
    reached = len(people) + also
    return [("list", LIST), ("posts", len(posts)), ("replies", len(posts) - 1),
            ("posters", len({post["sender"] for post in posts})), ("members", reached),
            ("deliveries", len(posts) * reached), ("mailboxes", reached), ("pending", 0), ("unaccounted", 0),
            ("opened_at", stamp(posts[0]["at"])), ("last_post_at", stamp(posts[-1]["at"])),
            ("first_poster", posts[0]["sender"]), ("subject", posts[0]["subject"]),
            ("bytes_delivered", sum(post["bytes"] * reached for post in posts)),
            ("delay_max_ms", round(1000 * max(latency(post, who) for post in posts for who in people))),
            ] + list(more)


# --- the rows ---------------------------------------------------------------------------

def deliver(server, number, post, person):
    took = latency(post, person)
    if person in post.get("waiting", ()):
        server.row(post["at"] + 2, "STOREDRIVER", "DEFER", post, [person],
                   "432 4.3.2 STOREDRV.Deliver; recipient thread limit exceeded", internal_message_id=number,
                   message_info=stamp(post["at"] + 62))
        return
    server.row(post["at"] + took, "STOREDRIVER", "DELIVER", post, [person], "",
               internal_message_id=number, client_hostname=server.name, client_ip=server.address,
               message_info=stamp(post["at"]) + ";SRV=%s:TOTAL-HUB=%.3f" % (server.name, took),
               custom_data="S:E2ELatency=%.3f;S:MsgRecipCount=1;S:DeliveryPriority=Normal" % took)


def take_in(server, post, recipients, at=0.0):
    """Submission from a mailbox, then transport: the number under which transport has it."""
    submission, transport = server.number(), server.number()
    context = "MDB:f4adaa08-ff49, Mailbox:84dd42d9-8814, Event:190620893, MessageClass:IPM.Note"
    server.row(post["at"] + at, "STOREDRIVER", "NOTIFYMAPI", {"subject": "", "sender": post["sender"]},
               client_hostname=server.name, source_context=context, message_id="", total_bytes="")
    server.row(post["at"] + at, "STOREDRIVER", "RECEIVE", post, recipients, ";".join(["To"] * len(recipients)),
               internal_message_id=submission, client_hostname=server.name, source_context=context)
    server.row(post["at"] + at + 0.02, "STOREDRIVER", "SUBMIT", post, recipients, "",
               internal_message_id=submission, client_hostname=server.name, source_context=context)
    server.row(post["at"] + at + 0.03, "SMTP", "RECEIVE", post, recipients, "", internal_message_id=transport,
               client_hostname=server.name + ".example.org", client_ip=server.address,
               connector_id=server.name + "\\Default " + server.name, message_info="04I: ")
    server.row(post["at"] + at + 0.04, "AGENT", "AGENTINFO", post, recipients, "", internal_message_id=transport)
    server.row(post["at"] + at + 0.04, "SMTP", "HAREDIRECT", post, recipients, "", internal_message_id=transport)
    return transport


EXPANDED = "250 2.1.5 RESOLVER.GRP.Expanded; distribution list expanded"


def expand(server, number, post, group, members, at):
    server.row(post["at"] + at, "ROUTING", "EXPAND", post, members, EXPANDED, internal_message_id=number,
               related_recipient_address=group, source_context="")


def fork(server, number, post, members, at):
    copy = server.number()
    server.row(post["at"] + at, "ROUTING", "TRANSFER", post, members, ";" * (len(members) - 1),
               internal_message_id=copy, reference=number, source_context="Resolver")
    return copy


def send(here, number, post, members, there, at, word="SEND", context=None):
    here.row(post["at"] + at, "SMTP", word, post, members, ";".join(["250 2.1.5 Recipient OK"] * len(members)),
             internal_message_id=number, client_hostname=here.name, client_ip=here.address,
             server_hostname=there.name + ".example.org", server_ip=there.address,
             source_context=context or ";250 2.6.0 Queued mail for delivery;ClientSubmitTime:",
             connector_id="Intra-Organization SMTP Send Connector" if word == "SEND" else "To the world",
             custom_data="S:E2ELatency=%.3f;S:MsgRecipCount=%d" % (at, len(members)))


def spread(here, servers, post, recipients, groups):
    """Expands the groups on `here` and delivers everywhere. groups: (group, members named) from the outside in."""
    number = take_in(here, post, recipients)
    members = []
    for depth, (group, named) in enumerate(groups):
        expand(here, number, post, group, named, 0.1 + 0.01 * depth)
        members += [who for who in named if who.startswith("person") and who not in members]
    copy = fork(here, number, post, members, 0.2)
    for there in servers:
        mine = [who for who in members if servers[home(who)] is there]
        if there is here:
            for who in mine:
                deliver(here, copy, post, who)
            continue
        send(here, copy, post, mine, there, 0.5)
        number = there.number()
        there.row(post["at"] + 0.6, "SMTP", "RECEIVE", post, mine, "", internal_message_id=number,
                  client_hostname=here.name + ".example.org", client_ip=here.address, message_info="0cA: ")
        there.row(post["at"] + 0.6, "SMTP", "HARECEIVE", post, mine, "", internal_message_id=number + 1)
        for who in mine:
            deliver(there, number, post, who)


def storm(kind, folder, groups, recipients, version="2016", waiting=()):
    people, posts = plan(kind)
    servers = [Server("MBX1", "192.0.2.1", 13816430133000, version), Server("MBX2", "192.0.2.2", 27934567890000, version)]
    for post in posts:
        post["waiting"] = waiting
        # A reply to all names the author of the post before as well.
        named = [recipients] if post["n"] == 0 else [posts[post["n"] - 1]["sender"], recipients]
        here = servers[home(post["sender"])]
        spread(here, servers, post, named, groups(people))
        if post["n"]:
            here.row(post["at"] + 3, "STOREDRIVER", "DUPLICATEDELIVER", post, named[:1], "",
                     internal_message_id=here.next, client_hostname=here.name)
    return people, posts, servers


def plain(folder, version):
    people, posts, servers = storm("plain", folder, lambda who: [(LIST, who)], LIST, version)
    servers[0].write(folder, bom=True)
    servers[1].write(folder, head=version == "other")
    expected(figures(people, posts), folder)


def nested(folder, waiting=()):
    inner, deepest = "dept@example.org", "team@example.org"
    groups = lambda who: [(LIST, who[:20] + [inner]), (inner, who[20:40] + [deepest]), (deepest, who[40:] + who[38:40])]
    people, posts, servers = storm("nested", folder, groups, LIST, waiting=waiting)
    for server in servers:
        server.write(folder)
    if not waiting:
        expected(figures(people, posts), folder)
        return
    # Each is queued where it lives, and nowhere else; a member of two groups, or named by a reply as well, once.
    reached, count = len(people) - len(waiting), len(posts)
    rows = [row for row in figures(people, posts) if row[0] not in ("deliveries", "mailboxes", "pending", "bytes_delivered")]
    queued = "(select sum(recipients_pending) from queued where host = 'mbx%d')"
    expected(rows + [("deliveries", reached * count), ("mailboxes", reached), ("pending", len(waiting) * count),
                     (queued % 1, count * sum(home(who) == 0 for who in waiting)),
                     (queued % 2, count * sum(home(who) == 1 for who in waiting))], folder)


def unnamed(folder):
    """Groups in groups, but the outer one's row does not name the inner ones."""
    groups = lambda who: [(LIST, who[:20]), ("dept@example.org", who[20:40]), ("team@example.org", who[40:] + who[38:40])]
    people, posts, servers = storm("unnamed", folder, groups, LIST)
    for server in servers:
        server.write(folder)
    expected(figures(people, posts), folder)


def resubmitted(folder):
    """An hour later the shadow copies of three posts are sent again, and delivered again."""
    people, posts, servers = storm("resubmitted", folder, lambda who: [(LIST, who)], LIST)
    here, there = servers
    for post in posts[3:6]:
        mine, number, far = [who for who in people if home(who) == 0], there.number(), here.number()
        at = post["at"] + 3600
        there.row(at, "REDUNDANCY", "RESUBMIT", post, mine, "", internal_message_id=number, source_context="")
        send(there, number, post, mine, here, 3600.2)
        here.row(at + 0.3, "SMTP", "RECEIVE", post, mine, "", internal_message_id=far, client_hostname=there.name + ".example.org",
                 client_ip=there.address, message_info="0cA: ")
        for who in mine:
            here.row(at + 1, "STOREDRIVER", "DELIVER", post, [who], "", internal_message_id=far, client_hostname=here.name,
                     message_info=stamp(post["at"]), custom_data="S:E2ELatency=3601")
    for server in servers:
        server.write(folder)
    expected(figures(people, posts), folder)


def waits(folder):
    nested(folder, ["person03@example.org", "person08@example.org", "person38@example.org", "person39@example.org"])


def deleted(folder):
    people, posts, servers = storm("deleted", folder, lambda who: [(LIST, who)], LIST)
    old = "IMCEAEX-_O=ORG_OU=EXCHANGE_CN=RECIPIENTS_CN=All+20Staff@example.org"
    closed = posts[-1]["at"] + 90
    for n in range(4):
        post = {"id": "<late%d@mbx.example.org>" % n, "network": "late%d" % n, "bytes": 4000, "sender": people[n],
                "at": closed + 30 * n, "subject": posts[1]["subject"]}
        server = servers[n % 2]
        to = LIST if n == 1 else old
        number = take_in(server, post, [to])
        server.row(post["at"] + 0.1, "ROUTING", "FAIL", post, [to],
                   "550 5.1.1 RESOLVER.ADR.ExRecipNotFound; not found", internal_message_id=number,
                   reference="<dsn%d@mbx.example.org>" % n)
        server.row(post["at"] + 0.2, "DSN", "DSN", dict(post, id="<dsn%d@mbx.example.org>" % n, sender="<>"), [people[n]],
                   "", internal_message_id=server.number(), reference=post["id"], source_context="Failure")
    # Nobody of the organisation, and before that: it closes nothing.
    forged = {"id": "<forged@example.com>", "network": "forged", "bytes": 4000, "sender": "mallory@example.com",
              "at": posts[-1]["at"] + 5, "subject": posts[1]["subject"]}
    number = take_in(servers[0], forged, [old])
    servers[0].row(forged["at"] + 0.1, "ROUTING", "FAIL", forged, [old], "550 5.1.1 RESOLVER.ADR.ExRecipNotFound; not found",
                   internal_message_id=number)
    for server in servers:
        server.write(folder)
    expected(figures(people, posts, [("rejected_posts", 4), ("list_closed_at", stamp(closed + 0.1))]), folder)


def report(server, post, kind, at):
    """The report to the sender, in a row of its own. Returns its Message-ID."""
    own = {"id": "<%s%d@mbx.example.org>" % (kind, post["n"]), "subject": "Undeliverable: " + post["subject"],
           "sender": "MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@example.org", "bytes": 900}
    server.row(post["at"] + at, "DSN", "DSN", own, [post["sender"]], "", internal_message_id=server.number(),
               reference=post["id"], source_context=kind, return_path="<>")
    return own["id"]


OUTSIDE = ["contact%d@%s" % (n, "other.example.net" if n < 3 else "uni.example.com") for n in range(8)]


def ends(folder):
    people, posts = plan("ends")
    here, out = Server("MBX1", "192.0.2.1", 13816430133000), Server("gw", "192.0.2.25", 0)
    full, waits, old = people[58], people[57], people[56]
    for post in posts:
        number = take_in(here, post, ["postmaster@example.org", LIST] if post["n"] == 3 else [LIST])
        if post["n"] == 3:
            here.row(post["at"] + 0.05, "ROUTING", "RESOLVE", post, [people[2]], "", internal_message_id=number,
                     related_recipient_address="postmaster@example.org")
        expand(here, number, post, LIST, people + OUTSIDE[:1], 0.1)
        for who in people:
            if who == full:
                told = report(here, post, "Failure", 2)
                here.row(post["at"] + 2, "STOREDRIVER", "FAIL", post, [who],
                         "554 5.2.2 mailbox full; STOREDRV.Deliver.Exception:QuotaExceeded", internal_message_id=number,
                         client_hostname=here.name, reference=told if post["n"] % 2 else "")
            elif who in (waits, old):
                report(here, post, "Delay", 150)
                report(here, post, "Delivered", 151)
                here.row(post["at"] + 2, "STOREDRIVER", "DEFER", post, [who],
                         "432 4.3.2 STOREDRV.Deliver; recipient thread limit exceeded", internal_message_id=number,
                         message_info=stamp(post["at"] + 62))
            else:
                deliver(here, number, post, who)
        here.row(post["at"] + 200, "QUEUE", "FAIL", post, [old], "550 4.4.7 QUEUE.Expired;<ErrorText>",
                 internal_message_id=number, client_hostname=here.name)
        send(here, number, post, OUTSIDE[:1], out, 0.5, "SENDEXTERNAL", ";250 2.0.0 OK;ClientSubmitTime:")
    here.write(folder)
    count = len(posts)
    rows = [row for row in figures(people, posts) if row[0] not in
            ("members", "deliveries", "mailboxes", "pending", "bytes_delivered", "delay_max_ms")]
    expected(rows + [("members", 61), ("deliveries", 58 * count), ("mailboxes", 58), ("pending", count),
                     ("deferred_mailboxes", 2), ("bounced_mailboxes", 1), ("expired_mailboxes", 1),
                     ("(select count from ledger where line='bounced')", count),
                     ("(select count from ledger where line='expired')", count),
                     ("(select count from ledger where line='handed_outside')", count),
                     ("(select count from ledger where line='notifications')", 2 * count),
                     ("(select count from ledger where line='pairs_due')", 61 * count)], folder)


def exim_id(when):
    """Exim's message id of up to 4.96: the seconds in base 62, a process, the half milliseconds."""
    digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    seconds, text = int(when.replace(tzinfo=datetime.timezone.utc).timestamp()), ""
    for _ in range(6):
        seconds, digit = divmod(seconds, 62)
        text = digits[digit] + text
    return text + "-0001xY-00"


def gateway(folder):
    """Exchange hands the outside members to a Postfix, which hands five of them to an Exim; both logs are read."""
    people, posts = plan("gateway")
    here, out = Server("MBX1", "192.0.2.1", 13816430133000), Server("gw", "192.0.2.25", 0)
    postfix, exim = [], []
    for post in posts:
        number = take_in(here, post, [LIST])
        expand(here, number, post, LIST, people + OUTSIDE, 0.1)
        for who in people:
            deliver(here, number, post, who)
        queue, there = "3F%04X1A2B" % (0xA000 + post["n"]), exim_id(START + datetime.timedelta(seconds=post["at"] + 3))
        send(here, number, post, OUTSIDE, out, 0.5, "SENDEXTERNAL", ";250 2.0.0 Ok: queued as %s;ClientSubmitTime:" % queue)

        def line(at, program, text):
            when = START + datetime.timedelta(seconds=post["at"] + at)
            postfix.append((when, when.strftime("%b %d %H:%M:%S") + " gw postfix/%s[77]: %s: %s" % (program, queue, text)))

        line(1.5, "smtpd", "client=mbx1.example.org[192.0.2.1]")
        line(1.5, "cleanup", "message-id=" + post["id"])
        line(1.5, "qmgr", "from=<%s>, size=%d, nrcpt=%d (queue active)" % (post["sender"], post["bytes"], len(OUTSIDE)))
        for who in OUTSIDE:
            far = who.endswith("example.com")
            line(2.5, "smtp", "to=<%s>, relay=%s:25, delay=1, delays=0.1/0/0.4/0.5, dsn=2.0.0, status=sent (250 %s)" % (
                who, "exim.uni.example.com[198.51.100.4]" if far else "mx.other.example.net[203.0.113.9]",
                "OK id=" + there if far else "2.0.0 accepted"))
        line(2.5, "qmgr", "removed")
        when = START + datetime.timedelta(seconds=post["at"] + 3)
        head = when.strftime("%Y-%m-%d %H:%M:%S ") + there
        mine = [who for who in OUTSIDE if who.endswith("example.com")]
        exim.append((when, head + " <= %s H=gw.example.org [192.0.2.25] P=esmtps S=%d id=%s T=\"%s\" for %s" % (
            post["sender"], post["bytes"], post["id"][1:-1], post["subject"].replace('"', '\\"'), " ".join(mine))))
        exim += [(when, head + " => %s <%s> R=localuser T=local_delivery" % (who.split("@")[0], who)) for who in mine]
        exim.append((when, head + " Completed"))
    here.write(folder)
    for name, lines in (("gw.log", postfix), ("mainlog", exim)):
        with open(os.path.join(folder, name), "w") as log:
            log.writelines(text + "\n" for _, text in sorted(lines, key=lambda pair: pair[0]))
    expected(figures(people, posts, also=len(OUTSIDE)) + [("(select count from ledger where line='handed_outside')", 3 * len(posts))], folder)


# --- Microsoft 365 ----------------------------------------------------------------------

def extended(folder):
    people, posts, servers = storm("plain", folder, lambda who: [(LIST, who)], LIST, "2013")
    head = "date_time_utc" + FIELDS["2013"].replace("-", "_")[len("date_time"):]
    rows = sorted(row for server in servers for row in server.rows)
    with open(os.path.join(folder, "MTDetail.csv"), "wb") as out:
        out.write("\ufeff".encode("utf-16-le") + "\r\n".join([head] + [line for _, _, line in rows]).encode("utf-16-le"))
    expected(figures(people, posts), folder)


def untimed(people, posts, also=0):
    """What a summary cannot tell is not known."""
    known = [row for row in figures(people, posts, also=also) if row[0] != "delay_max_ms"]
    return known + [("last_delivery_at is null", 1), ("delay_p50_ms is null", 1), ("delay_max_ms is null", 1)]


def summary(folder, encoding):
    people, posts = plan("trace")
    lines = ["origin_timestamp_utc,sender_address,recipient_status,message_subject,total_bytes,message_id,"
             "network_message_id,original_client_ip,directionality,connector_id,delivery_priority"]
    for post in reversed(posts):
        status = ";".join([LIST + "##Receive, Expand"] + [who + "##Receive, Deliver" for who in people]
                          + [OUTSIDE[0] + "##Receive, Send"])
        lines.append(",".join(cell(value) for value in (
            stamp(post["at"]), post["sender"], status, post["subject"], post["bytes"], post["id"],
            post["network"].replace("-", ""), "192.0.2.7", 1, "", "Normal")))
    with open(os.path.join(folder, "MTSummary.csv"), "wb") as out:
        out.write(("\r\n".join(lines) + "\r\n").encode(encoding))
    expected(untimed(people, posts, 1) + [("(select count from ledger where line='handed_outside')", len(posts))], folder)


def json_rows(posts, people):
    for post in posts:
        for who in [LIST] + people:
            yield {"Organization": "example.org", "MessageId": post["id"], "Received": stamp(post["at"])[:-1] + "0000",
                   "SenderAddress": post["sender"], "RecipientAddress": who, "Subject": post["subject"],
                   "Status": "Expanded" if who == LIST else "Delivered", "ToIP": None, "FromIP": "192.0.2.7",
                   "Size": post["bytes"], "MessageTraceId": post["network"], "StartDate": stamp(0), "EndDate": stamp(900),
                   "Index": 0}


def traced(folder, shape):
    people, posts = plan("trace")
    rows = list(json_rows(posts, people))
    if shape == "value":
        text = json.dumps({"odata.metadata": "https://example.org/$metadata#MessageTrace", "value": rows},
                          separators=(",", ":")).replace("<", "\\u003c").replace(">", "\\u003e")
    elif shape == "results":
        for row in rows:
            when = datetime.datetime.strptime(row["Received"][:23], "%Y-%m-%dT%H:%M:%S.%f")
            row["Received"] = "/Date(%d)/" % round((when - datetime.datetime(1970, 1, 1)).total_seconds() * 1000)
        text = json.dumps({"d": {"results": rows}})
    else:
        text = json.dumps(rows, indent=4)
    with open(os.path.join(folder, "trace.json"), "w") as out:
        out.write(text + "\n")
    expected(untimed(people, posts), folder)


def main():
    kind, folder = sys.argv[1:3]
    os.makedirs(folder, exist_ok=True)
    if kind.startswith("plain"):
        plain(folder, kind[5:] or "2016")
    elif kind == "nested":
        nested(folder)
    elif kind == "deleted":
        deleted(folder)
    elif kind in ("ends", "gateway", "waits", "unnamed", "resubmitted"):
        globals()[kind](folder)
    elif kind == "extended":
        extended(folder)
    elif kind in ("summary", "wide"):
        summary(folder, "utf-8" if kind == "summary" else "utf-16-le")
    elif kind in ("value", "results", "array"):
        traced(folder, kind)
    else:
        sys.exit("storm.py: no kind " + kind)


if __name__ == "__main__":
    main()
