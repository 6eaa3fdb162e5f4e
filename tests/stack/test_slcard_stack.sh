#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The stack on cards in processes of their own: the stack tests, the tools and stock FFmpeg with
# SL_DEVICE=sim:/path, whose streams must be those of the card inside the process.
set -u
cd "$(dirname "$0")/../.." || exit 1
mode=${1:-full}
build=$(realpath "${BUILD:-build}")
dir=$(mktemp -d)
failed=0
card=
unset SL_DEVICE SL_STATS SL_FIRMWARE

stop_card() { # signal
	[ -n "$card" ] && kill "-$1" "$card" && wait "$card" 2>/dev/null
	card=
}
trap 'stop_card KILL; rm -rf "$dir"' EXIT

check() { # name, command...
	local name=$1
	shift
	if "$@" >"$dir/log" 2>&1; then
		echo "ok - on slcard: $name"
	else
		echo "not ok - on slcard: $name"
		sed 's/^/#   /' "$dir/log" | tail -n 30
		failed=1
	fi
}

start_card() {
	rm -f "$dir/ready"
	mkfifo "$dir/ready"
	"$build/bin/slcard" --socket "$dir/card" --dram 512M --ready-fd 9 9>"$dir/ready" >/dev/null 2>"$dir/card.log" &
	card=$!
	read -r -t 20 <"$dir/ready"
}
uri=sim:$dir/card

check "slcard starts" start_card

tests="device memory queue fault h264 encoder"
[ "$mode" = quick ] && tests="device fault"
for test in $tests; do
	program=$build/tests/test_stack_$test
	if [ ! -x "$program" ]; then
		echo "not ok - on slcard: $test: $program is not built"
		failed=1
		continue
	fi
	check "stack test: $test" env SL_DEVICE="$uri" timeout 120 "$program"
done

slsmi_reads() {
	"$build/bin/slsmi" --device "$uri" | grep -q 'functional model'
}
check "slsmi" slsmi_reads

for tool in ffmpeg ffprobe; do
	if ! command -v $tool >/dev/null; then
		echo "skip - on slcard: encoding: no $tool"
		exit $failed
	fi
done
ffmpeg -nostdin -v error -f lavfi -i testsrc2=s=640x360:r=30 -frames:v 60 -pix_fmt yuv420p "$dir/in.y4m" || exit 1

slenc_same() {
	"$build/bin/slenc" -q --device sim: --bitrate 1500 -o "$dir/a.264" "$dir/in.y4m" &&
		"$build/bin/slenc" -q --device "$uri" --bitrate 1500 -o "$dir/b.264" "$dir/in.y4m" &&
		[ -s "$dir/a.264" ] && cmp "$dir/a.264" "$dir/b.264"
}
check "slenc writes what it writes on the card in the process" slenc_same

encode() { # SL_DEVICE, output
	SL_DEVICE=$1 "$build/bin/slrun" ffmpeg -v error -nostdin -y -vaapi_device /dev/dri/renderD128 \
		-i "$dir/in.y4m" -vf format=nv12,hwupload -c:v h264_vaapi -qp 28 -bf 0 "$2"
}

ffmpeg_same() {
	encode sim: "$dir/a.h264" && encode "$uri" "$dir/b.h264" && [ -s "$dir/a.h264" ] &&
		cmp "$dir/a.h264" "$dir/b.h264"
}
if "$build/bin/slrun" true 2>/dev/null; then
	check "stock FFmpeg writes what it writes on the card in the process" ffmpeg_same
else
	echo "skip - on slcard: FFmpeg through slrun: slrun cannot run here"
fi

# A client that takes its time: it waits for the rest of its input.
start_client() {
	rm -f "$dir/input"
	mkfifo "$dir/input"
	"$build/bin/slenc" -q --device "$uri" -o "$dir/c.264" - <"$dir/input" >"$dir/client.log" 2>&1 &
	client=$!
	exec 8>"$dir/input"
	head -c 12000000 "$dir/in.y4m" >&8
	for ((i = 0; i < 200; i++)); do
		[ -s "$dir/c.264" ] && return 0
		sleep 0.05
	done
	return 1
}

slsmi_busy() {
	"$build/bin/slsmi" --device "$uri"
	[ $? = 1 ] && "$build/bin/slsmi" --device "$uri" 2>&1 | grep -q 'busy: another process has it'
}

client_lost() {
	tail -c +12000001 "$dir/in.y4m" >&8
	exec 8>&-
	wait "$client"
	[ $? = 1 ] && grep -q 'lost' "$dir/client.log" && ! grep -q 'Sanitizer' "$dir/client.log"
}

check "a client at work" start_client
check "slsmi says that the card is busy" slsmi_busy
check "slcard dies" kill -KILL "$card"
wait "$card" 2>/dev/null
trap '' PIPE
check "its client says that the card is lost" client_lost
slsmi_nobody() {
	"$build/bin/slsmi" --device "$uri" 2>&1 | grep -q 'nobody listens.*slcard --socket'
}
check "slsmi says how to start it" slsmi_nobody
check "slcard starts again on the file that was left" start_card
check "slenc on it" slenc_same
check "slcard ends" stop_card TERM
exit $failed
