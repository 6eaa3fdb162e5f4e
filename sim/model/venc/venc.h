/* SPDX-License-Identifier: MIT */
/*
 * The video encode engine, functional model: (descriptor, memory) -> (memory, result).
 * docs/h264-encoder.md specifies the algorithm; the RTL produces the same bytes.
 */
#ifndef VENC_H
#define VENC_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "abi/sl200_enc.h"
#include "abi/sl200_queue.h"
#include "sim/model/mem_port.h"

struct venc;

/*
 * Create an engine with its worker threads (threads >= 1; results never depend on their number).
 * Returns NULL when out of memory. One job at a time per engine.
 */
struct venc *venc_create(unsigned int threads);
void venc_destroy(struct venc *venc);

/*
 * Run one H.264 job. The descriptor has been validated by the firmware against
 * h264_caps; refs and slices are the arrays behind it. Returns enum sl200_status and fills
 * result (also on errors, with what is known). When *abort becomes true the job ends soon
 * with SL200_STATUS_ABORTED. The descriptor must not change during the call.
 */
uint16_t venc_h264_run(struct venc *venc, const struct sl200_h264_enc *desc,
		       const struct sl200_h264_ref *refs, const struct sl200_h264_slice *slices,
		       struct mem_port *port, const atomic_bool *abort,
		       struct sl200_job_result *result);

/* What the engine can do: the values of its capability registers (abi/sl200_regs.toml, ENGINE). */
struct venc_h264_caps {
	uint32_t flags; /* SL200_H264_F_* that may be set */
	uint16_t max_width; /* samples */
	uint16_t max_height;
	uint8_t max_refs_l0; /* active references of a P or B slice */
	uint8_t max_refs_l1; /* 0: no B slices */
	uint16_t max_slices;
	uint8_t quality_levels;
};
extern const struct venc_h264_caps venc_h264_caps;

#endif
