/* SPDX-License-Identifier: MIT */
/* Registers and doorbells: access rules, the boot handshake, and the MCU's side of both. */
#include <CUnit/Basic.h>
#include <CUnit/CUnit.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "abi/sl200_admin.h"
#include "abi/sl200_fw.h"
#include "abi/sl200_queue.h"
#include "abi/sl200_regs.h"
#include "firmware/keys/dev_key.h"
#include "sim/model/native_fw.h"
#include "tests/unit/test_chip_doubles.h"
#include "tests/suite.h"

#define DRAM_SIZE (64u << 20)
#define SERIAL 0xfedcba9876543210ull

static struct card *card;
static char console_line[256];

static void console(void *arg, const char *line)
{
	strncpy(arg, line, sizeof(console_line) - 1);
}

static int setup(void)
{
	const struct card_config config = {
		.dram_size = DRAM_SIZE,
		.serial = SERIAL,
		.console = console,
		.console_arg = console_line,
	};

	card = double_card(&config);
	return 0;
}

static int teardown(void)
{
	card_destroy(card);
	return 0;
}

static void test_identification(void)
{
	CU_ASSERT_EQUAL(double_read(card, SL200_TOP_ID), 0x30324c53);
	CU_ASSERT_EQUAL(double_read(card, SL200_TOP_IMPL), 1);
	CU_ASSERT_EQUAL(double_read(card, SL200_TOP_NUM_QUEUES), SL200_MAX_QUEUES);
	CU_ASSERT_EQUAL(double_read(card, SL200_TOP_NUM_ENGINES), 3);
	CU_ASSERT_EQUAL(double_read64(card, SL200_TOP_DRAM_SIZE_LO), DRAM_SIZE);
	CU_ASSERT_EQUAL(double_read64(card, SL200_TOP_SERIAL_LO), SERIAL);
	CU_ASSERT_EQUAL(double_read(card, SL200_TELEM_ENGINE_KIND(0)), SL200_ENGINE_DMA);
	CU_ASSERT_EQUAL(double_read(card, SL200_TELEM_ENGINE_KIND(1)), SL200_ENGINE_DMA);
	CU_ASSERT_EQUAL(double_read(card, SL200_TELEM_ENGINE_KIND(2)), SL200_ENGINE_VENC);
	CU_ASSERT_EQUAL(double_read(card, SL200_TELEM_ENGINE_KIND(3)), SL200_ENGINE_NONE);
}

static void test_access_rules(void)
{
	static const uint32_t ro[] = {SL200_TOP_ID,	 SL200_TOP_HW_VERSION,	    SL200_TOP_ABI,
				      SL200_BOOT_STATUS, SL200_ADMIN_STATUS,	    SL200_MCU_STATE,
				      SL200_MCU_PANIC,	 SL200_MSIX_PBA_PENDING(0), SL200_TELEM_ECC,
				      SL200_INJECT_CTRL};
	static const uint32_t rw[] = {
		SL200_TOP_SCRATCH, SL200_BOOT_IMAGE_LO,	 SL200_BOOT_IMAGE_HI, SL200_BOOT_SIZE,
		SL200_ADMIN_SQ_LO, SL200_ADMIN_SQ_HI,	 SL200_ADMIN_CQ_LO,   SL200_ADMIN_CQ_HI,
		SL200_ADMIN_DEPTH, SL200_TOP_APERTURE_HI};
	static const uint32_t wo[] = {SL200_TOP_RESET, SL200_BOOT_CTRL, SL200_INJECT_MCU_CRASH};
	static const uint32_t reserved[] = {0x44,   0x0ffc, 0x4000, 0x5060, 0x5800,
					    0x7000, 0x8400, 0x9008, 0xfffc};
	uint64_t value;

	for (size_t i = 0; i < sizeof(ro) / sizeof(ro[0]); i++) {
		uint32_t before = double_read(card, ro[i]);

		double_write(card, ro[i], ~before);
		CU_ASSERT_EQUAL(double_read(card, ro[i]), before);
	}
	for (size_t i = 0; i < sizeof(rw) / sizeof(rw[0]); i++) {
		double_write(card, rw[i], 0x5a0000a5 + (uint32_t)i);
		CU_ASSERT_EQUAL(double_read(card, rw[i]), 0x5a0000a5 + (uint32_t)i);
		double_write(card, rw[i], 0);
	}
	for (size_t i = 0; i < sizeof(wo) / sizeof(wo[0]); i++) {
		double_write(card, wo[i], 0);
		CU_ASSERT_EQUAL(double_read(card, wo[i]), 0);
	}
	for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++) {
		double_write(card, reserved[i], UINT32_MAX);
		CU_ASSERT_EQUAL(double_read(card, reserved[i]), 0);
	}
	double_write(card, SL200_TOP_APERTURE_LO, 0x12345678);
	CU_ASSERT_EQUAL(double_read(card, SL200_TOP_APERTURE_LO), 0x12340000);
	double_write(card, SL200_TOP_APERTURE_LO, 0);

	CU_ASSERT_EQUAL(card_bar_read(card, 0, 2, 4, &value), -EINVAL);
	CU_ASSERT_EQUAL(value, UINT64_MAX);
	CU_ASSERT_EQUAL(card_bar_read(card, 0, 0, 8, &value), -EINVAL);
	CU_ASSERT_EQUAL(card_bar_read(card, 0, 0, 1, &value), -EINVAL);
	CU_ASSERT_EQUAL(card_bar_read(card, 0, 0x10000, 4, &value), -EINVAL);
	CU_ASSERT_EQUAL(card_bar_read(card, 1, 0, 4, &value), -EINVAL);
	CU_ASSERT_EQUAL(card_bar_write(card, 0, 2, 2, 0), -EINVAL);
	CU_ASSERT_EQUAL(card_bar_write(card, 3, 0, 4, 0), -EINVAL);
}

static void test_time(void)
{
	uint64_t first = double_read64(card, SL200_TOP_TIME_LO), second;

	nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
	second = double_read64(card, SL200_TOP_TIME_LO);
	CU_ASSERT(second >= first + 2000000);
	CU_ASSERT(second < first + 60000000000ull);
}

static void test_aperture(void)
{
	uint64_t value;

	CU_ASSERT_EQUAL(card_bar_write(card, 4, 0x100, 4, 0xcafe0001), 0);
	CU_ASSERT_EQUAL(card_bar_write(card, 4, 0x108, 8, 0x1122334455667788ull), 0);
	CU_ASSERT_EQUAL(card_bar_read(card, 4, 0x108, 4, &value), 0);
	CU_ASSERT_EQUAL(value, 0x55667788);
	CU_ASSERT_EQUAL(card_bar_read(card, 4, 0x100, 8, &value), 0);
	CU_ASSERT_EQUAL(value, 0xcafe0001);
	double_write(card, SL200_TOP_APERTURE_LO, DRAM_SIZE - 0x10000);
	CU_ASSERT_EQUAL(card_bar_write(card, 4, 0xfff8, 8, 1), 0);
	CU_ASSERT_EQUAL(card_bar_write(card, 4, 0x10000, 4, 1), -EINVAL);
	CU_ASSERT_EQUAL(card_bar_read(card, 4, 0x10000, 4, &value), -EINVAL);
	CU_ASSERT_EQUAL(value, UINT32_MAX);
	double_write(card, SL200_TOP_APERTURE_HI, UINT32_MAX);
	CU_ASSERT_EQUAL(card_bar_read(card, 4, 0, 4, &value), -EINVAL);
	CU_ASSERT_EQUAL(card_bar_read(card, 4, 4, 8, &value), -EINVAL);
	double_write(card, SL200_TOP_APERTURE_LO, 0);
	double_write(card, SL200_TOP_APERTURE_HI, 0);
}

static void wait_state(uint32_t state)
{
	for (int i = 0; i < 2000 && double_read(card, SL200_MCU_STATE) != state; i++)
		nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
	CU_ASSERT_EQUAL(double_read(card, SL200_MCU_STATE), state);
}

static void test_boot(void)
{
	CU_ASSERT_EQUAL(double_read(card, SL200_MCU_STATE), SL200_MCU_STATE_RESET);
	CU_ASSERT_EQUAL(double_read(card, SL200_BOOT_STATUS), SL200_BOOT_RESET);
	/* An error may be followed by the next attempt at once, many times. */
	for (int i = 0; i < 20; i++) {
		atomic_store(&double_rom, DOUBLE_ROM_REFUSE);
		double_boot(card);
		CU_ASSERT_EQUAL(double_read(card, SL200_BOOT_STATUS), SL200_BOOT_ERR_MAGIC);
	}
	wait_state(SL200_MCU_STATE_RESET);
	atomic_store(&double_rom, DOUBLE_ROM_OTHER_VERSION);
	double_boot(card);
	CU_ASSERT_EQUAL(double_read(card, SL200_BOOT_STATUS), SL200_BOOT_ERR_ABI);
	CU_ASSERT_EQUAL(double_read(card, SL200_BOOT_DETAIL), native_fw_version() + 1);
	wait_state(SL200_MCU_STATE_RESET);
	atomic_store(&double_rom, DOUBLE_ROM_OK);
	double_boot(card);
	CU_ASSERT_EQUAL(double_read(card, SL200_BOOT_STATUS), SL200_BOOT_RUNNING);
	CU_ASSERT_EQUAL(double_read(card, SL200_MCU_STATE), SL200_MCU_STATE_RUN);
	/* GO while it runs has no effect. */
	double_write(card, SL200_BOOT_CTRL, SL200_BOOT_CTRL_GO);
	CU_ASSERT_EQUAL(double_read(card, SL200_BOOT_STATUS), SL200_BOOT_RUNNING);
}

/* The MCU's view of what the host wrote, and the other way round. */
static void mcu_registers(struct hal *hal, void *arg)
{
	uint64_t t0, t1;

	CU_ASSERT_EQUAL(hal_read(hal, SL200_SYS_BOOT_IMAGE_LO), 0x1000);
	CU_ASSERT_EQUAL(hal_read(hal, SL200_SYS_BOOT_SIZE), 0x2000);
	CU_ASSERT_EQUAL(hal_read(hal, SL200_SYS_ADMIN_SQ_LO), 0x3000);
	CU_ASSERT_EQUAL(hal_read(hal, SL200_SYS_ADMIN_CQ_HI), 4);
	CU_ASSERT_EQUAL(hal_read(hal, SL200_SYS_ADMIN_DEPTH), 64);
	CU_ASSERT_EQUAL(hal_read(hal, SL200_SYS_NUM_ENGINES), 3);
	CU_ASSERT_EQUAL(hal_read(hal, SL200_SYS_DRAM_SIZE_LO), DRAM_SIZE);
	for (unsigned int i = 0; i < 32; i++)
		CU_ASSERT_EQUAL(hal_read(hal, SL200_SYS_OTP_KEY(i / 4)) >> i % 4 * 8 & 0xff,
				sl200_dev_public_key[i]);
	hal_write(hal, SL200_SYS_ADMIN_STATUS, SL200_ADMIN_STATUS_READY);
	hal_write(hal, SL200_SYS_HEARTBEAT, 17);
	hal_write(hal, SL200_SYS_FW_VERSION, 0x01020003);
	hal_write(hal, SL200_SYS_FW_ABI, 0x00010001);
	hal_write(hal, SL200_SYS_EVENT_SEQ, 5);
	/* Read-only here. */
	hal_write(hal, SL200_SYS_BOOT_SIZE, 0);
	CU_ASSERT_EQUAL(hal_read(hal, SL200_SYS_BOOT_SIZE), 0x2000);
	CU_ASSERT_EQUAL(hal_read(hal, 0x40008000), 0);
	CU_ASSERT_EQUAL(hal_read(hal, SL200_CONSOLE_TX), 0);

	CU_ASSERT_EQUAL(hal_read(hal, SL200_SYS_IRQ), 0);
	t0 = hal_read(hal, SL200_SYS_TIME_LO);
	t0 |= (uint64_t)hal_read(hal, SL200_SYS_TIME_HI) << 32;
	hal_write(hal, SL200_SYS_TIMER_CMP_LO, (uint32_t)(t0 + 3000000));
	hal_write(hal, SL200_SYS_TIMER_CMP_HI, (uint32_t)((t0 + 3000000) >> 32));
	CU_ASSERT_EQUAL(hal_wait(hal), 0);
	t1 = hal_read(hal, SL200_SYS_TIME_LO);
	t1 |= (uint64_t)hal_read(hal, SL200_SYS_TIME_HI) << 32;
	CU_ASSERT(t1 >= t0 + 3000000);
	CU_ASSERT_EQUAL(hal_read(hal, SL200_SYS_IRQ), SL200_SYS_IRQ_TIMER);
	hal_write(hal, SL200_SYS_IRQ_ACK, SL200_SYS_IRQ_TIMER);
	CU_ASSERT_EQUAL(hal_read(hal, SL200_SYS_IRQ), 0);
	for (const char *p = "hello, host\n"; *p; p++)
		hal_write(hal, SL200_CONSOLE_TX, (uint32_t)*p);
}

static void test_mcu_registers(void)
{
	double_write(card, SL200_BOOT_IMAGE_LO, 0x1000);
	double_write(card, SL200_BOOT_SIZE, 0x2000);
	double_write(card, SL200_ADMIN_SQ_LO, 0x3000);
	double_write(card, SL200_ADMIN_CQ_HI, 4);
	double_write(card, SL200_ADMIN_DEPTH, 64);
	double_call(card, mcu_registers, NULL);
	CU_ASSERT_EQUAL(double_read(card, SL200_ADMIN_STATUS), SL200_ADMIN_STATUS_READY);
	CU_ASSERT_EQUAL(double_read(card, SL200_MCU_HEARTBEAT), 17);
	CU_ASSERT_EQUAL(double_read(card, SL200_MCU_FW_VERSION), 0x01020003);
	CU_ASSERT_EQUAL(double_read(card, SL200_MCU_FW_ABI), 0x00010001);
	CU_ASSERT_EQUAL(double_read(card, SL200_MCU_EVENT_SEQ), 5);
	CU_ASSERT_STRING_EQUAL(console_line, "hello, host");
}

/* Transfers between TCM and card memory or flash, and what MDMA refuses. */
static uint32_t mdma(struct hal *hal, uint32_t kind, uint64_t addr, uint32_t tcm, uint32_t len,
		     uint32_t command)
{
	hal_write(hal, SL200_MDMA_SPACE, kind << SL200_MDMA_SPACE_KIND_SHIFT);
	hal_write(hal, SL200_MDMA_ADDR_LO, (uint32_t)addr);
	hal_write(hal, SL200_MDMA_ADDR_HI, (uint32_t)(addr >> 32));
	hal_write(hal, SL200_MDMA_TCM, tcm);
	hal_write(hal, SL200_MDMA_LEN, len);
	hal_write(hal, SL200_MDMA_CMD, command);
	return hal_read(hal, SL200_MDMA_STATUS);
}

static void mcu_dma(struct hal *hal, void *arg)
{
	const uint32_t in = SL200_MDMA_CMD_READ, out = SL200_MDMA_CMD_WRITE;
	const uint32_t error = SL200_MDMA_STATUS_ERROR;
	uint8_t *tcm = hal_tcm(hal);

	CU_ASSERT_EQUAL(mdma(hal, 2, 0x3ffff0, 64, 16, in), 0);
	CU_ASSERT_EQUAL(tcm[64], 0xff); /* erased flash */
	memset(tcm, 0x3c, 64);
	CU_ASSERT_EQUAL(mdma(hal, 2, 0x200000, 0, 64, out), 0);
	CU_ASSERT_EQUAL(mdma(hal, 2, 0x200000, 4096, 64, in), 0);
	CU_ASSERT_EQUAL(memcmp(tcm, tcm + 4096, 64), 0);
	CU_ASSERT_EQUAL(mdma(hal, 1, DRAM_SIZE - 64, 0, 64, out), 0);
	CU_ASSERT_EQUAL(mdma(hal, 1, DRAM_SIZE - 64, 8192, 64, in), 0);
	CU_ASSERT_EQUAL(memcmp(tcm, tcm + 8192, 64), 0);
	/* Beyond the memory, beyond the TCM, of no length, of no kind; host memory without any. */
	CU_ASSERT_EQUAL(mdma(hal, 1, DRAM_SIZE - 63, 0, 64, in), error);
	CU_ASSERT_EQUAL(mdma(hal, 1, UINT64_MAX, 0, 64, in), error);
	CU_ASSERT_EQUAL(mdma(hal, 2, 4u << 20, 0, 1, in), error);
	CU_ASSERT_EQUAL(mdma(hal, 1, 0, HAL_TCM_SIZE - 32, 64, in), error);
	CU_ASSERT_EQUAL(mdma(hal, 1, 0, UINT32_MAX, 64, in), error);
	CU_ASSERT_EQUAL(mdma(hal, 1, 0, 0, 0, in), error);
	CU_ASSERT_EQUAL(mdma(hal, 1, 0, 0, 65537, in), error);
	CU_ASSERT_EQUAL(mdma(hal, 1, 0, 0, 65536, in), 0);
	CU_ASSERT_EQUAL(mdma(hal, 3, 0, 0, 64, in), error);
	CU_ASSERT_EQUAL(mdma(hal, 0, 0x1000, 0, 64, in), error);
}

static void test_mdma(void)
{
	double_call(card, mcu_dma, NULL);
}

static void read_dram(struct hal *hal, void *arg)
{
	*(uint32_t *)arg = mdma(hal, 1, 4096, 0, 64, SL200_MDMA_CMD_READ);
}

static uint32_t ecc_read(void)
{
	uint32_t status;

	double_call(card, read_dram, &status);
	return status;
}

/* The next reads of card DRAM find errors: corrected ones, then one that cannot be. */
static void test_ecc(void)
{
	CU_ASSERT_EQUAL(double_read(card, SL200_TELEM_ECC), 0);
	double_write(card, SL200_INJECT_ECC, 1u << SL200_INJECT_ECC_UNCORRECTED_SHIFT | 2);
	CU_ASSERT_EQUAL(ecc_read(), 0);
	CU_ASSERT_EQUAL(double_read(card, SL200_INJECT_ECC),
			1u << SL200_INJECT_ECC_UNCORRECTED_SHIFT | 1);
	CU_ASSERT_EQUAL(ecc_read(), 0);
	CU_ASSERT_EQUAL(ecc_read(), SL200_MDMA_STATUS_ERROR);
	CU_ASSERT_EQUAL(ecc_read(), 0);
	CU_ASSERT_EQUAL(double_read(card, SL200_INJECT_ECC), 0);
	CU_ASSERT_EQUAL(double_read(card, SL200_TELEM_ECC),
			1u << SL200_TELEM_ECC_UNCORRECTED_SHIFT | 2);
	double_write(card, SL200_INJECT_ECC, UINT32_MAX);
	CU_ASSERT_EQUAL(double_read(card, SL200_INJECT_ECC), UINT32_MAX);
	double_write(card, SL200_TOP_RESET, SL200_TOP_RESET_CHIP);
	CU_ASSERT_EQUAL(double_read(card, SL200_INJECT_ECC), 0);
	CU_ASSERT_EQUAL(double_read(card, SL200_TELEM_ECC), 0);
	double_boot(card);
}

static void enable_queue(struct hal *hal, void *arg)
{
	uint32_t queue = *(uint32_t *)arg;

	hal_write(hal, SL200_DB_ENABLE(queue / 32), 1u << queue % 32);
}

struct bell {
	uint32_t queue, sq_tail, cq_head, pending;
};

static void take_bell(struct hal *hal, void *arg)
{
	struct bell *bell = arg;

	bell->pending = hal_read(hal, SL200_DB_PENDING(bell->queue / 32));
	hal_write(hal, SL200_DB_PENDING_CLEAR(bell->queue / 32), bell->pending);
	bell->sq_tail = hal_read(hal, SL200_DB_SQ_TAIL(bell->queue));
	bell->cq_head = hal_read(hal, SL200_DB_CQ_HEAD(bell->queue));
}

static int ring(uint32_t queue, uint64_t offset, unsigned int size, uint32_t value)
{
	return card_bar_write(card, 2, (uint64_t)queue * SL200_DOORBELL_STRIDE + offset, size,
			      value);
}

static void test_doorbells(void)
{
	struct bell bell = {.queue = 37};
	uint64_t value, accepted = double_read64(card, SL200_TELEM_DOORBELLS_LO);
	uint64_t dropped = double_read64(card, SL200_TELEM_DOORBELLS_DROPPED_LO);

	CU_ASSERT_EQUAL(ring(37, SL200_DOORBELL_SQ_TAIL, 4, 1), 0); /* not enabled */
	double_call(card, take_bell, &bell);
	CU_ASSERT_EQUAL(bell.pending, 0);
	double_call(card, enable_queue, &bell.queue);
	CU_ASSERT_EQUAL(ring(37, SL200_DOORBELL_SQ_TAIL, 4, 0xfffffff0), 0);
	CU_ASSERT_EQUAL(ring(37, SL200_DOORBELL_CQ_HEAD, 4, 12), 0);
	CU_ASSERT_EQUAL(ring(37, 8, 4, 1), 0); /* no such register */
	CU_ASSERT_EQUAL(ring(37, 0xffc, 4, 1), 0);
	CU_ASSERT_EQUAL(ring(37, 0, 8, 1), -EINVAL);
	CU_ASSERT_EQUAL(ring(37, 2, 2, 1), -EINVAL);
	CU_ASSERT_EQUAL(ring(37, 1, 1, 1), -EINVAL);
	CU_ASSERT_EQUAL(ring(256, 0, 4, 1), -EINVAL);
	double_call(card, take_bell, &bell);
	CU_ASSERT_EQUAL(bell.pending, 1u << 5);
	CU_ASSERT_EQUAL(bell.sq_tail, 0xfffffff0);
	CU_ASSERT_EQUAL(bell.cq_head, 12);
	CU_ASSERT_EQUAL(double_read64(card, SL200_TELEM_DOORBELLS_LO), accepted + 2);
	CU_ASSERT_EQUAL(double_read64(card, SL200_TELEM_DOORBELLS_DROPPED_LO), dropped + 6);
	CU_ASSERT_EQUAL(card_bar_read(card, 2, 37 * SL200_DOORBELL_STRIDE, 4, &value), 0);
	CU_ASSERT_EQUAL(value, 0);
	/* Disabled and enabled again: the values start from zero. */
	bell.queue = 38;
	double_call(card, enable_queue, &bell.queue);
	bell.queue = 37;
	double_call(card, enable_queue, &bell.queue);
	double_call(card, take_bell, &bell);
	CU_ASSERT_EQUAL(bell.sq_tail, 0);
	CU_ASSERT_EQUAL(bell.pending, 0);
}

#define RINGS 20000u

static void *ring_many(void *arg)
{
	uint32_t queue = (uint32_t)(uintptr_t)arg;

	for (uint32_t i = 1; i <= RINGS; i++)
		ring(queue, SL200_DOORBELL_SQ_TAIL, 4, i);
	return NULL;
}

/* Waits until the last values have arrived, woken by nothing but doorbells. */
static void collect(struct hal *hal, void *arg)
{
	uint32_t last[2] = {0, 0};

	hal_write(hal, SL200_DB_ENABLE(3), 3);
	atomic_store((atomic_bool *)arg, true);
	while (last[0] != RINGS || last[1] != RINGS) {
		if (hal_wait(hal))
			return;
		hal_write(hal, SL200_DB_PENDING_CLEAR(3), hal_read(hal, SL200_DB_PENDING(3)));
		last[0] = hal_read(hal, SL200_DB_SQ_TAIL(96));
		last[1] = hal_read(hal, SL200_DB_SQ_TAIL(97));
	}
}

static atomic_bool collecting;

static void *run_collect(void *arg)
{
	double_call(card, collect, &collecting);
	return NULL;
}

static void test_doorbell_race(void)
{
	pthread_t mcu, client[2];

	pthread_create(&mcu, NULL, run_collect, NULL);
	while (!atomic_load(&collecting))
		nanosleep(&(struct timespec){.tv_nsec = 100000}, NULL);
	pthread_create(&client[0], NULL, ring_many, (void *)96);
	pthread_create(&client[1], NULL, ring_many, (void *)97);
	pthread_join(client[0], NULL);
	pthread_join(client[1], NULL);
	pthread_join(mcu, NULL); /* ends only when no wake-up was lost */
	CU_PASS("all doorbells seen");
}

static void panic(struct hal *hal, void *arg)
{
	hal_write(hal, SL200_SYS_PANIC, SL200_PANIC_TRAP);
	CU_ASSERT(hal_stopping(hal));
	CU_ASSERT(hal_wait(hal));
	hal_write(hal, SL200_SYS_HEARTBEAT, 4711); /* dropped */
}

static void test_panic(void)
{
	uint32_t resets = double_read(card, SL200_TOP_RESET_COUNT) >> 16 & 0xff;

	uint32_t mcu_resets = double_read(card, SL200_TOP_RESET_COUNT) & 0xff;

	double_call(card, panic, NULL);
	CU_ASSERT_EQUAL(double_read(card, SL200_MCU_STATE), SL200_MCU_STATE_HALTED);
	CU_ASSERT_EQUAL(double_read(card, SL200_MCU_PANIC), SL200_PANIC_TRAP);
	CU_ASSERT_NOT_EQUAL(double_read(card, SL200_MCU_HEARTBEAT), 4711);
	double_write(card, SL200_TOP_SCRATCH, 3);
	double_write(card, SL200_TOP_RESET, SL200_TOP_RESET_MCU);
	CU_ASSERT_EQUAL(double_read(card, SL200_MCU_STATE), SL200_MCU_STATE_RESET);
	CU_ASSERT_EQUAL(double_read(card, SL200_MCU_PANIC), 0);
	CU_ASSERT_EQUAL(double_read(card, SL200_BOOT_STATUS), SL200_BOOT_RESET);
	CU_ASSERT_EQUAL(double_read(card, SL200_ADMIN_STATUS), 0);
	CU_ASSERT_EQUAL(double_read(card, SL200_TOP_SCRATCH), 3);
	CU_ASSERT_EQUAL(double_read(card, SL200_TOP_RESET_COUNT) & 0xff, mcu_resets + 1);

	double_boot(card);
	double_write(card, SL200_INJECT_MCU_CRASH, 1);
	CU_ASSERT_EQUAL(double_read(card, SL200_MCU_STATE), SL200_MCU_STATE_HALTED);
	CU_ASSERT_EQUAL(double_read(card, SL200_MCU_PANIC), SL200_PANIC_INJECTED);
	double_write(card, SL200_TOP_RESET, SL200_TOP_RESET_CHIP);
	CU_ASSERT_EQUAL(double_read(card, SL200_MCU_STATE), SL200_MCU_STATE_RESET);
	CU_ASSERT_EQUAL(double_read(card, SL200_TOP_SCRATCH), 0);
	CU_ASSERT_EQUAL(double_read64(card, SL200_TELEM_DOORBELLS_LO), 0);
	double_write(card, SL200_TOP_RESET, 0x12345678); /* not a key */
	CU_ASSERT_EQUAL(double_read(card, SL200_TOP_RESET_COUNT) >> 16 & 0xff, resets + 1);
	double_boot(card);
	CU_ASSERT_EQUAL(double_read(card, SL200_MCU_STATE), SL200_MCU_STATE_RUN);
}

int main(void)
{
	CU_TestInfo tests[] = {
		{"identification", test_identification},
		{"access rules", test_access_rules},
		{"time", test_time},
		{"aperture", test_aperture},
		{"boot", test_boot},
		{"MCU registers", test_mcu_registers},
		{"MCU DMA", test_mdma},
		{"memory errors", test_ecc},
		{"doorbells", test_doorbells},
		{"doorbell race", test_doorbell_race},
		{"panic and resets", test_panic},
		CU_TEST_INFO_NULL,
	};

	return suite_run("chip: registers", setup, teardown, tests);
}
