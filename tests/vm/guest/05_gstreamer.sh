#!/bin/bash
# SPDX-License-Identifier: MIT
# timeout: 300
# GStreamer's vah264enc on the render node: the stream decodes without a word, and has all pictures.
set -u
unset SL_DEVICE LIBVA_DRIVER_NAME LIBVA_DRIVERS_PATH
export GST_REGISTRY=/tmp/gst-registry
frames=10
if ! gst-inspect-1.0 vah264enc >/tmp/log 2>&1; then
	tail -n 20 /tmp/log | sed 's/^/#   /'
	echo "not ok - GStreamer offers vah264enc"
	exit 1
fi
echo "ok - GStreamer offers vah264enc"
if gst-launch-1.0 -q videotestsrc num-buffers=$frames ! video/x-raw,width=176,height=144,framerate=25/1,format=NV12 ! \
	vah264enc rate-control=cqp qpi=24 qpp=26 ! h264parse ! filesink location=/tmp/gst.h264 >/tmp/log 2>&1 &&
	[ ! -s /tmp/log ]; then
	echo "ok - GStreamer encodes"
else
	sed 's/^/#   /' /tmp/log
	echo "not ok - GStreamer encodes"
	exit 1
fi
got=$(ffprobe -v warning -count_frames -show_entries stream=nb_read_frames,width,height -of csv=p=0 /tmp/gst.h264 2>/tmp/log)
if [ "$got" = "176,144,$frames" ] && [ ! -s /tmp/log ]; then
	echo "ok - GStreamer's stream decodes"
else
	sed 's/^/#   /' /tmp/log
	echo "not ok - GStreamer's stream decodes: $got"
	exit 1
fi
