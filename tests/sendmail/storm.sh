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
	cat >"$world/rules" <<-END
	greylist m11@box.example.test 1
	greylist m12@box.example.test 1
	greylist m13@box.example.test 2
	greylist x07@partner.example.test 1
	refuse m50@box.example.test
	refuse x05@partner.example.test
	END
}

# mail ID FROM SUBJECT RECIPIENT... [OPTION...]: to host `lists`
mail() {
	postfix_send --server 127.0.0.2 --source 127.0.0.2$((RANDOM % 3 + 1)) --id "$1@desk.example.test" \
		--from "$2" --subject "$3" "${@:4}"
	sleep 0.3
}

sendmail_storm() {
	local list=all@example.test box=box.example.test n
	sendmail_start lists store
	postfix_sink lmtp:lmtp:127.0.0.8:24 smtp:partner:127.0.0.9:25
	for n in 1 2 3 4 5 6; do
		mail "before$n" "m3$n@$box" "Lunch on day $n" "m4$n@$box"
	done
	mail root m01@$box 'Test mail' $list
	sleep 1
	mail r01 m02@$box 'Re: Test mail' $list
	mail r02 m03@$box 'RE: Test mail' $list m01@$box
	mail r03 x03@partner.example.test 'AW: Test mail' $list
	mail r04 m02@$box 'Re: AW: Test mail' $list boss@partner.example.test
	mail r05 m04@$box 'Re: Test mail' $list m03@$box m01@$box
	mail auto1 m07@$box 'Automatic reply: Test mail' --automatic $list
	mail r06 m05@$box 'Re: Test mail' $list
	mail during1 m31@$box 'Has anyone seen my keys' m42@$box
	mail r07 m03@$box 'Re: Test mail' $list
	mail r08 m06@$box 'Re: Test mail' $list
	mail r09 m02@$box 'Re: Test mail' $list
	mail root2 m33@$box 'Test mail' m44@$box
	mail auto2 '' 'Out of office: Test mail' --automatic $list
	mail r10 m04@$box 'Re: Test mail' $list
	mail r11 m08@$box 'Re: Test mail' $list
	mail r12 m02@$box 'Re: Test mail' $list
	sed -i '/^all:/d' "$world/lists/etc/aliases"
	sendmail_aliases lists
	sleep 1
	mail r13 m09@$box 'Re: Test mail' $list
	mail r14 m05@$box 'Re: Test mail' $list m01@$box
	postfix_wait 90 sendmail_dry lists store
	sleep 7
	mail after1 m31@$box 'All quiet' m42@$box
	postfix_wait 60 sendmail_dry lists store
	sleep 1
	sendmail_stop lists store
	postfix_expect $list "$world/members" --outside partner --method list-gap --unnamed --kind recipient-set --no-subject --delay-resolution 1000 \
		--local-domain example.test --local-domain $box
	cp "$here/sendmail/lists.conf" "$world/conf"
}
