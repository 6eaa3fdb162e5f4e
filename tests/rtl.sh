#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The tests of the chip in RTL, behind `make check-rtl`, which has built them: each block alone, the
# processor's instructions, random clients on the whole chip, and then the stack tests on it with firmware and
# library.
#
#   tests/rtl.sh [block|riscv|traffic|stack]...   these parts (default: all)
#   SEEDS="1 2 3"                         seeds of the blocks' random tests
#   STACK="queue fault"                   these stack tests
#   SEED=7 TIME=600                       random clients from this seed on, for so many seconds on each build
#
# Prints "ok - x", "not ok - x" and "skip - x" lines; each test has a time limit.
set -u
cd "$(dirname "$0")/.." || exit
export BUILD=${BUILD:-build}
parts=${*:-block riscv traffic stack}
seeds=${SEEDS:-1 2}
# Those that need no codec. The others (h264, encoder, rate) join when the chip has one: until then
# they would boot it to find out that they have nothing to do. remote brings cards of its own.
stack=${STACK:-crc device memory queue fault}
# Known seeds here; make fuzz-rtl has new ones.
seed=${SEED:-1}
time=${TIME:-30}
logs=$BUILD/check-rtl
status=0
unset SL_DEVICE SL_STATS SL_FIRMWARE
mkdir -p "$logs"

# Judge a program by its exit status and what it reports: "ok - x", "not ok - x", "skip - x" lines,
# or CUnit's summary.
run() { # name, seconds, command
	local name=$1 limit=$2 began=$SECONDS log code ok bad why=
	log=$logs/${1//[\/ ]/_}.log
	shift 2
	timeout --kill-after=10 "$limit" "$@" >"$log" 2>&1 </dev/null
	code=$?
	read -r ok bad <<<"$(sed -nE 's/^ *tests +([0-9]+) +([0-9]+) +([0-9]+) +([0-9]+) +.*/\3 \4/p' "$log" | tail -n 1)"
	if [ -z "${ok:-}" ]; then
		ok=$(grep -c '^ok - ' "$log")
		bad=$(grep -c '^not ok - ' "$log")
	fi
	grep '^skip - ' "$log"
	if [ $code -eq 124 ] || [ $code -eq 137 ]; then
		why="no end after $limit s"
	elif [ $code -ne 0 ] || [ "$bad" -ne 0 ]; then
		why="$ok passed, $bad failed, exit status $code"
	elif [ "$ok" -eq 0 ] && ! grep -q '^skip - ' "$log"; then
		why="no test ran"
	fi
	if [ -n "$why" ]; then
		tail -n 30 "$log"
		echo "not ok - $name: $why (log: $log)"
		status=1
	elif [ "$ok" -ne 0 ]; then
		echo "ok - $name: $ok passed, $((SECONDS - began)) s"
	fi
}

for part in $parts; do
	case $part in
	block)
		for test in "$BUILD"/rtl/test/*; do
			name=$(basename "$test")
			# rv_core runs the programs of the next part.
			if [ ! -f "$test" ] || [ ! -x "$test" ] || [ "$name" = rv_core ] ||
				[ "$name" != "${name%.*}" ]; then
				continue
			fi
			product=()
			case $name in
			mcu_boot | chip)
				product=("+image=$BUILD/firmware/sl200.fw" "+rom=$BUILD/firmware/rom.hex")
				;;
			esac
			for seed in $seeds; do
				run "block $name, seed $seed" 600 "$test" "+seed=$seed" "${product[@]}"
			done
		done
		;;
	riscv)
		run "instructions" 900 tests/rtl/riscv.sh
		;;
	traffic)
		# The chip as cards have it, then one whose flops and memories begin with random values.
		for variant in chip chip-random; do
			run "traffic $variant, seed $seed" $((time + 600)) "$BUILD/rtl/$variant/traffic" \
				"+image=$BUILD/firmware/sl200.fw" "+rom=$BUILD/firmware/rom.hex" \
				"+seed=$seed" "+time=$time"
		done
		;;
	stack)
		for test in $stack; do
			run "stack $test" 1800 env SL_DEVICE=sim:rtl "$BUILD/tests/test_stack_$test"
		done
		;;
	*)
		echo "tests/rtl.sh: no such part: $part" >&2
		exit 2
		;;
	esac
done
exit $status
