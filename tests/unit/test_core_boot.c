// SPDX-License-Identifier: MIT
#include <CUnit/Basic.h>

#include "abi/sl200_regs.h"
#include "driver/core/boot.h"
#include "driver/core/patience.h"
#include "tests/unit/core_fake.h"
#include "tests/suite.h"

static struct fake_port fake;
static struct {
	struct sl200_fw_header header;
	uint8_t payload[5000];
} image;
static uint32_t final_status; /* what the boot ends with */
static int steps;	      /* sleeps until then; negative: never */

static void make_image(void)
{
	memset(&image, 0, sizeof(image));
	image.header.magic = SL200_FW_MAGIC;
	image.header.header_version = SL200_FW_HEADER_VERSION;
	image.header.header_size = sizeof(image.header);
	image.header.payload_size = sizeof(image.payload);
	image.header.abi_min = image.header.abi_max = SL200_FW_ABI;
	image.payload[4999] = 0x5a;
}

static void rom_start(struct fake_port *port, uint32_t offset, uint32_t value)
{
	uint64_t bus;
	uint8_t *copy;

	if (offset != SL200_BOOT_CTRL)
		return;
	CU_ASSERT_EQUAL(value, SL200_BOOT_CTRL_GO);
	CU_ASSERT_EQUAL(*fake_reg(port, SL200_BOOT_SIZE), sizeof(image));
	bus = *fake_reg(port, SL200_BOOT_IMAGE_LO) | (uint64_t)*fake_reg(port, SL200_BOOT_IMAGE_HI)
							     << 32;
	copy = fake_bus(bus);
	CU_ASSERT_EQUAL(memcmp(copy, &image, sizeof(image)), 0);
	*fake_reg(port, SL200_BOOT_STATUS) = SL200_BOOT_ROM;
}

static void rom_step(struct fake_port *port)
{
	if (steps > 0 && !--steps) {
		*fake_reg(port, SL200_BOOT_STATUS) = final_status;
		*fake_reg(port, SL200_BOOT_DETAIL) = 0x34;
	}
}

static int boot(struct core_boot_result *result)
{
	int ret = core_boot(&fake.port, &image, sizeof(image), 100, result);

	CU_ASSERT_EQUAL(fake.dma_live, 0);
	return ret;
}

static void start(uint32_t status, int after)
{
	fake_init(&fake);
	fake.on_write = rom_start;
	fake.on_wait = rom_step;
	final_status = status;
	steps = after;
	make_image();
}

static void test_runs(void)
{
	struct core_boot_result result;

	start(SL200_BOOT_RUNNING, 5);
	CU_ASSERT_EQUAL(boot(&result), 0);
	CU_ASSERT_EQUAL(result.status, SL200_BOOT_RUNNING);
	/* It runs now: booting over it is refused. */
	CU_ASSERT_EQUAL(boot(&result), -EBUSY);
}

static void test_refused(void)
{
	struct core_boot_result result;

	start(SL200_BOOT_ERR_SIGNATURE, 3);
	CU_ASSERT_EQUAL(boot(&result), -EINVAL);
	CU_ASSERT_EQUAL(result.status, SL200_BOOT_ERR_SIGNATURE);
	CU_ASSERT_EQUAL(result.detail, 0x34);
	/* After a refusal another attempt is possible. */
	steps = 3;
	final_status = SL200_BOOT_RUNNING;
	CU_ASSERT_EQUAL(boot(&result), 0);
}

static void test_hangs(void)
{
	struct core_boot_result result;

	start(SL200_BOOT_RUNNING, -1);
	CU_ASSERT_EQUAL(boot(&result), -ETIMEDOUT);
	CU_ASSERT_EQUAL(result.status, SL200_BOOT_ROM);
	CU_ASSERT_TRUE(fake.now_ns >= 100000000 && fake.now_ns < 110000000);
	/* The ROM was stopped before the image's memory went away. */
	CU_ASSERT_EQUAL(*fake_reg(&fake, SL200_TOP_RESET), SL200_TOP_RESET_MCU);
}

/* An RTL simulation gets longer, and its boot succeeds where others' has failed. */
static void test_patience(void)
{
	struct core_boot_result result;

	start(SL200_BOOT_RUNNING, 1000); /* sleeps of 200 us */
	*fake_reg(&fake, SL200_TOP_IMPL) = 1;
	CU_ASSERT_EQUAL(boot(&result), -ETIMEDOUT);
	start(SL200_BOOT_RUNNING, 1000);
	*fake_reg(&fake, SL200_TOP_IMPL) = CORE_IMPL_RTL;
	CU_ASSERT_EQUAL(boot(&result), 0);
	CU_ASSERT_TRUE(fake.now_ns >= 200000000 && fake.now_ns < 220000000);
	start(SL200_BOOT_RUNNING, -1);
	*fake_reg(&fake, SL200_TOP_IMPL) = CORE_IMPL_RTL;
	CU_ASSERT_EQUAL(boot(&result), -ETIMEDOUT);
	CU_ASSERT_TRUE(fake.now_ns >= CORE_PATIENCE_RTL * 100000000ull &&
		       fake.now_ns < CORE_PATIENCE_RTL * 110000000ull);
}

static void vanish(struct fake_port *port)
{
	port->gone = true;
}

static void test_gone(void)
{
	struct core_boot_result result;

	start(SL200_BOOT_RUNNING, 5);
	fake.on_wait = vanish;
	CU_ASSERT_EQUAL(boot(&result), -ENODEV);
	CU_ASSERT_EQUAL(boot(&result), -ENODEV);
	start(SL200_BOOT_RUNNING, 5);
	fake.dma_budget = 0;
	CU_ASSERT_EQUAL(boot(&result), -ENOMEM);
}

static void test_check(void)
{
	uint32_t detail;

	make_image();
	CU_ASSERT_EQUAL(core_boot_check(&image, sizeof(image), &detail), SL200_BOOT_RUNNING);
	CU_ASSERT_EQUAL(core_boot_check(&image, 0, &detail), SL200_BOOT_ERR_SIZE);
	CU_ASSERT_EQUAL(core_boot_check(&image, sizeof(image.header) - 1, &detail),
			SL200_BOOT_ERR_SIZE);
	CU_ASSERT_EQUAL(core_boot_check(&image, sizeof(image) - 1, &detail), SL200_BOOT_ERR_SIZE);
	CU_ASSERT_EQUAL(core_boot_check(&image, SL200_FW_MAX_SIZE + 1, &detail),
			SL200_BOOT_ERR_SIZE);
	image.header.payload_size = UINT32_MAX;
	CU_ASSERT_EQUAL(core_boot_check(&image, sizeof(image), &detail), SL200_BOOT_ERR_SIZE);
	make_image();
	image.header.magic++;
	CU_ASSERT_EQUAL(core_boot_check(&image, sizeof(image), &detail), SL200_BOOT_ERR_MAGIC);
	make_image();
	image.header.header_version++;
	CU_ASSERT_EQUAL(core_boot_check(&image, sizeof(image), &detail), SL200_BOOT_ERR_HEADER);
	CU_ASSERT_EQUAL(detail, offsetof(struct sl200_fw_header, header_version));
	make_image();
	image.header.header_size++;
	CU_ASSERT_EQUAL(core_boot_check(&image, sizeof(image), &detail), SL200_BOOT_ERR_HEADER);
	CU_ASSERT_EQUAL(detail, offsetof(struct sl200_fw_header, header_size));
	make_image();
	image.header.abi_min = image.header.abi_max = SL200_FW_ABI + 1;
	CU_ASSERT_EQUAL(core_boot_check(&image, sizeof(image), &detail), SL200_BOOT_ERR_ABI);
	image.header.abi_min = 0;
	image.header.abi_max = SL200_FW_ABI - 1;
	CU_ASSERT_EQUAL(core_boot_check(&image, sizeof(image), &detail), SL200_BOOT_ERR_ABI);
}

/* Each status has a text of its own. */
static void test_texts(void)
{
	static const uint32_t status[] = {0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06,
					  0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86,
					  0x87, 0x88, 0x89, 0x8a, 0xff};
	const size_t n = sizeof(status) / sizeof(status[0]);
	size_t i, j;

	for (i = 0; i < n; i++) {
		for (j = 0; j < i; j++)
			CU_ASSERT_STRING_NOT_EQUAL(core_boot_text(status[i]),
						   core_boot_text(status[j]));
	}
}

int main(void)
{
	CU_TestInfo tests[] = {
		{"success", test_runs},
		{"refused image", test_refused},
		{"time-out", test_hangs},
		{"patience", test_patience},
		{"card gone, no memory", test_gone},
		{"checks before loading", test_check},
		{"texts", test_texts},
		CU_TEST_INFO_NULL,
	};

	return suite_run("boot", NULL, NULL, tests);
}
