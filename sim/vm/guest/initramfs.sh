#!/bin/busybox sh
# SPDX-License-Identifier: MIT
# First program of the guest: loads what mounts the root, puts a writable layer over it, and goes on
# with init.sh of the source tree, which is shared into the guest.
busybox=/bin/busybox
$busybox mkdir -p /proc /sys /dev /ro /rw /root
$busybox mount -t proc proc /proc
$busybox mount -t sysfs sys /sys
$busybox mount -t devtmpfs dev /dev 2>/dev/null

stop() {
	echo "initramfs: $1"
	$busybox poweroff -f
}

while read -r module; do
	$busybox insmod "/lib/modules/$($busybox uname -r)/$module" || stop "cannot load $module"
done </modules

if $busybox grep -q sl200.probe /proc/cmdline; then
	stop "the machine runs"
fi

tries=0
while [ ! -b /dev/vda ]; do
	tries=$((tries + 1))
	[ $tries -lt 100 ] || stop "no root disk"
	$busybox sleep 0.1
done
$busybox mount -t squashfs -o ro /dev/vda /ro || stop "cannot mount the root"
$busybox mount -t tmpfs -o size=75% rw /rw
$busybox mkdir /rw/upper /rw/work
$busybox mount -t overlay -o lowerdir=/ro,upperdir=/rw/upper,workdir=/rw/work root /root || stop "no overlay"
$busybox mkdir -p /root/proc /root/sys /root/dev /root/sl/src /root/sl/build /root/sl/results /root/lib/modules
$busybox cp -a /lib/modules/. /root/lib/modules
options=trans=virtio,version=9p2000.L,msize=512000
$busybox mount -t 9p -o ro,$options,cache=mmap src /root/sl/src || stop "no source tree"
$busybox mount -t 9p -o ro,$options,cache=mmap build /root/sl/build || stop "no build tree"
$busybox mount -t 9p -o rw,$options,cache=none results /root/sl/results || stop "no results folder"
for dir in proc sys dev; do
	$busybox mount -o move /$dir /root/$dir
done
exec $busybox switch_root /root /bin/bash /sl/src/sim/vm/guest/init.sh
