// SPDX-License-Identifier: MIT
/* Encoder sessions: the public functions. encoder_priv.h explains the states of a picture. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "libsl/encoder_priv.h"
#include "libsl/error.h"

static int create_buffers(struct sl_encoder *enc)
{
	uint32_t depth = enc->params.depth;
	/* Half of an uncompressed picture does nearly always, and grows where it does not. */
	uint64_t size = (uint64_t)enc->width_mbs * enc->height_mbs * 192 + 65536;
	int ret = 0;

	enc->num_recon = depth + enc->params.refs;
	enc->pictures = calloc(depth, sizeof(*enc->pictures));
	enc->inputs = calloc(depth, sizeof(*enc->inputs));
	enc->recon = calloc(enc->num_recon, sizeof(struct sl_surface *));
	enc->slices = calloc(enc->params.slices, sizeof(*enc->slices));
	enc->slice_headers = calloc(enc->params.slices, SL_H264_NAL_MAX);
	if (!enc->pictures || !enc->inputs || !enc->recon || !enc->slices || !enc->slice_headers)
		return sl_fail(SL_ERR_NO_MEMORY, "encoder: out of memory");
	for (uint32_t i = 0; !ret && i < depth; i++)
		ret = sl_buffer_create(enc->device, size, SL_MEMORY_HOST,
				       &enc->pictures[i].bitstream);
	for (uint32_t i = 0; !ret && i < enc->num_recon; i++)
		ret = sl_surface_create(enc->device, enc->params.format, enc->width_mbs * 16,
					enc->height_mbs * 16, SL_MEMORY_CARD, &enc->recon[i]);
	return ret;
}

static int create_queue(struct sl_encoder *enc)
{
	struct sl_queue_params params = {.depth = 4};

	/* Room for all pictures and a repeat of each. */
	while (params.depth < 2 * enc->params.depth)
		params.depth *= 2;
	return sl_queue_create(enc->device, &params, &enc->queue);
}

int sl_encoder_create(struct sl_device *device, const struct sl_encoder_params *params,
		      struct sl_encoder **encoder)
{
	struct sl_encoder *enc;
	int ret;

	if (!device || !params || !encoder)
		return sl_fail(SL_ERR_INVALID, "encoder: device, params or encoder is NULL");
	enc = calloc(1, sizeof(*enc));
	if (!enc)
		return sl_fail(SL_ERR_NO_MEMORY, "encoder: out of memory");
	pthread_mutex_init(&enc->lock, NULL);
	enc->device = device;
	enc->need_idr = true;
	ret = enc_check_params(enc, params);
	if (!ret)
		ret = sl_rc_create(&enc->params.rc, &enc->rc);
	if (!ret)
		ret = enc_write_parameter_sets(enc);
	if (!ret)
		ret = create_queue(enc);
	if (!ret)
		ret = create_buffers(enc);
	if (ret) {
		sl_encoder_destroy(enc);
		return ret;
	}
	*encoder = enc;
	return 0;
}

void sl_encoder_destroy(struct sl_encoder *enc)
{
	if (!enc)
		return;
	/* The queue first: after it nothing reads or writes the buffers. */
	if (enc->queue)
		sl_queue_destroy(enc->queue);
	for (uint32_t i = 0; enc->pictures && i < enc->params.depth; i++) {
		sl_buffer_destroy(enc->pictures[i].bitstream);
		sl_buffer_destroy(enc->pictures[i].qp_map);
		free(enc->pictures[i].spill);
	}
	for (uint32_t i = 0; enc->inputs && i < enc->params.depth; i++) {
		if (enc->inputs[i].surface)
			sl_surface_destroy(enc->inputs[i].surface);
	}
	for (uint32_t i = 0; enc->recon && i < enc->num_recon; i++) {
		if (enc->recon[i])
			sl_surface_destroy(enc->recon[i]);
	}
	sl_rc_destroy(enc->rc);
	free(enc->pictures);
	free(enc->inputs);
	free(enc->recon);
	free(enc->slices);
	free(enc->slice_headers);
	free(enc->headers);
	pthread_mutex_destroy(&enc->lock);
	free(enc);
}

const uint8_t *sl_encoder_headers(const struct sl_encoder *enc, size_t *size)
{
	*size = enc->headers_size;
	return enc->headers;
}

static bool slot_free(const struct sl_encoder *enc)
{
	return enc_slot(enc, enc->submitted)->state == ENC_FREE;
}

static int full(void)
{
	return sl_fail(SL_ERR_AGAIN, "encoder: all pictures are in flight or held as packets");
}

int sl_encoder_acquire(struct sl_encoder *enc, struct sl_surface **surface)
{
	struct enc_input *input = NULL;
	int ret = 0;

	pthread_mutex_lock(&enc->lock);
	for (uint32_t i = 0; slot_free(enc) && !input && i < enc->params.depth; i++) {
		if (!enc->inputs[i].taken)
			input = &enc->inputs[i];
	}
	if (!input)
		ret = full();
	else if (!input->surface)
		ret = sl_surface_create(enc->device, enc->params.format, enc->params.width,
					enc->params.height, SL_MEMORY_HOST, &input->surface);
	if (!ret) {
		input->taken = true;
		*surface = input->surface;
	}
	pthread_mutex_unlock(&enc->lock);
	return ret;
}

static void return_input(struct sl_encoder *enc, const struct sl_surface *surface)
{
	for (uint32_t i = 0; i < enc->params.depth; i++) {
		if (enc->inputs[i].surface == surface)
			enc->inputs[i].taken = false;
	}
}

static int check_surface(const struct sl_encoder *enc, const struct sl_surface *surface)
{
	const struct sl200_surface *layout;

	if (!surface)
		return sl_fail(SL_ERR_INVALID, "encoder: surface is NULL");
	layout = sl_surface_layout(surface);
	if (layout->width != enc->params.width || layout->height != enc->params.height)
		return sl_fail(SL_ERR_INVALID,
			       "encoder: surface is %ux%u, the session's pictures are %ux%u",
			       layout->width, layout->height, enc->params.width,
			       enc->params.height);
	if (layout->format > 31 || !(enc->caps->formats >> layout->format & 1))
		return sl_fail(SL_ERR_UNSUPPORTED, "encoder: surface has format %u",
			       layout->format);
	return 0;
}

/*
 * Wait for what must be known before the next picture's QP is chosen: all but SL_RC_DELAY pictures
 * when there is a rate to keep, and all where an HRD's buffering period begins.
 */
static int wait_feedback(struct sl_encoder *enc, bool force_idr)
{
	uint64_t delay = SL_RC_DELAY;
	uint32_t gop = enc->params.gop_size;

	if (enc->params.rc.mode == SL_RC_CQP)
		return 0;
	if (enc->params.nal_hrd &&
	    (force_idr || enc->need_idr || (gop && enc->since_idr + 1 >= gop)))
		delay = 0;
	return enc->submitted <= delay ? 0 : enc_wait_settled(enc, enc->submitted - delay, -1);
}

static int submit(struct sl_encoder *enc, struct sl_surface *surface,
		  const struct sl_encode_options *options)
{
	struct enc_picture *pic = enc_slot(enc, enc->submitted);
	bool force_idr = options && options->flags & SL_ENCODE_IDR;
	int ret = check_surface(enc, surface);

	if (ret)
		return ret;
	if (options && options->flags & ~SL_ENCODE_IDR)
		return sl_fail(SL_ERR_INVALID, "encoder: options.flags 0x%x", options->flags);
	if (enc->flushed)
		return sl_fail(SL_ERR_INVALID, "encoder: submitted after a flush");
	if (!slot_free(enc))
		return full();
	ret = wait_feedback(enc, force_idr);
	if (ret || enc->fatal)
		return sl_fail(enc->fatal ? enc->fatal : ret, "encoder: the session has ended: %s",
			       sl_strerror(enc->fatal ? enc->fatal : ret));
	ret = enc_set_roi(enc, pic, options ? options->roi : NULL, options ? options->num_roi : 0);
	if (ret)
		return ret;
	pic->number = enc->submitted;
	pic->source = surface;
	pic->pts = options ? options->pts : (int64_t)pic->number;
	pic->force_idr = force_idr;
	pic->attempts = 0;
	pic->filler = 0;
	pic->result = 0;
	enc_plan(enc, pic);
	ret = enc_start(enc, pic);
	if (ret) {
		/* The stream's numbers have moved on; an IDR picture sets them anew. */
		sl_rc_cancel(enc->rc, (unsigned int)(enc->submitted - enc->settled));
		enc->need_idr = true;
		if (ret == SL_ERR_FAULT || ret == SL_ERR_LOST)
			enc_end_session(enc, ret);
		return ret;
	}
	pic->state = ENC_IN_FLIGHT;
	enc->submitted++;
	return 0;
}

int sl_encoder_submit(struct sl_encoder *enc, struct sl_surface *surface,
		      const struct sl_encode_options *options)
{
	int ret;

	pthread_mutex_lock(&enc->lock);
	ret = submit(enc, surface, options);
	pthread_mutex_unlock(&enc->lock);
	return ret;
}

int sl_encoder_flush(struct sl_encoder *enc)
{
	pthread_mutex_lock(&enc->lock);
	enc->flushed = true;
	pthread_mutex_unlock(&enc->lock);
	return 0;
}

static int deliver(struct sl_encoder *enc, struct sl_packet *packet)
{
	struct enc_picture *pic = enc_slot(enc, enc->delivered++);

	return_input(enc, pic->source);
	if (pic->result) {
		pic->state = ENC_FREE;
		return sl_fail(pic->result, "%s", pic->error);
	}
	pic->state = ENC_HELD;
	*packet = (struct sl_packet){
		.data = pic->data,
		.size = pic->size,
		.number = pic->number,
		.pts = pic->pts,
		.dts = pic->pts,
		.idr = pic->idr,
		.qp = pic->qp,
		.attempts = pic->attempts,
		.filler = pic->filler,
		.recon = enc_recon(enc, pic->number),
		.completion = pic->completion,
	};
	return 0;
}

static int64_t deadline(int64_t timeout_ns)
{
	struct timespec t;
	int64_t now;

	if (timeout_ns < 0)
		return -1;
	clock_gettime(CLOCK_MONOTONIC, &t);
	now = t.tv_sec * 1000000000ll + t.tv_nsec;
	return timeout_ns > INT64_MAX - now ? -1 : now + timeout_ns;
}

int sl_encoder_receive(struct sl_encoder *enc, int64_t timeout_ns, struct sl_packet *packet)
{
	int ret = 0;

	pthread_mutex_lock(&enc->lock);
	if (enc->delivered == enc->submitted) {
		ret = enc->fatal ? enc->fatal : enc->flushed ? SL_ERR_END : SL_ERR_AGAIN;
		sl_fail(ret, "encoder: no picture is in flight");
	} else {
		ret = enc_wait_settled(enc, enc->delivered + 1, deadline(timeout_ns));
		if (enc->settled > enc->delivered)
			ret = deliver(enc, packet);
		else if (ret == SL_ERR_TIMEOUT)
			sl_fail(ret, "encoder: picture %llu is not complete yet",
				(unsigned long long)enc->delivered);
	}
	pthread_mutex_unlock(&enc->lock);
	return ret;
}

void sl_encoder_release(struct sl_encoder *enc, const struct sl_packet *packet)
{
	struct enc_picture *pic;

	pthread_mutex_lock(&enc->lock);
	pic = enc_slot(enc, packet->number);
	if (pic->state == ENC_HELD && pic->number == packet->number)
		pic->state = ENC_FREE;
	pthread_mutex_unlock(&enc->lock);
}

int sl_encoder_set_rate(struct sl_encoder *enc, const struct sl_rc_params *params)
{
	struct sl_rc_params rc = *params;
	int ret;

	if (enc->params.nal_hrd)
		return sl_fail(SL_ERR_INVALID,
			       "encoder: the rate of a stream with nal_hrd is fixed");
	enc_complete_rc(enc, &rc);
	pthread_mutex_lock(&enc->lock);
	/* Pictures that were begun without a rate must not be measured by one. */
	ret = enc->params.rc.mode == SL_RC_CQP ? enc_wait_settled(enc, enc->submitted, -1) : 0;
	if (!ret)
		ret = sl_rc_update(enc->rc, &rc);
	if (!ret)
		enc->params.rc = rc;
	pthread_mutex_unlock(&enc->lock);
	return ret;
}
