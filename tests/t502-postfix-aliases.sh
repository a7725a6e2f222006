#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Storms on lists that local(8) expands from aliases(5), one in each shape that
# it logs differently: members here, elsewhere and both, with and without an
# owner, from an included file, lists of lists. Threads are told by subject only.
# Every figure is compared with what was sent and received.
set -euo pipefail
. "$(dirname "$0")/postfix/lib.sh"
postfix_enter "$0"
postfix_world

here_members=$(seq -s' ' -f 'm%02g' 12)
there_members=$(seq -s' ' -f 'x%02g' 12)
postfix_users $here_members
postfix_instance lists 127.0.0.2 <<END
mydestination = example.test, lists.example.test
myorigin = example.test
alias_maps = hash:$world/lists/etc/aliases
home_mailbox = Maildir/
relay_domains = partner.example.test
transport_maps = hash:$world/lists/etc/transport
header_checks = regexp:$kit/header_checks
END
echo 'partner.example.test smtp:[mx.partner.example.test]:25' >"$world/lists/etc/transport"

# list NAME MEMBER...: an alias and its file of members as they are expected
list() {
	local name=$1
	shift
	printf '%s: ' "$name" >>"$world/lists/etc/aliases"
	printf '%s\n' "$@" | paste -sd, >>"$world/lists/etc/aliases"
	members "$name" "$@"
}
members() {
	printf '%s\n' "${@:2}" | sed 's/^[^@]*$/&@example.test/' >"$world/members.$1"
}
elsewhere() {
	printf '%s@partner.example.test ' "$@"
}
list staff $here_members
list crew $here_members
list partners $(elsewhere $there_members)
list friends $(elsewhere $there_members)
list mixed m01 m02 m03 m04 m05 m06 gone $(elsewhere x01 x02 x03 x04 x05 x99)
list blend m01 m02 m03 m04 m05 m06 gone $(elsewhere x01 x02 x03 x04 x05 x99)
list inner m07 m08 $(elsewhere x06 x07)
list twice m09 m10 m10 m11 inner
members everyone m01 m02 m03 m04 m05 m06 m07 m08 m09 m10 m11 $(elsewhere x06 x07)
members universe $here_members $(elsewhere $there_members)
members book m01 m02 m03 m04 m05 m06 $(elsewhere x01 x02 x03 x04 x05 x06)
cp "$world/members.book" "$world/lists/etc/book"
cat >>"$world/lists/etc/aliases" <<END
owner-crew: m01
owner-friends: m12
owner-blend: m02
owner-universe: m03
everyone: m01, m02, m03, m04, m05, m06, twice
universe: crew, friends, m07
book: :include:$world/lists/etc/book
END
postmap "$world/lists/etc/transport"
postalias "$world/lists/etc/aliases"
cat >"$world/rules" <<END
greylist x02@partner.example.test 1
refuse x99@partner.example.test
END

postfix_start lists
postfix_sink smtp:partner:127.0.0.9:25
for name in staff crew partners friends mixed blend everyone universe book; do
	n=0
	for sender in m01@example.test m02@example.test m03@example.test m04@example.test \
		u01@partner.example.test m03@example.test; do
		prefix=('' 'Re: ' 'RE: Re: ' 'AW: ' 'Re: Fwd: ' 'SV: ')
		postfix_send --server 127.0.0.2 --source 127.0.0.21 --id "$name.$n@desk.example.test" \
			--from "$sender" --subject "${prefix[n]}News of $name" "$name@example.test"
		n=$((n + 1))
		sleep 0.1
	done
done
postfix_wait 60 postfix_dry lists
sleep 7
postfix_send --server 127.0.0.2 --id quiet@desk.example.test --from m01@example.test --subject Quiet \
	m02@example.test
postfix_wait 60 postfix_dry lists
sleep 1
postfix_stop lists

python3 "$kit/maildirs.py" "$world/home" example.test >>"$world/truth"
# gone@example.test has no account: nobody but local(8) sees it refused.
awk -F'\t' -v OFS='\t' '
	$5 ~ /^(mixed|blend)@/ { print $1, "refused", "local", "", $3, $4, "gone@example.test" }
' "$world/sent" >>"$world/truth"
for name in staff crew partners friends mixed blend everyone universe book; do
	kind=alias
	[[ " crew friends blend universe " != *" $name "* ]] || kind=
	postfix_expect "$name@example.test" "$world/members.$name" --outside partner \
		--local-domain example.test --method subject --kind "$kind" --min-replies 4 --min-recipients 10
done
cp "$kit/aliases.conf" "$world/conf"
postfix_judge aliases lists
