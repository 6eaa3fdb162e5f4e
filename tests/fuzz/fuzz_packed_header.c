// SPDX-License-Identifier: MIT
/*
 * Packed headers of VA-API clients. Of any bytes: what comes out is whole NAL units, or nothing and
 * the list as it was. Of NAL units that were escaped here, by the standard's rule: they come out
 * again bit by bit.
 */
#include <string.h>

#include "tests/fuzz/fuzz_input.h"
#include "va-backend/packed_header.h"

#define NAL_MAX 300u
#define NALS 4u

static void check_nal(const struct slva_nal *nal)
{
	uint32_t zeros = 0;

	FUZZ_CHECK(nal->bits >= 32 && nal->type <= 31 && nal->ref_idc <= 3);
	while (nal->data[zeros] == 0)
		zeros++;
	FUZZ_CHECK(zeros >= 2 && nal->data[zeros] == 1);
	FUZZ_CHECK((zeros + 2) * 8 <= nal->bits);
	FUZZ_CHECK(nal->type == (nal->data[zeros + 1] & 31));
	FUZZ_CHECK(nal->ref_idc == (nal->data[zeros + 1] >> 5 & 3));
}

static void any_bytes(struct fuzz_input *in)
{
	uint8_t shape = fuzz_u8(in);
	uint32_t bits = 0, sum = 0, unused = fuzz_u8(in) % 8, bytes = (uint32_t)in->left;
	struct slva_nal_list list = {0};
	uint8_t *copy = malloc(bytes + 1u);
	int result;

	if (!copy)
		return;
	memcpy(copy, in->data, bytes);
	if (bytes)
		bits = 8 * bytes - unused;
	for (unsigned int round = 0; round < 2; round++) {
		uint32_t before = list.num;

		sum = 0;
		result = slva_nal_append_packed(&list, copy, bits, shape & 1);
		FUZZ_CHECK(result == 0 || result == -1);
		FUZZ_CHECK(result ? list.num == before : list.num > before);
		for (uint32_t i = before; i < list.num; i++) {
			check_nal(&list.nal[i]);
			sum += list.nal[i].bits;
		}
		FUZZ_CHECK(sum <= bits);
		FUZZ_CHECK(result || shape & 1 || (list.num == before + 1 && sum == bits));
		if (shape & 2)
			slva_nal_clear(&list);
	}
	slva_nal_free(&list);
	free(copy);
}

/* A NAL unit behind a start code; its last byte is not zero. */
static uint32_t make_nal(uint8_t *nal, struct fuzz_input *in)
{
	uint32_t n = 0, payload = fuzz_u8(in);

	if (fuzz_u8(in) & 1)
		nal[n++] = 0;
	nal[n++] = 0;
	nal[n++] = 0;
	nal[n++] = 1;
	nal[n++] = fuzz_u8(in) | 1;
	while (payload--) {
		uint8_t byte = fuzz_u8(in);

		nal[n++] = byte & 0x80 ? byte : byte & 3;
	}
	if (!nal[n - 1])
		nal[n - 1] = 0x80;
	return n;
}

/* H.264 7.4.1: no 00 00 00, 00 00 01, 00 00 02 or 00 00 03 behind the NAL unit header. */
static uint32_t escape(uint8_t *dst, const uint8_t *nal, uint32_t bytes)
{
	uint32_t n = 0, zeros = 0, head = nal[2] == 1 ? 3 : 4;

	for (uint32_t i = 0; i < bytes; i++) {
		if (i > head && zeros >= 2 && nal[i] <= 3) {
			dst[n++] = 3;
			zeros = 0;
		}
		dst[n++] = nal[i];
		zeros = i > head && !nal[i] ? zeros + 1 : 0;
	}
	return n;
}

static void round_trip(struct fuzz_input *in)
{
	uint8_t nal[NALS][NAL_MAX], stream[NALS * NAL_MAX * 2];
	uint32_t size[NALS], count = (uint32_t)fuzz_range(in, 1, NALS), at = 0;
	struct slva_nal_list list = {0};

	for (uint32_t i = 0; i < count; i++) {
		size[i] = make_nal(nal[i], in);
		at += escape(stream + at, nal[i], size[i]);
	}
	FUZZ_CHECK(!slva_nal_append_packed(&list, stream, 8 * at, true));
	FUZZ_CHECK(list.num == count);
	for (uint32_t i = 0; i < count; i++) {
		FUZZ_CHECK(list.nal[i].bits == 8 * size[i]);
		FUZZ_CHECK(!memcmp(list.nal[i].data, nal[i], size[i]));
	}
	slva_nal_free(&list);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = {data, size};

	if (fuzz_u8(&in) & 1)
		round_trip(&in);
	else
		any_bytes(&in);
	return 0;
}
