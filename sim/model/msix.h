/* SPDX-License-Identifier: MIT */
/*
 * MSI-X (PCI Express Base 6.1.4, 7.7.2): table, pending bits, and delivery. The address and data
 * of a vector are stored for the host to read back; where a message goes is the handler that
 * msix_set_handler() attached to the vector.
 *
 * Messages that were held back by a mask are sent, when the mask goes, by a thread of this unit:
 * handlers never run in the context of a register access by the host.
 */
#ifndef MODEL_MSIX_H
#define MODEL_MSIX_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "sim/card/card.h"

struct msix_vector {
	uint32_t addr_lo;
	uint32_t addr_hi;
	uint32_t data;
	uint32_t ctrl;
	bool pending;
	void (*fn)(void *arg);
	void *arg;
};

struct msix {
	pthread_mutex_t lock; /* of all that follows; held while a handler runs */
	pthread_cond_t unmasked;
	pthread_t thread;
	bool exit;
	bool resend;  /* a mask went: look for pending messages */
	bool enabled; /* MSI-X enable of the capability */
	bool function_mask;
	bool bus_master;
	bool emulated; /* the host keeps the table: its masks are not looked at */
	struct msix_vector vector[CARD_NUM_VECTORS];
	uint32_t drop; /* INJECT.DROP_IRQ */
	uint64_t sent;
};

/* Returns 0, or -EAGAIN when no thread can be had. */
int msix_create(struct msix *msix);
void msix_destroy(struct msix *msix);

/* The chip raises a vector; out-of-range vectors are ignored. */
void msix_send(struct msix *msix, uint32_t vector);

/* As card_set_irq(). */
int msix_set_handler(struct msix *msix, unsigned int vector, void (*fn)(void *arg), void *arg);

/* The capability's control bits, and the function's right to write messages. */
void msix_set_control(struct msix *msix, bool enabled, bool function_mask, bool bus_master);

/* As card_set_table_emulated(). */
void msix_set_emulated(struct msix *msix, bool emulated);

/* Table and pending bits: offset from the table's start (a multiple of 4), or the PBA word. */
uint32_t msix_table_read(struct msix *msix, uint32_t offset);
void msix_table_write(struct msix *msix, uint32_t offset, uint32_t value);
uint32_t msix_pba_read(struct msix *msix, unsigned int word);

/* Function-level reset: vectors masked, nothing pending, disabled. Handlers stay attached. */
void msix_reset(struct msix *msix);

uint32_t msix_drop_get(struct msix *msix);
void msix_drop_set(struct msix *msix, uint32_t messages);
uint64_t msix_sent(struct msix *msix);
void msix_clear_counters(struct msix *msix);

#endif
