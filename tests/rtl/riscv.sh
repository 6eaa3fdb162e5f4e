#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Programs on the MCU's core: directed ones for every instruction, trap, counter and interrupt, and
# random ones, each with stalled memories, and each compared instruction by instruction with a model
# of the architecture; the model itself with qemu-system-riscv32 on the random programs it can run.
#   SL_RISCV_SEED=N       first random program and its stalls (default 1)
#   SL_RISCV_PROGRAMS=N   how many random programs (default 40)
#   SL_RISCV_TESTS=FOLDER a checkout of riscv-tests; its programs for machine mode are run as well
set -u
cd "$(dirname "$0")/../.." || exit 1
BUILD=${BUILD:-build}
CC=${RV_CC:-riscv64-unknown-elf-gcc}
first=${SL_RISCV_SEED:-1}
count=${SL_RISCV_PROGRAMS:-40}
tools=tests/rtl/riscv
out=$BUILD/rtl/riscv
bench=$BUILD/rtl/test/rv_core
cycles=1000000
status=0

# 0: no stalls; the others: all three manners of the bench.
stalls="0 1 2 3"

not_ok() {
	echo "not ok - $*"
	status=1
}

for tool in "$CC" "${VERILATOR:-verilator}"; do
	command -v "$tool" >/dev/null || { echo "skip - programs on the core: no $tool"; exit 0; }
done

assemble() { # ISA, program, source, more arguments of the compiler
	local isa=$1 elf=$2 source=$3
	shift 3
	"$CC" -march="${isa}_zicsr_zifencei" -mabi=ilp32 -static -nostdlib -nostartfiles \
		-Wl,--no-warn-rwx-segments -T $tools/link.ld "$@" -o "$elf" "$source"
}

# Every program with every seed (own: the program's number) on the core; what they did against the
# model, and the model against qemu.
run() { # name, stall seeds, arguments of lockstep.py, programs
	local name=$1 seeds=$2 options=$3 stem tohost seed line bad=0 jobs=()
	shift 3
	/usr/bin/python3 $tools/image.py "$@" >"$out/list" || { not_ok "$name: images"; return; }
	while read -r stem tohost; do
		for seed in $seeds; do
			[ "$seed" != own ] || seed=${stem##*-}
			line=$("$bench" +image="$stem.hex" +tohost="$tohost" +seed="$seed" \
				+cycles=$cycles +trace="$stem.$seed.trace" 2>&1 | grep -m 1 'ok - ')
			[ "${line#ok - }" != "$line" ] || {
				echo "${line:-not ok - $stem: the bench ends without a verdict}"
				bad=$((bad + 1))
			}
			jobs+=("$stem.elf=$stem.$seed.trace")
		done
	done <"$out/list"
	if [ $bad -eq 0 ]; then
		echo "ok - $name: $# programs pass, stall seeds $seeds"
	else
		not_ok "$name: $bad runs"
	fi
	# shellcheck disable=SC2086 # options are words
	if line=$(/usr/bin/python3 $tools/lockstep.py $options "${jobs[@]}"); then
		echo "ok - $name: ${line#\# }${options:+, qemu too}"
		rm -f "${jobs[@]#*=}"
	else
		echo "$line"
		not_ok "$name: what the core did differs"
	fi
}

${MAKE:-make} --no-print-directory "$bench" >"$BUILD/riscv.log" 2>&1 || {
	cat "$BUILD/riscv.log"
	not_ok "the bench builds"
	exit 1
}
rm -rf "$out"
mkdir -p "$out/im" "$out/imc" "$out/random" "$out/upstream"

# ---------------------------------------------------------------- directed
/usr/bin/python3 $tools/gen_tests.py "$out/source" || { not_ok "directed programs"; exit 1; }
for source in "$out"/source/*/*.S; do
	name=$(basename "$source" .S)
	# All instructions 32 bits long, and as short as the assembler can make them.
	case $source in
	*/plain/*) assemble rv32im "$out/im/$name.elf" "$source" || not_ok "$name assembles" ;;
	esac
	assemble rv32imc "$out/imc/$name.elf" "$source" || not_ok "$name assembles"
done
run "directed, long instructions" "$stalls" "" "$out"/im/*.elf
run "directed, compressed instructions" "$stalls" "" "$out"/imc/*.elf

# ---------------------------------------------------------------- random
/usr/bin/python3 $tools/gen_random.py "$out/random" "$first" "$count" || not_ok "random programs"
for source in "$out"/random/*.S; do
	assemble rv32imc "${source%.S}.elf" "$source" || not_ok "$source assembles"
done
echo "# random programs: seeds $first to $((first + count - 1))"
if command -v qemu-system-riscv32 >/dev/null; then
	qemu=--qemu
else
	qemu=
	echo "skip - random programs on qemu: no qemu-system-riscv32"
fi
run "random" own "$qemu" "$out"/random/tame-*.elf
run "random, with interrupts and misaligned accesses" own "" "$out"/random/wild-*.elf

# ---------------------------------------------------------------- riscv-tests
if [ -z "${SL_RISCV_TESTS:-}" ]; then
	echo "skip - riscv-tests: SL_RISCV_TESTS names no checkout"
	exit $status
fi
for source in "$SL_RISCV_TESTS"/isa/rv32{ui,um,uc,mi}/*.S; do
	name=$(basename "$(dirname "$source")")-$(basename "$source" .S)
	case $name in
	rv32ui-ma_data) echo "skip - $name: misaligned accesses trap here" ;;
	rv32mi-breakpoint) echo "skip - $name: no trigger module" ;;
	rv32mi-pmpaddr) echo "skip - $name: no physical memory protection" ;;
	rv32mi-zicntr) echo "skip - $name: no user mode, and no counters of it" ;;
	*)
		assemble rv32imc "$out/upstream/$name.elf" "$source" -I$tools \
			-I"$SL_RISCV_TESTS/isa/macros/scalar" || not_ok "$name assembles"
		;;
	esac
done
run "riscv-tests" "$stalls" "" "$out"/upstream/*.elf
exit $status
