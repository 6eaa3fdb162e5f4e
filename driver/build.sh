#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR MIT
# Builds sl200.ko for one kernel: what `make driver` does.
#
#   driver/build.sh FOLDER VERSION sl200_regs.h KDIR KROOT [make arguments]
#
# KDIR: the kernel's build folder. KROOT: a root file system with KDIR and the compiler in it, or
# empty. The module ends up as FOLDER/<kernel release>/sl200.ko, whose path is the last line printed.
set -eu
out=$1 version=$2 regs=$3 kdir=$4 kroot=$5
shift 5
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES CC CFLAGS CPPFLAGS LDFLAGS V
# What the kernel calls itself; Debian's kernel.release says something else.
release_file=$kdir/include/generated/utsrelease.h
[ -z "$kroot" ] || release_file=$kroot$(chroot "$kroot" readlink -f "$release_file")
if [ ! -e "$release_file" ]; then
	echo "driver: no kernel to build for in $kroot$kdir: install its headers, or set KDIR" >&2
	exit 1
fi
release=$(sed -n 's/^#define UTS_RELEASE "\(.*\)"$/\1/p' "$release_file")
mkdir -p "$out/$release"
out=$(cd "$out/$release" && pwd)
"$(dirname "$0")/stage.sh" "$out" "$version" "$regs"
if [ -z "$kroot" ]; then
	make -C "$kdir" M="$out" "$@" modules
else
	# The folder shows at the same place inside, and /proc for objtool, for this build only.
	unshare --mount sh -c 'root=$1 out=$2; shift 2
		mkdir -p "$root/mnt/sl200" "$root/proc" && mount --bind "$out" "$root/mnt/sl200" &&
			mount --bind /proc "$root/proc" && exec chroot "$root" "$@"' \
		sh "$kroot" "$out" make -C "$kdir" M=/mnt/sl200 "$@" modules
fi
echo "$out/sl200.ko"
