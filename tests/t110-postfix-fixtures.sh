#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The logs that real Postfix wrote in the t5NN tests, kept in data/postfix: the
# figures of each must be what those tests sent and received. Needs no Postfix.
# POSTFIX_SAVE=tests/data/postfix on a t5NN test makes its fixture anew.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
exec "$here/postfix/kept.sh" "$here"/data/postfix/*/
