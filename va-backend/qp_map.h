/* SPDX-License-Identifier: MIT */
/* Regions of interest as the card wants them: a QP offset for each macroblock. Pure functions. */
#ifndef SLVA_QP_MAP_H
#define SLVA_QP_MAP_H

#include <stdint.h>

struct slva_roi {
	int32_t x, y, width, height; /* samples; may reach out of the picture */
	int32_t qp_offset;	     /* -51..51 */
};

/*
 * Fill a map of width_mbs x height_mbs offsets, pitch bytes a row. A macroblock that a region
 * touches gets its offset; of overlapping regions the first wins, as VA-API says. Others get 0.
 */
void slva_qp_map_roi(int8_t *map, uint32_t pitch, uint32_t width_mbs, uint32_t height_mbs,
		     const struct slva_roi *roi, uint32_t num_roi);

/* Add an offset to num macroblocks from first on in raster order; limited to -51..51. */
void slva_qp_map_add(int8_t *map, uint32_t pitch, uint32_t width_mbs, uint32_t first, uint32_t num,
		     int32_t qp_offset);

#endif
