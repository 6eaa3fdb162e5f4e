#!/bin/bash
# SPDX-License-Identifier: MIT
# timeout: 600
# The card goes away: by its driver being unbound, by being unplugged, and by its process dying.
. "$(dirname "$0")/../fault_lib.sh"

rebind="echo $bdf >$driver/unbind; sleep 0.3; echo $bdf >$driver/bind"
fault "driver unbound and bound under load" lost 60 "$rebind"

began=$(now_ms)
times=0
while [ $times -lt 100 ]; do
	echo "$bdf" >"$driver/unbind" && echo "$bdf" >"$driver/bind" && bound || break
	times=$((times + 1))
done
took=$(($(now_ms) - began))
if [ $times -eq 100 ]; then
	ok "bound 100 times, $((took / 100)) ms each"
else
	not_ok "bound 100 times: failed after $times"
fi

fault "card unplugged and plugged in again" lost 120 \
	"slot pull 0 && sleep 0.5 && slot plug 0"
fault "card process killed in the middle of jobs, and back" lost 180 \
	"slot kill 0 && sleep 2 && slot plug 0"
check "a client works after all that" "$recover" "after the removals" none 60 true
finish
