#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# large.py plain|large: the log of a storm of four posts on three systems, with values
# of usual size, or as large as a line may hold: Message-IDs of 300 kB, ten thousand
# References, thousands of recipients in one line. Who is in the lists is the same.
import sys

LARGE = sys.argv[1] == "large"
MEMBERS = 6000
LONG = "x" * 300000 if LARGE else ""
LISTS = {"postfix": "all@postfix.example", "sendmail": "all@sendmail.example", "exchange": "all@exchange.example"}
FIELDS = ("date-time,client-ip,client-hostname,server-ip,server-hostname,source-context,connector-id,source,event-id,"
          "internal-message-id,message-id,network-message-id,recipient-address,recipient-status,total-bytes,recipient-count,"
          "related-recipient-address,reference,message-subject,sender-address,return-path,message-info,directionality,"
          "tenant-id,original-client-ip,original-server-ip,custom-data,transport-traffic-type,log-id,schema-version").split(",")


def member(i, system):
    return f"m{i}@{system}.example"


def chunks(size):
    return [range(i, min(i + size, MEMBERS)) for i in range(0, MEMBERS, size)]


def message_id(n, system):
    # Sendmail itself cuts them much shorter
    return f"<{n}.{LONG[:20000] if system == 'sendmail' else LONG}{n}@{system}>"


def postfix(n):
    def line(program, text):
        print(f"Nov 14 08:{30 + n}:00 mx1 postfix/{program}[1]: {n:05X}AAAAA{n}: {text}")

    tail = " from a[192.0.2.1]; from=<%d@a.example> to=<%s> proto=ESMTP helo=<x>" % (n, LISTS["postfix"])
    others = "".join(f" <r{n}.{i}@x.example>" for i in range(10000 if LARGE else 1))
    line("smtpd", "client=a[192.0.2.1]")
    if n:
        line("cleanup", "info: header References: " + message_id(0, "postfix") + others + tail)
    line("cleanup", "message-id=" + message_id(n, "postfix"))
    line("qmgr", f"from=<{n}@a.example>, size=4096, nrcpt={MEMBERS} (queue active)")
    for i in range(MEMBERS):
        line("local", f"to=<{member(i, 'postfix')}>, orig_to=<{LISTS['postfix']}>, relay=local, delay=1, delays=0/0/0/1, "
             "dsn=2.0.0, status=sent (delivered to mailbox)")
    line("qmgr", "removed")


def sendmail(n):
    def line(text):
        print(f"Nov 14 08:{30 + n}:00 mx2 sm-mta[1]: uAE8T1qR00471{n}: {text}")

    line(f"from=<{n}@a.example>, size=812, class=0, nrcpts=1, msgid={message_id(n, 'sendmail')}, proto=ESMTP, daemon=MTA, "
         "relay=a [192.0.2.7]")
    for some in chunks(2000 if LARGE else 50):
        line("to=" + ",".join(f"<{member(i, 'sendmail')}>" for i in some) + f", ctladdr=<{LISTS['sendmail']}> (8/0), "
             "delay=00:00:01, xdelay=00:00:01, mailer=esmtp, pri=30812, relay=mx. [192.0.2.25], dsn=2.0.0, stat=Sent (ok)")


def exchange(n):
    def row(**values):
        values = {name.replace("_", "-"): value for name, value in values.items()}
        values.update({"date-time": f"2016-11-14T08:{30 + n}:00.000Z", "server-hostname": "MBX1", "internal-message-id": str(n + 7),
                       "message-id": message_id(n, "exchange"), "message-subject": "hello", "sender-address": f"{n}@a.example",
                       "return-path": f"{n}@a.example", "total-bytes": "4096"})
        print(",".join(values.get(name, "") for name in FIELDS))

    row(source="SMTP", event_id="RECEIVE", recipient_address=LISTS["exchange"], recipient_count="1")
    for some in chunks(MEMBERS if LARGE else 50):
        row(source="ROUTING", event_id="EXPAND", related_recipient_address=LISTS["exchange"], recipient_count=str(len(some)),
            recipient_address=";".join(member(i, "exchange") for i in some))
    for some in chunks(MEMBERS if LARGE else 50):
        row(source="STOREDRIVER", event_id="DELIVER", recipient_address=";".join(member(i, "exchange") for i in some),
            recipient_count=str(len(some)))


print("#Fields: " + ",".join(FIELDS))
for post in range(4):
    postfix(post)
    sendmail(post)
    exchange(post)
