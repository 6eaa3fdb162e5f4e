/* SPDX-License-Identifier: MIT */
/* The video encode engine on its job port: sim/model/venc does the work. */
#include "sim/model/engine.h"

#include <errno.h>

#include "abi/sl200_enc.h"
#include "abi/sl200_regs.h"
#include "sim/model/chip.h"
#include "sim/model/venc/venc.h"

static int create(struct engine *engine)
{
	engine->impl = venc_create(engine->workers);
	return engine->impl ? 0 : -ENOMEM;
}

static void destroy(struct engine *engine)
{
	venc_destroy(engine->impl);
}

static void caps(struct engine_caps *caps)
{
	const struct venc_h264_caps *h264 = &venc_h264_caps;

	caps->flags = h264->flags;
	caps->dim = (uint32_t)h264->max_width << SL200_ENGINE_CAP_DIM_WIDTH_SHIFT |
		    (uint32_t)h264->max_height << SL200_ENGINE_CAP_DIM_HEIGHT_SHIFT;
	caps->limits = (uint32_t)h264->max_refs_l0 << SL200_ENGINE_CAP_LIMITS_REFS_L0_SHIFT |
		       (uint32_t)h264->max_refs_l1 << SL200_ENGINE_CAP_LIMITS_REFS_L1_SHIFT |
		       (uint32_t)h264->max_slices << SL200_ENGINE_CAP_LIMITS_SLICES_SHIFT |
		       (uint32_t)h264->quality_levels << SL200_ENGINE_CAP_LIMITS_QUALITY_SHIFT;
}

static uint16_t run(struct engine *engine, const void *job, uint32_t room,
		    struct sl200_job_result *result)
{
	const struct sl200_h264_enc *desc = job;
	const struct sl200_h264_ref *refs;
	const struct sl200_h264_slice *slices;
	size_t size;

	/* The firmware has validated it: a descriptor that is not whole is the firmware's error. */
	if (room < sizeof(*desc) || desc->head.codec != SL200_CODEC_H264)
		return SL200_STATUS_ENGINE_ERROR;
	size = sizeof(*desc) + desc->num_refs * sizeof(*refs) + desc->num_slices * sizeof(*slices);
	if (size > room || size > desc->head.size)
		return SL200_STATUS_ENGINE_ERROR;
	refs = (const struct sl200_h264_ref *)(desc + 1);
	slices = (const struct sl200_h264_slice *)(refs + desc->num_refs);
	return venc_h264_run(engine->impl, desc, refs, slices, &engine->port, &engine->abort,
			     result);
}

const struct engine_kind engine_venc = {
	.kind = SL200_ENGINE_VENC,
	.create = create,
	.destroy = destroy,
	.caps = caps,
	.run = run,
};
