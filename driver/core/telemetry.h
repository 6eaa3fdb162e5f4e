/* SPDX-License-Identifier: MIT */
/* Reading the card's 64-bit registers and counters. Thread-safe. */
#ifndef CORE_TELEMETRY_H
#define CORE_TELEMETRY_H

#include "abi/sl200_admin.h"
#include "driver/core/port.h"

/* A register pair: lo is the offset of the low half, whose read latches the high half at lo + 4. */
uint64_t core_read64(struct core_port *port, uint32_t lo);

struct core_engine_telemetry {
	uint32_t kind; /* enum sl200_engine_kind */
	uint64_t jobs, busy_ns, cycles, stall_in_ns, stall_out_ns;
};

struct core_telemetry {
	uint64_t time_ns;
	uint64_t link_read, link_write, dram_read, dram_write; /* bytes */
	uint64_t interrupts, doorbells, doorbells_dropped, mmu_faults;
	uint32_t temperature_mc, power_mw, ecc;
	uint32_t heartbeat, reset_count, event_seq;
	uint32_t num_engines; /* SL200_MAX_ENGINES at most */
	struct core_engine_telemetry engine[SL200_MAX_ENGINES];
};

/* Read everything; the counters are not taken at one instant. -ENODEV: the card is gone. */
int core_telemetry_read(struct core_port *port, struct core_telemetry *telemetry);

#endif
