// SPDX-License-Identifier: MIT
/*
 * Encode a moving test pattern to H.264, the shortest way:
 *
 *   cc encode_one.c $(pkg-config --cflags --libs libsl) -o encode_one
 *   SL_DEVICE=sim: ./encode_one out.264
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sl200/sl.h>

#define WIDTH 640
#define HEIGHT 360
#define FRAMES 60

static void check(int ret, const char *what)
{
	if (!ret)
		return;
	fprintf(stderr, "%s: %s\n", what, sl_last_error());
	exit(1);
}

static void draw(struct sl_surface *surface, int frame)
{
	const struct sl200_surface *layout = sl_surface_layout(surface);
	uint8_t *base = sl_buffer_map(sl_surface_buffer(surface));
	int x, y;

	for (y = 0; y < HEIGHT; y++) {
		uint8_t *row = base + layout->offset[0] + (size_t)y * layout->pitch[0];

		for (x = 0; x < WIDTH; x++)
			row[x] = (uint8_t)((x + 2 * frame) ^ y);
	}
	for (y = 0; y < HEIGHT / 2; y++)
		memset(base + layout->offset[1] + (size_t)y * layout->pitch[1], 128, WIDTH);
}

/* Wait for the next packet and write it. Returns 0 when there will be no more. */
static int write_packet(struct sl_encoder *encoder, FILE *file)
{
	struct sl_packet packet;
	int ret = sl_encoder_receive(encoder, SL_WAIT_FOREVER, &packet);

	if (ret == SL_ERR_END)
		return 0;
	check(ret, "receive");
	if (fwrite(packet.data, 1, packet.size, file) != packet.size) {
		perror("write");
		exit(1);
	}
	sl_encoder_release(encoder, &packet);
	return 1;
}

int main(int argc, char **argv)
{
	struct sl_encode_options options = {0};
	struct sl_encoder_params params;
	struct sl_encoder *encoder;
	struct sl_surface *surface;
	struct sl_device *device;
	FILE *file;
	int frame, ret;

	file = fopen(argc > 1 ? argv[1] : "out.264", "wb");
	if (!file) {
		perror("open");
		return 1;
	}
	check(sl_device_open(NULL, &device), "open");

	sl_encoder_params_init(&params);
	params.width = WIDTH;
	params.height = HEIGHT;
	params.fps_num = 30;
	params.fps_den = 1;
	check(sl_encoder_create(device, &params, &encoder), "create");

	for (frame = 0; frame < FRAMES; frame++) {
		/* Full: the encoder works on pictures submitted earlier. */
		while ((ret = sl_encoder_acquire(encoder, &surface)) == SL_ERR_AGAIN)
			write_packet(encoder, file);
		check(ret, "acquire");
		draw(surface, frame);
		options.pts = frame;
		check(sl_encoder_submit(encoder, surface, &options), "submit");
	}
	check(sl_encoder_flush(encoder), "flush");
	while (write_packet(encoder, file))
		;

	sl_encoder_destroy(encoder);
	sl_device_close(device);
	if (fclose(file)) {
		perror("write");
		return 1;
	}
	return 0;
}
