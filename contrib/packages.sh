# SPDX-License-Identifier: Apache-2.0
#
# The Debian packages that contrib/test and contrib/demo need: which of those in
# contrib/packages are missing, and how they are installed. Sourced; decides
# nothing, and fails as apt-get does.

packages_list=$(dirname "${BASH_SOURCE[0]}")/packages

# packages_missing [HEADING...]: those under the headings, or all.
packages_missing() {
	local line wanted=yes heading

	while read -r line; do
		if [[ $line == '#'* ]]; then
			[ $# -eq 0 ] && continue
			wanted=no
			for heading; do
				[ "$line" != "# $heading" ] || wanted=yes
			done
		elif [ $wanted = yes ] &&
			[ "$(dpkg-query -W -f '${db:Status-Status}' "$line" 2>/dev/null)" != installed ]; then
			echo "$line"
		fi
	done <"$packages_list"
}

# packages_install PACKAGE...: as root. Services are not started: who needs one starts it by itself.
packages_install() {
	local policy=/usr/sbin/policy-rc.d

	if [ ! -e $policy ]; then
		printf '#!/bin/sh\nexit 101\n' >$policy && chmod 755 $policy
		trap 'rm -f /usr/sbin/policy-rc.d' RETURN
	fi
	export DEBIAN_FRONTEND=noninteractive
	if command -v debconf-set-selections >/dev/null; then
		echo 'postfix postfix/main_mailer_type select Local only' | debconf-set-selections
	fi
	apt-get -q update && apt-get -q -y --no-install-recommends install "$@"
}
