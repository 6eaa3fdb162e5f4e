#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# slrun: what the program sees, what it leaves to the program, and that the host stays as it is.
set -u
cd "$(dirname "$0")/../.." || exit 1
build=$(realpath "${BUILD:-build}")
slrun=$build/bin/slrun
dir=$(mktemp -d)
chmod 755 "$dir"
trap 'rm -rf "$dir"' EXIT
status=0
unset SL_DEVICE SL_STATS

expect() { # NAME GOT WANTED
	if [ "$2" = "$3" ]; then echo "ok - $1"; else
		echo "not ok - $1: '$2' instead of '$3'"
		status=1
	fi
}

before=$(ls -A /dev /sys/dev/char /sys/class | cksum)

"$slrun" sh -c 'exit 42'
expect "exit status" $? 42
"$slrun" sh -c 'kill -PIPE $$'
expect "death by a signal" $? 141
expect "standard input" "$(echo through | "$slrun" cat)" through
expect "working directory" "$(cd "$dir" && "$slrun" pwd)" "$dir"
expect "arguments that look like options" "$("$slrun" -- printf '%s ' --help -V)" "--help -V "
"$slrun" "$dir/none" 2>/dev/null
expect "a program that does not exist" $? 127
"$slrun" "$dir" 2>/dev/null
expect "a program that is none" $? 126
"$slrun" 2>/dev/null
expect "no program" $? 125
"$slrun" --nonsense true 2>/dev/null
expect "an unknown option" $? 125

# shellcheck disable=SC2016
expect "SL_DEVICE by default" "$("$slrun" sh -c 'echo $SL_DEVICE')" "sim:"
# shellcheck disable=SC2016
expect "SL_DEVICE of the caller" "$(SL_DEVICE='sim:?dram=1G' "$slrun" sh -c 'echo $SL_DEVICE')" \
	"sim:?dram=1G"
# shellcheck disable=SC2016
expect "--device" "$(SL_DEVICE=other "$slrun" --device sim: sh -c 'echo $SL_DEVICE')" "sim:"
expect "a card that needs no stand-in" "$("$slrun" --device drm: true 2>&1 | grep -c 'without slrun')" 1
# shellcheck disable=SC2016
expect "--stats makes the path absolute" \
	"$(cd "$dir" && "$slrun" --stats s.json sh -c 'echo $SL_STATS')" "$dir/s.json"

expect "the node is a character device" \
	"$("$slrun" sh -c 'test -c /dev/dri/renderD128 && echo yes')" yes
expect "the node in /sys" "$("$slrun" cat /sys/dev/char/226:128/dev /sys/class/drm/renderD128/device/vendor | xargs)" \
	"226:128 0x1024"
expect "the rest of /dev" "$("$slrun" sh -c 'echo x >/dev/null; head -c1 /dev/zero | od -An -tx1; test -d /dev/pts && echo pts' | xargs)" \
	"00 pts"

if command -v vainfo >/dev/null; then
	for options in "" "--display drm --device /dev/dri/renderD128"; do
		# shellcheck disable=SC2086
		expect "vainfo $options" "$("$slrun" vainfo $options 2>/dev/null |
			grep -c 'VAProfileH264.*VAEntrypointEncSlice')" 3
	done
fi

# Without root, where the host lets users have namespaces.
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
	as_user="setpriv --reuid=65534 --regid=65534 --clear-groups"
	if $as_user test -x "$slrun" && $as_user unshare -Ur true 2>/dev/null; then
		# shellcheck disable=SC2086
		expect "without root" "$($as_user "$slrun" sh -c 'id -u; test -c /dev/dri/renderD128 && echo node' | xargs)" \
			"65534 node"
	fi
	if unshare -Ur true 2>/dev/null; then
		# Where it does not: no namespaces left, and no capability to make a mount namespace.
		# shellcheck disable=SC2016
		message=$(unshare -Ur sh -c 'echo 0 >/proc/sys/user/max_user_namespaces &&
			exec setpriv --inh-caps=-all --bounding-set=-all "$0" true' "$slrun" 2>&1)
		code=$?
		expect "no namespaces: exit status" $code 125
		expect "no namespaces: message" "$(echo "$message" | grep -c 'user namespace.*only root')" 1
	else
		echo "skip - no namespaces: there are none here to take away"
	fi
fi

# Installed, in each of the places that distributions have for libraries.
for libdir in lib lib/x86_64-linux-gnu lib64; do
	prefix=$dir/$libdir.prefix
	mkdir -p "$prefix/bin" "$prefix/$libdir/dri" "$prefix/$libdir/sl200"
	cp "$slrun" "$prefix/bin"
	cp "$build/lib/dri/sl200_drv_video.so" "$prefix/$libdir/dri"
	cp "$build/lib/sl200/libslrun.so" "$prefix/$libdir/sl200"
	# shellcheck disable=SC2016
	expect "libraries in $libdir" "$("$prefix/bin/slrun" sh -c 'echo "$LIBVA_DRIVERS_PATH $LD_PRELOAD"')" \
		"$prefix/$libdir/dri $prefix/$libdir/sl200/libslrun.so"
done
rm -r "$dir/lib.prefix/lib"
expect "no libraries" "$("$dir/lib.prefix/bin/slrun" true 2>&1 | grep -c 'no dri/sl200_drv_video.so')" 1

expect "the host is as before" "$(ls -A /dev /sys/dev/char /sys/class | cksum)" "$before"
exit $status
