// SPDX-License-Identifier: MIT
/* Input of slenc: demuxed and decoded by libavformat and libavcodec, converted by libswscale. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/imgutils.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>

#include "tools/slenc.h"

struct slenc_input {
	const char *name;
	AVFormatContext *format;
	AVCodecContext *codec;
	int stream;
	AVPacket *packet;
	AVFrame *frame;
	struct SwsContext *sws;
	bool drained; /* the decoder has been told that no more packets come */
	bool retime;  /* pts counts pictures */
	bool started;
	uint64_t skip; /* pictures to leave out */
	uint64_t decoded, damaged;
	int64_t first_pts, last_pts;
};

static int fail(const struct slenc_input *in, const char *what, int error)
{
	char text[AV_ERROR_MAX_STRING_SIZE];

	av_strerror(error, text, sizeof(text));
	slenc_error("%s: %s%s%s", in->name, what, *what ? ": " : "", text);
	return -1;
}

static bool ends_with(const char *name, const char *ending)
{
	size_t n = strlen(name), m = strlen(ending);

	return n >= m && strcmp(name + n - m, ending) == 0;
}

/* Raw video says nothing about itself: the options must. */
static int raw_options(const struct slenc_options *o, AVDictionary **options)
{
	char size[32], rate[32];

	if (!o->input_width) {
		slenc_error("%s: raw video needs --input-res WxH", o->input);
		return -1;
	}
	if (!o->fps.num) {
		slenc_error("%s: raw video needs --fps", o->input);
		return -1;
	}
	snprintf(size, sizeof(size), "%dx%d", o->input_width, o->input_height);
	snprintf(rate, sizeof(rate), "%d/%d", o->fps.num, o->fps.den);
	av_dict_set(options, "video_size", size, 0);
	av_dict_set(options, "framerate", rate, 0);
	av_dict_set(options, "pixel_format",
		    o->input_csp && strcmp(o->input_csp, "nv12") == 0 ? "nv12" : "yuv420p", 0);
	return 0;
}

static int open_format(struct slenc_input *in, const struct slenc_options *o)
{
	bool raw = o->input_width || o->input_csp || ends_with(o->input, ".yuv") ||
		   ends_with(o->input, ".nv12");
	AVDictionary *options = NULL;
	int ret = raw ? raw_options(o, &options) : 0;

	if (!ret) {
		ret = avformat_open_input(&in->format, strcmp(o->input, "-") ? o->input : "pipe:0",
					  raw ? av_find_input_format("rawvideo") : NULL, &options);
		if (ret < 0)
			ret = fail(in, "", ret);
	}
	av_dict_free(&options);
	return ret;
}

static int open_codec(struct slenc_input *in)
{
	const AVCodec *decoder;
	int ret = avformat_find_stream_info(in->format, NULL);

	if (ret < 0)
		return fail(in, "", ret);
	in->stream = av_find_best_stream(in->format, AVMEDIA_TYPE_VIDEO, -1, -1, &decoder, 0);
	if (in->stream < 0) {
		slenc_error("%s: no video that can be decoded", in->name);
		return -1;
	}
	in->codec = avcodec_alloc_context3(decoder);
	if (!in->codec)
		return fail(in, "", AVERROR(ENOMEM));
	ret = avcodec_parameters_to_context(in->codec, in->format->streams[in->stream]->codecpar);
	if (ret >= 0) {
		in->codec->thread_count = 0;
		ret = avcodec_open2(in->codec, decoder, NULL);
	}
	return ret < 0 ? fail(in, "", ret) : 0;
}

static uint64_t expected_frames(const struct slenc_input *in, const struct slenc_options *o,
				AVRational fps)
{
	const AVStream *st = in->format->streams[in->stream];
	uint64_t frames = 0;

	if (st->nb_frames > 0)
		frames = (uint64_t)st->nb_frames;
	else if (in->format->duration > 0)
		frames =
			(uint64_t)((double)in->format->duration / AV_TIME_BASE * av_q2d(fps) + 0.5);
	frames = frames > o->seek ? frames - o->seek : 0;
	return o->frames && (!frames || o->frames < frames) ? o->frames : frames;
}

/* Code points of H.273; 2 means unspecified, and so does what H.264 has no room for. */
static uint8_t code_point(int value)
{
	return value > 0 && value < 256 && value != 2 ? (uint8_t)value : 0;
}

/*
 * Whether the pictures will have full range: libswscale makes limited range of RGB and of the
 * full-range formats that are not 4:2:0, and leaves others as they are.
 */
static bool full_range(const AVCodecParameters *par)
{
	const AVPixFmtDescriptor *d = av_pix_fmt_desc_get(par->format);

	if (par->format == AV_PIX_FMT_YUVJ420P)
		return true;
	return d && !(d->flags & AV_PIX_FMT_FLAG_RGB) && strncmp(d->name, "yuvj", 4) != 0 &&
	       par->color_range == AVCOL_RANGE_JPEG;
}

static int describe(struct slenc_input *in, const struct slenc_options *o,
		    struct slenc_source_info *info)
{
	const AVStream *st = in->format->streams[in->stream];
	const AVCodecParameters *par = st->codecpar;
	AVRational fps =
		o->fps.num ? o->fps : av_guess_frame_rate(in->format, (AVStream *)st, NULL);
	AVRational sar = o->sar.num
				 ? o->sar
				 : av_guess_sample_aspect_ratio(in->format, (AVStream *)st, NULL);

	if (par->width <= 0 || par->height <= 0) {
		slenc_error("%s: the video has no size", in->name);
		return -1;
	}
	if (par->width & 1 || par->height & 1) {
		slenc_error("%s: %dx%d: width and height must be even; scale or crop it first",
			    in->name, par->width, par->height);
		return -1;
	}
	if (fps.num <= 0 || fps.den <= 0) {
		slenc_error("%s: the frame rate is not known; give --fps", in->name);
		return -1;
	}
	av_reduce(&sar.num, &sar.den, sar.num, sar.den, UINT16_MAX);
	*info = (struct slenc_source_info){
		.width = (uint32_t)par->width,
		.height = (uint32_t)par->height,
		.format = par->format == AV_PIX_FMT_NV12 ? SL200_FORMAT_NV12 : SL200_FORMAT_I420,
		.fps = fps,
		.sar = sar,
		.time_base = o->fps.num ? av_inv_q(fps) : st->time_base,
		.full_range = o->range >= 0 ? o->range : full_range(par),
		.colour_primaries = code_point(par->color_primaries),
		.transfer_characteristics = code_point(par->color_trc),
		.matrix_coefficients = code_point(par->color_space),
		.frames = expected_frames(in, o, fps),
	};
	in->retime = o->fps.num != 0;
	return 0;
}

int slenc_input_open(const struct slenc_options *o, struct slenc_input **out,
		     struct slenc_source_info *info)
{
	struct slenc_input *in = calloc(1, sizeof(*in));
	int ret = -1;

	if (in) {
		in->name = o->input;
		in->skip = o->seek;
		in->packet = av_packet_alloc();
		in->frame = av_frame_alloc();
	}
	if (!in || !in->packet || !in->frame)
		slenc_error("out of memory");
	else
		ret = open_format(in, o);
	if (!ret)
		ret = open_codec(in);
	if (!ret)
		ret = describe(in, o, info);
	if (ret) {
		slenc_input_close(in);
		return ret;
	}
	*out = in;
	return 0;
}

/* Give the decoder its next packet. */
static int feed(struct slenc_input *in)
{
	int ret;

	do {
		av_packet_unref(in->packet);
		ret = av_read_frame(in->format, in->packet);
	} while (ret >= 0 && in->packet->stream_index != in->stream);
	if (ret == AVERROR_EOF) {
		in->drained = true;
		return avcodec_send_packet(in->codec, NULL);
	}
	if (ret < 0)
		return ret;
	ret = avcodec_send_packet(in->codec, in->packet);
	av_packet_unref(in->packet);
	return ret;
}

/* The next decoded frame: 1, 0 at the end, negative. Damaged ones are left out and counted. */
static int decode(struct slenc_input *in)
{
	for (;;) {
		int ret = avcodec_receive_frame(in->codec, in->frame);

		if (ret == AVERROR_EOF)
			return 0;
		if (ret >= 0) {
			in->decoded++;
			if (!in->skip)
				return 1;
			in->skip--;
			continue;
		}
		if (ret == AVERROR(EAGAIN))
			ret = in->drained ? AVERROR_EOF : feed(in);
		if (ret == AVERROR_EOF)
			return 0;
		if (ret == AVERROR_INVALIDDATA || ret == AVERROR(EINVAL)) {
			char what[64];

			snprintf(what, sizeof(what), "data after picture %llu left out",
				 (unsigned long long)in->decoded);
			in->damaged++;
			fail(in, what, ret);
		} else if (ret < 0) {
			return fail(in, "", ret);
		}
	}
}

static int convert(struct slenc_input *in, uint8_t *const planes[3], const struct sl200_surface *l)
{
	enum AVPixelFormat target =
		l->format == SL200_FORMAT_NV12 ? AV_PIX_FMT_NV12 : AV_PIX_FMT_YUV420P;
	int pitch[3] = {(int)l->pitch[0], (int)l->pitch[1], (int)l->pitch[2]};
	const AVFrame *f = in->frame;
	bool same = f->format == (int)target ||
		    (f->format == AV_PIX_FMT_YUVJ420P && target == AV_PIX_FMT_YUV420P);

	if (same && f->width == l->width && f->height == l->height) {
		for (uint32_t p = 0; p < sl_format_planes(l->format); p++)
			av_image_copy_plane(planes[p], pitch[p], f->data[p], f->linesize[p],
					    (int)sl_format_plane_bytes(l->format, p, l->width),
					    (int)sl_format_plane_rows(l->format, p, l->height));
		return 0;
	}
	in->sws = sws_getCachedContext(in->sws, f->width, f->height, f->format, l->width, l->height,
				       target, SWS_BICUBIC, NULL, NULL, NULL);
	if (!in->sws) {
		slenc_error("%s: no conversion from %s to 4:2:0", in->name,
			    av_get_pix_fmt_name(f->format));
		return -1;
	}
	sws_scale(in->sws, (const uint8_t *const *)f->data, f->linesize, 0, f->height,
		  (uint8_t *const *)planes, pitch);
	return 0;
}

static int64_t timestamp(struct slenc_input *in)
{
	int64_t pts = in->frame->best_effort_timestamp;
	bool first = !in->started;

	in->started = true;

	if (in->retime || pts == AV_NOPTS_VALUE)
		pts = first ? 0 : in->last_pts + 1;
	else if (first)
		in->first_pts = pts;
	if (!in->retime && in->frame->best_effort_timestamp != AV_NOPTS_VALUE)
		pts -= in->first_pts;
	/* Containers want them to rise. */
	if (!first && pts <= in->last_pts)
		pts = in->last_pts + 1;
	in->last_pts = pts;
	return pts;
}

int slenc_input_read(struct slenc_input *in, struct sl_surface *surface, int64_t *pts)
{
	const struct sl200_surface *l = sl_surface_layout(surface);
	uint8_t *base = sl_buffer_map(sl_surface_buffer(surface));
	uint8_t *const planes[3] = {base + l->offset[0], base + l->offset[1], base + l->offset[2]};
	int ret = decode(in);

	if (ret > 0) {
		*pts = timestamp(in);
		ret = convert(in, planes, l) ? -1 : 1;
		av_frame_unref(in->frame);
	}
	return ret;
}

uint64_t slenc_input_damaged(const struct slenc_input *in)
{
	return in->damaged;
}

void slenc_input_close(struct slenc_input *in)
{
	if (!in)
		return;
	sws_freeContext(in->sws);
	av_frame_free(&in->frame);
	av_packet_free(&in->packet);
	avcodec_free_context(&in->codec);
	avformat_close_input(&in->format);
	free(in);
}
