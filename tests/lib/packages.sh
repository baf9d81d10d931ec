# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Debian packages that sluice needs, by what needs them; sourced by bench/demo, bench/run and tests/run.

# shellcheck disable=SC2034 # read by those who source this
PACKAGES_BUILD="gcc meson ninja-build pkg-config libc6-dev git libdpdk-dev libipsec-mb-dev
	libwolfssl-dev libuv1-dev libc-ares-dev libyaml-dev libjansson-dev libedit-dev libmnl-dev libbpf-dev
	libxdp-dev libelf-dev zlib1g-dev libsrtp2-dev linux-libc-dev clang llvm scdoc"
# shellcheck disable=SC2034
PACKAGES_LAB="baresip-core sip-tester espeak-ng sox tcpdump stunnel4 openssl python3 python3-numpy iproute2
	iputils-ping ethtool procps util-linux tshark dnsmasq-base"
# Independent SIP software for tests/interop; kamailio brings a service.
# shellcheck disable=SC2034
PACKAGES_INTEROP="kamailio kamailio-tls-modules linphone-cli"
# shellcheck disable=SC2034
PACKAGES_TEST="libcmocka-dev libclang-rt-14-dev clang-format shellcheck openssl"
# shellcheck disable=SC2034
PACKAGES_BENCH="python3 gnuplot-nox openssl"
# Only for bench/run compare: 70 MB with what it needs.
# shellcheck disable=SC2034
PACKAGES_COMPARE="rtpengine-daemon iproute2"

packages_missing() { # NAME...
	local name
	for name in "$@"; do
		dpkg-query -W -f '${db:Status-Abbrev}\n' "$name" 2>/dev/null | grep -q '^ii' || echo "$name"
	done
}

# Installs what is missing of the named packages; without root it says what to run.
packages_install() { # NAME...
	local missing
	mapfile -t missing < <(packages_missing "$@")
	((${#missing[@]})) || return 0
	echo "packages: installing ${#missing[@]}: ${missing[*]}"
	if (($(id -u) != 0)); then
		echo "packages: not root; run: sudo apt-get install --no-install-recommends ${missing[*]}" >&2
		return 1
	fi
	export DEBIAN_FRONTEND=noninteractive
	apt-get update -qq || return 1
	apt-get install -y -qq --no-install-recommends "${missing[@]}" >"${TMPDIR:-/tmp}/sluice-apt.$$" 2>&1 || {
		tail -n 20 "${TMPDIR:-/tmp}/sluice-apt.$$" >&2
		rm -f "${TMPDIR:-/tmp}/sluice-apt.$$"
		return 1
	}
	rm -f "${TMPDIR:-/tmp}/sluice-apt.$$"
}

# The same for packages that bring a service: it is neither started now nor at the next boot. One
# that was installed before stays as it is.
packages_install_idle() { # SERVICE NAME...
	local service=$1 policy=/usr/sbin/policy-rc.d made='' status=0 missing
	shift
	mapfile -t missing < <(packages_missing "$@")
	((${#missing[@]})) || return 0
	if (($(id -u) == 0)) && [[ ! -e $policy ]]; then
		# deb-policy: 101 is "action not allowed"
		printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod 755 "$policy" && made=1
	fi
	packages_install "${missing[@]}" || status=1
	[[ -z $made ]] || rm -f "$policy"
	# it asks to be called by a package; ours is the one that was just installed
	((status)) || DPKG_MAINTSCRIPT_PACKAGE=${service%.service} deb-systemd-helper disable "$service" || status=1
	return "$status"
}
