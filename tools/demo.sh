#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Encode a real clip by stock FFmpeg through every layer of the stack, decode the result in software,
# and report what each layer did. Leaves its files in $BUILD/demo.
set -eu
cd "$(dirname "$0")/.."
BUILD=${BUILD:-build}
out=$BUILD/demo
frames=${DEMO_FRAMES:-120}
mkdir -p "$out"

say() {
	printf '\n\033[1m%s\033[0m\n' "$1"
}
[ -t 1 ] || say() { printf '\n%s\n' "$1"; }

# A clip: one given, one of the test media, one that the machine brings, else a rendered one.
clip=${DEMO_CLIP:-}
if [ -z "$clip" ]; then
	for candidate in "${SL_MEDIA:-../shared/media}"/src/sintel_trailer_720p_first14s.mp4 \
		/usr/share/*/*.{mp4,webm,mkv,ogv} /usr/share/*/*/*.{mp4,webm,mkv,ogv}; do
		if [ -r "$candidate" ] && ffprobe -v error -select_streams v:0 -show_entries stream=width \
			-of csv=p=0 "$candidate" 2>/dev/null | grep -q '[0-9]'; then
			clip=$candidate
			break
		fi
	done
fi
skip=
if [ -n "$clip" ]; then
	# Trailers begin in black: start a little later where the clip is long enough.
	seconds=$(ffprobe -v error -show_entries format=duration -of csv=p=0 "$clip" | cut -d. -f1)
	[ "${seconds:-0}" -ge 10 ] 2>/dev/null && skip="-ss 6"
	input=($skip -i "$clip")
	echo "Clip: $clip"
else
	input=(-f lavfi -i "mandelbrot=size=1280x720:rate=25,format=yuv420p")
	echo "Clip: no video file found on this machine, so one is rendered: FFmpeg's mandelbrot zoom"
fi

say "Encoding by stock FFmpeg with h264_vaapi on the simulated card"
encode=("$BUILD/bin/slrun" --stats "$out/card.json" -- ffmpeg -hide_banner -nostdin -y
	-v warning -stats -vaapi_device /dev/dri/renderD128 "${input[@]}" -frames:v "$frames" -an
	-vf "crop=floor(iw/2)*2:floor(ih/2)*2,format=nv12,hwupload" -c:v h264_vaapi -rc_mode CBR
	-b:v 1M -profile:v high -g 60 "$out/demo.mp4")
echo "$ ${encode[*]}"
began=$(date +%s%N)
"${encode[@]}"
ended=$(date +%s%N)

say "Decoding the result by FFmpeg's software decoder, beside the source"
ffmpeg -hide_banner -nostdin -v info -i "$out/demo.mp4" "${input[@]}" -frames:v "$frames" \
	-lavfi "[1:v]crop=floor(iw/2)*2:floor(ih/2)*2,format=yuv420p,setpts=N/TB/25[s];[0:v]setpts=N/TB/25,format=yuv420p,split[a][b];[s]split[c][d];[a][c]psnr;[b][d]ssim" \
	-f null - >"$out/quality.log" 2>&1 || { cat "$out/quality.log"; exit 1; }
ffmpeg -hide_banner -nostdin -v error -y "${input[@]}" -frames:v 1 -update 1 "$out/before.png"
ffmpeg -hide_banner -nostdin -v error -y -i "$out/demo.mp4" -frames:v 1 -update 1 "$out/after.png"

/usr/bin/python3 - "$out" $((ended - began)) <<'EOF_PY'
import json, re, subprocess, sys

out, wall = sys.argv[1], int(sys.argv[2]) / 1e9
probe = json.loads(subprocess.check_output(
    ["ffprobe", "-v", "error", "-count_frames", "-show_streams", "-show_format", "-of", "json",
     f"{out}/demo.mp4"]))
stream, form = probe["streams"][0], probe["format"]
card = json.load(open(f"{out}/card.json"))
log = open(f"{out}/quality.log").read()
psnr = re.search(r"PSNR y:(\S+).*average:(\S+)", log)
ssim = re.search(r"SSIM .*All:(\S+)", log)
frames = int(stream["nb_read_frames"])

print(f"""
Result
  file        {out}/demo.mp4, {int(form['size']):,} bytes
  stream      {stream['codec_name']} {stream['profile']}, {stream['width']}x{stream['height']}, {frames} frames
  bitrate     {int(stream['bit_rate']) / 1e6:.2f} Mbit/s
  quality     PSNR Y {float(psnr[1]):.2f} dB, all {float(psnr[2]):.2f} dB; SSIM {float(ssim[1]):.4f}
  speed       {frames / wall:.1f} frames/s, start to end""")
print("What every layer did")
firmware = card["firmware"]
print(f"  libsl       {card['doorbells']:,} doorbells rung")
print(f"  link        {card['link_read'] / 1e6:,.1f} MB read from the host by DMA, {card['link_write'] / 1e6:,.1f} MB written; {card['interrupts']:,} interrupts")
print(f"  firmware    {firmware['jobs']:,} jobs done, {firmware['job_errors']} failed, {firmware['admin_commands']:,} admin commands")
for i, e in enumerate(card["engines"]):
    print(f"  {e['kind']} {i}{' ' * (10 - len(e['kind']))}{e['jobs']:,} jobs, busy {e['busy_ns'] / 1e6:,.1f} ms")
print(f"  card DRAM   {card['dram_read'] / 1e6:,.1f} MB read, {card['dram_write'] / 1e6:,.1f} MB written")
print(f"\nA frame before and after: {out}/before.png, {out}/after.png")
EOF_PY
