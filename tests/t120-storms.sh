#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Storms of every shape, read from files: each figure of every view is what
# stormgen(1) says happened, to the last delivery, minute and mailbox. Where the
# logs are complete, nothing is pending and nothing is unaccounted. A storm a
# line below: its name, then stormgen's options; two run at once. A failure names
# the storm and the figures.
set -euo pipefail
. "$TOP_SRCDIR/tests/run.sh"
. "$TOP_SRCDIR/tests/storms.sh"

# Small storms have small thresholds. "all" is every way in which a delivery may go.
usual="--members 400 --posts 20 --posters 8 --duration 70m --min-recipients 300 --min-pairs 4000"
all="--deferred 5 --bounced 1 --expired 1 --external 10 --auto-replies 3 --background 0.5 --lifetime 6h"

storms() {
	local shape hops

	for hops in 1 2 3; do
		for shape in virtual alias mailman verp; do
			echo "$shape-$hops: --shape $shape --hops $hops $all --close-after 16"
		done
		# A set has no address that could be refused.
		echo "recipient-set-$hops: --shape recipient-set --hops $hops $all"
		echo "short-$hops: --hops $hops --queue-ids short --deferred 5 --bounced 1 --background 1"
		echo "disorder-$hops: --hops $hops --disorder 30s --duplicates 30 $all"
		echo "disorder-short-$hops: --hops $hops --disorder 30s --queue-ids short --deferred 5 --bounced 1"
		echo "lost-$hops: --hops $hops --lost 2 --deferred 5 --bounced 1"
	done
	# Nothing bounces with an owner alias: the owner gets the reports then, and whether such mail is a bystander's is left
	# open by the truth, but for its p95.
	cat <<-END
		filter-before: --hops 3 --filter before --queue-ids short $all
		owner-alias: --shape alias --hops 2 --owner-alias --deferred 5 --external 10 --background 0.5
		mailman-disorder: --shape mailman --hops 2 --disorder 30s --duplicates 20 --deferred 5 --bounced 1
		verp-disorder: --shape verp --hops 2 --disorder 30s --duplicates 20 --deferred 5
		recipient-set-disorder: --shape recipient-set --hops 2 --disorder 30s --duplicates 20 --deferred 5
		mailman-lost: --shape mailman --hops 2 --lost 2 --deferred 3
		alias-lost: --shape alias --hops 2 --lost 2 --deferred 3
		hosts: --hosts 3 --mailbox-hosts 4 --hops 2 --chunk 7 $all
		running: --hops 2 --until 90m --deferred 20 --rate 5 --background 0.5
		no-subjects: --hops 2 --subjects none --posts 30
		subjects: --hops 2 --subjects subject $all
		local: --hops 2 --local-domains $all
		small: --storm small
		newsletter: --storm newsletter --scale 10
		bulk-sender: --storm bulk-sender --scale 10
	END
	for envelope in rfc5424 iso filebeat rsyslog-json fluentbit vector; do
		echo "$envelope: --hops 2 --envelope $envelope --deferred 2 --auto-replies 3"
	done
	# The clocks go back from 02:00 to 01:00 at 06:00 UTC, in the midst of it, or forward at 07:00 UTC.
	cat <<-END
		autumn: --hops 2 --timezone America/New_York --start 2016-11-06T05:10:00Z $all
		spring: --hops 2 --timezone America/New_York --start 2016-03-13T06:10:00Z --year 2016 $all
		autumn-iso: --hops 2 --envelope iso --timezone Europe/London --start 2016-10-30T00:10:00Z
		mailboxes: --members 1200 --posts 151 --posters 80 --hops 2 --deferred 1 --bounced 0.1 --auto-replies 20
	END
}

judge_storms

# As journalctl writes it with -o with-unit, where the unit stands in place of the tag, and as templates do that begin with
# the seconds since 1970.
make_storm rfc3164 $usual $all --hops 2 --close-after 16
sed -n 's/^#conf //p' rfc3164.truth >storm.conf
sed -E 's/^Nov 14 ([^ ]*) ([^ ]*) postfix[^[]*/Mon 2016-11-14 \1 UTC \2 postfix@-.service/' rfc3164.log >unit.log
awk '{ split($3, t, ":"); sub(/^Nov 14 [0-9:]*/, 1479081600 + t[1] * 3600 + t[2] * 60 + t[3]); print }' rfc3164.log >seconds.log
dated unit.log seconds.log
for form in unit seconds; do
	expect "$form: lines made so" 0 "$(grep -c '^Nov' $form.log || :)"
	configuration=storm.conf take_in $form.db $form.log && true_to $form.db rfc3164.truth
	expect "$form: lines not understood" '0|0' "$(query $form.db "SELECT sum(ignored), sum(unparsed) FROM sources")"
done
finish
