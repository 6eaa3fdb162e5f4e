// SPDX-License-Identifier: MIT
/*
 * Pictures of an encoder session between submission and packet: completions in coding order, rate
 * control feedback, repeats, and recovery from failed jobs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "libsl/encoder_priv.h"
#include "libsl/error.h"

#define NAL_FILLER 12

int enc_start(struct sl_encoder *enc, struct enc_picture *pic)
{
	struct sl_rc_decision decision;

	sl_rc_begin(enc->rc, pic->idr ? SL_RC_I : SL_RC_P, &decision);
	pic->qp = decision.qp;
	return enc_send(enc, pic);
}

void enc_end_session(struct sl_encoder *enc, int result)
{
	enc->fatal = result;
	for (; enc->settled < enc->submitted; enc->settled++) {
		struct enc_picture *pic = enc_slot(enc, enc->settled);

		pic->state = ENC_SETTLED;
		pic->result = result;
		snprintf(pic->error, sizeof(pic->error), "encoder: picture %llu: %.200s",
			 (unsigned long long)pic->number, sl_strerror(result));
	}
}

/* Code the pictures after this one again; replan them when it is gone. */
static int restart_after(struct sl_encoder *enc, uint64_t number, bool replan)
{
	for (uint64_t n = number + 1; n < enc->submitted; n++) {
		struct enc_picture *pic = enc_slot(enc, n);
		int ret;

		if (replan)
			enc_plan(enc, pic);
		ret = enc_start(enc, pic);
		if (ret)
			return ret;
	}
	return 0;
}

/* Code this picture again, at pic->qp and into pic->bitstream. */
static int repeat(struct sl_encoder *enc, struct enc_picture *pic)
{
	int ret;

	sl_rc_cancel(enc->rc, 1);
	ret = enc_send(enc, pic);
	return ret ? ret : restart_after(enc, pic->number, false);
}

/* Append filler data NAL unit (H.264 7.3.2.7) of this many bytes, start code included. */
static int append_filler(struct enc_picture *pic, uint32_t bytes)
{
	uint8_t *out = sl_buffer_map(pic->bitstream);

	if (pic->size + bytes > sl_buffer_size(pic->bitstream)) {
		uint8_t *spill = realloc(pic->spill, pic->size + bytes);

		if (!spill)
			return SL_ERR_NO_MEMORY;
		memcpy(spill, out, pic->size);
		pic->spill = spill;
		pic->data = out = spill;
	}
	out += pic->size;
	memcpy(out, (const uint8_t[]){0, 0, 0, 1, NAL_FILLER}, 5);
	memset(out + 5, 0xff, bytes - 6);
	out[bytes - 1] = 0x80;
	pic->size += bytes;
	pic->filler = bytes;
	return 0;
}

static void fail_picture(struct enc_picture *pic, int result, const char *why)
{
	pic->result = result;
	snprintf(pic->error, sizeof(pic->error), "encoder: picture %llu: %s",
		 (unsigned long long)pic->number, why);
}

/* A job failed: its picture is lost, and the next one starts anew. */
static int settle_failed(struct sl_encoder *enc, struct enc_picture *pic, int result,
			 const char *why)
{
	fail_picture(pic, result, why);
	sl_rc_cancel(enc->rc, 1);
	sl_rc_end(enc->rc, 0, 0);
	enc->need_idr = true;
	pic->state = ENC_SETTLED;
	enc->settled++;
	return restart_after(enc, pic->number, true);
}

static int settle_good(struct sl_encoder *enc, struct enc_picture *pic)
{
	const struct sl_completion *c = &pic->completion;
	double mbs = (double)enc->width_mbs * enc->height_mbs;
	double mean_qp = (double)c->result.sum_qp / mbs;
	uint64_t bits = 8ull * c->bytes;
	struct sl_rc_decision decision;
	uint64_t filler;

	if (sl_rc_retry(enc->rc, bits, mean_qp, &decision)) {
		pic->qp = decision.qp;
		return repeat(enc, pic);
	}
	sl_rc_end(enc->rc, bits, mean_qp);
	pic->data = sl_buffer_map(pic->bitstream);
	pic->size = c->bytes;
	filler = sl_rc_filler_bits(enc->rc);
	if (filler && append_filler(pic, (uint32_t)(filler / 8)))
		fail_picture(pic, SL_ERR_NO_MEMORY, "no memory for filler data");
	pic->state = ENC_SETTLED;
	enc->settled++;
	return 0;
}

/* The bitstream buffer was too small: once more with one that no picture exceeds. */
static int settle_overflow(struct sl_encoder *enc, struct enc_picture *pic)
{
	struct sl_buffer *larger;

	if (sl_buffer_size(pic->bitstream) >= enc->bitstream_max)
		return settle_failed(enc, pic, SL_ERR_OVERFLOW, "larger than any picture may be");
	if (sl_buffer_create(enc->device, enc->bitstream_max, SL_MEMORY_HOST, &larger))
		return settle_failed(enc, pic, SL_ERR_NO_MEMORY, "no memory for its bitstream");
	sl_buffer_destroy(pic->bitstream);
	pic->bitstream = larger;
	return repeat(enc, pic);
}

/* Returns whether a completed job was dealt with. */
static bool settle_next(struct sl_encoder *enc)
{
	struct enc_picture *pic;
	int ret;

	if (enc->fatal || enc->settled == enc->submitted)
		return false;
	pic = enc_slot(enc, enc->settled);
	ret = sl_queue_wait(enc->queue, pic->seqno, 0, &pic->completion);
	if (ret == SL_ERR_TIMEOUT)
		return false;
	if (!ret) {
		uint16_t status = pic->completion.status;

		if (status == SL200_STATUS_OK) {
			ret = settle_good(enc, pic);
		} else if (status == SL200_STATUS_OVERFLOW) {
			ret = settle_overflow(enc, pic);
		} else if (sl_status_result(status) == SL_ERR_FAULT) {
			ret = SL_ERR_FAULT;
		} else {
			char why[128];

			snprintf(why, sizeof(why), "%s (detail %u)", sl_status_string(status),
				 pic->completion.detail);
			ret = settle_failed(enc, pic, SL_ERR_JOB, why);
		}
	}
	if (ret)
		enc_end_session(enc, ret);
	return true;
}

void enc_settle(struct sl_encoder *enc)
{
	while (settle_next(enc))
		;
}

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ll + t.tv_nsec;
}

int enc_wait_settled(struct sl_encoder *enc, uint64_t count, int64_t deadline_ns)
{
	for (;;) {
		int64_t left = SL_WAIT_FOREVER;
		uint64_t seqno;

		enc_settle(enc);
		if (enc->settled >= count)
			return 0;
		if (enc->fatal)
			return enc->fatal;
		if (deadline_ns >= 0) {
			left = deadline_ns - now_ns();
			if (left <= 0)
				return SL_ERR_TIMEOUT;
		}
		/*
		 * What the wait returns does not matter: another thread may have settled the
		 * picture, or sent it again, since.
		 */
		seqno = enc_slot(enc, enc->settled)->seqno;
		pthread_mutex_unlock(&enc->lock);
		(void)sl_queue_wait(enc->queue, seqno, left, NULL);
		pthread_mutex_lock(&enc->lock);
	}
}

static int32_t clip_mb(int64_t samples, uint32_t mbs)
{
	int64_t mb = samples < 0 ? 0 : samples / 16;

	return mb > mbs ? (int32_t)mbs : (int32_t)mb;
}

int enc_set_roi(struct sl_encoder *enc, struct enc_picture *pic, const struct sl_roi *roi,
		uint32_t num_roi)
{
	size_t size = (size_t)enc->qp_map_pitch * enc->height_mbs;
	int8_t *map;

	for (uint32_t i = 0; i < num_roi; i++) {
		if (roi[i].width <= 0 || roi[i].height <= 0 || roi[i].qp_offset < -51 ||
		    roi[i].qp_offset > 51)
			return sl_fail(SL_ERR_INVALID,
				       "encoder: roi %u: %dx%d, qp_offset %d is out of range", i,
				       roi[i].width, roi[i].height, roi[i].qp_offset);
	}
	pic->use_qp_map = num_roi > 0;
	if (!num_roi)
		return 0;
	if (!pic->qp_map) {
		int ret = sl_buffer_create(enc->device, size, SL_MEMORY_HOST, &pic->qp_map);

		if (ret)
			return ret;
	}
	map = sl_buffer_map(pic->qp_map);
	memset(map, 0, size);
	/* Backwards, so that earlier regions win; a region takes every macroblock it touches. */
	for (uint32_t i = num_roi; i-- > 0;) {
		int32_t x0 = clip_mb(roi[i].x, enc->width_mbs);
		int32_t x1 = clip_mb((int64_t)roi[i].x + roi[i].width + 15, enc->width_mbs);
		int32_t y0 = clip_mb(roi[i].y, enc->height_mbs);
		int32_t y1 = clip_mb((int64_t)roi[i].y + roi[i].height + 15, enc->height_mbs);

		for (int32_t y = y0; y < y1 && x0 < x1; y++)
			memset(map + (size_t)y * enc->qp_map_pitch + x0, roi[i].qp_offset,
			       (size_t)(x1 - x0));
	}
	return 0;
}
