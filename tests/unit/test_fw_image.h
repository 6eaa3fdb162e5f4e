/* SPDX-License-Identifier: MIT */
/* Signed images for tests. */
#ifndef TEST_FW_IMAGE_H
#define TEST_FW_IMAGE_H

#include <stdint.h>

#include "abi/sl200_fw.h"

#define TEST_IMAGE_PAYLOAD 10000u

struct test_image {
	struct sl200_fw_header header;
	uint8_t payload[TEST_IMAGE_PAYLOAD];
};

/* A good image with the given version, signed by the development key. */
void test_image_make(struct test_image *image, uint32_t version);

/* Sign the header as it stands. */
void test_image_sign(struct test_image *image);

#endif
