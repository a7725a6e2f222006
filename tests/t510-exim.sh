#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# A storm on an alias list over two hosts of real Exim (exim/storm.sh tells what
# happens). Every figure is compared with what was sent and received. The logs
# are Exim's own main logs: the first with Exim's default selection and subjects, the
# second with much more.
set -euo pipefail
. "$(dirname "$0")/postfix/lib.sh"
. "$(dirname "$0")/exim/lib.sh"
. "$(dirname "$0")/exim/storm.sh"
exim_fetch
postfix_enter "$0"
postfix_world
exim_unpack
lists_selector=
store_selector='+millisec +pid +received_recipients +received_sender +queue_time +deliver_time +sender_on_delivery
	+outgoing_port +incoming_port +incoming_interface +return_path_on_delivery +delivery_size +all_parents'
store_selector=$(echo $store_selector)
exim_hosts
exim_storm
postfix_judge aliases lists store
