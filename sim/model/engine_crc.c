/* SPDX-License-Identifier: MIT */
/* The CRC engine: CRC-32C of the bytes of a CRC entry (struct sl200_sqe), read in order. */
#include "sim/model/engine.h"

#include <string.h>

#include "sim/model/chip.h"
#include "sim/model/venc/venc_crc.h"

/* Cycle estimate: 32 bytes a cycle, and the set-up of the job. */
#define CYCLE_BYTES 32u
#define JOB_CYCLES 16u

/* Read at once; between two of them an abort is seen. */
#define PIECE 4096u

static uint16_t crc_run(struct engine *engine, const void *job, uint32_t room,
			struct sl200_job_result *result)
{
	uint8_t piece[PIECE];
	struct sl200_sqe sqe;
	uint32_t crc = 0, n;

	if (room < sizeof(sqe))
		return SL200_STATUS_ENGINE_ERROR;
	memcpy(&sqe, job, sizeof(sqe));
	if (sqe.opcode != SL200_OP_CRC)
		return SL200_STATUS_ENGINE_ERROR;
	result->cycles = JOB_CYCLES + (sqe.width + CYCLE_BYTES - 1) / CYCLE_BYTES;
	for (uint32_t done = 0; done < sqe.width; done += n) {
		/* Pieces end on their multiples in memory. */
		uint32_t to_end = PIECE - (uint32_t)((sqe.src + done) % PIECE);
		uint16_t status;

		n = sqe.width - done < to_end ? sqe.width - done : to_end;
		status = engine->port.read(&engine->port, sqe.src + done, piece, n);
		if (status)
			return status;
		crc = venc_crc32c(crc, piece, n);
	}
	result->bytes = sqe.width;
	result->crc_bitstream = crc;
	return SL200_STATUS_OK;
}

const struct engine_kind engine_crc = {
	.kind = SL200_ENGINE_CRC,
	.run = crc_run,
};
