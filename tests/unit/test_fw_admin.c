// SPDX-License-Identifier: MIT
/* Admin queue and commands. */
#include <CUnit/Basic.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/test_fw_fake.h"
#include "tests/unit/test_fw_image.h"
#include "tests/suite.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define FIELD(name) offsetof(struct sl200_admin_sqe, name)

static uint32_t sys(struct hal *hal, uint32_t addr)
{
	return hal->sys[(addr - SL200_SYS_BASE) / 4];
}

static struct hal *started(void)
{
	struct hal *hal = fake_create();

	fake_start(hal);
	fake_admin_setup(hal);
	return hal;
}

static void test_start(void)
{
	struct hal *hal = fake_create();
	uint32_t beats;

	fake_start(hal);
	CU_ASSERT_EQUAL(sys(hal, SL200_SYS_BOOT_STATUS), SL200_BOOT_RUNNING);
	CU_ASSERT_EQUAL(sys(hal, SL200_SYS_FW_ABI), SL200_FW_ABI << 16 | SL200_FW_ABI);
	CU_ASSERT_EQUAL(sys(hal, SL200_SYS_EVENT_SEQ), 1);
	beats = sys(hal, SL200_SYS_HEARTBEAT);
	fake_run(hal, 1000 * FAKE_MS);
	CU_ASSERT_TRUE(sys(hal, SL200_SYS_HEARTBEAT) - beats >= 10);
	CU_ASSERT_TRUE(sys(hal, SL200_SYS_HEARTBEAT) - beats <= 30);
	fake_destroy(hal);
}

/* After a restart of the MCU: an engine at work, doorbells on, and rings set up before the boot. */
static void test_restart(void)
{
	struct hal *hal = fake_create();
	struct sl200_admin_sqe ping = {.opcode = SL200_ADMIN_PING, .tag = 3};

	hal->engine[1].status = SL200_ENGINE_STATUS_BUSY;
	hal->engine[1].done_at = UINT64_MAX;
	hal->db_enable[3] = 0xff;
	hal->sys[(SL200_SYS_ADMIN_SQ_LO - SL200_SYS_BASE) / 4] = FAKE_ADMIN_SQ;
	hal->sys[(SL200_SYS_ADMIN_CQ_LO - SL200_SYS_BASE) / 4] = FAKE_ADMIN_CQ;
	hal->sys[(SL200_SYS_ADMIN_DEPTH - SL200_SYS_BASE) / 4] = FAKE_ADMIN_DEPTH;
	hal->sys[(SL200_SYS_ADMIN_CTRL - SL200_SYS_BASE) / 4] = SL200_ADMIN_CTRL_ENABLE;
	fake_start(hal);
	CU_ASSERT_EQUAL(hal->engine[1].resets, 1);
	CU_ASSERT_EQUAL(hal->engine[0].resets, 0);
	CU_ASSERT_EQUAL(hal->db_enable[3], 0);
	CU_ASSERT_EQUAL(sys(hal, SL200_SYS_ADMIN_STATUS), SL200_ADMIN_STATUS_READY);
	CU_ASSERT_EQUAL(fake_admin(hal, &ping).tag, 3);
	fake_destroy(hal);
}

static void test_rings(void)
{
	static const struct {
		uint32_t sq, cq, depth, status;
	} cases[] = {
		{FAKE_ADMIN_SQ, FAKE_ADMIN_CQ, 8, SL200_ADMIN_STATUS_READY},
		{FAKE_ADMIN_SQ, FAKE_ADMIN_CQ, 256, SL200_ADMIN_STATUS_READY},
		{FAKE_ADMIN_SQ + 64, FAKE_ADMIN_CQ, 8, SL200_ADMIN_STATUS_ERROR},
		{FAKE_ADMIN_SQ, FAKE_ADMIN_CQ + 32, 8, SL200_ADMIN_STATUS_ERROR},
		{FAKE_ADMIN_SQ, FAKE_ADMIN_CQ, 0, SL200_ADMIN_STATUS_ERROR},
		{FAKE_ADMIN_SQ, FAKE_ADMIN_CQ, 1, SL200_ADMIN_STATUS_ERROR},
		{FAKE_ADMIN_SQ, FAKE_ADMIN_CQ, 12, SL200_ADMIN_STATUS_ERROR},
		{FAKE_ADMIN_SQ, FAKE_ADMIN_CQ, 512, SL200_ADMIN_STATUS_ERROR},
	};
	struct hal *hal = fake_create();

	fake_start(hal);
	for (size_t i = 0; i < COUNT(cases); i++) {
		hal->sys[(SL200_SYS_ADMIN_SQ_LO - SL200_SYS_BASE) / 4] = cases[i].sq;
		hal->sys[(SL200_SYS_ADMIN_CQ_LO - SL200_SYS_BASE) / 4] = cases[i].cq;
		hal->sys[(SL200_SYS_ADMIN_DEPTH - SL200_SYS_BASE) / 4] = cases[i].depth;
		fake_admin_control(hal, SL200_ADMIN_CTRL_ENABLE);
		CU_ASSERT_EQUAL(sys(hal, SL200_SYS_ADMIN_STATUS), cases[i].status);
		CU_ASSERT_EQUAL(hal->db_enable[0] & 1, cases[i].status == SL200_ADMIN_STATUS_READY);
		fake_admin_control(hal, 0);
		CU_ASSERT_EQUAL(sys(hal, SL200_SYS_ADMIN_STATUS), 0);
		CU_ASSERT_EQUAL(hal->db_enable[0] & 1, 0);
	}
	fake_destroy(hal);
}

static void test_ring_errors(void)
{
	struct hal *hal = started();
	struct sl200_admin_sqe ping = {.opcode = SL200_ADMIN_PING, .tag = 1};

	fake_doorbell(hal, 0, SL200_DOORBELL_SQ_TAIL, FAKE_ADMIN_DEPTH + 1);
	fake_run(hal, 0);
	CU_ASSERT_EQUAL(sys(hal, SL200_SYS_ADMIN_STATUS), SL200_ADMIN_STATUS_ERROR);
	fake_admin_control(hal, 0);
	fake_admin_setup(hal);
	CU_ASSERT_EQUAL(fake_admin(hal, &ping).status, SL200_STATUS_OK);
	hal->hole_start = FAKE_ADMIN_CQ;
	hal->hole_end = FAKE_ADMIN_CQ + 4096;
	fake_admin(hal, &ping);
	CU_ASSERT_EQUAL(sys(hal, SL200_SYS_ADMIN_STATUS), SL200_ADMIN_STATUS_ERROR);
	hal->hole_end = 0;
	fake_admin_control(hal, 0);
	fake_admin_setup(hal);
	hal->hole_start = FAKE_ADMIN_SQ;
	hal->hole_end = FAKE_ADMIN_SQ + 4096;
	fake_admin(hal, &ping);
	CU_ASSERT_EQUAL(sys(hal, SL200_SYS_ADMIN_STATUS), SL200_ADMIN_STATUS_ERROR);
	fake_destroy(hal);
}

/* Rings wrap, phases alternate, and a host that does not collect is waited for. */
static void test_wrap(void)
{
	struct hal *hal = started();
	struct sl200_admin_sqe ping = {.opcode = SL200_ADMIN_PING, .flags = SL200_SQE_F_IRQ};
	struct sl200_cqe cqe;
	uint32_t interrupts = hal->msix[0];

	for (uint64_t i = 0; i < 3 * FAKE_ADMIN_DEPTH; i++) {
		ping.tag = i;
		cqe = fake_admin(hal, &ping);
		CU_ASSERT_EQUAL(cqe.status, SL200_STATUS_OK);
		CU_ASSERT_EQUAL(cqe.tag, i);
		CU_ASSERT_EQUAL(cqe.sq_head, i + 1);
	}
	CU_ASSERT_EQUAL(hal->msix[0] - interrupts, 3 * FAKE_ADMIN_DEPTH);
	for (uint32_t i = 0; i < FAKE_ADMIN_DEPTH; i++)
		fake_admin_post(hal, &ping);
	fake_run(hal, 0);
	for (uint32_t i = 0; i < FAKE_ADMIN_DEPTH; i++)
		fake_admin_post(hal, &ping);
	fake_run(hal, 0);
	for (uint32_t i = 0; i < 2 * FAKE_ADMIN_DEPTH; i++) {
		CU_ASSERT_TRUE(fake_admin_reap(hal, &cqe));
		fake_run(hal, 0);
	}
	CU_ASSERT_FALSE(fake_admin_reap(hal, &cqe));
	fake_destroy(hal);
}

static const struct {
	struct sl200_admin_sqe sqe;
	uint16_t status;
	uint16_t detail;
} refused[] = {
	{{.opcode = 0x0d}, SL200_STATUS_INVALID_OPCODE, 0},
	{{.opcode = 0xff}, SL200_STATUS_INVALID_OPCODE, 0},
	{{.opcode = SL200_ADMIN_PING, .flags = 1}, SL200_STATUS_INVALID_FIELD, FIELD(flags)},
	{{.opcode = SL200_ADMIN_PING, .qid = 1}, SL200_STATUS_INVALID_FIELD, FIELD(qid)},
	{{.opcode = SL200_ADMIN_PING, .asid = 1}, SL200_STATUS_INVALID_FIELD, FIELD(asid)},
	{{.opcode = SL200_ADMIN_PING, .priority = 1}, SL200_STATUS_INVALID_FIELD, FIELD(priority)},
	{{.opcode = SL200_ADMIN_PING, .weight = 1}, SL200_STATUS_INVALID_FIELD, FIELD(weight)},
	{{.opcode = SL200_ADMIN_PING, .addr = 1}, SL200_STATUS_INVALID_FIELD, FIELD(addr)},
	{{.opcode = SL200_ADMIN_PING, .addr2 = 1}, SL200_STATUS_INVALID_FIELD, FIELD(addr2)},
	{{.opcode = SL200_ADMIN_PING, .size = 1}, SL200_STATUS_INVALID_FIELD, FIELD(size)},
	{{.opcode = SL200_ADMIN_PING, .depth = 1}, SL200_STATUS_INVALID_FIELD, FIELD(depth)},
	{{.opcode = SL200_ADMIN_PING, .vector = 1}, SL200_STATUS_INVALID_FIELD, FIELD(vector)},
	{{.opcode = SL200_ADMIN_PING, .coalesce_count = 1},
	 SL200_STATUS_INVALID_FIELD,
	 FIELD(coalesce_count)},
	{{.opcode = SL200_ADMIN_PING, .coalesce_us = 1},
	 SL200_STATUS_INVALID_FIELD,
	 FIELD(coalesce_us)},
	{{.opcode = SL200_ADMIN_PING, .watchdog_ms = 1},
	 SL200_STATUS_INVALID_FIELD,
	 FIELD(watchdog_ms)},
	{{.opcode = SL200_ADMIN_PING, .reserved = 1}, SL200_STATUS_INVALID_FIELD, FIELD(reserved)},
	{{.opcode = SL200_ADMIN_GET_CAPS, .addr = FAKE_SCRATCH},
	 SL200_STATUS_INVALID_FIELD,
	 FIELD(size)},
	{{.opcode = SL200_ADMIN_GET_CAPS, .addr = FAKE_HOST_SIZE, .size = 8},
	 SL200_STATUS_MMU_FAULT,
	 FIELD(addr)},
	{{.opcode = SL200_ADMIN_ASID_BIND, .asid = 0}, SL200_STATUS_INVALID_FIELD, FIELD(asid)},
	{{.opcode = SL200_ADMIN_ASID_BIND, .asid = 256}, SL200_STATUS_INVALID_FIELD, FIELD(asid)},
	{{.opcode = SL200_ADMIN_ASID_BIND, .asid = 9, .addr = 8},
	 SL200_STATUS_INVALID_FIELD,
	 FIELD(addr)},
	{{.opcode = SL200_ADMIN_ASID_BIND, .asid = 1}, SL200_STATUS_EXISTS, 0},
	{{.opcode = SL200_ADMIN_ASID_UNBIND, .asid = 9}, SL200_STATUS_NOT_FOUND, 0},
	{{.opcode = SL200_ADMIN_ASID_UNBIND, .asid = 0}, SL200_STATUS_INVALID_FIELD, FIELD(asid)},
	{{.opcode = SL200_ADMIN_ASID_UNBIND, .asid = 1}, SL200_STATUS_BUSY, 0},
	{{.opcode = SL200_ADMIN_TLB_INVALIDATE, .asid = 9}, SL200_STATUS_NOT_FOUND, 0},
	{{.opcode = SL200_ADMIN_TLB_INVALIDATE, .asid = 1, .addr = 1ull << 48},
	 SL200_STATUS_INVALID_FIELD,
	 FIELD(addr)},
	{{.opcode = SL200_ADMIN_TLB_INVALIDATE, .asid = 1, .addr = 4096, .size = 1ull << 48},
	 SL200_STATUS_INVALID_FIELD,
	 FIELD(size)},
	{{.opcode = SL200_ADMIN_QUEUE_DESTROY, .qid = 0}, SL200_STATUS_INVALID_FIELD, FIELD(qid)},
	{{.opcode = SL200_ADMIN_QUEUE_DESTROY, .qid = 256}, SL200_STATUS_INVALID_FIELD, FIELD(qid)},
	{{.opcode = SL200_ADMIN_QUEUE_DESTROY, .qid = 9}, SL200_STATUS_NOT_FOUND, 0},
	{{.opcode = SL200_ADMIN_QUEUE_QUERY, .qid = 0}, SL200_STATUS_INVALID_FIELD, FIELD(qid)},
	{{.opcode = SL200_ADMIN_QUEUE_QUERY, .qid = 9}, SL200_STATUS_NOT_FOUND, 0},
	{{.opcode = SL200_ADMIN_LOG_ATTACH, .addr = FAKE_SCRATCH, .depth = 3},
	 SL200_STATUS_INVALID_FIELD,
	 FIELD(depth)},
	{{.opcode = SL200_ADMIN_LOG_ATTACH, .addr = FAKE_SCRATCH + 8, .depth = 4},
	 SL200_STATUS_INVALID_FIELD,
	 FIELD(addr)},
	{{.opcode = SL200_ADMIN_LOG_ATTACH, .addr = FAKE_HOST_SIZE, .depth = 4},
	 SL200_STATUS_MMU_FAULT,
	 FIELD(addr)},
	{{.opcode = SL200_ADMIN_SET_LIMITS, .coalesce_us = 1},
	 SL200_STATUS_INVALID_FIELD,
	 FIELD(coalesce_count)},
	{{.opcode = SL200_ADMIN_SET_LIMITS, .coalesce_count = 1, .coalesce_us = 1000001},
	 SL200_STATUS_INVALID_FIELD,
	 FIELD(coalesce_us)},
	{{.opcode = SL200_ADMIN_SET_LIMITS, .watchdog_ms = 600001},
	 SL200_STATUS_INVALID_FIELD,
	 FIELD(watchdog_ms)},
	{{.opcode = SL200_ADMIN_FW_UPDATE, .qid = 2}, SL200_STATUS_INVALID_FIELD, FIELD(qid)},
	{{.opcode = SL200_ADMIN_FW_ACTIVATE, .qid = 2}, SL200_STATUS_INVALID_FIELD, FIELD(qid)},
	{{.opcode = SL200_ADMIN_FW_ACTIVATE, .qid = 1},
	 SL200_STATUS_BAD_IMAGE,
	 SL200_BOOT_ERR_MAGIC},
};

static void test_refused(void)
{
	struct hal *hal = started();
	struct fake_queue q = fake_queue(hal, 1, 1, 4, SL200_PRIO_NORMAL, 1);

	CU_ASSERT_EQUAL(q.depth, 4);
	for (size_t i = 0; i < COUNT(refused); i++) {
		struct sl200_cqe cqe = fake_admin(hal, &refused[i].sqe);

		if (cqe.status != refused[i].status || cqe.detail != refused[i].detail)
			printf("\n    case %zu: status %u detail %u", i, cqe.status, cqe.detail);
		CU_ASSERT_EQUAL(cqe.status, refused[i].status);
		CU_ASSERT_EQUAL(cqe.detail, refused[i].detail);
	}
	fake_destroy(hal);
}

static const struct {
	size_t offset, bytes;
	uint64_t bad;
	uint16_t status;
} create_fields[] = {
	{FIELD(qid), 2, 0, SL200_STATUS_INVALID_FIELD},
	{FIELD(qid), 2, 256, SL200_STATUS_INVALID_FIELD},
	{FIELD(qid), 2, 1, SL200_STATUS_EXISTS},
	{FIELD(asid), 2, 0, SL200_STATUS_INVALID_FIELD},
	{FIELD(asid), 2, 256, SL200_STATUS_INVALID_FIELD},
	{FIELD(asid), 2, 2, SL200_STATUS_NOT_FOUND},
	{FIELD(priority), 1, 4, SL200_STATUS_INVALID_FIELD},
	{FIELD(weight), 1, 0, SL200_STATUS_INVALID_FIELD},
	{FIELD(addr), 8, 64, SL200_STATUS_INVALID_FIELD},
	{FIELD(addr), 8, 1ull << 48, SL200_STATUS_INVALID_FIELD},
	{FIELD(addr2), 8, 32, SL200_STATUS_INVALID_FIELD},
	{FIELD(addr2), 8, UINT64_MAX & ~4095ull, SL200_STATUS_INVALID_FIELD},
	{FIELD(depth), 4, 1, SL200_STATUS_INVALID_FIELD},
	{FIELD(depth), 4, 3, SL200_STATUS_INVALID_FIELD},
	{FIELD(depth), 4, 8192, SL200_STATUS_INVALID_FIELD},
	{FIELD(vector), 2, 64, SL200_STATUS_INVALID_FIELD},
};

static void test_create(void)
{
	struct hal *hal = started();
	struct fake_queue q = fake_queue(hal, 1, 1, 4, SL200_PRIO_NORMAL, 1);
	struct sl200_admin_sqe good = {
		.opcode = SL200_ADMIN_QUEUE_CREATE,
		.qid = 5,
		.asid = 1,
		.weight = 1,
		.addr = 0x8000,
		.addr2 = 0x9000,
		.depth = 16,
		.vector = 63,
	};

	CU_ASSERT_EQUAL(q.depth, 4);
	for (size_t i = 0; i < COUNT(create_fields); i++) {
		struct sl200_admin_sqe sqe = good;
		struct sl200_cqe cqe;

		memcpy((uint8_t *)&sqe + create_fields[i].offset, &create_fields[i].bad,
		       create_fields[i].bytes);
		cqe = fake_admin(hal, &sqe);
		CU_ASSERT_EQUAL(cqe.status, create_fields[i].status);
		CU_ASSERT_EQUAL(cqe.detail, create_fields[i].offset);
	}
	CU_ASSERT_EQUAL(hal->db_enable[0], 3);
	CU_ASSERT_EQUAL(fake_admin(hal, &good).status, SL200_STATUS_OK);
	CU_ASSERT_EQUAL(hal->db_enable[0], 0x23);
	fake_destroy(hal);
}

static void test_caps(void)
{
	struct hal *hal = started();
	struct sl200_admin_sqe get = {
		.opcode = SL200_ADMIN_GET_CAPS, .addr = FAKE_SCRATCH, .size = 4096};
	struct sl200_caps *caps = (struct sl200_caps *)(hal->host + FAKE_SCRATCH);
	struct sl200_cqe cqe = fake_admin(hal, &get);

	CU_ASSERT_EQUAL(cqe.status, SL200_STATUS_OK);
	CU_ASSERT_EQUAL(cqe.bytes, sizeof(*caps));
	CU_ASSERT_EQUAL(caps->size, sizeof(*caps));
	CU_ASSERT_EQUAL(caps->fw_version, sys(hal, SL200_SYS_FW_VERSION));
	CU_ASSERT_EQUAL(caps->dram_size, 8ull << 30);
	CU_ASSERT_EQUAL(caps->num_queues, SL200_MAX_QUEUES);
	CU_ASSERT_EQUAL(caps->engine_kind[1], SL200_ENGINE_DMA);
	CU_ASSERT_EQUAL(caps->engine_kind[2], SL200_ENGINE_VENC);
	CU_ASSERT_EQUAL(caps->engine_kind[3], SL200_ENGINE_NONE);
	CU_ASSERT_EQUAL(caps->opcodes_lo, 0x1003f);
	CU_ASSERT_EQUAL(caps->num_enc, 1);
	CU_ASSERT_EQUAL(caps->enc[0].codec, SL200_CODEC_H264);
	CU_ASSERT_EQUAL(caps->enc[0].max_width, 4096);
	CU_ASSERT_EQUAL(caps->enc[0].max_height, 2304);
	CU_ASSERT_EQUAL(caps->enc[0].max_refs_l0, 4);
	CU_ASSERT_EQUAL(caps->enc[0].max_refs_l1, 1);
	CU_ASSERT_EQUAL(caps->enc[0].max_slices, 32);
	CU_ASSERT_EQUAL(caps->enc[0].quality_levels, 4);
	/* A smaller buffer gets the start. */
	memset(caps, 0xee, sizeof(*caps));
	get.size = 16;
	CU_ASSERT_EQUAL(fake_admin(hal, &get).bytes, 16);
	CU_ASSERT_EQUAL(caps->size, sizeof(*caps));
	CU_ASSERT_EQUAL(((uint8_t *)caps)[16], 0xee);
	fake_destroy(hal);
}

/* Two encoders that differ: what both can do. And none: no ENCODE. */
static void test_caps_engines(void)
{
	struct sl200_admin_sqe get = {
		.opcode = SL200_ADMIN_GET_CAPS, .addr = FAKE_SCRATCH, .size = 4096};
	struct hal *hal = fake_create();
	struct sl200_caps *caps = (struct sl200_caps *)(hal->host + FAKE_SCRATCH);

	hal->sys[(SL200_SYS_NUM_ENGINES - SL200_SYS_BASE) / 4] = 4;
	hal->engine[3] = hal->engine[2];
	hal->engine[3].cap_flags = SL200_H264_F_CABAC;
	hal->engine[3].cap_limits = 1 | 0u << 8 | 8u << 16 | 2u << 28;
	fake_start(hal);
	fake_admin_setup(hal);
	fake_admin(hal, &get);
	CU_ASSERT_EQUAL(caps->enc[0].flags, SL200_H264_F_CABAC);
	CU_ASSERT_EQUAL(caps->enc[0].max_refs_l0, 1);
	CU_ASSERT_EQUAL(caps->enc[0].max_refs_l1, 0);
	CU_ASSERT_EQUAL(caps->enc[0].max_slices, 8);
	CU_ASSERT_EQUAL(caps->enc[0].quality_levels, 2);
	fake_destroy(hal);
	hal = fake_create();
	caps = (struct sl200_caps *)(hal->host + FAKE_SCRATCH);
	hal->engine[2].kind = SL200_ENGINE_NONE;
	fake_start(hal);
	fake_admin_setup(hal);
	fake_admin(hal, &get);
	CU_ASSERT_EQUAL(caps->opcodes_lo, 0x3f);
	CU_ASSERT_EQUAL(caps->num_enc, 0);
	fake_destroy(hal);
}

static void test_asid(void)
{
	struct hal *hal = started();
	struct sl200_admin_sqe bind = {
		.opcode = SL200_ADMIN_ASID_BIND, .asid = 255, .addr = 0x123456789000};
	struct sl200_admin_sqe unbind = {.opcode = SL200_ADMIN_ASID_UNBIND, .asid = 255};
	struct sl200_admin_sqe invalidate = {
		.opcode = SL200_ADMIN_TLB_INVALIDATE, .asid = 255, .addr = 4096, .size = 4096};

	CU_ASSERT_EQUAL(fake_admin(hal, &bind).status, SL200_STATUS_OK);
	CU_ASSERT_EQUAL(hal->mmu[1], 0x56789000);
	CU_ASSERT_EQUAL(hal->mmu[2], 0x1234);
	CU_ASSERT_TRUE(hal->asid_bound[255]);
	CU_ASSERT_EQUAL(fake_admin(hal, &invalidate).status, SL200_STATUS_OK);
	invalidate.addr = 0;
	invalidate.size = 0;
	CU_ASSERT_EQUAL(fake_admin(hal, &invalidate).status, SL200_STATUS_OK);
	CU_ASSERT_EQUAL(hal->invalidations, 2);
	CU_ASSERT_EQUAL(fake_admin(hal, &unbind).status, SL200_STATUS_OK);
	CU_ASSERT_FALSE(hal->asid_bound[255]);
	CU_ASSERT_EQUAL(fake_admin(hal, &bind).status, SL200_STATUS_OK);
	fake_destroy(hal);
}

static void test_log(void)
{
	struct hal *hal = started();
	struct sl200_log_entry *ring = (struct sl200_log_entry *)(hal->host + FAKE_SCRATCH);
	struct sl200_admin_sqe attach = {
		.opcode = SL200_ADMIN_LOG_ATTACH, .addr = FAKE_SCRATCH, .depth = 4};

	CU_ASSERT_EQUAL(fake_admin(hal, &attach).status, SL200_STATUS_OK);
	/* What happened before is there. */
	CU_ASSERT_EQUAL(ring[0].event, SL200_EVENT_BOOT);
	CU_ASSERT_EQUAL(ring[0].seq, 1);
	CU_ASSERT_EQUAL(ring[0].arg0, sys(hal, SL200_SYS_FW_VERSION));
	for (uint32_t i = 0; i < 3; i++) {
		struct fake_queue q = fake_queue(hal, 1 + i, 1, 4, 0, 1);

		fake_doorbell(hal, q.qid, SL200_DOORBELL_SQ_TAIL, 5);
		fake_run(hal, 0);
	}
	/* Two events each: BAD_DOORBELL, QUEUE_STOPPED; the ring went round. */
	CU_ASSERT_EQUAL(sys(hal, SL200_SYS_EVENT_SEQ), 7);
	CU_ASSERT_EQUAL(ring[2].seq, 7);
	CU_ASSERT_EQUAL(ring[2].event, SL200_EVENT_QUEUE_STOPPED);
	CU_ASSERT_EQUAL(ring[2].qid, 3);
	CU_ASSERT_EQUAL(ring[1].seq, 6);
	CU_ASSERT_EQUAL(ring[1].event, SL200_EVENT_BAD_DOORBELL);
	CU_ASSERT_EQUAL(ring[1].arg0, 5);
	CU_ASSERT_EQUAL(ring[3].seq, 4);
	attach.depth = 0;
	attach.addr = 0;
	CU_ASSERT_EQUAL(fake_admin(hal, &attach).status, SL200_STATUS_OK);
	fake_doorbell(hal, fake_queue(hal, 9, 1, 4, 0, 1).qid, SL200_DOORBELL_SQ_TAIL, 5);
	fake_run(hal, 0);
	CU_ASSERT_EQUAL(sys(hal, SL200_SYS_EVENT_SEQ), 9);
	CU_ASSERT_EQUAL(ring[3].seq, 4);
	fake_destroy(hal);
}

static void test_update(void)
{
	static struct test_image image;
	struct hal *hal = started();
	struct sl200_admin_sqe update = {
		.opcode = SL200_ADMIN_FW_UPDATE, .qid = 1, .addr = 0x80000, .size = sizeof(image)};
	struct sl200_admin_sqe activate = {.opcode = SL200_ADMIN_FW_ACTIVATE, .qid = 1};
	struct rom_boot boot;
	struct sl200_cqe cqe;

	test_image_make(&image, 0x01020003);
	image.payload[5000] ^= 1;
	memcpy(hal->host + 0x80000, &image, sizeof(image));
	cqe = fake_admin(hal, &update);
	CU_ASSERT_EQUAL(cqe.status, SL200_STATUS_BAD_IMAGE);
	CU_ASSERT_EQUAL(cqe.detail, SL200_BOOT_ERR_HASH);
	CU_ASSERT_EQUAL(hal->flash[SL200_FLASH_SLOT_OFFSET(1)], 0);
	image.payload[5000] ^= 1;
	image.header.version++;
	memcpy(hal->host + 0x80000, &image, sizeof(image));
	CU_ASSERT_EQUAL(fake_admin(hal, &update).detail, SL200_BOOT_ERR_SIGNATURE);
	image.header.version--;
	memcpy(hal->host + 0x80000, &image, sizeof(image));
	CU_ASSERT_EQUAL(fake_admin(hal, &activate).detail, SL200_BOOT_ERR_MAGIC);
	CU_ASSERT_EQUAL(fake_admin(hal, &update).status, SL200_STATUS_OK);
	CU_ASSERT_EQUAL(memcmp(hal->flash + SL200_FLASH_SLOT_OFFSET(1), &image, sizeof(image)), 0);
	CU_ASSERT_EQUAL(fake_admin(hal, &activate).status, SL200_STATUS_OK);
	/* The ROM agrees; marks are written in turn. */
	update.qid = 0;
	activate.qid = 0;
	CU_ASSERT_EQUAL(fake_admin(hal, &update).status, SL200_STATUS_OK);
	CU_ASSERT_EQUAL(fake_admin(hal, &activate).status, SL200_STATUS_OK);
	CU_ASSERT_NOT_EQUAL(hal->flash[SL200_FLASH_MARK_OFFSET(1)], 0);
	hal->flash_broken = true;
	CU_ASSERT_EQUAL(fake_admin(hal, &update).detail, SL200_BOOT_ERR_DMA);
	CU_ASSERT_EQUAL(fake_admin(hal, &activate).detail, SL200_BOOT_ERR_DMA);
	hal->flash_broken = false;
	fake_stop(hal);
	hal->stop = false;
	hal->sys[(SL200_SYS_BOOT_SOURCE - SL200_SYS_BASE) / 4] = 3;
	CU_ASSERT_EQUAL(rom_main(hal, &boot), 0);
	CU_ASSERT_EQUAL(boot.version, 0x01020003);
	fake_destroy(hal);
}

static void test_stats(void)
{
	struct hal *hal = started();
	struct fake_queue q = fake_queue(hal, 1, 1, 4, 0, 1);
	struct sl200_admin_sqe get = {.opcode = SL200_ADMIN_GET_STATS, .addr = FAKE_SCRATCH};
	struct sl200_fw_stats *stats = (struct sl200_fw_stats *)(hal->host + FAKE_SCRATCH);
	struct sl200_sqe nop = {.opcode = SL200_OP_NOP, .flags = SL200_SQE_F_IRQ};
	struct sl200_sqe bad = {.opcode = 0x77};

	fake_run(hal, 5 * FAKE_MS);
	fake_post(&q, &nop);
	fake_post(&q, &bad);
	fake_ring(&q);
	fake_run(hal, 0);
	CU_ASSERT_EQUAL(fake_admin(hal, &get).bytes, sizeof(*stats));
	CU_ASSERT_EQUAL(stats->uptime_ns, 5 * FAKE_MS);
	CU_ASSERT_EQUAL(stats->jobs, 2);
	CU_ASSERT_EQUAL(stats->job_errors, 1);
	CU_ASSERT_EQUAL(stats->admin_commands, 2);
	CU_ASSERT_EQUAL(stats->queues, 1);
	CU_ASSERT_EQUAL(stats->asids, 1);
	CU_ASSERT_EQUAL(stats->interrupts, hal->msix[0] + hal->msix[2]);
	CU_ASSERT_EQUAL(hal->msix[2], 1);
	fake_destroy(hal);
}

int main(void)
{
	CU_TestInfo tests[] = {
		{"start and heartbeat", test_start},
		{"restart", test_restart},
		{"ring registers", test_rings},
		{"ring errors", test_ring_errors},
		{"wrapping and back-pressure", test_wrap},
		{"refused commands", test_refused},
		{"QUEUE_CREATE", test_create},
		{"GET_CAPS", test_caps},
		{"GET_CAPS of other engines", test_caps_engines},
		{"address spaces", test_asid},
		{"event log", test_log},
		{"firmware update", test_update},
		{"statistics", test_stats},
		CU_TEST_INFO_NULL,
	};

	if (sodium_init() < 0)
		return 1;
	return suite_run("admin queue", NULL, NULL, tests);
}
