#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The logs that real Exim and Sendmail wrote in the t510 and t520 tests, kept in
# data/exim and data/sendmail: the figures of each must be what those tests sent and
# received. Needs neither. POSTFIX_SAVE=tests/data/exim on the t51N test, tests/data/sendmail
# on the t52N test make them anew.
set -euo pipefail
export TZ=UTC LC_ALL=C
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
for fixture in "$here"/data/exim/*/ "$here"/data/sendmail/*/; do
	name=$(basename "$(dirname "$fixture")")-$(basename "$fixture")
	mkdir "$work/$name"
	for log in "$fixture"*.log.gz; do
		gzip -dc "$log" >"$work/$name/$(basename "$log" .gz)"
	done
	echo "$name:"
	"$here/postfix/judge.sh" "$fixture/conf" "$fixture/expected" "$work/$name"/*.log || {
		status=$?
		[ $status != 77 ] || exit 77
		failed=$((failed + 1))
	}
done
exit $((failed > 0))
