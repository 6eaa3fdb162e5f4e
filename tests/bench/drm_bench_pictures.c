// SPDX-License-Identifier: MIT
/*
 * Encoding through the library: what of a picture crosses the link, and what the client's CPU does.
 * Card memory has no CPU mapping, so that nobody can copy there by CPU; time that does not grow
 * with the picture shows that nothing is copied elsewhere either.
 */
#include <stdbool.h>
#include <stdio.h>

#include "sl200/sl.h"
#include "tests/bench/drm_bench.h"

#define PICTURES 48u
#define SURFACES 4u
#define ROUNDS 5u
#define ALL_PICTURES (PICTURES * ROUNDS)

struct source {
	enum sl_memory memory;
	uint32_t width, height;
};

/* For each picture. */
struct use {
	double cpu;		      /* seconds */
	double link_read, link_write; /* bytes */
};

static void draw(struct sl_device *device, struct sl_surface *const *surfaces)
{
	struct sl_queue *queue;
	unsigned int i;

	bench_must_sl(sl_queue_create(device, NULL, &queue), "creating a queue");
	for (i = 0; i < SURFACES; i++) {
		const struct sl_buffer *buffer = sl_surface_buffer(surfaces[i]);

		bench_must_sl(sl_queue_fill(queue, sl_buffer_iova(buffer), 0,
					    0x8060a04080706050ull + i * 0x0102030405060708ull,
					    (uint32_t)sl_buffer_size(buffer), 1, NULL, NULL),
			      "drawing");
	}
	bench_must_sl(sl_queue_wait_idle(queue, SL_WAIT_FOREVER), "drawing");
	sl_queue_destroy(queue);
}

static void receive(struct sl_encoder *encoder)
{
	struct sl_packet packet;

	bench_must_sl(sl_encoder_receive(encoder, SL_WAIT_FOREVER, &packet), "encoding");
	sl_encoder_release(encoder, &packet);
}

static void encode(struct sl_encoder *encoder, struct sl_surface *const *surfaces)
{
	struct sl_encode_options options = {0};
	unsigned int i;

	for (i = 0; i < PICTURES; i++) {
		/* No surface is in use twice at a time. */
		if (i >= SURFACES)
			receive(encoder);
		options.pts = i;
		bench_must_sl(sl_encoder_submit(encoder, surfaces[i % SURFACES], &options),
			      "submitting a picture");
	}
	for (i = 0; i < SURFACES; i++)
		receive(encoder);
}

static void run(const struct source *source, struct use *use)
{
	struct sl_surface *surfaces[SURFACES];
	struct sl_device_stats before, after;
	struct sl_encoder_params params;
	struct sl_encoder *encoder;
	struct sl_device *device;
	double cpu[ROUNDS];
	unsigned int i;

	sl_encoder_params_init(&params);
	params.codec = SL200_CODEC_H264;
	params.width = source->width;
	params.height = source->height;
	params.fps_num = 25;
	params.fps_den = 1;
	params.depth = SURFACES;
	bench_must_sl(sl_device_open(NULL, &device), "opening the card");
	for (i = 0; i < SURFACES; i++)
		bench_must_sl(sl_surface_create(device, SL200_FORMAT_NV12, source->width,
						source->height, source->memory, &surfaces[i]),
			      "creating a surface");
	draw(device, surfaces);
	bench_must_sl(sl_encoder_create(device, &params, &encoder), "creating an encoder");
	/* Its memory is made and its first picture coded. */
	encode(encoder, surfaces);
	bench_must_sl(sl_device_stats(device, &before), "statistics");
	bench_mark();
	for (i = 0; i < ROUNDS; i++) {
		cpu[i] = -bench_cpu();
		encode(encoder, surfaces);
		cpu[i] += bench_cpu();
	}
	bench_mark();
	use->cpu = bench_quantile(cpu, ROUNDS, BENCH_QUIET) / PICTURES;
	bench_must_sl(sl_device_stats(device, &after), "statistics");
	use->link_read = (double)(after.link_read - before.link_read) / ALL_PICTURES;
	use->link_write = (double)(after.link_write - before.link_write) / ALL_PICTURES;
	sl_encoder_destroy(encoder);
	sl_device_close(device);
}

static void run_counted(const void *arg)
{
	struct use use;

	run(arg, &use);
}

void bench_pictures(void)
{
	static const struct source sources[] = {
		{SL_MEMORY_CARD, 320, 180},
		{SL_MEMORY_CARD, 1280, 720},
		{SL_MEMORY_HOST, 320, 180},
		{SL_MEMORY_HOST, 1280, 720},
	};
	struct use use;
	size_t i;

	printf("\nPictures of a session, each\n  %-24s %14s %12s %14s %14s %12s\n", "source",
	       "bytes of NV12", "link read", "link written", "CPU us", "system calls");
	for (i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
		const struct source *s = &sources[i];

		run(s, &use);
		printf("  %s memory, %4ux%-7u %12u %12.0f %14.0f %14.0f %12.2f\n",
		       s->memory == SL_MEMORY_CARD ? "card" : "host", s->width, s->height,
		       s->width * s->height * 3 / 2, use.link_read, use.link_write, use.cpu * 1e6,
		       (double)bench_count_calls(run_counted, s) / ALL_PICTURES);
	}
}
