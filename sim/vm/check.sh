#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What `make check-vm` and `make vm-shell` do on the host: build what the guest gets, lay it out as a
# package would, encode reference streams with the in-process card, and start the guest.
#   check.sh check KERNEL [TEST...]    runs tests/vm/guest/*TEST*.sh in the guest, default all
#   check.sh shell KERNEL              a shell in the guest, with the card up
# CARD=rtl puts cards of the chip in RTL into the slot: the driver, and the stack tests that need no codec.
# Prints "ok - ", "not ok - " and "skip - " lines; logs are in $BUILD/vm/KERNEL.
set -u
cd "$(dirname "$0")/../.." || exit 1
action=$1 kernel=$2
shift 2
# As it was given for make, which keeps its dependencies under that name.
tree=${BUILD:-build}
build=$(realpath -m "$tree")
make=${MAKE:-make}
card=${CARD:-model}
results=$build/vm/$kernel
unset SL_DEVICE SL_STATS SL_FIRMWARE MAKEFLAGS MFLAGS MAKELEVEL
name="virtual machine, Linux $kernel"
case $card in
model) ;;
rtl)
	name+=", RTL"
	results+=-rtl
	[ $# -gt 0 ] || set -- load stack
	;;
*)
	echo "CARD=$card: model or rtl" >&2
	exit 2
	;;
esac

fail() {
	echo "not ok - $name: $1"
	[ -z "${2:-}" ] || tail -n 30 "$2"
	exit 1
}

rm -rf "$results"
mkdir -p "$results/reference" "$results/stage" || exit 1
log=$results/build.log
began=$SECONDS

headers=$(sim/vm/vm.py headers --kernel "$kernel")
status=$?
if [ $status -eq 77 ]; then
	# The reason is on standard error already.
	echo "skip - $name: not on this machine"
	exit 0
fi
[ $status -eq 0 ] || fail "cannot be prepared"
read -r kdir kroot <<<"$headers"
if [ -n "$kroot" ] && ! unshare --mount true 2>/dev/null; then
	echo "skip - $name: building its module needs root here: its compiler is of another Debian release"
	exit 0
fi

# The stack, as a distribution's packages would put it into a system. Folders are in /usr: the guest's
# /lib is a link.
stack() {
	local tests
	tests=$(for t in tests/stack/test_stack_*.c; do echo "$tree/tests/$(basename "$t" .c)"; done)
	# shellcheck disable=SC2086
	$make --no-print-directory BUILD="$tree" -j"$(nproc)" all $tests vm-tests &&
		$make --no-print-directory BUILD="$tree" DESTDIR="$results/stage" PREFIX=/usr \
			LIBDIR=/usr/lib/x86_64-linux-gnu install &&
		install -D -m 644 "$build/firmware/sl200.fw" "$results/stage/usr/lib/firmware/sl200/sl200.fw"
}

module() {
	local path
	$make --no-print-directory BUILD="$tree" KDIR="$kdir" KROOT="$kroot" driver >"$results/driver.log" 2>&1
	local status=$?
	cat "$results/driver.log"
	[ $status -eq 0 ] || return $status
	path=$(tail -n 1 "$results/driver.log")
	install -D -m 644 "$path" "$results/stage/usr/lib/modules/$(basename "$(dirname "$path")")/updates/sl200.ko"
}

# Streams to compare with: the same programs on the host, with the card in their process. What the
# guest encodes is raw video, so that no conversion comes between.
reference() {
	command -v ffmpeg >/dev/null || return 0
	local dir=$results/reference size=320x240 frames=6 options n=0
	ffmpeg -v error -nostdin -y -f lavfi -i "testsrc2=s=$size:r=25" -frames:v $frames \
		-vf "noise=alls=6:allf=t:all_seed=7" -pix_fmt nv12 -f rawvideo "$dir/clip.nv12" || return
	echo "$size $frames" >"$dir/clip.format"
	while read -r options; do
		n=$((n + 1))
		echo "$options" >"$dir/ffmpeg-$n.options"
		# shellcheck disable=SC2086
		"$build/bin/slrun" ffmpeg -v error -nostdin -y -vaapi_device /dev/dri/renderD128 -f rawvideo \
			-pix_fmt nv12 -s $size -r 25 -i "$dir/clip.nv12" -vf hwupload -c:v h264_vaapi $options \
			"$dir/ffmpeg-$n.h264" || return
	done <<-'END'
		-qp 26
		-b:v 400k -maxrate 400k -rc_mode CBR -g 4
		-qp 30 -profile:v constrained_baseline -slices 3
	END
	SL_DEVICE=sim: "$build/bin/slenc" -q --input-res $size --input-csp nv12 --fps 25 --qp 28 \
		-o "$dir/slenc.h264" "$dir/clip.nv12" || return
	ffmpeg -version | sed -n '1s/^ffmpeg version \([^ ]*\).*/\1/p' >"$dir/ffmpeg.version"
}

# IGT's tests, where somebody has built them, with their library: /sl/results/igt in the guest.
igt() {
	local dir=$results/igt
	[ -n "${SL_VM_IGT:-}" ] || return 0
	mkdir "$dir" && find "$SL_VM_IGT" -maxdepth 1 -type f -executable \( -name 'core_*' -o \
		-name device_reset \) -exec cp -t "$dir" {} + || return
	[ -e "$dir/core_getversion" ] || {
		echo "SL_VM_IGT=$SL_VM_IGT: no folder with IGT's tests"
		return 1
	}
	# Their libraries, apart from the C library: the guest has the host's.
	ldd "$SL_VM_IGT"/core_getversion | sed -nE '/\tlib(c|m)\.so/!s/^.* => (\/[^ ]*) .*/\1/p' |
		sort -u | xargs cp -L -t "$dir"
}

stack >"$log" 2>&1 || fail "the tree does not build" "$log"
module >>"$log" 2>&1 || fail "the module does not build" "$log"
if [ "$card" = model ]; then
	reference >>"$log" 2>&1 || fail "no reference streams" "$log"
else
	$make --no-print-directory BUILD="$tree" rtl >>"$log" 2>&1 || fail "the RTL does not build" "$log"
fi
igt >>"$log" 2>&1 || fail "no IGT tests" "$log"

# Small cards: that their memory runs out is a test, and clearing it takes time.
machine=(--kernel "$kernel" --build "$build" --results "$results" --card-option=--dram=1G)
if [ "$card" = rtl ]; then
	machine+=(--cards 1 --card-option=--engine=rtl)
else
	machine+=(--cards 2)
fi
if [ "$action" = shell ]; then
	exec sim/vm/vm.py shell "${machine[@]}" -- card-up
fi
# Read as a whole before it runs: editing this file meanwhile must not matter.
{
	echo "# prepared in $((SECONDS - began)) s"
	timeout=${SL_VM_TIMEOUT:-$([ "$kernel$card" = "${kernel#debug}model" ] && echo 1500 || echo 5400)}
	sim/vm/vm.py run "${machine[@]}" --timeout "$timeout" -- env CARD="$card" /sl/src/sim/vm/guest/check.sh "$@"
	status=$?
	case $status in
	77) echo "skip - $name: not on this machine" && status=0 ;;
	124) echo "not ok - $name: no end after $timeout s (logs: $results)" ;;
	125) echo "not ok - $name: the guest died (logs: $results)" ;;
	esac
	echo "# $((SECONDS - began)) s"
	exit $status
}
