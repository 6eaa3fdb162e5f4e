// SPDX-License-Identifier: MIT
/* Packed headers as clients send them, and as nobody should. */
#include <CUnit/Basic.h>
#include <stdlib.h>
#include <string.h>

#include "va-backend/packed_header.h"

static struct slva_nal_list list;

static void setup(void)
{
	slva_nal_clear(&list);
}

static void test_single(void)
{
	static const uint8_t sps[] = {0, 0, 0, 1, 0x67, 0x64, 0x00, 0x1f, 0xac};

	CU_ASSERT_EQUAL(slva_nal_append_packed(&list, sps, sizeof(sps) * 8, true), 0);
	CU_ASSERT_EQUAL_FATAL(list.num, 1);
	CU_ASSERT_EQUAL(list.nal[0].type, SLVA_H264_NAL_SPS);
	CU_ASSERT_EQUAL(list.nal[0].ref_idc, 3);
	CU_ASSERT_EQUAL(list.nal[0].bits, sizeof(sps) * 8);
	CU_ASSERT_EQUAL(memcmp(list.nal[0].data, sps, sizeof(sps)), 0);
}

/* FFmpeg: SPS and PPS in one buffer, with emulation prevention. */
static void test_several_with_emulation(void)
{
	static const uint8_t packed[] = {0, 0, 0, 1, 0x67, 0, 0, 3, 1, 0x80, 0, 0, 1, 0x68, 0xce};
	static const uint8_t sps[] = {0, 0, 0, 1, 0x67, 0, 0, 1, 0x80};
	static const uint8_t pps[] = {0, 0, 1, 0x68, 0xce};

	CU_ASSERT_EQUAL(slva_nal_append_packed(&list, packed, sizeof(packed) * 8, true), 0);
	CU_ASSERT_EQUAL_FATAL(list.num, 2);
	CU_ASSERT_EQUAL(list.nal[0].bits, sizeof(sps) * 8);
	CU_ASSERT_EQUAL(memcmp(list.nal[0].data, sps, sizeof(sps)), 0);
	CU_ASSERT_EQUAL(list.nal[1].type, SLVA_H264_NAL_PPS);
	CU_ASSERT_EQUAL(list.nal[1].bits, sizeof(pps) * 8);
	CU_ASSERT_EQUAL(memcmp(list.nal[1].data, pps, sizeof(pps)), 0);
}

/* The zero byte of a four-byte start code belongs to the NAL unit behind it. */
static void test_four_byte_start_code_inside(void)
{
	static const uint8_t packed[] = {0, 0, 0, 1, 0x09, 0x30, 0, 0, 0, 1, 0x41, 0x9a};

	CU_ASSERT_EQUAL(slva_nal_append_packed(&list, packed, sizeof(packed) * 8 - 3, true), 0);
	CU_ASSERT_EQUAL_FATAL(list.num, 2);
	CU_ASSERT_EQUAL(list.nal[0].type, SLVA_H264_NAL_AUD);
	CU_ASSERT_EQUAL(list.nal[0].bits, 6 * 8);
	CU_ASSERT_EQUAL(list.nal[1].type, SLVA_H264_NAL_SLICE);
	CU_ASSERT_EQUAL(list.nal[1].bits, 6 * 8 - 3);
	CU_ASSERT_EQUAL(memcmp(list.nal[1].data, packed + 6, 6), 0);
}

/* GStreamer: no emulation prevention, and 73 bits; 00 00 01 inside is data. */
static void test_without_emulation(void)
{
	static const uint8_t packed[] = {0, 0, 0, 1, 0x65, 0xb8, 0, 0, 1, 0x80};

	CU_ASSERT_EQUAL(slva_nal_append_packed(&list, packed, 73, false), 0);
	CU_ASSERT_EQUAL_FATAL(list.num, 1);
	CU_ASSERT_EQUAL(list.nal[0].type, SLVA_H264_NAL_IDR_SLICE);
	CU_ASSERT_EQUAL(list.nal[0].bits, 73);
	CU_ASSERT_EQUAL(memcmp(list.nal[0].data, packed, sizeof(packed)), 0);
}

/* Bits are counted with the emulation prevention bytes, of which some go. */
static void test_unaligned_with_emulation(void)
{
	static const uint8_t packed[] = {0, 0, 0, 1, 0x41, 0, 0, 3, 0, 0xe0};
	static const uint8_t rbsp[] = {0, 0, 0, 1, 0x41, 0, 0, 0, 0xe0};

	CU_ASSERT_EQUAL(slva_nal_append_packed(&list, packed, 75, true), 0);
	CU_ASSERT_EQUAL_FATAL(list.num, 1);
	CU_ASSERT_EQUAL(list.nal[0].bits, 67);
	CU_ASSERT_EQUAL(memcmp(list.nal[0].data, rbsp, sizeof(rbsp)), 0);
}

static void test_refused(void)
{
	static const uint8_t good[] = {0, 0, 1, 0x09, 0x30};
	static const uint8_t no_start[] = {0x67, 0x42, 0, 0x1f};
	static const uint8_t no_header[] = {0, 0, 0, 1};
	static const uint8_t zeros[16];
	static const uint8_t second_empty[] = {0, 0, 1, 0x09, 0x30, 0, 0, 1};
	uint8_t *large = calloc(1, SLVA_PACKED_BYTES_MAX + 1);

	CU_ASSERT_EQUAL(slva_nal_append_packed(&list, good, sizeof(good) * 8, true), 0);
	CU_ASSERT_EQUAL(slva_nal_append_packed(&list, no_start, sizeof(no_start) * 8, true), -1);
	CU_ASSERT_EQUAL(slva_nal_append_packed(&list, no_start, sizeof(no_start) * 8, false), -1);
	CU_ASSERT_EQUAL(slva_nal_append_packed(&list, no_header, sizeof(no_header) * 8, true), -1);
	CU_ASSERT_EQUAL(slva_nal_append_packed(&list, no_header, sizeof(no_header) * 8, false), -1);
	CU_ASSERT_EQUAL(slva_nal_append_packed(&list, zeros, sizeof(zeros) * 8, true), -1);
	CU_ASSERT_EQUAL(slva_nal_append_packed(&list, zeros, sizeof(zeros) * 8, false), -1);
	CU_ASSERT_EQUAL(slva_nal_append_packed(&list, good, 1, true), -1);
	CU_ASSERT_EQUAL(slva_nal_append_packed(&list, second_empty, sizeof(second_empty) * 8, true),
			-1);
	CU_ASSERT_PTR_NOT_NULL_FATAL(large);
	large[2] = 1;
	CU_ASSERT_EQUAL(slva_nal_append_packed(&list, large, (SLVA_PACKED_BYTES_MAX + 1) * 8, true),
			-1);
	free(large);
	/* What was there before a refusal stays. */
	CU_ASSERT_EQUAL(list.num, 1);
}

/* Whatever comes, nothing is read or written out of bounds, and what is kept is well-formed. */
static void test_random(void)
{
	uint8_t data[64];

	srand(1);
	for (int n = 0; n < 20000; n++) {
		uint32_t bytes = 1 + (uint32_t)rand() % sizeof(data);
		uint8_t *exact = malloc(bytes);

		CU_ASSERT_PTR_NOT_NULL_FATAL(exact);
		for (uint32_t i = 0; i < bytes; i++)
			data[i] = (uint8_t)(rand() % 3 ? rand() % 4 : rand());
		memcpy(exact, data, bytes);
		if (bytes > 3 && n % 2)
			memcpy(exact, "\0\0\1", 3);
		slva_nal_clear(&list);
		if (!slva_nal_append_packed(&list, exact, bytes * 8 - (uint32_t)rand() % 8,
					    n % 3)) {
			CU_ASSERT_TRUE(list.num > 0);
			for (uint32_t i = 0; i < list.num; i++)
				CU_ASSERT_TRUE(list.nal[i].bits >= 32 &&
					       list.nal[i].bits <= bytes * 8);
		} else {
			CU_ASSERT_EQUAL(list.num, 0);
		}
		free(exact);
	}
}

int main(void)
{
	CU_initialize_registry();
	CU_pSuite suite =
		CU_add_suite_with_setup_and_teardown("packed headers", NULL, NULL, setup, NULL);

	CU_ADD_TEST(suite, test_single);
	CU_ADD_TEST(suite, test_several_with_emulation);
	CU_ADD_TEST(suite, test_four_byte_start_code_inside);
	CU_ADD_TEST(suite, test_without_emulation);
	CU_ADD_TEST(suite, test_unaligned_with_emulation);
	CU_ADD_TEST(suite, test_refused);
	CU_ADD_TEST(suite, test_random);
	CU_basic_set_mode(CU_BRM_NORMAL);
	CU_basic_run_tests();
	slva_nal_free(&list);

	unsigned int failures = CU_get_number_of_failures();

	CU_cleanup_registry();
	return failures != 0;
}
