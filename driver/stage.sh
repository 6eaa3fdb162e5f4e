#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR MIT
# Lays out in a folder all that building the module takes, so that the source tree stays clean.
# Files that are the same already are left alone, those that are in the sources no more are removed.
#
#   driver/stage.sh FOLDER VERSION sl200_regs.h
set -eu
cd "$(dirname "$0")/.."
out=$1 version=$2 regs=$3
mkdir -p "$out"

put() { # file, name in the folder
	mkdir -p "$out/$(dirname "$2")"
	cmp -s "$1" "$out/$2" || cp "$1" "$out/$2"
}

for file in driver/sl200_*.[ch] driver/core/*.[ch] abi/*.h abi/uapi/drm/*.h; do
	put "$file" "$file"
done
for file in driver/compat/*; do
	put "$file" "compat/$(basename "$file")"
done
put driver/Kbuild Kbuild
put "$regs" abi/sl200_regs.h
echo "SL200_VERSION := $version" >"$out/version.mk.new"
put "$out/version.mk.new" version.mk
rm "$out/version.mk.new"

(cd "$out" && find driver abi compat -name '*.[ch]') | while read -r file; do
	case $file in
	abi/sl200_regs.h) ;;
	compat/*) [ -e "driver/$file" ] || rm "$out/$file" ;;
	*) [ -e "$file" ] || rm "$out/$file" ;;
	esac
done
