#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The test run behind `make check` (full) and `make check-quick` (quick): builds the trees, runs every
# test, and ends on a line with the counts. Trees:
#   $BUILD        as users build it (gcc): programs, shell tests
#   $BUILD/asan   clang, address and undefined-behaviour sanitizers: every unit and stack test
#   $BUILD/tsan   gcc, thread sanitizer: the tests with threads in them (full only)
#   $BUILD/fuzz-tree  clang, libFuzzer: replay of the corpus (full only)
set -u
cd "$(dirname "$0")/.."
mode=$1
export BUILD=${BUILD:-build}
make=${MAKE:-make}
jobs=$(nproc)
logs=$BUILD/check
passed=0 failed=0 skipped=0
declare -a failures=()
start=$SECONDS
unset SL_DEVICE SL_STATS SL_FIRMWARE
rm -rf "$logs"
mkdir -p "$logs"

section() {
	printf '\n== %s (%d s)\n' "$1" $((SECONDS - start))
}

fail() {
	failed=$((failed + 1))
	failures+=("$1")
}

build() { # name, make arguments
	local log=$logs/build-$1.log
	shift
	if $make --no-print-directory -j"$jobs" "$@" >"$log" 2>&1; then
		passed=$((passed + 1))
		echo "ok - build: $*"
	else
		tail -n 40 "$log"
		echo "not ok - build: $*"
		fail "build: $*"
	fi
}

# Count what a program reports: "ok - x", "not ok - x", "skip - x" lines, or CUnit's summary.
run() { # name, seconds, command
	local name=$1 limit=$2 log status began=$SECONDS
	log=$logs/${1//[\/ ]/_}.log
	shift 2
	timeout --kill-after=10 "$limit" "$@" >"$log" 2>&1 </dev/null
	status=$?
	local ok bad skip
	read -r ok bad <<<"$(sed -nE 's/^ *tests +([0-9]+) +([0-9]+) +([0-9]+) +([0-9]+) +([0-9]+).*/\3 \4/p' "$log" | tail -n 1)"
	if [ -z "${ok:-}" ]; then
		ok=$(grep -c '^ok - ' "$log")
		bad=$(grep -c '^not ok - ' "$log")
	fi
	skip=$(grep -c '^skip - ' "$log")
	passed=$((passed + ok)) skipped=$((skipped + skip))
	if [ $status -ne 0 ] && [ "$bad" -eq 0 ]; then
		bad=1
		echo "     exit status $status$([ $status -eq 124 ] && echo ": no end after $limit s")"
	elif [ "$ok" -eq 0 ] && [ "$bad" -eq 0 ] && [ "$skip" -eq 0 ]; then
		bad=1
		echo "     no test ran"
	fi
	if [ "$bad" -ne 0 ]; then
		tail -n 40 "$log"
		echo "not ok - $name: $ok passed, $bad failed (log: $log)"
		for ((i = 0; i < bad; i++)); do fail "$name"; done
	else
		echo "ok - $name: $ok passed$([ "$skip" -ne 0 ] && echo ", $skip skipped"), $((SECONDS - began)) s"
		grep '^skip - ' "$log" | sed 's/^/     /'
	fi
}

export ASAN_OPTIONS=detect_leaks=1:abort_on_error=0
export UBSAN_OPTIONS=print_stacktrace=1
export TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1

section "build"
build gcc BUILD="$BUILD" all unit-tests
build clang-asan BUILD="$BUILD/asan" CC=clang SAN=address,undefined all unit-tests

section "tree"
run tree 60 tests/tree.sh

section "unit and stack tests under the address and undefined-behaviour sanitizers"
for test in "$BUILD"/asan/tests/test_*; do
	run "asan/$(basename "$test")" 600 "$test"
done

section "programs"
for script in tests/stack/test_*.sh; do
	run "$(basename "$script" .sh)" 1500 "$script" "$mode"
done

section "the kernel module"
run driver 900 tests/driver.sh

if [ "$mode" = full ]; then
	run driver-dkms 300 tests/driver_dkms.sh

	section "the kernel driver and all above it, in a virtual machine"
	run vm 1800 "$make" --no-print-directory check-vm

	section "the chip in RTL"
	run rtl 2700 "$make" --no-print-directory BUILD="$BUILD" check-rtl

	section "tests with threads under the thread sanitizer"
	build gcc-tsan BUILD="$BUILD/tsan" SAN=thread all unit-tests
	for test in "$BUILD"/tsan/tests/test_{stack,chip,card,venc,vfio,libsl,va}*; do
		[ -x "$test" ] && run "tsan/$(basename "$test")" 900 "$test"
	done

	section "valgrind, on what users run"
	for test in stack_memory stack_fault; do
		run "valgrind/test_$test" 600 valgrind -q --fair-sched=try --leak-check=full --errors-for-leak-kinds=definite \
			--error-exitcode=9 "$BUILD/tests/test_$test"
	done

	section "fuzz corpus"
	build fuzz BUILD="$BUILD/fuzz-tree" CC=clang SAN=fuzzer-no-link,address,undefined fuzz-targets
	run fuzz-corpus 600 env BUILD="$BUILD/fuzz-tree" tests/fuzz/run.sh replay
fi

if [ ${#failures[@]} -ne 0 ]; then
	section "failures"
	printf '%s\n' "${failures[@]}" | sort | uniq -c
fi
printf '\n%d s\n' $((SECONDS - start))
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
