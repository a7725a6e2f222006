#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The daemon as a service: what it tells a stand-in for the service manager
# (READY, WATCHDOG, STOPPING), SIGHUP while reading, SIGTERM; and the unit file.
set -euo pipefail
export LC_ALL=C
command -v python3 >/dev/null || { echo "skipped: no python3"; exit 77; }
top=${TOP_SRCDIR:-$(cd "$(dirname "$0")/.." && pwd)}
mailstormd=${TOP_BUILDDIR:-.}/mailstormd
work=$(mktemp -d)
listener= daemon=
cleanup() {
	[ -z "$daemon" ] || kill -9 "$daemon" 2>/dev/null || :
	[ -z "$listener" ] || kill "$listener" 2>/dev/null || :
	rm -rf "$work"
}
trap cleanup EXIT

fail() {
	echo "failed: $*"
	echo "told:" && cat "$work/told"
	echo "said:" && cat "$work/said"
	exit 1
}

# until SECONDS COMMAND...: true as soon as the command is.
until_true() {
	local end=$((SECONDS + $1))

	shift
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.1
	done
}

python3 - "$work/notify" >"$work/told" <<'PY' &
import os, socket, sys
listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
listener.bind(sys.argv[1])
while True:
    print(listener.recv(4096).decode(), flush=True)
PY
listener=$!
until_true 10 test -S "$work/notify" || fail "no stand-in"

zcat "$top/tests/data/postfix/virtual/lists.log.gz" >"$work/all.log"
head -1000 "$work/all.log" >"$work/mail.log"
cat >"$work/conf" <<EOF
store { path = "$work/db" }
input { timezone = "UTC" }
storm { min_recipients = 5000 }
EOF
NOTIFY_SOCKET=$work/notify WATCHDOG_USEC=400000 "$mailstormd" -v -c "$work/conf" --rules "$top/parsers" \
	--follow "$work/mail.log" 2>"$work/said" &
daemon=$!
until_true 20 grep -q '^READY=1' "$work/told" || fail "no READY"
until_true 20 grep -q '^WATCHDOG=1' "$work/told" || fail "no WATCHDOG"
lines() { [ "$(sqlite3 "file:$work/db?mode=ro" 'SELECT coalesce(sum(lines), 0) FROM sources' 2>/dev/null)" = "$1" ]; }
incidents() { [ "$(sqlite3 "file:$work/db?mode=ro" 'SELECT count(*) FROM incidents' 2>/dev/null)" = "$1" ]; }
until_true 20 lines 1000 || fail "the first 1000 lines were not taken in"
incidents 0 || fail "an incident under thresholds that are not reached"

# What it says of itself: to the last byte, and that it waits for more.
knows() { [ "$(sqlite3 "file:$work/db?mode=ro" "$1" 2>/dev/null)" = "$2" ]; }
until_true 20 knows 'SELECT end_offset, unread, unread_since_wall_at, live, stopped_wall_at, trouble FROM sources, health' \
	"$(stat -c %s "$work/mail.log")|0||1||" || fail "$(sqlite3 "$work/db" 'SELECT * FROM sources, health')"

# A fault in the new configuration: it is told, and the old one stays.
echo 'storm { min_recipients = no }' >>"$work/conf"
kill -HUP "$daemon"
until_true 20 grep -q "$work/conf:4: " "$work/said" || fail "the fault was not told with its line"
# Thresholds from now on that the posts read before have crossed.
sed -i -e '$d' -e 's/5000/50/' "$work/conf"
kill -HUP "$daemon"
until_true 20 grep -q 'loaded again' "$work/said" || fail "not loaded again"
tail -n +1001 "$work/all.log" >>"$work/mail.log"
until_true 20 lines "$(wc -l <"$work/all.log")" || fail "the rest was not taken in"
until_true 20 incidents 1 || fail "the new thresholds found nothing"
[ "$(grep -c '^RELOADING=1' "$work/told")" = 2 ] || fail "RELOADING was not told twice"

kill -TERM "$daemon"
status=0
wait "$daemon" || status=$?
daemon=
[ "$status" = 0 ] || fail "exit status $status on SIGTERM"
"${TOP_BUILDDIR:-.}/mailstorm" --db "$work/db" status >"$work/status" || :
grep -q 'might not be seen: mailstormd was stopped' "$work/status" || fail "status: $(cat "$work/status")"
until_true 5 grep -q '^STOPPING=1' "$work/told" || fail "no STOPPING"
[ "$(sqlite3 "$work/db" 'PRAGMA integrity_check')" = ok ] || fail "the database is not whole"

# The unit file, where systemd is there to judge it.
if command -v systemd-analyze >/dev/null; then
	sed "s|/usr/sbin/mailstormd|$(readlink -f "$mailstormd")|" "$top/contrib/systemd/mailstormd.service" \
		>"$work/mailstormd.service"
	systemd-analyze verify --man=no "$work/mailstormd.service" >"$work/verify" 2>&1 || { cat "$work/verify"; fail "verify"; }
	! grep -i mailstormd.service "$work/verify" || fail "verify has something to say"
	exposure=$(systemd-analyze security --offline=true "$work/mailstormd.service" | tail -1)
	echo "$exposure"
	case $exposure in *OK*|*SAFE*) ;; *) fail "exposed: $exposure" ;; esac
fi
echo "ready, alive, loaded again, stopped"
