#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# slenc from outside: every kind of input and output, options, and errors. The card is the one that
# SL_DEVICE names, by default the functional model. Prints "ok - ", "not ok - " and "skip - " lines.
set -u
cd "$(dirname "$0")/../.." || exit 1
BUILD=$(realpath "${BUILD:-build}")
self=$PWD/tests/stack/test_slenc.sh
slenc=$BUILD/bin/slenc
export SL_DEVICE=${SL_DEVICE:-sim:}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

for tool in ffmpeg ffprobe python3; do
	if ! command -v $tool >/dev/null; then
		echo "skip - slenc: $tool is not installed"
		exit 0
	fi
done
cd "$work" || exit 1

check() { # name, command...
	local name=$1
	shift
	if "$@" >log 2>&1; then
		echo "ok - slenc: $name"
	else
		echo "not ok - slenc: $name"
		sed 's/^/#   /' log
		failed=1
	fi
}

ff() {
	ffmpeg -nostdin -v error "$@"
}

# Print a value of a statistics file, named in Python's terms with d the file; False is a failure.
stat_value() {
	python3 -c 'import json, sys
d = json.load(open("s.json"))
v = eval(sys.argv[1])
print(v)
sys.exit(v is False)' "$1"
}

# The stream decodes without a word, to the reconstruction, byte for byte.
decodes() { # stream, reconstruction as I420, pictures, width, height
	ffmpeg -nostdin -v warning -err_detect explode -i "$1" -f rawvideo -pix_fmt yuv420p -y d.yuv \
		>decode.log 2>&1 || return 1
	cat decode.log
	[ ! -s decode.log ] || return 1
	cmp d.yuv "$2" || return 1
	[ "$(stat -c %s d.yuv)" = $(($3 * $4 * $5 * 3 / 2)) ]
}

encode() { # pictures, width, height, then arguments of slenc
	local n=$1 w=$2 h=$3
	shift 3
	"$slenc" --recon r.yuv -o out.264 "$@" && decodes out.264 r.yuv "$n" "$w" "$h"
}

fails() { # wanted status, wanted words in the message, command...
	local wanted=$1 words=$2 status
	shift 2
	"$@" >fail.log 2>&1
	status=$?
	cat fail.log
	[ "$status" = "$wanted" ] && grep -qF -- "$words" fail.log
}

ff -f lavfi -i testsrc2=s=176x144:r=25 -t 1.2 -pix_fmt yuv420p -y a.y4m || exit 1
ff -i a.y4m -f rawvideo -y a.yuv
ff -i a.y4m -pix_fmt nv12 -f rawvideo -y a.nv12
ff -i a.y4m -c:v ffv1 -pix_fmt yuv422p10le -y a422.mkv
ff -i a.y4m -c:v mpeg4 -q:v 2 -y a.mp4
ff -f lavfi -i testsrc2=s=130x98:r=30000/1001 -frames:v 10 -pix_fmt yuv420p -y odd_mbs.y4m
ff -f lavfi -i testsrc=s=64x64:r=25 -frames:v 5 -pix_fmt rgb24 -c:v ffv1 -y rgb.mkv

# Inputs.
check "y4m" encode 30 176 144 a.y4m
cp out.264 from_y4m.264
check "raw I420" encode 30 176 144 --input-res 176x144 --fps 25 --sar 1:1 a.yuv
check "raw I420 gives the bytes of y4m" cmp out.264 from_y4m.264
check "raw NV12" encode 30 176 144 --input-res 176x144 --fps 25 --input-csp nv12 a.nv12
from_stdin() {
	"$slenc" --recon r.yuv -o out.264 - <a.y4m && decodes out.264 r.yuv 30 176 144
}
check "y4m on standard input" from_stdin
check "standard input gives the same bytes" cmp out.264 from_y4m.264
check "10-bit 4:2:2 is converted" encode 30 176 144 a422.mkv
check "RGB is converted" encode 5 64 64 rgb.mkv
check "MP4 is decoded" encode 30 176 144 a.mp4
check "a size that is no multiple of 16" encode 10 130 98 odd_mbs.y4m
check "--seek and --frames" encode 7 176 144 --seek 20 --frames 7 a.y4m
check "--frames beyond the end" encode 10 176 144 --seek 20 --frames 70 a.y4m

# Outputs.
to_stdout() {
	"$slenc" -q -o - a.y4m >piped.264 && cmp piped.264 from_y4m.264
}
check "standard output" to_stdout
container() {
	"$slenc" --keyint 10 --recon r.yuv -o "$1" a.y4m && decodes "$1" r.yuv 30 176 144 &&
		[ "$(ffprobe -v warning -count_packets -show_entries stream=nb_read_packets,r_frame_rate \
			-of csv=p=0 "$1" 2>&1)" = "25/1,30" ] &&
		[ "$(ffprobe -v error -show_entries packet=flags -of csv=p=0 "$1" | grep -c K)" = 3 ]
}
check "MP4" container c.mp4
check "MKV" container c.mkv
keeps_timestamps() {
	ff -i a.y4m -vf "setpts=N*N*10" -fps_mode passthrough -c:v ffv1 -y vfr.mkv &&
		"$slenc" -o vfr.mp4 vfr.mkv &&
		[ "$(ffprobe -v error -show_entries packet=pts_time -of csv=p=0 vfr.mkv | tail -n 3)" = \
			"$(ffprobe -v error -show_entries packet=pts_time -of csv=p=0 vfr.mp4 | tail -n 3)" ]
}
check "timestamps of the input reach the container" keeps_timestamps
recon_y4m() {
	"$slenc" --recon r.y4m -o out.264 a.y4m && ff -i r.y4m -f rawvideo -y r.yuv &&
		decodes out.264 r.yuv 30 176 144
}
check "--recon as y4m" recon_y4m

# Options.
check "--qp 0" encode 30 176 144 --qp 0 a.y4m
check "--qp 51" encode 30 176 144 --qp 51 a.y4m
check "--slices, --aud" encode 30 176 144 --slices 4 --aud a.y4m
check "--deblock" encode 30 176 144 --deblock -3:4 a.y4m
check "--no-deblock" encode 30 176 144 --no-deblock a.y4m
check "--roi" encode 30 176 144 --roi 0,0,64,64,-10 --roi 0,0,176,144,6 a.y4m
for p in baseline:"Constrained Baseline" main:Main high:High; do
	profile() {
		encode 30 176 144 --profile "${p%%:*}" a.y4m &&
			[ "$(ffprobe -v error -show_entries stream=profile -of csv=p=0 out.264)" = "${p#*:}" ]
	}
	check "--profile ${p%%:*}" profile
done
check "--no-cabac" encode 30 176 144 --profile main --no-cabac a.y4m
check "--preset slow" encode 30 176 144 --preset slow a.y4m
check "--preset fast" encode 30 176 144 --preset fast a.y4m
signalled() {
	"$slenc" --sar 12:11 --range pc --level 3.1 -o out.264 a.y4m &&
		[ "$(ffprobe -v error -show_entries stream=sample_aspect_ratio,color_range,level \
			-of csv=p=0 out.264)" = "12:11,31,pc" ]
}
check "--sar, --range and --level are in the stream" signalled
keyint() { # argument, IDR pictures of 30
	"$slenc" --keyint "$1" --stats s.json -o out.264 a.y4m &&
		[ "$(stat_value 'd["summary"]["idr"]')" = "$2" ]
}
check "--keyint 7" keyint 7 5
check "--keyint infinite" keyint infinite 1
hrd() {
	encode 30 176 144 --nal-hrd "$1" --bitrate 200 a.y4m &&
		ffmpeg -nostdin -v verbose -i out.264 -c copy -bsf:v trace_headers -f null - 2>&1 |
		grep -c initial_cpb_removal_delay_offset | grep -qx 1
}
check "--nal-hrd cbr" hrd cbr
check "--nal-hrd vbr" hrd vbr

# Rates, over 12 seconds.
ff -f lavfi -i "testsrc2=s=176x144:r=25,noise=alls=8:allf=t" -t 12 -pix_fmt yuv420p -y long.y4m
rate() { # kbit/s, tolerance in permille, arguments
	local k=$1 t=$2
	shift 2
	"$slenc" --stats s.json -o out.264 "$@" long.y4m &&
		stat_value "abs(d['summary']['kbit_per_s'] / $k - 1) * 1000 <= $t"
}
check "--bitrate is met within 2 %" rate 300 20 --bitrate 300
check "--cbr is met within 1 %" rate 300 10 --cbr --bitrate 300
check "--cbr with a small buffer" rate 300 10 --cbr --bitrate 300 --vbv-bufsize 60 --vbv-init 0.9

# What it says.
psnr_agrees() {
	"$slenc" --psnr --recon r.yuv -o out.264 a.y4m 2>said || return 1
	local said ours
	said=$(sed -n 's/.*PSNR Y \([0-9.]*\).*/\1/p' said)
	ours=$(ffmpeg -nostdin -v info -s 176x144 -f rawvideo -i r.yuv -s 176x144 -f rawvideo -i a.yuv \
		-lavfi psnr -f null - 2>&1 | sed -n 's/.*PSNR y:\([0-9.]*\).*/\1/p')
	echo "slenc $said, ffmpeg $ours"
	awk "BEGIN { d = $said - $ours; exit !(d < 0.01 && d > -0.01) }"
}
check "--psnr agrees with ffmpeg's" psnr_agrees
stats() {
	"$slenc" --stats s.json -o out.264 a.y4m &&
		stat_value 'len(d["frames"]) == 30 == d["summary"]["frames"]' &&
		stat_value 'sum(f["bytes"] for f in d["frames"]) == d["summary"]["bytes"]' &&
		stat_value 'd["summary"]["bytes"] == '"$(stat -c %s out.264)" &&
		stat_value '[f["type"] for f in d["frames"][:2]] == ["IDR", "P"]'
}
check "--stats" stats
quiet() {
	[ -z "$("$slenc" -q -o out.264 a.y4m 2>&1)" ]
}
check "--quiet prints nothing" quiet
check "no progress line without a terminal" fails 0 "encoded 30 frames" "$slenc" -o out.264 a.y4m
check "that line alone" test "$(wc -l <fail.log)" = 1
check "--help" fails 0 "Usage: slenc" "$slenc" --help
check "--version" fails 0 "slenc " "$slenc" --version

# Errors.
check "no input" fails 2 "an input is needed" "$slenc" -o out.264
check "no output" fails 2 "an output is needed" "$slenc" a.y4m
check "unknown option" fails 2 "--crf" "$slenc" --crf 20 -o out.264 a.y4m
check "number out of range" fails 2 "--qp 52" "$slenc" --qp 52 -o out.264 a.y4m
check "no number" fails 2 "--bitrate abc" "$slenc" --bitrate abc -o out.264 a.y4m
check "contradicting options" fails 2 "exclude" "$slenc" --qp 20 --bitrate 100 -o out.264 a.y4m
check "--cbr without a rate" fails 2 "need --bitrate" "$slenc" --cbr -o out.264 a.y4m
check "missing file" fails 1 "missing.y4m: No such file" "$slenc" -o out.264 missing.y4m
check "no video" fails 1 "Invalid data" "$slenc" -o out.264 "$self"
check "raw without a size" fails 1 "--input-res" "$slenc" -o out.264 a.yuv
check "raw without a rate" fails 1 "--fps" "$slenc" --input-res 176x144 -o out.264 a.yuv
ff -f lavfi -i testsrc=s=177x144:r=25 -frames:v 2 -pix_fmt yuv420p -y odd.y4m
check "odd width" fails 1 "177x144: width and height must be even" "$slenc" -o out.264 odd.y4m
ff -f lavfi -i testsrc2=s=12x12:r=25 -frames:v 2 -pix_fmt yuv420p -y tiny.y4m
check "picture too small" fails 1 "12x12 is not in 16x16" "$slenc" -o out.264 tiny.y4m
check "level too low" fails 1 "level_idc 10" \
	"$slenc" --level 1 --input-res 352x288 --fps 25 -o out.264 a.yuv
check "unwritable output" fails 1 "/nonexistent/x.264: No such file" \
	"$slenc" -o /nonexistent/x.264 a.y4m
check "disk full" fails 1 "/dev/full: No space left" "$slenc" -o /dev/full a.y4m
full_container() {
	ln -sf /dev/full full.mkv
	fails 1 "full.mkv: No space left" "$slenc" --qp 10 -o full.mkv a.y4m
}
check "disk full in a container" full_container
check "disk full in --recon" fails 1 "/dev/full: No space left" \
	"$slenc" --recon /dev/full -o out.264 a.y4m
check "disk full in --stats" fails 1 "/dev/full: " "$slenc" --stats /dev/full -o out.264 a.y4m
check "no such card" fails 1 "nonsense" "$slenc" --device nonsense: -o out.264 a.y4m
truncated() {
	head -c 700000 a.yuv >cut.yuv # 18 pictures and a part
	fails 1 "data after picture 18 left out" "$slenc" --input-res 176x144 --fps 25 --recon r.yuv \
		-o out.264 cut.yuv && decodes out.264 r.yuv 18 176 144
}
check "input that ends inside a picture" truncated
empty() {
	: >empty.y4m
	fails 1 "empty.y4m: " "$slenc" -o out.264 empty.y4m
}
check "empty input" empty
interrupt() {
	ff -f lavfi -i testsrc2=s=640x360:r=25 -t 20 -pix_fmt yuv420p -y big.y4m || return 1
	"$slenc" --preset slow --recon r.yuv -o out.264 big.y4m &
	local pid=$!
	sleep 0.7
	kill -INT "$pid"
	wait "$pid"
	[ $? = 130 ] || return 1
	local n=$(($(stat -c %s r.yuv) / (640 * 360 * 3 / 2)))
	echo "$n pictures"
	[ "$n" -gt 0 ] && [ "$n" -lt 500 ] && decodes out.264 r.yuv "$n" 640 360
}
# Bash starts background jobs with SIGINT ignored unless job control is on.
set -m
check "an interrupt finishes the file" interrupt
exit $failed
