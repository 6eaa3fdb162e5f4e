/* SPDX-License-Identifier: MIT */
/* MSI-X: one interrupt for several completions where the limits allow for it. */
#ifndef FW_IRQ_H
#define FW_IRQ_H

#include "firmware/fw/fw.h"

/* A completion that asked for an interrupt is in host memory. */
void irq_completion(struct fw *fw, uint32_t vector);

/* Interrupt vector 0 at once: an event or an admin completion. */
void irq_event(struct fw *fw);

/* Send what is due. Returns the time of the next one that is not, or UINT64_MAX. */
uint64_t irq_poll(struct fw *fw);

#endif
