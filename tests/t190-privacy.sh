#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Addresses as keyed hashes: every figure is that of a database with plain
# addresses, also after kills; what the hashes are, Python's HMAC says; and the
# bytes of the files are searched for each address. What cannot be the key, or
# another database's, is refused.
set -euo pipefail
. "$TOP_SRCDIR/tests/run.sh"
command -v python3 >/dev/null || { echo "skipped: no python3"; exit 77; }

umask 077
echo "correct horse battery staple" >key
echo "another horse battery staple" >other.key
small='storm { min_recipients = 300 min_pairs = 4000 }'
make_configuration plain.conf "$small" 'store { checkpoint = 10ms }'
make_configuration keyed.conf "$small" 'store { checkpoint = 10ms }' 'limits { pending_messages = 50 }' \
	"privacy { addresses = keyed-hash key_file = \"$PWD/key\" }"
# read_in DATABASE HOW LOG...
read_in() { configuration=$2.conf take_in "$1" "${@:3}"; }
# words DATABASE: what may stand nowhere in a database of hashes: all addresses but lists, logins, ids.
words() {
	{
		query "$1" "SELECT address FROM ($addresses) WHERE address NOT IN (SELECT list FROM lists) AND address NOT LIKE 'recipient-set%'"
		query "$1" "SELECT sender FROM posts UNION SELECT login FROM posts UNION SELECT trim(message_id, '<>') FROM posts"
		# A bounce's Message-ID is its queue ID, which stays.
		query "$1" "SELECT text FROM state_text WHERE text LIKE '%@%' AND text NOT GLOB '<3t*'"
	} | sed 's/@.*//; s/^<//' | sort -u
}

# same_as_plain NAME: NAME.db of hashes is what NAME-plain.db is.
same_as_plain() {
	dump "$1-plain.db" && dump "$1.db" || return
	query "$1-plain.db" "SELECT list FROM lists" >"$1.lists"
	python3 "$tests/privacy.py" hash key "$1.lists" <"$1-plain.db.dump" | LC_ALL=C sort >expected
	LC_ALL=C sort "$1.db.dump" >got
	[ -s expected ] && cmp -s expected "$1-plain.db.dump" && fail "$1: nothing was hashed"
	diff expected got >differs || { fail "$1: not what the plain database is"; lines 12 <differs; }
	words "$1-plain.db" >words
	[ "$(wc -l <words)" -gt 300 ] || fail "$1: too few words to search for: $(wc -l <words)"
	python3 "$tests/privacy.py" search words "$1".db* "$1.db.said" >found
	[ ! -s found ] || { fail "$1: plain addresses are left"; lines 5 <found; }
}

### Shapes of lists, each with its own ways to know a list, or not to.
storm="--members 400 --posts 20 --posters 8 --duration 70m --min-recipients 300 --min-pairs 4000 --hops 2 --deferred 5
	--bounced 1 --external 10 --auto-replies 3 --background 0.5 --lifetime 6h"
for shape in virtual alias mailman verp recipient-set; do
	make_storm $shape --shape $shape $storm
	read_in $shape-plain.db plain $shape.log
	read_in $shape.db keyed $shape.log
	same_as_plain $shape
done
# Posters, events and lines in their order, which sorting hid.
for view in posters timeline amplification; do
	grep "^$view" virtual-plain.db.dump | python3 "$tests/privacy.py" hash key virtual.lists >expected
	grep "^$view" virtual.db.dump | diff expected - >differs || fail "$view: $(lines 4 <differs)"
done

### A kill at any moment changes nothing, and leaves nothing plain.
words virtual-plain.db >words
for kill in 1 2 3 4 5 6; do
	"$mailstormd" -c keyed.conf --rules "$rules" --db killed.db --follow virtual.log 2>>killed.db.said &
	daemon=$!
	sleep "0.$((kill * 37 % 100 + 100))"
	kill -KILL $daemon
	wait $daemon 2>/dev/null || :
	python3 "$tests/privacy.py" search words killed.db* >found
	[ ! -s found ] || { fail "killed: plain addresses are left"; lines 5 <found; }
done
"$mailstormd" -c keyed.conf --rules "$rules" --db killed.db --follow virtual.log --until-end 2>>killed.db.said
"$mailstormd" -c keyed.conf --rules "$rules" --db followed.db --follow virtual.log --until-end 2>>killed.db.said
equal followed.db killed.db as-of
query killed.db "SELECT sum(deliveries) FROM incidents" >got
query virtual-plain.db "SELECT sum(deliveries) FROM incidents" | diff - got || fail "killed: other figures"

### One mailbox: with the key, with its hash, and without the key.
mailbox=$(query virtual-plain.db "SELECT mailbox FROM affected WHERE copies > 0 ORDER BY mailbox LIMIT 1")
hash=$(python3 -c "import sys; sys.path.insert(0, '$tests'); import privacy; print(privacy.hashed(privacy.key_of('key'), '$mailbox'))")
"$mailstorm" --db virtual-plain.db affected 1 --mailbox "$mailbox" --format csv | sed "s/${mailbox%@*}@/$hash@/" >expected
cp key copy.key
for way in "--mailbox ${mailbox^^} --key-file copy.key" "--mailbox $mailbox" "--mailbox $hash@${mailbox#*@}"; do
	"$mailstorm" --db virtual.db affected 1 $way --format csv | diff expected - || fail "affected $way"
done
# asked STATUS WORDS OPTION...: not without the key.
asked() {
	local status=0

	"$mailstorm" --db virtual.db affected 1 --mailbox "$mailbox" "${@:3}" >said 2>&1 || status=$?
	expect "status of affected ${*:3}" "$1" "$status"
	grep -qF -- "$2" said || fail "affected ${*:3}: not told \"$2\": $(cat said)"
}
asked 1 "other.key: it is not the key of this database" --key-file other.key
asked 1 "nowhere: cannot be used as key file" --key-file nowhere
mv key away
asked 1 "needs the key (--key-file): $PWD/key: cannot be used as key file: No such file" --
mv away key

### The Message-IDs to clear mailboxes with: the key tells them.
"$mailstorm" --db virtual-plain.db posts 1 --message-ids >expected
for way in "--key-file copy.key" ""; do
	"$mailstorm" --db virtual.db posts 1 --message-ids $way | diff expected - || fail "posts --message-ids $way"
done
"$mailstorm" --db virtual.db posts 1 --message-ids --key-file other.key >got 2>said && fail "posts --message-ids: another key"
[ ! -s got ] || fail "posts --message-ids: ids without the key"

### What people and programs write: subjects, and samples of lines that nobody understands.
make_storm odd --members 5 --posts 2 --start 2016-11-14T08:00:00Z
sed 's/header Subject: Test/header Subject: ask "Anna Secret1"@example.org or secret2@example.org/' odd.log |
	grep -v "secret-nothing" >odd.lines
n=0
while read -r text; do
	printf 'Nov 14 09:%02d:00 lists1 postfix/smtpd[77]: %s\n' $((n % 60)) "$text"
	n=$((n + 1))
done >>odd.lines <<'END'
strange user=<secret3@example.org> and secret4=example.org
strange to=<secret5>, sasl_username=secret6, orcpt=rfc822;secret7+40example.org
strange {"user":"secret8","to":"\u003csecret9\u0040example.org\u003e"}
strange <bounces+secret10=example.org@lists.example.org> secret11%example.org@example.org
strange "secret 12"@example.org CORP\secret13 host!secret14
END
mv odd.lines odd.log
dated odd.log
read_in odd.db keyed odd.log
query odd.db "SELECT count(*) FROM unparsed WHERE line LIKE '%strange%'" >got
expect "samples" 5 "$(cat got)"
seq -f 'secret%g' 14 >words
echo 'secret 12' >>words
python3 "$tests/privacy.py" search words odd.db* >found
[ ! -s found ] || { fail "samples: plain addresses are left"; lines 5 <found; }
query odd.db "SELECT DISTINCT subject FROM posts WHERE subject LIKE 'ask%@example.org or %@example.org'" | grep -q . ||
	fail "subject: $(query odd.db 'SELECT subject FROM posts')"

### What is refused.
# refused WORDS CONFIGURATION DATABASE STATUS
refused() {
	local status=0

	"$mailstormd" -c "$2" --rules "$rules" --db "$3" --file odd.log >said 2>&1 || status=$?
	expect "status with $2" "$4" "$status"
	grep -qF -- "$1" said || fail "$2: not refused with \"$1\": $(cat said)"
}
refused "odd.db: cannot be used: its addresses are keyed hashes, and privacy.addresses is plain" plain.conf odd.db 2
refused "virtual-plain.db: cannot be used: its addresses are plain, and privacy.addresses is keyed-hash" keyed.conf \
	virtual-plain.db 2
sed "s|/key\"|/other.key\"|" keyed.conf >other.conf
refused "odd.db: cannot be used: its addresses are keyed hashes of another key than privacy.key_file has" other.conf odd.db 2
for mode in 604 602 660; do
	chmod $mode other.key
	refused "other.key: cannot be used as key file" other.conf new.db 1
	"$mailstormd" -c other.conf --rules "$rules" --check-config >said 2>&1 && fail "--check-config takes a key of mode $mode"
done
chmod 600 other.key
echo "0123456789abcde" >other.key
refused "it is shorter than 16 bytes" other.conf new.db 1
[ ! -e new.db ] || fail "a database was made without a key"
make_configuration none.conf 'privacy { addresses = keyed-hash }'
refused "none.conf:2: privacy.addresses: keyed-hash without privacy.key_file" none.conf new.db 1

### The files' modes, whatever the umask.
for mask in 000 022 077 777; do
	(umask $mask && "$mailstormd" -c plain.conf --rules "$rules" --db modes.$mask --file odd.log 2>/dev/null) || fail "umask $mask"
	expect "modes under umask $mask" "640 640 640" "$(stat -c %a modes.$mask modes.$mask-wal modes.$mask-shm | tr '\n' ' ' | sed 's/ $//')"
done
finish
