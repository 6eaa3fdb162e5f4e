/* SPDX-License-Identifier: MIT */
/*
 * Packed headers: bits a client has prepared for the bitstream. The card takes one NAL unit at a
 * time, as start code, NAL unit header and RBSP without emulation prevention (H.264 7.4.1).
 * Pure functions and containers; the input is the client's and may be anything.
 */
#ifndef SLVA_PACKED_HEADER_H
#define SLVA_PACKED_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sl200/h264.h"

/* H.264 Table 7-1 */
enum slva_h264_nal_type {
	SLVA_H264_NAL_SLICE = 1,
	SLVA_H264_NAL_IDR_SLICE = 5,
	SLVA_H264_NAL_SEI = 6,
	SLVA_H264_NAL_SPS = 7,
	SLVA_H264_NAL_PPS = 8,
	SLVA_H264_NAL_AUD = 9,
	SLVA_H264_NAL_SPS_EXTENSION = 13,
	SLVA_H264_NAL_SUBSET_SPS = 15,
};

#define SLVA_PACKED_BYTES_MAX 65536u /* of one packed header */

struct slva_nal {
	uint8_t type;	 /* nal_unit_type */
	uint8_t ref_idc; /* nal_ref_idc */
	uint32_t bits;
	uint8_t *data; /* owned by the list */
};

struct slva_nal_list {
	struct slva_nal *nal;
	uint32_t num, capacity;
};

/* Free the NAL units; the list is then empty and can be filled again. */
void slva_nal_clear(struct slva_nal_list *list);
/* Free everything. */
void slva_nal_free(struct slva_nal_list *list);

/*
 * Append one NAL unit as the card wants it, copied. Returns 0, or -1 when memory is exhausted.
 */
int slva_nal_append(struct slva_nal_list *list, const uint8_t *data, uint32_t bits);

/*
 * Append the NAL units in a packed header of so many bits. With emulation prevention bytes in it
 * there may be several, as the start codes between them are unique then; without, it is one.
 * Only the last may end inside a byte. Returns 0, or -1: no start code in front, a NAL unit
 * without a header, too long, or memory exhausted; the list is then as before.
 */
int slva_nal_append_packed(struct slva_nal_list *list, const uint8_t *data, uint32_t bits,
			   bool has_emulation_bytes);

#endif
