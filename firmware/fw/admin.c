// SPDX-License-Identifier: MIT
#include "firmware/fw/admin.h"
#include "firmware/fw/admin_cmd.h"
#include "firmware/fw/irq.h"

#define ADMIN_DEPTH_MAX 256u
#define BATCH 8u

static uint64_t read_pair(struct fw *fw, uint32_t lo)
{
	return (uint64_t)fw_read(fw, lo + 4) << 32 | fw_read(fw, lo);
}

static void fail(struct fw *fw)
{
	fw->admin.ready = false;
	fw_doorbell_enable(fw, 0, false);
	fw_write(fw, SL200_SYS_ADMIN_STATUS, SL200_ADMIN_STATUS_ERROR);
}

void admin_control(struct fw *fw)
{
	struct fw_admin *admin = &fw->admin;
	uint32_t epoch = admin->epoch + 1;

	if (!(fw_read(fw, SL200_SYS_ADMIN_CTRL) & SL200_ADMIN_CTRL_ENABLE)) {
		admin->ready = false;
		fw_doorbell_enable(fw, 0, false);
		fw_write(fw, SL200_SYS_ADMIN_STATUS, 0);
		return;
	}
	if (admin->ready)
		return;
	memset(admin, 0, sizeof(*admin));
	admin->epoch = epoch;
	admin->sq = read_pair(fw, SL200_SYS_ADMIN_SQ_LO);
	admin->cq = read_pair(fw, SL200_SYS_ADMIN_CQ_LO);
	admin->depth = fw_read(fw, SL200_SYS_ADMIN_DEPTH);
	if ((admin->sq | admin->cq) & 4095 || admin->depth < SL200_QUEUE_DEPTH_MIN ||
	    admin->depth > ADMIN_DEPTH_MAX || admin->depth & (admin->depth - 1)) {
		fail(fw);
		return;
	}
	admin->ready = true;
	fw_doorbell_enable(fw, 0, true);
	fw_write(fw, SL200_SYS_ADMIN_STATUS, SL200_ADMIN_STATUS_READY);
}

void admin_doorbell(struct fw *fw)
{
	struct fw_admin *admin = &fw->admin;
	uint32_t tail = fw_read(fw, SL200_DB_SQ_TAIL(0));
	uint32_t head = fw_read(fw, SL200_DB_CQ_HEAD(0));

	if (!admin->ready)
		return;
	if (tail - admin->sq_head > admin->depth ||
	    head - admin->cq_head > admin->cq_tail - admin->cq_head) {
		fail(fw);
		return;
	}
	admin->sq_tail = tail;
	admin->cq_head = head;
}

static void complete(struct fw *fw, uint64_t tag, uint8_t flags, const struct admin_result *r)
{
	struct fw_admin *admin = &fw->admin;
	uint64_t addr = admin->cq + (admin->cq_tail & (admin->depth - 1)) * sizeof(fw->cqe);

	fw->stats.admin_commands++;
	fw->cqe = (struct sl200_cqe){
		.tag = tag,
		.bytes = r->bytes,
		.sq_head = admin->sq_head,
		.status = r->status,
		.detail = r->detail,
		.phase = admin->cq_tail & admin->depth ? 0 : SL200_CQE_PHASE,
	};
	if (fw_mdma_write(fw, MDMA_BUS, addr, &fw->cqe, sizeof(fw->cqe))) {
		fail(fw);
		return;
	}
	admin->cq_tail++;
	if (flags & SL200_SQE_F_IRQ)
		irq_event(fw);
}

void admin_complete_destroy(struct fw *fw, const struct fw_queue *q)
{
	static const struct admin_result ok = {.status = SL200_STATUS_OK};

	if (!fw->admin.ready || q->destroy_epoch != fw->admin.epoch)
		return;
	fw->admin.in_flight--;
	complete(fw, q->destroy_tag, q->destroy_flags, &ok);
}

/* Execute the entry at the head. */
static void step(struct fw *fw)
{
	struct fw_admin *admin = &fw->admin;
	uint64_t addr = admin->sq + (admin->sq_head & (admin->depth - 1)) * sizeof(admin->sqe);
	struct admin_result result;

	if (fw_mdma_read(fw, MDMA_BUS, addr, &admin->sqe, sizeof(admin->sqe))) {
		fail(fw);
		return;
	}
	admin->sq_head++;
	result = admin_execute(fw, &admin->sqe);
	if (result.deferred)
		admin->in_flight++;
	else
		complete(fw, admin->sqe.tag, admin->sqe.flags, &result);
}

bool admin_run(struct fw *fw)
{
	struct fw_admin *admin = &fw->admin;

	for (uint32_t i = 0; i < BATCH; i++) {
		if (fw->stopping || !admin->ready || admin->sq_head == admin->sq_tail ||
		    admin->cq_tail - admin->cq_head + admin->in_flight >= admin->depth)
			return false;
		step(fw);
	}
	return true;
}
