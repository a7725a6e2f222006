#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The logs that real Exim and Sendmail wrote in the t510 and t520 tests, kept in
# data/exim and data/sendmail: the figures of each must be what those tests sent and
# received. Needs neither. POSTFIX_SAVE=tests/data/exim on the t51N test, tests/data/sendmail
# on the t52N test make them anew.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
exec "$here/postfix/kept.sh" "$here"/data/exim/*/ "$here"/data/sendmail/*/
