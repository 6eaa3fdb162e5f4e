// SPDX-License-Identifier: MIT
/*
 * slenc: encode a video file on an SL200 card.
 * Exit status: 0, 1 after an error (what was written stays, and is playable as far as it goes),
 * 2 for a wrong command line, 130 after an interrupt (the file is finished).
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include <libavutil/log.h>

#include "tools/slenc.h"

#define INTERRUPTED 130

static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
	interrupted = 1;
}

/* The first interrupt finishes the file, the second ends the program. */
static void catch_signals(void)
{
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	/* A closed pipe is an error of the write, not a silent end. */
	signal(SIGPIPE, SIG_IGN);
}

struct job {
	struct slenc_options options;
	struct slenc_source_info info;
	struct slenc_input *input;
	struct slenc_output *output;
	struct slenc_recon *recon;
	struct slenc_report *report;
	struct sl_device *device;
	struct sl_encoder *encoder;
};

static int card_error(void)
{
	slenc_error("%s", sl_last_error());
	return -1;
}

static const struct sl200_enc_caps *h264_caps(struct sl_device *device)
{
	const struct sl200_caps *caps = sl_device_caps(device);

	for (uint32_t i = 0; i < caps->num_enc; i++) {
		if (caps->enc[i].codec == SL200_CODEC_H264)
			return &caps->enc[i];
	}
	return NULL;
}

static int create_encoder(struct job *job)
{
	const struct sl200_enc_caps *caps = h264_caps(job->device);
	struct sl_encoder_params p = job->options.encoder;

	if (!caps) {
		slenc_error("the card does not encode H.264");
		return -1;
	}
	if (!(caps->formats >> job->info.format & 1))
		job->info.format = SL200_FORMAT_NV12;
	if (!p.quality && job->options.effort)
		p.quality = job->options.effort > 0 ? 1 : caps->quality_levels;
	p.width = job->info.width;
	p.height = job->info.height;
	p.format = job->info.format;
	p.fps_num = (uint32_t)job->info.fps.num;
	p.fps_den = (uint32_t)job->info.fps.den;
	p.sar_width = (uint32_t)(job->info.sar.num > 0 ? job->info.sar.num : 0);
	p.sar_height = (uint32_t)(job->info.sar.num > 0 ? job->info.sar.den : 0);
	p.full_range = job->info.full_range;
	p.colour_primaries = job->info.colour_primaries;
	p.transfer_characteristics = job->info.transfer_characteristics;
	p.matrix_coefficients = job->info.matrix_coefficients;
	return sl_encoder_create(job->device, &p, &job->encoder) ? card_error() : 0;
}

static int open_all(struct job *job)
{
	const uint8_t *headers;
	size_t size;

	if (slenc_input_open(&job->options, &job->input, &job->info))
		return -1;
	if (sl_device_open(job->options.device, &job->device))
		return card_error();
	if (create_encoder(job))
		return -1;
	if (job->options.verbose) {
		struct sl_device_info card;

		sl_device_info(job->device, &card);
		slenc_error("%s: %ux%u, %d/%d fps; card %s (%s)", job->options.input,
			    job->info.width, job->info.height, job->info.fps.num, job->info.fps.den,
			    card.uri, card.implementation);
	}
	headers = sl_encoder_headers(job->encoder, &size);
	if (slenc_output_open(job->options.output, &job->info, headers, size, &job->output))
		return -1;
	if (job->options.recon &&
	    slenc_recon_open(job->device, job->options.recon, &job->info, &job->recon))
		return -1;
	job->report = slenc_report_create(&job->options, &job->info);
	if (!job->report) {
		slenc_error("out of memory");
		return -1;
	}
	return 0;
}

/* Receive one packet, if it comes in time, and write it. Returns 1, 0 without one, negative. */
static int drain(struct job *job, int64_t timeout_ns)
{
	struct sl_packet packet;
	int ret = sl_encoder_receive(job->encoder, timeout_ns, &packet);

	if (ret == SL_ERR_AGAIN || ret == SL_ERR_TIMEOUT || ret == SL_ERR_END)
		return 0;
	if (ret)
		return card_error();
	ret = slenc_output_write(job->output, &packet);
	if (!ret && job->recon)
		ret = slenc_recon_write(job->recon, packet.recon);
	slenc_report_packet(job->report, &packet);
	sl_encoder_release(job->encoder, &packet);
	return ret ? ret : 1;
}

/* A free surface; packets are written until there is one. */
static int acquire(struct job *job, struct sl_surface **surface)
{
	for (;;) {
		int ret = sl_encoder_acquire(job->encoder, surface);

		if (ret != SL_ERR_AGAIN)
			return ret ? card_error() : 0;
		ret = drain(job, SL_WAIT_FOREVER);
		if (ret < 0)
			return ret;
	}
}

static int encode_one(struct job *job)
{
	struct sl_encode_options options = {.roi = job->options.roi,
					    .num_roi = job->options.num_roi};
	struct sl_surface *surface;
	int ret = acquire(job, &surface);

	if (ret)
		return ret;
	ret = slenc_input_read(job->input, surface, &options.pts);
	if (ret <= 0)
		return ret;
	if (sl_encoder_submit(job->encoder, surface, &options))
		return card_error();
	while ((ret = drain(job, 0)) > 0)
		;
	return ret < 0 ? ret : 1;
}

static int encode(struct job *job)
{
	uint64_t frames = 0;
	int ret = 1;

	while (ret > 0 && !interrupted && (!job->options.frames || frames < job->options.frames)) {
		ret = encode_one(job);
		frames += ret > 0;
		slenc_report_progress(job->report);
	}
	if (ret < 0)
		return ret;
	sl_encoder_flush(job->encoder);
	while ((ret = drain(job, SL_WAIT_FOREVER)) > 0)
		slenc_report_progress(job->report);
	return ret;
}

int main(int argc, char **argv)
{
	struct job job = {0};
	int ret, damaged;

	slenc_parse(argc, argv, &job.options);
	av_log_set_level(job.options.verbose ? AV_LOG_INFO : AV_LOG_QUIET);
	catch_signals();
	ret = open_all(&job);
	if (!ret)
		ret = encode(&job);
	damaged = job.input && slenc_input_damaged(job.input);
	/* The file is closed properly even after an error, as far as that is still possible. */
	if (slenc_output_close(job.output))
		ret = -1;
	if (slenc_recon_close(job.recon))
		ret = -1;
	if (job.report && slenc_report_finish(job.report, job.device))
		ret = -1;
	slenc_report_destroy(job.report);
	slenc_input_close(job.input);
	sl_encoder_destroy(job.encoder);
	sl_device_close(job.device);
	if (ret || damaged)
		return EXIT_FAILURE;
	return interrupted ? INTERRUPTED : EXIT_SUCCESS;
}
