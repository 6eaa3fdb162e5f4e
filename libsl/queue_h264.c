// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>

#include "abi/sl200_mmu.h"
#include "libsl/error.h"
#include "libsl/queue.h"
#include "sl200/h264.h"

/* A slot: the descriptor, the result, the packed headers. */
#define SLOT_ALIGN 64u
#define DESC_SPACE ((uint32_t)(SL200_H264_ENC_MAX_SIZE + SLOT_ALIGN - 1) / SLOT_ALIGN * SLOT_ALIGN)
#define RESULT_OFFSET DESC_SPACE
#define HEADER_OFFSET (RESULT_OFFSET + (uint32_t)sizeof(struct sl200_job_result))
#define HEADER_SPACE_MIN 3072u /* a usual picture's headers; rounds a slot up to pages */

struct slot {
	struct sl200_h264_enc *desc;
	struct sl200_job_result *result;
	uint8_t *headers;
	uint64_t iova;
	uint32_t header_size; /* bytes used so far */
};

uint32_t sl_h264_default_quality(const struct sl_device *device)
{
	const struct sl200_caps *caps = sl_device_caps(device);
	uint32_t i;

	for (i = 0; i < caps->num_enc && i < SL200_CAPS_MAX_ENC; i++) {
		if (caps->enc[i].codec == SL200_CODEC_H264)
			return (caps->enc[i].quality_levels + 1u) / 2;
	}
	return 1;
}

void encode_slots_free(struct sl_queue *queue)
{
	struct transport *transport = queue->device->transport;

	while (queue->encode_slots) {
		struct encode_slots *slots = queue->encode_slots;

		queue->encode_slots = slots->older;
		transport->ops->bo_destroy(transport, slots->bo);
		free(slots);
	}
}

/* Have slots with room for so many bytes of packed headers. Under the submit lock. */
static int slots_reserve(struct sl_queue *queue, uint32_t header_size)
{
	struct transport *transport = queue->device->transport;
	struct encode_slots *slots;
	uint32_t size = HEADER_SPACE_MIN;
	int ret;

	if (queue->encode_slots && queue->encode_slots->header_space >= header_size)
		return 0;
	while (size < header_size)
		size *= 2;
	slots = calloc(1, sizeof(*slots));
	if (!slots)
		return sl_fail(SL_ERR_NO_MEMORY, "out of memory");
	slots->slot_size =
		(HEADER_OFFSET + size + SL200_PAGE_SIZE - 1) / SL200_PAGE_SIZE * SL200_PAGE_SIZE;
	slots->header_space = slots->slot_size - HEADER_OFFSET;
	ret = transport->ops->bo_create(transport, (uint64_t)slots->slot_size * queue->depth,
					SL_MEMORY_HOST, &slots->bo);
	if (ret) {
		free(slots);
		return ret;
	}
	slots->older = queue->encode_slots;
	queue->encode_slots = slots;
	return 0;
}

static void slot_open(struct sl_queue *queue, uint64_t seqno, struct slot *slot)
{
	struct encode_slots *slots = queue->encode_slots;
	uint64_t offset = ((seqno - 1) & (queue->depth - 1)) * slots->slot_size;
	uint8_t *base = (uint8_t *)slots->bo->cpu + offset;

	slot->desc = (struct sl200_h264_enc *)base;
	slot->result = (struct sl200_job_result *)(base + RESULT_OFFSET);
	slot->headers = base + HEADER_OFFSET;
	slot->iova = slots->bo->iova + offset;
	slot->header_size = 0;
	memset(slot->result, 0, sizeof(*slot->result));
}

static int check_nal(const struct sl_h264_nal *nal, uint32_t *bytes)
{
	if (!nal->data || !nal->bits || nal->bits > SL200_H264_HEADER_BITS_MAX)
		return sl_fail(SL_ERR_INVALID, "a packed header of %u bits: 1 to %u are possible",
			       nal->bits, SL200_H264_HEADER_BITS_MAX);
	*bytes += (nal->bits + 7) / 8;
	return 0;
}

/*
 * Refuse what would make the library itself read or write out of bounds, or misname a buffer; add
 * up the packed headers.
 */
static int check_picture(const struct sl_h264_picture *picture, uint32_t *header_bytes)
{
	uint64_t mbs = (uint64_t)picture->width_mbs * picture->height_mbs;
	uint32_t i;

	if (!picture->source || !picture->recon || !picture->bitstream || !picture->slices)
		return sl_fail(SL_ERR_INVALID, "sl_h264_picture: source, recon, bitstream and "
					       "slices must not be NULL");
	if (picture->num_refs > SL200_H264_MAX_REFS)
		return sl_fail(SL_ERR_INVALID, "sl_h264_picture.num_refs is %u: at most %u",
			       picture->num_refs, SL200_H264_MAX_REFS);
	if (!picture->num_slices || picture->num_slices > SL200_H264_MAX_SLICES)
		return sl_fail(SL_ERR_INVALID, "sl_h264_picture.num_slices is %u: 1 to %u",
			       picture->num_slices, SL200_H264_MAX_SLICES);
	if (picture->num_headers > SL200_H264_MAX_HEADERS ||
	    (picture->num_headers && !picture->headers))
		return sl_fail(SL_ERR_INVALID, "sl_h264_picture.num_headers is %u: at most %u",
			       picture->num_headers, SL200_H264_MAX_HEADERS);
	if (picture->bitstream_offset > sl_buffer_size(picture->bitstream) ||
	    picture->bitstream_size >
		    sl_buffer_size(picture->bitstream) - picture->bitstream_offset)
		return sl_fail(SL_ERR_INVALID,
			       "sl_h264_picture: bytes %u + %u are not inside the "
			       "bitstream buffer",
			       picture->bitstream_offset, picture->bitstream_size);
	if (picture->qp_map && (uint64_t)picture->qp_map_offset + (uint64_t)picture->qp_map_pitch *
									  picture->height_mbs >
				       sl_buffer_size(picture->qp_map))
		return sl_fail(SL_ERR_INVALID,
			       "sl_h264_picture: the QP map ends beyond its buffer");
	if (picture->stats && mbs * sizeof(struct sl200_mb_stats) > sl_buffer_size(picture->stats))
		return sl_fail(SL_ERR_INVALID,
			       "sl_h264_picture: the statistics buffer is too small");
	for (i = 0; i < picture->num_refs; i++) {
		if (!picture->ref[i].surface)
			return sl_fail(SL_ERR_INVALID, "sl_h264_picture.ref[%u] is NULL", i);
	}
	for (i = 0; i < picture->num_headers; i++) {
		if (check_nal(&picture->headers[i], header_bytes))
			return SL_ERR_INVALID;
	}
	for (i = 0; i < picture->num_slices; i++) {
		if (check_nal(&picture->slices[i].nal, header_bytes))
			return SL_ERR_INVALID;
	}
	return 0;
}

/*
 * Wait for others' work on imported memory: the card does not know of it. Buffers of the device's
 * own need no wait, and no system call.
 */
static int await_exporters(const struct sl_h264_picture *picture)
{
	uint32_t i;
	int ret;

	ret = sl_buffer_wait(sl_surface_buffer(picture->source), 0, SL_WAIT_FOREVER);
	if (!ret)
		ret = sl_buffer_wait(sl_surface_buffer(picture->recon), 1, SL_WAIT_FOREVER);
	if (!ret)
		ret = sl_buffer_wait(picture->bitstream, 1, SL_WAIT_FOREVER);
	if (!ret && picture->qp_map)
		ret = sl_buffer_wait(picture->qp_map, 0, SL_WAIT_FOREVER);
	if (!ret && picture->stats)
		ret = sl_buffer_wait(picture->stats, 1, SL_WAIT_FOREVER);
	for (i = 0; !ret && i < picture->num_refs; i++)
		ret = sl_buffer_wait(sl_surface_buffer(picture->ref[i].surface), 0,
				     SL_WAIT_FOREVER);
	return ret;
}

static struct sl200_packed_header put_nal(struct slot *slot, const struct sl_h264_nal *nal)
{
	struct sl200_packed_header header = {.offset = slot->header_size, .bits = nal->bits};

	memcpy(slot->headers + slot->header_size, nal->data, (nal->bits + 7) / 8);
	slot->header_size += (nal->bits + 7) / 8;
	return header;
}

/* A surface as the descriptor takes it: of the picture's size, which may be a part of it. */
static struct sl200_surface surface_of(const struct sl_surface *surface,
				       const struct sl_h264_picture *picture)
{
	struct sl200_surface layout = *sl_surface_layout(surface);

	if (picture->width && picture->width < layout.width)
		layout.width = picture->width;
	if (picture->height && picture->height < layout.height)
		layout.height = picture->height;
	return layout;
}

static void put_head(const struct sl_queue *queue, const struct sl_h264_picture *picture,
		     const struct slot *slot, struct sl200_enc_head *head)
{
	head->version = SL200_ENC_DESC_VERSION;
	head->codec = SL200_CODEC_H264;
	head->size = (uint32_t)(sizeof(struct sl200_h264_enc) +
				picture->num_refs * sizeof(struct sl200_h264_ref) +
				picture->num_slices * sizeof(struct sl200_h264_slice));
	head->result_iova = slot->iova + RESULT_OFFSET;
	head->source = surface_of(picture->source, picture);
	head->recon = surface_of(picture->recon, picture);
	head->bitstream_iova = sl_buffer_iova(picture->bitstream) + picture->bitstream_offset;
	head->bitstream_size = picture->bitstream_size;
	head->header_size = slot->header_size;
	head->header_iova = slot->iova + HEADER_OFFSET;
	if (picture->qp_map) {
		head->qp_map_iova = sl_buffer_iova(picture->qp_map) + picture->qp_map_offset;
		head->qp_map_pitch = picture->qp_map_pitch;
	}
	head->quality = picture->quality ? picture->quality
					 : (uint8_t)sl_h264_default_quality(queue->device);
	head->qp = picture->qp;
	head->qp_min = picture->qp_min;
	head->qp_max = picture->qp_max;
	if (picture->stats)
		head->stats_iova = sl_buffer_iova(picture->stats);
}

static void put_desc(const struct sl_queue *queue, const struct sl_h264_picture *picture,
		     struct slot *slot)
{
	struct sl200_h264_enc *desc = slot->desc;
	struct sl200_h264_ref *ref = (struct sl200_h264_ref *)(desc + 1);
	struct sl200_h264_slice *slice = (struct sl200_h264_slice *)(ref + picture->num_refs);
	uint32_t i;

	*desc = (struct sl200_h264_enc){
		.width_mbs = picture->width_mbs,
		.height_mbs = picture->height_mbs,
		.flags = picture->flags,
		.chroma_qp_index_offset = picture->chroma_qp_index_offset,
		.second_chroma_qp_index_offset = picture->second_chroma_qp_index_offset,
		.poc = picture->poc,
		.num_refs = (uint8_t)picture->num_refs,
		.num_headers = (uint8_t)picture->num_headers,
		.num_slices = (uint16_t)picture->num_slices,
	};
	for (i = 0; i < picture->num_headers; i++)
		desc->header[i] = put_nal(slot, &picture->headers[i]);
	for (i = 0; i < picture->num_refs; i++) {
		ref[i] = (struct sl200_h264_ref){
			.surface = surface_of(picture->ref[i].surface, picture),
			.poc = picture->ref[i].poc,
			.flags = picture->ref[i].long_term ? 1 : 0,
		};
	}
	for (i = 0; i < picture->num_slices; i++) {
		slice[i] = picture->slices[i].slice;
		slice[i].header = put_nal(slot, &picture->slices[i].nal);
	}
	put_head(queue, picture, slot, &desc->head);
}

int sl_queue_encode_h264(struct sl_queue *queue, const struct sl_h264_picture *picture,
			 const struct sl_job_options *options, uint64_t *seqno)
{
	struct sl200_sqe sqe = {.opcode = SL200_OP_ENCODE};
	uint32_t header_bytes = 0;
	struct slot slot;
	uint64_t number;
	int ret;

	ret = queue_check_options(options);
	if (!ret)
		ret = check_picture(picture, &header_bytes);
	if (!ret)
		ret = await_exporters(picture);
	if (!ret)
		ret = queue_begin(queue, &number);
	if (ret)
		return ret;
	ret = slots_reserve(queue, header_bytes);
	if (ret) {
		queue_cancel(queue);
		return ret;
	}
	slot_open(queue, number, &slot);
	put_desc(queue, picture, &slot);
	sqe.src = slot.iova;
	sqe.width = slot.desc->head.size;
	queue_commit(queue, number, &sqe, options, slot.result);
	if (seqno)
		*seqno = number;
	return 0;
}
