// SPDX-License-Identifier: MIT
/* Picture jobs: one that works, and descriptors that must not. */
#include <stdlib.h>
#include <string.h>

#include "tests/stack/stack.h"

#define WIDTH 176
#define HEIGHT 144
#define MBS_X 11
#define MBS_Y 9
#define OUTPUT (256u << 10)

/* All that one intra picture needs. */
struct fixture {
	struct sl_device *device;
	struct sl_queue *queue;
	struct sl_surface *source, *recon;
	struct sl_buffer *output;
	uint8_t sps[SL_H264_NAL_MAX], pps[SL_H264_NAL_MAX], slice_header[SL_H264_NAL_MAX];
	struct sl_h264_nal headers[2];
	struct sl_h264_slice_job slice[2];
	struct sl_h264_picture picture;
};

static void make_headers(struct fixture *f)
{
	struct sl_h264_sps sps = {
		.profile_idc = 77,
		.level_idc = 30,
		.pic_order_cnt_type = 2,
		.max_num_ref_frames = 1,
		.pic_width_in_mbs = MBS_X,
		.pic_height_in_map_units = MBS_Y,
		.direct_8x8_inference_flag = 1,
	};
	struct sl_h264_pps pps = {
		.entropy_coding_mode_flag = 1,
		.deblocking_filter_control_present_flag = 1,
	};
	struct sl_h264_slice_header slice = {
		.nal_ref_idc = 3,
		.idr = 1,
		.slice_type = SL200_H264_SLICE_I,
	};

	f->headers[0] = (struct sl_h264_nal){f->sps, (uint32_t)sl_h264_write_sps(&sps, f->sps)};
	f->headers[1] =
		(struct sl_h264_nal){f->pps, (uint32_t)sl_h264_write_pps(&pps, &sps, f->pps)};
	f->slice[0] = (struct sl_h264_slice_job){
		.slice = {.num_mbs = MBS_X * MBS_Y,
			  .slice_type = SL200_H264_SLICE_I,
			  .slice_qp = 26},
		.nal = {f->slice_header,
			(uint32_t)sl_h264_write_slice_header(&slice, &sps, &pps, f->slice_header)},
	};
}

static void make_picture(struct fixture *f)
{
	make_headers(f);
	f->picture = (struct sl_h264_picture){
		.source = f->source,
		.recon = f->recon,
		.width_mbs = MBS_X,
		.height_mbs = MBS_Y,
		.flags = SL200_H264_F_CABAC | SL200_H264_F_REFERENCE,
		.qp = 26,
		.qp_max = 51,
		.bitstream = f->output,
		.bitstream_size = OUTPUT,
		.headers = f->headers,
		.num_headers = 2,
		.slices = f->slice,
		.num_slices = 1,
	};
}

static void setup(struct fixture *f)
{
	unsigned int seed = 5;

	memset(f, 0, sizeof(*f));
	f->device = stack_open();
	CU_ASSERT_OK(sl_queue_create(f->device, NULL, &f->queue));
	CU_ASSERT_OK(sl_surface_create(f->device, SL200_FORMAT_NV12, WIDTH, HEIGHT, SL_MEMORY_HOST,
				       &f->source));
	CU_ASSERT_OK(sl_surface_create(f->device, SL200_FORMAT_NV12, WIDTH, HEIGHT, SL_MEMORY_CARD,
				       &f->recon));
	CU_ASSERT_OK(sl_buffer_create(f->device, OUTPUT, SL_MEMORY_HOST, &f->output));
	stack_random(sl_buffer_map(sl_surface_buffer(f->source)),
		     sl_surface_layout(f->source)->size, &seed);
	make_picture(f);
}

/* Encode; the completion's status. */
static int encode(struct fixture *f, struct sl_completion *completion)
{
	uint64_t seqno;

	memset(completion, 0xff, sizeof(*completion));
	CU_ASSERT_OK(sl_queue_encode_h264(f->queue, &f->picture, NULL, &seqno));
	CU_ASSERT_OK(sl_queue_wait(f->queue, seqno, PATIENCE, completion));
	return completion->status;
}

static void assert_encodes(struct fixture *f)
{
	struct sl_completion completion;

	make_picture(f);
	CU_ASSERT_EQUAL(encode(f, &completion), SL200_STATUS_OK);
	CU_ASSERT_TRUE(completion.bytes > 1000);
}

static void test_encode(void)
{
	struct sl_completion first, second;
	struct fixture f;
	const uint8_t *data;
	int i;

	setup(&f);
	CU_ASSERT_EQUAL(encode(&f, &first), SL200_STATUS_OK);
	CU_ASSERT_EQUAL(first.result.bytes, first.bytes);
	CU_ASSERT_EQUAL(first.result.crc_bitstream, first.crc_bitstream);
	CU_ASSERT_EQUAL(first.result.crc_recon, first.crc_recon);
	CU_ASSERT_EQUAL(first.result.slices, 1);
	CU_ASSERT_EQUAL(first.result.intra_mbs, MBS_X * MBS_Y);
	CU_ASSERT_EQUAL(first.result.sum_qp, 26 * MBS_X * MBS_Y);
	CU_ASSERT_TRUE(first.result.sse[0] > 0 && first.result.end_ns > first.result.start_ns);
	data = sl_buffer_map(f.output);
	CU_ASSERT_EQUAL(memcmp(data, "\0\0\0\1\x67", 5), 0);
	/* The same input makes the same bytes. */
	CU_ASSERT_EQUAL(encode(&f, &second), SL200_STATUS_OK);
	CU_ASSERT_EQUAL(second.crc_bitstream, first.crc_bitstream);
	CU_ASSERT_EQUAL(second.crc_recon, first.crc_recon);
	/* More jobs than slots for their descriptors. */
	for (i = 0; i < 80; i++) {
		uint64_t seqno;
		int ret;

		while ((ret = sl_queue_encode_h264(f.queue, &f.picture, NULL, &seqno)) ==
		       SL_ERR_AGAIN)
			CU_ASSERT_OK(sl_queue_wait_idle(f.queue, PATIENCE));
		CU_ASSERT_OK(ret);
	}
	CU_ASSERT_OK(sl_queue_wait_idle(f.queue, PATIENCE));
	CU_ASSERT_OK(sl_queue_wait(f.queue, 82, 0, &second));
	CU_ASSERT_EQUAL(second.crc_bitstream, first.crc_bitstream);
	sl_device_close(f.device);
}

/* Packed headers that outgrow the usual slot, while smaller jobs are in flight. */
static void test_large_headers(void)
{
	struct sl_completion completion;
	uint8_t sei[2000];
	struct sl_h264_nal headers[8];
	struct fixture f;
	uint64_t first;
	int i;

	setup(&f);
	memset(sei, 0x33, sizeof(sei));
	memcpy(sei, "\0\0\0\1\x06", 5);
	headers[0] = f.headers[0];
	headers[1] = f.headers[1];
	for (i = 2; i < 8; i++)
		headers[i] = (struct sl_h264_nal){sei, sizeof(sei) * 8};
	CU_ASSERT_OK(sl_queue_encode_h264(f.queue, &f.picture, NULL, &first));
	f.picture.headers = headers;
	f.picture.num_headers = 8;
	CU_ASSERT_EQUAL(encode(&f, &completion), SL200_STATUS_OK);
	CU_ASSERT_TRUE(completion.bytes > 6 * sizeof(sei));
	CU_ASSERT_EQUAL(stack_wait_status(f.queue, first), SL200_STATUS_OK);
	assert_encodes(&f);
	sl_device_close(f.device);
}

/* Refused before anything is submitted: what the library could not even describe. */
static void test_refused(void)
{
	struct sl_job_options options = {.flags = 0x80};
	struct sl_h264_nal none = {NULL, 8}, empty, huge;
	struct fixture f;
	size_t i;

	setup(&f);
	empty = (struct sl_h264_nal){f.sps, 0};
	huge = (struct sl_h264_nal){f.sps, 0xffffffff};
#define REFUSED(change)                                                                            \
	do {                                                                                       \
		make_picture(&f);                                                                  \
		change;                                                                            \
		CU_ASSERT_EQUAL(sl_queue_encode_h264(f.queue, &f.picture, NULL, NULL),             \
				SL_ERR_INVALID);                                                   \
	} while (0)
	REFUSED(f.picture.source = NULL);
	REFUSED(f.picture.recon = NULL);
	REFUSED(f.picture.bitstream = NULL);
	REFUSED(f.picture.slices = NULL);
	REFUSED(f.picture.num_slices = 0);
	REFUSED(f.picture.num_slices = SL200_H264_MAX_SLICES + 1);
	REFUSED(f.picture.num_refs = SL200_H264_MAX_REFS + 1);
	REFUSED(f.picture.num_refs = 1);
	REFUSED(f.picture.num_headers = SL200_H264_MAX_HEADERS + 1);
	REFUSED(f.picture.headers = NULL);
	REFUSED(f.picture.bitstream_size = OUTPUT + 1);
	REFUSED(f.picture.bitstream_offset = 1);
	REFUSED(f.picture.bitstream_offset = 0xffffffff);
	REFUSED(f.picture.qp_map = f.output; f.picture.qp_map_pitch = OUTPUT);
	REFUSED(f.picture.qp_map = f.output; f.picture.qp_map_offset = 0xffffffff);
	REFUSED(f.picture.stats = f.output; f.picture.width_mbs = 512; f.picture.height_mbs = 512);
	for (i = 0; i < 3; i++) {
		REFUSED(f.headers[1] = i == 0 ? none : i == 1 ? empty : huge);
		REFUSED(f.slice[0].nal = i == 0 ? none : i == 1 ? empty : huge);
	}
	make_picture(&f);
	CU_ASSERT_EQUAL(sl_queue_encode_h264(f.queue, &f.picture, &options, NULL), SL_ERR_INVALID);
	assert_encodes(&f);
	sl_device_close(f.device);
}

/* Refused by the card, with the status and without harm to the queue. */
static void test_bad_descriptors(void)
{
	struct sl_completion completion;
	struct sl_surface *small;
	struct fixture f;

	setup(&f);
	CU_ASSERT_OK(
		sl_surface_create(f.device, SL200_FORMAT_NV12, 64, 64, SL_MEMORY_CARD, &small));
#define BAD(change)                                                                                \
	do {                                                                                       \
		make_picture(&f);                                                                  \
		change;                                                                            \
		encode(&f, &completion);                                                           \
		CU_ASSERT(completion.status == SL200_STATUS_INVALID_DESC ||                        \
			  completion.status == SL200_STATUS_UNSUPPORTED);                          \
		CU_ASSERT_EQUAL(completion.bytes, 0);                                              \
		CU_ASSERT_TRUE(completion.detail < SL200_H264_ENC_MAX_SIZE);                       \
	} while (0)
	BAD(f.picture.width_mbs = 0);
	BAD(f.picture.width_mbs = MBS_X + 1);
	BAD(f.picture.height_mbs = 65535);
	BAD(f.picture.recon = f.source);
	BAD(f.picture.recon = small);
	BAD(f.picture.source = small);
	BAD(f.picture.bitstream = sl_surface_buffer(f.recon); f.picture.bitstream_size = 4096);
	BAD(f.picture.bitstream = sl_surface_buffer(f.source); f.picture.bitstream_size = 4096;
	    f.picture.recon = f.source);
	BAD(f.picture.flags |= 0x8000);
	BAD(f.picture.qp = 52);
	BAD(f.picture.qp_min = 40; f.picture.qp_max = 20);
	BAD(f.picture.qp_max = 52);
	BAD(f.picture.quality = 255);
	BAD(f.picture.chroma_qp_index_offset = 13);
	BAD(f.slice[0].slice.first_mb = 1);
	BAD(f.slice[0].slice.num_mbs--);
	BAD(f.slice[0].slice.num_mbs = 0xffffffff);
	BAD(f.slice[0].slice.slice_type = 7);
	BAD(f.slice[0].slice.slice_qp = 60);
	BAD(f.slice[0].slice.cabac_init_idc = 3);
	BAD(f.slice[0].slice.disable_deblocking_filter_idc = 3);
	BAD(f.slice[0].slice.slice_alpha_c0_offset_div2 = 7);
	BAD(f.slice[0].slice.slice_type = SL200_H264_SLICE_P; f.slice[0].slice.num_ref_idx_l0 = 1);
	BAD(f.slice[0].slice.num_ref_idx_l0 = 17);
	BAD(f.slice[1] = f.slice[0]; f.picture.num_slices = 2);
	BAD(f.picture.qp_map = f.output; f.picture.qp_map_pitch = 1);
	assert_encodes(&f);
	sl_device_close(f.device);
	stack_assert_healthy();
}

/* Too small an output buffer: an error, and not a byte past its end. */
static void test_overflow(void)
{
	struct sl_completion completion;
	struct fixture f;
	uint8_t *data;
	uint32_t size, whole, i, touched;

	setup(&f);
	CU_ASSERT_EQUAL(encode(&f, &completion), SL200_STATUS_OK);
	whole = completion.bytes;
	data = sl_buffer_map(f.output);
	for (size = 1; size < whole; size = size * 3 + 5) {
		make_picture(&f);
		memset(data, 0xa5, OUTPUT);
		f.picture.bitstream_offset = 4096;
		f.picture.bitstream_size = size;
		CU_ASSERT_EQUAL(encode(&f, &completion), SL200_STATUS_OVERFLOW);
		CU_ASSERT_TRUE(completion.bytes <= size);
		CU_ASSERT_EQUAL(sl_status_result(completion.status), SL_ERR_OVERFLOW);
		for (i = touched = 0; i < OUTPUT; i++)
			touched += (i < 4096 || i >= 4096 + size) && data[i] != 0xa5;
		CU_ASSERT_EQUAL(touched, 0);
	}
	f.picture.bitstream_size = whole - 1;
	CU_ASSERT_EQUAL(encode(&f, &completion), SL200_STATUS_OVERFLOW);
	f.picture.bitstream_size = whole;
	CU_ASSERT_EQUAL(encode(&f, &completion), SL200_STATUS_OK);
	CU_ASSERT_EQUAL(completion.bytes, whole);
	sl_device_close(f.device);
	stack_assert_healthy();
}

/* A surface of another client is not there; the fault stops the queue that named it alone. */
static void test_foreign_surface(void)
{
	struct sl_completion completion;
	struct sl_surface *foreign;
	struct sl_device *other;
	struct sl_queue *queue;
	struct fixture f;
	uint64_t seqno;

	setup(&f);
	other = stack_open();
	CU_ASSERT_OK(sl_surface_create(other, SL200_FORMAT_NV12, WIDTH, HEIGHT, SL_MEMORY_CARD,
				       &foreign));
	CU_ASSERT_OK(sl_queue_create(f.device, NULL, &queue));
	f.picture.source = foreign;
	CU_ASSERT_EQUAL(encode(&f, &completion), SL200_STATUS_MMU_FAULT);
	CU_ASSERT_EQUAL(sl_queue_encode_h264(f.queue, &f.picture, NULL, NULL), SL_ERR_FAULT);
	make_picture(&f);
	CU_ASSERT_OK(sl_queue_encode_h264(queue, &f.picture, NULL, &seqno));
	CU_ASSERT_EQUAL(stack_wait_status(queue, seqno), SL200_STATUS_OK);
	sl_device_close(other);
	sl_device_close(f.device);
	stack_assert_healthy();
}

int main(void)
{
	CU_TestInfo tests[] = {
		{"a picture", test_encode},
		{"large packed headers", test_large_headers},
		{"refused by the library", test_refused},
		{"refused by the card", test_bad_descriptors},
		{"output buffer too small", test_overflow},
		{"another client's surface", test_foreign_surface},
		CU_TEST_INFO_NULL,
	};

	return stack_run_encoder("h264", tests);
}
