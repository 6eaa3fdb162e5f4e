/* SPDX-License-Identifier: MIT */
/* slenc: encode a video file on an SL200 card. One file per stage; slenc.c drives them. */
#ifndef SLENC_H
#define SLENC_H

#include <stdbool.h>
#include <stdint.h>

#include <libavutil/rational.h>

#include "sl200/sl.h"

#define MAX_ROI 64

struct slenc_options {
	const char *input, *output, *recon, *stats, *device;
	struct sl_encoder_params encoder;
	struct sl_roi roi[MAX_ROI];
	uint32_t num_roi;
	int input_width, input_height; /* raw input; 0: not given */
	const char *input_csp;	       /* "i420" or "nv12"; NULL: not given */
	AVRational fps;		       /* 0/0: the input's */
	AVRational sar;		       /* 0/0: the input's */
	int range;		       /* -1: the input's; 0 limited, 1 full */
	int effort;	 /* of presets: 1 best, -1 fastest, 0 default; when encoder.quality is 0 */
	double vbv_init; /* part of the buffer; 0: default */
	uint64_t frames, seek; /* frames 0: all */
	bool psnr, quiet, verbose;
};

/* slenc_options.c: fills options, or prints what is wrong or was asked for and exits. */
void slenc_parse(int argc, char **argv, struct slenc_options *options);

/* Print "slenc: ..." on stderr. */
void slenc_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/*
 * slenc_input.c: anything libavformat and libavcodec read, as 8-bit 4:2:0. Functions print what
 * went wrong and return a negative number.
 */
struct slenc_input;

struct slenc_source_info {
	uint32_t width, height;
	uint32_t format;		/* enum sl200_format that needs the least conversion */
	AVRational fps, sar, time_base; /* time_base is that of pts */
	bool full_range;
	uint8_t colour_primaries, transfer_characteristics, matrix_coefficients; /* 0: not said */
	uint64_t frames; /* expected; 0: not known */
};

int slenc_input_open(const struct slenc_options *options, struct slenc_input **input,
		     struct slenc_source_info *info);
/* Read the next picture into a host surface. Returns 1, or 0 at the end. */
int slenc_input_read(struct slenc_input *input, struct sl_surface *surface, int64_t *pts);
/* Pictures that could not be read, each reported on stderr. */
uint64_t slenc_input_damaged(const struct slenc_input *input);
void slenc_input_close(struct slenc_input *input);

/* slenc_output.c: Annex B, or a container by libavformat. Errors are printed. */
struct slenc_output;

int slenc_output_open(const char *path, const struct slenc_source_info *info,
		      const uint8_t *headers, size_t headers_size, struct slenc_output **output);
int slenc_output_write(struct slenc_output *output, const struct sl_packet *packet);
/* Finish and close the file; NULL is allowed. */
int slenc_output_close(struct slenc_output *output);

/* slenc_recon.c: the reconstruction as y4m (by name) or raw I420. Errors are printed. */
struct slenc_recon;

int slenc_recon_open(struct sl_device *device, const char *path,
		     const struct slenc_source_info *info, struct slenc_recon **recon);
int slenc_recon_write(struct slenc_recon *recon, const struct sl_surface *surface);
int slenc_recon_close(struct slenc_recon *recon);

/* slenc_report.c: progress, the summary, statistics. */
struct slenc_report;

struct slenc_report *slenc_report_create(const struct slenc_options *options,
					 const struct slenc_source_info *info);
void slenc_report_packet(struct slenc_report *report, const struct sl_packet *packet);
/* The line on the terminal, at most a few times a second. */
void slenc_report_progress(struct slenc_report *report);
/* Print the summary and write the statistics file. Returns a negative number on error. */
int slenc_report_finish(struct slenc_report *report, struct sl_device *device);
void slenc_report_destroy(struct slenc_report *report);

#endif
