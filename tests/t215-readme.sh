#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What README.md shows of the demonstration's storm is what mailstorm prints.
set -euo pipefail
. "$TOP_SRCDIR/tests/run.sh"

eval "$(sed -n '/^sample_storm=(/,/)$/p' "$TOP_SRCDIR/contrib/demo")"
make_storm storm "${sample_storm[@]}"
take_in storm.db storm.log

# shown COMMAND...: the lines below that command in README.md, as far as they go.
shown() {
	awk -v command="\$ mailstorm --db storm.db $*" '$0 == command { on = 1; next } /^```$/ { on = 0 } on && $0 != "..."' \
		"$TOP_SRCDIR/README.md"
}

for command in show timeline; do
	shown "$command" 1 >shown
	[ -s shown ] || fail "README.md does not show mailstorm $command"
	"$mailstorm" --db storm.db "$command" 1 >printed
	head -n "$(wc -l <shown)" printed | diff shown - || fail "mailstorm $command: README.md"
done
finish
