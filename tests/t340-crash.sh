#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Twenty kills, and some SIGTERMs and power cuts, at random points of replays
# from a real Kafka: nothing is lost, nothing counted twice. See crash.sh, which
# does the same a thousand times.
exec bash "$TOP_SRCDIR/tests/crash.sh" 20
