#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# The figures that mailstorm has to give for one list of a test, worked out
# from what the test sent and what the world received (never from a log). One
# figure a line: KEY <TAB> VALUE [<TAB> TOLERANCE], keys as figures.sql prints them.
# Times are seconds after the incident's first post. An assertion fails where
# the two halves of the truth do not fit together.
import argparse
from collections import Counter, defaultdict

options = argparse.ArgumentParser()
options.add_argument("--world", required=True, help="directory with `sent` and `truth`")
options.add_argument("--list", required=True)
options.add_argument("--members", required=True, help="file with one address a line")
options.add_argument("--kind", default="alias", help="empty: not judged")
options.add_argument("--method", default="references")
options.add_argument("--local-domain", action="append", default=[])
options.add_argument("--outside", action="append", default=[], help="listener whose lines are in no log")
options.add_argument("--min-replies", type=int, default=10)
options.add_argument("--min-posters", type=int, default=3)
options.add_argument("--min-recipients", type=int, default=50)
options.add_argument("--min-pairs", type=int, default=25000)
options.add_argument("--quiet-after", type=float, default=5)
options.add_argument("--state", default="closed")
options.add_argument("--rest", default=":", help="WHAT:MAILBOX, how its pairs ended where the truth is silent")
options.add_argument("--sender-unknown", action="store_true", help="the list's own sender hides the author")
options.add_argument("--unnamed", action="store_true",
                     help="no log names the list: it goes by its first post, and what it refused is no post of it")
options.add_argument("--delay-resolution", type=float, default=0, help="milliseconds that the log's delays may be off")
options.add_argument("--held", action="append", default=[], help="Message-ID that the manager took in and never sent")
options.add_argument("--notices-to-manager", action="store_true",
                     help="a report of each refusal goes to the list manager, where the world does not see it")
options.add_argument("--no-subject", action="store_true", help="no header is in the log")
options = options.parse_args()


def table(name):
    with open("%s/%s" % (options.world, name)) as file:
        return [line.rstrip("\n").split("\t") for line in file]


def fold(address):
    return address.lower()


def emit(key, value, tolerance=None):
    fields = [key, "NULL" if value is None else str(value)]
    if tolerance is not None:
        fields.append("%g" % tolerance)
    print("\t".join(fields))


def logged_subject(post):
    return None if options.no_subject else post.subject


def rank(values, percent):
    values = sorted(values)
    return values[max(0, -(-len(values) * percent // 100) - 1)]


class Post:
    def __init__(self, at, message_id, sender, automatic, subject):
        self.at, self.message_id, self.sender = at, message_id, sender
        self.automatic, self.subject = automatic, subject
        self.named, self.due = set(), set()
        self.ends = {what: {} for what in ("delivered", "deferred", "refused", "removed", "expired", "pending")}
        self.copies = 0


# What was posted, and to whom.
members = {fold(line.strip()) for line in open(options.members)}
posts, rejected, ours = {}, [], set()
for at, _, message_id, sender, recipient, code, automatic, subject in table("sent"):
    ours.add(message_id)
    if fold(recipient) == options.list and code != "250":
        rejected.append(float(at))
        continue
    if code == "250" and message_id not in options.held:
        # What no header tells, the null sender does.
        answer = automatic == "1" and not (options.no_subject and sender)
        made = Post(float(at), message_id, fold(sender), answer, subject)
        post = posts.setdefault(message_id, made)
        post.named.add(fold(recipient))
posts = sorted((post for post in posts.values() if options.list in post.named), key=lambda post: post.at)
known = {post.message_id: post for post in posts}
for post in posts:
    post.due = members | post.named - {options.list}

# What became of it.
outside, notices = set(), set()
for at, what, listener, envid, message_id, sender, recipient in table("truth"):
    message_id = message_id or "<%s>" % envid
    if message_id not in ours and sender == "" and "<%s>" % envid in known:
        notices.add(message_id)
    if message_id not in known:
        continue
    post, pair = known[message_id], fold(recipient)
    assert pair in post.due, "%s was never due to %s" % (message_id, pair)
    post.ends[what].setdefault(pair, float(at))
    if what == "delivered" and listener in options.outside:
        outside.add((message_id, pair))
for post in posts:
    left = post.due.difference(*(post.ends[what] for what in post.ends if what != "deferred"))
    rest, mailbox = options.rest.split(":")
    if mailbox in left:
        post.ends[rest][mailbox] = None
        left.remove(mailbox)
    assert not left, "%s: no end for %s" % (post.message_id, sorted(left))

if options.notices_to_manager:
    notices = [pair for post in posts for pair in post.ends["refused"]]


def total(what, some=None):
    return sum(len(post.ends[what]) for post in (posts if some is None else some))


def detection():
    replies, senders, boxes, pairs = 0, set(), set(posts[0].due), 0
    for post in posts[1:]:
        boxes |= post.due
        if post.automatic:
            continue
        replies, pairs = replies + 1, pairs + len(post.due)
        senders.add(post.sender)
        many = len(senders) >= options.min_posters or options.sender_unknown
        if many and (replies >= options.min_replies and len(boxes) >= options.min_recipients
                     or pairs >= options.min_pairs):
            return post
    raise AssertionError("no storm")


first, detected = posts[0], detection()
listed = options.list
if options.unnamed:
    listed, rejected = "recipient-set " + first.message_id, []
    members = set().union(*(post.due for post in posts))
replies = posts[1:]
deliveries = total("delivered")
times = sorted(at for post in posts for at in post.ends["delivered"].values())
copies = Counter(pair for post in posts for pair in post.ends["delivered"])
delays = [(at - post.at) * 1000 for post in posts for at in post.ends["delivered"].values()]
null_posts = sum(post.sender == "" for post in posts)
senders = {post.sender for post in posts if post.sender}
due = sum(len(post.due) for post in posts)
unaccounted = due - sum(map(total, ("delivered", "refused", "removed", "expired", "pending")))


def late(moment):
    return max(150, moment * 0.1) + options.delay_resolution


def peak():
    """The fullest minute, and by how much a second's difference of clocks could change it."""
    fullest = [max(Counter(int((at + shift) // 60) for at in times).values()) for shift in (0, -1.5, 1.5)]
    return fullest[0], max(abs(fullest[0] - other) for other in fullest)


def mailboxes(what):
    return len({pair for post in posts for pair in post.ends[what]})


def is_local(mailbox):
    return mailbox.split("@")[-1] in options.local_domain


key = "incident %s " % listed
emit(key + "state", options.state)
emit(key + "subject", logged_subject(first))
emit(key + "root_message_id", first.message_id)
if not options.sender_unknown:
    emit(key + "first_poster", first.sender)
    emit(key + "posters", len(senders) + null_posts)
emit(key + "detected_at", round(detected.at - first.at, 3), 2)
if rejected:
    emit(key + "list_closed_at", round(rejected[0] - first.at, 3), 2)
emit(key + "last_post_at", round(posts[-1].at - first.at, 3), 2)
emit(key + "last_delivery_at", round(times[-1] - first.at, 3), 2)
for name, value in (
        ("posts", len(posts)), ("replies", len(replies)),
        ("auto_replies", sum(post.automatic for post in replies)),
        ("rejected_posts", len(rejected)), ("members", len(members)),
        ("deliveries", deliveries), ("reply_deliveries", total("delivered", replies)),
        ("avoidable_deliveries", total("delivered", posts[posts.index(detected) + 1:])),
        ("mailboxes", len(copies)),
        ("copies_median", sorted(copies.values())[(len(copies) - 1) // 2]),
        ("copies_p95", rank(copies.values(), 95)), ("copies_max", max(copies.values())),
        ("deferred_mailboxes", mailboxes("deferred")), ("bounced_mailboxes", mailboxes("refused")),
        ("expired_mailboxes", mailboxes("expired")), ("pending", total("pending")),
        ("unaccounted", unaccounted), ("thread_method", options.method)):
    emit(key + name, value)
if options.local_domain:
    emit(key + "external_mailboxes", sum(not is_local(mailbox) for mailbox in copies))
emit(key + "copies_mean", "%.3f" % (deliveries / len(copies)), 0.01)
emit(key + "amplification", "%.3f" % (deliveries / len(posts)), 0.01)
emit(key + "coverage_pct", "%.3f" % (100 * (due - unaccounted) / due), 0.01)
emit(key + "peak_per_minute", *peak())
for percent in (50, 95, 99):
    emit(key + "delay_p%d_ms" % percent, round(rank(delays, percent)), late(rank(delays, percent)))
emit(key + "delay_max_ms", round(max(delays)), late(max(delays)))

if options.state == "closed" and not total("expired"):
    last_end = max(at for post in posts for what in ("delivered", "refused") for at in post.ends[what].values())
    emit(key + "closed_at", round(last_end + options.quiet_after - first.at, 3), 2)

key = "timeline %s " % listed
automatic = [post for post in replies if post.automatic]
for name, at in (("first-post", first.at), ("first-reply", replies[0].at), ("threshold", detected.at),
                 ("auto-replies-begin", automatic[0].at if automatic else None),
                 ("list-closed", rejected[0] if rejected else None),
                 ("last-post", posts[-1].at), ("last-delivery", times[-1])):
    if at is not None:
        emit(key + name, round(at - first.at, 3), 2)

key = "ledger %s " % listed
for name, value in (
        ("posts_accepted", len(posts)), ("pairs_due", due), ("delivered", deliveries),
        ("bounced", total("refused")),
        ("expired", total("expired")), ("discarded", 0), ("removed_by_admin", total("removed")),
        ("pending", total("pending")), ("unaccounted", unaccounted), ("handed_outside", len(outside)),
        ("auto_replies", sum(post.automatic for post in replies)), ("notifications", len(notices)),
        ("rejected_posts", len(rejected))):
    emit(key + name, value)
if rejected:
    after = [sum(at > rejected[0] + shift for at in times) for shift in (0, -2, 2)]
    emit(key + "delivered_after_close", after[0], max(abs(after[0] - other) for other in after))

cumulative = cumulative_due = 0
for n, post in enumerate(posts, 1):
    delivered = len(post.ends["delivered"])
    cumulative, cumulative_due = cumulative + delivered, cumulative_due + len(post.due)
    key = "amplification %s %d " % (listed, n)
    emit(key + "message_id", post.message_id)
    emit(key + "recipients_due", len(post.due))
    emit(key + "delivered", delivered)
    emit(key + "cumulative_delivered", cumulative)
    emit(key + "cumulative_due", cumulative_due)
    key = "post %s %s " % (listed, post.message_id)
    emit(key + "subject", logged_subject(post))
    emit(key + "posted_at", round(post.at - first.at, 3), 2)
    emit(key + "automatic", int(post.automatic))
    for name, what in (("delivered", "delivered"), ("deferred", "deferred"), ("bounced", "refused"),
                       ("expired", "expired"), ("pending", "pending")):
        emit(key + name, len(post.ends[what]))
    if post.sender and not options.sender_unknown:
        emit(key + "sender", post.sender)

if not options.sender_unknown:
    for sender in sorted(senders):
        own = [post for post in posts if post.sender == sender]
        key = "poster %s %s " % (listed, sender)
        emit(key + "posts", len(own))
        emit(key + "automatic", sum(post.automatic for post in own))
        emit(key + "deliveries", total("delivered", own))

domains = defaultdict(lambda: defaultdict(list))
for post in posts:
    for what in ("delivered", "deferred", "refused"):
        for pair in post.ends[what]:
            domains[pair.split("@")[-1]][what].append(pair)
for domain, what in sorted(domains.items()):
    key = "domain %s %s " % (listed, domain)
    if options.local_domain:
        emit(key + "scope", "local" if is_local("@" + domain) else "external")
    emit(key + "mailboxes", len(set(what["delivered"])))
    emit(key + "deliveries", len(what["delivered"]))
    emit(key + "deferred", len(what["deferred"]))
    emit(key + "bounced", len(what["refused"]))

for post in posts:
    if post.ends["pending"]:
        emit("queued %s %s recipients_pending" % (listed, post.message_id), len(post.ends["pending"]))

failed = Counter(pair for post in posts for what in ("refused", "expired") for pair in post.ends[what])
for mailbox in sorted(copies):
    emit("affected %s %s copies" % (listed, mailbox), copies[mailbox])
    emit("affected %s %s failed" % (listed, mailbox), failed[mailbox])

key = "minutes %s " % listed
emit(key + "posts", len(posts))
emit(key + "rejected", len(rejected))
emit(key + "deliveries", deliveries)
key = "list %s " % listed
if options.kind:
    emit(key + "kind", options.kind)
emit(key + "members", len(members))
emit(key + "posts", len(posts))
emit(key + "deliveries", deliveries)
