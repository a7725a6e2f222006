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
some="--bounced 1 --external 10 --auto-replies 3 --background 0.5"

exchange() {
	local version

	for version in 2007 2010 2013 2016; do
		echo "exchange-$version: --exchange $version --hops 2 $some --nested 3 --duplicate --close-after 16"
	done
	cat <<-END
		exchange: --members 2500
		exchange-1: $some
		exchange-mixed: --exchange mixed --hops 2 --hosts 3 --mailbox-hosts 4 --nested 40 $some
		exchange-restricted: --hops 2 --closing restricted --close-after 16 $some
		exchange-recipient-set: --shape recipient-set --hops 2 $some
		exchange-disorder: --hops 2 --nested 5 --disorder 30s --duplicates 30 $some
		exchange-filebeat: --hops 2 --envelope filebeat --duplicate $some
		exchange-no-subjects: --subjects none --posts 30 --hops 2
		exchange-running: --hops 2 --until 90m --rate 3
		exchange-local: --hops 2 --local-domains $some
	END
}

storms() {
	exchange | sed 's/:/: --format exchange/'
}

judge_storms

# Each server's own file, with its own header; a byte order mark before the first.
"$stormgen" --format exchange --exchange mixed --hops 2 --mailbox-hosts 3 $usual $some --nested 3 --output-dir . \
	--truth files.truth 2>files.said || fail "stormgen --output-dir: $(cat files.said)"
sed -i '1 s/^/\xef\xbb\xbf/' lists1.log
dated ./*.log
sed -n 's/^#conf //p' files.truth >files.conf
expect "headers" 4 "$(grep -h '^#Fields' ./*.log | sort -u | wc -l)"
configuration=files.conf take_in files.db ./*.log && true_to files.db files.truth
finish
