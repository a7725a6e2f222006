# SPDX-License-Identifier: Apache-2.0
#
# A storm on a virtual alias list: host `lists` expands all@example.test and
# hands on to host `store` (LMTP to mailboxes) and to an outside host. Members
# are greylisted and refused, replies name people beside the list, two are
# automatic, and the list is taken away before the last two. Sourced after
# lib.sh; virtual_hosts makes both instances, virtual_storm starts them, sends it
# all, stops them and works out what is expected.

virtual_hosts() {
	postfix_backoff=12
	{ seq -f 'm%02g@box.example.test' 84; seq -f 'x%02g@partner.example.test' 16; } >"$world/members"
	sed -i 's/^m20@box/M20@Box/' "$world/members"

	postfix_instance lists 127.0.0.2 <<-END
	multi_instance_name = postfix-lists
	mydestination =
	local_recipient_maps =
	virtual_alias_domains = example.test
	virtual_alias_maps = hash:$world/lists/etc/virtual
	relay_domains = box.example.test, partner.example.test
	transport_maps = hash:$world/lists/etc/transport
	header_checks = regexp:$kit/header_checks
	END
	postfix_instance store 127.0.0.3 <<-END
	mydestination =
	local_recipient_maps =
	virtual_mailbox_domains = box.example.test
	virtual_mailbox_maps = static:any
	virtual_transport = lmtp:unix:private/dovecot-lmtp
	relay_domains = partner.example.test
	transport_maps = hash:$world/store/etc/transport
	END
	cat >"$world/lists/etc/transport" <<-END
	box.example.test relay:[store.example.test]:25
	partner.example.test smtp:[mx.partner.example.test]:25
	END
	echo 'partner.example.test smtp:[mx.partner.example.test]:25' >"$world/store/etc/transport"
	echo "all@example.test $(paste -sd, "$world/members")" >"$world/lists/etc/virtual"
	postmap "$world/lists/etc/transport" "$world/store/etc/transport" "$world/lists/etc/virtual"
	postfix_rules
}

# mail ID FROM SUBJECT RECIPIENT... [OPTION...]: to host `lists`
mail() {
	postfix_send --server 127.0.0.2 --source 127.0.0.2$((RANDOM % 3 + 1)) --id "$1@desk.example.test" \
		--from "$2" --subject "$3" "${@:4}"
}
answers() {
	printf -- '--header\nReferences: %s\n--header\nIn-Reply-To: %s\n' "$1" "${2:-$1}"
}
reply() {
	local header
	mapfile -t header < <(answers "<root@desk.example.test>" "<$1@desk.example.test>")
	mail "$2" "$3" "$4" "${@:5}" "${header[@]}"
	sleep 0.3
}

virtual_storm() {
	postfix_start lists store
	postfix_sink lmtp:lmtp:"$world/store/queue/private/dovecot-lmtp" smtp:partner:127.0.0.9:25
	local list=all@example.test box=box.example.test n
	for n in 1 2 3 4 5 6; do
		mail "before$n" "m3$n@$box" "Lunch on day $n" "m4$n@$box"
	done
	mail root m01@$box 'Test mail' $list
	sleep 1
	reply root r01 m02@$box 'Re: Test mail' $list
	reply root r02 m03@$box 'RE: Test mail' $list m01@$box
	reply r01 r03 x03@partner.example.test 'AW: Test mail' $list
	reply r03 r04 M02@Box.example.test 'Re: AW: Test mail' $list boss@partner.example.test
	reply r02 r05 m04@$box 'Re: Test mail' $list m03@$box m01@$box
	reply root auto1 m07@$box 'Automatic reply: Test mail' --automatic $list
	reply r05 r06 m05@$box 'Re: Test mail' $list
	mail during1 m31@$box 'Has anyone seen my keys' m42@$box
	reply r05 r07 m03@$box 'Re: Test mail' $list
	reply r06 r08 m06@$box 'Re: Test mail' $list
	reply r07 r09 m02@$box 'Re: Test mail' $list
	mail root2 m33@$box 'Test mail' m44@$box
	reply r07 auto2 '' 'Out of office: Test mail' --automatic $list
	reply r09 r10 m04@$box 'Re: Test mail' $list
	reply r10 r11 m08@$box 'Re: Test mail' $list
	reply r11 r12 m02@$box 'Re: Test mail' $list
	sleep 1
	: >"$world/lists/etc/virtual"
	postmap "$world/lists/etc/virtual"
	postfix_on lists postfix reload 2>/dev/null
	sleep 1
	reply r11 r13 m09@$box 'Re: Test mail' $list
	reply r11 r14 m05@$box 'Re: Test mail' $list m01@$box
	postfix_wait 60 postfix_dry lists store
	sleep 7
	mail after1 m31@$box 'All quiet' m42@$box
	postfix_wait 60 postfix_dry lists store
	sleep 1
	postfix_stop lists store

	postfix_expect $list "$world/members" --outside partner \
		--local-domain example.test --local-domain $box
	cp "$kit/virtual.conf" "$world/conf"
}
