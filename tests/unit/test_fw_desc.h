/* SPDX-License-Identifier: MIT */
/* A legal H.264 encode descriptor for tests and fuzzers to bend. */
#ifndef TEST_FW_DESC_H
#define TEST_FW_DESC_H

#include "abi/sl200_admin.h"
#include "abi/sl200_enc.h"

extern const struct sl200_enc_caps test_desc_caps;

/*
 * Fill buffer (SL200_H264_ENC_MAX_SIZE bytes, 8-byte aligned) with a picture of 64x48 samples, two
 * references and two slices: P, and B when b_slices is set, every optional buffer in use. Returns
 * its size.
 */
uint32_t test_desc_make(void *buffer, int b_slices);

/* Where the arrays behind the fixed part lie in it. */
#define TEST_DESC_REF(n) (sizeof(struct sl200_h264_enc) + (n) * sizeof(struct sl200_h264_ref))
#define TEST_DESC_SLICE(n) (TEST_DESC_REF(2) + (n) * sizeof(struct sl200_h264_slice))

#endif
