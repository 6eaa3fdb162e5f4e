#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Stock FFmpeg's h264_vaapi through slrun: options, sizes, formats, rates. Each stream is decoded by
# FFmpeg's software decoder, which must have nothing to say, and compared with its source.
set -u
cd "$(dirname "$0")/../.." || exit 1
mode=${1:-full}
build=$(realpath "${BUILD:-build}")
slrun=$build/bin/slrun
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
status=0
unset SL_DEVICE SL_STATS

pass() { echo "ok - $1"; }
fail() {
	echo "not ok - $1: $2"
	sed 's/^/#   /' "$dir/log" 2>/dev/null | tail -20
	status=1
}

for tool in ffmpeg ffprobe; do
	if ! command -v "$tool" >/dev/null; then
		echo "skip - FFmpeg through slrun: no $tool"
		exit 0
	fi
done
if ! "$slrun" true 2>"$dir/log"; then
	fail "slrun" "cannot run a program"
	exit 1
fi

# source SIZE FRAMES FILTER: a clip with motion and detail, kept in $dir.
source_clip() {
	local file=$dir/source-$1-$2.y4m
	[ -e "$file" ] || ffmpeg -v error -f lavfi -i "testsrc2=s=$1:r=30" -frames:v "$2" \
		-vf "noise=alls=4:allf=t:all_seed=7,format=yuv420p" "$file"
	echo "$file"
}

# encode NAME SIZE FRAMES FORMAT FILTER OPTIONS...: $dir/out.mp4
encode() {
	local size=$2 frames=$3 format=$4 filter=$5
	shift 5
	source=$(source_clip "$size" "$frames")
	"$slrun" ffmpeg -hide_banner -v warning -nostdin -y -vaapi_device /dev/dri/renderD128 \
		-i "$source" -vf "${filter:+$filter,}format=$format,hwupload" -c:v h264_vaapi "$@" \
		"$dir/out.mp4" >"$dir/log" 2>&1
}

frames_of() {
	ffprobe -v error -count_frames -select_streams v -show_entries stream=nb_read_frames \
		-of csv=p=0 "$1" | tr -d ,
}

# PSNR of luma against $source, in hundredths of a dB.
psnr_of() {
	ffmpeg -hide_banner -nostdin -i "$1" -i "$source" -lavfi \
		'[0:v]settb=1/30,setpts=N,format=yuv420p[a];[1:v]settb=1/30,setpts=N[b];[a][b]psnr' -f null - 2>&1 |
		sed -n 's/.*PSNR y:\(inf\|[0-9.]*\).*/\1/p' | awk '{ printf "%d", ($1 == "inf" ? 99 : $1) * 100 }'
}

rate_of() { # bits a second of the video stream, at 30 frames a second
	ffprobe -v error -select_streams v -show_entries packet=size -of csv=p=0 "$1" |
		awk -F, '{ n++; s += $1 } END { printf "%d", n ? s * 8 * 30 / n : 0 }'
}

# The stream is sound: nothing to warn of, all frames, the size, and PSNR of at least $4 dB.
check_stream() {
	local name=$1 size=$2 frames=$3 least=$4 got
	ffmpeg -hide_banner -nostdin -v warning -err_detect explode -i "$dir/out.mp4" -f null - \
		>"$dir/log" 2>&1
	[ -s "$dir/log" ] && { fail "$name" "the decoder complains"; return 1; }
	ffprobe -v warning -show_streams "$dir/out.mp4" 2>"$dir/log" >/dev/null
	[ -s "$dir/log" ] && { fail "$name" "ffprobe complains"; return 1; }
	got=$(frames_of "$dir/out.mp4")
	[ "$got" = "$frames" ] || { fail "$name" "$got frames instead of $frames"; return 1; }
	got=$(ffprobe -v error -select_streams v -show_entries stream=width,height -of csv=p=0:s=x \
		"$dir/out.mp4")
	[ "$got" = "$size" ] || { fail "$name" "$got instead of $size"; return 1; }
	got=$(psnr_of "$dir/out.mp4")
	[ "${got:-0}" -ge $((least * 100)) ] || { fail "$name" "PSNR ${got:-0}/100 dB, below $least"; return 1; }
}

# run NAME SIZE FRAMES FORMAT PSNR OPTIONS...
run() {
	local name=$1 size=$2 frames=$3 format=$4 least=$5
	shift 5
	encode "$name" "$size" "$frames" "$format" "" "$@" || { fail "$name" "ffmpeg failed"; return 1; }
	[ -s "$dir/log" ] && { fail "$name" "ffmpeg complains"; return 1; }
	check_stream "$name" "$size" "$frames" "$least" || return 1
	pass "$name"
}

# The same, left out of a quick run.
run_full() {
	[ "$mode" != quick ] && run "$@"
}

field() {
	ffprobe -v error -select_streams v -show_entries "stream=$1" -of csv=p=0 "$dir/out.mp4"
}

expect() { # NAME WHAT GOT WANTED
	if [ "$3" = "$4" ]; then pass "$1"; else fail "$1" "$2 is $3 instead of $4"; fi
}

run "qp 26, nv12" 640x360 20 nv12 36 -qp 26
run "qp 26, yuv420p" 640x360 20 yuv420p 36 -qp 26
run_full "qp 1" 176x144 6 nv12 50 -qp 1
run "qp 51" 176x144 6 nv12 15 -qp 51

run "constrained baseline" 640x360 12 nv12 34 -qp 28 -profile:v constrained_baseline &&
	expect "profile of constrained baseline" profile "$(field profile)" "Constrained Baseline"
run "main" 640x360 12 nv12 34 -qp 28 -profile:v main &&
	expect "profile of main" profile "$(field profile)" Main
run "high" 640x360 12 nv12 34 -qp 28 -profile:v high &&
	expect "profile of high" profile "$(field profile)" High
run "cavlc" 640x360 12 nv12 34 -qp 28 -coder cavlc
run_full "access unit delimiters, no SEI" 640x360 12 nv12 34 -qp 28 -aud 1 -sei 0

run "gop of 5" 640x360 20 nv12 34 -qp 28 -g 5 &&
	expect "pictures that start a gop" "number of key frames" \
		"$(ffprobe -v error -select_streams v -show_entries packet=flags -of csv=p=0 "$dir/out.mp4" | grep -c K)" 4
run_full "B pictures wished for" 640x360 12 nv12 34 -qp 28 -bf 2
run_full "intra only" 640x360 8 nv12 34 -qp 28 -g 1

for slices in 4 $([ "$mode" = quick ] || echo 2 11); do
	run "$slices slices" 640x360 12 nv12 34 -qp 28 -slices "$slices" &&
		expect "number of slices of $slices" "slices a picture" \
			"$(ffmpeg -hide_banner -nostdin -i "$dir/out.mp4" -c copy -bsf:v h264_mp4toannexb,trace_headers -f null - 2>&1 |
				grep -c 'first_mb_in_slice')" $((slices * 12))
done

run "quality 1" 640x360 12 nv12 34 -qp 28 -quality 1
run_full "quality 3" 640x360 12 nv12 34 -qp 28 -quality 3
run_full "compression level 2" 640x360 12 nv12 34 -qp 28 -compression_level 2
run_full "async depth 1" 640x360 20 nv12 34 -qp 28 -async_depth 1
run "async depth 8" 640x360 20 nv12 34 -qp 28 -async_depth 8

run "1918x1078" 1918x1078 6 nv12 34 -qp 28
run_full "1918x1078, yuv420p" 1918x1078 6 yuv420p 34 -qp 28
run "854x480" 854x480 12 nv12 34 -qp 28
run "176x144" 176x144 12 nv12 34 -qp 28
run_full "66x50" 66x50 12 nv12 34 -qp 28

# within NAME TARGET PERMILLE
within() {
	local rate
	rate=$(rate_of "$dir/out.mp4")
	if [ "$rate" -ge $(($2 - $2 * $3 / 1000)) ] && [ "$rate" -le $(($2 + $2 * $3 / 1000)) ]; then
		pass "$1: $rate of $2 bits a second"
	else
		fail "$1" "$rate of $2 bits a second"
	fi
}

run "CBR at 1.5 Mbit/s" 640x360 150 nv12 25 -b:v 1500k -rc_mode CBR && within "CBR rate" 1500000 30
run "CBR at 800 kbit/s, small buffer" 640x360 150 nv12 22 -b:v 800k -maxrate 800k -bufsize 400k \
	-rc_mode CBR -g 60 && within "CBR rate, small buffer" 800000 30
# The decoder's buffer of 400 kbit, three quarters full at first, never runs empty or over
# (H.264 C.1); an overflow of less than the smallest filler NAL unit cannot be avoided.
buffer_of() {
	ffprobe -v error -select_streams v -show_entries packet=size -of csv=p=0 "$dir/out.mp4" |
		awk -F, -v rate="$1" -v size="$2" 'BEGIN { level = size * 3 / 4 }
			{ level -= $1 * 8; if (level < 0) bad = "empty at picture " NR
			  level += rate / 30; if (level > size + 48) bad = "over at picture " NR }
			END { print bad ? bad : "kept" }'
}
expect "CBR obeys its buffer" "the buffer" "$(buffer_of 800000 400000)" kept

run "VBR at 1.5 Mbit/s" 640x360 150 nv12 25 -b:v 1500k -maxrate 3000k -rc_mode VBR &&
	within "VBR rate" 1500000 50
run_full "VBR, async depth 8" 640x360 150 nv12 25 -b:v 1500k -maxrate 3000k -rc_mode VBR \
	-async_depth 8 && within "VBR rate, async depth 8" 1500000 50
run_full "VBR, with QP limits" 640x360 30 nv12 25 -b:v 1500k -rc_mode VBR -qmin 20 -qmax 40

# A static picture needs less than the rate: filler data makes the rate constant all the same.
ffmpeg -v error -nostdin -y -f lavfi -i "smptebars=s=320x240:r=30" -frames:v 90 -vf format=yuv420p \
	"$dir/source-320x240-90.y4m"
run "CBR of a static picture" 320x240 90 nv12 30 -b:v 1000k -rc_mode CBR &&
	within "CBR rate of a static picture" 1000000 100

# The same stream twice: nothing depends on timing.
encode "" 640x360 60 nv12 "" -b:v 1000k -rc_mode VBR -fflags +bitexact -flags:v +bitexact -sei 0 &&
	first=$(ffmpeg -v error -i "$dir/out.mp4" -c copy -f md5 -) &&
	encode "" 640x360 60 nv12 "" -b:v 1000k -rc_mode VBR -fflags +bitexact -flags:v +bitexact -sei 0 &&
	expect "rate control is deterministic" "second stream" \
		"$(ffmpeg -v error -i "$dir/out.mp4" -c copy -f md5 -)" "$first"

# Regions of interest: the left half gets better, the right half gets worse.
half_psnr() {
	ffmpeg -hide_banner -nostdin -i "$dir/out.mp4" -i "$source" -lavfi \
		"[0:v]settb=1/30,setpts=N,format=yuv420p,crop=320:360:$1:0[a];[1:v]settb=1/30,setpts=N,crop=320:360:$1:0[b];[a][b]psnr" \
		-f null - 2>&1 | sed -n 's/.*PSNR y:\([0-9.]*\).*/\1/p' | awk '{ printf "%d", $1 * 100 }'
}
for mode in "-qp 32" "-b:v 1200k -rc_mode CBR" "-b:v 1200k -rc_mode VBR"; do
	# shellcheck disable=SC2086
	if encode roi 640x360 12 nv12 "addroi=0:0:iw/2:ih:-1/5,addroi=iw/2:0:iw/2:ih:1/5" $mode &&
		check_stream "ROI with $mode" 640x360 12 20; then
		left=$(half_psnr 0)
		right=$(half_psnr 320)
		if [ "$left" -ge $((right + 300)) ]; then
			pass "ROI with $mode: $left against $right hundredths of a dB"
		else
			fail "ROI with $mode" "$left against $right hundredths of a dB"
		fi
	else
		fail "ROI with $mode" "no stream"
	fi
done

# Pictures come back as they went up, through every format FFmpeg can ask for.
for format in nv12 yuv420p; do
	for back in nv12 yuv420p; do
		source=$(source_clip 854x480 12)
		want=$(ffmpeg -v error -nostdin -i "$source" -pix_fmt $back -f md5 -)
		got=$("$slrun" ffmpeg -v error -nostdin -vaapi_device /dev/dri/renderD128 -i "$source" \
			-vf "format=$format,hwupload,hwdownload,format=$back" -pix_fmt $back -f md5 - \
			2>"$dir/log")
		expect "upload as $format, download as $back" "sum of the pictures" "$got" "$want"
	done
done

# The counters of the card, when the program has ended.
if "$slrun" --stats "$dir/stats.json" ffmpeg -v error -nostdin -y -f lavfi -i testsrc2=s=320x240 \
	-frames:v 7 -vaapi_device /dev/dri/renderD128 -vf format=nv12,hwupload -c:v h264_vaapi -qp 26 \
	"$dir/out.mp4" 2>"$dir/log" && [ -s "$dir/stats.json" ]; then
	expect "slrun --stats" "jobs of the encode engine" \
		"$(/usr/bin/python3 -c 'import json, sys
print(sum(e["jobs"] for e in json.load(open(sys.argv[1]))["engines"] if e["kind"] == "venc"))' \
			"$dir/stats.json")" 7
else
	fail "slrun --stats" "no file"
fi

# Errors arrive where the user sees them.
"$slrun" --device nonsense: ffmpeg -v error -nostdin -y -vaapi_device /dev/dri/renderD128 -f lavfi \
	-i testsrc2=s=320x240 -frames:v 1 -vf format=nv12,hwupload -c:v h264_vaapi "$dir/out.mp4" \
	>"$dir/log" 2>&1
status_of_nonsense=$?
if [ $status_of_nonsense -ne 0 ] && grep -q "nonsense" "$dir/log"; then
	pass "a device that does not exist is named"
else
	fail "a device that does not exist is named" "see the log"
fi

exit $status
