#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Runs one integration test, for make check: in an empty folder of its own
# (tests/scratch/NAME in the build folder, kept if the test fails), for ten minutes
# at most. TOP_SRCDIR and TOP_BUILDDIR name the sources and the build, whose programs
# come first in PATH, and read the rules of the sources. Brokers that the test left
# running in its folder are killed. Hands on the test's exit status.
set -u

test=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
scratch=$TOP_BUILDDIR/tests/scratch/$(basename "$1" .sh)
TOP_SRCDIR=$(cd "$TOP_SRCDIR" && pwd)
export PATH=$TOP_BUILDDIR:$PATH
export MAILSTORM_RULES_DIRECTORY=${MAILSTORM_RULES_DIRECTORY:-$TOP_SRCDIR/parsers}
export PYTHONDONTWRITEBYTECODE=1
rm -rf "$scratch"
mkdir -p "$scratch" && cd "$scratch" || exit 99

limit=${TEST_TIMEOUT:-600}
timeout --kill-after=10 "$limit" bash "$test" </dev/null
result=$?
[ "$result" -eq 124 ] && echo "$(basename "$test"): stopped after $limit seconds"

find "$scratch" -name server.properties | while read -r properties; do
	[ -e "$(dirname "$properties")/pid" ] && "$TOP_SRCDIR/contrib/kafka/kafka" kill "$(dirname "$properties")" 2>/dev/null
done
cd / || exit 99
case $result in
0 | 77) rm -rf "$scratch" ;;
*) echo "$(basename "$test"): failed ($result); what it made is in $scratch" ;;
esac
exit "$result"
