# SPDX-License-Identifier: Apache-2.0
#
# Runs real Exim instances in the world of postfix/lib.sh, in the place of its
# Postfix ones. Each has its own configuration, spool, address and main log.
# Use: exim_fetch; postfix_enter; postfix_world; exim_unpack; exim_instance ...; exim_start ...

. "$(dirname "$0")/mta.sh"

exim_packages="exim4-daemon-light libidn12"

exim_fetch() {
	mta_fetch $exim_packages
}

exim_unpack() {
	mta_unpack "$world/exim4" $exim_packages
	exim=$world/exim4/usr/sbin/exim4
	chmod u-s "$exim"
	export LD_LIBRARY_PATH
	LD_LIBRARY_PATH=$(dirname "$(find "$world/exim4" -name 'libidn.so.12')")
	mta_accounts Debian-exim
	"$exim" -C /dev/null -bV >"$world/exim4/version" || postfix_skip "exim4 does not run"
}

# exim_instance NAME ADDRESS [SELECTOR...]: a configuration for host NAME.example.test, logging what the log selectors
# say; from stdin: what comes after the ACLs.
exim_instance() {
	local dir=$world/$1
	mkdir -p "$dir/etc" "$dir/queue" "$dir/log"
	{
		cat <<-END
		primary_hostname = $1.example.test
		qualify_domain = example.test
		local_interfaces = $2
		daemon_smtp_ports = 25
		exim_path = $exim
		spool_directory = $dir/queue
		log_file_path = $dir/log/%slog
		log_selector = ${*:3}
		keep_environment = LD_LIBRARY_PATH
		deliver_drop_privilege
		tls_advertise_hosts =
		dsn_advertise_hosts = *
		message_size_limit = 1M
		ignore_bounce_errors_after = 0s
		acl_smtp_rcpt = check_rcpt
		begin acl
		check_rcpt:
		  require verify = recipient
		  accept
		END
		cat
	} >"$dir/etc/exim.conf"
	chown -R Debian-exim:Debian-exim "$dir/queue" "$dir/log"
}

exim_on() {
	local name=$1
	shift
	unshare -u sh -c 'hostname "$0"; exec "$@"' "$name" "$exim" -C "$world/$name/etc/exim.conf" "$@"
}

exim_start() {
	local name
	for name in "$@"; do
		exim_on "$name" -bdf -q3s 2>"$world/$name/errors" &
		echo $! >"$world/$name/pid"
		postfix_wait 10 grep -qs 'daemon started' "$world/$name/log/mainlog"
	done
}

exim_stop() {
	local name
	for name in "$@"; do
		kill "$(cat "$world/$name/pid")" || :
		cp "$world/$name/log/mainlog" "$world/$name/maillog"
	done
}

# True once no instance has a message left.
exim_dry() {
	local name
	for name in "$@"; do
		[ -z "$(find "$world/$name/queue/input" -name '*-H' 2>/dev/null | head -n 1)" ] || return 1
	done
}
