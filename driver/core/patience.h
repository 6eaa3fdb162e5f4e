/* SPDX-License-Identifier: MIT */
/*
 * How long to wait for a card by the wall clock. A driver's limits (of a boot, an admin command, a
 * reset, the heartbeat) are made for silicon and for the functional model. An RTL simulation, which
 * TOP.IMPL tells, runs about a thousand times slower than silicon, and all its limits are longer.
 * That slows nothing down: a card that has stopped or is gone says so at once.
 */
#ifndef CORE_PATIENCE_H
#define CORE_PATIENCE_H

#include "abi/sl200_regs.h"
#include "driver/core/port.h"

#define CORE_IMPL_RTL 2u      /* of TOP.IMPL.KIND */
#define CORE_PATIENCE_RTL 20u /* times the usual limits */

/* A limit for this card, from the usual one. Reads a register. */
static inline unsigned int core_patience_ms(struct core_port *port, unsigned int ms)
{
	uint32_t kind = core_read32(port, SL200_TOP_IMPL) & SL200_TOP_IMPL_KIND;

	return kind == CORE_IMPL_RTL ? ms * CORE_PATIENCE_RTL : ms;
}

#endif
