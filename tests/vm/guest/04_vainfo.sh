#!/bin/bash
# SPDX-License-Identifier: MIT
# libva finds the backend by the DRM driver's name.
set -u
unset SL_DEVICE LIBVA_DRIVER_NAME LIBVA_DRIVERS_PATH
vainfo --display drm --device /dev/dri/renderD128 >/tmp/vainfo 2>&1
result=$?
if [ $result -eq 0 ] && grep -q 'SL200' /tmp/vainfo && grep -q 'VAProfileH264High.*VAEntrypointEncSlice' /tmp/vainfo; then
	echo "ok - vainfo shows the card's encoder"
else
	sed 's/^/#   /' /tmp/vainfo
	echo "not ok - vainfo shows the card's encoder"
	exit 1
fi
