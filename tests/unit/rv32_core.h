/* SPDX-License-Identifier: MIT */
/*
 * The firmware as the chip runs it: fw_main() of this file interprets the RV32 build of the
 * firmware, instruction by instruction, on the HAL that a test brings. It takes the place of the
 * native firmware, so that the tests of one are tests of the other, and counts.
 */
#ifndef TEST_RV32_CORE_H
#define TEST_RV32_CORE_H

#include <stdint.h>

/* Instructions retired so far in this process, and of those, accesses to registers. */
extern uint64_t rv32_retired;
extern uint64_t rv32_register_accesses;

#endif
