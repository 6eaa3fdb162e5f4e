/* SPDX-License-Identifier: MIT */
/*
 * For benches: what the chip does, cycle by cycle. The library's own addition to sim/card/card.h,
 * found by name.
 */
#ifndef RTL_OBSERVER_H
#define RTL_OBSERVER_H

#include <stdatomic.h>
#include <stdint.h>

#include "sim/card/card.h"

enum rtl_event {
	RTL_EVENT_DOORBELL = 1 << 0,  /* one was accepted */
	RTL_EVENT_FETCH = 1 << 1,     /* the MCU's DMA began to read */
	RTL_EVENT_WRITTEN = 1 << 2,   /* what the MCU's DMA wrote is in memory */
	RTL_EVENT_INTERRUPT = 1 << 3, /* a message left */
	RTL_EVENT_ASLEEP = 1 << 4,    /* the core has nothing to do */
};

/* Cycles, and instructions retired, since power-on. */
struct rtl_counts {
	uint64_t cycles;
	uint64_t sleeping;     /* cycles asleep, outside transfers of the MCU's DMA */
	uint64_t mdma;	       /* cycles inside them */
	uint64_t memory;       /* of these, with something in flight at a memory port */
	uint64_t instructions; /* outside of them */
	uint64_t polls;	       /* inside of them */
};

/* Called from the card's thread; must not call back into the card. */
struct rtl_observer {
	void (*created)(void *arg, struct card *card); /* by card_create() */
	void (*event)(void *arg, unsigned int events, const struct rtl_counts *counts);
	void *arg;
	atomic_bool awake; /* clock a chip that could sleep */
};

/* Of the cards made from now on; NULL: none. The observer outlives them. */
void card_observe(struct rtl_observer *observer);

#endif
