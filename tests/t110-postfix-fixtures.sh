#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The logs that real Postfix wrote in the t5NN tests, kept in data/postfix: the
# figures of each must be what those tests sent and received. Needs no Postfix.
# POSTFIX_SAVE=tests/data/postfix on a t5NN test makes its fixture anew.
set -euo pipefail
export TZ=UTC LC_ALL=C
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
for fixture in "$here"/data/postfix/*/; do
	name=$(basename "$fixture")
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
