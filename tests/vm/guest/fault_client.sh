#!/bin/bash
# SPDX-License-Identifier: MIT
# timeout: 300
# Clients that die with jobs in flight: what they had is free again, and their neighbours notice
# nothing.
. "$(dirname "$0")/../fault_lib.sh"

queues() {
	grep -c '^queue ' "$(debugfs)/queues"
}

kill_clients() { # how many
	local i pid
	for ((i = 0; i < $1; i++)); do
		"$recover" victim none 60 sleep 60 >/dev/null &
		pid=$!
		sleep 0.$((RANDOM % 5 + 2))
		kill -9 $pid
		wait $pid
		pkill -9 -x sleep
	done 2>/dev/null
}
export -f kill_clients
export recover

before=$(queues)
free_before=$(awk '/^MemAvailable/ { print $2 }' /proc/meminfo)
fault "neighbour of 30 clients killed in the middle of jobs" none 120 \
	"exec bash -c 'kill_clients 30'"
check "their queues are gone" wait_for 10 test "$(queues)" = "$before"
free_after=$(awk '/^MemAvailable/ { print $2 }' /proc/meminfo)
check "their memory is free: $(((free_before - free_after) / 1024)) MiB less than before" \
	test $((free_before - free_after)) -lt 16384
finish
