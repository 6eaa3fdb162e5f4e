#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What holds for the tree as a whole: generated files, licences, exported symbols, installation.
set -u
cd "$(dirname "$0")/.."
BUILD=${BUILD:-build}
status=0
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

check() { # name, command; output is shown on failure
	local name=$1
	shift
	if "$@" >"$tmp/out" 2>&1; then
		echo "ok - $name"
	else
		cat "$tmp/out"
		echo "not ok - $name"
		status=1
	fi
}

registers_page_is_current() {
	/usr/bin/python3 abi/gen_regs.py abi/sl200_regs.toml md "$tmp/registers.md" &&
		diff -u docs/registers.md "$tmp/registers.md"
}

# The generator refuses a map with overlapping fields, registers on one address, or bad ranges.
generator_refuses() {
	local bad
	sed 's/MINOR = "15:0 additions"/MINOR = "16:0 additions"/' abi/sl200_regs.toml >"$tmp/overlap.toml"
	sed '0,/^offset = 0x04/s//offset = 0x00/' abi/sl200_regs.toml >"$tmp/address.toml"
	sed 's/MAJOR = "31:16 inc/MAJOR = "32:16 inc/' abi/sl200_regs.toml >"$tmp/range.toml"
	for bad in overlap address range; do
		if /usr/bin/python3 abi/gen_regs.py "$tmp/$bad.toml" c "$tmp/out.h" 2>"$tmp/err"; then
			echo "accepted $bad"
			return 1
		fi
		grep -q "$bad.toml: " "$tmp/err" || return 1
	done
}

sources_name_their_licence() {
	local missing
	missing=$(git ls-files 2>/dev/null | grep -vE '^LICENSES/|/corpus/|\.svg$|\.png$|\.bin$|\.fw$|\.sec$' |
		xargs grep -L 'SPDX-License-Identifier' 2>/dev/null)
	[ -z "$missing" ] || { echo "no SPDX line: $missing"; return 1; }
}

exports() { # shared object, extended regular expression of the intended names
	local others
	others=$(nm -D --defined-only "$1" | awk '{ print $3 }' | grep -vE "^($2)(@@?.*)?$")
	[ -z "$others" ] || { echo "$1 also exports: $others"; return 1; }
}

public_headers_compile() {
	echo '#include <sl200/sl.h>
int main(void) { return sl_version() == 0; }' >"$tmp/c.c"
	cp "$tmp/c.c" "$tmp/cxx.cpp"
	local flags
	flags=$(PKG_CONFIG_PATH=$tmp/root/opt/sl/lib/pkgconfig PKG_CONFIG_SYSROOT_DIR=$tmp/root \
		pkg-config --cflags --libs libsl) || return 1
	gcc -std=c11 -Wall -Wextra -Wpedantic -Werror "$tmp/c.c" -o "$tmp/c" $flags &&
		g++ -Wall -Wextra -Werror "$tmp/cxx.cpp" -o "$tmp/cxx" $flags &&
		LD_LIBRARY_PATH=$tmp/root/opt/sl/lib "$tmp/c"
}

install_works() {
	make --no-print-directory BUILD="$BUILD" DESTDIR="$tmp/root" PREFIX=/opt/sl install || return 1
	local f
	for f in bin/slenc bin/slsmi bin/slrun lib/libsl.so lib/dri/sl200_drv_video.so lib/sl200/sl200.fw \
		include/sl200/sl.h lib/pkgconfig/libsl.pc share/man/man1/slsmi.1; do
		[ -e "$tmp/root/opt/sl/$f" ] || { echo "missing: $f"; return 1; }
	done
	SL_DEVICE=sim: "$tmp/root/opt/sl/bin/slsmi" --json | grep -q '"implementation": "functional model"'
}

uninstall_leaves_nothing() {
	make --no-print-directory BUILD="$BUILD" DESTDIR="$tmp/root" PREFIX=/opt/sl uninstall || return 1
	local left
	left=$(find "$tmp/root" -type f -o -type l)
	[ -z "$left" ] || { echo "left: $left"; return 1; }
}

check "the manual's register page is current" registers_page_is_current
check "the register generator refuses bad maps" generator_refuses
check "every file names its licence" sources_name_their_licence
check "libsl exports only its API" exports "$BUILD/lib/libsl.so.0" 'sl_[a-z0-9_]+'
check "the card exports only its interface" exports "$BUILD/lib/sl200/libslcard.so" 'card_[a-z0-9_]+'
check "the backend exports only libva's entry point" \
	exports "$BUILD/lib/dri/sl200_drv_video.so" '__vaDriverInit_1_0'
check "make install, and the installed tools find their parts" install_works
check "installed headers compile as C11 and C++, by pkg-config" public_headers_compile
check "make uninstall leaves nothing" uninstall_leaves_nothing
exit $status
