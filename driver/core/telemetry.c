// SPDX-License-Identifier: MIT
#include "abi/sl200_regs.h"
#include "driver/core/telemetry.h"

uint64_t core_read64(struct core_port *port, uint32_t lo)
{
	uint32_t low, high;

	/* Two readers must not interleave: there is one latch. */
	port->ops->lock(port, CORE_LOCK_REGS);
	low = core_read32(port, lo);
	high = core_read32(port, lo + 4);
	port->ops->unlock(port, CORE_LOCK_REGS);
	return (uint64_t)high << 32 | low;
}

static void read_engine(struct core_port *port, unsigned int n,
			struct core_engine_telemetry *engine)
{
	engine->kind = core_read32(port, SL200_TELEM_ENGINE_KIND(n));
	engine->jobs = core_read64(port, SL200_TELEM_ENGINE_JOBS_LO(n));
	engine->busy_ns = core_read64(port, SL200_TELEM_ENGINE_BUSY_NS_LO(n));
	engine->cycles = core_read64(port, SL200_TELEM_ENGINE_CYCLES_LO(n));
	engine->stall_in_ns = core_read64(port, SL200_TELEM_ENGINE_STALL_IN_LO(n));
	engine->stall_out_ns = core_read64(port, SL200_TELEM_ENGINE_STALL_OUT_LO(n));
}

int core_telemetry_read(struct core_port *port, struct core_telemetry *telemetry)
{
	unsigned int i;

	memset(telemetry, 0, sizeof(*telemetry));
	if (core_read32(port, SL200_TOP_ID) != SL200_TOP_ID_RESET_VALUE)
		return -ENODEV;
	telemetry->time_ns = core_read64(port, SL200_TOP_TIME_LO);
	telemetry->link_read = core_read64(port, SL200_TELEM_LINK_READ_LO);
	telemetry->link_write = core_read64(port, SL200_TELEM_LINK_WRITE_LO);
	telemetry->dram_read = core_read64(port, SL200_TELEM_DRAM_READ_LO);
	telemetry->dram_write = core_read64(port, SL200_TELEM_DRAM_WRITE_LO);
	telemetry->interrupts = core_read64(port, SL200_TELEM_IRQS_LO);
	telemetry->doorbells = core_read64(port, SL200_TELEM_DOORBELLS_LO);
	telemetry->doorbells_dropped = core_read64(port, SL200_TELEM_DOORBELLS_DROPPED_LO);
	telemetry->mmu_faults = core_read64(port, SL200_TELEM_MMU_FAULTS_LO);
	telemetry->temperature_mc = core_read32(port, SL200_TELEM_TEMP);
	telemetry->power_mw = core_read32(port, SL200_TELEM_POWER);
	telemetry->ecc = core_read32(port, SL200_TELEM_ECC);
	telemetry->heartbeat = core_read32(port, SL200_MCU_HEARTBEAT);
	telemetry->reset_count = core_read32(port, SL200_TOP_RESET_COUNT);
	telemetry->event_seq = core_read32(port, SL200_MCU_EVENT_SEQ);
	telemetry->num_engines = core_read32(port, SL200_TOP_NUM_ENGINES);
	if (telemetry->num_engines > SL200_MAX_ENGINES)
		telemetry->num_engines = SL200_MAX_ENGINES;
	for (i = 0; i < telemetry->num_engines; i++)
		read_engine(port, i, &telemetry->engine[i]);
	return 0;
}
