#!/bin/bash
# SPDX-License-Identifier: MIT
# Start so many clients that run jobs without pause, one after the other, and kill each in the middle.
recover=$1
for ((i = 0; i < $2; i++)); do
	"$recover" victim none 60 sleep 5 >/dev/null &
	pid=$!
	sleep 0.$((RANDOM % 5 + 2))
	kill -9 $pid
	wait $pid
done 2>/dev/null
exit 0
