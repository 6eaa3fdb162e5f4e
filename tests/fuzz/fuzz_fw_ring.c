// SPDX-License-Identifier: MIT
/*
 * A hostile client, and a host that may be wrong, against the whole firmware: bytes into rings and
 * memory at any time, doorbells of any value, admin commands of any content, engines that fault,
 * fail and hang. The firmware must not touch what it may not (the sanitizers tell), not panic, not
 * spin, and not complete more than there is room for.
 */
#include <string.h>

#include "tests/fuzz/fuzz_input.h"
#include "tests/unit/test_fw_desc.h"
#include "tests/unit/test_fw_fake.h"

#define QUEUES 4u
#define RING_BASE 0x10000u
#define RING_STRIDE 0x4000u
#define CQ_OFFSET 0x2000u
#define DEPTH 8u
#define NO_LIMIT 0x80000000u
#define MAX_WAITS 20000u

struct host {
	struct fuzz_input in;
	uint32_t steps;
	uint32_t tail[QUEUES + 1];
	/* Completions of each queue, and how many it has room for until its client collects. */
	uint32_t completions[QUEUES + 2], room[QUEUES + 2];
	bool admin_overwritten; /* queues may come and go unknown to us */
};

static void on_write(struct hal *hal, uint32_t space, uint64_t addr, uint32_t len)
{
	struct host *h = hal->idle_arg;
	uint64_t qid = (addr - RING_BASE) / RING_STRIDE;
	uint64_t offset = (addr - RING_BASE) % RING_STRIDE;

	if (!space || space >= SL200_MAX_ASIDS || len != sizeof(struct sl200_cqe) ||
	    addr < RING_BASE || qid >= QUEUES + 2 || offset < CQ_OFFSET)
		return;
	h->completions[qid]++;
	if (h->admin_overwritten)
		return;
	FUZZ_CHECK(offset < CQ_OFFSET + DEPTH * sizeof(struct sl200_cqe));
	FUZZ_CHECK(h->completions[qid] <= h->room[qid]);
}

static void put_bytes(struct hal *hal, struct host *h)
{
	struct fuzz_input *in = &h->in;
	uint32_t at = fuzz_u32(in) % FAKE_HOST_SIZE;
	uint32_t len = fuzz_u8(in);

	if (at < FAKE_ADMIN_CQ && at + len > FAKE_ADMIN_SQ)
		h->admin_overwritten = true;

	while (len-- && at < FAKE_HOST_SIZE)
		hal->host[at++] = fuzz_u8(in);
}

/* An entry that is nearly right, and its doorbell. */
static void put_entry(struct hal *hal, struct host *h)
{
	uint32_t qid = 1 + fuzz_u8(&h->in) % QUEUES;
	uint32_t slot = h->tail[qid] % DEPTH;
	struct sl200_sqe sqe = {
		.opcode = fuzz_u8(&h->in) % 0x18,
		.flags = fuzz_u8(&h->in) & 7,
		.timeout_us = fuzz_u16(&h->in),
		.tag = fuzz_u8(&h->in),
		.src = fuzz_u16(&h->in) * 8u,
		.dst = fuzz_u16(&h->in) * 8u,
		.value = fuzz_u8(&h->in),
		.width = fuzz_u16(&h->in),
		.height = fuzz_u8(&h->in),
	};
	uint8_t shape = fuzz_u8(&h->in);

	if (shape & 1)
		sqe.value = 0;
	if (shape & 2)
		sqe.height = 0;
	if (shape & 4)
		sqe.dst = 0;
	if (shape & 8)
		sqe.width = 0;
	if (shape & 16) {
		static uint64_t buffer[(SL200_H264_ENC_MAX_SIZE + 7) / 8];
		uint32_t size = test_desc_make(buffer, shape & 32);

		sqe = (struct sl200_sqe){.opcode = SL200_OP_ENCODE,
					 .src = FAKE_SCRATCH,
					 .width = size,
					 .timeout_us = sqe.timeout_us};
		memcpy(hal->host + FAKE_SCRATCH, buffer, size);
	}
	memcpy(hal->host + RING_BASE + qid * RING_STRIDE + slot * sizeof(sqe), &sqe, sizeof(sqe));
	fake_doorbell(hal, qid, SL200_DOORBELL_SQ_TAIL, ++h->tail[qid]);
}

static void put_admin(struct hal *hal, struct host *h)
{
	struct fuzz_input *in = &h->in;
	struct sl200_admin_sqe sqe = {
		.opcode = fuzz_u8(in) % 0x0f,
		.flags = fuzz_u8(in) & 2,
		.qid = fuzz_u8(in) % (QUEUES + 2),
		.asid = fuzz_u8(in) % 4,
	};

	if (sqe.opcode == SL200_ADMIN_QUEUE_CREATE) {
		sqe.priority = fuzz_u8(in) % 5;
		sqe.weight = fuzz_u8(in);
		sqe.addr = RING_BASE + sqe.qid * RING_STRIDE;
		sqe.addr2 = sqe.addr + CQ_OFFSET;
		sqe.depth = DEPTH;
		sqe.vector = fuzz_u8(in) % 70;
		h->room[sqe.qid] += h->room[sqe.qid] < NO_LIMIT ? DEPTH : 0;
	} else {
		sqe.addr = fuzz_u16(in) * 32u;
		sqe.size = fuzz_u16(in);
		sqe.depth = fuzz_u8(in);
		sqe.coalesce_count = fuzz_u8(in) & 3;
		sqe.coalesce_us = fuzz_u8(in);
		sqe.watchdog_ms = fuzz_u8(in);
	}
	fake_admin_post(hal, &sqe);
}

static void bend_engine(struct hal *hal, struct fuzz_input *in)
{
	struct fake_engine *e = &hal->engine[fuzz_u8(in) % 3];
	uint8_t how = fuzz_u8(in);

	e->duration_ns = how & 1 ? UINT64_MAX : (uint64_t)fuzz_u8(in) * 10000;
	e->result_status = how & 2 ? fuzz_u8(in) % 16 : 0;
	e->fault_iova = fuzz_u16(in);
	e->reset_ns = (uint64_t)fuzz_u8(in) * 1000;
}

/* The firmware sleeps: the host does the next thing. */
static bool act(struct hal *hal)
{
	struct host *h = hal->idle_arg;
	struct fuzz_input *in = &h->in;
	struct sl200_cqe cqe;

	FUZZ_CHECK(++h->steps < MAX_WAITS);
	hal->run_until = hal->now;
	if (!in->left)
		return true;
	switch (fuzz_u8(in) % 10) {
	case 0:
		put_bytes(hal, h);
		break;
	case 1: {
		uint32_t qid = fuzz_u8(in);

		uint32_t reg = fuzz_u8(in) & 4;

		if (reg == SL200_DOORBELL_CQ_HEAD && qid < QUEUES + 2)
			h->room[qid] = NO_LIMIT;
		fake_doorbell(hal, qid, reg, (uint32_t)(int8_t)fuzz_u8(in));
		break;
	}
	case 2:
	case 3:
	case 4:
		put_entry(hal, h);
		break;
	case 5:
		put_admin(hal, h);
		break;
	case 6:
		fake_admin_reap(hal, &cqe);
		break;
	case 7:
		hal->run_until = hal->now + (1000ull << fuzz_u8(in) % 15);
		break;
	case 8:
		bend_engine(hal, in);
		break;
	case 9:
		hal->hole_start = fuzz_u16(in) * 16u;
		hal->hole_end = hal->hole_start + fuzz_u16(in);
		if (fuzz_u8(in) & 1) {
			hal->sys[(SL200_SYS_ADMIN_CTRL - SL200_SYS_BASE) / 4] = fuzz_u8(in) & 1;
			hal->host_pending = true;
		}
		break;
	}
	return false;
}

/* Address spaces and queues to begin with, as commands that the firmware finds at its start. */
static void set_up(struct hal *hal, struct host *h)
{
	struct sl200_admin_sqe limits = {.opcode = SL200_ADMIN_SET_LIMITS, .watchdog_ms = 20};

	fake_admin_setup(hal);
	hal->db_enable[0] = 1;
	fake_admin_post(hal, &limits);
	for (uint32_t qid = 1; qid <= 3; qid++) {
		struct sl200_admin_sqe bind = {.opcode = SL200_ADMIN_ASID_BIND,
					       .asid = (uint16_t)(1 + qid % 2)};
		struct sl200_admin_sqe create = {.opcode = SL200_ADMIN_QUEUE_CREATE,
						 .qid = (uint16_t)qid,
						 .asid = (uint16_t)(1 + qid % 2),
						 .priority = (uint8_t)(qid % 4),
						 .weight = (uint8_t)qid,
						 .addr = RING_BASE + qid * RING_STRIDE,
						 .addr2 = RING_BASE + qid * RING_STRIDE + CQ_OFFSET,
						 .depth = DEPTH,
						 .vector = (uint16_t)qid};

		fake_admin_post(hal, &bind);
		fake_admin_post(hal, &create);
		h->room[qid] = DEPTH;
	}
}

static bool first_idle(struct hal *hal)
{
	hal->idle = act;
	/* The firmware has enabled the doorbell by now, which zeroed it. */
	fake_doorbell(hal, 0, SL200_DOORBELL_SQ_TAIL, hal->admin_tail);
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct host host = {.in = {data, size}};
	static struct hal *hal; /* kept: allocating 7 MiB takes longer than most cases */

	if (!hal)
		hal = fake_create();
	fake_power_on(hal);
	hal->idle = first_idle;
	hal->idle_arg = &host;
	hal->on_write = on_write;
	set_up(hal, &host);
	fw_main(hal);
	FUZZ_CHECK(hal->sys[(SL200_SYS_PANIC - SL200_SYS_BASE) / 4] == 0);
	return 0;
}
