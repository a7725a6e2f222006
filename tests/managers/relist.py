#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# A list manager in small: sends posts on to the members under the envelope
# senders that the documentation or the source of a real one gives. Within a host
# it is run from aliases(5) for each post; from elsewhere it sends some by itself.
#
#   relist.py STYLE LIST MEMBERS SERVER <POST              what came for the list
#   relist.py STYLE LIST MEMBERS SERVER --posts N          posts that came elsewhere
#   relist.py STYLE LIST MEMBERS SERVER --digest
# --sent FILE gets a line for each post that was given, or began, with a Message-ID here.
import argparse
import email
import smtplib
import sys
import time

# Where it names the member, each gets a mail (VERP); else they are sent in packets.
STYLES = {
    "mailman2": "{name}-bounces@{domain}",
    "mailman2-verp": "{name}-bounces+{user}={host}@{domain}",
    "majordomo": "owner-{name}@{domain}",
    "listserv": "owner-{name}@{domain}",
    "listserv-verp": "owner-{name}*{user}**{host}@{domain}",
    "google": "{name}+bncBCXYZ4QKGQE5J3NN{number:02d}UBQ@{domain}",
    "ezmlm": "{name}-return-{number}-{user}={host}@{domain}",
    "sympa": "{name}-owner@{domain}",
    "mlmmj-xverp": "{name}+bounces-{number}@{domain}",
}

options = argparse.ArgumentParser()
options.add_argument("style", choices=STYLES)
options.add_argument("list")
options.add_argument("members")
options.add_argument("server")
options.add_argument("--posts", type=int, default=0)
options.add_argument("--digest", action="store_true")
options.add_argument("--new-id", help="posts from it (all: from everybody) get a Message-ID of the manager's")
options.add_argument("--sent")
options = options.parse_args()
name, domain = options.list.split("@")


def own_id(number):
    return "<mailman.%d.%d.1234.%s@%s>" % (number, time.time(), name, domain)


def note(message_id, sender, subject):
    with open(options.sent, "a") as sent:
        sent.write("%.6f\trcpt\t%s\t%s\t%s\t250\t0\t%s\n" % (
            time.time(), message_id, sender, options.list, subject))


def send(number, subject, message_id, headers=()):
    with open(options.members) as file:
        members = [line.strip() for line in file]
    size = 1 if "{user}" in STYLES[options.style] else 5
    text = "\r\n".join(["From: u01@desk.example.test", "To: " + options.list, "Subject: " + subject,
                        "Message-ID: " + message_id, *headers, "", "Please take me off this list.", ""])
    with smtplib.SMTP(options.server) as server:
        for at in range(0, len(members), size):
            user, host = members[at].split("@")
            sender = STYLES[options.style].format(name=name, domain=domain, user=user, host=host, number=number)
            server.sendmail(sender, members[at:at + size], text)


if options.digest:
    send(99, "%s Digest, Vol 1, Issue 1" % name, own_id(99))
elif options.posts:
    for count in range(1, options.posts + 1):
        about = "%sNews of %s" % ("Re: " if count > 1 else "", name)
        note("<%s.%d@desk.example.test>" % (name, count), "u01@desk.example.test", about)
        send(count, "[%s] %s" % (name, about), "<%s.%d@desk.example.test>" % (name, count))
else:
    post = email.message_from_file(sys.stdin)
    new_id = post["Message-ID"]
    if options.new_id == "all" or options.new_id and options.new_id in post["From"]:
        new_id = own_id(int(time.time() * 1000) % 10000)
        note(new_id, "", post["Subject"])
    send(1, "[%s] %s" % (name, post["Subject"]), new_id)
