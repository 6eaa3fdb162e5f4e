#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The kernel module, without running it: it builds without warnings for every kernel whose headers are at
# hand, passes the kernel's own checkers, and its interface to user space is laid out as promised.
#
#   tests/driver.sh            prints "ok - x", "not ok - x" and "skip - x" lines
#   SL_KERNEL_ROOTS=/a:/b      root file systems with more kernel headers, and their compilers, in them
set -u
cd "$(dirname "$0")/.." || exit
BUILD=${BUILD:-build}
cache=${SL_VM_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/sl200}
status=0
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
sources=$(ls driver/sl200_*.[ch])
core=$(ls driver/core/*.[ch])
uapi=abi/uapi/drm/sl200_drm.h

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

# A clean build says nothing but what it does. Which tools the kernel itself was built with is not ours.
builds() { # root or nothing, KDIR, log, make arguments
	local root=$1 kdir=$2 log=$3
	shift 3
	make --no-print-directory BUILD="$BUILD/driver-check" driver KROOT="$root" KDIR="$kdir" "$@" >"$log" 2>&1 || {
		cat "$log"
		return 1
	}
	! grep -E '(warning|error|Warning|ERROR|WARNING): ' "$log" |
		grep -vE 'warning: (pahole version|the compiler) differs'
}

describes_itself() { # module
	local version text
	version=$(sed -n 's/^VERSION := //p' Makefile)
	text=$(modinfo "$1") || return 1
	[ "$(modinfo -F version "$1")" = "$version" ] || { echo "version is not $version: $text"; return 1; }
	[ "$(modinfo -F license "$1")" = "Dual MIT/GPL" ] || { echo "license: $text"; return 1; }
	[ -n "$(modinfo -F description "$1")" ] || { echo "no description"; return 1; }
	[ "$(modinfo -F firmware "$1")" = sl200/sl200.fw ] || { echo "firmware: $text"; return 1; }
	modinfo -F alias "$1" | grep -q '^pci:v00001024d00000101' || { echo "alias: $text"; return 1; }
	# parm: name:what it is (type)
	modinfo -F parm "$1" | grep -vE '^[a-z_]+:.{10,} \([a-z]+\)$' && return 1
	modinfo -F parm "$1" | cut -d: -f1 | while read -r name; do
		grep -q "\`$name\`" docs/driver-install.md || { echo "not in docs/driver-install.md: $name"; exit 1; }
	done
}

sparse_saw_all() {
	[ "$(grep -c '^  CHECK ' "$tmp/log")" -eq "$(ls driver/sl200_*.c driver/core/*.c | wc -l)" ]
}

declare -A checked=()
check_kernel() { # root or nothing, KDIR
	local root=$1 kdir=$2 release name module
	release=$(sed -n 's/^#define UTS_RELEASE "\(.*\)"$/\1/p' "$root$kdir/include/generated/utsrelease.h" 2>/dev/null)
	[ -n "$release" ] && [ -z "${checked[$release]:-}" ] || return
	checked[$release]=1
	name="kernel $release"
	if [ -n "$root" ] && ! unshare --mount true 2>/dev/null; then
		echo "skip - $name: building in another root wants root, and mount namespaces"
		return
	fi
	module=$BUILD/driver-check/driver/$release
	rm -rf "$module"
	module=$module/sl200.ko
	if [ -n "$root" ] && ! chroot "$root" perl -MPod::Usage -e 1 2>/dev/null; then
		check "$name: builds without warnings" builds "$root" "$kdir" "$tmp/log"
		echo "skip - $name: no perl in its root, which W=1 takes"
	else
		check "$name: builds without warnings (W=1)" builds "$root" "$kdir" "$tmp/log" W=1 C=2
		if grep -q 'sparse is not available' "$tmp/log"; then
			echo "skip - $name: sparse is missing, or its headers lack what runs it"
		else
			check "$name: sparse has looked at every file" sparse_saw_all
		fi
	fi
	check "$name: the module describes itself" describes_itself "$module"
}

for kdir in /usr/src/linux-headers-*; do
	check_kernel "" "$kdir"
done
for image in "$cache"/kernels/debug-*/vmlinuz; do
	check_kernel "" "$(dirname "$image")/build"
done
IFS=: read -ra roots <<<"${SL_KERNEL_ROOTS:-}"
for root in "${roots[@]}" "$cache"/headers-*[0-9a-f]; do
	[ -x "$root/usr/bin/make" ] || continue
	for kdir in "$root"/usr/src/linux-headers-*; do
		check_kernel "$root" "${kdir#"$root"}"
	done
done
[ ${#checked[@]} -gt 0 ] || echo "skip - no kernel headers are installed (linux-headers-amd64)"

# What one version of Linux says about itself says little: stable ones get newer interfaces too.
asks_for_no_version() {
	! grep -nE 'LINUX_VERSION_CODE|KERNEL_VERSION|linux/version\.h' $sources $core driver/compat/*
}

every_probe_is_used() {
	local probe name
	for probe in driver/compat/*.c; do
		name=HAVE_$(basename "$probe" .c | tr '[:lower:]' '[:upper:]')
		grep -qw "$name" driver/sl200_compat.h || { echo "not used: $probe"; return 1; }
	done
	grep -ohwE 'HAVE_[A-Z0-9_]+' driver/sl200_*.[ch] | sort -u | while read -r name; do
		name=$(echo "${name#HAVE_}" | tr '[:upper:]' '[:lower:]')
		[ -e "driver/compat/$name.c" ] || { echo "no probe: $name"; exit 1; }
	done
}

# A kernel that has neither form of a thing must not build with a guess.
probe_refuses_the_unknown() {
	cat >"$tmp/strange.c" <<-'END'
		#ifdef PROBE
		int probe(void) { return new_form(); }
		#else
		int probe(void) { return old_form(); }
		#endif
	END
	! driver/compat/probe.sh "$tmp/strange.c" "$tmp/strange.result" gcc -std=gnu11 2>"$tmp/err" &&
		grep -q 'neither of the two forms' "$tmp/err" && [ ! -e "$tmp/strange.result" ]
}

check "nothing depends on a kernel's version number" asks_for_no_version
check "every probe is used, and every answer has its probe" every_probe_is_used
check "a kernel with neither form of a thing is refused" probe_refuses_the_unknown

# The kernel's own scripts: of installed headers, of the debug kernel, or of Debian's kernel source.
script() { # name
	ls "$cache"/kernels/debug-*/build/scripts/"$1" /usr/src/linux-headers-*-common/scripts/"$1" \
		/usr/src/linux-source-*/scripts/"$1" 2>/dev/null | head -n 1
}

kernel_doc=$(script kernel-doc)
if [ -n "$kernel_doc" ]; then
	check "kernel-doc comments" eval '! { "$kernel_doc" -none -Werror $sources $core $uapi 2>&1 | grep .; }'
else
	echo "skip - no kernel-doc: it comes with kernel headers"
fi

checkpatch=$(script checkpatch.pl)
if [ -n "$checkpatch" ]; then
	style() { # types of findings to leave out, files
		local ignored=$1
		shift
		"$checkpatch" --no-tree --strict --quiet --terse --show-types --ignore "$ignored" -f "$@"
	}
	# clang-format breaks lines after a parenthesis where nothing else fits.
	check "checkpatch: the driver" style OPEN_ENDED_LINE \
		$(grep -vE '/sl200_(trace|compat)\.h' <<<"$sources") $uapi
	# Tracepoints are written like nothing else, and parts of initializers are no expressions.
	check "checkpatch: tracepoints, differences between kernels" \
		style OPEN_ENDED_LINE,PARENTHESIS_ALIGNMENT,COMPLEX_MACRO,MACRO_ARG_REUSE \
		driver/sl200_trace.h driver/sl200_compat.h
	# Shared with user space: C's own types and attributes there.
	check "checkpatch: the core" style \
		OPEN_ENDED_LINE,PREFER_KERNEL_TYPES,BIT_MACRO,PREFER_DEFINED_ATTRIBUTE_MACRO $core
else
	echo "skip - no checkpatch.pl: sim/vm/debug-kernel.sh fetches the kernel source that has it"
fi

compiles_alone() { # compiler arguments
	echo "#include \"$uapi\"" | "$@" -Wall -Wextra -Wpedantic -Werror -fsyntax-only -I. \
		-isystem /usr/include/libdrm -isystem "/usr/include/$(uname -m)-linux-gnu" -
}

check "the interface's header compiles alone as C" compiles_alone gcc -std=c99 -xc
check "the interface's header compiles alone as C++" compiles_alone g++ -std=c++11 -xc++
check "the interface's header compiles alone for 32-bit processes" compiles_alone gcc -m32 -std=c99 -xc
check "the interface's layout" /usr/bin/python3 tests/driver_uapi.py check
exit $status
