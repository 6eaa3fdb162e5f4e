#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Builds the debug kernel of the test guest (see debug-kernel.config) from Debian's linux-source-6.1,
# once: later calls find it by the hash of its recipe.
#
#   sim/vm/debug-kernel.sh [make arguments, such as -j2]
#
# The last line on standard output is the directory that holds
#   vmlinuz     the kernel, to boot without modules
#   config      its configuration
#   release     its release string, as `uname -r` will print it
#   build/      what `make driver KDIR=` takes
# It lies in ${SL_VM_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/sl200}/kernels. Progress goes to standard error.
set -euo pipefail
unset MAKEFLAGS MFLAGS MAKELEVEL
here=$(cd "$(dirname "$0")" && pwd)
config=$here/debug-kernel.config
source_package=linux-source-6.1
cache=${SL_VM_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/sl200}/kernels
recipe=1 # raise it when a change below makes another kernel of the same configuration
hash=$( (cat "$config" && echo "$source_package $recipe") | sha256sum | cut -c1-12)
dir=$cache/debug-$hash

say() {
	echo "debug kernel: $*" >&2
}

die() {
	say "$*"
	exit 1
}

need_tools() {
	local missing=() pair
	for pair in gcc:gcc make:make flex:flex bison:bison bc:bc xz:xz-utils perl:perl \
		/usr/include/libelf.h:libelf-dev; do
		case ${pair%:*} in
		/*) [ -e "${pair%:*}" ] || missing+=("${pair#*:}") ;;
		*) command -v "${pair%:*}" >/dev/null || missing+=("${pair#*:}") ;;
		esac
	done
	[ ${#missing[@]} -eq 0 ] || die "these packages are missing: apt-get install ${missing[*]}"
	apt-cache show $source_package >/dev/null 2>&1 ||
		die "no package $source_package: it comes with Debian 12"
}

# The source, without what no guest of ours compiles.
unpack() { # directory
	local part=$1 skip=() name
	for name in amd i915 nouveau radeon msm; do
		skip+=(--exclude="*/drivers/gpu/drm/$name/*.[ch]")
	done
	for name in net/ethernet net/wireless media scsi infiniband staging iio usb sound; do
		skip+=(--exclude="*/drivers/$name/*.[ch]")
	done
	for name in alpha arc arm arm64 csky hexagon ia64 loongarch m68k microblaze mips nios2 openrisc \
		parisc powerpc riscv s390 sh sparc um xtensa; do
		skip+=(--exclude="*/arch/$name/*.[chS]" --exclude="*/arch/$name/*.dts*")
	done
	mkdir -p "$part/deb" "$part/build"
	say "fetching $source_package"
	(cd "$part/deb" && apt-get -q -o APT::Sandbox::User=root download $source_package >&2)
	dpkg-deb --fsys-tarfile "$part"/deb/*.deb |
		tar -xO --wildcards '*/linux-source-*.tar.xz' |
		tar -xJ -C "$part/build" --strip-components=1 "${skip[@]}" \
			--exclude='*/Documentation/*.rst'
	rm -rf "$part/deb"
}

configure() { # build directory
	make -s -C "$1" KCONFIG_ALLCONFIG="$config" allnoconfig >&2
	"$1/scripts/config" --file "$1/.config" --set-str LOCALVERSION -sl200-debug
	make -s -C "$1" olddefconfig >&2
	local missing
	missing=$(grep '^CONFIG_' "$config" | grep -vxFf "$1/.config" || true)
	[ -z "$missing" ] || die "the configuration did not take:"$'\n'"$missing"
}

# Keeps what building a module against this kernel reads.
trim() { # build directory
	(cd "$1" && find . -mindepth 1 -type f \
		! -path './include/*' ! -path './arch/x86/include/*' ! -path './scripts/*' \
		! -path ./tools/objtool/objtool ! -name 'Makefile*' ! -name 'Kconfig*' ! -name 'Kbuild*' \
		! -path ./.config ! -path ./Module.symvers ! -path ./System.map -delete)
	find "$1" -type d -empty -delete
}

[ -e "$dir/vmlinuz" ] && {
	touch "$dir"
	say "have $dir"
	echo "$dir"
	exit 0
}
need_tools
mkdir -p "$cache"
exec 9>"$cache/debug-$hash.lock"
flock -n 9 || {
	say "waiting for another build of it"
	flock 9
}
if [ ! -e "$dir/vmlinuz" ]; then
	part=$dir.part
	rm -rf "$part" "$dir"
	trap 'rm -rf "$part"' EXIT
	unpack "$part"
	say "unpacked after $SECONDS s"
	configure "$part/build"
	say "building (several minutes); log: $cache/debug-$hash.log"
	[ $# -gt 0 ] || set -- -j"$(nproc)"
	nice make -C "$part/build" KBUILD_BUILD_USER=sl200 KBUILD_BUILD_HOST=sl200 "$@" \
		bzImage modules >"$cache/debug-$hash.log" 2>&1 || {
		tail -n 30 "$cache/debug-$hash.log" >&2
		die "the build failed"
	}
	cp "$part/build/arch/x86/boot/bzImage" "$part/vmlinuz"
	cp "$part/build/.config" "$part/config"
	make -s -C "$part/build" kernelrelease >"$part/release"
	trim "$part/build"
	mv "$part" "$dir"
	# Others that were not used for two weeks.
	find "$cache" -maxdepth 1 -name 'debug-*' ! -name "debug-$hash*" -mtime +14 -exec rm -rf {} +
	say "built in $SECONDS s"
fi
echo "$dir"
