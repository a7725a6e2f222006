#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# Writes what local(8) put into maildirs as lines of the truth (see world.py):
# HOME/NAME/Maildir/new/* is mail delivered to NAME@DOMAIN when the file, written and
# on the disk, was renamed to that (its change of status: a busy disk keeps local(8)
# waiting after the last byte was written).
#
#   maildirs.py HOME DOMAIN >>truth
import glob
import os
import re
import sys

home, domain = sys.argv[1:]
for path in glob.glob(home + "/*/Maildir/new/*"):
    name = path[len(home) + 1:].split("/")[0]
    with open(path, "rb") as file:
        text = file.read()
    sender = re.search(rb"^return-path: <(.*)>$", text, re.I | re.M).group(1).decode()
    message_ids = re.findall(rb"^message-id:\s*<(.*?)>\s*$", text, re.I | re.M)
    about = message_ids[1] if sender == "" and len(message_ids) > 1 else message_ids[0]
    print("%.6f\tdelivered\tmaildir\t%s\t<%s>\t%s\t%s@%s" % (
        os.stat(path).st_ctime, about.decode(), message_ids[0].decode(), sender, name, domain))
