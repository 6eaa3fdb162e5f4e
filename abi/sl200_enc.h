/* SPDX-License-Identifier: MIT */
/*
 * Encode job descriptors, as ENCODE entries point to them. The MCU fetches a descriptor once,
 * checks its copy and hands that copy to the engine: later changes by the client have no effect.
 *
 * An ENCODE job codes one picture. The caller owns the DPB: it names the reference surfaces and
 * the surface that receives the reconstruction. The engine writes slice data; every header in
 * front of it is given by the caller (libsl writes them, or takes those of a VA-API client), as
 * RBSP bits with start code and NAL unit header and *without* emulation prevention bytes. The
 * engine inserts emulation prevention over each whole NAL unit (H.264 7.4.1).
 */
#ifndef SL200_ENC_H
#define SL200_ENC_H

#include "abi/sl200_types.h"

enum sl200_format {
	SL200_FORMAT_NV12 = 1, /* plane 0 Y, plane 1 interleaved CbCr */
	SL200_FORMAT_I420 = 2, /* plane 0 Y, plane 1 Cb, plane 2 Cr */
};

/*
 * A picture in memory. Plane p occupies offset[p] + row * pitch[p] for each of its rows inside
 * [iova, iova + size); planes must not overlap. Only width x height samples are read from a
 * source: the engine replicates the last column and row up to whole macroblocks. References and
 * reconstructions hold whole macroblocks: ceil16(width) x ceil16(height).
 */
struct sl200_surface {
	uint64_t iova; /* multiple of 64 */
	uint64_t size;
	uint32_t format; /* enum sl200_format */
	uint16_t width; /* luma samples, even */
	uint16_t height;
	uint32_t offset[3]; /* bytes; multiples of 64 */
	uint32_t pitch[3]; /* bytes; multiples of 64 */
};
SL200_ASSERT_SIZE(struct sl200_surface, 48);

enum sl200_codec {
	SL200_CODEC_H264 = 1,
	SL200_CODEC_HEVC = 2,
	SL200_CODEC_AV1 = 3,
};

#define SL200_ENC_DESC_VERSION 1u

/* Common head of every encode descriptor. */
struct sl200_enc_head {
	uint16_t version; /* SL200_ENC_DESC_VERSION */
	uint16_t codec; /* enum sl200_codec */
	uint32_t size; /* of the whole descriptor, trailing arrays included; equals sqe.width */
	uint64_t result_iova; /* struct sl200_job_result, 8-byte aligned; 0: not wanted */
	struct sl200_surface source;
	struct sl200_surface recon;
	uint64_t bitstream_iova;
	uint32_t bitstream_size;
	uint32_t header_size; /* of the packed-header blob at header_iova */
	uint64_t header_iova;
	uint64_t qp_map_iova; /* int8 QP offset per macroblock, raster order, pitch qp_map_pitch; 0: none */
	uint32_t qp_map_pitch;
	uint8_t quality; /* 1 best .. caps.quality_levels fastest */
	uint8_t qp; /* of the picture, before qp_map */
	uint8_t qp_min;
	uint8_t qp_max; /* qp_min..51 */
	uint64_t stats_iova; /* struct sl200_mb_stats per macroblock, raster order; 0: none */
	uint64_t reserved;
};
SL200_ASSERT_SIZE(struct sl200_enc_head, 168);

/* A piece of the header blob: whole bytes at offset, the last one used from its top bit down. */
struct sl200_packed_header {
	uint32_t offset;
	uint32_t bits;
};

#define SL200_H264_MAX_REFS 16u
#define SL200_H264_MAX_HEADERS 8u
#define SL200_H264_MAX_SLICES 128u
#define SL200_H264_MIN_DIM 16u
#define SL200_H264_MAX_DIM 8192u
#define SL200_H264_HEADER_BITS_MAX 16384u
/* Of the header blob: the engine buffers all of it. Room for every piece at its largest. */
#define SL200_H264_HEADER_SIZE_MAX \
	((SL200_H264_MAX_HEADERS + SL200_H264_MAX_SLICES) * (SL200_H264_HEADER_BITS_MAX / 8))

enum sl200_h264_slice_type { /* H.264 Table 7-6, modulo 5 */
	SL200_H264_SLICE_P = 0,
	SL200_H264_SLICE_B = 1,
	SL200_H264_SLICE_I = 2,
};

#define SL200_H264_F_CABAC 0x0001u /* entropy_coding_mode_flag */
#define SL200_H264_F_TRANSFORM_8X8 0x0002u /* transform_8x8_mode_flag */
#define SL200_H264_F_CONSTRAINED_INTRA 0x0004u /* constrained_intra_pred_flag */
#define SL200_H264_F_DIRECT_SPATIAL 0x0008u /* direct_spatial_mv_pred_flag */
#define SL200_H264_F_REFERENCE 0x0010u /* nal_ref_idc != 0: the reconstruction is needed */
#define SL200_H264_F_MASK 0x001fu

/*
 * A slice: num_mbs macroblocks from first_mb in raster order. Slices cover the picture in order,
 * without gaps. header is the NAL unit's start code, header byte and slice_header() bits; the
 * remaining fields repeat what those bits say, as the engine does not parse them.
 */
struct sl200_h264_slice {
	uint32_t first_mb;
	uint32_t num_mbs;
	struct sl200_packed_header header;
	uint8_t slice_type;
	int8_t slice_qp; /* 26 + pic_init_qp_minus26 + slice_qp_delta, as in the header */
	uint8_t cabac_init_idc;
	uint8_t disable_deblocking_filter_idc;
	int8_t slice_alpha_c0_offset_div2;
	int8_t slice_beta_offset_div2;
	uint8_t num_ref_idx_l0; /* active; 0 in an I slice */
	uint8_t num_ref_idx_l1;
	uint8_t ref_l0[SL200_H264_MAX_REFS]; /* index into sl200_h264_enc.ref */
	uint8_t ref_l1[SL200_H264_MAX_REFS];
};
SL200_ASSERT_SIZE(struct sl200_h264_slice, 56);

struct sl200_h264_ref {
	struct sl200_surface surface;
	int32_t poc;
	uint32_t flags; /* bit 0: long-term */
};
SL200_ASSERT_SIZE(struct sl200_h264_ref, 56);

/* H.264 encode descriptor: this struct, then num_refs refs, then num_slices slices. */
struct sl200_h264_enc {
	struct sl200_enc_head head; /* head.codec == SL200_CODEC_H264 */
	uint16_t width_mbs;
	uint16_t height_mbs;
	uint16_t flags; /* SL200_H264_F_* */
	int8_t chroma_qp_index_offset; /* -12..12 */
	int8_t second_chroma_qp_index_offset;
	int32_t poc;
	uint8_t num_refs;
	uint8_t num_headers;
	uint16_t num_slices;
	struct sl200_packed_header header[SL200_H264_MAX_HEADERS]; /* NAL units before the first slice */
	uint64_t reserved[2];
};
SL200_ASSERT_SIZE(struct sl200_h264_enc, 264);

#define SL200_H264_ENC_MAX_SIZE                                             \
	(sizeof(struct sl200_h264_enc) +                                    \
	 SL200_H264_MAX_REFS * sizeof(struct sl200_h264_ref) +              \
	 SL200_H264_MAX_SLICES * sizeof(struct sl200_h264_slice))

/* Per-macroblock statistics for rate control and look-ahead. */
struct sl200_mb_stats {
	uint32_t cost; /* rate-distortion cost of the chosen mode, units of the specification */
	uint16_t bits; /* of macroblock_layer(), saturated */
	uint16_t variance; /* of the source luma, divided by 16, saturated */
	int16_t mv[2]; /* quarter samples: of the first partition */
	uint8_t qp;
	uint8_t mb_type; /* 0 skip, 1 inter, 2 intra 4x4, 3 intra 8x8, 4 intra 16x16 */
	uint16_t reserved;
};
SL200_ASSERT_SIZE(struct sl200_mb_stats, 16);

#endif
