#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Storms on lists of managers that Debian has no more or never had, in their
# envelope senders (managers/relist.py), through a real Postfix: Mailman 2 and
# Majordomo run from aliases(5); an anonymous list, whose posts get another
# Message-ID, and one that gives it to the posts of one author (as for DMARC); what LISTSERV, Google Groups, ezmlm, Sympa and mlmmj send from
# elsewhere. And a list whose posters have addresses that look like a manager's. Every
# figure is compared with what was sent and received.
set -euo pipefail
. "$(dirname "$0")/postfix/lib.sh"
. "$(dirname "$0")/managers/lib.sh"
manager_kept senders
postfix_enter "$0"
postfix_world
users=$(seq -s' ' -f 'm%02g' 12)
postfix_users $users
printf '%s@example.test\n' $users >"$world/members"
printf '%s@example.test\n' m11 m12 >"$world/digesters"
echo mj-outgoing@example.test >"$world/outgoing"
postfix_instance lists 127.0.0.2 <<END
mydestination = example.test, lists.example.test
myorigin = example.test
alias_maps = hash:$world/lists/etc/aliases
home_mailbox = Maildir/
header_checks = regexp:$kit/header_checks
nested_header_checks =
END

# Where the real ones are installed, so that the log looks alike.
relist=$world/relist
mkdir -p "$relist/mailman/mail" "$relist/majordomo"
cp "$here/managers/relist.py" "$relist/"
touch "$world/sent"
chmod 666 "$world/sent"
cat >"$relist/mailman/mail/mailman" <<END
#!/bin/sh
# post LIST
case \$2 in
anon) rewrite="--new-id all --sent $world/sent" ;;
wrap) rewrite="--new-id m04@example.test --sent $world/sent" ;;
esac
exec python3 $relist/relist.py mailman2-verp \$2@example.test $world/members 127.0.0.2 \$rewrite
END
cat >"$relist/majordomo/wrapper" <<END
#!/bin/sh
# resend -l LIST LIST-outgoing
exec python3 $relist/relist.py majordomo \$3@example.test $world/outgoing 127.0.0.2
END
# Known by configuration only.
cat >"$relist/program" <<END
#!/bin/sh
exec python3 $relist/relist.py mailman2 own@example.test $world/members 127.0.0.2
END
chmod 755 "$relist/mailman/mail/mailman" "$relist/majordomo/wrapper" "$relist/program"
cat >"$world/lists/etc/aliases" <<END
mm: "|$relist/mailman/mail/mailman post mm"
anon: "|$relist/mailman/mail/mailman post anon"
wrap: "|$relist/mailman/mail/mailman post wrap"
own: own-program
own-program: "|$relist/program"
mj: "|$relist/majordomo/wrapper resend -l mj mj-outgoing"
mj-outgoing: :include:$world/members
owner-mj: m01
owner-mj-outgoing: m01
all: $(echo $users | tr ' ' ,)
END
postalias "$world/lists/etc/aliases"
postfix_start lists

# storm LIST SENDER...: a post of each
storm() {
	local name=$1 n=0 sender
	shift
	for sender; do
		prefix=('' 'Re: ' 'RE: Re: ' 'AW: ' 'Re: Fwd: ' 'SV: ')
		postfix_send --server 127.0.0.2 --source 127.0.0.21 --id "$name.$n@desk.example.test" \
			--from "$sender" --subject "${prefix[n]}News of $name" "$name@example.test"
		n=$((n + 1))
		# A post is known by the Message-ID that it gets; one at a time, so that all see one order.
		[[ $name != anon && $name != wrap ]] || postfix_wait 60 postfix_dry lists
	done
}
authors='m01@example.test m02@example.test m03@example.test m04@example.test u01@partner.example.test m03@example.test'
storm mm $authors
storm mj $authors
storm own $authors
storm all m01@example.test hr-admin@example.test owner-occupied@example.test john+bounces@example.test \
	it-request@example.test hr-admin@example.test
storm anon $authors
storm wrap $authors
outside='mailman2 listserv listserv-verp google ezmlm sympa mlmmj-xverp'
for style in $outside; do
	python3 "$relist/relist.py" $style "$style@lists.partner.test" "$world/members" 127.0.0.2 --posts 6 \
		--sent "$world/sent"
done
# No posts: a digest, and what people write to two at once.
python3 "$relist/relist.py" mailman2-verp mm@example.test "$world/digesters" 127.0.0.2 --digest
postfix_send --server 127.0.0.2 --id note@desk.example.test --from john+bounces@example.test --subject Lunch \
	m02@example.test m03@example.test
postfix_wait 60 postfix_dry lists
sleep 6
postfix_send --server 127.0.0.2 --id quiet@desk.example.test --from m01@example.test --subject Quiet \
	m02@example.test
postfix_wait 60 postfix_dry lists
sleep 1
postfix_stop lists

python3 "$kit/maildirs.py" "$world/home" example.test >>"$world/truth"
expect() {
	postfix_expect "$1" "$world/members" --local-domain example.test --method subject --min-replies 4 \
		--min-recipients 10 "${@:2}"
}
expect mm@example.test --kind manager
expect mj@example.test --kind manager
expect own@example.test --kind manager
expect all@example.test --kind alias
expect anon@example.test --kind manager --sender-unknown $(printf -- '--held <anon.%d@desk.example.test> ' 0 1 2 3 4 5)
expect wrap@example.test --kind manager --sender-unknown --held '<wrap.3@desk.example.test>'
for style in $outside; do
	expect "$style@lists.partner.test" --kind manager --sender-unknown
done
for list in hr it occupied john mj-outgoing; do
	printf 'list %s@example.test posts\t(none)\n' $list >>"$world/expected"
done
{ cat "$kit/aliases.conf"; echo 'list "own@example.test" { manager = true }'; } >"$world/conf"
postfix_judge senders lists
