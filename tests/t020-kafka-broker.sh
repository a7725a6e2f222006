#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The broker that the other tests trust: contrib/kafka/kafka starts one, what is
# produced to its partitions is consumed from them, partitions are added and
# records deleted, and all of that outlives a kill as well as a stop.
set -euo pipefail

kafka=$TOP_SRCDIR/contrib/kafka/kafka
for tool in java kcat; do
	command -v $tool >/dev/null || { echo "skipped: no $tool" && exit 77; }
done
"$kafka" fetch || { echo "skipped: no Kafka to be had" && exit 77; }

# consume PARTITION: its records as "offset text", from the earliest on.
consume() {
	kcat -q -b "127.0.0.1:$port" -t maillog -p "$1" -C -o beginning -e -f '%o %s\n'
}

# same WHAT EXPECTED-FILE ACTUAL-FILE
same() {
	diff -u "$2" "$3" || { echo "not as expected: $1" && exit 1; }
}

"$kafka" start broker
port=$(cat broker/port)
"$kafka" topic broker maillog 2
for partition in 0 1; do
	seq -f "line %g of $partition" 0 99 >lines
	kcat -q -b "127.0.0.1:$port" -t maillog -p $partition -P <lines
	awk '{ print NR - 1, $0 }' lines >expected.$partition
	consume $partition >got
	same "partition $partition" expected.$partition got
done

if "$kafka" topic broker maillog 2 2>error || ! grep -q 'already exists' error; then
	echo 'a topic was made twice' && exit 1
fi
if "$kafka" start broker 2>error || ! grep -q 'running already' error; then
	echo 'a broker was started twice' && exit 1
fi

"$kafka" add-partitions broker maillog 3
echo 'line 0 of 2' | kcat -q -b "127.0.0.1:$port" -t maillog -p 2 -P
echo '0 line 0 of 2' >expected.2
"$kafka" delete-records broker maillog 1 40
sed -i 1,40d expected.1

"$kafka" kill broker
[ ! -e broker/pid ] || { echo 'a killed broker has a pid' && exit 1; }
"$kafka" restart broker
[ "$port" = "$(cat broker/port)" ] || { echo 'the port changed' && exit 1; }
for partition in 0 1 2; do
	consume $partition >got
	same "partition $partition after a kill" expected.$partition got
done

"$kafka" restart broker
"$kafka" delete-records broker maillog 1 -1
: >expected.1
for partition in 0 1 2; do
	consume $partition >got
	same "partition $partition after a restart" expected.$partition got
done
"$kafka" stop broker
if "$kafka" stop broker 2>error || ! grep -q 'no broker is running' error; then
	echo 'a broker was stopped twice' && exit 1
fi
