#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Storms as other systems than Postfix log them: each figure of every view is what
# stormgen(1) says happened, as far as a log of that format can tell it; and that is what
# truth/count.py finds in the lines.
set -euo pipefail
. "$TOP_SRCDIR/tests/run.sh"
. "$TOP_SRCDIR/tests/storms.sh"
command -v python3 >/dev/null || { echo "skipped: no python3"; exit 77; }

usual="--members 400 --posts 20 --posters 8 --duration 70m --min-recipients 300 --min-pairs 4000"
all="--deferred 5 --bounced 1 --expired 1 --external 10 --auto-replies 3 --background 0.2 --lifetime 6h"
some="--bounced 1 --external 10 --auto-replies 3 --background 0.2"

exchange() {
	local version

	for version in 2007 2010 2013 2016; do
		echo "exchange-$version: --exchange $version --hops 2 $some --nested 3 --duplicate --close-after 16"
	done
	cat <<-END
		exchange: --members 2500
		exchange-1: --exchange 2007 $all
		exchange-ends: --hops 2 --nested 3 $all --close-after 16
		exchange-mixed: --exchange mixed --hops 2 --hosts 3 --mailbox-hosts 4 --nested 40 $some
		exchange-restricted: --hops 2 --closing restricted --close-after 16 $some
		exchange-recipient-set: --shape recipient-set --hops 2 $all
		exchange-disorder: --hops 2 --nested 5 --duplicate --disorder 30s --duplicates 20 $all
		exchange-filebeat: --hops 2 --envelope filebeat --duplicate $some
		exchange-no-subjects: --subjects none --posts 30 --hops 2
		exchange-running: --hops 2 --until 90m --rate 3 --deferred 5 --background 0.2
		exchange-local: --hops 2 --local-domains $some
	END
}

exim() {
	cat <<-END
		exim: --envelope iso $all --close-after 16
		exim-2: --hops 2 --envelope rfc3164 $all --close-after 16
		exim-old: --hops 2 --envelope rfc5424 --queue-ids short $all
		exim-nested: --envelope rfc3164 --nested 4 --local-domains $some
		exim-no-queue-time: --hops 2 --envelope vector --queue-time no $all
		exim-mailman: --hops 2 --envelope rfc3164 --shape mailman $all --close-after 16
		exim-verp: --envelope iso --shape verp $some
		exim-recipient-set: --hops 2 --envelope iso --shape recipient-set $some
		exim-disorder: --hops 2 --envelope rfc3164 --disorder 30s --duplicates 20 $some
		exim-lost: --hops 2 --envelope rfc3164 --lost 2 --deferred 5 --bounced 1
		exim-no-subjects: --hops 2 --envelope iso --subjects none --posts 30
	END
}

# Without subjects five must write. Where reports go back to a list server, of which nobody else makes a relay of ours,
# it stays open whether they were delivered there.
sendmail() {
	local open="--deferred 5 --external 10 --background 0.2"

	cat <<-END
		sendmail: $all
		sendmail-2: --hops 2 --envelope iso $all
		sendmail-owner: --owner-alias $all --close-after 18
		sendmail-owner-2: --owner-alias --hops 2 --envelope iso $open
		sendmail-owner-disorder: --owner-alias --envelope rfc5424 --disorder 30s --duplicates 20 $some
		sendmail-owner-person: --owner-alias --owner-person --hops 2 $open
		sendmail-mailman: --shape mailman --envelope iso $all --close-after 18
		sendmail-recipient-set: --shape recipient-set --hops 2 --envelope iso $some
		sendmail-disorder: --hops 2 --disorder 30s --duplicates 20 --envelope iso $some
	END
}

m365() {
	local open="--bounced 1 --auto-replies 3 --background 0.2" trace

	cat <<-END
		m365-summary: --trace summary --nested 5 $some --close-after 16
		m365-summary-wide: --trace summary --utf-16 $open
		m365-extended: --trace extended --hops 2 --nested 3 $some
		m365-extended-wide: --trace extended --utf-16 $some --close-after 16
		m365-recipient-set: --trace summary --shape recipient-set $open
		m365-no-subjects: --trace array --posts 30 --subjects none
	END
	for trace in value results array; do
		echo "m365-$trace: --trace $trace $some --local-domains"
	done
}

storms() {
	exchange | sed 's/:/: --format exchange/'
	exim | sed 's/:/: --format exim/'
	m365 | sed 's/:/: --format m365/'
	sendmail | sed "s/:/: --format sendmail $usual --posts 24 --posters 14/"
}

judge_storms

# noticed FORMAT PATTERN [OPTION...]: the count sees that the first of such lines of the storm is missing.
noticed() {
	make_storm whole $usual --members 100 --bounced 2 --external 10 --hops 2 --deferred 5 "${@:3}" --format "$1" || return 0
	python3 "$tests/truth/count.py" "$1" whole.truth whole.log >whole.counted || fail "$1: $(tail -n 3 whole.counted)"
	awk -v pattern="$2" '!($0 ~ pattern && n++ == 0)' whole.log >short.log
	[ "$(($(wc -l <whole.log) - $(wc -l <short.log)))" -eq 1 ] || fail "$1: no line with $2"
	python3 "$tests/truth/count.py" "$1" whole.truth short.log >/dev/null && fail "$1: a line with $2 is missing, and nobody notices"
	:
}

for event in DELIVER SEND SENDEXTERNAL FAIL DEFER DSN; do
	noticed exchange ",$event,"
done
for flag in '=>' '->' '==' '[*][*]' '<= <>'; do
	noticed exim " $flag " --envelope iso
done
for fate in 'stat=Sent$' 'Message accepted' 'queued as' 'Deferred' 'User unknown' 'DSN'; do
	noticed sendmail "$fate" --envelope iso --posters 14
done
noticed m365 Deliver --trace summary

# apart NAME OPTION...: the same of files of each server's own, which lie in the folder NAME.
apart() {
	mkdir "$1"
	"$stormgen" "${@:2}" $usual $some --output-dir "$1" --truth "$1.truth" 2>"$1.said" || fail "stormgen: $(cat "$1.said")"
	sed -n 's/^#conf //p' "$1.truth" >"$1.conf"
	find "$1" -mindepth 1 -type d -printf 'host "*/%f/*" { name = "%f" }\n' >>"$1.conf"
	find "$1" -type f | sort >"$1.files"
	dated $(cat "$1.files")
	configuration=$1.conf take_in "$1.db" $(cat "$1.files") && true_to "$1.db" "$1.truth"
}

# Exchange's have their own headers; and a shipper may keep the byte order mark.
apart exchange --format exchange --exchange mixed --hops 2 --mailbox-hosts 3 --nested 3
expect "headers" 4 "$(grep -h '^#Fields' exchange/*.log | sort -u | wc -l)"
sed -i '1 s/^/\xef\xbb\xbf/' exchange/lists1.log
dated exchange/lists1.log
configuration=exchange.conf take_in marked.db exchange/*.log && true_to marked.db exchange.truth
# Exim's main logs tell no host, their paths do; and their time is local.
apart exim --format exim --hops 2 --timezone America/New_York
finish
