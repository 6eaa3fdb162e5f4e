#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Stock GStreamer's vah264enc through slrun, where GStreamer is installed.
set -u
cd "$(dirname "$0")/../.." || exit 1
build=$(realpath "${BUILD:-build}")
slrun=$build/bin/slrun
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
status=0
unset SL_DEVICE SL_STATS
# A registry of its own, as plugins are asked again only when it is new.
export GST_REGISTRY=$dir/registry.bin

for tool in gst-launch-1.0 gst-inspect-1.0 ffmpeg ffprobe; do
	if ! command -v "$tool" >/dev/null; then
		echo "skip - GStreamer through slrun: no $tool"
		exit 0
	fi
done
if ! gst-inspect-1.0 va >/dev/null 2>&1; then
	echo "skip - GStreamer through slrun: no va plugin"
	exit 0
fi

check() {
	local name=$1
	shift
	if "$@" >"$dir/log" 2>&1; then echo "ok - $name"; else
		echo "not ok - $name"
		sed 's/^/#   /' "$dir/log" | tail -20
		status=1
	fi
}

# encode FORMAT PROPERTIES...: 60 pictures that a decoder takes without a word
encode() {
	local format=$1 words frames
	shift
	GST_DEBUG=1 "$slrun" gst-launch-1.0 -q videotestsrc num-buffers=60 pattern=smpte ! \
		"video/x-raw,width=638,height=358,framerate=30/1,format=$format" ! \
		vah264enc "$@" ! h264parse ! filesink location="$dir/out.h264" || return 1
	words=$(ffmpeg -hide_banner -nostdin -v warning -err_detect explode -i "$dir/out.h264" -f null - 2>&1)
	frames=$(ffprobe -v error -count_frames -show_entries stream=nb_read_frames,width,height \
		-of csv=p=0 "$dir/out.h264")
	echo "$frames $words"
	[ -z "$words" ] && [ "$frames" = 638,358,60 ]
}

check "the encoder is found" "$slrun" gst-inspect-1.0 vah264enc
if [ $status = 0 ]; then
	check "constant QP" encode NV12 rate-control=cqp qpi=24 qpp=26
	check "CBR" encode NV12 rate-control=cbr bitrate=800
	check "VBR" encode NV12 rate-control=vbr bitrate=800
	check "four references" encode NV12 rate-control=cqp ref-frames=4
	check "CAVLC, no 8x8 transform" encode NV12 rate-control=cqp cabac=false dct8x8=false
	check "access unit delimiters" encode NV12 rate-control=cqp aud=true
	check "three slices, key pictures every 7" encode NV12 rate-control=cqp num-slices=3 key-int-max=7
fi
exit $status
