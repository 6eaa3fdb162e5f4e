// SPDX-License-Identifier: MIT
/* The reconstruction: copied from card memory by copy jobs and written as y4m or raw I420. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/slenc.h"

struct slenc_recon {
	const char *name;
	FILE *file;
	struct sl_device *device;
	struct sl_queue *queue;
	struct sl_surface *host; /* made when the first picture tells its format */
	uint8_t *row;		 /* one row of chroma, taken apart */
	uint32_t width, height;
	bool y4m;
};

static int fail_file(const struct slenc_recon *r)
{
	slenc_error("%s: %s", r->name, strerror(errno));
	return -1;
}

static int fail_card(void)
{
	slenc_error("%s", sl_last_error());
	return -1;
}

static void destroy(struct slenc_recon *r)
{
	if (r->file)
		fclose(r->file);
	if (r->host)
		sl_surface_destroy(r->host);
	sl_queue_destroy(r->queue);
	free(r->row);
	free(r);
}

static int write_header(struct slenc_recon *r, const struct slenc_source_info *info)
{
	int n = fprintf(r->file, "YUV4MPEG2 W%u H%u F%d:%d Ip A%d:%d C420mpeg2%s\n", r->width,
			r->height, info->fps.num, info->fps.den, info->sar.num,
			info->sar.num ? info->sar.den : 0,
			info->full_range ? " XCOLORRANGE=FULL" : "");

	return n < 0 ? fail_file(r) : 0;
}

int slenc_recon_open(struct sl_device *device, const char *path,
		     const struct slenc_source_info *info, struct slenc_recon **recon)
{
	struct slenc_recon *r = calloc(1, sizeof(*r));
	const char *dot = strrchr(path, '.');
	int ret = 0;

	if (r)
		r->row = malloc(info->width);
	if (!r || !r->row) {
		free(r);
		slenc_error("out of memory");
		return -1;
	}
	r->name = path;
	r->device = device;
	r->width = info->width;
	r->height = info->height;
	r->y4m = dot && strcmp(dot, ".y4m") == 0;
	r->file = fopen(path, "wb");
	if (!r->file)
		ret = fail_file(r);
	else if (sl_queue_create(device, NULL, &r->queue))
		ret = fail_card();
	else if (r->y4m)
		ret = write_header(r, info);
	if (ret) {
		destroy(r);
		return ret;
	}
	*recon = r;
	return 0;
}

/* Bring the visible part of a picture into host memory. */
static int fetch(struct slenc_recon *r, const struct sl_surface *surface)
{
	const struct sl200_surface *src = sl_surface_layout(surface);
	uint64_t seqno[3];
	uint32_t planes = sl_format_planes(src->format);
	const struct sl200_surface *dst;

	if (!r->host && sl_surface_create(r->device, src->format, r->width, r->height,
					  SL_MEMORY_HOST, &r->host))
		return fail_card();
	dst = sl_surface_layout(r->host);
	for (uint32_t p = 0; p < planes; p++) {
		uint64_t from = sl_buffer_iova(sl_surface_buffer(surface)) + src->offset[p];
		uint64_t to = sl_buffer_iova(sl_surface_buffer(r->host)) + dst->offset[p];

		if (sl_queue_copy(r->queue, to, dst->pitch[p], from, src->pitch[p],
				  sl_format_plane_bytes(src->format, p, r->width),
				  sl_format_plane_rows(src->format, p, r->height), NULL, &seqno[p]))
			return fail_card();
	}
	for (uint32_t p = 0; p < planes; p++) {
		struct sl_completion c;

		if (sl_queue_wait(r->queue, seqno[p], SL_WAIT_FOREVER, &c))
			return fail_card();
		if (c.status != SL200_STATUS_OK) {
			slenc_error("%s: copy failed: %s", r->name, sl_status_string(c.status));
			return -1;
		}
	}
	return 0;
}

static bool write_rows(struct slenc_recon *r, const uint8_t *data, uint32_t pitch, uint32_t width,
		       uint32_t rows)
{
	for (uint32_t y = 0; y < rows; y++) {
		if (fwrite(data + (size_t)y * pitch, 1, width, r->file) != width)
			return false;
	}
	return true;
}

/* One component of interleaved chroma. */
static bool write_component(struct slenc_recon *r, const uint8_t *data, uint32_t pitch)
{
	for (uint32_t y = 0; y < r->height / 2; y++) {
		for (uint32_t x = 0; x < r->width / 2; x++)
			r->row[x] = data[(size_t)y * pitch + 2 * x];
		if (fwrite(r->row, 1, r->width / 2, r->file) != r->width / 2)
			return false;
	}
	return true;
}

int slenc_recon_write(struct slenc_recon *r, const struct sl_surface *surface)
{
	const struct sl200_surface *l;
	const uint8_t *base;
	bool good;

	if (fetch(r, surface))
		return -1;
	l = sl_surface_layout(r->host);
	base = sl_buffer_map(sl_surface_buffer(r->host));
	good = !r->y4m || fputs("FRAME\n", r->file) >= 0;
	good = good && write_rows(r, base + l->offset[0], l->pitch[0], r->width, r->height);
	if (l->format == SL200_FORMAT_NV12) {
		good = good && write_component(r, base + l->offset[1], l->pitch[1]) &&
		       write_component(r, base + l->offset[1] + 1, l->pitch[1]);
	} else {
		for (uint32_t p = 1; p < 3; p++)
			good = good && write_rows(r, base + l->offset[p], l->pitch[p], r->width / 2,
						  r->height / 2);
	}
	return good ? 0 : fail_file(r);
}

int slenc_recon_close(struct slenc_recon *r)
{
	int ret = 0;

	if (!r)
		return 0;
	if (fclose(r->file))
		ret = fail_file(r);
	r->file = NULL;
	destroy(r);
	return ret;
}
