# SPDX-License-Identifier: Apache-2.0
#
# The stages of contrib/bench, and what several of them share: input, replays,
# the broker. Each stage makes its input, lets its contenders take turns and
# prints a table. Sourced by contrib/bench, which says where the programs are
# ($mailstormd, $mailstorm, $stormgen, $consume, $latency), how large
# ($lines_wanted, $rounds, $scale, $seconds, $rate) and where ($work).

# storm_of MEMBERS: stormgen's options for $storm, that of November 2016 with fewer members and less ordinary mail, on
# 8 list servers and 24 mailbox servers that are as busy as those: enough hosts for 8 partitions.
storm_of() {
	storm=(--storm nhs16 --members "$1" --hosts 8 --mailbox-hosts 24 --rate "$(quotient "$1" 857)"
		--mailbox-rate "$(quotient "$1" 3000)" --background "$(quotient "$1" 10000)"
		--min-recipients "$(($1 < 1000 ? $1 : 1000))")
}

# members_for LINES: how many members it takes; the lines grow with them.
members_for() {
	local lines

	storm_of 2000
	lines=$("$stormgen" "${storm[@]}" 2>/dev/null | wc -l)
	echo $(($1 * 2000 / lines + 1))
}

# generate OPTION...: no file of more than $lines_most lines of 700 bytes, and only if the disk has that room.
generate() (
	room=$(df -Pk "$work" | awk 'END { print $4 }') most=$((lines_most * 7 / 10))
	[ "$most" -lt "$room" ] || die "$work: no room for up to $most kB of lines: set TMPDIR or BENCH_LINES"
	ulimit -f "$most"
	"$stormgen" "$@"
)

# input NAME OPTION...: $work/NAME.log and NAME.truth, made if they are not there; $log, $truth, and how many $lines.
input() {
	local mark

	mark="$(cksum <"$stormgen") ${*:2}"
	log=$work/$1.log truth=$work/$1.truth conf=$work/$1.conf
	if [ "$(cat "$work/$1.made" 2>/dev/null)" != "$mark" ]; then
		rm -f "$work/$1".*
		quietly generate "${@:2}" --output "$log" --truth "$truth"
		sed -n 's/^#conf //p' "$truth" >"$conf"
		wc -l <"$log" >"$work/$1.lines"
		echo "$mark" >"$work/$1.made"
	fi
	# Time stamps without a year are of the last year that the file's own time allows.
	touch -d "$(sed -n 's/^# last line: //p' "$truth")" "$log"
	lines=$(cat "$work/$1.lines")
	cat "$log" >/dev/null # now all contenders find it in memory, if it fits
}

# forget: no input is kept for longer than its stage, unless BENCH_DIR is set. That of file, json and kafka is the same.
forget() {
	[ -n "${BENCH_DIR:-}" ] || rm -f "$work"/{latency-*,filebeat-*,tenth}.{log,made}
}

# replay CONTENDER LOG: into a new database, $work/db.
replay() {
	rm -f "$work"/db*
	timed "$1" "$lines" "$mailstormd" -c "$conf" --rules "$rules" --db "$work/db" --file "$2"
}

# right: what was read last, $work/db, is what happened. What is wrong is shown, and makes the whole run a failure.
right() {
	if "$top/tests/truth/compare.sh" "$work/db" "$truth" >"$work/compared"; then
		note "figures: $(tail -n 1 "$work/compared") to what stormgen knows happened"
	else
		note "THE FIGURES ARE WRONG: $(tail -n 1 "$work/compared")"
		head -n 5 "$work/compared"
		wrong=$((wrong + 1))
	fi
}

describe() {
	echo "$lines lines, $(($(stat -c %s "$log") / 1000000)) MB: nhs16 with $1 members; $rounds rounds"
}

stage_json() {
	local members round size

	members=$(members_for "$lines_wanted")
	storm_of "$members"
	input "filebeat-$members" "${storm[@]}" --envelope filebeat
	size=$(($(stat -c %s "$log") / 1000000))
	input "storm-$members" "${storm[@]}"
	heading "json: $(describe "$members"), and $size MB wrapped by Filebeat"
	for ((round = 0; round < rounds; round++)); do
		replay 'raw lines' "$log"
		replay 'Filebeat' "$work/filebeat-$members.log"
	done
	row 'raw lines'
	row 'Filebeat'
	ratio 'Filebeat, of raw lines' 'Filebeat' 'raw lines' 'at most' 3
	right
}

stage_file() {
	local members round tenth

	members=$(members_for "$lines_wanted")
	storm_of "$members"
	input "storm-$members" "${storm[@]}"
	tenth=$((lines / 10))
	head -n "$tenth" "$log" >"$work/tenth.log"
	heading "file: $(describe "$members")"
	for ((round = 0; round < rounds; round++)); do
		replay 'mailstormd --file' "$log"
		# To a file: grep sees /dev/null, and looks for one line only.
		output=$work/count timed 'grep -c status=sent' "$lines" grep -c status=sent "$log"
		! command -v pflogsumm >/dev/null || timed 'pflogsumm, of a tenth' "$tenth" pflogsumm "$work/tenth.log"
	done
	row 'mailstormd --file'
	row 'grep -c status=sent'
	row 'pflogsumm, of a tenth'
	ratio 'mailstormd, of grep' 'mailstormd --file' 'grep -c status=sent' 'at most' 3
	if have pflogsumm; then
		target 'pflogsumm, of mailstormd, per line' "$(quotient "$(median 'pflogsumm, of a tenth' 4)" \
			"$(quotient "$(median 'mailstormd --file' 4)" "$(quotient "$lines" "$tenth")")")" times 'at least' 60
	fi
	right
}

# The real broker; false where it cannot be had. $brokers.
broker() {
	[ -e "$work/broker/pid" ] && return
	have java || return
	"$top/contrib/kafka/kafka" fetch >"$work/log" 2>&1 || { note "no Kafka to be had: skipped" && return 1; }
	rm -rf "$work/broker"
	quietly "$top/contrib/kafka/kafka" start "$work/broker"
	brokers=127.0.0.1:$(cat "$work/broker/port")
}

# topic NAME OPTION...: the input of that name, in a topic of that name: 8 partitions, lz4, a message a line.
topic() {
	input "$@"
	[ ! -e "$work/broker/$1.topic" ] || return 0
	quietly "$stormgen" "${@:2}" --kafka "$brokers" --topic "$1" --partitions 8
	touch "$work/broker/$1.topic"
}

# consume_storm CONTENDER TOPIC: into a new database, $work/db.
consume_storm() {
	rm -f "$work"/db*
	timed "$1" "$lines" "$mailstormd" -c "$conf" --rules "$rules" --db "$work/db" --brokers "$brokers" --topic "$2" \
		--until-end
}

# consume_bare CONTENDER TOPIC: and that it was all.
consume_bare() {
	output=$work/count timed "$1" "$lines" "$consume" "$brokers" "$2"
	grep -q "^$lines messages" "$work/count" || die "$1: not $lines messages: $(cat "$work/count")"
}

stage_kafka() {
	local members round

	broker || return 0
	members=$(members_for "$lines_wanted")
	storm_of "$members"
	topic "storm-$members" "${storm[@]}"
	heading "kafka: $(describe "$members"), 8 partitions, lz4"
	for ((round = 0; round < rounds; round++)); do
		consume_storm 'mailstormd --until-end' "storm-$members"
		consume_bare 'a bare loop of librdkafka' "storm-$members"
		! command -v kcat >/dev/null || timed 'kcat -C -e -q' "$lines" kcat -b "$brokers" -t "storm-$members" -C -e -q
	done
	row 'mailstormd --until-end'
	row 'a bare loop of librdkafka'
	row 'kcat -C -e -q'
	ratio 'mailstormd, of the bare loop' 'mailstormd --until-end' 'a bare loop of librdkafka' 'at most' 1.3
	if have kcat; then
		ratio 'mailstormd, of kcat' 'mailstormd --until-end' 'kcat -C -e -q' under 1
	fi
	right
}

# ordinary NAME HOSTS RATE SECONDS: lines of ordinary mail with today's form of time stamps, so many a second.
ordinary() {
	local mails

	# A mail is some six lines; how many is seen from a few.
	mails=$("$stormgen" "${plain[@]}" --hosts 8 --background 1000 --warmup 10s 2>/dev/null | wc -l)
	mails=$(awk -v rate="$3" -v lines="$mails" 'BEGIN { print rate * 11000 / lines }')
	input "$1" "${plain[@]}" --hosts "$2" --background "$mails" --warmup "$4s"
}
plain=(--posts 1 --hops 1 --duration 1s --tail 0s --envelope iso --queue-ids short)

# soon NAME PARTITIONS STREAM...: latencies under these streams, in a topic and a database of their own; the storms are in
# the first PARTITIONS of 8.
soon() {
	local name=$1 partitions=$2 status=0

	shift 2
	quietly "$top/contrib/kafka/kafka" topic "$work/broker" "latency-$name" 8
	rm -f "$work"/db*
	"$mailstormd" -c /dev/null --rules "$rules" --db "$work/db" --brokers "$brokers" --topic "latency-$name" \
		</dev/null 2>"$work/daemon.err" &
	daemon=$!
	"$latency" "$brokers" "latency-$name" "$partitions" "$work/db" "$seconds" "$@" >"$work/latency-$name" 2>"$work/err" || status=$?
	kill -TERM "$daemon" 2>/dev/null && wait "$daemon" || status=$?
	daemon=
	quietly "$top/contrib/kafka/kafka" delete-topic "$work/broker" "latency-$name"
	[ "$status" -eq 0 ] || note "$name: $(tail -n 1 "$work/err") $(tail -n 1 "$work/daemon.err")"
	told "$name"
}

# told NAME: the figures of a measurement of latency.
told() {
	local of

	of=$(grep -v '^#' "$work/latency-$1" | sort -g | awk '{ v[NR] = $1 } END { if (NR) print NR, v[int((NR + 1) / 2)],
		v[int((NR * 99 + 99) / 100)], v[NR] }')
	# shellcheck disable=SC2086 # the figures are words
	set -- "$1" ${of:-0 0 999999 0} $(sed -n 's/^# lines \([0-9]*\) seconds \([0-9.]*\) behind_ms \(.*\)/\1 \2 \3/p' "$work/latency-$1")
	printf '%-36s %10.0f %10.1f %10.1f %10.1f %12.0f %13.0f\n' "$1" "$2" "$3" "$4" "$5" "$(quotient "$6" "$7")" "$8"
	target "detection p99, $1" "$4" ms under 1000
}

stage_latency() {
	local long=$((seconds + 30))

	broker || return 0
	ordinary "latency-$rate" 8 "$rate" "$long"
	ordinary "latency-$rate-most" 8 $((rate * 7 / 8)) "$long"
	ordinary "latency-$rate-one" 1 $((rate / 8)) "$long"
	ordinary latency-backlog 1 1000 1800
	printf '\n== latency: under %d lines a second, from producing the line that crosses the threshold to the incident row\n' "$rate"
	printf '%-36s %10s %10s %10s %10s %12s %13s\n' '' storms 'p50 ms' 'p99 ms' 'most ms' lines/s 'bench late ms'
	soon even 8 "$work/latency-$rate.log:0-7:0"
	soon late-host 8 "$work/latency-$rate-most.log:0-7:0" "$work/latency-$rate-one.log:0-0:1800"
	soon late-partition 8 "$work/latency-$rate-most.log:0-6:0" "$work/latency-$rate-one.log:7-7:1800"
	# Half an hour of one partition comes at once, 1.8 million lines; who is behind them there, waits for them.
	soon backlog 7 "$work/latency-$rate-most.log:0-6:0" "$work/latency-backlog.log:7-7:1800:at-once"
	note 'bench late: how far the ordinary lines fell behind their own pace; where that is seconds, the machine was too busy'
}

# grow NAME MEMBERS TIMES: the storm with so many members, and with so many times the posts and the ordinary mail, on
# servers that are as many times as fast.
grow() {
	storm_of "$2"
	storm+=(--posts $((151 * $3)))
	grown=("${storm[@]}")
	for ((i = 0; i < ${#grown[@]}; i++)); do
		case ${grown[i]} in --rate | --mailbox-rate | --background)
			grown[i + 1]=$(awk -v rate="${grown[i + 1]}" -v times="$3" 'BEGIN { print rate * times }')
			;;
		esac
	done
	topic "$1" "${grown[@]}"
}

# size KIND: bytes of $work/db for each delivery or affected mailbox.
size() {
	quotient "$(($(stat -c %s "$work/db")))" "$(sqlite3 -readonly "$work/db" "SELECT $1 FROM incidents")"
}

# linear WHAT ONE MANY: what a line costs of many, against one of few: by processor time, since what else the machine
# does comes and goes; by time on the wall as a remark.
linear() {
	target "$1" "$(quotient "$(per_line "$3" 5)" "$(per_line "$2" 5)")" times 'at most' 1.25
	printf '  %-46s %10.2f times\n' '    by time on the wall' "$(quotient "$(per_line "$3" 4)" "$(per_line "$2" 4)")"
}

# per_line CONTENDER COLUMN
per_line() {
	quotient "$(median "$1" "$2")" "$(median "$1" 3)"
}

# growth AXIS: the input is not kept, as it is large.
growth() {
	local axis=$1 times round

	for times in 1 4 16; do
		case $axis in
		lines) grow "grown-$axis-$times" "$members" "$times" ;;
		mailboxes) grow "grown-$axis-$times" $((members * times)) 1 ;;
		esac
		for ((round = 0; round < rounds; round++)); do
			replay "$times x $axis, file" "$log"
			consume_storm "$times x $axis, Kafka" "grown-$axis-$times"
			consume_bare "$times x $axis, bare loop" "grown-$axis-$times"
		done
		row "$times x $axis, file"
		row "$times x $axis, Kafka"
		row "$times x $axis, bare loop"
		note "$(printf 'database: %.1f MB, %.1f bytes for each delivery, %.0f for each affected mailbox' \
			"$(quotient "$(stat -c %s "$work/db")" 1000000)" "$(size deliveries)" "$(size mailboxes)")"
		right
		rm -f "$log" "$work/grown-$axis-$times.made"
		quietly "$top/contrib/kafka/kafka" delete-topic "$work/broker" "grown-$axis-$times"
		rm -f "$work/broker/grown-$axis-$times.topic"
	done
	linear "a line of 16 x $axis, of 1 x, file" "1 x $axis, file" "16 x $axis, file"
	linear "a line of 16 x $axis, of 1 x, Kafka" "1 x $axis, Kafka" "16 x $axis, Kafka"
}

stage_growth() {
	local members

	broker || return 0
	members=$(members_for $((lines_wanted / 8)))
	heading "growth: from $((lines_wanted / 8)) lines and $members mailboxes on, first more lines, then more of both; $rounds rounds"
	growth lines
	growth mailboxes
}

later() {
	printf '2016-11-%sT12:00:00.000000+00:00 mx9 postfix/smtpd[1]: disconnect from unknown[192.0.2.1]\n' "$1"
}

# Days later, in $work/db: at a checkpoint that is not the last one the posts' sets leave it, and their space is given back.
over() {
	local i

	{
		later 15
		sleep 3
		later 16
		for ((i = 0; i < 120; i++)); do
			sleep 1
			[ "$(sqlite3 -readonly "$work/db" 'SELECT count(*) FROM state_set WHERE message > 0')" != 0 ] || break
		done
		later 18
		sleep 3
	} | "$mailstormd" -c "$work/whole.conf" --rules "$rules" --db "$work/db" --file - 2>"$work/err" ||
		die "$stage: $(tail -n 3 "$work/err")"
}

# whole RSS_LIMIT OPTION...: the storm of November 2016 from a pipe, at $scale, into $work/$stage.db. At its height more
# queue files wait than the limit that is the default: with that one much of the time would go into putting them aside.
whole() {
	local limit=$1 from to bytes

	shift
	truth=$work/$stage.truth
	storm=(--scale "$scale" --min-recipients 1000 --min-pairs 25000 --envelope iso "$@")
	rm -f "$work/$stage".db*
	echo 'limits { pending_messages = 10000000 }' >"$work/whole.conf"
	printf '\n== %s: stormgen %s | mailstormd --file -, with %s\n' "$stage" "${storm[*]}" "$(cat "$work/whole.conf")"
	from=$EPOCHREALTIME
	"$stormgen" "${storm[@]}" --output - --truth "$truth" 2>"$work/said" |
		/usr/bin/time -q -o "$work/time" -f '%U %S %M' "$mailstormd" -c "$work/whole.conf" --rules "$rules" \
			--db "$work/$stage.db" --file - 2>"$work/err" || die "$stage: $(tail -n 3 "$work/said" "$work/err")"
	to=$EPOCHREALTIME
	lines=$(sed -n 's/^stormgen: \([0-9]*\) lines.*/\1/p' "$work/said")
	ran mailstormd "$lines" "$from" "$to"
	note "$lines lines in $(median mailstormd 4) s, $(quotient "$lines" "$(median mailstormd 4)") a second; stormgen takes a part of the processors"
	note "$(median mailstormd 5) s of processor for mailstormd alone"
	cp "$work/$stage.db" "$work/db"
	right
	note "the database, as the run left it: $(quotient "$(stat -c %s "$work/db")" 1000000) MB"
	over
	bytes=$(stat -c %s "$work/db")
	# What is the same in a storm of any size weighs in small ones: these are no measure.
	if [ "$scale" -eq 1 ]; then
		target 'peak RSS' "$(quotient "$(median mailstormd 6)" 1024)" MB under "$limit"
		target 'the database, once it is over' "$(quotient "$bytes" 1000000)" MB under 100
		target 'the database, for each affected mailbox' "$(size mailboxes)" bytes under 60
	else
		note "RSS $(quotient "$(median mailstormd 6)" 1024) MB; the database, once it is over, $(quotient "$bytes" 1000000)" \
			"MB, $(size mailboxes) bytes for each affected mailbox; targets are for the full size"
	fi
	note "$(size deliveries) bytes for each delivery; of the database, $(sqlite3 -readonly "$work/db" \
		'SELECT printf("%.2f", f.freelist_count * p.page_size / 1e6) FROM pragma_freelist_count AS f, pragma_page_size AS p') MB are free pages"
}

stage_whole() {
	whole 512 --storm nhs16
}

stage_official() {
	whole 512 --storm nhs16-official
}

stage_chunks() {
	whole 512 --storm nhs16 --shape mailman
}

stage_single() {
	whole 1536 --storm nhs16 --shape verp
}

# ask COMMAND...: a command of mailstorm, some times; its time is a target but for the one that prints all mailboxes.
ask() {
	local round label="${*/$mailbox/ADDRESS}"

	for ((round = 0; round < rounds; round++)); do
		allowed=4 timed "$label" 0 "$mailstorm" --db "$database" "$@"
	done
	if [ "$label" = "affected 1" ]; then
		note "$(printf '%-46s %10.2f ms, for all mailboxes' "$label" "$(quotient "$(median "$label" 4)" 0.001)")"
	else
		target "$label" "$(quotient "$(median "$label" 4)" 0.001)" ms under 100
	fi
}

# The database of the whole storm if it was made, else of its first posts.
stage_queries() {
	local host mailbox

	database=$work/whole.db
	if [ ! -e "$database" ]; then
		stage=beginning whole 512 --storm nhs16 --posts 15 --posters 9 --auto-replies 2
		database=$work/beginning.db
	fi
	host=$(sqlite3 -readonly "$database" 'SELECT host FROM hours WHERE host IS NOT NULL LIMIT 1')
	mailbox=$(sqlite3 -readonly "$database" 'SELECT mailbox FROM affected WHERE incident_id = 1 LIMIT 1 OFFSET 600')
	printf '\n== queries: mailstorm on %s, %s mailboxes affected, medians of %s\n' "${database##*/}" \
		"$(sqlite3 -readonly "$database" 'SELECT count(*) FROM affected')" "$rounds"
	ask incidents
	ask show 1
	ask --format json show 1
	ask timeline 1
	ask --format json timeline 1
	ask posts 1
	ask posts --message-ids 1
	ask affected --mailbox "$mailbox" 1
	ask affected 1
	ask queued 1
	ask queued --ids --host "$host" 1
	ask ledger 1
	ask lists
	ask hours
	ask --format json hours
	ask hours --host "$host"
	ask status
	ask --format json status
}

# Another program's benchmark.
stage_memory() {
	if [ -x "$top/contrib/bench-memory" ]; then
		printf '\n== memory\n'
		"$top/contrib/bench-memory" --build "$built"
	else
		note "memory: contrib/bench-memory is not there: skipped"
	fi
}
