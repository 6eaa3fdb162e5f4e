#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Run the fuzz targets: `run.sh replay` once over the corpus, `run.sh search SECONDS [NAME]` for new
# inputs. A finding is left in $BUILD/fuzz/findings and makes the exit status 1.
set -u
mode=$1
seconds=${2:-60}
only=${3:-}
here=$(dirname "$0")
failed=0

for target in "$BUILD"/fuzz/fuzz_*; do
	[ -x "$target" ] && [ -f "$target" ] || continue
	name=$(basename "$target")
	[ -z "$only" ] || [ "$only" = "$name" ] || [ "fuzz_$only" = "$name" ] || continue
	corpus=$here/corpus/${name#fuzz_}
	log=$BUILD/fuzz/$name.log
	mkdir -p "$BUILD/fuzz/findings" "$BUILD/fuzz/new/$name"
	if [ "$mode" = replay ]; then
		"$target" -runs=0 "$corpus" >"$log" 2>&1
	else
		echo "fuzz: $name for $seconds s"
		# Plain energy: weighing inputs costs these fast targets a third of their speed.
		"$target" -max_total_time="$seconds" -print_final_stats=1 -timeout=30 -entropic=0 \
			-artifact_prefix="$BUILD/fuzz/findings/$name-" \
			"$BUILD/fuzz/new/$name" "$corpus" >"$log" 2>&1
	fi
	status=$?
	if [ $status -eq 0 ]; then
		inputs=$(find "$corpus" -type f | wc -l)
		runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
		echo "ok - $name: ${runs:-$inputs} inputs"
	else
		tail -n 30 "$log"
		echo "not ok - $name (log: $log)"
		failed=1
	fi
done
exit $failed
