# SPDX-License-Identifier: Apache-2.0
#
# Runs real Sendmail instances in the world of postfix/lib.sh, in the place of
# its Postfix ones. Each has its own configuration (made with m4), queue, address
# and rsyslogd.
# Use: sendmail_fetch; postfix_enter; postfix_world; postfix_syslog; sendmail_unpack; sendmail_instance ...;
# sendmail_start ...

. "$(dirname "$0")/mta.sh"

sendmail_packages="sendmail-bin sendmail-base sendmail-cf libwrap0 libnsl2"

sendmail_fetch() {
	mta_fetch $sendmail_packages
}

sendmail_unpack() {
	mta_unpack "$world/mta" $sendmail_packages
	sendmail=$world/mta/usr/libexec/sendmail/sendmail
	chmod 755 "$sendmail"
	export LD_LIBRARY_PATH
	LD_LIBRARY_PATH=$(dirname "$(find "$world/mta" -name 'libwrap.so.0')")
	mta_accounts smmta smmsp
	"$sendmail" -d0.1 -bv root </dev/null >"$world/mta/version" 2>&1 || :
	grep -q '^Version' "$world/mta/version" || postfix_skip "sendmail does not run"
}

# sendmail_instance NAME ADDRESS: a configuration for host NAME.example.test; from stdin: its routes (mailertable).
sendmail_instance() {
	local dir=$world/$1 cf=$world/mta/usr/share/sendmail/cf
	mkdir -p "$dir/etc" "$dir/queue"
	: >"$dir/etc/aliases"
	cat >"$dir/etc/mailertable"
	echo 'hosts files' >"$dir/etc/switch"
	cat >"$dir/etc/sendmail.mc" <<-END
	divert(-1)
	include(\`$cf/m4/cf.m4')
	divert(0)dnl
	OSTYPE(\`linux')dnl
	define(\`confDOMAIN_NAME', \`$1.example.test')dnl
	define(\`confSERVICE_SWITCH_FILE', \`$dir/etc/switch')dnl
	define(\`confPID_FILE', \`$dir/sendmail.pid')dnl
	define(\`confDONT_BLAME_SENDMAIL', \`GroupWritableDirPathSafe')dnl
	define(\`confCONTROL_SOCKET_NAME', \`')dnl
	define(\`confTO_IDENT', \`0')dnl
	define(\`confTO_QUEUERETURN', \`1h')dnl
	define(\`confTO_HOSTSTATUS', \`1s')dnl
	define(\`confALIAS_WAIT', \`0')dnl
	define(\`confQUEUE_LA', \`1000')dnl
	define(\`confREFUSE_LA', \`1000')dnl
	define(\`STATUS_FILE', \`')dnl
	define(\`QUEUE_DIR', \`$dir/queue')dnl
	define(\`ALIAS_FILE', \`$dir/etc/aliases')dnl
	LOCAL_DOMAIN(\`example.test')dnl
	FEATURE(\`mailertable', \`text -k0 -v1 -o $dir/etc/mailertable')dnl
	FEATURE(\`accept_unresolvable_domains')dnl
	FEATURE(\`accept_unqualified_senders')dnl
	FEATURE(\`nocanonify')dnl
	FEATURE(\`promiscuous_relay')dnl
	FEATURE(\`no_default_msa')dnl
	DAEMON_OPTIONS(\`Name=MTA, Family=inet, Addr=$2, Port=25')dnl
	CLIENT_OPTIONS(\`Family=inet, Address=$2')dnl
	MAILER(\`local')dnl
	MAILER(\`smtp')dnl
	MAILER_DEFINITIONS
	Mlmtpbox, P=[IPC], F=mDFMuXkz, S=EnvFromSMTP/HdrFromSMTP, R=EnvToSMTP, E=\\r\\n, T=DNS/RFC822/SMTP,
	 A=TCP \$h 24
	END
	(cd "$cf/cf" && m4 -D_CF_DIR_="$cf/" "$dir/etc/sendmail.mc" 2>/dev/null) >"$dir/etc/sendmail.cf"
}

# sendmail_aliases NAME: what is in its etc/aliases holds from now on.
sendmail_aliases() {
	sendmail_on "$1" -bi >/dev/null
}

# sendmail_on NAME OPTION...: runs it on the host of instance NAME.
sendmail_on() {
	local name=$1 dir=$world/$1
	shift
	unshare -u -m sh -c '
		hostname "$0"
		[ ! -S "$1/log" ] || mount --bind "$1/log" /dev/log
		shift
		exec "$@"' "$name" "$dir" "$sendmail" -C "$dir/etc/sendmail.cf" "$@"
}

sendmail_start() {
	local name
	for name in "$@"; do
		postfix_rsyslog "$name" </dev/null
		sendmail_on "$name" -L sm-mta -bD -q3s 2>"$world/$name/errors" &
		postfix_wait 10 test -e "$world/$name/sendmail.pid"
	done
}

sendmail_stop() {
	local name
	for name in "$@"; do
		kill "$(head -n 1 "$world/$name/sendmail.pid")" || :
		sleep 0.5
		postfix_rsyslog_stop "$name"
	done
}

# True once no instance has a message left.
sendmail_dry() {
	local name
	for name in "$@"; do
		[ -z "$(find "$world/$name/queue" -name '[qQhd]f*' 2>/dev/null | head -n 1)" ] || return 1
	done
}
