#!/bin/bash
# SPDX-License-Identifier: MIT
# The guest's process 1, in its root: sets up what a small system has, runs the job the host asked for
# (results/job, a shell script), and tells the host how it ended.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export HOME=/root LANG=C.UTF-8 TERM=${TERM:-linux}
unset BOOT_IMAGE

mkdir -p /tmp /run /root /var/tmp /dev/pts /dev/shm
mount -t tmpfs -o mode=1777 shm /dev/shm
mount -t tmpfs -o mode=1777 tmp /tmp
mount -t tmpfs run /run
mount -t devpts devpts /dev/pts
mount -t debugfs debugfs /sys/kernel/debug
mount -t tracefs tracefs /sys/kernel/tracing 2>/dev/null
ln -sf /proc/self/fd /dev/fd
ln -sf /proc/mounts /etc/mtab
echo sl200-vm >/proc/sys/kernel/hostname
ulimit -c 0

# The second and third serial port carry the job's output and requests to the host, byte by byte.
for port in output:ttyS1 requests:ttyS2; do
	stty -F "/dev/${port#*:}" raw -echo 115200
	ln -sf "${port#*:}" "/dev/host-${port%:*}"
done

# The shared folders do not come back after suspend: 9p over virtio cannot. So nothing that has to work
# then is read from them later.
mkdir -p /usr/local/bin
cp /sl/src/sim/vm/guest/bin/* /usr/local/bin
job=$(</sl/results/job)

finish() { # exit status of the job
	dmesg >/sl/results/dmesg.txt &
	sleep 0.5
	host "exit $1"
	# The host ends the machine. If it does not hear:
	sleep 20
	busybox poweroff -f
}

main() {
	if grep -qw sl200.shell /proc/cmdline; then
		cd /sl/results || exit
		# The job's output goes to the console, and a shell follows, which has it as its terminal.
		setsid -c bash -c "$job; exec bash -il" <>/dev/ttyS0 >&0 2>&0
		finish 0
	fi
	cd /tmp || exit
	dmesg -n 8
	setsid bash -c "$job" >/dev/host-output 2>&1 </dev/null
	finish $?
}

# One line, as this file is on a shared folder, too.
main; exit
