/* SPDX-License-Identifier: MIT */
/*
 * The thread that clocks a chip, with all that a chip needs from the board: clock, time, reset,
 * memories. Others ask it to do something between or in cycles and wait until it is done.
 *
 * Time: a cycle counts as a fixed time (a simulated one takes about as long on the wall: a
 * microsecond, not a silicon's nanosecond and a half), so that what the chip measures does not
 * depend on the machine's load. While the chip is idle no cycles pass: the thread sleeps until
 * something is asked or the chip's timer is due, and time jumps by what has passed on the wall.
 * Heartbeats, watchdogs and the host's patience with them thus go at the same pace.
 */
#ifndef RTL_THREAD_H
#define RTL_THREAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/rtl/harness/rtl_memory.h"
#include "sim/rtl/harness/rtl_observer.h"

struct rtl_thread_config {
	const char *rom; /* a file */
	uint64_t dram_size, serial;
	struct rtl_memory_config memory;
	uint32_t cycle_ns; /* what a cycle counts as */
	bool report;	   /* at the end: cycles, and how fast they went */
	void (*console)(void *arg, const char *line);
	void *console_arg;
	struct rtl_observer *observer; /* NULL: none */
};

/* What configuration space tells the chip. */
struct rtl_control {
	bool bus_master, msix_enable, msix_function_mask, msix_emulated;
};

struct rtl_thread;

/* Power on. Returns 0, -ENOMEM, -EAGAIN or -ENOENT (the ROM). */
int rtl_thread_create(const struct rtl_thread_config *config, struct rtl_thread **thread);
/* No call may be under way. */
void rtl_thread_destroy(struct rtl_thread *thread);

/*
 * One BAR access, answered when the chip has answered, a write as well. 0; -EINVAL: the chip says
 * it is a bad one; -ENXIO: no answer came. *value is all-ones then.
 */
int rtl_thread_access(struct rtl_thread *thread, unsigned int bar, uint32_t addr, unsigned int size,
		      bool write, uint64_t *value);

/* Returns when it has taken effect: no access to host memory follows without bus mastering. */
void rtl_thread_control(struct rtl_thread *thread, const struct rtl_control *control);

/* Function-level reset. Returns when it is over. */
void rtl_thread_flr(struct rtl_thread *thread);

/* As card_dma_map(), card_dma_unmap() and card_set_irq(). */
int rtl_thread_map(struct rtl_thread *thread, uint64_t bus, void *vaddr, uint64_t size,
		   unsigned int prot);
int rtl_thread_unmap(struct rtl_thread *thread, uint64_t bus, uint64_t size);
int rtl_thread_set_irq(struct rtl_thread *thread, unsigned int vector, void (*fn)(void *arg),
		       void *arg);

#endif
