/* SPDX-License-Identifier: MIT */
/* Inside a pass of random traffic. */
#ifndef TRAFFIC_PASS_H
#define TRAFFIC_PASS_H

#include "tests/rtl/traffic.h"

struct pass_queue {
	struct sl200_sqe *sq;
	const struct sl200_cqe *cq;
	uint32_t tail, head, returned, consumed, errors;
	uint32_t stuck_at;
	bool seen[PLAN_ENTRIES];
	struct sl200_cqe result[PLAN_ENTRIES];
};

struct pass {
	struct traffic_card *card;
	const struct plan *plan;
	uint8_t *host;
	struct dice dice; /* of the host's timing */
	uint32_t admin_tail, admin_head, dropped, first_event;
	struct pass_queue queue[PLAN_QUEUES];
	uint64_t digest;
	char why[200]; /* the first thing that went wrong */
};

void pass_fail(struct pass *p, const char *format, ...) __attribute__((format(printf, 2, 3)));
void pass_digest(struct pass *p, uint64_t value);
void pass_doorbell(struct pass *p, unsigned int qid, uint32_t offset, uint32_t value);

/* A command that is to end with this status. */
void pass_admin(struct pass *p, struct sl200_admin_sqe sqe, uint16_t status);
/* Its halves. */
void pass_admin_post(struct pass *p, struct sl200_admin_sqe sqe);
struct sl200_cqe pass_admin_wait(struct pass *p);
void pass_create(struct pass *p, unsigned int n);
void pass_destroy(struct pass *p, unsigned int n);
void pass_query(struct pass *p, unsigned int n, struct sl200_queue_info *info);

/* With no queue there: injected faults, one at a time. */
void pass_faults(struct pass *p);

#endif
