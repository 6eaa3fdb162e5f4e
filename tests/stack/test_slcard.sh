#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# slcard: options, sockets, several cards, and clients that come, go, die and misbehave.
set -u
cd "$(dirname "$0")/../.." || exit 1
build=${BUILD:-build}
slcard=$build/bin/slcard
slsmi=$build/bin/slsmi
dir=$(mktemp -d)
out=$dir/out
pid=
status=0
unset SL_DEVICE SL_STATS SL_FIRMWARE

stop() { # signal; then the exit status is slcard's
	local card=$pid
	pid=
	[ -n "$card" ] && kill "-$1" "$card" && wait "$card" 2>/dev/null
}
trap 'stop KILL; rm -rf "$dir"' EXIT

check() {
	local name=$1
	shift
	if "$@"; then echo "ok - $name"; else
		cat "$out" "$dir/log" 2>/dev/null | tail -n 30
		echo "not ok - $name"
		status=1
	fi
}

refuses() { # expected exit status, expected text, arguments
	local want=$1 text=$2
	shift 2
	timeout 20 "$slcard" "$@" >"$out" 2>&1
	[ $? = "$want" ] && grep -q -- "$text" "$out"
}

start() { # arguments
	rm -f "$dir/ready"
	mkfifo "$dir/ready"
	"$slcard" --dram 256M --ready-fd 9 "$@" 9>"$dir/ready" >"$dir/stdout" 2>"$dir/log" &
	pid=$!
	read -r -t 20 <"$dir/ready"
}

ends_within() { # seconds
	for _ in $(seq $(($1 * 20))); do
		kill -0 "$pid" 2>/dev/null || return 0
		sleep 0.05
	done
	return 1
}

smi() { # socket, arguments
	local socket=$1
	shift
	SL_DEVICE="sim:$socket" timeout 60 "$slsmi" "$@" >"$out" 2>&1
}

serial() { # socket
	smi "$1" && sed -n 's/^SL200 \([0-9a-f]*\) .*/\1/p' "$out"
}

tells() { # option, text
	"$slcard" "$1" >"$out" 2>/dev/null && grep -q -- "$2" "$out"
}
check "slcard --help" tells --help --socket
check "slcard --version" tells --version '^slcard [0-9]'
check "slcard refuses no socket" refuses 2 'no --socket'
check "slcard refuses an unknown engine" refuses 2 'no such engine: steam' --socket "$dir/x" --engine steam
check "slcard refuses bad memory" refuses 2 'option dram takes' --socket "$dir/x" --dram 1K
check "slcard refuses bad numbers" refuses 2 'option venc takes' --socket "$dir/x" --venc two
check "slcard refuses a bad serial number" refuses 2 'not a serial number: -1' --socket "$dir/x" --serial=-1
check "slcard refuses an argument" refuses 2 'unexpected argument: y' --socket "$dir/x" y
check "slcard refuses an option" refuses 2 'unrecognized option' --socket "$dir/x" --speed
check "slcard names a folder that is not there" refuses 1 'cannot listen: No such file' --socket "$dir/none/x"
touch "$dir/file"
check "slcard spares a file" refuses 1 'cannot listen: File exists' --socket "$dir/file"

listens() {
	start --socket "$dir/a" --socket "$dir/b" --serial 0x1234 --venc 2 &&
		[ "$(cat "$dir/stdout")" = "listening on $dir/a
listening on $dir/b" ] && [ "$(stat -c '%F %a' "$dir/a" "$dir/b" | sort -u)" = "socket 600" ]
}
serves() {
	[ "$(serial "$dir/a")" = 0000000000001234 ] && [ "$(serial "$dir/b")" = 0000000000001235 ] &&
		grep -qE '256.0 MiB card DRAM' "$out" && [ "$(grep -cE '^ +[0-9]+ venc ' "$out")" = 2 ]
}
check "slcard listens at two sockets, for its owner alone" listens
check "each is a card of its own, with the options given" serves
check "slcard leaves a socket to who listens there" refuses 1 'Address already in use' --socket "$dir/a"
check "and that one goes on" serves

turns_away() {
	SL_DEVICE="sim:$dir/a" "$slsmi" --interval 0.2 --count 1000 >/dev/null 2>&1 &
	local first=$!
	sleep 1
	# A second client of the same card.
	! smi "$dir/a" && grep -q "$dir/a: second client turned away" "$dir/log" && serial "$dir/b" >/dev/null &&
		kill -KILL $first && { wait $first 2>/dev/null; serial "$dir/a" >/dev/null; }
}
check "a second client is turned away; after the first was killed the card has a next one" turns_away

descriptors() {
	find "/proc/$pid/fd" -type l | wc -l
}
misbehaves() {
	local before
	before=$(descriptors)
	/usr/bin/python3 - "$dir/a" <<'PY'
import array, os, random, socket, struct, sys

random.seed(200)
HELLO = struct.pack("<HHIII", 1, 1, 20, 0, 0) + struct.pack("<HH", 0, 1)

def client():
    s = socket.socket(socket.AF_UNIX)
    s.connect(sys.argv[1])
    return s

def send(s, data, fds=()):
    control = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else []
    try:
        s.sendmsg([data], control)
    except OSError:
        pass

for case in range(60):
    s = client()
    if case % 2:
        send(s, HELLO)
    kind = case // 2 % 5
    if kind == 0:
        send(s, random.randbytes(300))
    elif kind == 1:
        send(s, struct.pack("<HHIII", 2, 2, 48, 0, 0) + b"x" * 10, [0] * 16)
    elif kind == 2:
        send(s, struct.pack("<HHIII", 2, 13, 16, 0, 0), [0] * 200)
    elif kind == 3:
        for _ in range(200):
            send(s, struct.pack("<HHIIIQII", 2, 9, 32, 0, 0, 0, 7, 4096))
    else:
        fd = os.memfd_create("m")
        os.ftruncate(fd, 1 << 20)
        send(s, struct.pack("<HHIIIIIQQQ", 2, 2, 48, 0, 0, 32, 3, 0, 0, 1 << 20), [fd])
        os.ftruncate(fd, 0)
        os.close(fd)
    s.close()
PY
	serves || return 1
	[ "$(descriptors)" -eq "$before" ] || { descriptors >"$out"; return 1; }
}
check "clients that misbehave cost no descriptor and no card" misbehaves

ends_on() { # signal, with a client connected
	SL_DEVICE="sim:$dir/a" "$slsmi" --interval 0.1 --count 1000 >/dev/null 2>&1 &
	local client=$!
	sleep 0.5
	kill "-$1" "$pid" && ends_within 20 && wait "$pid"
	local rc=$?
	pid=
	kill -KILL $client 2>/dev/null
	wait $client 2>/dev/null
	[ $rc = 0 ] && [ ! -e "$dir/a" ] && [ ! -e "$dir/b" ]
}
check "SIGTERM ends slcard, whatever its clients do, and its sockets go" ends_on TERM

dies_and_returns() {
	start --socket "$dir/a" --socket "$dir/b" || return 1
	stop KILL
	[ -S "$dir/a" ] && start --socket "$dir/a" --socket "$dir/b" && serial "$dir/a" >/dev/null
}
check "sockets of a slcard that was killed are replaced" dies_and_returns
check "SIGINT ends slcard" ends_on INT

once() {
	start --once -v --socket "$dir/a" --socket "$dir/b" && serial "$dir/a" >/dev/null && sleep 0.3 &&
		kill -0 "$pid" && serial "$dir/b" >/dev/null && ends_within 20 && wait "$pid" && pid= && [ ! -e "$dir/a" ]
}
check "slcard --once ends when each card has had its client" once
told() {
	[ "$(grep " client has " "$dir/log" | sort)" = "slcard: $dir/a: client has come
slcard: $dir/a: client has left
slcard: $dir/b: client has come
slcard: $dir/b: client has left" ]
}
check "slcard -v tells who came and left" told

exit $status
