# SPDX-License-Identifier: Apache-2.0
#
# Runs real Postfix instances for a test, apart from the machine's own: the
# test goes on in namespaces of its own (mounts, network, host names,
# processes), so ports, /etc/hosts, /etc/passwd and /dev/log are private and
# nothing outlives it. Each instance has its own configuration, queue, host
# name and log. Needs root, Postfix and python3, else the test is skipped (77).
#
# Use: . lib.sh; postfix_enter "$0" "$@"; postfix_world DIR; postfix_instance ...; postfix_start ...

here=$(cd "$(dirname "$0")" && pwd)
kit=$here/postfix
export TZ=UTC LC_ALL=C

# Goes on within new namespaces; what follows in the script runs there only.
postfix_enter() {
	if [ -n "${POSTFIX_TEST_INSIDE:-}" ]; then
		return
	fi
	[ "$(id -u)" = 0 ] || postfix_skip "not root"
	for tool in /usr/sbin/postfix /usr/sbin/postmap /usr/bin/python3 /usr/bin/unshare ip "${@:3}"; do
		command -v "$tool" >/dev/null || postfix_skip "no $tool"
	done
	unshare -m -n -p -f --mount-proc true 2>/dev/null || postfix_skip "namespaces not permitted"
	POSTFIX_TEST_INSIDE=1 exec unshare -m -n -p -f --mount-proc --kill-child bash "$1"
}

postfix_skip() {
	echo "skipped: $1" >&2
	exit 77
}

# All of a test lives in $world: a directory of its own, seen where the machine's queue would be (so that
# the logs name no other path). KEEP=1 leaves it behind for a look.
postfix_world() {
	scratch=$(mktemp -d)
	world=/var/spool/postfix
	chmod 755 "$scratch"
	ip link set lo up
	mount --make-rprivate /
	mount --bind "$scratch" "$world"
	trap postfix_leave EXIT
	cat >"$world/hosts" <<-END
	127.0.0.1	localhost
	127.0.0.2	lists.example.test
	127.0.0.3	store.example.test
	127.0.0.4	mxa.example.test
	127.0.0.5	mxb.example.test
	127.0.0.7	mxc.example.test
	127.0.0.8	mxd.example.test
	127.0.0.9	mx.partner.example.test
	127.0.0.21	desk1.example.test
	127.0.0.22	desk2.example.test
	127.0.0.23	desk3.example.test
	END
	mount --bind "$world/hosts" /etc/hosts
	: >"$world/rules"
	: >"$world/truth"
	: >"$world/sent"
}

postfix_leave() {
	local dir
	for dir in "$world"/*/etc/main.cf; do
		[ ! -e "$dir" ] || postfix_stop "$(basename "${dir%/etc/main.cf}")"
	done
	umount -l "$world"
	if [ -n "${KEEP:-}" ]; then
		echo "kept: $scratch" >&2
	else
		rm -rf "$scratch"
	fi
}

# postfix_users NAME...: local accounts with a home of their own.
postfix_users() {
	local uid=60001 name
	cp /etc/passwd "$world/passwd"
	for name in "$@"; do
		mkdir -p "$world/home/$name"
		chown "$uid" "$world/home/$name"
		echo "$name:x:$uid:65534::$world/home/$name:/usr/sbin/nologin" >>"$world/passwd"
		uid=$((uid + 1))
	done
	mount --bind "$world/passwd" /etc/passwd
}

# postfix_instance NAME ADDRESS: a configuration for host NAME.example.test; main.cf lines come from stdin. Queue IDs are
# long where the log has whole seconds: at the turn of one it does not tell which a short ID belongs to. Such IDs are in
# data/postfix/.
postfix_instance() {
	local dir=$world/$1
	mkdir -p "$dir/etc" "$dir/queue" "$dir/data"
	chown postfix "$dir/data"
	ip addr add "$2/8" dev lo 2>/dev/null || :
	cp /etc/postfix/dynamicmaps.cf "$dir/etc/" 2>/dev/null || :
	cat >"$dir/etc/main.cf"
	cat >>"$dir/etc/main.cf" <<-END
	compatibility_level = 3.6
	queue_directory = $dir/queue
	data_directory = $dir/data
	maillog_file = $([ -n "${syslog:-}" ] || echo "$dir/maillog")
	enable_long_queue_ids = $([ -n "${syslog:-}" ] && echo no || echo yes)
	myhostname = $1.example.test
	mydomain = example.test
	inet_interfaces = $2
	inet_protocols = ipv4
	smtp_bind_address = $2
	mynetworks = 127.0.0.0/8
	smtp_dns_support_level = disabled
	smtp_host_lookup = native
	smtp_tls_security_level = none
	smtputf8_enable = no
	minimal_backoff_time = ${postfix_backoff:-4}s
	maximal_backoff_time = $((${postfix_backoff:-4} + 2))s
	queue_run_delay = 3s
	biff = no
	END
	cat >"$dir/etc/master.cf" <<-END
	smtp inet n - n - - smtpd
	pickup unix n - n 2 1 pickup
	cleanup unix n - n - 0 cleanup
	qmgr unix n - n 3 1 qmgr
	rewrite unix - - n - - trivial-rewrite
	bounce unix - - n - 0 bounce
	defer unix - - n - 0 bounce
	trace unix - - n - 0 bounce
	verify unix - - n - 1 verify
	flush unix n - n 1000? 0 flush
	proxymap unix - - n - - proxymap
	smtp unix - - n - - smtp
	relay unix - - n - - smtp
	 -o syslog_name=\${multi_instance_name?{\$multi_instance_name}:{postfix}}/\$service_name
	showq unix n - n - - showq
	error unix - - n - - error
	retry unix - - n - - error
	discard unix - - n - - discard
	local unix - n n - - local
	virtual unix - n n - - virtual
	lmtp unix - - n - - lmtp
	anvil unix - - n - 1 anvil
	scache unix - - n - 1 scache
	postlog unix-dgram n - n - 1 postlogd
	END
}

# postfix_list_host NAME ADDRESS: an instance whose list NAME@example.test is an alias of $world/members, with their mailboxes
# behind LMTP; further main.cf lines come from stdin.
postfix_list_host() {
	local etc=$world/$1/etc
	postfix_instance "$1" "$2" < <(
		cat <<-END
		mydestination =
		local_recipient_maps =
		virtual_alias_domains = example.test
		virtual_alias_maps = hash:$etc/virtual
		virtual_mailbox_domains = box.example.test
		virtual_mailbox_maps = static:any
		virtual_transport = lmtp:unix:private/dovecot-lmtp
		END
		cat
	)
	echo "$1@example.test $(paste -sd, "$world/members")" >"$etc/virtual"
	postmap "$etc/virtual"
}

# postfix_on NAME COMMAND...: runs it on the host of instance NAME, with MAIL_CONFIG set.
postfix_on() {
	local name=$1 dir=$world/$1
	shift
	MAIL_CONFIG=$dir/etc unshare -u -m sh -c '
		hostname "$0"
		[ ! -S "$1/log" ] || mount --bind "$1/log" /dev/log
		shift
		exec "$@"' "$name" "$dir" "$@"
}

# postfix_syslog: from now on instances log by syslog(3), each host to a /dev/log of its own (postfix_rsyslog).
postfix_syslog() {
	local dev=$world/dev
	syslog=yes
	mkdir "$dev"
	mount -t tmpfs tmpfs "$dev"
	mkdir "$dev/pts" "$dev/shm"
	mknod -m 666 "$dev/null" c 1 3
	mknod -m 666 "$dev/zero" c 1 5
	mknod -m 666 "$dev/random" c 1 8
	mknod -m 666 "$dev/urandom" c 1 9
	mknod -m 666 "$dev/tty" c 5 0
	mknod -m 666 "$dev/ptmx" c 5 2
	ln -s /proc/self/fd "$dev/fd"
	ln -s /proc/self/fd/0 "$dev/stdin"
	ln -s /proc/self/fd/1 "$dev/stdout"
	ln -s /proc/self/fd/2 "$dev/stderr"
	: >"$dev/log"
	mount --bind /dev/pts "$dev/pts"
	mount --rbind "$dev" /dev
}

# postfix_rsyslog NAME: the rsyslogd of instance NAME's host: a file $world/NAME/maillog, and what stdin adds.
postfix_rsyslog() {
	local dir=$world/$1
	mkdir -p "$dir/rsyslog"
	{
		cat <<-END
		global(workDirectory="$dir/rsyslog")
		module(load="imuxsock" SysSock.Use="off")
		input(type="imuxsock" Socket="$dir/log")
		action(type="omfile" file="$dir/maillog" template="RSYSLOG_FileFormat")
		END
		cat
	} >"$dir/rsyslog.conf"
	unshare -u sh -c 'hostname "$0"; exec rsyslogd -n -f "$1/rsyslog.conf" -i "$1/rsyslog.pid"' \
		"$1" "$dir" 2>"$dir/rsyslog.err" &
	postfix_wait 10 test -S "$dir/log"
}

# postfix_rsyslog_stop NAME: once it has handed on all it has.
postfix_rsyslog_stop() {
	local pid
	pid=$(cat "$world/$1/rsyslog.pid")
	kill "$pid"
	postfix_wait 30 eval "! kill -0 $pid 2>/dev/null"
}

# postfix_submit NAME...: who is not root may call sendmail(1) on the hosts of these instances.
postfix_submit() {
	cp -a /etc/postfix "$world/system"
	printf 'alternate_config_directories =' >>"$world/system/main.cf"
	printf " $world/%s/etc" "$@" >>"$world/system/main.cf"
	echo >>"$world/system/main.cf"
	mount --bind "$world/system" /etc/postfix
}

postfix_start() {
	local name
	for name in "$@"; do
		# Before its log is up, postfix(1) says what is wrong on a terminal only.
		postfix_on "$name" script -qec "postfix start" /dev/null >"$world/$name/start" || {
			cat "$world/$name/start" >&2
			return 1
		}
	done
}

postfix_stop() {
	local name
	for name in "$@"; do
		postfix_on "$name" postfix stop >/dev/null 2>&1 || :
	done
}

# postfix_sink LISTENER...: starts the outside world, waits until it listens.
postfix_sink() {
	python3 "$kit/world.py" --truth "$world/truth" --rules "$world/rules" "$@" 2>"$world/sink.err" &
	postfix_wait 10 test -e "$world/truth.ready"
}

# postfix_wait SECONDS COMMAND...: until it succeeds; false when the time is over.
postfix_wait() {
	local until=$(($(date +%s) + $1))
	shift
	until "$@"; do
		[ "$(date +%s)" -lt "$until" ] || { echo "timed out: $*" >&2; return 1; }
		sleep 0.2
	done
}

# postfix_dry NAME...: true once nothing is in any queue but on hold.
postfix_dry() {
	local name
	for name in "$@"; do
		[ -z "$(cd "$world/$name/queue" && find incoming active deferred maildrop -type f 2>/dev/null |
			head -n 1)" ] || return 1
	done
}

# postfix_rules: what the mailbox servers do to some of a list's members.
postfix_rules() {
	cat >"$world/rules" <<-END
	greylist m11@box.example.test 1
	greylist m12@box.example.test 1
	greylist m13@box.example.test 2
	greylist x07@partner.example.test 1
	refuse m50@box.example.test
	refuse x05@partner.example.test
	END
}

postfix_send() {
	python3 "$kit/send.py" --sent "$world/sent" "$@"
}

# postfix_mail ADDRESS ID FROM SUBJECT RECIPIENT [OPTION...]: from a desk to the host of that address.
postfix_mail() {
	postfix_send --server "$1" --source 127.0.0.22 --id "$2@desk.example.test" --from "$3@box.example.test" \
		--subject "$4" "${@:5}"
}

# postfix_thread NAME ADDRESS: a mail to one, and eight posts of six people to the list NAME@example.test, on the host of
# that name and address.
postfix_thread() {
	local n
	postfix_mail "$2" "$1.before" m30 'Good morning' m31@box.example.test
	postfix_mail "$2" "$1.0" m01 "Test of $1" "$1@example.test"
	for n in 1 2 3 4 5 6 7; do
		postfix_mail "$2" "$1.$n" "m0$(((n + 4) % 6 + 1))" "Re: Test of $1" "$1@example.test" \
			--header "In-Reply-To: <$1.$((n / 2))@desk.example.test>"
		sleep 0.2
	done
}

# postfix_note WHAT ID RECIPIENT: what the test itself did to a recipient (removed, pending), into the truth.
postfix_note() {
	printf '%s\t%s\ttest\t%s\t<%s>\t-\t%s\n' "$(date +%s.%N)" "$1" "$2" "$2" "$3" >>"$world/truth"
}

# postfix_file NAME ID: the queue ID under which the message waits on instance NAME.
postfix_file() {
	local dir=$world/$1/queue
	basename "$(grep -rlaF "Message-ID: <$2>" "$dir/active" "$dir/deferred" "$dir/hold" | head -n 1)"
}

# postfix_expect LIST MEMBERSFILE [OPTION...]: adds the figures of one list to what is expected.
postfix_expect() {
	python3 "$kit/expect.py" --world "$world" --list "$1" --members "$2" "${@:3}" >>"$world/expected"
}

# postfix_judge NAME INSTANCE...: the daemon's figures for these instances' logs against $world/expected.
# POSTFIX_SAVE=DIR keeps the logs, the configuration and what is expected as a fixture in DIR/NAME.
postfix_judge() {
	local name=$1 logs=() instance
	shift
	printf '%s\t%d\n' incidents "$(grep -c '^incident .* state' "$world/expected")" \
		unparsed 0 lost 0 orphans 0 >>"$world/expected"
	for instance in "$@"; do
		logs+=("$world/$instance/maillog")
	done
	if [ -n "${POSTFIX_SAVE:-}" ]; then
		mkdir -p "$POSTFIX_SAVE/$name"
		for instance in "$@"; do
			gzip -9nc "$world/$instance/maillog" >"$POSTFIX_SAVE/$name/$instance.log.gz"
		done
		cp "$world/expected" "$world/conf" "$POSTFIX_SAVE/$name/"
	fi
	"$here/postfix/judge.sh" "$world/conf" "$world/expected" "${logs[@]}"
}
