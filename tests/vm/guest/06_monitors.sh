#!/bin/bash
# SPDX-License-Identifier: MIT
# timeout: 200
# What operators look at: fdinfo of a client, lsgpu, gputop and nvtop, while a client encodes.
set -u
status=0

pass() { echo "ok - $1"; }
fail() { # name, what to show
	sed 's/^/#   /' "$2" | tr -d '\033'
	echo
	echo "not ok - $1"
	status=1
}

# A client that goes on until it is killed; each turn is longer than the looks of a monitor on a slow kernel.
(while slenc -q --device drm:/dev/dri/renderD128 --input-res 320x240 --input-csp nv12 --fps 25 --qp 28 -o - \
	/tmp/long.nv12; do :; done >/dev/null) &
loop=$!
trap 'kill $loop; pkill -x slenc' EXIT
dd if=/dev/urandom of=/tmp/long.nv12 bs=115200 count=400 2>/dev/null

client_fdinfo() { # fdinfo of the client's render node
	local pid fd
	for pid in $(pidof slenc); do
		for fd in /proc/"$pid"/fd/*; do
			[ "$(readlink "$fd")" = /dev/dri/renderD128 ] && cat "/proc/$pid/fdinfo/${fd##*/}" && return
		done 2>/dev/null
	done
	return 1
}

engine_time() {
	sed -n 's/^drm-engine-venc[^:]*:[[:space:]]*\([0-9]*\) ns$/\1/p' /tmp/fdinfo | awk '{ t += $1 } END { print t + 0 }'
}

# Two looks at one client: the time grows.
for ((i = 0; i < 200; i++)); do
	client_fdinfo >/tmp/fdinfo && [ "$(engine_time)" -gt 0 ] && break
	sleep 0.1
done
if grep -qE '^drm-driver:[[:space:]]+sl200$' /tmp/fdinfo && grep -qE '^drm-pdev:[[:space:]]+0000:' /tmp/fdinfo &&
	grep -qE '^drm-client-id:' /tmp/fdinfo && grep -qE '^drm-(total|memory)-' /tmp/fdinfo && [ "$(engine_time)" -gt 0 ]; then
	pass "fdinfo shows the client's encode engine time and memory"
else
	fail "fdinfo shows the client's encode engine time and memory" /tmp/fdinfo
fi

if lsgpu >/tmp/lsgpu 2>&1 && grep -qE 'sl200|1024:0101|renderD128' /tmp/lsgpu; then
	pass "lsgpu lists the card"
else
	fail "lsgpu lists the card" /tmp/lsgpu
fi

# It takes its size from a terminal; and the client may begin anew while it looks.
stty -F /dev/ttyS0 rows 40 cols 120
for ((i = 0; i < 4; i++)); do
	timeout 30 gputop -d 1 -n 4 </dev/ttyS0 >/tmp/gputop 2>&1
	grep -q venc /tmp/gputop && grep -q '%.*slenc' /tmp/gputop && break
done
if grep -q venc /tmp/gputop && grep -q '%.*slenc' /tmp/gputop; then
	pass "gputop shows the client on the encode engine"
else
	fail "gputop shows the client on the encode engine" /tmp/gputop
fi

# nvtop lists drivers it knows by name, and may learn of this one.
if nvtop --snapshot >/tmp/nvtop 2>&1 && grep -qi sl200 /tmp/nvtop; then
	pass "nvtop shows the card"
else
	echo "skip - nvtop: $(nvtop --version 2>/dev/null) does not know the driver"
fi
exit $status
