#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The module's sources for DKMS: laid out by `make dkms`, built, installed and removed by dkms, in scratch
# folders. Prints "ok - x", "not ok - x" and "skip - x" lines.
set -u
cd "$(dirname "$0")/.." || exit
BUILD=${BUILD:-build}
version=$(sed -n 's/^VERSION := //p' Makefile)
status=0
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

check() { # name, command; output is shown on failure
	local name=$1
	shift
	if "$@" >"$tmp/out" 2>&1; then
		echo "ok - $name"
	else
		tail -n 40 "$tmp/out"
		echo "not ok - $name"
		status=1
	fi
}

release=
for kdir in /lib/modules/*/build; do
	[ -e "$kdir/include/generated/utsrelease.h" ] && release=$(basename "$(dirname "$kdir")")
done
if ! command -v dkms >/dev/null; then
	echo "skip - dkms is not installed"
	exit 0
elif [ -z "$release" ]; then
	echo "skip - no kernel headers are installed (linux-headers-amd64)"
	exit 0
elif [ "$(id -u)" != 0 ] || ! unshare --mount true 2>/dev/null; then
	echo "skip - dkms wants root, and a mount namespace keeps it off this machine's own modules"
	exit 0
fi

# Where dkms keeps its state and its keys, this run has a folder of its own.
dkms_() { # command, arguments
	local command=$1
	shift
	unshare --mount sh -c 'mount --bind "$1" /var/lib/dkms && shift && exec dkms "$@"' sh "$tmp/dkms" \
		"$command" --sourcetree "$tmp/root/usr/src" --installtree "$tmp/modules" -m sl200 -v "$version" "$@"
}

installed() {
	find "$tmp/modules/$release/updates" -name 'sl200.ko*' 2>/dev/null | grep -q .
}

mkdir -p "$tmp/dkms" "$tmp/modules/$release"
ln -s "/lib/modules/$release/build" "$tmp/modules/$release/build"
check "make dkms lays out the sources" make --no-print-directory BUILD="$BUILD" DESTDIR="$tmp/root" dkms
check "the sources need nothing else" eval '[ "$(ls "$tmp/root/usr/src")" = "sl200-$version" ] && ! find "$tmp/root" -type l | grep .'
check "dkms add" dkms_ add
check "dkms build for $release" dkms_ build -k "$release"
check "dkms install" eval 'dkms_ install -k "$release" --no-depmod && installed'
check "dkms remove leaves nothing" eval 'dkms_ remove --all --no-depmod && ! installed'
exit $status
