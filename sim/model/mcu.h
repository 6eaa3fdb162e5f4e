/* SPDX-License-Identifier: MIT */
/*
 * The management MCU of the functional model: a thread that runs the native build of the boot ROM
 * and the firmware, and the HAL beneath them (firmware/hal/hal.h).
 */
#ifndef MODEL_MCU_H
#define MODEL_MCU_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "firmware/hal/hal.h"

struct chip;

/* The core's handle, as firmware gets it. */
struct hal {
	struct chip *chip;
};

struct mcu {
	struct hal hal;
	pthread_t thread;
	pthread_mutex_t lock; /* of all below but the atomics */
	pthread_cond_t changed;
	bool exit;
	bool boot;	      /* a boot was asked for and not yet begun */
	bool running;	      /* the thread is in the ROM or the firmware */
	atomic_bool stopping; /* the core is to stop: its register writes are dropped */
	atomic_bool sleeping; /* in hal_wait(): wants a signal */
	atomic_uint state;    /* SL200_MCU_STATE_* */
	atomic_uint panic;    /* enum sl200_panic */

	/* Interrupts. Timer fields belong to the MCU's thread. */
	atomic_bool irq_host;
	bool timer_armed, timer_pending;
	uint64_t timer_cmp;

	/* Register values of the MCU's thread. */
	uint32_t timer_cmp_lo, time_hi;
	uint32_t mmu_asid, mdma_space, mdma_tcm, mdma_len, mdma_status;
	uint64_t mmu_root, mmu_iova, mmu_size, mdma_addr;
	char console[128];
	unsigned int console_len;
};

/* Returns 0 or -EAGAIN. */
int mcu_create(struct mcu *mcu, struct chip *chip);
void mcu_destroy(struct mcu *mcu);

/* BOOT.CTRL GO: boot from a SOURCE. Ignored unless BOOT.STATUS is RESET or an error. */
void mcu_boot(struct mcu *mcu, uint32_t source);

/* Stop the core and wait until its thread has left the firmware; it stays stopped. */
void mcu_stop(struct mcu *mcu);

/* Put a stopped core into its reset state, ready to boot. */
void mcu_reset(struct mcu *mcu);

/* Halt with a panic code; does not wait. From any thread. */
void mcu_halt(struct mcu *mcu, uint32_t panic);

/* An interrupt source became active. From any thread. */
void mcu_wake(struct mcu *mcu);

/* The pending interrupts, as SYS.IRQ. MCU thread. */
uint32_t mcu_irq(struct mcu *mcu);

#endif
