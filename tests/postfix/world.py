#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# The outside world of the Postfix tests: an SMTP, LMTP and filter sink.
# It writes one line for everything that happens to a recipient, as it
# happens, into a TSV file: the truth that the figures are compared with,
# independent of any mail log. A recipient is refused or put off as the
# rules file says. Fails loudly on a bad argument; a client's nonsense gets a
# 500 and is forgotten.
#
#   world.py --truth FILE --rules FILE LISTENER...
#   LISTENER: smtp:NAME:ADDR:PORT | lmtp:NAME:PATH | lmtp:NAME:ADDR:PORT | filter:NAME:ADDR:PORT:NEXTPORT[:xforward]
#   rules: "greylist ADDRESS N" (4xx for the first N tries of a post), "refuse ADDRESS" (5xx),
#          "never ADDRESS" (always 4xx); "greylist-data", "refuse-data": after the message was
#          read, where its sender does not tell which post it is
#   truth: time, delivered|deferred|refused, listener, ENVID (of a notification: the message it is
#          about), Message-ID, sender, recipient
import argparse
import asyncio
import os
import re
import smtplib
import time


class World:
    def __init__(self, truth, rules):
        self.truth = open(truth, "a", buffering=1)
        self.rules = rules
        self.tries = {}
        self.serial = 0

    def tell(self, what, listener, envid, message_id, sender, recipient):
        self.truth.write("%.6f\t%s\t%s\t%s\t%s\t%s\t%s\n" % (
            time.time(), what, listener, envid, message_id, sender, recipient))

    def verdict(self, post, recipient, late=""):
        """The reply to RCPT, or (late) to the message; the rules are read anew, a test may change them."""
        rules = {}
        with open(self.rules) as file:
            for line in file:
                word, address, *count = line.split()
                rules[address] = (word, int(count[0]) if count else 0)
        word, count = rules.get(recipient, ("accept", 0))
        key = (post, recipient, late)
        self.tries[key] = self.tries.get(key, 0) + 1
        if word == "refuse" + late:
            return "refused", "550 5.1.1 <%s>: no such mailbox (gone, moved)" % recipient
        if word == "never" + late or word == "greylist" + late and self.tries[key] <= count:
            return "deferred", "451 4.7.1 <%s>: greylisted, come back later" % recipient
        return "accepted", "250 2.1.5 Ok"


class Session:
    """One connection. Commands in lock step, PIPELINING not offered."""

    def __init__(self, world, kind, name, nextport, xforward, reader, writer):
        self.world, self.kind, self.name, self.nextport, self.xforward = world, kind, name, nextport, xforward
        self.forwarded = []
        self.reader, self.writer = reader, writer
        self.reset()

    def reset(self):
        self.sender, self.envid, self.recipients = None, "", []

    async def say(self, line):
        self.writer.write(line.encode() + b"\r\n")
        await self.writer.drain()

    async def run(self):
        try:
            await self.say("220 %s.example.test ready" % self.name)
            while True:
                line = (await self.reader.readline()).decode("utf-8", "replace").rstrip("\r\n")
                if not line or line.upper() == "QUIT":
                    await self.say("221 2.0.0 Bye")
                    return
                await self.command(line)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self.writer.close()

    async def command(self, line):
        verb = line.split(" ")[0].upper()
        if verb in ("EHLO", "LHLO", "HELO"):
            more = "250-XFORWARD NAME ADDR PORT PROTO HELO IDENT SOURCE\r\n" if self.xforward else ""
            await self.say("250-%s.example.test\r\n%s250-DSN\r\n250-ENHANCEDSTATUSCODES\r\n250 8BITMIME" % (
                self.name, more))
        elif verb == "XFORWARD":
            self.forwarded.append(line)
            await self.say("250 2.0.0 Ok")
        elif verb == "MAIL":
            self.reset()
            self.sender = re.search(r"<([^>]*)>", line).group(1)
            envid = re.search(r"ENVID=(\S+)", line)
            self.envid = envid.group(1) if envid else ""
            await self.say("250 2.1.0 Ok")
        elif verb == "RCPT":
            await self.recipient(re.search(r"<([^>]*)>", line).group(1))
        elif verb == "DATA":
            await self.data()
        elif verb in ("RSET", "NOOP"):
            await self.say("250 2.0.0 Ok")
        else:
            await self.say("500 5.5.2 what?")

    async def recipient(self, address):
        outcome, reply = "accepted", "250 2.1.5 Ok"
        if self.kind != "filter":
            outcome, reply = self.world.verdict(self.envid or self.sender, address)
        if outcome == "accepted":
            self.recipients.append(address)
        else:
            self.world.tell(outcome, self.name, self.envid, "", self.sender, address)
        await self.say(reply)

    async def data(self):
        if not self.recipients:
            await self.say("554 5.5.1 no recipients")
            return
        await self.say("354 go on")
        lines = []
        while True:
            line = await self.reader.readline()
            if not line or line == b".\r\n":
                break
            lines.append(line[1:] if line.startswith(b".") else line)
        text = b"".join(lines)
        if self.kind == "filter":
            await self.say(await asyncio.get_running_loop().run_in_executor(None, self.reinject, text))
            return
        found = re.search(rb"^message-id:\s*(.*?)\s*$", text.split(b"\r\n\r\n")[0], re.I | re.M)
        message_id = found.group(1).decode() if found else ""
        if self.sender == "":
            # A notification tells by its ENVID which message it is about.
            about = re.findall(rb"^message-id:\s*<(.*?)>\s*$", text, re.I | re.M)
            self.envid = about[1].decode() if len(about) > 1 else self.envid
        self.world.serial += 1
        replies = set()
        for address in self.recipients:
            outcome, reply = self.world.verdict(message_id, address, "-data")
            if outcome == "accepted":
                outcome, reply = "delivered", "250 2.0.0 <%s> %08x Saved" % (address, self.world.serial)
            self.world.tell(outcome, self.name, self.envid, message_id, self.sender, address)
            if self.kind == "lmtp":
                await self.say(reply)
            replies.add(reply if outcome != "delivered" else "250 2.0.0 Ok: queued as 4F%06XC" % self.world.serial)
        if self.kind == "smtp":
            assert len(replies) == 1, "no one reply to %s" % message_id
            await self.say(replies.pop())

    def reinject(self, text):
        """A content filter: the same mail to the next port, its reply wrapped as amavis does."""
        with smtplib.SMTP("127.0.0.1", self.nextport) as next_hop:
            next_hop.ehlo("filter.example.test")
            for line in self.forwarded:
                next_hop.docmd(line)
            self.forwarded = []
            options = ["ENVID=" + self.envid] if self.envid else []
            next_hop.mail(self.sender, options)
            for address in self.recipients:
                next_hop.rcpt(address)
            code, reply = next_hop.data(text)
        reply = reply.decode().replace("\n", " ")
        return "%d 2.0.0 from MTA(smtp:[127.0.0.1]:%d): %d %s" % (code, self.nextport, code, reply)


async def main():
    options = argparse.ArgumentParser()
    options.add_argument("--truth", required=True)
    options.add_argument("--rules", required=True)
    options.add_argument("listeners", nargs="+")
    options = options.parse_args()
    world = World(options.truth, options.rules)
    servers = []
    for listener in options.listeners:
        kind, name, where, *rest = listener.split(":")
        nextport = int(rest[1]) if kind == "filter" else 0

        def serve(reader, writer, kind=kind, name=name, nextport=nextport, xforward=len(rest) > 2):
            return Session(world, kind, name, nextport, xforward, reader, writer).run()

        if kind == "lmtp" and not rest:
            servers.append(await asyncio.start_unix_server(serve, where, limit=1 << 20))
            os.chmod(where, 0o666)
        else:
            servers.append(await asyncio.start_server(serve, where, int(rest[0]), limit=1 << 20))
    open(options.truth + ".ready", "w").close()
    await asyncio.gather(*(server.serve_forever() for server in servers))


asyncio.run(main())
