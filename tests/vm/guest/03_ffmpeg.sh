#!/bin/bash
# SPDX-License-Identifier: MIT
# timeout: 400
# Stock FFmpeg on the render node, without any environment variable: its streams are, byte for byte, those
# of the same FFmpeg with the card in its process.
set -u
unset SL_DEVICE LIBVA_DRIVER_NAME LIBVA_DRIVERS_PATH
status=0
[ -e "$REFERENCE/clip.nv12" ] || {
	echo "skip - FFmpeg: the host has no FFmpeg to make references with"
	exit 0
}
read -r size _ <"$REFERENCE/clip.format"
version=$(ffmpeg -version | sed -n '1s/^ffmpeg version \([^ ]*\).*/\1/p')
[ "$version" = "$(<"$REFERENCE/ffmpeg.version")" ] || {
	echo "skip - FFmpeg: $version here, $(<"$REFERENCE/ffmpeg.version") on the host"
	exit 0
}
cp "$REFERENCE/clip.nv12" /tmp
for file in "$REFERENCE"/ffmpeg-*.options; do
	options=$(<"$file")
	rm -f /tmp/out.h264
	# shellcheck disable=SC2086
	ffmpeg -v error -nostdin -y -vaapi_device /dev/dri/renderD128 -f rawvideo -pix_fmt nv12 -s "$size" \
		-r 25 -i /tmp/clip.nv12 -vf hwupload -c:v h264_vaapi $options /tmp/out.h264 >/tmp/log 2>&1
	if [ $? -ne 0 ] || [ -s /tmp/log ]; then
		sed 's/^/#   /' /tmp/log
		echo "not ok - FFmpeg: $options"
		status=1
	elif cmp /tmp/out.h264 "${file%.options}.h264"; then
		echo "ok - FFmpeg, byte-identical to the in-process card: $options"
	else
		echo "not ok - FFmpeg, byte-identical to the in-process card: $options"
		status=1
	fi
done
exit $status
