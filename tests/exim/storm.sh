# SPDX-License-Identifier: Apache-2.0
#
# A storm on a list that host `lists` of real Exim expands by a redirect router
# and hands on to host `store`, of Exim too, and to an outside host. Members are
# greylisted and refused, replies name people beside the list, two are automatic,
# and the list is taken away before the last two. Sourced after lib.sh; exim_hosts
# makes both instances, exim_storm starts them, sends it all, stops them and works
# out what is expected. $lists_selector and $store_selector: what each logs.

exim_hosts() {
	{ seq -f 'm%02g@box.example.test' 84; seq -f 'x%02g@partner.example.test' 16; } >"$world/members"
	exim_instance lists 127.0.0.2 +subject "$lists_selector" <<-END
	begin routers
	aliases:
	  driver = redirect
	  domains = example.test
	  data = \${lookup{\$local_part@\$domain}lsearch{$world/lists/etc/aliases}}
	hosts:
	  driver = manualroute
	  domains = box.example.test : partner.example.test
	  route_list = box.example.test store.example.test byname ; partner.example.test mx.partner.example.test byname
	  transport = remote_smtp
	  self = send
	begin transports
	remote_smtp:
	  driver = smtp
	  interface = 127.0.0.2
	  allow_localhost
	begin retry
	* * F,1h,4s
	END
	exim_instance store 127.0.0.3 +subject "$store_selector" <<-END
	begin routers
	mailboxes:
	  driver = manualroute
	  domains = box.example.test
	  route_list = * 127.0.0.8
	  transport = mailbox_lmtp
	  self = send
	outside:
	  driver = manualroute
	  domains = partner.example.test
	  route_list = * mx.partner.example.test byname
	  transport = remote_smtp
	  self = send
	begin transports
	mailbox_lmtp:
	  driver = smtp
	  protocol = lmtp
	  port = 24
	  allow_localhost
	remote_smtp:
	  driver = smtp
	  interface = 127.0.0.3
	  allow_localhost
	begin retry
	* * F,1h,4s
	END
	echo "all@example.test: $(paste -sd, "$world/members")" >"$world/lists/etc/aliases"
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

exim_storm() {
	local list=all@example.test box=box.example.test n
	exim_start lists store
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
	# Exim expands the list anew at each try: what still waits would fail with it.
	postfix_wait 90 exim_dry lists store
	: >"$world/lists/etc/aliases"
	sleep 1
	mail r13 m09@$box 'Re: Test mail' $list
	mail r14 m05@$box 'Re: Test mail' $list m01@$box
	postfix_wait 90 exim_dry lists store
	sleep 7
	mail after1 m31@$box 'All quiet' m42@$box
	postfix_wait 60 exim_dry lists store
	sleep 1
	exim_stop lists store
	postfix_expect $list "$world/members" --outside partner --method subject --delay-resolution 1000 \
		--local-domain example.test --local-domain $box
	cp "$here/exim/lists.conf" "$world/conf"
}
