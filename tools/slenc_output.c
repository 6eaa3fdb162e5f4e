// SPDX-License-Identifier: MIT
/* Output of slenc: a raw Annex B stream, or a container by libavformat. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>

#include "tools/slenc.h"

struct slenc_output {
	const char *name;
	uint64_t written;	 /* pictures */
	FILE *file;		 /* Annex B */
	AVFormatContext *format; /* container */
	AVPacket *packet;
	AVRational time_base; /* of the pictures' pts */
	int64_t duration;     /* of a picture, in time_base */
	bool header_written;
	bool failed; /* and said so */
};

static int fail(struct slenc_output *out, const char *why)
{
	if (out->failed)
		return -1;
	out->failed = true;
	slenc_error("%s: %s; the file is incomplete (%llu pictures)", out->name, why,
		    (unsigned long long)out->written);
	return -1;
}

static int fail_av(struct slenc_output *out, int error)
{
	char text[AV_ERROR_MAX_STRING_SIZE];

	av_strerror(error, text, sizeof(text));
	return fail(out, text);
}

static bool is_container(const char *path)
{
	static const char *const endings[] = {".mp4", ".m4v", ".mov", ".mkv"};
	const char *dot = strrchr(path, '.');

	for (size_t i = 0; dot && i < sizeof(endings) / sizeof(endings[0]); i++) {
		if (strcmp(dot, endings[i]) == 0)
			return true;
	}
	return false;
}

static int add_stream(struct slenc_output *out, const struct slenc_source_info *info,
		      const uint8_t *headers, size_t headers_size)
{
	AVStream *st = avformat_new_stream(out->format, NULL);

	if (!st)
		return AVERROR(ENOMEM);
	st->time_base = info->time_base;
	st->avg_frame_rate = info->fps;
	if (info->sar.num)
		st->sample_aspect_ratio = st->codecpar->sample_aspect_ratio = info->sar;
	st->codecpar->codec_type = AVMEDIA_TYPE_VIDEO;
	st->codecpar->codec_id = AV_CODEC_ID_H264;
	st->codecpar->width = (int)info->width;
	st->codecpar->height = (int)info->height;
	st->codecpar->extradata = av_mallocz(headers_size + AV_INPUT_BUFFER_PADDING_SIZE);
	if (!st->codecpar->extradata)
		return AVERROR(ENOMEM);
	memcpy(st->codecpar->extradata, headers, headers_size);
	st->codecpar->extradata_size = (int)headers_size;
	return 0;
}

static int open_container(struct slenc_output *out, const struct slenc_source_info *info,
			  const uint8_t *headers, size_t headers_size)
{
	int ret = avformat_alloc_output_context2(&out->format, NULL, NULL, out->name);

	out->time_base = info->time_base;
	out->duration = av_rescale_q(1, av_inv_q(info->fps), info->time_base);
	out->packet = av_packet_alloc();
	if (ret >= 0 && !out->packet)
		ret = AVERROR(ENOMEM);
	if (ret >= 0)
		ret = add_stream(out, info, headers, headers_size);
	if (ret >= 0)
		ret = avio_open(&out->format->pb, out->name, AVIO_FLAG_WRITE);
	if (ret >= 0)
		ret = avformat_write_header(out->format, NULL);
	if (ret < 0)
		return fail_av(out, ret);
	out->header_written = true;
	return 0;
}

static void destroy(struct slenc_output *out)
{
	if (out->file && out->file != stdout)
		fclose(out->file);
	if (out->format)
		avio_closep(&out->format->pb);
	avformat_free_context(out->format);
	av_packet_free(&out->packet);
	free(out);
}

int slenc_output_open(const char *path, const struct slenc_source_info *info,
		      const uint8_t *headers, size_t headers_size, struct slenc_output **output)
{
	struct slenc_output *out = calloc(1, sizeof(*out));
	int ret = 0;

	if (!out) {
		slenc_error("out of memory");
		return -1;
	}
	out->name = path;
	if (is_container(path)) {
		ret = open_container(out, info, headers, headers_size);
	} else {
		out->file = strcmp(path, "-") ? fopen(path, "wb") : stdout;
		if (!out->file)
			ret = fail(out, strerror(errno));
	}
	if (ret) {
		destroy(out);
		return ret;
	}
	*output = out;
	return 0;
}

static int write_container(struct slenc_output *out, const struct sl_packet *packet)
{
	int ret = av_new_packet(out->packet, (int)packet->size);

	if (ret < 0)
		return ret;
	memcpy(out->packet->data, packet->data, packet->size);
	out->packet->pts = packet->pts;
	out->packet->dts = packet->dts;
	out->packet->duration = out->duration;
	out->packet->flags = packet->idr ? AV_PKT_FLAG_KEY : 0;
	av_packet_rescale_ts(out->packet, out->time_base, out->format->streams[0]->time_base);
	ret = av_write_frame(out->format, out->packet);
	av_packet_unref(out->packet);
	/* A full disk shows here, not in what av_write_frame() returns. */
	return ret < 0 ? ret : out->format->pb->error;
}

int slenc_output_write(struct slenc_output *out, const struct sl_packet *packet)
{
	if (out->format) {
		int ret = write_container(out, packet);

		if (ret < 0)
			return fail_av(out, ret);
	} else if (fwrite(packet->data, 1, packet->size, out->file) != packet->size) {
		return fail(out, strerror(errno));
	}
	out->written++;
	return 0;
}

int slenc_output_close(struct slenc_output *out)
{
	int ret = 0;

	if (!out)
		return 0;
	if (out->format) {
		ret = out->header_written ? av_write_trailer(out->format) : 0;
		avio_flush(out->format->pb);
		if (ret >= 0)
			ret = out->format->pb->error;
		if (ret < 0)
			fail_av(out, ret);
	} else {
		/* What is still in the buffer meets a full disk only now. */
		ret = out->file == stdout ? fflush(stdout) : fclose(out->file);
		out->file = NULL;
		if (ret)
			fail(out, strerror(errno));
	}
	destroy(out);
	return ret < 0 ? -1 : 0;
}
