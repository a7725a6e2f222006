# SPDX-License-Identifier: Apache-2.0
#
# Sourced, after run.sh, by tests that list storms: each is made, read and compared
# with its truth, two at once. The script defines storms(), which prints a storm a
# line: its name, then stormgen's options; and $usual, the options of those that say
# nothing of their size. A failure names the storm and the figures.

# counted NAME OPTION...: the truth of another format than Postfix's is what a count of its lines says, which shares
# nothing with the generator. Where lines were told again nothing can be counted.
counted() {
	local all="$* " format

	format=${all#*--format }
	case $all in
	*" --duplicates "* | *" --lost "*) return ;;
	*" --format "*) ;;
	*) return ;;
	esac
	python3 "$tests/truth/count.py" "${format%% *}" "$1.truth" "$1.log" >"$1.counted" 2>&1 || {
		fail "the truth of $1 is not what its lines say"
		lines 12 <"$1.counted"
	}
}

# judge NAME OPTION...: in a folder of its own.
judge() {
	local name=$1 left

	shift
	mkdir "$name"
	cd "$name"
	case " $* " in
	*" --storm "* | *" --members "*) ;;
	*) set -- $usual "$@" ;;
	esac
	make_storm "$name" "$@" || return 0
	counted "$name" "$@"
	sed -n 's/^#conf //p' "$name.truth" >"$name.conf"
	configuration=$name.conf take_in "$name.db" "$name.log" || return 0
	true_to "$name.db" "$name.truth" || :
	case " $* " in
	*" newsletter "* | *" bulk-sender "*) expect incidents 0 "$(query "$name.db" "SELECT count(*) FROM incidents")" ;;
	*) expect incidents 1 "$(query "$name.db" "SELECT count(*) FROM incidents")" ;;
	esac
	case " $* " in
	*" --lost "* | *" --until "*) ;;
	*)
		left=$(query "$name.db" "SELECT ifnull(sum(pending + unaccounted), 0) FROM incidents")
		expect "pending or unaccounted" 0 "$left"
		;;
	esac
	expect "lines without a rule" 0 "$(query "$name.db" "SELECT sum(unparsed) FROM sources")"
}

judge_storms() {
	local name options out count=0

	while IFS=: read -r name options; do
		# shellcheck disable=SC2086
		(judge "$name" $options) >"$name.out" 2>&1 || echo "FAILED: the test itself" >>"$name.out" &
		[ "$(jobs -rp | wc -l)" -lt 2 ] || wait -n || :
	done < <(storms | sed 's/: */:/')
	wait

	for out in *.out; do
		name=${out%.out}
		count=$((count + 1))
		if [ -s "$out" ]; then
			fail "$name"
			sed 's/^/  /' "$out"
		fi
		[ -e "$name/failed" ] || rm -rf "$name"
	done
	expect "storms" "$(storms | wc -l)" "$count"
	echo "$count storms"
}
