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
	postfix_rules
}

exim_storm() {
	local list=all@example.test box=box.example.test
	exim_start lists store
	postfix_sink lmtp:lmtp:127.0.0.8:24 smtp:partner:127.0.0.9:25
	mta_posts $list
	# Exim expands the list anew at each try: what still waits would fail with it.
	postfix_wait 90 exim_dry lists store
	: >"$world/lists/etc/aliases"
	sleep 1
	mta_mail r13 m09@$box 'Re: Test mail' $list
	mta_mail r14 m05@$box 'Re: Test mail' $list m01@$box
	postfix_wait 90 exim_dry lists store
	sleep 7
	mta_mail after1 m31@$box 'All quiet' m42@$box
	postfix_wait 60 exim_dry lists store
	sleep 1
	exim_stop lists store
	postfix_expect $list "$world/members" --outside partner --method subject --delay-resolution 1000 \
		--local-domain example.test --local-domain $box
	cp "$here/exim/lists.conf" "$world/conf"
}
