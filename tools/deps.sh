#!/bin/sh
# SPDX-License-Identifier: MIT
# Install the Debian packages a goal needs: deps.sh build|demo|check|bench|rtl. Says what it is about to
# install; does nothing when all is there.
set -eu

build="gcc libc6-dev make pkg-config python3 libva-dev libdrm-dev libjansson-dev libavformat-dev libavcodec-dev
libavutil-dev libswscale-dev gcc-riscv64-unknown-elf binutils-riscv64-unknown-elf openssl
libsodium-dev"
demo="ffmpeg vainfo"
check="$demo linux-headers-amd64 kmod sparse perl dkms g++ binutils clang llvm libclang-rt-dev libcunit1-dev libopenh264-dev valgrind qemu-user
gstreamer1.0-tools gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad"
rtl="verilator g++ clang yosys libcunit1-dev qemu-system-misc zlib1g-dev"
bench="$demo x264 python3-matplotlib python3-scipy"

case "${1:-}" in
build) want="$build" ;;
demo) want="$build $demo" ;;
check) want="$build $check $rtl" ;;
bench) want="$build $bench" ;;
rtl) want="$build $rtl" ;;
*)
	echo "usage: $0 build|demo|check|bench|rtl" >&2
	exit 2
	;;
esac

if ! command -v dpkg-query >/dev/null; then
	echo "deps: this is not a Debian system; install by its own means: $want" >&2
	exit 1
fi

installed() {
	dpkg-query -W -f '${db:Status-Status}\n' "$1" 2>/dev/null | grep -qx installed
}

missing=
for package in $want; do
	installed "$package" || missing="$missing $package"
done
[ -z "$missing" ] && exit 0

if [ "$(id -u)" = 0 ]; then
	as_root=
elif command -v sudo >/dev/null; then
	as_root=sudo
else
	echo "deps: these packages are missing and neither root nor sudo is at hand:$missing" >&2
	exit 1
fi
export DEBIAN_FRONTEND=noninteractive
echo "deps: installing Debian packages:$missing"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
quietly() {
	"$@" >"$log" 2>&1 </dev/null || {
		cat "$log" >&2
		echo "deps: failed: $*" >&2
		exit 1
	}
}
quietly $as_root apt-get update
quietly $as_root apt-get install -y --no-install-recommends $missing
