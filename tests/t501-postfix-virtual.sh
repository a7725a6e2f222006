#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# A storm on a virtual alias list over two hosts of real Postfix that log
# through postlogd (postfix/virtual.sh tells what happens). Every figure is
# compared with what was sent and received.
set -euo pipefail
. "$(dirname "$0")/postfix/lib.sh"
. "$kit/virtual.sh"
postfix_enter "$0"
postfix_world
virtual_hosts
virtual_storm
postfix_judge virtual lists store
