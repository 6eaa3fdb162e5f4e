#!/bin/bash
# SPDX-License-Identifier: MIT
# timeout: 600
# Faults of the card itself: what a client sees, and how long until the card works again.
. "$(dirname "$0")/../fault_lib.sh"

fault "firmware crash" lost 60 "$(inject $inject_mcu_crash 1)"
fault "hung engine" job 60 "$(inject $inject_engine_hang 1)"
fault "lost interrupts" none 60 "$(inject $inject_drop_irq 20)"
fault "registers read all-ones" lost 60 "$(inject $inject_all_ones 1)"
# The first spoils a client's completion, the next ones those of the driver's commands.
fault "corrupt completions" lost 60 "$(inject $inject_corrupt_cqe 4)"
fault "reset of the MCU" lost 60 "echo mcu >$(debugfs)/reset"
fault "reset of the chip" lost 60 "echo chip >$(debugfs)/reset"
fault "function-level reset by the administrator" lost 60 "echo 1 >$device/reset"
for i in 1 2 3 4 5; do
	fault "firmware crash, again ($i)" lost 60 "$(inject $inject_mcu_crash 1)"
done
finish
