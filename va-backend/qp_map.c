/* SPDX-License-Identifier: MIT */
#include "va-backend/qp_map.h"

#include <string.h>

static int32_t clip(int64_t value, int32_t low, int32_t high)
{
	return (int32_t)(value < low ? low : value > high ? high : value);
}

void slva_qp_map_roi(int8_t *map, uint32_t pitch, uint32_t width_mbs, uint32_t height_mbs,
		     const struct slva_roi *roi, uint32_t num_roi)
{
	for (uint32_t y = 0; y < height_mbs; y++)
		memset(map + (size_t)y * pitch, 0, width_mbs);
	/* Backwards, so that earlier regions are painted over later ones. */
	for (uint32_t i = num_roi; i-- > 0;) {
		const struct slva_roi *r = &roi[i];

		if (r->width <= 0 || r->height <= 0)
			continue;

		int32_t x0 = clip(r->x, 0, (int32_t)width_mbs * 16) / 16;
		int32_t y0 = clip(r->y, 0, (int32_t)height_mbs * 16) / 16;
		int32_t x1 = (clip((int64_t)r->x + r->width, 0, (int32_t)width_mbs * 16) + 15) / 16;
		int32_t y1 =
			(clip((int64_t)r->y + r->height, 0, (int32_t)height_mbs * 16) + 15) / 16;

		for (int32_t y = y0; y < y1 && x1 > x0; y++)
			memset(map + (size_t)y * pitch + x0, clip(r->qp_offset, -51, 51),
			       (size_t)(x1 - x0));
	}
}

void slva_qp_map_add(int8_t *map, uint32_t pitch, uint32_t width_mbs, uint32_t first, uint32_t num,
		     int32_t qp_offset)
{
	for (uint32_t mb = first; mb < first + num; mb++) {
		int8_t *offset = map + (size_t)(mb / width_mbs) * pitch + mb % width_mbs;

		*offset = (int8_t)clip((int64_t)*offset + qp_offset, -51, 51);
	}
}
