#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The generator of storms is to be trusted: its truth agrees with a count of its lines
# that shares nothing with it, for Postfix; for other formats t122 counts.
set -u
. "$TOP_SRCDIR/tests/run.sh"
STORMGEN=$stormgen sh "$tests/truth/stormgen.sh" || fail "the generator's truth is not what its lines say"
finish
