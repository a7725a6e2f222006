# SPDX-License-Identifier: Apache-2.0
#
# A real mail system for a test where the machine has another: its Debian
# packages unpacked in a folder of their own, never installed. Sourced after
# postfix/lib.sh, within whose namespaces the test goes on.

# mta_fetch PACKAGE...: before postfix_enter, for there is no way out of its network. MTA_PACKAGES=DIR has them already.
mta_fetch() {
	if [ -n "${POSTFIX_TEST_INSIDE:-}${MTA_PACKAGES:-}" ]; then
		return
	fi
	MTA_PACKAGES=$(mktemp -d)
	export MTA_PACKAGES MTA_FETCHED=yes
	(cd "$MTA_PACKAGES" && apt-get download "$@" >/dev/null 2>&1) || {
		rm -rf "$MTA_PACKAGES"
		postfix_skip "no packages $*"
	}
}

# mta_unpack FOLDER PACKAGE...
mta_unpack() {
	local folder=$1 package
	shift
	mkdir -p "$folder"
	for package in "$@"; do
		dpkg-deb -x "$MTA_PACKAGES/$package"_*.deb "$folder" || postfix_skip "no package $package"
	done
	[ -z "${MTA_FETCHED:-}" ] || rm -rf "$MTA_PACKAGES"
}

# mta_fetch_all PACKAGE: it and all it needs that the machine lacks; as mta_fetch.
mta_fetch_all() {
	if [ -n "${POSTFIX_TEST_INSIDE:-}${MTA_PACKAGES:-}" ]; then
		return
	fi
	MTA_PACKAGES=$(mktemp -d)
	export MTA_PACKAGES MTA_FETCHED=yes
	mkdir "$MTA_PACKAGES/partial"
	apt-get install -qq --yes --download-only --no-install-recommends -o "Dir::Cache::archives=$MTA_PACKAGES" \
		"$1" >/dev/null 2>&1 || {
		rm -rf "$MTA_PACKAGES"
		postfix_skip "no package $1"
	}
}

# mta_unpack_all FOLDER: all that was fetched.
mta_unpack_all() {
	local package
	mkdir -p "$1/usr" "$1/etc"
	for package in "$MTA_PACKAGES"/*.deb; do
		[ ! -e "$package" ] || dpkg-deb -x "$package" "$1"
	done
	[ -z "${MTA_FETCHED:-}" ] || rm -rf "$MTA_PACKAGES"
}

# mta_accounts NAME...: users and groups of the system's own, beside the machine's.
mta_accounts() {
	local number=60100 name
	[ -e "$world/passwd" ] || cp /etc/passwd "$world/passwd"
	cp /etc/group "$world/group"
	for name in "$@"; do
		echo "$name:x:$number:$number::/nonexistent:/usr/sbin/nologin" >>"$world/passwd"
		echo "$name:x:$number:" >>"$world/group"
		number=$((number + 1))
	done
	mountpoint -q /etc/passwd || mount --bind "$world/passwd" /etc/passwd
	mount --bind "$world/group" /etc/group
}

# mta_mail ID FROM SUBJECT RECIPIENT... [OPTION...]: to host `lists`
mta_mail() {
	postfix_send --server 127.0.0.2 --source 127.0.0.2$((RANDOM % 3 + 1)) --id "$1@desk.example.test" \
		--from "$2" --subject "$3" "${@:4}"
	sleep 0.3
}

# mta_posts LIST: a storm on it as far as its last post but two, and mail that is none of it.
mta_posts() {
	local list=$1 box=box.example.test n
	for n in 1 2 3 4 5 6; do
		mta_mail "before$n" "m3$n@$box" "Lunch on day $n" "m4$n@$box"
	done
	mta_mail root m01@$box 'Test mail' $list
	sleep 1
	mta_mail r01 m02@$box 'Re: Test mail' $list
	mta_mail r02 m03@$box 'RE: Test mail' $list m01@$box
	mta_mail r03 x03@partner.example.test 'AW: Test mail' $list
	mta_mail r04 m02@$box 'Re: AW: Test mail' $list boss@partner.example.test
	mta_mail r05 m04@$box 'Re: Test mail' $list m03@$box m01@$box
	mta_mail auto1 m07@$box 'Automatic reply: Test mail' --automatic $list
	mta_mail r06 m05@$box 'Re: Test mail' $list
	mta_mail during1 m31@$box 'Has anyone seen my keys' m42@$box
	mta_mail r07 m03@$box 'Re: Test mail' $list
	mta_mail r08 m06@$box 'Re: Test mail' $list
	mta_mail r09 m02@$box 'Re: Test mail' $list
	mta_mail root2 m33@$box 'Test mail' m44@$box
	mta_mail auto2 '' 'Out of office: Test mail' --automatic $list
	mta_mail r10 m04@$box 'Re: Test mail' $list
	mta_mail r11 m08@$box 'Re: Test mail' $list
	mta_mail r12 m02@$box 'Re: Test mail' $list
}
