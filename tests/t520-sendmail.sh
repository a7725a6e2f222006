#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# A storm on an alias list over two hosts of real Sendmail (sendmail/storm.sh
# tells what happens). Every figure is compared with what was sent and received.
set -euo pipefail
. "$(dirname "$0")/postfix/lib.sh"
. "$(dirname "$0")/sendmail/lib.sh"
. "$(dirname "$0")/sendmail/storm.sh"
sendmail_fetch
postfix_enter "$0" "" rsyslogd m4
postfix_world
postfix_syslog
sendmail_unpack
sendmail_hosts
sendmail_storm
postfix_judge aliases lists store
