/* SPDX-License-Identifier: MIT */
/*
 * The admin queue (abi/sl200_admin.h): synchronous commands, several of which may be under way
 * from different threads. All functions are thread-safe after core_admin_start().
 */
#ifndef CORE_ADMIN_H
#define CORE_ADMIN_H

#include "abi/sl200_admin.h"
#include "driver/core/port.h"

#define CORE_ADMIN_DEPTH 32u
#define CORE_ADMIN_DATA_SIZE 256u /* bytes a command may have the card write */

enum core_admin_slot_state {
	CORE_ADMIN_FREE = 0,
	CORE_ADMIN_WAITING,
	CORE_ADMIN_DONE,
	CORE_ADMIN_ABANDONED, /* its caller gave up; free when the card completes it */
};

struct core_admin {
	struct core_port *port;
	struct core_dma sq, cq, data; /* data: CORE_ADMIN_DATA_SIZE for each slot */
	uint32_t sq_tail, cq_head;
	unsigned int timeout_ms;
	bool running;
	uint32_t bogus;	   /* completions so far that named no command */
	uint32_t turnover; /* changes when a slot is taken, completed or freed */
	struct {
		enum core_admin_slot_state state;
		uint16_t generation; /* tells a late completion from the current one */
		uint32_t bogus;	     /* what it was when the command was submitted */
		struct sl200_cqe cqe;
	} slot[CORE_ADMIN_DEPTH];
};

/*
 * Allocate the rings and have the firmware use them. timeout_ms bounds each command (see
 * patience.h). -ENOMEM; -EIO: the firmware refused the rings; -ENODEV; -ETIMEDOUT.
 */
int core_admin_start(struct core_admin *admin, struct core_port *port, unsigned int timeout_ms);

/*
 * Free the rings. The card has been reset, or its DMA is otherwise known to have stopped, or
 * the function turns the admin queue off itself. No command may be under way.
 */
void core_admin_stop(struct core_admin *admin);

/*
 * Run one command. Its time begins when it is submitted: while all slots are taken, it waits for as
 * long as others' commands come and go. sqe without tag, and data (at most CORE_ADMIN_DATA_SIZE
 * bytes, may be NULL) to receive what the command writes at sqe.addr, whose length goes to
 * *written. Returns 0 when the command completed, with its enum sl200_status in *status; -ENODEV:
 * the card is gone or its MCU halted; -ETIMEDOUT; -EIO: a completion that makes no sense, be it
 * this command's or one that came meanwhile and names no command: it may have been this one's.
 */
int core_admin_run(struct core_admin *admin, const struct sl200_admin_sqe *sqe, void *data,
		   size_t size, uint32_t *written, uint16_t *status);

/*
 * The commands. A refusal by the firmware comes back as an errno value: -EINVAL (INVALID_*,
 * BAD_IMAGE), -EOPNOTSUPP (UNSUPPORTED), -EBUSY, -ENOSPC (NO_RESOURCE), -ENOENT (NOT_FOUND),
 * -EEXIST, -EIO (anything else); the errors of core_admin_run() are as above.
 */
int core_admin_ping(struct core_admin *admin);
int core_admin_get_caps(struct core_admin *admin, struct sl200_caps *caps);
int core_admin_get_stats(struct core_admin *admin, struct sl200_fw_stats *stats);
int core_admin_queue_query(struct core_admin *admin, unsigned int qid,
			   struct sl200_queue_info *info);
int core_admin_asid_bind(struct core_admin *admin, unsigned int asid, uint64_t root);
int core_admin_asid_unbind(struct core_admin *admin, unsigned int asid);
/* size 0: the whole address space. */
int core_admin_tlb_invalidate(struct core_admin *admin, unsigned int asid, uint64_t iova,
			      uint64_t size);

struct core_queue_config {
	unsigned int qid, asid;
	uint64_t sq_iova, cq_iova;
	uint32_t depth;
	unsigned int priority, weight, vector;
};

int core_admin_queue_create(struct core_admin *admin, const struct core_queue_config *config);
int core_admin_queue_destroy(struct core_admin *admin, unsigned int qid);
/* depth 0 turns the log off. */
int core_admin_log_attach(struct core_admin *admin, uint64_t bus, uint32_t depth);
/* Zero keeps a value, except coalesce_us. */
int core_admin_set_limits(struct core_admin *admin, uint32_t watchdog_ms,
			  unsigned int coalesce_count, uint32_t coalesce_us);
/* image: memory the card reaches. It must stay when -ETIMEDOUT is returned. */
int core_admin_fw_update(struct core_admin *admin, unsigned int slot, const struct core_dma *image,
			 size_t size);
int core_admin_fw_activate(struct core_admin *admin, unsigned int slot);

#endif
