#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# Sends one message to a Postfix under test and notes in a TSV file what the
# server said to each recipient: the sender's half of the truth. The envelope
# id (DSN ENVID) is the Message-ID without its brackets, so that a sink can
# tell whose recipient it puts off before it has seen a header.
#
#   sent: time, rcpt, Message-ID, sender, recipient, code, automatic (0/1), subject
import argparse
import smtplib
import time

options = argparse.ArgumentParser()
options.add_argument("--sent", required=True)
options.add_argument("--server", required=True)
options.add_argument("--port", type=int, default=25)
options.add_argument("--source", default="127.0.0.1")
options.add_argument("--from", dest="sender", required=True)
options.add_argument("--id", required=True)
options.add_argument("--subject", required=True)
options.add_argument("--header", action="append", default=[])
options.add_argument("--automatic", action="store_true")
options.add_argument("recipients", nargs="+")
options = options.parse_args()

headers = ["From: <%s>" % options.sender, "To: %s" % ", ".join(options.recipients),
           "Subject: " + options.subject, "Message-ID: <%s>" % options.id]
if options.automatic:
    headers.append("Auto-Submitted: auto-replied")
headers += options.header
text = "\r\n".join(headers) + "\r\n\r\nPlease take me off this list.\r\n"

with open(options.sent, "a") as sent, \
        smtplib.SMTP(options.server, options.port, source_address=(options.source, 0)) as server:
    server.ehlo("desk.example.test")
    server.mail(options.sender, ["ENVID=" + options.id])
    accepted = 0
    for recipient in options.recipients:
        begun = time.time()
        code, _ = server.rcpt(recipient)
        accepted += code == 250
        sent.write("%.6f\trcpt\t<%s>\t%s\t%s\t%d\t%d\t%s\n" % (
            begun, options.id, options.sender, recipient, code, options.automatic, options.subject))
    if accepted:
        code, reply = server.data(text.encode())
        assert code == 250, reply
