// SPDX-License-Identifier: MIT
/* The admin queue against a firmware of a few lines behind the fake port's registers. */
#include <CUnit/Basic.h>

#include "abi/sl200_regs.h"
#include "driver/core/admin.h"
#include "driver/core/patience.h"
#include "driver/core/ring.h"
#include "tests/unit/core_fake.h"
#include "tests/suite.h"

#define TIMEOUT_MS 1000

struct fake_firmware {
	bool enabled, deaf, refuse_rings; /* deaf: takes no commands */
	uint32_t sq_head, sq_tail, cq_tail, cq_head;
	unsigned int delay; /* waits before the next completion */
	uint16_t status;
	uint32_t bytes; /* that it claims to have written */
	uint8_t fill;
	struct sl200_admin_sqe last;
	unsigned int commands;
};

static struct fake_port fake;
static struct fake_firmware fw;
static struct core_admin admin;

static uint64_t reg64(uint32_t lo)
{
	return *fake_reg(&fake, lo) | (uint64_t)*fake_reg(&fake, lo + 4) << 32;
}

static void fw_complete(uint64_t tag)
{
	struct sl200_cqe *cq = fake_bus(reg64(SL200_ADMIN_CQ_LO));
	uint32_t depth = *fake_reg(&fake, SL200_ADMIN_DEPTH);

	CU_ASSERT_TRUE_FATAL(fw.cq_tail - fw.cq_head < depth);
	cq[fw.cq_tail & (depth - 1)] = (struct sl200_cqe){
		.tag = tag,
		.status = fw.status,
		.bytes = fw.bytes,
		.sq_head = fw.sq_head,
		.phase = core_cq_phase(fw.cq_tail, depth),
	};
	fw.cq_tail++;
	fake.irqs++;
}

static void fw_run(void)
{
	struct sl200_admin_sqe *sq = fake_bus(reg64(SL200_ADMIN_SQ_LO));
	uint32_t depth = *fake_reg(&fake, SL200_ADMIN_DEPTH);

	while (!fw.deaf && fw.sq_head != fw.sq_tail) {
		if (fw.delay) {
			fw.delay--;
			return;
		}
		fw.last = sq[fw.sq_head & (depth - 1)];
		fw.sq_head++;
		fw.commands++;
		if (fw.bytes && fw.bytes <= CORE_ADMIN_DATA_SIZE && fw.last.addr &&
		    fw.last.opcode != SL200_ADMIN_ASID_BIND)
			memset(fake_bus(fw.last.addr), fw.fill, fw.bytes);
		fw_complete(fw.last.tag);
	}
}

static void on_write(struct fake_port *port, uint32_t offset, uint32_t value)
{
	if (offset != SL200_ADMIN_CTRL)
		return;
	fw.enabled = value & SL200_ADMIN_CTRL_ENABLE && !fw.refuse_rings;
	*fake_reg(port, SL200_ADMIN_STATUS) = fw.refuse_rings ? SL200_ADMIN_STATUS_ERROR
					      : fw.enabled    ? SL200_ADMIN_STATUS_READY
							      : 0;
}

static void on_doorbell(struct fake_port *port, unsigned int qid, uint32_t offset, uint32_t value)
{
	CU_ASSERT_EQUAL(qid, 0);
	if (offset == SL200_DOORBELL_SQ_TAIL)
		fw.sq_tail = value;
	else
		fw.cq_head = value;
	if (!fw.delay)
		fw_run();
}

static void on_wait(struct fake_port *port)
{
	if (fw.enabled)
		fw_run();
}

static int setup(void)
{
	fake_init(&fake);
	memset(&fw, 0, sizeof(fw));
	fake.on_write = on_write;
	fake.on_doorbell = on_doorbell;
	fake.on_wait = on_wait;
	*fake_reg(&fake, SL200_MCU_STATE) = SL200_MCU_STATE_RUN;
	return core_admin_start(&admin, &fake.port, TIMEOUT_MS);
}

static void teardown(void)
{
	core_admin_stop(&admin);
	CU_ASSERT_EQUAL(fake.dma_live, 0);
	CU_ASSERT_FALSE(fw.enabled);
}

static void test_start(void)
{
	int budget;

	CU_ASSERT_EQUAL_FATAL(setup(), 0);
	CU_ASSERT_EQUAL(*fake_reg(&fake, SL200_ADMIN_DEPTH), CORE_ADMIN_DEPTH);
	CU_ASSERT_EQUAL(core_admin_ping(&admin), 0);
	CU_ASSERT_TRUE(fw.last.flags & SL200_SQE_F_IRQ);
	teardown();

	for (budget = 0; budget < 3; budget++) {
		fake_init(&fake);
		fake.dma_budget = budget;
		CU_ASSERT_EQUAL(core_admin_start(&admin, &fake.port, TIMEOUT_MS), -ENOMEM);
		CU_ASSERT_EQUAL(fake.dma_live, 0);
	}
	fake_init(&fake);
	CU_ASSERT_EQUAL(core_admin_start(&admin, &fake.port, TIMEOUT_MS), -ETIMEDOUT);
	CU_ASSERT_EQUAL(fake.dma_live, 0);
	fake_init(&fake);
	fake.on_write = on_write;
	fw.refuse_rings = true;
	CU_ASSERT_EQUAL(core_admin_start(&admin, &fake.port, TIMEOUT_MS), -EIO);
	CU_ASSERT_EQUAL(fake.dma_live, 0);
}

/* Many more commands than slots, with completions that come late. */
static void test_many(void)
{
	unsigned int i;

	CU_ASSERT_EQUAL_FATAL(setup(), 0);
	for (i = 0; i < 5 * CORE_ADMIN_DEPTH; i++) {
		fw.delay = i % 3;
		CU_ASSERT_EQUAL_FATAL(core_admin_ping(&admin), 0);
	}
	CU_ASSERT_EQUAL(fw.commands, 5 * CORE_ADMIN_DEPTH);
	teardown();
}

static void test_fields(void)
{
	struct core_queue_config config = {
		.qid = 7,
		.asid = 3,
		.sq_iova = 0x1000,
		.cq_iova = 0x2000,
		.depth = 64,
		.priority = 2,
		.weight = 9,
		.vector = 5,
	};

	CU_ASSERT_EQUAL_FATAL(setup(), 0);
	CU_ASSERT_EQUAL(core_admin_queue_create(&admin, &config), 0);
	CU_ASSERT_EQUAL(fw.last.opcode, SL200_ADMIN_QUEUE_CREATE);
	CU_ASSERT_EQUAL(fw.last.qid, 7);
	CU_ASSERT_EQUAL(fw.last.asid, 3);
	CU_ASSERT_EQUAL(fw.last.addr, 0x1000);
	CU_ASSERT_EQUAL(fw.last.addr2, 0x2000);
	CU_ASSERT_EQUAL(fw.last.depth, 64);
	CU_ASSERT_EQUAL(fw.last.priority, 2);
	CU_ASSERT_EQUAL(fw.last.weight, 9);
	CU_ASSERT_EQUAL(fw.last.vector, 5);
	CU_ASSERT_EQUAL(core_admin_queue_destroy(&admin, 7), 0);
	CU_ASSERT_EQUAL(fw.last.opcode, SL200_ADMIN_QUEUE_DESTROY);
	CU_ASSERT_EQUAL(core_admin_asid_bind(&admin, 3, 0x7000), 0);
	CU_ASSERT_EQUAL(fw.last.addr, 0x7000);
	CU_ASSERT_EQUAL(core_admin_asid_unbind(&admin, 3), 0);
	CU_ASSERT_EQUAL(fw.last.opcode, SL200_ADMIN_ASID_UNBIND);
	CU_ASSERT_EQUAL(core_admin_tlb_invalidate(&admin, 3, 0x4000, 0x3000), 0);
	CU_ASSERT_EQUAL(fw.last.addr, 0x4000);
	CU_ASSERT_EQUAL(fw.last.size, 0x3000);
	CU_ASSERT_EQUAL(core_admin_set_limits(&admin, 500, 8, 100), 0);
	CU_ASSERT_EQUAL(fw.last.watchdog_ms, 500);
	CU_ASSERT_EQUAL(fw.last.coalesce_count, 8);
	CU_ASSERT_EQUAL(fw.last.coalesce_us, 100);
	CU_ASSERT_EQUAL(core_admin_fw_activate(&admin, 1), 0);
	CU_ASSERT_EQUAL(fw.last.opcode, SL200_ADMIN_FW_ACTIVATE);
	CU_ASSERT_EQUAL(fw.last.qid, 1);
	teardown();
}

static void test_data(void)
{
	struct sl200_queue_info info;
	struct sl200_caps caps;

	CU_ASSERT_EQUAL_FATAL(setup(), 0);
	fw.bytes = sizeof(info);
	fw.fill = 0x11;
	CU_ASSERT_EQUAL(core_admin_queue_query(&admin, 4, &info), 0);
	CU_ASSERT_EQUAL(fw.last.qid, 4);
	CU_ASSERT_EQUAL(info.jobs, 0x1111111111111111);
	/* Too short, and longer than asked for. */
	fw.bytes = sizeof(info) - 1;
	CU_ASSERT_EQUAL(core_admin_queue_query(&admin, 4, &info), -EIO);
	fw.bytes = sizeof(info) + 1;
	CU_ASSERT_EQUAL(core_admin_queue_query(&admin, 4, &info), -EIO);
	/* A capability page of an older firmware: what is missing is zero. */
	fw.bytes = offsetof(struct sl200_caps, enc);
	fw.fill = 0;
	CU_ASSERT_EQUAL(core_admin_get_caps(&admin, &caps), 0);
	CU_ASSERT_EQUAL(caps.enc[0].codec, 0);
	/* More codecs than the page has room for. */
	fw.fill = 0x7f;
	CU_ASSERT_EQUAL(core_admin_get_caps(&admin, &caps), -EIO);
	teardown();
}

static void test_statuses(void)
{
	static const struct {
		uint16_t status;
		int ret;
	} expected[] = {
		{SL200_STATUS_OK, 0},
		{SL200_STATUS_INVALID_OPCODE, -EINVAL},
		{SL200_STATUS_INVALID_FIELD, -EINVAL},
		{SL200_STATUS_BAD_IMAGE, -EINVAL},
		{SL200_STATUS_UNSUPPORTED, -EOPNOTSUPP},
		{SL200_STATUS_BUSY, -EBUSY},
		{SL200_STATUS_NO_RESOURCE, -ENOSPC},
		{SL200_STATUS_NOT_FOUND, -ENOENT},
		{SL200_STATUS_EXISTS, -EEXIST},
		{SL200_STATUS_MMU_FAULT, -EIO},
		{0xffff, -EIO},
	};
	size_t i;

	CU_ASSERT_EQUAL_FATAL(setup(), 0);
	for (i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		fw.status = expected[i].status;
		CU_ASSERT_EQUAL(core_admin_asid_unbind(&admin, 1), expected[i].ret);
	}
	fw.status = 0;
	teardown();
}

/* An RTL simulation has more time for a command. */
static void test_patience(void)
{
	uint64_t before;

	CU_ASSERT_EQUAL_FATAL(setup(), 0);
	core_admin_stop(&admin);
	*fake_reg(&fake, SL200_TOP_IMPL) = CORE_IMPL_RTL;
	CU_ASSERT_EQUAL_FATAL(core_admin_start(&admin, &fake.port, TIMEOUT_MS), 0);
	fw.deaf = true;
	before = fake.now_ns;
	CU_ASSERT_EQUAL(core_admin_ping(&admin), -ETIMEDOUT);
	CU_ASSERT_TRUE(fake.now_ns - before >= CORE_PATIENCE_RTL * TIMEOUT_MS * 1000000ull);
	fw.deaf = false;
	CU_ASSERT_EQUAL(core_admin_ping(&admin), 0);
	teardown();
}

/* Commands that time out keep their slots until the firmware answers, and no answer is mixed up. */
static void test_timeout(void)
{
	unsigned int i;

	CU_ASSERT_EQUAL_FATAL(setup(), 0);
	fw.deaf = true;
	for (i = 0; i < CORE_ADMIN_DEPTH + 3; i++) {
		uint64_t before = fake.now_ns;

		CU_ASSERT_EQUAL(core_admin_ping(&admin), -ETIMEDOUT);
		CU_ASSERT_TRUE(fake.now_ns - before >= TIMEOUT_MS * 1000000ull);
	}
	fw.deaf = false;
	fw.status = SL200_STATUS_BUSY;
	CU_ASSERT_EQUAL(core_admin_ping(&admin), -EBUSY);
	/* The late answers did not count as this one's. */
	fw.status = 0;
	CU_ASSERT_EQUAL(core_admin_ping(&admin), 0);
	for (i = 0; i < CORE_ADMIN_DEPTH; i++)
		CU_ASSERT_EQUAL(admin.slot[i].state, CORE_ADMIN_FREE);
	teardown();
}

/* Others' commands come and go for three times the limit before there is room. */
static void crowd_wait(struct fake_port *port)
{
	admin.turnover++;
	if (port->now_ns > (uint64_t)(CORE_ADMIN_DEPTH + 3) * TIMEOUT_MS * 1000000ull) {
		fw.deaf = false;
		fw_run();
	}
}

/* A command's time does not begin before there is room for it. */
static void test_crowd(void)
{
	unsigned int i;

	CU_ASSERT_EQUAL_FATAL(setup(), 0);
	fw.deaf = true;
	for (i = 0; i < CORE_ADMIN_DEPTH; i++)
		CU_ASSERT_EQUAL(core_admin_ping(&admin), -ETIMEDOUT);
	fake.on_wait = crowd_wait;
	CU_ASSERT_EQUAL(core_admin_ping(&admin), 0);
	CU_ASSERT_TRUE(fake.now_ns > (uint64_t)(CORE_ADMIN_DEPTH + 3) * TIMEOUT_MS * 1000000ull);
	teardown();
}

static void test_death(void)
{
	CU_ASSERT_EQUAL_FATAL(setup(), 0);
	fw.deaf = true;
	*fake_reg(&fake, SL200_MCU_STATE) = SL200_MCU_STATE_HALTED;
	CU_ASSERT_EQUAL(core_admin_ping(&admin), -ENODEV);
	CU_ASSERT_EQUAL(fake.now_ns, 0);
	fake.gone = true;
	CU_ASSERT_EQUAL(core_admin_ping(&admin), -ENODEV);
	fake.gone = false;
	teardown();
}

static void complete_bogus(struct fake_port *port)
{
	fw_complete(UINT64_MAX);
	port->on_wait = on_wait;
}

/*
 * Completions that name no command are reported, and end commands that were under way: one may
 * have been meant. Later commands work.
 */
static void test_bogus(void)
{
	CU_ASSERT_EQUAL_FATAL(setup(), 0);
	fw.deaf = true;
	fake.on_wait = complete_bogus;
	CU_ASSERT_EQUAL(core_admin_ping(&admin), -EIO);
	CU_ASSERT_TRUE(fake.now_ns < TIMEOUT_MS * 1000000ull / 2);
	fw.deaf = false;
	fw_complete(UINT64_MAX);
	fw_complete(CORE_ADMIN_DEPTH);
	fw_complete(0);
	fw_complete(0x10000);
	CU_ASSERT_EQUAL(core_admin_ping(&admin), 0);
	CU_ASSERT_TRUE(fake.log_lines > 0);
	teardown();
}

int main(void)
{
	CU_TestInfo tests[] = {
		{"start and stop", test_start},
		{"many commands", test_many},
		{"fields", test_fields},
		{"data", test_data},
		{"statuses", test_statuses},
		{"time-outs", test_timeout},
		{"patience", test_patience},
		{"crowd", test_crowd},
		{"death of the card", test_death},
		{"bogus completions", test_bogus},
		CU_TEST_INFO_NULL,
	};

	return suite_run("admin queue", NULL, NULL, tests);
}
