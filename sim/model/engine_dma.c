/* SPDX-License-Identifier: MIT */
/*
 * The DMA engine: COPY and FILL (struct sl200_sqe), linear and two-dimensional.
 *
 * Rows go in ascending order. Source and destination of a COPY must not overlap: where they do, the
 * bytes of the destination are undefined. FILL repeats the eight bytes of value from the start of
 * each row; a last part shorter than eight bytes takes the first of them.
 */
#include "sim/model/engine.h"

#include <string.h>

#include "sim/model/chip.h"

/* Cycle estimate: 32 bytes a cycle, and the set-up of each row. */
#define CYCLE_BYTES 32u
#define ROW_CYCLES 16u

#define PATTERN_SIZE 4096u
/* A row longer than this is moved in pieces, so that an abort is seen in time. */
#define PIECE (1u << 20)

static uint16_t copy_row(struct engine *engine, uint64_t dst, uint64_t src, uint32_t len)
{
	while (len) {
		struct fabric_use use = {0};
		uint32_t n = len < PIECE ? len : PIECE;
		unsigned int reason;
		uint16_t status;

		if (engine_aborted(engine))
			return SL200_STATUS_ABORTED;
		reason = fabric_copy(&engine->chip->fabric, engine->job_asid, dst, src, n, &use);
		status = engine_access_done(engine, reason, &use, n, n);
		if (status)
			return status;
		dst += n;
		src += n;
		len -= n;
	}
	return SL200_STATUS_OK;
}

static uint16_t fill_row(struct engine *engine, uint64_t dst, const uint8_t *pattern, uint32_t len)
{
	while (len) {
		uint32_t n = len < PATTERN_SIZE ? len : PATTERN_SIZE;
		uint16_t status = engine->port.write(&engine->port, dst, pattern, n);

		if (status)
			return status;
		dst += n;
		len -= n;
	}
	return SL200_STATUS_OK;
}

static uint16_t dma_run(struct engine *engine, const void *job, uint32_t room,
			struct sl200_job_result *result)
{
	uint8_t pattern[PATTERN_SIZE];
	struct sl200_sqe sqe;
	uint16_t status = SL200_STATUS_OK;

	if (room < sizeof(sqe))
		return SL200_STATUS_ENGINE_ERROR;
	memcpy(&sqe, job, sizeof(sqe));
	if (sqe.opcode == SL200_OP_FILL)
		for (uint32_t i = 0; i < PATTERN_SIZE; i += 8)
			memcpy(&pattern[i], &sqe.value, 8);
	else if (sqe.opcode != SL200_OP_COPY)
		return SL200_STATUS_ENGINE_ERROR;

	for (uint32_t row = 0; row < sqe.height && !status; row++) {
		uint64_t dst = sqe.dst + (uint64_t)row * sqe.dst_pitch;
		uint64_t src = sqe.src + (uint64_t)row * sqe.src_pitch;

		status = sqe.opcode == SL200_OP_FILL ? fill_row(engine, dst, pattern, sqe.width)
						     : copy_row(engine, dst, src, sqe.width);
		if (!status)
			result->bytes += sqe.width;
		result->cycles += ROW_CYCLES + (sqe.width + CYCLE_BYTES - 1) / CYCLE_BYTES;
	}
	return status;
}

const struct engine_kind engine_dma = {
	.kind = SL200_ENGINE_DMA,
	.run = dma_run,
};
