#!/bin/bash
# SPDX-License-Identifier: MIT
# timeout: 300
# Clients that die with jobs in flight: what they had is free again, and their neighbours notice
# nothing.
. "$(dirname "$0")/../fault_lib.sh"

queues() {
	grep -cE '^[0-9]+ state ' "$(debugfs)/queues"
}

before=$(queues)
free_before=$(awk '/^MemAvailable/ { print $2 }' /proc/meminfo)
fault "neighbour of 30 clients killed in the middle of jobs" none 120 \
	"exec $(realpath ../kill_clients.sh) $recover 30"
same_queues() {
	[ "$(queues)" = "$before" ]
}
check "their queues are gone" wait_for 10 same_queues
free_after=$(awk '/^MemAvailable/ { print $2 }' /proc/meminfo)
check "their memory is free: $(((free_before - free_after) / 1024)) MiB less than before" \
	test $((free_before - free_after)) -lt 16384
finish
