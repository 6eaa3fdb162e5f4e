#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR MIT
# One question to the kernel that the module is built for.
#
#   probe.sh PROBE.c RESULT compiler arguments...
#
# A probe holds two forms of the same thing. Where the one under "#ifdef PROBE" compiles, RESULT
# defines HAVE_ and the probe's name; otherwise the other one must compile: a kernel that knows
# neither is one that the driver does not know.
set -eu
source=$1 result=$2
shift 2
name=$(basename "$source" .c | tr '[:lower:]' '[:upper:]')
set -- "$@" -fsyntax-only -Werror=implicit-function-declaration -Werror=implicit-int \
	-Werror=int-conversion -Werror=incompatible-pointer-types -Werror=discarded-qualifiers
if "$@" -DPROBE "$source" 2>"$result.log"; then
	echo "#define HAVE_$name 1" >"$result"
elif "$@" "$source" 2>>"$result.log"; then
	echo "/* no HAVE_$name */" >"$result"
else
	cat "$result.log" >&2
	echo "$source: this kernel has neither of the two forms" >&2
	exit 1
fi
rm -f "$result.log"
