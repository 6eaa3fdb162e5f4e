#!/bin/bash
# SPDX-License-Identifier: MIT
# The module is loaded, every card has a render node, and the kernel's log has nothing to complain about.
set -u
status=0

check() { # name, command
	local name=$1
	shift
	if "$@" >/tmp/out 2>&1; then echo "ok - $name"; else
		sed 's/^/#   /' /tmp/out
		echo "not ok - $name"
		status=1
	fi
}

functions() {
	cat /sys/bus/pci/devices/*/uevent | grep -c 'PCI_ID=1024:0101'
}

nodes() {
	local node count=0
	for node in /sys/class/drm/renderD*; do
		[ "$(basename "$(readlink "$node/device/driver")")" = sl200 ] && [ -c "/dev/dri/${node##*/}" ] &&
			count=$((count + 1))
	done
	echo "$count render nodes, $(functions) cards"
	[ $count -gt 0 ] && [ "$count" = "$(functions)" ]
}

quiet_log() { # apart from what the kernel says of any module not its own
	local lines
	lines=$(dmesg --level=emerg,alert,crit,err,warn | grep -i sl200 |
		grep -vE "loading out-of-tree module|module verification failed")
	echo "$lines"
	[ -z "$lines" ]
}

is_described() {
	modinfo -F license sl200 | grep -q GPL && [ -n "$(modinfo -F version sl200)" ] &&
		[ -n "$(modinfo -F description sl200)" ] && modinfo -F firmware sl200 | grep -q sl200/sl200.fw &&
		modinfo -F alias sl200 | grep -qi 'pci:v00001024d00000101'
}

check "every card has a render node" nodes
check "the driver's log has no warning" quiet_log
check "modinfo describes the module" is_described
check "slsmi shows the card behind the driver" slsmi
exit $status
