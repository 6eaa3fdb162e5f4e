// SPDX-License-Identifier: MIT
#include "tests/unit/test_fw_fake.h"

#include <stdlib.h>
#include <string.h>

#include "firmware/keys/dev_key.h"

#define FLASH_KIND 2u
#define DRAM_KIND 1u

static uint32_t sys_index(uint32_t addr)
{
	return (addr - SL200_SYS_BASE) / 4;
}

void fake_power_on(struct hal *hal)
{
	struct hal fresh = {
		.tcm = hal->tcm,
		.host = hal->host,
		.dram = hal->dram,
		.flash = hal->flash,
		.now = 1000,
	};

	*hal = fresh;
	memset(hal->host, 0, FAKE_HOST_SIZE);
	for (uint32_t i = 0; i < 3; i++) {
		hal->engine[i].kind = i < 2 ? SL200_ENGINE_DMA : SL200_ENGINE_VENC;
		hal->engine[i].duration_ns = FAKE_MS;
		hal->engine[i].cap_flags = SL200_H264_F_MASK;
		hal->engine[i].cap_dim = 4096 | 2304u << 16;
		hal->engine[i].cap_limits = 4 | 1u << 8 | 32u << 16 | 4u << 28;
	}
	hal->sys[sys_index(SL200_SYS_NUM_ENGINES)] = 3;
	hal->sys[sys_index(SL200_SYS_DRAM_SIZE_HI)] = 2;
	memcpy(&hal->sys[sys_index(SL200_SYS_OTP_KEY(0))], sl200_dev_public_key, 32);
}

struct hal *fake_create(void)
{
	struct hal *hal = calloc(1, sizeof(*hal));

	hal->tcm = calloc(1, HAL_TCM_SIZE);
	hal->host = calloc(1, FAKE_HOST_SIZE);
	hal->dram = calloc(1, FAKE_DRAM_SIZE);
	hal->flash = calloc(1, SL200_FLASH_SIZE);
	fake_power_on(hal);
	return hal;
}

void fake_destroy(struct hal *hal)
{
	if (hal->running)
		fake_stop(hal);
	free(hal->tcm);
	free(hal->host);
	free(hal->dram);
	free(hal->flash);
	free(hal);
}

/* ---------------------------------------------------------------- the chip */

static void engines_advance(struct hal *hal)
{
	for (uint32_t n = 0; n < SL200_MAX_ENGINES; n++) {
		struct fake_engine *e = &hal->engine[n];

		if (e->done_at > hal->now)
			continue;
		if (e->status == SL200_ENGINE_STATUS_RESETTING) {
			e->status = SL200_ENGINE_STATUS_IDLE;
		} else if (e->status == SL200_ENGINE_STATUS_BUSY) {
			struct sl200_job_result *r = (void *)(hal->tcm + e->result);

			memset(r, 0, sizeof(*r));
			r->status = e->result_status;
			r->end_ns = hal->now;
			r->bytes = 100 + n;
			r->crc_bitstream = 0xb17;
			r->crc_recon = 0x4ec;
			e->status = SL200_ENGINE_STATUS_DONE;
		}
	}
}

static uint32_t pending(struct hal *hal)
{
	uint32_t irq = 0;

	engines_advance(hal);
	if (hal->timer_armed && hal->now >= hal->timer_cmp) {
		hal->timer_armed = false;
		hal->timer_pending = true;
	}
	for (uint32_t i = 0; i < 8; i++)
		irq |= hal->db_pending[i] ? SL200_SYS_IRQ_DOORBELL : 0;
	for (uint32_t n = 0; n < SL200_MAX_ENGINES; n++)
		if (hal->engine[n].status == SL200_ENGINE_STATUS_DONE)
			irq |= SL200_SYS_IRQ_ENGINE;
	irq |= hal->timer_pending ? SL200_SYS_IRQ_TIMER : 0;
	irq |= hal->host_pending ? SL200_SYS_IRQ_HOST : 0;
	return irq;
}

static uint64_t next_event(struct hal *hal)
{
	uint64_t next = hal->timer_armed ? hal->timer_cmp : UINT64_MAX;

	for (uint32_t n = 0; n < SL200_MAX_ENGINES; n++)
		if (hal->engine[n].status == SL200_ENGINE_STATUS_BUSY &&
		    hal->engine[n].done_at < next)
			next = hal->engine[n].done_at;
	return next;
}

static uint8_t *remote(struct hal *hal, uint64_t addr, uint32_t len)
{
	uint32_t kind = hal->mdma[2] >> 16 & 3;
	uint32_t asid = hal->mdma[2] & 0xffff;
	uint64_t size = FAKE_HOST_SIZE;
	uint8_t *base = hal->host;

	if (kind == FLASH_KIND) {
		size = hal->flash_broken ? 0 : SL200_FLASH_SIZE;
		base = hal->flash;
	} else if (kind == DRAM_KIND) {
		size = FAKE_DRAM_SIZE;
		base = hal->dram;
	} else if (asid && (asid >= SL200_MAX_ASIDS || !hal->asid_bound[asid])) {
		return NULL;
	} else if (addr < hal->hole_end && addr + len > hal->hole_start) {
		return NULL;
	}
	return addr < size && len <= size - addr ? base + addr : NULL;
}

static void mdma(struct hal *hal, uint32_t cmd)
{
	uint64_t addr = (uint64_t)hal->mdma[1] << 32 | hal->mdma[0];
	uint32_t tcm = hal->mdma[3];
	uint32_t len = hal->mdma[4];
	uint8_t *p = remote(hal, addr, len);

	hal->mdma_count++;
	hal->mdma_status = SL200_MDMA_STATUS_ERROR;
	if (!p || !len || len > 65536 || tcm > HAL_TCM_SIZE || len > HAL_TCM_SIZE - tcm)
		return;
	if (cmd == SL200_MDMA_CMD_WRITE && hal->on_write)
		hal->on_write(hal, hal->mdma[2], addr, len);
	if (cmd == SL200_MDMA_CMD_READ)
		memcpy(hal->tcm + tcm, p, len);
	else
		memcpy(p, hal->tcm + tcm, len);
	hal->mdma_status = 0;
}

static void mmu_command(struct hal *hal, uint32_t cmd)
{
	uint32_t asid = hal->mmu[0] % SL200_MAX_ASIDS;

	if (cmd == SL200_MMU_CMD_BIND || cmd == SL200_MMU_CMD_UNBIND)
		hal->asid_bound[asid] = cmd == SL200_MMU_CMD_BIND;
	else
		hal->invalidations++;
}

static void engine_start(struct hal *hal, uint32_t n)
{
	struct fake_engine *e = &hal->engine[n];
	const struct sl200_sqe *sqe = (const void *)(hal->tcm + e->job);
	const struct sl200_h264_enc *desc = (const void *)(hal->tcm + e->job);

	if (e->status != SL200_ENGINE_STATUS_IDLE)
		return;
	e->status = SL200_ENGINE_STATUS_BUSY;
	e->done_at = e->duration_ns == UINT64_MAX ? UINT64_MAX : hal->now + e->duration_ns;
	if (hal->starts < FAKE_STARTS)
		hal->start[hal->starts++] = (struct fake_start){
			.engine = (uint8_t)n,
			.asid = (uint16_t)e->asid,
			.tag = e->kind == SL200_ENGINE_VENC ? (uint64_t)desc->poc : sqe->tag,
			.at = hal->now,
		};
}

static uint32_t engine_read(struct hal *hal, uint32_t n, uint32_t reg)
{
	struct fake_engine *e = &hal->engine[n];

	engines_advance(hal);
	if (reg == SL200_ENGINE_KIND(0))
		return e->kind;
	if (reg == SL200_ENGINE_STATUS(0))
		return e->status;
	if (reg == SL200_ENGINE_FAULT_IOVA_LO(0))
		return (uint32_t)e->fault_iova;
	if (reg == SL200_ENGINE_FAULT_IOVA_HI(0))
		return (uint32_t)(e->fault_iova >> 32);
	if (reg == SL200_ENGINE_FAULT_INFO(0))
		return 1 | SL200_ENGINE_FAULT_INFO_WRITE | 2u << 4;
	if (reg == SL200_ENGINE_CAP_FLAGS(0))
		return e->cap_flags;
	if (reg == SL200_ENGINE_CAP_DIM(0))
		return e->cap_dim;
	return reg == SL200_ENGINE_CAP_LIMITS(0) ? e->cap_limits : 0;
}

static void engine_write(struct hal *hal, uint32_t n, uint32_t reg, uint32_t value)
{
	struct fake_engine *e = &hal->engine[n];

	if (reg == SL200_ENGINE_ASID(0))
		e->asid = value;
	else if (reg == SL200_ENGINE_JOB(0))
		e->job = value;
	else if (reg == SL200_ENGINE_RESULT(0))
		e->result = value;
	else if (reg == SL200_ENGINE_CTRL(0) && value == SL200_ENGINE_CTRL_START)
		engine_start(hal, n);
	else if (reg == SL200_ENGINE_CTRL(0) && value == SL200_ENGINE_CTRL_ACK)
		e->status = SL200_ENGINE_STATUS_IDLE;
	else if (reg == SL200_ENGINE_CTRL(0) && value == SL200_ENGINE_CTRL_RESET) {
		e->status = SL200_ENGINE_STATUS_RESETTING;
		e->done_at = hal->now + e->reset_ns;
		e->resets++;
	}
}

uint32_t hal_read(struct hal *hal, uint32_t addr)
{
	if (addr == SL200_SYS_IRQ)
		return pending(hal);
	if (addr == SL200_SYS_TIME_LO)
		return (uint32_t)hal->now;
	if (addr == SL200_SYS_TIME_HI)
		return (uint32_t)(hal->now >> 32);
	if (addr >= SL200_SYS_BASE && addr < SL200_SYS_BASE + sizeof(hal->sys))
		return hal->sys[sys_index(addr)];
	if (addr >= SL200_DB_PENDING(0) && addr <= SL200_DB_PENDING(7))
		return hal->db_pending[(addr - SL200_DB_PENDING(0)) / 4];
	if (addr >= SL200_DB_ENABLE(0) && addr <= SL200_DB_ENABLE(7))
		return hal->db_enable[(addr - SL200_DB_ENABLE(0)) / 4];
	if (addr >= SL200_DB_SQ_TAIL(0) && addr <= SL200_DB_SQ_TAIL(255))
		return hal->db_tail[(addr - SL200_DB_SQ_TAIL(0)) / 4];
	if (addr >= SL200_DB_CQ_HEAD(0) && addr <= SL200_DB_CQ_HEAD(255))
		return hal->db_head[(addr - SL200_DB_CQ_HEAD(0)) / 4];
	if (addr == SL200_MDMA_STATUS)
		return hal->mdma_status;
	if (addr >= SL200_ENGINE_BASE && addr < SL200_ENGINE_KIND(SL200_MAX_ENGINES))
		return engine_read(hal, (addr - SL200_ENGINE_BASE) / SL200_ENGINE_STRIDE,
				   SL200_ENGINE_BASE +
					   (addr - SL200_ENGINE_BASE) % SL200_ENGINE_STRIDE);
	return 0;
}

static void db_enable(struct hal *hal, uint32_t word, uint32_t value)
{
	uint32_t rising = value & ~hal->db_enable[word];

	for (uint32_t i = 0; i < 32; i++) {
		if (rising >> i & 1) {
			hal->db_tail[word * 32 + i] = 0;
			hal->db_head[word * 32 + i] = 0;
		}
	}
	hal->db_enable[word] = value;
}

static void sys_write(struct hal *hal, uint32_t addr, uint32_t value)
{
	if (addr == SL200_SYS_IRQ_ACK) {
		if (value & SL200_SYS_IRQ_TIMER)
			hal->timer_pending = false;
		if (value & SL200_SYS_IRQ_HOST)
			hal->host_pending = false;
	} else if (addr == SL200_SYS_TIMER_CMP_HI) {
		hal->timer_cmp =
			(uint64_t)value << 32 | hal->sys[sys_index(SL200_SYS_TIMER_CMP_LO)];
		hal->timer_armed = true;
	} else if (addr == SL200_SYS_MSIX_SEND) {
		hal->msix[value % SL200_MSIX_TABLE_COUNT]++;
	} else {
		hal->sys[sys_index(addr)] = value;
	}
	if (addr == SL200_SYS_BOOT_STATUS && hal->status_count < 16)
		hal->status_seen[hal->status_count++] = value;
	if (addr == SL200_SYS_PANIC && value)
		hal->stop = true;
}

void hal_write(struct hal *hal, uint32_t addr, uint32_t value)
{
	if (addr >= SL200_SYS_BASE && addr < SL200_SYS_BASE + sizeof(hal->sys))
		sys_write(hal, addr, value);
	else if (addr >= SL200_DB_PENDING_CLEAR(0) && addr <= SL200_DB_PENDING_CLEAR(7))
		hal->db_pending[(addr - SL200_DB_PENDING_CLEAR(0)) / 4] &= ~value;
	else if (addr >= SL200_DB_ENABLE(0) && addr <= SL200_DB_ENABLE(7))
		db_enable(hal, (addr - SL200_DB_ENABLE(0)) / 4, value);
	else if (addr == SL200_MDMA_CMD)
		mdma(hal, value);
	else if (addr >= SL200_MDMA_BASE && addr < SL200_MDMA_CMD)
		hal->mdma[(addr - SL200_MDMA_BASE) / 4] = value;
	else if (addr == SL200_MMU_CMD)
		mmu_command(hal, value);
	else if (addr >= SL200_MMU_BASE && addr < SL200_MMU_CMD)
		hal->mmu[(addr - SL200_MMU_BASE) / 4] = value;
	else if (addr >= SL200_ENGINE_BASE && addr < SL200_ENGINE_KIND(SL200_MAX_ENGINES))
		engine_write(hal, (addr - SL200_ENGINE_BASE) / SL200_ENGINE_STRIDE,
			     SL200_ENGINE_BASE + (addr - SL200_ENGINE_BASE) % SL200_ENGINE_STRIDE,
			     value);
}

void *hal_tcm(struct hal *hal)
{
	return hal->tcm;
}

int hal_stopping(struct hal *hal)
{
	return hal->stop;
}

int hal_wait(struct hal *hal)
{
	while (!hal->stop && !pending(hal)) {
		uint64_t next = next_event(hal);

		if (next <= hal->run_until) {
			hal->now = next > hal->now ? next : hal->now;
			continue;
		}
		if (hal->run_until > hal->now)
			hal->now = hal->run_until;
		if (hal->idle(hal))
			hal->stop = true;
	}
	return hal->stop;
}

/* ------------------------------------------------------------- the threads */

static bool hand_over(struct hal *hal)
{
	sem_post(&hal->to_test);
	sem_wait(&hal->to_firmware);
	return hal->stop;
}

static void *firmware_thread(void *arg)
{
	struct hal *hal = arg;

	sem_wait(&hal->to_firmware);
	fw_main(hal);
	hal->running = false;
	sem_post(&hal->to_test);
	return NULL;
}

void fake_start(struct hal *hal)
{
	sem_init(&hal->to_firmware, 0, 0);
	sem_init(&hal->to_test, 0, 0);
	hal->idle = hand_over;
	hal->stop = false;
	hal->running = true;
	pthread_create(&hal->thread, NULL, firmware_thread, hal);
	fake_run(hal, 0);
}

void fake_run(struct hal *hal, uint64_t ns)
{
	if (!hal->running)
		return;
	hal->run_until = hal->now + ns;
	sem_post(&hal->to_firmware);
	sem_wait(&hal->to_test);
	if (!hal->running) {
		pthread_join(hal->thread, NULL);
		sem_destroy(&hal->to_firmware);
		sem_destroy(&hal->to_test);
	}
}

void fake_stop(struct hal *hal)
{
	hal->stop = true;
	fake_run(hal, 0);
}

/* ---------------------------------------------------------------- the host */

void fake_doorbell(struct hal *hal, uint32_t qid, uint32_t reg, uint32_t value)
{
	if (!(hal->db_enable[qid / 32] >> (qid & 31) & 1))
		return;
	if (reg == SL200_DOORBELL_SQ_TAIL)
		hal->db_tail[qid] = value;
	else
		hal->db_head[qid] = value;
	hal->db_pending[qid / 32] |= 1u << (qid & 31);
}

void fake_admin_control(struct hal *hal, uint32_t value)
{
	hal->sys[sys_index(SL200_SYS_ADMIN_CTRL)] = value;
	hal->host_pending = true;
	fake_run(hal, 0);
}

void fake_admin_setup(struct hal *hal)
{
	hal->sys[sys_index(SL200_SYS_ADMIN_SQ_LO)] = FAKE_ADMIN_SQ;
	hal->sys[sys_index(SL200_SYS_ADMIN_CQ_LO)] = FAKE_ADMIN_CQ;
	hal->sys[sys_index(SL200_SYS_ADMIN_DEPTH)] = FAKE_ADMIN_DEPTH;
	hal->admin_tail = 0;
	hal->admin_head = 0;
	memset(hal->host + FAKE_ADMIN_CQ, 0, 4096);
	fake_admin_control(hal, SL200_ADMIN_CTRL_ENABLE);
}

void fake_admin_post(struct hal *hal, const struct sl200_admin_sqe *sqe)
{
	uint32_t slot = hal->admin_tail++ % FAKE_ADMIN_DEPTH;

	memcpy(hal->host + FAKE_ADMIN_SQ + slot * sizeof(*sqe), sqe, sizeof(*sqe));
	fake_doorbell(hal, 0, SL200_DOORBELL_SQ_TAIL, hal->admin_tail);
}

static bool take_cqe(struct hal *hal, uint64_t cq, uint32_t head, uint32_t depth,
		     struct sl200_cqe *cqe)
{
	memcpy(cqe, hal->host + cq + (head & (depth - 1)) * sizeof(*cqe), sizeof(*cqe));
	return cqe->phase == (head & depth ? 0 : SL200_CQE_PHASE);
}

bool fake_admin_reap(struct hal *hal, struct sl200_cqe *cqe)
{
	if (!take_cqe(hal, FAKE_ADMIN_CQ, hal->admin_head, FAKE_ADMIN_DEPTH, cqe))
		return false;
	hal->admin_head++;
	fake_doorbell(hal, 0, SL200_DOORBELL_CQ_HEAD, hal->admin_head);
	return true;
}

struct sl200_cqe fake_admin(struct hal *hal, const struct sl200_admin_sqe *sqe)
{
	struct sl200_cqe cqe;

	fake_admin_post(hal, sqe);
	fake_run(hal, 0);
	if (!fake_admin_reap(hal, &cqe))
		cqe.status = 0xffff;
	return cqe;
}

struct fake_queue fake_queue(struct hal *hal, uint32_t qid, uint16_t asid, uint32_t depth,
			     uint8_t priority, uint8_t weight)
{
	struct fake_queue q = {.hal = hal, .qid = qid, .depth = depth};
	struct sl200_admin_sqe bind = {.opcode = SL200_ADMIN_ASID_BIND, .asid = asid};
	struct sl200_admin_sqe create = {
		.opcode = SL200_ADMIN_QUEUE_CREATE,
		.qid = (uint16_t)qid,
		.asid = asid,
		.priority = priority,
		.weight = weight,
		.depth = depth,
		.vector = (uint16_t)(1 + qid % 32),
	};

	q.sq = 0x10000 + (uint64_t)qid * 0x4000;
	q.cq = q.sq + 0x2000;
	memset(hal->host + q.cq, 0, 0x2000);
	create.addr = q.sq;
	create.addr2 = q.cq;
	fake_admin(hal, &bind);
	if (fake_admin(hal, &create).status)
		q.depth = 0;
	return q;
}

void fake_post(struct fake_queue *q, const struct sl200_sqe *sqe)
{
	memcpy(q->hal->host + q->sq + (q->tail & (q->depth - 1)) * sizeof(*sqe), sqe, sizeof(*sqe));
	q->tail++;
}

void fake_ring(struct fake_queue *q)
{
	fake_doorbell(q->hal, q->qid, SL200_DOORBELL_SQ_TAIL, q->tail);
}

bool fake_reap(struct fake_queue *q, struct sl200_cqe *cqe)
{
	if (!take_cqe(q->hal, q->cq, q->head, q->depth, cqe))
		return false;
	q->head++;
	fake_doorbell(q->hal, q->qid, SL200_DOORBELL_CQ_HEAD, q->head);
	return true;
}
