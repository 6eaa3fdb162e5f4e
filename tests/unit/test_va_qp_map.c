// SPDX-License-Identifier: MIT
/* Regions of interest against a map computed macroblock by macroblock. */
#include <CUnit/Basic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "va-backend/qp_map.h"

#define WIDTH_MBS 20
#define HEIGHT_MBS 12
#define PITCH 32
#define GUARD 99

static int8_t map[HEIGHT_MBS * PITCH];

static bool touches(const struct slva_roi *roi, int x, int y)
{
	return roi->width > 0 && roi->height > 0 && roi->x < x * 16 + 16 &&
	       (int64_t)roi->x + roi->width > x * 16 && roi->y < y * 16 + 16 &&
	       (int64_t)roi->y + roi->height > y * 16;
}

static void check(const struct slva_roi *roi, uint32_t num)
{
	memset(map, GUARD, sizeof(map));
	slva_qp_map_roi(map, PITCH, WIDTH_MBS, HEIGHT_MBS, roi, num);
	for (int y = 0; y < HEIGHT_MBS; y++) {
		for (int x = 0; x < PITCH; x++) {
			int expected = x < WIDTH_MBS ? 0 : GUARD;

			for (uint32_t i = num; i-- > 0 && x < WIDTH_MBS;) {
				if (touches(&roi[i], x, y))
					expected = roi[i].qp_offset;
			}
			CU_ASSERT_EQUAL(map[y * PITCH + x], expected);
		}
	}
}

static void test_none(void)
{
	check(NULL, 0);
}

static void test_first_wins(void)
{
	static const struct slva_roi roi[] = {{32, 32, 64, 64, -8}, {0, 0, 320, 192, 5}};

	check(roi, 2);
	CU_ASSERT_EQUAL(map[2 * PITCH + 2], -8);
	CU_ASSERT_EQUAL(map[0], 5);
}

static void test_edges(void)
{
	static const struct slva_roi roi[] = {
		{-32768, -32768, 32769, 32769, -3}, /* just the corner sample */
		{319, 191, 65535, 65535, 7},
		{100, 50, 0, 10, 9},
		{2147483647, 2147483647, 2147483647, 2147483647, 11},
	};

	check(roi, 4);
	CU_ASSERT_EQUAL(map[0], -3);
	CU_ASSERT_EQUAL(map[(HEIGHT_MBS - 1) * PITCH + WIDTH_MBS - 1], 7);
}

static void test_random(void)
{
	struct slva_roi roi[4];

	srand(2);
	for (int n = 0; n < 300; n++) {
		for (int i = 0; i < 4; i++)
			roi[i] = (struct slva_roi){rand() % 400 - 40, rand() % 250 - 30,
						   rand() % 200 - 10, rand() % 200 - 10,
						   rand() % 103 - 51};
		check(roi, 4);
	}
}

static void test_slices(void)
{
	memset(map, 0, sizeof(map));
	slva_qp_map_add(map, PITCH, WIDTH_MBS, 15, 30, 40);
	slva_qp_map_add(map, PITCH, WIDTH_MBS, 20, 20, 40);
	for (int mb = 0; mb < WIDTH_MBS * HEIGHT_MBS; mb++) {
		int expected = mb < 15 || mb >= 45 ? 0 : mb < 20 || mb >= 40 ? 40 : 51;

		CU_ASSERT_EQUAL(map[mb / WIDTH_MBS * PITCH + mb % WIDTH_MBS], expected);
	}
}

int main(void)
{
	CU_initialize_registry();
	CU_pSuite suite = CU_add_suite("QP map", NULL, NULL);

	CU_ADD_TEST(suite, test_none);
	CU_ADD_TEST(suite, test_first_wins);
	CU_ADD_TEST(suite, test_edges);
	CU_ADD_TEST(suite, test_random);
	CU_ADD_TEST(suite, test_slices);
	CU_basic_set_mode(CU_BRM_NORMAL);
	CU_basic_run_tests();

	unsigned int failures = CU_get_number_of_failures();

	CU_cleanup_registry();
	return failures != 0;
}
