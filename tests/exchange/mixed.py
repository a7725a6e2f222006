#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# A storm through a mixed organisation: mixed.py FOLDER writes the logs of two Exchange
# servers (MBX1.LOG, MBX2.LOG), of a Postfix gateway (gw.log) and of a site with Exim
# (lab/mainlog); all of them in one stream, in disorder (stream.log); and for each choice of
# logs what a report must say, in FOLDER/WHAT.truth: all; without-lab, without-gw,
# without-mbx2: of which no line is read; gw-ours: the same as without-gw, but the
# configuration says that the gateway is ours.
#
# The list is a group on Exchange. Its members live on both Exchange servers, at the site
# with Exim, and with a provider outside; everything between Exchange and the rest passes
# the gateway. People of all three places reply to all. A post is simulated mailbox by
# mailbox: each copy goes from hop to hop, and each hop writes its rows or lines. What
# happened to each pair is kept apart from them; from that alone follows what can be known
# by whoever reads some of the logs (known_end below).
#
# What makes it hard: a message comes back to hosts that it passed before; a member at the
# site with Exim has the mail sent on to a colleague on Exchange, who is a member, too; a
# member of the group is an address that the gateway replaces, another one a list of that site; the same message goes twice
# from host to host, for different mailboxes; replies name their author's predecessor, too.
import datetime
import os
import random
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from storm import START, Server, exim_id, stamp  # noqa: E402

LIST = "all-staff@example.org"
PEOPLE = ["person%02d@example.org" % i for i in range(40)]
LAB = ["lab%d@lab.example.org" % i for i in range(8)]
FORWARDED = "away@lab.example.org"  # her mail goes on to PEOPLE[7]
OUTSIDE = ["contact%d@other.example.net" % i for i in range(5)]
ALIAS, BEHIND = "desk@gw.example.org", "keeper@other.example.net"  # the gateway replaces the one by the other
FULL, BUSY = PEOPLE[11], LAB[5]  # a mailbox that is full; one that is deferred first
INNER = "labs@lab.example.org"  # a list of its own there, which holds the last two
MEMBERS = PEOPLE + LAB[:6] + [INNER, FORWARDED, ALIAS] + OUTSIDE


def home(person):
    return int(person[6:8]) % 2


class Post:
    def __init__(self, n, sender, at):
        self.n, self.sender, self.at = n, sender, at
        self.subject = "Lunch" if n == 0 else "RE: Lunch"
        self.id = "<post%d@%s>" % (n, sender.split("@")[1])
        self.bytes = 3000 + 10 * n
        self.told = {}  # mailbox: what each host knows of it: (host, what, at, where it went)
        self.origins = [("mbx%d" % (home(sender) + 1), at)] if sender in PEOPLE else []  # who took it in first, and next

    def row(self):
        return {"id": self.id, "network": "%08x-1111-4000-8000-000000000000" % self.n, "bytes": self.bytes,
                "sender": self.sender, "subject": self.subject, "n": self.n}

    def tell(self, mailbox, host, what, at, where=None):
        self.told.setdefault(mailbox, []).append((host, what, at, where))


class Postfix:
    """The gateway. Whole-second stamps, long queue IDs are off: short ones."""

    def __init__(self):
        self.lines, self.next = [], 0x3F000

    def say(self, at, program, text):
        when = START + datetime.timedelta(seconds=at)
        self.lines.append((at, len(self.lines), when.strftime("%b %d %H:%M:%S") + " gw postfix/%s[4711]: %s" % (program, text)))

    def queue_id(self, at):
        self.next += 1
        micro = (START + datetime.timedelta(seconds=at)).microsecond
        return "%05X%05X" % (micro, self.next)


class Exim:
    def __init__(self):
        self.lines = []

    def say(self, at, text):
        when = START + datetime.timedelta(seconds=at)
        self.lines.append((at, len(self.lines), when.strftime("%Y-%m-%d %H:%M:%S ") + text))


class Organisation:
    def __init__(self):
        self.exchange = [Server("MBX1", "192.0.2.1", 81604378624000), Server("MBX2", "192.0.2.2", 91604378624000)]
        self.gw, self.lab = Postfix(), Exim()
        self.exims = 0

    # --- Exchange ---

    def from_mailbox(self, post, at):
        """A person on Exchange posts: submission, then transport on the server where she lives."""
        here = self.exchange[home(post.sender)]
        submission, row = here.number(), post.row()
        named = [LIST] if post.n == 0 else [self.previous, LIST]
        here.row(at, "STOREDRIVER", "RECEIVE", row, named, ";".join(["To"] * len(named)), internal_message_id=submission,
                 client_hostname=here.name)
        here.row(at + 0.01, "STOREDRIVER", "SUBMIT", row, named, "", internal_message_id=submission, client_hostname=here.name)
        self.transport(post, at + 0.02, here, named, here.name + ".example.org", here.address)

    def transport(self, post, at, here, recipients, client, address):
        number, row = here.number(), post.row()
        here.row(at, "SMTP", "RECEIVE", row, recipients, "", internal_message_id=number, client_hostname=client,
                 client_ip=address, message_info="04I: ")
        self.route(post, at, here, number, recipients)

    def route(self, post, at, here, number, recipients):
        row, members = post.row(), [who for who in recipients if who != LIST]
        if LIST in recipients:
            post.expanded = here.name.lower()
            here.row(at + 0.05, "ROUTING", "EXPAND", row, MEMBERS, "250 2.1.5 RESOLVER.GRP.Expanded; distribution list expanded",
                     internal_message_id=number, related_recipient_address=LIST)
            members += [who for who in MEMBERS if who not in members]
            fork = here.number()
            here.row(at + 0.06, "ROUTING", "TRANSFER", row, members, ";" * (len(members) - 1), internal_message_id=fork,
                     reference=number, source_context="Resolver")
            number = fork
        local = [who for who in members if who in PEOPLE]
        for there in self.exchange:
            mine = [who for who in local if self.exchange[home(who)] is there]
            if there is here:
                self.deliver(post, at + 0.1, here, number, mine)
            elif mine:
                self.send(post, at + 0.2, here, number, mine, there)
        away = [who for who in members if who not in PEOPLE]
        if away:
            self.send_away(post, at + 0.3, here, number, away)

    def deliver(self, post, at, here, number, mailboxes):
        for n, who in enumerate(mailboxes):
            when = at + 0.2 + 0.013 * n
            if who == FULL:
                here.row(when, "STOREDRIVER", "FAIL", post.row(), [who], "554 5.2.2 mailbox full; STOREDRV.Deliver.Exception:QuotaExceeded",
                         internal_message_id=number, client_hostname=here.name)
                post.tell(who, here.name.lower(), "bounced", when)
                continue
            if any(what == "delivered" for _, what, _, _ in post.told.get(who, [])):  # sent on to somebody who has it
                here.row(when, "STOREDRIVER", "DUPLICATEDELIVER", post.row(), [who], "", internal_message_id=number,
                         client_hostname=here.name)
                continue
            here.row(when, "STOREDRIVER", "DELIVER", post.row(), [who], "", internal_message_id=number, client_hostname=here.name,
                     message_info=stamp(at), custom_data="S:E2ELatency=%.3f" % (when - at))
            post.tell(who, here.name.lower(), "delivered", when)

    def send(self, post, at, here, number, mailboxes, there):
        far = there.number()
        here.row(at, "SMTP", "SEND", post.row(), mailboxes, ";".join(["250 2.1.5 Recipient OK"] * len(mailboxes)),
                 internal_message_id=number, client_hostname=here.name, client_ip=here.address,
                 server_hostname=there.name.lower() + ".example.org", server_ip=there.address,
                 source_context="250 2.6.0 %s [InternalId=%d, Hostname=%s.example.org] 9000 bytes in 0.1, 80 KB/sec Queued mail for delivery"
                 % (post.id, far, there.name.lower()), connector_id="Intra-Organization SMTP Send Connector")
        for who in mailboxes:
            post.tell(who, here.name.lower(), "handed", at, there.name.lower())
        there.row(at + 0.05, "SMTP", "RECEIVE", post.row(), mailboxes, "", internal_message_id=far,
                  client_hostname=here.name + ".example.org", client_ip=here.address, message_info="0cA: ")
        self.deliver(post, at + 0.1, there, far, mailboxes)

    def send_away(self, post, at, here, number, mailboxes):
        queue = self.gw.queue_id(at - 0.1)
        here.row(at, "SMTP", "SENDEXTERNAL", post.row(), mailboxes, ";".join(["250 2.1.5 Recipient OK"] * len(mailboxes)),
                 internal_message_id=number, client_hostname=here.name, client_ip=here.address,
                 server_hostname="gw.example.org", server_ip="192.0.2.25",
                 source_context=";250 2.0.0 Ok: queued as %s;ClientSubmitTime:" % queue, connector_id="To the world")
        for who in mailboxes:
            post.tell(who, here.name.lower(), "handed", at, "gw")
        self.gateway(post, at - 0.1, queue, "%s.example.org[%s]" % (here.name.lower(), here.address), mailboxes)

    # --- Postfix ---

    def gateway(self, post, at, queue, client, recipients):
        say = self.gw.say
        say(at, "smtpd", "%s: client=%s" % (queue, client))
        say(at, "cleanup", "%s: message-id=%s" % (queue, post.id))
        say(at, "qmgr", "%s: from=<%s>, size=%d, nrcpt=%d (queue active)" % (queue, post.sender, post.bytes, len(recipients)))
        when = at + 1
        groups = [([who for who in recipients if who.endswith("@lab.example.org")], self.to_lab),
                  ([who for who in recipients if who.endswith("@example.org")], self.to_exchange),
                  ([who for who in recipients if who.endswith("@other.example.net") or who == ALIAS], self.to_world)]
        for mailboxes, way in groups:
            if mailboxes:
                way(post, when, queue, mailboxes)
                when += 1
        say(when, "qmgr", "%s: removed" % queue)

    def sent(self, at, queue, who, relay, reply, original=None):
        self.gw.say(at, "smtp", "%s: to=<%s>, %srelay=%s, delay=%.2g, delays=0.1/0/0.2/0.7, dsn=2.0.0, status=sent (%s)" % (
            queue, who, "orig_to=<%s>, " % original if original else "", relay, 1, reply))

    def to_lab(self, post, at, queue, mailboxes):
        self.exims += 1
        there = exim_id(START + datetime.timedelta(seconds=at))[:-9] + "%06d-00" % self.exims
        for who in mailboxes:
            self.sent(at, queue, who, "lab.example.org[198.51.100.4]:25", "250 OK id=" + there)
            post.tell(who, "gw", "handed", at, "lab")
        self.site(post, at, there, "H=gw.example.org [192.0.2.25] P=esmtps", mailboxes)

    def to_exchange(self, post, at, queue, mailboxes):
        here = self.exchange[0]
        for who in mailboxes:
            self.sent(at, queue, who, "mbx1.example.org[192.0.2.1]:25",
                      "250 2.6.0 %s [InternalId=%d, Hostname=mbx1.example.org] 9000 bytes in 0.1, 80 KB/sec Queued mail for delivery"
                      % (post.id, here.next + 17))
            if who != LIST:
                post.tell(who, "gw", "handed", at, "mbx1")
        self.transport(post, at + 0.1, here, mailboxes, "gw.example.org", "192.0.2.25")

    def to_world(self, post, at, queue, mailboxes):
        for who in mailboxes:
            to, original = (BEHIND, ALIAS) if who == ALIAS else (who, None)
            self.sent(at, queue, to, "mx.other.example.net[203.0.113.9]:25", "250 2.0.0 accepted", original)
            if original:
                post.tell(original, "gw", "replaced", at)
            post.tell(to, "gw", "handed", at, "outside")

    # --- Exim ---

    def from_lab(self, post, at):
        """A person at the site with Exim posts: by way of the gateway to Exchange."""
        self.exims += 1
        here = exim_id(START + datetime.timedelta(seconds=at))[:-9] + "%06d-00" % self.exims
        named = [LIST]
        self.lab.say(at, "%s <= %s H=desk [10.0.0.7] P=esmtpsa S=%d id=%s T=\"%s\" for %s" % (
            here, post.sender, post.bytes, post.id[1:-1], post.subject, " ".join(named)))
        queue = self.gw.queue_id(at + 0.5)
        post.origins = [("lab", at), ("gw", at + 0.5)]
        self.lab.say(at + 1, "%s => %s R=smarthost T=remote_smtp H=gw.example.org [192.0.2.25] C=\"250 2.0.0 Ok: queued as %s\"" % (
            here, LIST, queue))
        self.lab.say(at + 1, here + " Completed")
        self.gateway(post, at + 0.5, queue, "lab.example.org[198.51.100.4]", named)

    def site(self, post, at, there, source, mailboxes):
        say = self.lab.say
        say(at, "%s <= %s %s S=%d id=%s T=\"%s\" for %s" % (there, post.sender, source, post.bytes, post.id[1:-1], post.subject,
                                                           " ".join(mailboxes)))
        when = at + 1
        for who in mailboxes:
            if who == FORWARDED:
                queue = self.gw.queue_id(at + 0.5)
                say(when, "%s => %s <%s> R=userforward T=remote_smtp H=gw.example.org [192.0.2.25] C=\"250 2.0.0 Ok: queued as %s\"" % (
                    there, PEOPLE[7], who, queue))
                post.tell(who, "lab", "replaced", when)
                post.tell(PEOPLE[7], "lab", "handed", when, "gw")
                self.gateway(post, at + 0.5, queue, "lab.example.org[198.51.100.4]", [PEOPLE[7]])
                continue
            if who == INNER:
                for inner in LAB[6:]:
                    say(when, "%s => %s <%s> R=system_aliases T=local_delivery" % (there, inner, who))
                    post.tell(inner, "lab", "delivered", when)
                post.tell(who, "lab", "replaced", when)
                continue
            if who == BUSY:
                say(when, "%s == %s <%s> R=localuser T=local_delivery defer (-22): mailbox is full (MTA-imposed quota exceeded while writing to file /var/mail/x)" % (
                    there, who.split("@")[0], who))
            say(when + (120 if who == BUSY else 0), "%s => %s <%s> R=localuser T=local_delivery" % (there, who.split("@")[0], who))
            post.tell(who, "lab", "delivered", when + (120 if who == BUSY else 0))
        say(when + (120 if BUSY in mailboxes else 0), there + " Completed")

    # --- the storm ---

    def storm(self):
        posts = []
        senders = [PEOPLE[0], LAB[1], PEOPLE[9], PEOPLE[4], LAB[2], PEOPLE[17], PEOPLE[20], LAB[1], PEOPLE[23], PEOPLE[30]]
        self.previous = senders[0]
        for n, sender in enumerate(senders):
            post = Post(n, sender, float(60 + 30 * n if n else 0))
            (self.from_lab if sender in LAB else self.from_mailbox)(post, post.at)
            self.previous = sender if sender in PEOPLE else PEOPLE[1]
            posts.append(post)
        return posts

    def write(self, folder):
        os.makedirs(os.path.join(folder, "lab"), exist_ok=True)
        for server in self.exchange:
            server.write(folder)
        for path, log in (("gw.log", self.gw), ("lab/mainlog", self.lab)):
            with open(os.path.join(folder, path), "w") as out:
                out.writelines(line + "\n" for _, _, line in sorted(log.lines))


# --- what can be known --------------------------------------------------------------------

def known_end(mailbox, told, read, ours):
    """How a pair ended, for whoever reads the logs of these hosts: delivered, outside, bounced, unaccounted; None: it is no
    mailbox, as far as is known."""
    known = [one for one in told if one[0] in read]
    if mailbox == INNER and "lab" in read:  # a list is never a mailbox
        return None
    # What was handed to a host outside is the last word on that address, even where a host further on had another.
    if any(what == "handed" and where not in ours for _, what, _, where in known) and not any(what == "delivered" for _, what, _, _ in known):
        return "outside"
    for end in ("delivered", "bounced", "replaced"):
        if any(what == end for _, what, _, _ in known):
            return None if end == "replaced" else end
    if not known:
        return None
    # It went somewhere; whoever has it now wrote nothing that is read.
    _, _, _, where = max(known, key=lambda one: one[2])
    return "unaccounted" if where in ours else "outside"


def report(posts, read, ours=()):
    ours = set(read) | {"mbx1", "mbx2"} | set(ours)
    lines, copies, total = [], {}, {"delivered": 0, "outside": 0, "bounced": 0, "unaccounted": 0}
    # Where the group's expansion is not read, nothing says what was sent to it.
    posts = [post for post in posts if post.expanded in read]
    for post in posts:
        count = dict.fromkeys(total, 0)
        for mailbox, told in post.told.items():
            end = known_end(mailbox, told, read, ours)
            if not end:
                continue
            count[end] += 1
            if end in ("delivered", "outside"):
                copies[mailbox] = copies.get(mailbox, 0) + 1
        for end in total:
            total[end] += count[end]
        posted = next(at for host, at in post.origins if host in read)
        lines.append("post|%s|%s|%s|%d|%d" % (post.id, post.sender, stamp(posted), count["delivered"] + count["outside"],
                                              count["bounced"]))
    lines += ["mailbox|%s|%d" % row for row in copies.items()]
    lines.append("incident|%s|%s|%d|%d|%d" % (LIST, posts[0].subject, len(posts), len({post.sender for post in posts}), len(copies)))
    lines.append("ledger|delivered|%d" % (total["delivered"] + total["outside"]))
    lines.append("ledger|handed_outside|%d" % total["outside"])
    lines += ["ledger|%s|%d" % (end, total[end]) for end in ("bounced", "unaccounted")]
    lines += ["ledger|%s|0" % end for end in ("expired", "pending")]
    return sorted(lines)


def stream(organisation):
    """Everything in one stream, out of order by up to a minute; Exim's lines by way of syslog."""
    rows = [(at, text) for server in organisation.exchange for at, _, text in server.rows]
    rows += [(at, text) for at, _, text in organisation.gw.lines]
    for at, _, text in organisation.lab.lines:
        when = START + datetime.timedelta(seconds=at)
        rows.append((at, when.strftime("%b %d %H:%M:%S lab exim[815]: ") + text))
    shuffle = random.Random(541)
    return [text for _, text in sorted((at + 60 * shuffle.random(), text) for at, text in rows)]


def main():
    folder = sys.argv[1]
    organisation = Organisation()
    posts = organisation.storm()
    organisation.write(folder)
    hosts = {"mbx1", "mbx2", "gw", "lab"}
    truths = {"all": report(posts, hosts), "gw-ours": report(posts, hosts - {"gw"}, {"gw"})}
    truths.update({"without-" + host: report(posts, hosts - {host}) for host in ("mbx2", "gw", "lab")})
    for what, lines in truths.items():
        with open(os.path.join(folder, what + ".truth"), "w") as out:
            out.writelines(line + "\n" for line in lines)
    with open(os.path.join(folder, "stream.log"), "w") as out:
        out.writelines(line + "\n" for line in stream(organisation))


if __name__ == "__main__":
    main()
