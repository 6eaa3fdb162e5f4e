/* SPDX-License-Identifier: MIT */
/*
 * Doorbell pages (BAR2) and their MCU side (registers DB). Clients write from many threads:
 * writes to different queues share no lock and no counter.
 */
#ifndef MODEL_DOORBELL_H
#define MODEL_DOORBELL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "abi/sl200_queue.h"

#define DOORBELL_WORDS (SL200_MAX_QUEUES / 32)

struct doorbell_page {
	_Alignas(64) atomic_uint sq_tail;
	atomic_uint cq_head;
	atomic_uint_fast64_t accepted;
	atomic_uint_fast64_t dropped;
};

struct doorbells {
	struct doorbell_page page[SL200_MAX_QUEUES];
	atomic_uint enable[DOORBELL_WORDS];
	atomic_uint pending[DOORBELL_WORDS];
};

/* A host write at a BAR2 offset. Returns true when accepted: the MCU is to be woken. */
bool doorbell_write(struct doorbells *db, uint64_t offset, unsigned int size, uint32_t value);

/* DB.ENABLE: bits that become set zero their queue's values. */
void doorbell_set_enable(struct doorbells *db, unsigned int word, uint32_t value);

bool doorbell_any_pending(struct doorbells *db);

/* All disabled, nothing pending. */
void doorbell_reset(struct doorbells *db);

uint64_t doorbell_accepted(struct doorbells *db);
uint64_t doorbell_dropped(struct doorbells *db);
void doorbell_clear_counters(struct doorbells *db);

#endif
