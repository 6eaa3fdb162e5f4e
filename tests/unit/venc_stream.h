/* SPDX-License-Identifier: MIT */
/*
 * Test side of the encode engine: an IPPP stream coded picture by picture over plain memory, with
 * parameter sets and slice headers written here.
 */
#ifndef VENC_STREAM_H
#define VENC_STREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "abi/sl200_enc.h"
#include "abi/sl200_queue.h"
#include "sim/model/venc/venc.h"

#define VENC_STREAM_MAX_REFS 4u

struct venc_stream_config {
	unsigned int width, height;
	unsigned int threads;
	unsigned int slices;
	unsigned int refs;
	unsigned int idr_period; /* 0: only the first picture is IDR */
	uint8_t qp_i, qp_p;
	uint8_t quality;
	uint16_t flags; /* SL200_H264_F_* */
	bool i420;	/* surfaces; else NV12 */
	int8_t chroma_qp_offset[2];
	uint8_t deblock_idc;
	int8_t alpha_div2, beta_div2;
	uint8_t cabac_init_idc;
	uint32_t bitstream_size; /* 0: large enough */
	const int8_t *qp_map;	 /* width_mbs * height_mbs, or NULL */
	bool stats;
};

/* Address space of the test's memory port: everything lies in one block, iova = offset + base. */
struct venc_stream {
	struct venc_stream_config config;
	struct venc *venc;
	struct mem_port_memory *memory;
	unsigned int frame_num, pictures, current; /* current: surface of the next reconstruction */
	uint8_t *bitstream;			   /* of the last picture */
	struct sl200_job_result result;
	struct sl200_mb_stats *stats;
	atomic_bool abort;
};

/* NULL when out of memory. */
struct venc_stream *venc_stream_open(const struct venc_stream_config *config);
void venc_stream_close(struct venc_stream *s);
/* Give the next picture: width x height I420, tightly packed. */
void venc_stream_source(struct venc_stream *s, const uint8_t *i420);
/* Encode it; enum sl200_status. */
uint16_t venc_stream_encode(struct venc_stream *s);
/* Reconstruction of the last picture, cropped, as I420. */
void venc_stream_recon(const struct venc_stream *s, uint8_t *i420);

/* From now on, the engine's memory accesses beyond the next few fault. */
void venc_stream_fault_after(struct venc_stream *s, unsigned int accesses);

#endif
