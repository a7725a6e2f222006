# SPDX-License-Identifier: Apache-2.0
#
# Runs a real list manager in the world of postfix/lib.sh, behind a real Postfix:
# host `lists` takes posts in and gives them to the manager, which sends each to
# the members by SMTP through the same host; host `store` holds mailboxes, and an
# outside host the rest. The manager's Debian packages are unpacked in the world
# and laid over the machine's /usr (and /etc), never installed.
#
# Use: manager_kept NAME; manager_fetch PACKAGE; postfix_enter; postfix_world; manager_unpack [DIR...];
# manager_hosts; manager_storm; manager_judge

. "$here/mta.sh"

# manager_kept NAME [heavy]: first the log that the manager wrote before, kept in data/managers, is judged. Heavy: one that
# takes minutes is run anew only where LIST_MANAGERS=run says so. POSTFIX_SAVE=tests/data/managers makes the log anew.
manager_kept() {
	[ -z "${POSTFIX_TEST_INSIDE:-}${POSTFIX_SAVE:-}" ] || return 0
	"$kit/kept.sh" "$here/data/managers/$1"
	[ -z "${2:-}" ] || [ "${LIST_MANAGERS:-}" = run ] || exit 0
}

# manager_fetch PACKAGE: with all it depends on and the machine lacks; before postfix_enter.
manager_fetch() {
	mta_fetch_all "$1"
}

# manager_unpack [DIR...]: what was fetched is under /usr, and these, for this test alone.
manager_unpack() {
	local dir
	mta_unpack_all "$world/packages"
	for dir in /usr "$@"; do
		mount -t overlay overlay -o "lowerdir=$world/packages$dir:$dir" "$dir" 2>/dev/null ||
			postfix_skip "no overlay file system"
	done
	# What these hide
	[ -e "$world/hosts" ] || mount --bind "$scratch" "$world"
	[[ " $* " != *" /etc "* ]] || mount --bind "$world/hosts" /etc/hosts
}

# manager_members MEMBERS: mailboxes at home m01.., outside x01..; of them the last four at home take digests alone.
manager_members() {
	{ seq -f 'm%02g@box.example.test' "$1"; seq -f 'x%02g@partner.example.test' 12; } >"$world/members"
	seq -f 'd%02g@box.example.test' 4 >"$world/digesters"
	cat >"$world/rules" <<-END
	greylist-data m11@box.example.test 1
	greylist-data m12@box.example.test 1
	greylist-data x07@partner.example.test 1
	refuse-data m13@box.example.test
	refuse-data x05@partner.example.test
	END
}

# manager_hosts: both instances; from stdin: what main.cf of host `lists` has more.
manager_hosts() {
	postfix_backoff=6
	{
		cat <<-END
		relay_domains = box.example.test, partner.example.test
		transport_maps = hash:$world/lists/etc/transport
		smtpd_recipient_restrictions = permit_mynetworks, reject
		END
		[ -n "${no_headers:-}" ] || echo "header_checks = regexp:$kit/header_checks"
		cat
	} | postfix_instance lists 127.0.0.2
	postfix_instance store 127.0.0.3 <<-END
	mydestination =
	local_recipient_maps =
	virtual_mailbox_domains = box.example.test
	virtual_mailbox_maps = static:any
	virtual_transport = lmtp:unix:private/dovecot-lmtp
	transport_maps = inline:{example.test=smtp:[127.0.0.2], lists.example.test=smtp:[127.0.0.2]}
	END
	cat >>"$world/lists/etc/transport" <<-END
	box.example.test relay:[store.example.test]:25
	partner.example.test smtp:[mx.partner.example.test]:25
	END
	postmap "$world/lists/etc/transport"
}

# mail ID FROM SUBJECT RECIPIENT... [OPTION...]: to host `lists`
mail() {
	postfix_send --server 127.0.0.2 --source 127.0.0.21 --id "$1@desk.example.test" \
		--from "$2" --subject "$3" "${@:4}"
}

# reply TO ID FROM SUBJECT [OPTION...]: to the list
reply() {
	mail "$2" "$3" "$4" "$list" --header "References: <root@desk.example.test>" \
		--header "In-Reply-To: <$1@desk.example.test>" "${@:5}"
	sleep "${manager_pause:-0.3}"
}

# manager_storm: thirteen posts to $list, from ten senders, an automatic reply among them; other mail between.
manager_storm() {
	local box=box.example.test n
	for n in 1 2 3; do
		mail "before$n" "m3$n@$box" "Lunch on day $n" "m2$n@$box"
	done
	mail root m01@$box 'Test mail' "$list"
	sleep 1
	reply root r01 m02@$box 'Re: [staff] Test mail'
	reply root r02 m03@$box 'RE: [staff] Test mail'
	reply r01 r03 x03@partner.example.test 'AW: [staff] Test mail'
	reply r03 r04 m02@$box 'Re: AW: [staff] Test mail'
	reply r02 r05 m04@$box 'Re: [staff] Test mail'
	reply root auto1 m07@$box 'Automatic reply: [staff] Test mail' --automatic
	reply r05 r06 m05@$box 'Re: [staff] Test mail'
	mail during1 m31@$box 'Has anyone seen my keys' m22@$box
	reply r05 r07 m03@$box 'Re: Test mail'
	reply r06 r08 m06@$box 'Re: [staff] Test mail'
	mail root2 m33@$box 'Test mail' m24@$box
	reply r07 r09 m02@$box 'Re: [staff] Test mail'
	reply r09 r10 m04@$box 'Re: [staff] Test mail'
	reply r10 r11 m08@$box 'Re: [staff] Test mail'
}

# manager_judge NAME [OPTION...]: of expect.py
manager_judge() {
	cp "$here/managers/lists.conf" "$world/conf"
	postfix_expect "$list" "$world/members" --outside partner --kind manager --notices-to-manager \
		--local-domain example.test --local-domain box.example.test --min-recipients 40 --delay-resolution 1000 \
		"${@:2}"
	postfix_judge "$1" lists store
}
