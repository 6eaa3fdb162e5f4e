/* SPDX-License-Identifier: MIT */
/* Resets and power-off while the card works: DMA stops, nothing hangs, nothing leaks. */
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

#include <linux/pci_regs.h>

#include "abi/sl200_enc.h"
#include "abi/sl200_fw.h"
#include "abi/sl200_mmu.h"
#include "abi/sl200_queue.h"
#include "abi/sl200_regs.h"
#include "tests/unit/test_chip_doubles.h"
#include "tests/suite.h"

#define HOST_SIZE (1u << 20)
#define HOST_BUS 0x40000000ull
#define RW (CARD_DMA_READ | CARD_DMA_WRITE)

static const struct card_config small = {.dram_size = 64u << 20, .threads = 1};

static uint8_t *host_memory(struct card *card)
{
	uint8_t *host = aligned_alloc(SL200_PAGE_SIZE, HOST_SIZE);

	CU_ASSERT_PTR_NOT_NULL_FATAL(host);
	memset(host, 0, HOST_SIZE);
	CU_ASSERT_EQUAL(card_dma_map(card, HOST_BUS, host, HOST_SIZE, RW), 0);
	return host;
}

/* The MCU starts FILL after FILL on both dma engines until it is stopped. */
static void flood(struct hal *hal, void *arg)
{
	uint64_t value = 0;

	*(atomic_bool *)arg = true;
	for (;;) {
		for (unsigned int n = 0; n < 2; n++) {
			const struct sl200_sqe sqe = {
				.opcode = SL200_OP_FILL,
				.dst = HOST_BUS + n * HOST_SIZE / 2,
				.width = HOST_SIZE / 2,
				.height = 1,
				.value = ++value,
			};

			if (hal_read(hal, SL200_ENGINE_STATUS(n)) == SL200_ENGINE_STATUS_DONE)
				hal_write(hal, SL200_ENGINE_CTRL(n), SL200_ENGINE_CTRL_ACK);
			if (hal_read(hal, SL200_ENGINE_STATUS(n)) != SL200_ENGINE_STATUS_IDLE)
				continue;
			memcpy((uint8_t *)hal_tcm(hal) + 64 * n, &sqe, sizeof(sqe));
			hal_write(hal, SL200_ENGINE_JOB(n), 64 * n);
			hal_write(hal, SL200_ENGINE_RESULT(n), 1024 + 128 * n);
			hal_write(hal, SL200_ENGINE_CTRL(n), SL200_ENGINE_CTRL_START);
		}
		if (hal_wait(hal))
			return;
	}
}

struct load {
	struct card *card;
	pthread_t thread;
	atomic_bool begun;
};

static void *load_main(void *arg)
{
	struct load *load = arg;

	double_call(load->card, flood, &load->begun);
	return NULL;
}

static void begin_load(struct load *load, struct card *card)
{
	load->card = card;
	atomic_store(&load->begun, false);
	pthread_create(&load->thread, NULL, load_main, load);
	while (!atomic_load(&load->begun) ||
	       double_read64(card, SL200_TELEM_ENGINE_JOBS_LO(0)) == 0)
		nanosleep(&(struct timespec){.tv_nsec = 200000}, NULL);
}

enum reset_kind {
	RESET_FLR,
	RESET_CHIP,
	RESET_MCU,
};

static void reset_as(enum reset_kind kind, struct card *card)
{
	switch (kind) {
	case RESET_FLR:
		CU_ASSERT_EQUAL(card_reset(card), 0);
		break;
	case RESET_CHIP:
		double_write(card, SL200_TOP_RESET, SL200_TOP_RESET_CHIP);
		break;
	case RESET_MCU:
		double_write(card, SL200_TOP_RESET, SL200_TOP_RESET_MCU);
		break;
	}
}

/*
 * What a host does that has lost patience: reset, and at once free the memory the card was writing
 * to. AddressSanitizer sees a DMA that came late, and the fill below sees one that was lucky.
 */
static void reset_under_load(enum reset_kind kind)
{
	struct card *card = double_card(&small);

	for (int round = 0; round < 10; round++) {
		uint8_t *host = host_memory(card);
		struct load load;
		size_t changed = 0;

		double_boot(card);
		begin_load(&load, card);
		reset_as(kind, card);
		memset(host, 0xee, HOST_SIZE);
		pthread_join(load.thread, NULL);
		for (size_t i = 0; i < HOST_SIZE; i++)
			changed += host[i] != 0xee;
		CU_ASSERT_EQUAL(changed, 0);
		CU_ASSERT_EQUAL(card_dma_unmap(card, HOST_BUS, HOST_SIZE), 0);
		free(host);
		CU_ASSERT_EQUAL(card_config_write(card, PCI_COMMAND, 2,
						  PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER),
				0);
		CU_ASSERT_EQUAL(double_read(card, SL200_BOOT_STATUS), SL200_BOOT_RESET);
		CU_ASSERT_EQUAL(double_read(card, SL200_MCU_STATE), SL200_MCU_STATE_RESET);
		/* An MCU reset keeps the counters, a chip reset clears them. */
		if (kind == RESET_MCU)
			reset_as(RESET_CHIP, card);
		CU_ASSERT_EQUAL(double_read64(card, SL200_TELEM_ENGINE_JOBS_LO(0)), 0);
	}
	card_destroy(card);
}

static void test_flr(void)
{
	reset_under_load(RESET_FLR);
}

static void test_chip_reset(void)
{
	reset_under_load(RESET_CHIP);
}

static void test_mcu_reset(void)
{
	reset_under_load(RESET_MCU);
}

/* Clearing bus mastering is the host's last resort: nothing is written after it returns. */
static void test_bus_master_off(void)
{
	struct card *card = double_card(&small);
	uint8_t *host = host_memory(card);
	struct load load;
	size_t changed = 0;

	double_boot(card);
	begin_load(&load, card);
	CU_ASSERT_EQUAL(card_config_write(card, PCI_COMMAND, 2, PCI_COMMAND_MEMORY), 0);
	memset(host, 0xee, HOST_SIZE);
	nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
	for (size_t i = 0; i < HOST_SIZE; i++)
		changed += host[i] != 0xee;
	CU_ASSERT_EQUAL(changed, 0);
	CU_ASSERT_EQUAL(card_reset(card), 0);
	pthread_join(load.thread, NULL);
	card_destroy(card);
	free(host);
}

/* An engine that would never end: only its reset ends it. */
static void start_hung(struct hal *hal, void *arg)
{
	const struct sl200_sqe sqe = {
		.opcode = SL200_OP_FILL, .dst = HOST_BUS, .width = 8, .height = 1};

	memcpy(hal_tcm(hal), &sqe, sizeof(sqe));
	hal_write(hal, SL200_ENGINE_CTRL(0), SL200_ENGINE_CTRL_START);
}

static void start_encode(struct hal *hal, void *arg)
{
	struct sl200_h264_enc enc = {
		.head = {.codec = SL200_CODEC_H264,
			 .size = sizeof(enc),
			 .bitstream_iova = HOST_BUS},
	};

	memcpy(hal_tcm(hal), &enc, sizeof(enc));
	hal_write(hal, SL200_ENGINE_CTRL(2), SL200_ENGINE_CTRL_START);
}

static void test_hung_engine(void)
{
	struct card *card = double_card(&small);
	uint8_t *host = host_memory(card);

	atomic_store(&double_venc_status, DOUBLE_VENC_WAIT);
	for (int i = 0; i < 3; i++) {
		double_boot(card);
		double_write(card, SL200_INJECT_ENGINE_HANG, 1);
		double_call(card, start_hung, NULL);
		double_call(card, start_encode, NULL);
		CU_ASSERT_EQUAL(card_reset(card), 0);
		CU_ASSERT_EQUAL(card_config_write(card, PCI_COMMAND, 2,
						  PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER),
				0);
	}
	/* And power-off in the same state. */
	double_boot(card);
	double_write(card, SL200_INJECT_ENGINE_HANG, 1);
	double_call(card, start_hung, NULL);
	double_call(card, start_encode, NULL);
	card_destroy(card);
	atomic_store(&double_venc_status, 0);
	free(host);
}

static void test_destroy_early(void)
{
	for (int i = 0; i < 20; i++) {
		struct card *card = double_card(&small);

		if (i % 2)
			double_write(card, SL200_BOOT_CTRL, SL200_BOOT_CTRL_GO); /* in the ROM */
		card_destroy(card);
	}
	CU_PASS("all cards gone");
}

#define CARDS 4

static void *use_card(void *arg)
{
	struct card *card = arg;

	for (int i = 0; i < 5; i++) {
		double_boot(card);
		CU_ASSERT_EQUAL(double_read(card, SL200_BOOT_STATUS), SL200_BOOT_RUNNING);
		CU_ASSERT_EQUAL(card_reset(card), 0);
		CU_ASSERT_EQUAL(card_config_write(card, PCI_COMMAND, 2,
						  PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER),
				0);
	}
	return NULL;
}

static void test_many_cards(void)
{
	struct card *card[CARDS];
	pthread_t thread[CARDS];

	for (int i = 0; i < CARDS; i++) {
		card[i] = double_card(&small);
		pthread_create(&thread[i], NULL, use_card, card[i]);
	}
	for (int i = 0; i < CARDS; i++) {
		pthread_join(thread[i], NULL);
		CU_ASSERT_EQUAL(double_read(card[i], SL200_TOP_RESET_COUNT) >> 24, 5);
		card_destroy(card[i]);
	}
}

/* Resets of all kinds, boots and register reads from several threads at once. */
static void *reset_much(void *arg)
{
	struct card *card = arg;
	uint64_t value;

	for (int i = 0; i < 30; i++) {
		card_bar_write(card, 0, SL200_BOOT_CTRL, 4, SL200_BOOT_CTRL_GO);
		card_bar_read(card, 0, SL200_TELEM_POWER, 4, &value);
		card_bar_write(card, 0, SL200_TOP_RESET, 4,
			       i % 2 ? SL200_TOP_RESET_MCU : SL200_TOP_RESET_CHIP);
		card_bar_write(card, 0, SL200_INJECT_MCU_CRASH, 4, 1);
		if (i % 5 == 0)
			card_reset(card);
		card_config_write(card, PCI_COMMAND, 2, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	}
	return NULL;
}

static void test_concurrent_resets(void)
{
	struct card *card = double_card(&small);
	pthread_t thread[3];

	for (int i = 0; i < 3; i++)
		pthread_create(&thread[i], NULL, reset_much, card);
	for (int i = 0; i < 3; i++)
		pthread_join(thread[i], NULL);
	reset_as(RESET_MCU, card);
	double_boot(card);
	CU_ASSERT_EQUAL(double_read(card, SL200_MCU_STATE), SL200_MCU_STATE_RUN);
	card_destroy(card);
}

static void test_bad_config(void)
{
	struct card *card;

	CU_ASSERT_EQUAL(card_create(&(struct card_config){.dram_size = 4096}, &card), -EINVAL);
	CU_ASSERT_EQUAL(card_create(&(struct card_config){.dram_size = (64u << 20) + 1}, &card),
			-EINVAL);
	CU_ASSERT_EQUAL(card_create(&(struct card_config){.dram_size = UINT64_MAX << 21}, &card),
			-EINVAL);
	CU_ASSERT_EQUAL(card_create(&(struct card_config){.venc_engines = 15}, &card), -EINVAL);
	CU_ASSERT_EQUAL(card_create(&(struct card_config){.dma_engines = UINT32_MAX}, &card),
			-EINVAL);
	CU_ASSERT_EQUAL(card_create(&(struct card_config){.crc_engines = 14}, &card), -EINVAL);
	CU_ASSERT_EQUAL(card_create(&(struct card_config){.crc_engines = UINT32_MAX}, &card),
			-EINVAL);
	CU_ASSERT_EQUAL(card_create(&(struct card_config){.threads = 1000}, &card), -EINVAL);
	CU_ASSERT_EQUAL(card_create(NULL, NULL), -EINVAL);
	CU_ASSERT_EQUAL_FATAL(card_create(NULL, &card), 0);
	card_destroy(card);
	card_destroy(NULL);
}

int main(void)
{
	CU_TestInfo tests[] = {
		{"configuration", test_bad_config},
		{"FLR under load", test_flr},
		{"chip reset under load", test_chip_reset},
		{"MCU reset under load", test_mcu_reset},
		{"bus mastering off", test_bus_master_off},
		{"hung engines", test_hung_engine},
		{"early power-off", test_destroy_early},
		{"many cards", test_many_cards},
		{"concurrent resets", test_concurrent_resets},
		CU_TEST_INFO_NULL,
	};

	return suite_run("chip: resets and life cycle", NULL, NULL, tests);
}
