#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# stormgen.sh [STORMGEN]: stormgen's truth agrees with an independent count of
# its lines (count.awk), in every shape and number of hops; a seed gives one
# storm; a change of one line is noticed. Prints what differs, exits 1 then.
set -eu

stormgen=${1:-${STORMGEN:-./stormgen}}
here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

make_storm()
{
	"$stormgen" --storm small --members 130 --rate 5 --min-recipients 50 --min-pairs 1000 \
		--output "$work/log" --truth "$work/truth" "$@" 2> "$work/said" || {
		cat "$work/said"
		exit 1
	}
}

count()
{
	awk -f "$here/count.awk" "$work/truth" "$work/log" "$work/log" > "$work/out"
}

agree()
{
	make_storm "$@"
	if ! count; then
		echo "stormgen.sh: $*:"
		cat "$work/out"
		exit 1
	fi
}

for hops in 1 2 3; do
	for shape in virtual alias mailman verp; do
		agree --shape "$shape" --hops "$hops"
	done
	agree --shape recipient-set --close-after 0 --hops "$hops"
done
agree --hops 3 --filter before --queue-ids short
agree --shape alias --hops 2 --owner-alias
agree --lost 5
agree --until 20m --rate 2
agree --subjects none --posts 40 --posters 9
agree --storm newsletter --members 700 --posts 2
agree --external 100 --members 40
agree --shape recipient-set --close-after 0 --recipients growing --posts 12
agree --shape recipient-set --close-after 0 --recipients apart --posts 12
agree --backscatter 1 --background 0 --null-senders --auto-replies 10
agree --topic-posts 5 --pace daily --duration 3d

make_storm
cp "$work/log" "$work/first"
cp "$work/truth" "$work/first.truth"
make_storm
cmp "$work/log" "$work/first"
cmp "$work/truth" "$work/first.truth"

make_storm --duplicates 5 --disorder 3s
sort -u "$work/log" > "$work/shuffled"
sort -u "$work/first" | cmp - "$work/shuffled"

cp "$work/first.truth" "$work/truth"
for pattern in ' status=sent (250 2.0.0 <' ' status=bounced (' ' message-id=' 'notification:'; do
	if [ "$pattern" = ' message-id=' ]; then
		awk -v p="$pattern" '!(index($0, p) && /lists1/ && ++n == 300)' "$work/first" > "$work/log"
	else
		awk -v p="$pattern" '!(index($0, p) && /Nov 14 09:/ && ++n < 200)' "$work/first" > "$work/log"
	fi
	if count; then
		echo "stormgen.sh: a line with '$pattern' is missing, and the count does not notice"
		exit 1
	fi
done
