/* SPDX-License-Identifier: MIT */
/*
 * All the firmware needs of its surroundings. hal/riscv implements it with loads, stores and wfi;
 * the functional model implements it by calls into the chip (hal/native). The registers are those
 * of space "mcu" in abi/sl200_regs.toml.
 */
#ifndef FW_HAL_H
#define FW_HAL_H

#include <stdint.h>

struct hal;

/* Tightly coupled data memory, where MDMA, engine jobs and results live. */
#define HAL_TCM_SIZE (256u << 10)

#ifdef __riscv
#include "firmware/hal/riscv/access.h"
#else
uint32_t hal_read(struct hal *hal, uint32_t addr);
void hal_write(struct hal *hal, uint32_t addr, uint32_t value);

/* Base of the TCM. A TCM offset, as registers take it, is the distance from here. */
void *hal_tcm(struct hal *hal);

/*
 * Non-zero when the core is to stop; polled in loops that wait for hardware without sleeping.
 */
int hal_stopping(struct hal *hal);

/*
 * Sleep until an interrupt of SYS.IRQ is pending (returns at once when one is).
 * Returns 0, or non-zero when the core is to stop (reset or halted; native only): the caller then
 * unwinds and returns from fw_main() or rom_main() without touching a register.
 */
int hal_wait(struct hal *hal);
#endif

/* Entry points, called by the HAL's start code. */
struct rom_boot {
	uint32_t load_addr;
	uint32_t entry;
	uint32_t payload_size;
	uint32_t version;
};

/*
 * The boot ROM: copy, verify and load an image as SYS.BOOT_* says, showing progress in
 * SYS.BOOT_STATUS. Returns 0 and fills boot when the image may run, -1 when not (the status tells).
 */
int rom_main(struct hal *hal, struct rom_boot *boot);

/* The firmware proper. Returns only when hal_wait() or hal_stopping() said so. */
void fw_main(struct hal *hal);

#endif
