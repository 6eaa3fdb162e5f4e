/* SPDX-License-Identifier: MIT */
/* User queues: their life, their rings, and their doorbells. */
#ifndef FW_QUEUE_H
#define FW_QUEUE_H

#include "firmware/fw/fw.h"

/* What a job or entry ends with. */
struct completion {
	uint64_t tag;
	uint32_t bytes;
	uint32_t crc_bitstream;
	uint32_t crc_recon;
	uint16_t status; /* enum sl200_status */
	uint16_t detail;
	uint8_t flags; /* of the entry */
};

/* Why a queue stops. */
struct stop {
	uint16_t status; /* enum sl200_status */
	uint8_t engine;	 /* or FW_ENGINE_MCU */
	uint8_t reason;	 /* enum sl200_mmu_reason; 0 when the MCU's own DMA was refused */
	bool write;
	uint64_t iova;
};

/* Start queue qid as the command asks, which has been validated. */
void queue_create(struct fw *fw, uint32_t qid, const struct sl200_admin_sqe *cmd);

/*
 * End a queue: nothing more starts, running jobs have FW_DESTROY_GRACE_NS to finish. The admin
 * command completes from queue_poll().
 */
void queue_destroy(struct fw *fw, struct fw_queue *q, uint64_t tag, uint8_t flags);

/* Its doorbell page was written. */
void queue_doorbell(struct fw *fw, uint32_t qid);

/*
 * Look at the entry at the head: fetch and validate it when that is still to do. The queue must
 * have entries. Returns enum fw_head, or FW_HEAD_UNKNOWN when the ring could not be read (the queue
 * has then stopped).
 */
enum fw_head queue_head(struct fw *fw, struct fw_queue *q);
struct sl200_sqe *queue_head_sqe(struct fw_queue *q);

/* Whether the completion ring has room for one more entry; counts back-pressure when not. */
bool queue_has_room(struct fw *fw, struct fw_queue *q);

/* Take the head off the ring: it has started. Reserves its completion. */
void queue_consume(struct fw *fw, struct fw_queue *q);

/* Complete a started entry. */
void queue_complete(struct fw *fw, struct fw_queue *q, const struct completion *c);

/* Stop a queue after a fault or a violation. Its running jobs go on. */
void queue_stop(struct fw *fw, struct fw_queue *q, const struct stop *stop);

/* Finish destroyed queues. Returns when to look again, or UINT64_MAX. */
uint64_t queue_poll(struct fw *fw);

#endif
