// SPDX-License-Identifier: MIT
/* The boot ROM: every way to start and every way to refuse. */
#include <CUnit/Basic.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "firmware/lib/image.h"
#include "tests/unit/test_fw_fake.h"
#include "tests/unit/test_fw_image.h"
#include "tests/suite.h"

#define IMAGE_ADDR 0x10000u
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define HEADER(field) offsetof(struct sl200_fw_header, field)

enum source { HOST, SLOT_A, SLOT_B, ACTIVE };

struct result {
	int rc;
	uint32_t status, detail;
	struct rom_boot boot;
};

static void set_sys(struct hal *hal, uint32_t addr, uint32_t value)
{
	hal->sys[(addr - SL200_SYS_BASE) / 4] = value;
}

static uint32_t get_sys(struct hal *hal, uint32_t addr)
{
	return hal->sys[(addr - SL200_SYS_BASE) / 4];
}

static struct result boot(struct hal *hal, enum source source)
{
	struct result r = {0};

	hal->status_count = 0;
	set_sys(hal, SL200_SYS_BOOT_SOURCE, source);
	r.rc = rom_main(hal, &r.boot);
	r.status = get_sys(hal, SL200_SYS_BOOT_STATUS);
	r.detail = get_sys(hal, SL200_SYS_BOOT_DETAIL);
	return r;
}

static struct hal *with_host_image(const struct test_image *image, uint32_t size)
{
	struct hal *hal = fake_create();

	memcpy(hal->host + IMAGE_ADDR, image, sizeof(*image));
	set_sys(hal, SL200_SYS_BOOT_IMAGE_LO, IMAGE_ADDR);
	set_sys(hal, SL200_SYS_BOOT_SIZE, size);
	set_sys(hal, SL200_SYS_OTP_MIN_VERSION, 3);
	return hal;
}

static struct test_image image;

static void test_host(void)
{
	static const uint32_t steps[] = {SL200_BOOT_ROM,       SL200_BOOT_HEADER,
					 SL200_BOOT_HEADER_OK, SL200_BOOT_SIGNATURE_OK,
					 SL200_BOOT_COPIED,    SL200_BOOT_HASH_OK};
	struct hal *hal;
	struct result r;

	test_image_make(&image, 7);
	hal = with_host_image(&image, sizeof(image));
	r = boot(hal, HOST);
	CU_ASSERT_EQUAL(r.rc, 0);
	CU_ASSERT_EQUAL(r.boot.version, 7);
	CU_ASSERT_EQUAL(r.boot.load_addr, image.header.load_addr);
	CU_ASSERT_EQUAL(r.boot.entry, image.header.entry);
	CU_ASSERT_EQUAL(r.boot.payload_size, TEST_IMAGE_PAYLOAD);
	CU_ASSERT_EQUAL(memcmp(hal->tcm + 0x100, image.payload, TEST_IMAGE_PAYLOAD), 0);
	CU_ASSERT_EQUAL(hal->status_count, COUNT(steps));
	for (size_t i = 0; i < COUNT(steps); i++)
		CU_ASSERT_EQUAL(hal->status_seen[i], steps[i]);
	fake_destroy(hal);
}

/* A field set to a value, signed again: the verdict on it is about the field. */
static const struct {
	size_t offset, bytes;
	uint32_t value;
	uint32_t status;
} fields[] = {
	{HEADER(magic), 4, 0x12345678, SL200_BOOT_ERR_MAGIC},
	{HEADER(header_version), 2, 2, SL200_BOOT_ERR_HEADER},
	{HEADER(header_size), 2, 191, SL200_BOOT_ERR_HEADER},
	{HEADER(payload_size), 4, 0, SL200_BOOT_ERR_HEADER},
	{HEADER(payload_size), 4, TEST_IMAGE_PAYLOAD - 1, SL200_BOOT_ERR_HEADER},
	{HEADER(payload_size), 4, 0xffffffff, SL200_BOOT_ERR_HEADER},
	{HEADER(load_addr), 4, SL200_MCU_TCM_BASE + 2, SL200_BOOT_ERR_HEADER},
	{HEADER(load_addr), 4, SL200_MCU_TCM_BASE - 4, SL200_BOOT_ERR_HEADER},
	{HEADER(load_addr), 4, SL200_MCU_TCM_BASE + SL200_MCU_CODE_SIZE, SL200_BOOT_ERR_HEADER},
	{HEADER(entry), 4, SL200_MCU_TCM_BASE + 0x101, SL200_BOOT_ERR_HEADER},
	{HEADER(entry), 4, SL200_MCU_TCM_BASE, SL200_BOOT_ERR_HEADER},
	{HEADER(entry), 4, SL200_MCU_TCM_BASE + 0x100 + TEST_IMAGE_PAYLOAD, SL200_BOOT_ERR_HEADER},
	{HEADER(abi_min), 2, 2, SL200_BOOT_ERR_HEADER},
	{HEADER(hw_min), 4, 0xffffffff, SL200_BOOT_ERR_HEADER},
	{HEADER(build) + 20, 4, 0x41414141, SL200_BOOT_ERR_HEADER},
	{HEADER(reserved) + 20, 4, 1, SL200_BOOT_ERR_HEADER},
	{HEADER(hw_max), 4, 0x0000ffff, SL200_BOOT_ERR_HEADER},
	{HEADER(security_version), 4, 2, SL200_BOOT_ERR_ROLLBACK},
	{HEADER(payload_sha256), 4, 0, SL200_BOOT_ERR_HASH},
};

static uint32_t expected_detail(size_t offset, uint32_t status)
{
	if (status == SL200_BOOT_ERR_HASH)
		return 0;
	if (offset == HEADER(build) + 20)
		return HEADER(build);
	if (offset == HEADER(reserved) + 20)
		return HEADER(reserved);
	return offset == HEADER(hw_max) ? HEADER(hw_min) : (uint32_t)offset;
}

static void test_fields(void)
{
	for (size_t i = 0; i < COUNT(fields); i++) {
		struct hal *hal;
		struct result r;

		test_image_make(&image, 7);
		memcpy((uint8_t *)&image + fields[i].offset, &fields[i].value, fields[i].bytes);
		test_image_sign(&image);
		hal = with_host_image(&image, sizeof(image));
		r = boot(hal, HOST);
		CU_ASSERT_EQUAL(r.rc, -1);
		CU_ASSERT_EQUAL(r.status, fields[i].status);
		CU_ASSERT_EQUAL(r.detail, expected_detail(fields[i].offset, fields[i].status));
		fake_destroy(hal);
	}
}

static uint32_t refused(struct test_image *bad, uint32_t size)
{
	struct hal *hal = with_host_image(bad, size);
	struct result r = boot(hal, HOST);

	CU_ASSERT_EQUAL(r.rc, -1);
	fake_destroy(hal);
	return r.status;
}

static void test_ranges(void)
{
	test_image_make(&image, 7);
	image.header.hw_min = SL200_TOP_HW_VERSION_RESET_VALUE + 1;
	image.header.hw_max = image.header.hw_min;
	test_image_sign(&image);
	CU_ASSERT_EQUAL(refused(&image, sizeof(image)), SL200_BOOT_ERR_HW);
	test_image_make(&image, 7);
	image.header.abi_min = SL200_FW_ABI + 1;
	image.header.abi_max = SL200_FW_ABI + 1;
	test_image_sign(&image);
	CU_ASSERT_EQUAL(refused(&image, sizeof(image)), SL200_BOOT_ERR_ABI);
}

static void test_sizes(void)
{
	test_image_make(&image, 7);
	CU_ASSERT_EQUAL(refused(&image, 0), SL200_BOOT_ERR_SIZE);
	CU_ASSERT_EQUAL(refused(&image, sizeof(image.header) - 1), SL200_BOOT_ERR_SIZE);
	CU_ASSERT_EQUAL(refused(&image, SL200_FW_MAX_SIZE + 1), SL200_BOOT_ERR_SIZE);
	CU_ASSERT_EQUAL(refused(&image, sizeof(image) - 1), SL200_BOOT_ERR_HEADER);
}

static void test_unsigned(void)
{
	test_image_make(&image, 7);
	memset(image.header.signature, 0, sizeof(image.header.signature));
	CU_ASSERT_EQUAL(refused(&image, sizeof(image)), SL200_BOOT_ERR_SIGNATURE);
	test_image_make(&image, 7);
	image.header.version++;
	CU_ASSERT_EQUAL(refused(&image, sizeof(image)), SL200_BOOT_ERR_SIGNATURE);
	test_image_make(&image, 7);
	image.payload[TEST_IMAGE_PAYLOAD - 1] ^= 1;
	CU_ASSERT_EQUAL(refused(&image, sizeof(image)), SL200_BOOT_ERR_HASH);
}

static void test_dma(void)
{
	struct hal *hal;
	struct result r;

	test_image_make(&image, 7);
	hal = with_host_image(&image, sizeof(image));
	hal->hole_start = IMAGE_ADDR;
	hal->hole_end = IMAGE_ADDR + 1;
	r = boot(hal, HOST);
	CU_ASSERT_EQUAL(r.status, SL200_BOOT_ERR_DMA);
	CU_ASSERT_EQUAL(r.detail, SL200_MDMA_STATUS_ERROR);
	/* The payload only. */
	hal->hole_start = IMAGE_ADDR + 5000;
	hal->hole_end = hal->hole_start + 1;
	CU_ASSERT_EQUAL(boot(hal, HOST).status, SL200_BOOT_ERR_DMA);
	hal->hole_end = 0;
	set_sys(hal, SL200_SYS_BOOT_IMAGE_LO, IMAGE_ADDR + 32);
	CU_ASSERT_EQUAL(boot(hal, HOST).status, SL200_BOOT_ERR_DMA);
	set_sys(hal, SL200_SYS_BOOT_IMAGE_LO, IMAGE_ADDR);
	CU_ASSERT_EQUAL(boot(hal, HOST).rc, 0);
	fake_destroy(hal);
}

static void put_slot(struct hal *hal, uint32_t slot, uint32_t version)
{
	test_image_make(&image, version);
	memcpy(hal->flash + SL200_FLASH_SLOT_OFFSET(slot), &image, sizeof(image));
}

static void put_mark(struct hal *hal, uint32_t n, uint32_t generation, uint32_t slot)
{
	flash_mark_make((struct sl200_flash_mark *)(hal->flash + SL200_FLASH_MARK_OFFSET(n)),
			generation, slot);
}

static void test_slots(void)
{
	struct hal *hal = fake_create();

	CU_ASSERT_EQUAL(boot(hal, SLOT_A).status, SL200_BOOT_ERR_MAGIC);
	put_slot(hal, 0, 10);
	put_slot(hal, 1, 11);
	CU_ASSERT_EQUAL(boot(hal, SLOT_A).boot.version, 10);
	CU_ASSERT_EQUAL(boot(hal, SLOT_B).boot.version, 11);
	hal->flash_broken = true;
	CU_ASSERT_EQUAL(boot(hal, SLOT_B).status, SL200_BOOT_ERR_DMA);
	fake_destroy(hal);
}

static void test_active(void)
{
	struct hal *hal = fake_create();
	struct result r;

	r = boot(hal, ACTIVE);
	CU_ASSERT_EQUAL(r.status, SL200_BOOT_ERR_NO_SLOT);
	CU_ASSERT_EQUAL(r.detail, SL200_BOOT_ERR_MAGIC);
	/* No mark: slot A. */
	put_slot(hal, 0, 10);
	put_slot(hal, 1, 11);
	CU_ASSERT_EQUAL(boot(hal, ACTIVE).boot.version, 10);
	put_mark(hal, 0, 5, 1);
	CU_ASSERT_EQUAL(boot(hal, ACTIVE).boot.version, 11);
	/* The newer mark counts, also when generations wrap. */
	put_mark(hal, 1, 6, 0);
	CU_ASSERT_EQUAL(boot(hal, ACTIVE).boot.version, 10);
	put_mark(hal, 1, 0xffffffff, 0);
	put_mark(hal, 0, 0, 1);
	CU_ASSERT_EQUAL(boot(hal, ACTIVE).boot.version, 11);
	/* A torn mark does not. */
	hal->flash[SL200_FLASH_MARK_OFFSET(0) + 4] ^= 1;
	CU_ASSERT_EQUAL(boot(hal, ACTIVE).boot.version, 10);
	fake_destroy(hal);
}

static void test_fall_back(void)
{
	struct hal *hal = fake_create();
	struct result r;

	put_slot(hal, 0, 10);
	put_slot(hal, 1, 11);
	put_mark(hal, 0, 1, 1);
	hal->flash[SL200_FLASH_SLOT_OFFSET(1) + sizeof(image.header) + 99] ^= 4;
	r = boot(hal, ACTIVE);
	CU_ASSERT_EQUAL(r.rc, 0);
	CU_ASSERT_EQUAL(r.boot.version, 10);
	/* On the way no error is shown: it would invite the host to start again. */
	for (uint32_t i = 0; i < hal->status_count; i++)
		CU_ASSERT_TRUE(hal->status_seen[i] < SL200_BOOT_RUNNING);
	hal->flash[SL200_FLASH_SLOT_OFFSET(0) + HEADER(signature)] ^= 4;
	r = boot(hal, ACTIVE);
	CU_ASSERT_EQUAL(r.rc, -1);
	CU_ASSERT_EQUAL(r.status, SL200_BOOT_ERR_NO_SLOT);
	CU_ASSERT_EQUAL(r.detail, SL200_BOOT_ERR_HASH);
	fake_destroy(hal);
}

int main(void)
{
	CU_TestInfo tests[] = {
		{"host image", test_host},
		{"header fields", test_fields},
		{"hardware and interface versions", test_ranges},
		{"sizes", test_sizes},
		{"signature and hash", test_unsigned},
		{"DMA errors", test_dma},
		{"flash slots", test_slots},
		{"active slot", test_active},
		{"fall-back", test_fall_back},
		CU_TEST_INFO_NULL,
	};

	if (sodium_init() < 0)
		return 1;
	return suite_run("boot ROM", NULL, NULL, tests);
}
