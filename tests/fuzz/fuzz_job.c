// SPDX-License-Identifier: MIT
/*
 * Encode descriptors through the firmware's judgement and, when accepted, through the engine over
 * memory that knows what the descriptor lets it touch: a read outside the inputs, a write outside
 * the outputs, an undocumented status, a result that contradicts the memory, or one that depends
 * on the engine's past or on its threads is a finding.
 */
#include <pthread.h>
#include <string.h>

#include "firmware/fw/validate.h"
#include "sim/model/venc/venc.h"
#include "tests/fuzz/fuzz_job_case.h"

#define RUN_MAX_MBS 64u /* larger pictures can be described, and only be judged */
#define MAX_EXTENTS 64u

struct extent {
	uint64_t start, end;
	bool write;
};

struct fuzz_port {
	struct mem_port port;
	const struct job_case *c;
	atomic_bool abort;
	atomic_uint accesses;
	atomic_bool faulted, aborted;
	atomic_uint_fast64_t read, written;
	struct extent extent[MAX_EXTENTS];
	unsigned int num_extents;
};

static struct venc *engine, *other_engine;
static uint8_t memory[CASE_MEMORY_SIZE], before[CASE_MEMORY_SIZE], after[CASE_MEMORY_SIZE];

static void declare(struct fuzz_port *port, uint64_t start, uint64_t len, bool write)
{
	FUZZ_CHECK(port->num_extents < MAX_EXTENTS);
	port->extent[port->num_extents++] = (struct extent){start, start + len, write};
}

static void declare_surface(struct fuzz_port *port, const struct sl200_surface *s, uint32_t width,
			    uint32_t height, bool write)
{
	unsigned int planes = s->format == SL200_FORMAT_I420 ? 3 : 2;

	for (unsigned int p = 0; p < planes; p++) {
		uint64_t rows = p ? height / 2 : height;
		uint64_t bytes = planes == 3 && p ? width / 2 : width;

		/* As the ABI promises, whatever the firmware thinks of it. */
		FUZZ_CHECK(s->offset[p] + (rows - 1) * s->pitch[p] + bytes <= s->size);
		declare(port, s->iova + s->offset[p], (rows - 1) * s->pitch[p] + bytes, write);
	}
}

static void declare_all(struct fuzz_port *port, const struct sl200_h264_enc *enc)
{
	const struct sl200_h264_ref *refs = (const struct sl200_h264_ref *)(enc + 1);
	const struct sl200_enc_head *h = &enc->head;
	uint32_t width = 16u * enc->width_mbs, height = 16u * enc->height_mbs;

	declare_surface(port, &h->source, h->source.width, h->source.height, false);
	declare_surface(port, &h->recon, width, height, true);
	for (unsigned int i = 0; i < enc->num_refs; i++)
		declare_surface(port, &refs[i].surface, width, height, false);
	declare(port, h->bitstream_iova, h->bitstream_size, true);
	declare(port, h->header_iova, h->header_size, false);
	if (h->qp_map_iova)
		declare(port, h->qp_map_iova,
			(enc->height_mbs - 1ull) * h->qp_map_pitch + enc->width_mbs, false);
	if (h->stats_iova)
		declare(port, h->stats_iova,
			(uint64_t)enc->width_mbs * enc->height_mbs * sizeof(struct sl200_mb_stats),
			true);
}

static bool declared(const struct fuzz_port *port, uint64_t iova, size_t len, bool write)
{
	for (unsigned int i = 0; i < port->num_extents; i++) {
		const struct extent *e = &port->extent[i];

		if (e->write == write && iova >= e->start && iova < e->end && len <= e->end - iova)
			return true;
	}
	return false;
}

/* The memory behind an access, or NULL when it faults. */
static uint8_t *access_memory(struct fuzz_port *port, uint64_t iova, size_t len, bool write)
{
	unsigned int count = atomic_fetch_add(&port->accesses, 1) + 1;

	FUZZ_CHECK(len && declared(port, iova, len, write));
	if (port->c->abort_after && count >= port->c->abort_after) {
		atomic_store(&port->aborted, true);
		atomic_store(&port->abort, true);
	}
	if ((port->c->fault_after && count >= port->c->fault_after) || iova < port->c->base ||
	    iova - port->c->base > CASE_MEMORY_SIZE ||
	    len > CASE_MEMORY_SIZE - (iova - port->c->base)) {
		atomic_store(&port->faulted, true);
		return NULL;
	}
	return memory + (iova - port->c->base);
}

static uint16_t port_read(struct mem_port *base, uint64_t iova, void *dst, size_t len)
{
	struct fuzz_port *port = (struct fuzz_port *)base;
	const uint8_t *p = access_memory(port, iova, len, false);

	if (!p)
		return SL200_STATUS_MMU_FAULT;
	memcpy(dst, p, len);
	atomic_fetch_add(&port->read, len);
	return 0;
}

static uint16_t port_write(struct mem_port *base, uint64_t iova, const void *src, size_t len)
{
	struct fuzz_port *port = (struct fuzz_port *)base;
	uint8_t *p = access_memory(port, iova, len, true);

	if (!p)
		return SL200_STATUS_MMU_FAULT;
	memcpy(p, src, len);
	atomic_fetch_add(&port->written, len);
	return 0;
}

static void check_status(const struct fuzz_port *port, const struct sl200_h264_enc *enc,
			 uint16_t status, const struct sl200_job_result *result)
{
	FUZZ_CHECK(result->status == status);
	FUZZ_CHECK(result->bytes <= enc->head.bitstream_size);
	switch (status) {
	case SL200_STATUS_OK:
		FUZZ_CHECK(!port->faulted);
		break;
	case SL200_STATUS_OVERFLOW:
		FUZZ_CHECK(!port->faulted);
		FUZZ_CHECK(result->bytes == enc->head.bitstream_size);
		break;
	case SL200_STATUS_MMU_FAULT:
		FUZZ_CHECK(port->faulted);
		break;
	default:
		FUZZ_CHECK(status == SL200_STATUS_ABORTED);
		FUZZ_CHECK(port->aborted);
		break;
	}
}

/* CRC-32C, bit by bit: slow and plain. */
static uint32_t crc32c(const uint8_t *p, size_t len)
{
	uint32_t crc = ~0u;

	while (len--) {
		crc ^= *p++;
		for (int i = 0; i < 8; i++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78u : 0);
	}
	return ~crc;
}

static void check_result(const struct fuzz_port *port, const struct sl200_h264_enc *enc,
			 const struct sl200_job_result *result)
{
	uint32_t mbs = (uint32_t)enc->width_mbs * enc->height_mbs;

	FUZZ_CHECK(result->slices == enc->num_slices);
	FUZZ_CHECK(result->intra_mbs + result->skip_mbs <= mbs);
	FUZZ_CHECK(result->sum_qp <= 51ull * mbs);
	FUZZ_CHECK(result->bytes_read == port->read);
	FUZZ_CHECK(result->bytes_written == port->written);
	FUZZ_CHECK(result->cycles > 0);
}

/* NAL units begin where the descriptor says and nowhere else (H.264 7.4.1, B.1). */
static void check_bitstream(const struct sl200_h264_enc *enc, const uint8_t *p, uint32_t bytes)
{
	uint32_t nal_units = 0;

	for (uint32_t i = 0; i + 3 <= bytes; i++) {
		if (p[i] || p[i + 1])
			continue;
		FUZZ_CHECK(p[i + 2] != 2);
		nal_units += p[i + 2] == 1;
	}
	FUZZ_CHECK(nal_units == (uint32_t)enc->num_headers + enc->num_slices);
}

static uint16_t run(struct venc *venc, struct fuzz_port *port, const struct sl200_h264_enc *enc,
		    struct sl200_job_result *result)
{
	const struct sl200_h264_ref *refs = (const struct sl200_h264_ref *)(enc + 1);
	const struct sl200_h264_slice *slices =
		(const struct sl200_h264_slice *)(refs + enc->num_refs);
	uint16_t status;

	status = venc_h264_run(venc, enc, refs, slices, &port->port, &port->abort, result);
	check_status(port, enc, status, result);
	if (status == SL200_STATUS_OK || status == SL200_STATUS_OVERFLOW)
		check_result(port, enc, result);
	return status;
}

static struct fuzz_port port_make(const struct job_case *c, const struct sl200_h264_enc *enc)
{
	struct fuzz_port port = {.port = {port_read, port_write}, .c = c};

	declare_all(&port, enc);
	return port;
}

/* The same job on an engine with other threads and another past. */
static void compare(const struct job_case *c, const struct sl200_h264_enc *enc, uint16_t status,
		    const struct sl200_job_result *result)
{
	struct fuzz_port port = port_make(c, enc);
	struct sl200_job_result other;

	memcpy(after, memory, sizeof(after));
	memcpy(memory, before, sizeof(memory));
	if (c->fault_after || c->abort_after) {
		run(other_engine, &port, enc, &other);
		return;
	}
	FUZZ_CHECK(run(other_engine, &port, enc, &other) == status);
	if (status == SL200_STATUS_OK || status == SL200_STATUS_OVERFLOW) {
		FUZZ_CHECK(!memcmp(result, &other, sizeof(other)));
		FUZZ_CHECK(!memcmp(after, memory, sizeof(after)));
	}
}

static void run_case(const struct job_case *c)
{
	const struct sl200_h264_enc *enc = c->desc;
	struct fuzz_port port = port_make(c, enc);
	struct sl200_job_result result;
	const uint8_t *bitstream;
	uint16_t status;

	if (c->compare)
		memcpy(before, memory, sizeof(before));
	status = run(engine, &port, enc, &result);
	if (status == SL200_STATUS_OK) {
		bitstream = memory + (enc->head.bitstream_iova - c->base);
		FUZZ_CHECK(result.crc_bitstream == crc32c(bitstream, result.bytes));
		if (c->sound_headers)
			check_bitstream(enc, bitstream, result.bytes);
	}
	if (c->compare)
		compare(c, enc, status, &result);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct sl200_enc_caps caps = {
		.codec = SL200_CODEC_H264,
		.min_dim = SL200_H264_MIN_DIM,
		.max_width = venc_h264_caps.max_width,
		.max_height = venc_h264_caps.max_height,
		.flags = venc_h264_caps.flags,
		.max_refs_l0 = venc_h264_caps.max_refs_l0,
		.max_refs_l1 = venc_h264_caps.max_refs_l1,
		.max_slices = venc_h264_caps.max_slices,
		.quality_levels = venc_h264_caps.quality_levels,
		.formats = 1u << SL200_FORMAT_NV12 | 1u << SL200_FORMAT_I420,
	};
	/* Low, ordinary, and up to the last byte of the address space. */
	static const uint64_t base[] = {0x40, 0x10000000, 0x7ffffff00000,
					(1ull << SL200_IOVA_BITS) - CASE_MEMORY_SIZE};
	struct fuzz_input in = {data, size};
	const struct sl200_h264_enc *enc;
	struct verdict verdict;
	struct job_case c;

	if (!engine) {
		engine = venc_create(1);
		other_engine = venc_create(2);
		FUZZ_CHECK(engine && other_engine);
	}
	if (!job_case_build(&c, memory, base[fuzz_u8(&in) % 4], &in))
		return 0;
	enc = c.desc;
	verdict = validate_h264(c.desc, c.size, &caps);
	if (verdict.status) {
		FUZZ_CHECK(verdict.status == SL200_STATUS_INVALID_DESC ||
			   verdict.status == SL200_STATUS_UNSUPPORTED);
		FUZZ_CHECK(verdict.detail < c.size);
	} else if ((uint32_t)enc->width_mbs * enc->height_mbs <= RUN_MAX_MBS) {
		run_case(&c);
	}
	job_case_free(&c);
	return 0;
}
