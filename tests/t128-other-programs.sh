#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Small logs of Sendmail and Exim, made line by line as these write them, every
# figure known: who submits mail is no list, whatever is read first.
set -euo pipefail
. "$TOP_SRCDIR/tests/run.sh"
. "$TOP_SRCDIR/tests/cases.sh"

# sendmail TIME ID TEXT...: a line.
sendmail() {
	printf 'Nov 14 %s mx sm-mta[42]: %s: %s\n' "$1" "$2" "${*:3}"
}

# A user of the host writes to three people: each line names him (ctladdr=), as one names the alias of whom it tells.
{
	sendmail 10:00:00 6AE8T1qR004701 'from=<u01@x>, size=500, class=0, nrcpts=3, msgid=<a@y>, proto=ESMTP, daemon=MTA, relay=pc [192.0.2.1]'
	for mailbox in m1@z m2@z m3@z; do
		sendmail 10:00:01 6AE8T1qR004701 "to=<$mailbox>, ctladdr=<u01@x> (1001/1001), delay=00:00:01, xdelay=00:00:00, mailer=esmtp, pri=30500, relay=mx.z. [192.0.2.9], dsn=2.0.0, stat=Sent (ok)"
	done
} >submitter.log
case_of submitter <<'EOT'
hours|3
EOT

finish
