#!/bin/sh
# Installs the Debian packages that building, running and testing need.
# usage: system-packages.sh [build|run|test|bench]...   (the first three when none is named)
set -eu

build='clang gcc libc6-dev pkg-config libgl-dev libegl-dev libx11-dev libxrandr-dev
libxxf86vm-dev libxi-dev libxcursor-dev libxinerama-dev libwayland-dev libxkbcommon-dev'
run='libgl1 libegl1 libx11-6 libwayland-client0 libxkbcommon0 libxcursor1 libxrandr2 libxinerama1 libxi6 ca-certificates'
# The demo room and the tests: a TPM, an HSM, an IPP printer with its DNS-SD, a display, and peers to compare with
# (Python runs the second implementation of the journal's verifier).
test='swtpm swtpm-tools tpm2-tools softhsm2 cups-ipp-utils avahi-daemon dbus cups-client
xvfb xauth xdotool x11-utils imagemagick libgl1-mesa-dri
mupdf-tools poppler-utils zbar-tools dmtx-utils strace shellcheck python3 python3-cryptography'
# make bench: a small desktop program to be as quick as, and what looks at the display.
bench='simple-scan x11-apps'

wanted=''
[ "$#" != 0 ] || set -- build run test
for group; do
	case "$group" in
	build) wanted="$wanted $build" ;;
	run) wanted="$wanted $run" ;;
	test) wanted="$wanted $test" ;;
	bench) wanted="$wanted $bench" ;;
	*) echo "system-packages.sh: no group called '$group' (build, run, test, bench)" >&2; exit 2 ;;
	esac
done

if ! command -v dpkg-query >/dev/null 2>&1 || ! command -v apt-get >/dev/null 2>&1; then
	echo "This is not Debian. Install what these Debian packages hold, then call make with SYSTEM_PACKAGES=no:" >&2
	for p in $wanted; do echo "  $p" >&2; done
	exit 1
fi

missing=''
for p in $wanted; do
	case "$(dpkg-query -W -f='${Status}' "$p" 2>/dev/null || true)" in
	*' installed') ;;
	*) missing="$missing $p" ;;
	esac
done
[ -n "$missing" ] || exit 0

root=''
if [ "$(id -u)" != 0 ]; then
	if ! command -v sudo >/dev/null 2>&1; then
		echo "These packages are missing, and neither root nor sudo is at hand. As root:" >&2
		echo "  apt-get install --no-install-recommends$missing" >&2
		exit 1
	fi
	root='sudo'
fi
echo "installing:$missing"
$root apt-get update -qq
# shellcheck disable=SC2086 # the names are words
$root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
