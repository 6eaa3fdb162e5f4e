// SPDX-License-Identifier: MIT
#include "firmware/fw/engine.h"
#include "firmware/fw/log.h"
#include "firmware/fw/sched.h"
#include "firmware/fw/validate.h"

/* The formats that engines read and write: they report only what differs between chips. */
#define FORMATS (1u << SL200_FORMAT_NV12 | 1u << SL200_FORMAT_I420)

static void set_state(struct fw *fw, struct fw_engine *e, enum fw_engine_state state)
{
	uint32_t bit = 1u << e->index;

	e->state = (uint8_t)state;
	if (state == FW_ENGINE_IDLE) {
		fw->engines_idle[e->kind] |= bit;
		fw->engines_busy &= ~bit;
	} else {
		fw->engines_idle[e->kind] &= ~bit;
		fw->engines_busy |= bit;
	}
}

static uint32_t tcm_offset(const struct fw *fw, const void *p)
{
	return (uint32_t)((const uint8_t *)p - (const uint8_t *)hal_tcm(fw->hal));
}

static void *codec_job(struct fw *fw, const struct fw_engine *e)
{
	return fw->codec_job[e->codec_slot];
}

static uint32_t min_u32(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* What all encoders can do: any of them may get a job. */
static void add_encoder_caps(struct fw *fw, uint32_t n, bool first)
{
	struct sl200_enc_caps *caps = &fw->h264;
	uint32_t flags = fw_read(fw, SL200_ENGINE_CAP_FLAGS(n)) & SL200_H264_F_MASK;
	uint32_t dim = fw_read(fw, SL200_ENGINE_CAP_DIM(n));
	uint32_t limits = fw_read(fw, SL200_ENGINE_CAP_LIMITS(n));
	struct sl200_enc_caps own = {
		.codec = SL200_CODEC_H264,
		.min_dim = SL200_H264_MIN_DIM,
		.max_width =
			(uint16_t)min_u32(dim & SL200_ENGINE_CAP_DIM_WIDTH, SL200_H264_MAX_DIM),
		.max_height = (uint16_t)min_u32(dim >> SL200_ENGINE_CAP_DIM_HEIGHT_SHIFT,
						SL200_H264_MAX_DIM),
		.flags = flags,
		.max_refs_l0 = (uint8_t)min_u32(limits & SL200_ENGINE_CAP_LIMITS_REFS_L0,
						SL200_H264_MAX_REFS),
		.max_refs_l1 = (uint8_t)min_u32((limits & SL200_ENGINE_CAP_LIMITS_REFS_L1) >>
							SL200_ENGINE_CAP_LIMITS_REFS_L1_SHIFT,
						SL200_H264_MAX_REFS),
		.max_slices = (uint16_t)min_u32((limits & SL200_ENGINE_CAP_LIMITS_SLICES) >>
							SL200_ENGINE_CAP_LIMITS_SLICES_SHIFT,
						SL200_H264_MAX_SLICES),
		.quality_levels = (uint8_t)(limits >> SL200_ENGINE_CAP_LIMITS_QUALITY_SHIFT),
		.formats = FORMATS,
	};

	if (first) {
		*caps = own;
		return;
	}
	caps->max_width = (uint16_t)min_u32(caps->max_width, own.max_width);
	caps->max_height = (uint16_t)min_u32(caps->max_height, own.max_height);
	caps->flags &= own.flags;
	caps->max_refs_l0 = (uint8_t)min_u32(caps->max_refs_l0, own.max_refs_l0);
	caps->max_refs_l1 = (uint8_t)min_u32(caps->max_refs_l1, own.max_refs_l1);
	caps->max_slices = (uint16_t)min_u32(caps->max_slices, own.max_slices);
	caps->quality_levels = (uint8_t)min_u32(caps->quality_levels, own.quality_levels);
}

/* A job that outlived the last firmware ends before this one begins. */
static void quiesce(struct fw *fw, uint32_t n)
{
	uint64_t limit = fw_time(fw) + FW_RESET_LIMIT_NS;

	if (fw_read(fw, SL200_ENGINE_STATUS(n)) == SL200_ENGINE_STATUS_IDLE)
		return;
	fw_write(fw, SL200_ENGINE_CTRL(n), SL200_ENGINE_CTRL_RESET);
	while (fw_read(fw, SL200_ENGINE_STATUS(n)) != SL200_ENGINE_STATUS_IDLE) {
		if (hal_stopping(fw->hal))
			fw->stopping = true;
		else if (fw_time(fw) > limit)
			fw_panic(fw, SL200_PANIC_ASSERT);
	}
}

void engine_init(struct fw *fw)
{
	uint32_t encoders = 0;

	fw->num_engines = min_u32(fw_read(fw, SL200_SYS_NUM_ENGINES), SL200_MAX_ENGINES);
	fw->opcodes = 1u << SL200_OP_NOP | 1u << SL200_OP_WAIT | 1u << SL200_OP_SIGNAL |
		      1u << SL200_OP_TIMESTAMP;
	for (uint32_t n = 0; n < fw->num_engines; n++) {
		struct fw_engine *e = &fw->engines[n];
		uint32_t kind = fw_read(fw, SL200_ENGINE_KIND(n));

		if (kind != SL200_ENGINE_NONE)
			quiesce(fw, n);
		if (kind == SL200_ENGINE_DMA) {
			fw->opcodes |= 1u << SL200_OP_COPY | 1u << SL200_OP_FILL;
		} else if (kind == SL200_ENGINE_CRC) {
			fw->opcodes |= 1u << SL200_OP_CRC;
		} else if (kind == SL200_ENGINE_VENC && encoders < FW_MAX_CODEC_ENGINES) {
			add_encoder_caps(fw, n, encoders == 0);
			e->codec_slot = (uint8_t)encoders++;
			fw->opcodes |= 1u << SL200_OP_ENCODE;
		} else {
			continue;
		}
		e->kind = (uint8_t)kind;
		e->index = (uint8_t)n;
		set_state(fw, e, FW_ENGINE_IDLE);
	}
}

struct fw_engine *engine_idle(struct fw *fw, uint32_t kind)
{
	uint32_t idle = fw->engines_idle[kind];

	return idle ? &fw->engines[fw_lowest(idle)] : NULL;
}

uint64_t engine_deadline(const struct fw *fw, uint32_t timeout_us)
{
	uint64_t limit = fw->watchdog_ms * NS_PER_MS;
	uint64_t own = timeout_us * NS_PER_US;

	return fw->now + (timeout_us && own < limit ? own : limit);
}

/* Fetch the descriptor and judge the copy. Returns whether the job may run, else completes it. */
static bool take_descriptor(struct fw *fw, struct fw_engine *e, struct fw_queue *q)
{
	const struct sl200_h264_enc *desc = codec_job(fw, e);
	struct verdict v;

	if (fw_mdma_read(fw, MDMA_IOVA(q->asid), e->job.src, codec_job(fw, e), e->job.width)) {
		struct stop stop = {.status = SL200_STATUS_MMU_FAULT,
				    .engine = FW_ENGINE_MCU,
				    .iova = e->job.src};

		queue_completion(fw, e->job.tag, SL200_STATUS_MMU_FAULT, 0);
		queue_complete(fw, q, e->sqe_flags);
		queue_stop(fw, q, &stop);
		return false;
	}
	v = validate_h264(desc, e->job.width, &fw->h264);
	if (v.status) {
		queue_completion(fw, e->job.tag, v.status, v.detail);
		queue_complete(fw, q, e->sqe_flags);
		return false;
	}
	e->result_iova = desc->head.result_iova;
	return true;
}

bool engine_start(struct fw *fw, struct fw_engine *e, struct fw_queue *q)
{
	uint32_t n = e->index;
	const void *job = &e->job;

	e->job = *queue_head_sqe(q);
	e->sqe_flags = e->job.flags;
	e->qid = q->qid;
	e->result_iova = 0;
	queue_consume(fw, q);
	if (e->kind == SL200_ENGINE_VENC) {
		if (!take_descriptor(fw, e, q))
			return false;
		job = codec_job(fw, e);
	}
	set_state(fw, e, FW_ENGINE_BUSY);
	e->start_ns = fw_time(fw);
	e->deadline = engine_deadline(fw, e->job.timeout_us);
	fw_write(fw, SL200_ENGINE_ASID(n), q->asid);
	fw_write(fw, SL200_ENGINE_JOB(n), tcm_offset(fw, job));
	fw_write(fw, SL200_ENGINE_RESULT(n), tcm_offset(fw, &e->result));
	fw_write(fw, SL200_ENGINE_CTRL(n), SL200_ENGINE_CTRL_START);
	return true;
}

/* The engine's job has ended with e->result; free the engine, then tell the client. */
static void finish(struct fw *fw, struct fw_engine *e, const struct stop *fault)
{
	struct fw_queue *q = fw_queue_at(fw, e->qid);
	struct sl200_job_result *r = &e->result;
	struct stop stop = *fault;
	uint64_t busy = fw_time(fw) - e->start_ns;

	set_state(fw, e, FW_ENGINE_IDLE);
	q->busy_ns[e->kind] += busy;
	sched_charge(q, e->charged, busy);
	if (e->result_iova &&
	    fw_mdma_write(fw, MDMA_IOVA(q->asid), e->result_iova, r, sizeof(*r)) &&
	    r->status != SL200_STATUS_MMU_FAULT) {
		r->status = SL200_STATUS_MMU_FAULT;
		stop = (struct stop){.status = SL200_STATUS_MMU_FAULT,
				     .engine = FW_ENGINE_MCU,
				     .write = true,
				     .iova = e->result_iova};
	}
	queue_completion(fw, e->job.tag, r->status, r->detail);
	fw->cqe.bytes = r->bytes;
	if (e->kind != SL200_ENGINE_DMA)
		fw->cqe.crc_bitstream = r->crc_bitstream;
	if (e->kind == SL200_ENGINE_VENC)
		fw->cqe.crc_recon = r->crc_recon;
	queue_complete(fw, q, e->sqe_flags);
	if (r->status == SL200_STATUS_MMU_FAULT)
		queue_stop(fw, q, &stop);
}

static void collect(struct fw *fw, struct fw_engine *e)
{
	uint32_t n = e->index;
	struct stop fault = {.status = SL200_STATUS_MMU_FAULT, .engine = (uint8_t)n};

	if (e->result.status == SL200_STATUS_MMU_FAULT) {
		uint32_t info = fw_read(fw, SL200_ENGINE_FAULT_INFO(n));

		fault.reason = (uint8_t)((info & SL200_ENGINE_FAULT_INFO_REASON) >>
					 SL200_ENGINE_FAULT_INFO_REASON_SHIFT);
		fault.write = info & SL200_ENGINE_FAULT_INFO_WRITE;
		fault.iova = (uint64_t)fw_read(fw, SL200_ENGINE_FAULT_IOVA_HI(n)) << 32 |
			     fw_read(fw, SL200_ENGINE_FAULT_IOVA_LO(n));
	}
	fw_write(fw, SL200_ENGINE_CTRL(n), SL200_ENGINE_CTRL_ACK);
	finish(fw, e, &fault);
}

static void reset(struct fw *fw, struct fw_engine *e, uint16_t status)
{
	set_state(fw, e, FW_ENGINE_RESETTING);
	e->reset_status = status;
	e->deadline = fw->now + FW_RESET_LIMIT_NS;
	fw_write(fw, SL200_ENGINE_CTRL(e->index), SL200_ENGINE_CTRL_RESET);
}

static void reset_done(struct fw *fw, struct fw_engine *e)
{
	struct stop none = {0};

	fw->stats.engine_resets++;
	log_event(fw, SL200_EVENT_ENGINE_RESET, e->qid, e->index, 0);
	memset(&e->result, 0, sizeof(e->result));
	e->result.start_ns = e->start_ns;
	e->result.end_ns = fw_time(fw);
	e->result.status = e->reset_status;
	finish(fw, e, &none);
}

void engine_abort_queue(struct fw *fw, uint32_t qid)
{
	for (uint32_t n = 0; n < fw->num_engines; n++)
		if (fw->engines[n].state == FW_ENGINE_BUSY && fw->engines[n].qid == qid)
			reset(fw, &fw->engines[n], SL200_STATUS_ABORTED);
}

static void watchdog(struct fw *fw, struct fw_engine *e)
{
	fw->stats.watchdog_expiries++;
	log_event(fw, SL200_EVENT_JOB_TIMEOUT, e->qid, e->index, e->job.tag);
	reset(fw, e, SL200_STATUS_TIMEOUT);
}

void engine_poll(struct fw *fw)
{
	for (uint32_t left = fw->engines_busy; left && !FW_STOPPING(fw); left &= left - 1) {
		uint32_t n = fw_lowest(left), status;
		struct fw_engine *e = &fw->engines[n];

		status = fw_read(fw, SL200_ENGINE_STATUS(n));
		if (e->state == FW_ENGINE_RESETTING) {
			if (status == SL200_ENGINE_STATUS_IDLE)
				reset_done(fw, e);
			else if (e->deadline <= fw->now)
				fw_panic(fw, SL200_PANIC_ASSERT);
		} else if (status == SL200_ENGINE_STATUS_DONE) {
			collect(fw, e);
		} else if (e->deadline <= fw->now) {
			watchdog(fw, e);
		}
	}
}

uint64_t engine_next(const struct fw *fw)
{
	uint64_t next = UINT64_MAX;

	for (uint32_t left = fw->engines_busy; left; left &= left - 1) {
		const struct fw_engine *e = &fw->engines[fw_lowest(left)];
		uint64_t when = e->state == FW_ENGINE_BUSY ? e->deadline : fw->now + FW_POLL_NS;

		if (when < next)
			next = when;
	}
	return next;
}
