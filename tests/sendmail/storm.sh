# SPDX-License-Identifier: Apache-2.0
#
# A storm on a list that host `lists` of real Sendmail expands from aliases(5)
# and hands on to host `store`, of Sendmail too, and to an outside host. Members are
# greylisted and refused, replies name people beside the list, two are automatic,
# and the list is taken away before the last two. Sourced after lib.sh; sendmail_hosts
# makes both instances, sendmail_storm starts them, sends it all, stops them and works
# out what is expected. $owner, if given, is what the list has for its owner.

sendmail_hosts() {
	{ seq -f 'm%02g@box.example.test' 84; seq -f 'x%02g@partner.example.test' 16; } >"$world/members"
	sendmail_instance lists 127.0.0.2 <<-END
	box.example.test esmtp:[127.0.0.3]
	partner.example.test esmtp:[127.0.0.9]
	END
	sendmail_instance store 127.0.0.3 <<-END
	box.example.test lmtpbox:[127.0.0.8]
	partner.example.test esmtp:[127.0.0.9]
	END
	echo "all: $(paste -sd, "$world/members")" >"$world/lists/etc/aliases"
	if [ -n "${owner:-}" ]; then
		printf 'owner-all: %s\nowner-owner: m70@box.example.test\n' "$owner" >>"$world/lists/etc/aliases"
	fi
	for n in lists store; do
		printf 'postmaster: m70@box.example.test\nMAILER-DAEMON: postmaster\n' >>"$world/$n/etc/aliases"
		sendmail_aliases $n
	done
	postfix_rules
}

sendmail_storm() {
	local list=all@example.test box=box.example.test
	sendmail_start lists store
	postfix_sink lmtp:lmtp:127.0.0.8:24 smtp:partner:127.0.0.9:25
	mta_posts $list
	sed -i '/^all:/d' "$world/lists/etc/aliases"
	sendmail_aliases lists
	sleep 1
	mta_mail r13 m09@$box 'Re: Test mail' $list
	mta_mail r14 m05@$box 'Re: Test mail' $list m01@$box
	postfix_wait 90 sendmail_dry lists store
	sleep 7
	mta_mail after1 m31@$box 'All quiet' m42@$box
	postfix_wait 60 sendmail_dry lists store
	sleep 1
	sendmail_stop lists store
	postfix_expect $list "$world/members" --outside partner --method list-gap --unnamed --kind recipient-set --no-subject --delay-resolution 1000 \
		--local-domain example.test --local-domain $box
	cp "$here/sendmail/lists.conf" "$world/conf"
}
