# SPDX-License-Identifier: MIT
# Sourced by tests/vm/guest/fault_*.sh: the card's places in sysfs and debugfs, and reports.
# shellcheck shell=bash disable=SC2034
set -u
build=${BUILD:-/sl/build}
recover=$build/vmtests/recover
failures=0

ok() {
	echo "ok - $1"
}

not_ok() {
	echo "not ok - $1"
	failures=$((failures + 1))
}

# check NAME COMMAND...: ok when the command succeeds.
check() {
	local name=$1
	shift
	if "$@"; then ok "$name"; else not_ok "$name"; fi
}

# The first card's PCI address. It stays the same while the card is away.
bdf=$(basename "$(readlink -f /sys/class/drm/renderD128/device)")
device=/sys/bus/pci/devices/$bdf
driver=/sys/bus/pci/drivers/sl200

# Registers of the INJECT block, as in docs/registers.md.
inject_engine_hang=0x6004
inject_mcu_crash=0x600c
inject_drop_irq=0x6010
inject_corrupt_cqe=0x6014
inject_all_ones=0x6018

debugfs() {
	local dir
	for dir in "/sys/kernel/debug/dri/$bdf" /sys/kernel/debug/dri/*; do
		[ -e "$dir/inject" ] && echo "$dir" && return
	done
	return 1
}

# A command line for recover, which runs it beside its jobs.
inject() {
	echo "echo $1 $2 >$(debugfs)/inject"
}

# fault NAME EXPECT SECONDS SHELL-COMMAND: one run of recover.
fault() {
	"$recover" "$1" "$2" "$3" sh -c "$4" || failures=$((failures + 1))
}

# Milliseconds since boot.
now_ms() {
	local up
	read -r up _ </proc/uptime
	echo $((10#${up/./} * 10))
}

# wait_for SECONDS COMMAND...: until it succeeds.
wait_for() {
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.05
	done
}

bound() {
	[ -e "$driver/$bdf" ] && compgen -G "$device/drm/renderD*" >/dev/null
}

# A line in the kernel's log to look from.
dmesg_mark() {
	echo "fault-mark $1" >/dev/kmsg
}

finish() {
	[ $failures -eq 0 ]
	exit
}
