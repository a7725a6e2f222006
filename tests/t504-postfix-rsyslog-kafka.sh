#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The whole way: real Postfix on two hosts, each with a real rsyslogd on its
# /dev/log that ships with omkafka to a real Kafka (one host with a key, one
# without, so that its lines come over all partitions), and mailstormd reads the
# topic. Every figure is compared with what was sent and received.
set -euo pipefail
. "$(dirname "$0")/postfix/lib.sh"
. "$kit/virtual.sh"
kafka=$here/../contrib/kafka/kafka
# The jars come from outside, so before the door is shut.
[ -n "${POSTFIX_TEST_INSIDE:-}" ] || "$kafka" fetch || postfix_skip "no Kafka"
postfix_enter "$0" /usr/sbin/rsyslogd
[ -e "$(dpkg -L rsyslog-kafka 2>/dev/null | grep omkafka.so)" ] || postfix_skip "no rsyslog-kafka"
postfix_world
"$kafka" start "$world/kafka"
trap '"$kafka" stop "$world/kafka"; postfix_leave' EXIT
"$kafka" topic "$world/kafka" maillog 3
broker=127.0.0.1:$(cat "$world/kafka/port")

postfix_syslog
virtual_hosts
# ships NAME MORE: host NAME's rsyslogd sends every line to the topic
ships() {
	postfix_rsyslog "$1" <<-END
	module(load="omkafka")
	template(name="host" type="string" string="%HOSTNAME%")
	action(type="omkafka" broker=["$broker"] topic="maillog" template="RSYSLOG_FileFormat"
	       confParam=["enable.idempotence=true"] partitions.auto="on" $2
	       action.resumeRetryCount="-1" queue.type="LinkedList")
	END
}
ships lists 'dynaKey="on" key="host"'
ships store ''
virtual_storm
postfix_rsyslog_stop lists
postfix_rsyslog_stop store

failed=0
postfix_judge rsyslog lists store || failed=$?
[ $failed != 77 ] || exit 77
cat >>"$world/conf" <<END
kafka {
	brokers = "$broker"
	topics = { "maillog" }
}
store {
	path = "$world/mailstorm.db"
}
END
"${MAILSTORMD:-mailstormd}" -c "$world/conf" --rules "${MAILSTORM_RULES_DIRECTORY:-$here/../parsers}" \
	--until-end
DATABASE=$world/mailstorm.db "$kit/judge.sh" "$world/conf" "$world/expected" || failed=$?
exit "$failed"
