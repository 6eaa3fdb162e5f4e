// SPDX-License-Identifier: MIT
/* Level selection, H.264 A.3.1 and Table A-1. */
#include "sl200/h264.h"

struct level_limits {
	uint8_t level_idc;
	uint32_t max_mbps; /* macroblocks a second */
	uint32_t max_fs;   /* macroblocks */
	uint32_t max_dpb_mbs;
	uint32_t max_br;  /* units of 1000 bits/s (NAL: 1200, High: 1500) */
	uint32_t max_cpb; /* same units, bits */
};

static const struct level_limits levels[] = {
	{10, 1485, 99, 396, 64, 175},
	{11, 3000, 396, 900, 192, 500},
	{12, 6000, 396, 2376, 384, 1000},
	{13, 11880, 396, 2376, 768, 2000},
	{20, 11880, 396, 2376, 2000, 2000},
	{21, 19800, 792, 4752, 4000, 4000},
	{22, 20250, 1620, 8100, 4000, 4000},
	{30, 40500, 1620, 8100, 10000, 10000},
	{31, 108000, 3600, 18000, 14000, 14000},
	{32, 216000, 5120, 20480, 20000, 20000},
	{40, 245760, 8192, 32768, 20000, 25000},
	{41, 245760, 8192, 32768, 50000, 62500},
	{42, 522240, 8704, 34816, 50000, 62500},
	{50, 589824, 22080, 110400, 135000, 135000},
	{51, 983040, 36864, 184320, 240000, 240000},
	{52, 2073600, 36864, 184320, 240000, 240000},
	{60, 4177920, 139264, 696320, 240000, 240000},
	{61, 8355840, 139264, 696320, 480000, 480000},
	{62, 16711680, 139264, 696320, 800000, 800000},
};

uint8_t sl_h264_level(uint8_t profile_idc, uint32_t width_mbs, uint32_t height_mbs,
		      uint32_t fps_num, uint32_t fps_den, uint64_t bit_rate, uint64_t cpb_size,
		      uint32_t num_ref_frames)
{
	/* cpbBrNalFactor, H.264 Table A-2 */
	uint32_t factor = profile_idc == 100 ? 1500 : 1200;

	if (!width_mbs || !height_mbs || width_mbs > 65535 || height_mbs > 65535 || !fps_den)
		return 0;
	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		const struct level_limits *l = &levels[i];
		uint64_t fs = (uint64_t)width_mbs * height_mbs;

		/* Neither dimension above sqrt(8 * MaxFS), A.3.1 f and g. */
		if (fs <= l->max_fs && (uint64_t)width_mbs * width_mbs <= 8ull * l->max_fs &&
		    (uint64_t)height_mbs * height_mbs <= 8ull * l->max_fs &&
		    fs * fps_num <= (uint64_t)l->max_mbps * fps_den &&
		    fs * num_ref_frames <= l->max_dpb_mbs &&
		    bit_rate <= (uint64_t)l->max_br * factor &&
		    cpb_size <= (uint64_t)l->max_cpb * factor)
			return l->level_idc;
	}
	return 0;
}
