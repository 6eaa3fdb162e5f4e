// SPDX-License-Identifier: MIT
/* What slenc tells: a progress line on a terminal, a summary, and statistics as JSON. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <jansson.h>

#include "tools/slenc.h"

#define PROGRESS_S 0.2 /* between updates of the line */

struct slenc_report {
	const struct slenc_options *options;
	struct slenc_source_info info;
	bool terminal;
	bool line; /* a progress line is on the screen */
	double start, shown;
	uint64_t frames, bytes, filler, repeats, idr;
	uint64_t sse[3];
	double sum_qp;
	uint64_t cycles, engine_ns;
	json_t *json_frames;
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

struct slenc_report *slenc_report_create(const struct slenc_options *options,
					 const struct slenc_source_info *info)
{
	struct slenc_report *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->options = options;
	r->info = *info;
	r->terminal = isatty(STDERR_FILENO) && !options->quiet;
	r->start = now();
	r->json_frames = json_array();
	return r;
}

static double mbs(const struct slenc_report *r)
{
	return (double)((r->info.width + 15) / 16) * ((r->info.height + 15) / 16);
}

static double samples(const struct slenc_report *r, int plane)
{
	return (double)r->info.width * r->info.height / (plane ? 4 : 1);
}

static double psnr(double sse, double count)
{
	return 10 * log10(255.0 * 255.0 * count / sse);
}

/* JSON has no infinity: an exact picture has a null PSNR. */
static json_t *json_psnr(const struct slenc_report *r, const uint64_t *sse, double pictures)
{
	json_t *array = json_array();

	for (int p = 0; p < 3; p++)
		json_array_append_new(
			array, sse[p] ? json_real(psnr((double)sse[p], pictures * samples(r, p)))
				      : json_null());
	return array;
}

static void add_json_frame(struct slenc_report *r, const struct sl_packet *packet, double mean_qp)
{
	const struct sl200_job_result *result = &packet->completion.result;

	json_array_append_new(
		r->json_frames,
		json_pack("{sI sI ss si sf sI si si so sI sI sI sI}", "number",
			  (json_int_t)packet->number, "pts", (json_int_t)packet->pts, "type",
			  packet->idr ? "IDR" : "P", "qp", (int)packet->qp, "mean_qp", mean_qp,
			  "bytes", (json_int_t)packet->size, "filler", (int)packet->filler,
			  "attempts", (int)packet->attempts, "psnr", json_psnr(r, result->sse, 1),
			  "intra_mbs", (json_int_t)result->intra_mbs, "skip_mbs",
			  (json_int_t)result->skip_mbs, "cycles", (json_int_t)result->cycles,
			  "engine_ns", (json_int_t)(result->end_ns - result->start_ns)));
}

void slenc_report_packet(struct slenc_report *r, const struct sl_packet *packet)
{
	const struct sl200_job_result *result = &packet->completion.result;
	double mean_qp = (double)result->sum_qp / mbs(r);

	r->frames++;
	r->bytes += packet->size;
	r->filler += packet->filler;
	r->repeats += packet->attempts > 1;
	r->idr += packet->idr != 0;
	r->sum_qp += mean_qp;
	r->cycles += result->cycles;
	r->engine_ns += result->end_ns - result->start_ns;
	for (int p = 0; p < 3; p++)
		r->sse[p] += result->sse[p];
	if (r->options->stats)
		add_json_frame(r, packet, mean_qp);
}

static double kbits(const struct slenc_report *r)
{
	return r->frames ? (double)r->bytes * 8e-3 * av_q2d(r->info.fps) / (double)r->frames : 0;
}

void slenc_report_progress(struct slenc_report *r)
{
	double time = now(), fps;
	char left[48] = "";

	if (!r->terminal || time - r->shown < PROGRESS_S)
		return;
	r->shown = time;
	fps = (double)r->frames / fmax(time - r->start, 1e-6);
	if (r->info.frames >= r->frames && r->info.frames && fps > 0) {
		unsigned long s = (unsigned long)((double)(r->info.frames - r->frames) / fps + 0.5);

		snprintf(left, sizeof(left), ", %lu:%02lu:%02lu left", s / 3600, s / 60 % 60,
			 s % 60);
	}
	if (r->info.frames)
		fprintf(stderr, "\r%llu/%llu frames, %.1f fps, %.1f kbit/s%s\033[K",
			(unsigned long long)r->frames, (unsigned long long)r->info.frames, fps,
			kbits(r), left);
	else
		fprintf(stderr, "\r%llu frames, %.1f fps, %.1f kbit/s\033[K",
			(unsigned long long)r->frames, fps, kbits(r));
	r->line = true;
}

static void print_summary(const struct slenc_report *r, double seconds)
{
	double frames = (double)(r->frames ? r->frames : 1);

	fprintf(stderr, "encoded %llu frame%s, %.2f fps, %.2f kbit/s, QP %.2f",
		(unsigned long long)r->frames, r->frames == 1 ? "" : "s",
		(double)r->frames / fmax(seconds, 1e-6), kbits(r), r->sum_qp / frames);
	if (r->options->psnr)
		fprintf(stderr, ", PSNR Y %.3f U %.3f V %.3f",
			psnr((double)r->sse[0], frames * samples(r, 0)),
			psnr((double)r->sse[1], frames * samples(r, 1)),
			psnr((double)r->sse[2], frames * samples(r, 2)));
	if (r->options->verbose)
		fprintf(stderr, ", IDR %llu, filler %llu bytes, coded again %llu",
			(unsigned long long)r->idr, (unsigned long long)r->filler,
			(unsigned long long)r->repeats);
	fputc('\n', stderr);
}

static int write_json(struct slenc_report *r, struct sl_device *device, double seconds)
{
	double frames = (double)(r->frames ? r->frames : 1);
	struct sl_device_info card;
	json_t *root;
	int ret;

	sl_device_info(device, &card);
	root = json_pack(
		"{ss ss s{ss ss sI} s{si si s[ii] si} sO s{sI sf sf sf sI sI sI sI so sI sI}}",
		"version", sl_version(), "input", r->options->input, "device", "uri", card.uri,
		"implementation", card.implementation, "serial", (json_int_t)card.serial, "video",
		"width", (int)r->info.width, "height", (int)r->info.height, "fps", r->info.fps.num,
		r->info.fps.den, "full_range", (int)r->info.full_range, "frames", r->json_frames,
		"summary", "frames", (json_int_t)r->frames, "seconds", seconds, "kbit_per_s",
		kbits(r), "mean_qp", r->sum_qp / frames, "bytes", (json_int_t)r->bytes, "filler",
		(json_int_t)r->filler, "idr", (json_int_t)r->idr, "coded_again",
		(json_int_t)r->repeats, "psnr", json_psnr(r, r->sse, frames), "cycles",
		(json_int_t)r->cycles, "engine_ns", (json_int_t)r->engine_ns);
	if (!root) {
		slenc_error("%s: no memory for the statistics", r->options->stats);
		return -1;
	}
	ret = json_dump_file(root, r->options->stats, JSON_INDENT(1) | JSON_REAL_PRECISION(8));
	json_decref(root);
	if (ret)
		slenc_error("%s: cannot write the statistics", r->options->stats);
	return ret;
}

int slenc_report_finish(struct slenc_report *r, struct sl_device *device)
{
	double seconds = now() - r->start;

	if (r->line)
		fputs("\r\033[K", stderr);
	r->line = false;
	if (!r->options->quiet)
		print_summary(r, seconds);
	return r->options->stats ? write_json(r, device, seconds) : 0;
}

void slenc_report_destroy(struct slenc_report *r)
{
	if (!r)
		return;
	json_decref(r->json_frames);
	free(r);
}
