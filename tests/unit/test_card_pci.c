/* SPDX-License-Identifier: MIT */
/* Configuration space as an operating system walks it, what its bits do, and MSI-X. */
#include <CUnit/Basic.h>
#include <CUnit/CUnit.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <linux/pci_regs.h>

#include "abi/sl200_regs.h"
#include "tests/unit/test_chip_doubles.h"
#include "tests/suite.h"

#define SERIAL 0x1122334455667788ull

static struct card *card;

static uint32_t cfg(unsigned int offset, unsigned int size)
{
	uint32_t value;

	CU_ASSERT_EQUAL(card_config_read(card, offset, size, &value), 0);
	return value;
}

static void set_cfg(unsigned int offset, unsigned int size, uint32_t value)
{
	CU_ASSERT_EQUAL(card_config_write(card, offset, size, value), 0);
}

static unsigned int find_cap(unsigned int id)
{
	unsigned int at = cfg(PCI_CAPABILITY_LIST, 1), hops = 0;

	while (at && hops++ < 48) {
		CU_ASSERT(at >= 0x40 && at % 4 == 0);
		if (cfg(at, 1) == id)
			return at;
		at = cfg(at + PCI_CAP_LIST_NEXT, 1);
	}
	return 0;
}

static unsigned int find_ext_cap(unsigned int id)
{
	unsigned int at = PCI_CFG_SPACE_SIZE, hops = 0;

	while (at && hops++ < 64) {
		uint32_t header = cfg(at, 4);

		CU_ASSERT(at >= PCI_CFG_SPACE_SIZE && at % 4 == 0);
		if (PCI_EXT_CAP_ID(header) == id)
			return at;
		at = PCI_EXT_CAP_NEXT(header);
	}
	return 0;
}

static int setup(void)
{
	const struct card_config config = {.dram_size = 64u << 20, .serial = SERIAL};

	return card_create(&config, &card);
}

static int teardown(void)
{
	card_destroy(card);
	return 0;
}

static void test_identity(void)
{
	uint32_t value;

	CU_ASSERT_EQUAL(cfg(PCI_VENDOR_ID, 4), 0x01011024);
	CU_ASSERT_EQUAL(cfg(PCI_CLASS_REVISION, 4) >> 8, 0x048000);
	CU_ASSERT_EQUAL(cfg(PCI_SUBSYSTEM_VENDOR_ID, 4), 0x02011024);
	CU_ASSERT_EQUAL(cfg(PCI_HEADER_TYPE, 1), 0);
	CU_ASSERT_EQUAL(cfg(PCI_COMMAND, 2), 0);
	CU_ASSERT_EQUAL(cfg(PCI_STATUS, 2), PCI_STATUS_CAP_LIST);
	CU_ASSERT_EQUAL(cfg(PCI_INTERRUPT_PIN, 1), 0);
	/* Identity cannot be written. */
	set_cfg(PCI_VENDOR_ID, 4, 0);
	CU_ASSERT_EQUAL(cfg(PCI_VENDOR_ID, 2), 0x1024);
	/* Bad accesses. */
	CU_ASSERT_EQUAL(card_config_read(card, 4096, 4, &value), -EINVAL);
	CU_ASSERT_EQUAL(value, UINT32_MAX);
	CU_ASSERT_EQUAL(card_config_read(card, 2, 4, &value), -EINVAL);
	CU_ASSERT_EQUAL(card_config_read(card, 0, 3, &value), -EINVAL);
	CU_ASSERT_EQUAL(card_config_read(card, UINT32_MAX, 1, &value), -EINVAL);
	CU_ASSERT_EQUAL(card_config_write(card, 4095, 2, 0), -EINVAL);
	CU_ASSERT_EQUAL(cfg(4092, 4), 0);
}

static void check_bar(unsigned int bar, uint64_t size, uint32_t flags)
{
	unsigned int at = PCI_BASE_ADDRESS_0 + 4 * bar;
	uint64_t mask;

	set_cfg(at, 4, UINT32_MAX);
	set_cfg(at + 4, 4, UINT32_MAX);
	mask = (uint64_t)cfg(at + 4, 4) << 32 | cfg(at, 4);
	CU_ASSERT_EQUAL(mask & 0xf, flags);
	CU_ASSERT_EQUAL(~(mask & ~0xfull) + 1, size);
	CU_ASSERT_EQUAL(card_bar_size(card, bar), size);
	set_cfg(at, 4, 0xe0000000);
	set_cfg(at + 4, 4, 1);
	CU_ASSERT_EQUAL(cfg(at, 4), 0xe0000000 | flags);
	CU_ASSERT_EQUAL(cfg(at + 4, 4), 1);
}

static void test_bars(void)
{
	check_bar(0, 64u << 10, PCI_BASE_ADDRESS_MEM_TYPE_64);
	check_bar(2, 1u << 20, PCI_BASE_ADDRESS_MEM_TYPE_64);
	check_bar(4, 256u << 20, PCI_BASE_ADDRESS_MEM_TYPE_64 | PCI_BASE_ADDRESS_MEM_PREFETCH);
	CU_ASSERT_EQUAL(card_bar_size(card, 1), 0);
	CU_ASSERT_EQUAL(card_bar_size(card, 6), 0);
	/* No expansion ROM. */
	set_cfg(PCI_ROM_ADDRESS, 4, UINT32_MAX);
	CU_ASSERT_EQUAL(cfg(PCI_ROM_ADDRESS, 4), 0);
}

static void test_capabilities(void)
{
	unsigned int exp = find_cap(PCI_CAP_ID_EXP), msix = find_cap(PCI_CAP_ID_MSIX);
	unsigned int pm = find_cap(PCI_CAP_ID_PM), aer = find_ext_cap(PCI_EXT_CAP_ID_ERR);
	unsigned int dsn = find_ext_cap(PCI_EXT_CAP_ID_DSN);

	CU_ASSERT_FATAL(exp && msix && pm && aer && dsn);
	CU_ASSERT_EQUAL(find_cap(PCI_CAP_ID_MSI), 0);
	CU_ASSERT_EQUAL(cfg(exp + PCI_EXP_FLAGS, 2) & PCI_EXP_FLAGS_VERS, 2);
	CU_ASSERT_EQUAL((cfg(exp + PCI_EXP_FLAGS, 2) & PCI_EXP_FLAGS_TYPE) >> 4,
			PCI_EXP_TYPE_ENDPOINT);
	CU_ASSERT(cfg(exp + PCI_EXP_DEVCAP, 4) & PCI_EXP_DEVCAP_FLR);
	CU_ASSERT_EQUAL((cfg(exp + PCI_EXP_LNKSTA, 2) & PCI_EXP_LNKSTA_NLW) >> 4, 8);
	CU_ASSERT_EQUAL((cfg(msix + PCI_MSIX_FLAGS, 2) & PCI_MSIX_FLAGS_QSIZE) + 1,
			CARD_NUM_VECTORS);
	CU_ASSERT_EQUAL(cfg(msix + PCI_MSIX_TABLE, 4), SL200_MSIX_TABLE_BASE);
	CU_ASSERT_EQUAL(cfg(msix + PCI_MSIX_PBA, 4), SL200_MSIX_PBA_BASE);
	CU_ASSERT_EQUAL(cfg(dsn + 4, 4), (uint32_t)SERIAL);
	CU_ASSERT_EQUAL(cfg(dsn + 8, 4), (uint32_t)(SERIAL >> 32));
	set_cfg(aer + PCI_ERR_UNCOR_MASK, 4, UINT32_MAX);
	CU_ASSERT(cfg(aer + PCI_ERR_UNCOR_MASK, 4) & PCI_ERR_UNC_UNSUP);
	/* Power states that do not exist are not entered. */
	set_cfg(pm + PCI_PM_CTRL, 2, 1);
	CU_ASSERT_EQUAL(cfg(pm + PCI_PM_CTRL, 2) & PCI_PM_CTRL_STATE_MASK, 0);
	CU_ASSERT(cfg(pm + PCI_PM_CTRL, 2) & PCI_PM_CTRL_NO_SOFT_RESET);
}

static void test_memory_enable(void)
{
	unsigned int pm = find_cap(PCI_CAP_ID_PM);
	uint64_t value;

	set_cfg(PCI_COMMAND, 2, 0);
	CU_ASSERT_EQUAL(card_bar_read(card, 0, SL200_TOP_ID, 4, &value), -ENXIO);
	CU_ASSERT_EQUAL(value, UINT32_MAX);
	CU_ASSERT_EQUAL(card_bar_write(card, 0, SL200_TOP_SCRATCH, 4, 1), -ENXIO);
	set_cfg(PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	CU_ASSERT_EQUAL(double_read(card, SL200_TOP_ID), SL200_TOP_ID_RESET_VALUE);
	CU_ASSERT_EQUAL(double_read(card, SL200_TOP_SCRATCH), 0);
	double_write(card, SL200_TOP_SCRATCH, 99);
	/* D3hot and back: no reset. */
	set_cfg(pm + PCI_PM_CTRL, 2, 3);
	CU_ASSERT_EQUAL(card_bar_read(card, 0, SL200_TOP_ID, 4, &value), -ENXIO);
	set_cfg(pm + PCI_PM_CTRL, 2, 0);
	CU_ASSERT_EQUAL(double_read(card, SL200_TOP_SCRATCH), 99);
}

static void test_flr(void)
{
	unsigned int exp = find_cap(PCI_CAP_ID_EXP), aer = find_ext_cap(PCI_EXT_CAP_ID_ERR);

	set_cfg(PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	double_write(card, SL200_TOP_SCRATCH, 7);
	double_write(card, SL200_MSIX_TABLE_DATA(3), 77);
	set_cfg(PCI_BASE_ADDRESS_2, 4, 0xe0000000);
	set_cfg(aer + PCI_ERR_COR_MASK, 4, PCI_ERR_COR_BAD_TLP);
	set_cfg(exp + PCI_EXP_DEVCTL, 2, cfg(exp + PCI_EXP_DEVCTL, 2) | PCI_EXP_DEVCTL_BCR_FLR);
	CU_ASSERT_EQUAL(cfg(PCI_COMMAND, 2), 0);
	CU_ASSERT_EQUAL(cfg(PCI_BASE_ADDRESS_2, 4), PCI_BASE_ADDRESS_MEM_TYPE_64);
	CU_ASSERT_EQUAL(cfg(exp + PCI_EXP_DEVCTL, 2) & PCI_EXP_DEVCTL_BCR_FLR, 0);
	CU_ASSERT_EQUAL(cfg(aer + PCI_ERR_COR_MASK, 4), PCI_ERR_COR_BAD_TLP); /* sticky */
	CU_ASSERT_EQUAL(cfg(find_ext_cap(PCI_EXT_CAP_ID_DSN) + 4, 4), (uint32_t)SERIAL);
	set_cfg(PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	CU_ASSERT_EQUAL(double_read(card, SL200_TOP_SCRATCH), 0);
	CU_ASSERT_EQUAL(double_read(card, SL200_MSIX_TABLE_DATA(3)), 0);
	CU_ASSERT_EQUAL(double_read(card, SL200_MSIX_TABLE_CTRL(3)), 1);
	CU_ASSERT_EQUAL(double_read(card, SL200_TOP_RESET_COUNT) >> 24, 1);
}

/* ------------------------------------------------------------------ MSI-X */

static atomic_uint received[CARD_NUM_VECTORS];

static void count(void *arg)
{
	atomic_fetch_add((atomic_uint *)arg, 1);
}

static void send(struct hal *hal, void *arg)
{
	hal_write(hal, SL200_SYS_MSIX_SEND, *(uint32_t *)arg);
}

static void raise_vector(uint32_t vector)
{
	double_call(card, send, &vector);
}

/* Messages held back arrive from a thread of the card, soon. */
static unsigned int wait_for(unsigned int vector, unsigned int expected)
{
	for (int i = 0; i < 1000 && atomic_load(&received[vector]) != expected; i++)
		nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
	return atomic_load(&received[vector]);
}

static bool pending(unsigned int vector)
{
	return double_read(card, SL200_MSIX_PBA_PENDING(vector / 32)) >> vector % 32 & 1;
}

static void test_msix(void)
{
	unsigned int msix = find_cap(PCI_CAP_ID_MSIX);

	set_cfg(PCI_COMMAND, 2, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	for (unsigned int i = 0; i < CARD_NUM_VECTORS; i++)
		CU_ASSERT_EQUAL(card_set_irq(card, i, count, &received[i]), 0);
	CU_ASSERT_EQUAL(card_set_irq(card, CARD_NUM_VECTORS, count, NULL), -EINVAL);
	double_boot(card);

	/* Table fields. */
	double_write(card, SL200_MSIX_TABLE_ADDR_LO(63), 0xfee00003);
	double_write(card, SL200_MSIX_TABLE_ADDR_HI(63), 5);
	double_write(card, SL200_MSIX_TABLE_DATA(63), 0x4041);
	double_write(card, SL200_MSIX_TABLE_CTRL(63), 0xfffffffe);
	CU_ASSERT_EQUAL(double_read(card, SL200_MSIX_TABLE_ADDR_LO(63)), 0xfee00000);
	CU_ASSERT_EQUAL(double_read(card, SL200_MSIX_TABLE_ADDR_HI(63)), 5);
	CU_ASSERT_EQUAL(double_read(card, SL200_MSIX_TABLE_DATA(63)), 0x4041);
	CU_ASSERT_EQUAL(double_read(card, SL200_MSIX_TABLE_CTRL(63)), 0);

	raise_vector(63); /* disabled: lost, not pending */
	CU_ASSERT(!pending(63));
	set_cfg(msix + PCI_MSIX_FLAGS, 2, PCI_MSIX_FLAGS_ENABLE);
	raise_vector(63);
	CU_ASSERT_EQUAL(atomic_load(&received[63]), 1);
	CU_ASSERT_EQUAL(double_read64(card, SL200_TELEM_IRQS_LO), 1);

	raise_vector(5); /* masked since reset */
	raise_vector(5);
	CU_ASSERT(pending(5));
	CU_ASSERT_EQUAL(atomic_load(&received[5]), 0);
	double_write(card, SL200_MSIX_TABLE_CTRL(5), 0);
	CU_ASSERT_EQUAL(wait_for(5, 1), 1);
	CU_ASSERT(!pending(5));

	set_cfg(msix + PCI_MSIX_FLAGS, 2, PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL);
	raise_vector(5);
	raise_vector(63);
	CU_ASSERT(pending(5) && pending(63));
	double_write(card, SL200_MSIX_TABLE_CTRL(63), 1);
	set_cfg(msix + PCI_MSIX_FLAGS, 2, PCI_MSIX_FLAGS_ENABLE);
	CU_ASSERT_EQUAL(wait_for(5, 2), 2);
	CU_ASSERT(pending(63) && !pending(5));

	/* No messages without bus mastering; they follow when it is back. */
	set_cfg(PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	raise_vector(5);
	CU_ASSERT(pending(5));
	set_cfg(PCI_COMMAND, 2, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	CU_ASSERT_EQUAL(wait_for(5, 3), 3);

	double_write(card, SL200_INJECT_DROP_IRQ, 2);
	raise_vector(5);
	raise_vector(5);
	CU_ASSERT_EQUAL(double_read(card, SL200_INJECT_DROP_IRQ), 0);
	raise_vector(5);
	CU_ASSERT_EQUAL(atomic_load(&received[5]), 4);

	CU_ASSERT_EQUAL(card_set_irq(card, 5, NULL, NULL), 0);
	raise_vector(5);
	raise_vector(CARD_NUM_VECTORS);
	raise_vector(UINT32_MAX);
	CU_ASSERT_EQUAL(atomic_load(&received[5]), 4);

	/* Disabling drops what was pending; a reset masks all. */
	set_cfg(msix + PCI_MSIX_FLAGS, 2, 0);
	CU_ASSERT(!pending(63));
	CU_ASSERT_EQUAL(card_reset(card), 0);
	CU_ASSERT_EQUAL(cfg(msix + PCI_MSIX_FLAGS, 2) & PCI_MSIX_FLAGS_ENABLE, 0);
}

int main(void)
{
	CU_TestInfo tests[] = {
		{"identity", test_identity},
		{"BARs", test_bars},
		{"capabilities", test_capabilities},
		{"memory enable and power", test_memory_enable},
		{"function-level reset", test_flr},
		{"MSI-X", test_msix},
		CU_TEST_INFO_NULL,
	};

	return suite_run("card: PCI function", setup, teardown, tests);
}
