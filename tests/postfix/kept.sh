#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# kept.sh FIXTURE...: logs that real servers wrote, kept with the figures that
# are expected of them (data/*/*): judges each. 77 if it cannot be judged here.
set -euo pipefail
export TZ=UTC LC_ALL=C
kit=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
for fixture in "$@"; do
	name=$(basename "$(dirname "$fixture")")-$(basename "$fixture")
	mkdir "$work/$name"
	for log in "$fixture"/*.log.gz; do
		gzip -dc "$log" >"$work/$name/$(basename "$log" .gz)"
	done
	echo "$name:"
	"$kit/judge.sh" "$fixture/conf" "$fixture/expected" "$work/$name"/*.log || {
		status=$?
		[ $status != 77 ] || exit 77
		failed=$((failed + 1))
	}
done
exit $((failed > 0))
