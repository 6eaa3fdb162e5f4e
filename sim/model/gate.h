/* SPDX-License-Identifier: MIT */
/*
 * A reader-writer lock for readers that come millions of times a second from several threads and
 * for writers that come rarely. Readers pass through the gate in a few nanoseconds, without
 * sharing a cache line; a writer closes the gate and waits until those inside have left. Closing
 * has priority over entering, so that a writer never starves.
 *
 * Every access of the card to memory happens inside the gate. What changes the outcome of an
 * access (mappings, translations, the right to do DMA) changes with the gate closed: when it is
 * open again, no access of the old state is under way.
 */
#ifndef MODEL_GATE_H
#define MODEL_GATE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#define GATE_STRIPES 16u

struct gate_stripe {
	_Alignas(64) atomic_uint inside;
};

struct gate {
	struct gate_stripe stripe[GATE_STRIPES];
	atomic_bool closed;
	pthread_mutex_t closer; /* held from gate_close() to gate_open() */
	pthread_mutex_t lock;	/* of opened */
	pthread_cond_t opened;
};

void gate_init(struct gate *gate);
void gate_destroy(struct gate *gate);

/* Not recursive: a thread inside must neither enter again nor close. Thread-safe. */
void gate_enter(struct gate *gate);
void gate_exit(struct gate *gate);

/* Returns when nobody is inside; keeps others out until gate_open(), by the same thread. */
void gate_close(struct gate *gate);
void gate_open(struct gate *gate);

#endif
