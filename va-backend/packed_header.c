/* SPDX-License-Identifier: MIT */
#include "va-backend/packed_header.h"

#include <stdlib.h>
#include <string.h>

void slva_nal_clear(struct slva_nal_list *list)
{
	for (uint32_t i = 0; i < list->num; i++)
		free(list->nal[i].data);
	list->num = 0;
}

void slva_nal_free(struct slva_nal_list *list)
{
	slva_nal_clear(list);
	free(list->nal);
	*list = (struct slva_nal_list){0};
}

/* Bytes of the start code at data, 3 or more with leading zero bytes; 0: none. */
static uint32_t start_code(const uint8_t *data, uint32_t bytes)
{
	uint32_t zeros = 0;

	while (zeros < bytes && data[zeros] == 0)
		zeros++;
	return zeros >= 2 && zeros < bytes && data[zeros] == 1 ? zeros + 1 : 0;
}

int slva_nal_append(struct slva_nal_list *list, const uint8_t *data, uint32_t bits)
{
	uint32_t bytes = bits / 8 + (bits % 8 != 0);
	uint32_t head = start_code(data, bytes);

	if (!head || bits < (head + 1) * 8)
		return -1;
	if (list->num == list->capacity) {
		uint32_t capacity = list->capacity ? list->capacity * 2 : 8;
		struct slva_nal *nal = realloc(list->nal, capacity * sizeof(*nal));

		if (!nal)
			return -1;
		list->nal = nal;
		list->capacity = capacity;
	}

	struct slva_nal *nal = &list->nal[list->num];

	*nal = (struct slva_nal){
		.type = data[head] & 0x1f,
		.ref_idc = data[head] >> 5 & 3,
		.bits = bits,
		.data = malloc(bytes),
	};
	if (!nal->data)
		return -1;
	memcpy(nal->data, data, bytes);
	list->num++;
	return 0;
}

/*
 * Where the NAL unit that starts at data ends: in front of the next start code, whose zero_byte
 * stays with it (H.264 B.1.2 wants it for parameter sets), or at the end of the data.
 */
static uint32_t nal_end(const uint8_t *data, uint32_t bytes, uint32_t head)
{
	for (uint32_t i = head; i + 3 <= bytes; i++) {
		if (data[i] == 0 && data[i + 1] == 0 && data[i + 2] == 1)
			return i > head && data[i - 1] == 0 ? i - 1 : i;
	}
	return bytes;
}

/* Drop emulation_prevention_three_byte; returns the number of bytes left. */
static uint32_t strip_emulation(uint8_t *dst, const uint8_t *src, uint32_t bytes, uint32_t head)
{
	uint32_t zeros = 0, n = 0;

	for (uint32_t i = 0; i < bytes; i++) {
		if (i > head && zeros >= 2 && src[i] == 3) {
			zeros = 0;
			continue;
		}
		zeros = src[i] == 0 ? zeros + 1 : 0;
		if (i <= head)
			zeros = 0;
		dst[n++] = src[i];
	}
	return n;
}

int slva_nal_append_packed(struct slva_nal_list *list, const uint8_t *data, uint32_t bits,
			   bool has_emulation_bytes)
{
	uint32_t bytes = bits / 8 + (bits % 8 != 0);
	uint32_t before = list->num;
	uint32_t last_bits = bits % 8 ? bits % 8 : 8; /* used in the last byte */

	if (bytes > SLVA_PACKED_BYTES_MAX)
		return -1;
	if (!has_emulation_bytes)
		return slva_nal_append(list, data, bits);

	uint8_t *rbsp = malloc(bytes + 1);
	int result = rbsp ? 0 : -1;

	do {
		uint32_t head = start_code(data, bytes);
		uint32_t end = head ? nal_end(data, bytes, head) : 0;

		if (!head || result) {
			result = -1;
			break;
		}

		bool last = end == bytes;
		uint32_t keep = end;

		/* A NAL unit never ends in a zero byte (H.264 7.4.1), but its last bits may be 0.
		 */
		while (!last && keep > head && data[keep - 1] == 0)
			keep--;

		uint32_t n = strip_emulation(rbsp, data, keep, head);

		result = slva_nal_append(list, rbsp, n * 8 - (last ? 8 - last_bits : 0));
		data += end;
		bytes -= end;
	} while (bytes && !result);
	free(rbsp);
	while (result && list->num > before)
		free(list->nal[--list->num].data);
	return result;
}
