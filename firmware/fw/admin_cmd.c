// SPDX-License-Identifier: MIT
#include "firmware/fw/admin_cmd.h"
#include "abi/sl200_mmu.h"
#include "firmware/fw/log.h"
#include "firmware/fw/queue.h"
#include "firmware/fw/update.h"

#define IOVA_END (1ull << SL200_IOVA_BITS)
#define FIELD(name) ((uint16_t)offsetof(struct sl200_admin_sqe, name))
#define COALESCE_US_MAX 1000000u
#define LOG_DEPTH_MAX 65536u

/* Fields a command may use. */
enum use {
	USE_QID = 0x001,
	USE_ASID = 0x002,
	USE_SHARE = 0x004, /* priority, weight */
	USE_ADDR = 0x008,
	USE_ADDR2 = 0x010,
	USE_SIZE = 0x020,
	USE_DEPTH = 0x040,
	USE_VECTOR = 0x080,
	USE_LIMITS = 0x100,
};

static struct admin_result result(uint16_t status, uint16_t detail)
{
	return (struct admin_result){.status = status, .detail = detail};
}

static struct admin_result ok(void)
{
	return result(SL200_STATUS_OK, 0);
}

static struct admin_result bad(uint16_t offset)
{
	return result(SL200_STATUS_INVALID_FIELD, offset);
}

/* The first field in use that must not be, or -1. */
static int check_unused(const struct sl200_admin_sqe *c, unsigned int used)
{
	if (c->qid && !(used & USE_QID))
		return FIELD(qid);
	if (c->asid && !(used & USE_ASID))
		return FIELD(asid);
	if (c->priority && !(used & USE_SHARE))
		return FIELD(priority);
	if (c->weight && !(used & USE_SHARE))
		return FIELD(weight);
	if (c->addr && !(used & USE_ADDR))
		return FIELD(addr);
	if (c->addr2 && !(used & USE_ADDR2))
		return FIELD(addr2);
	if (c->size && !(used & USE_SIZE))
		return FIELD(size);
	if (c->depth && !(used & USE_DEPTH))
		return FIELD(depth);
	if (c->vector && !(used & USE_VECTOR))
		return FIELD(vector);
	if (c->coalesce_count && !(used & USE_LIMITS))
		return FIELD(coalesce_count);
	if (c->coalesce_us && !(used & USE_LIMITS))
		return FIELD(coalesce_us);
	if (c->watchdog_ms && !(used & USE_LIMITS))
		return FIELD(watchdog_ms);
	return c->reserved ? FIELD(reserved) : -1;
}

/* Write an object from scratch memory to the host, size bytes of it at most. */
static struct admin_result reply(struct fw *fw, const struct sl200_admin_sqe *c, void *object,
				 uint32_t object_size)
{
	struct admin_result r = ok();

	r.bytes = c->size && c->size < object_size ? (uint32_t)c->size : object_size;
	if (fw_mdma_write(fw, MDMA_BUS, c->addr, object, r.bytes))
		return result(SL200_STATUS_MMU_FAULT, FIELD(addr));
	return r;
}

static struct admin_result get_caps(struct fw *fw, const struct sl200_admin_sqe *c)
{
	struct sl200_caps *caps = &fw->scratch.caps;

	if (!c->size)
		return bad(FIELD(size));
	memset(caps, 0, sizeof(*caps));
	caps->size = sizeof(*caps);
	caps->fw_version = fw_read(fw, SL200_SYS_FW_VERSION);
	caps->abi_min = SL200_FW_ABI;
	caps->abi_max = SL200_FW_ABI;
	caps->dram_size = fw_read(fw, SL200_SYS_DRAM_SIZE_LO);
	caps->dram_size |= (uint64_t)fw_read(fw, SL200_SYS_DRAM_SIZE_HI) << 32;
	caps->num_queues = SL200_MAX_QUEUES;
	caps->num_asids = SL200_MAX_ASIDS;
	caps->max_depth = SL200_QUEUE_DEPTH_MAX;
	caps->num_vectors = FW_NUM_VECTORS;
	for (uint32_t i = 0; i < SL200_MAX_ENGINES; i++)
		caps->engine_kind[i] = fw->engines[i].kind;
	caps->opcodes_lo = fw->opcodes;
	caps->watchdog_ms = fw->watchdog_ms;
	if (fw->opcodes >> SL200_OP_ENCODE & 1) {
		caps->num_enc = 1;
		caps->enc[0] = fw->h264;
	}
	return reply(fw, c, caps, sizeof(*caps));
}

static struct admin_result get_stats(struct fw *fw, const struct sl200_admin_sqe *c)
{
	fw->stats.uptime_ns = fw_time(fw) - fw->boot_ns;
	fw->scratch.stats = fw->stats;
	for (uint32_t i = 1; i < SL200_MAX_QUEUES; i++) {
		const struct fw_queue *q = fw_queue_at(fw, i);

		if (q->state != SL200_QUEUE_NONE) {
			fw->scratch.stats.jobs += q->jobs;
			fw->scratch.stats.job_errors += q->errors;
		}
	}
	return reply(fw, c, &fw->scratch.stats, sizeof(fw->scratch.stats));
}

/* One MMU operation, waited for. */
static void mmu_command(struct fw *fw, uint32_t asid, uint32_t cmd)
{
	uint64_t limit = fw_time(fw) + FW_RESET_LIMIT_NS;

	fw_write(fw, SL200_MMU_ASID, asid);
	fw_write(fw, SL200_MMU_CMD, cmd);
	while (fw_read(fw, SL200_MMU_STATUS) & SL200_MMU_STATUS_BUSY) {
		if (hal_stopping(fw->hal))
			fw->stopping = true;
		else if (fw_time(fw) > limit)
			fw_panic(fw, SL200_PANIC_ASSERT);
	}
}

static bool asid_valid(uint32_t asid)
{
	return asid && asid < SL200_MAX_ASIDS;
}

static struct admin_result asid_bind(struct fw *fw, const struct sl200_admin_sqe *c)
{
	if (!asid_valid(c->asid))
		return bad(FIELD(asid));
	if (c->addr & ~SL200_PTE_ADDR)
		return bad(FIELD(addr));
	if (fw_bit(fw->asid_bound, c->asid))
		return result(SL200_STATUS_EXISTS, 0);
	fw_write(fw, SL200_MMU_ROOT_LO, (uint32_t)c->addr);
	fw_write(fw, SL200_MMU_ROOT_HI, (uint32_t)(c->addr >> 32));
	mmu_command(fw, c->asid, SL200_MMU_CMD_BIND);
	fw_bit_set(fw->asid_bound, c->asid, true);
	fw->stats.asids++;
	return ok();
}

static bool asid_in_use(const struct fw *fw, uint32_t asid)
{
	for (uint32_t i = 1; i < SL200_MAX_QUEUES; i++)
		if (fw->queues[i].state != SL200_QUEUE_NONE && fw->queues[i].asid == asid)
			return true;
	return false;
}

static struct admin_result asid_unbind(struct fw *fw, const struct sl200_admin_sqe *c)
{
	if (!asid_valid(c->asid))
		return bad(FIELD(asid));
	if (!fw_bit(fw->asid_bound, c->asid))
		return result(SL200_STATUS_NOT_FOUND, 0);
	if (asid_in_use(fw, c->asid))
		return result(SL200_STATUS_BUSY, 0);
	mmu_command(fw, c->asid, SL200_MMU_CMD_UNBIND);
	fw_bit_set(fw->asid_bound, c->asid, false);
	fw->stats.asids--;
	return ok();
}

static struct admin_result tlb_invalidate(struct fw *fw, const struct sl200_admin_sqe *c)
{
	if (!asid_valid(c->asid))
		return bad(FIELD(asid));
	if (c->addr >= IOVA_END)
		return bad(FIELD(addr));
	if (c->size > IOVA_END - c->addr)
		return bad(FIELD(size));
	if (!fw_bit(fw->asid_bound, c->asid))
		return result(SL200_STATUS_NOT_FOUND, 0);
	fw_write(fw, SL200_MMU_IOVA_LO, (uint32_t)c->addr);
	fw_write(fw, SL200_MMU_IOVA_HI, (uint32_t)(c->addr >> 32));
	fw_write(fw, SL200_MMU_SIZE_LO, (uint32_t)c->size);
	fw_write(fw, SL200_MMU_SIZE_HI, (uint32_t)(c->size >> 32));
	mmu_command(fw, c->asid,
		    c->size ? SL200_MMU_CMD_INVALIDATE_RANGE : SL200_MMU_CMD_INVALIDATE_ASID);
	return ok();
}

static bool depth_ok(uint32_t depth, uint32_t min, uint32_t max)
{
	return depth >= min && depth <= max && !(depth & (depth - 1));
}

static bool ring_ok(uint64_t addr, uint64_t size)
{
	return !(addr & 4095) && addr < IOVA_END && size <= IOVA_END - addr;
}

static struct admin_result create(struct fw *fw, const struct sl200_admin_sqe *c)
{
	if (!c->qid || c->qid >= SL200_MAX_QUEUES)
		return bad(FIELD(qid));
	if (!asid_valid(c->asid))
		return bad(FIELD(asid));
	if (c->priority >= SL200_PRIO_COUNT)
		return bad(FIELD(priority));
	if (!c->weight)
		return bad(FIELD(weight));
	if (!depth_ok(c->depth, SL200_QUEUE_DEPTH_MIN, SL200_QUEUE_DEPTH_MAX))
		return bad(FIELD(depth));
	if (!ring_ok(c->addr, (uint64_t)c->depth * sizeof(struct sl200_sqe)))
		return bad(FIELD(addr));
	if (!ring_ok(c->addr2, (uint64_t)c->depth * sizeof(struct sl200_cqe)))
		return bad(FIELD(addr2));
	if (c->vector >= FW_NUM_VECTORS)
		return bad(FIELD(vector));
	if (!fw_bit(fw->asid_bound, c->asid))
		return result(SL200_STATUS_NOT_FOUND, FIELD(asid));
	if (fw->queues[c->qid].state != SL200_QUEUE_NONE)
		return result(SL200_STATUS_EXISTS, FIELD(qid));
	queue_create(fw, c->qid, c);
	return ok();
}

static struct admin_result destroy(struct fw *fw, const struct sl200_admin_sqe *c)
{
	struct fw_queue *q;
	struct admin_result r = ok();

	if (!c->qid || c->qid >= SL200_MAX_QUEUES)
		return bad(FIELD(qid));
	q = fw_queue_at(fw, c->qid);
	if (q->state == SL200_QUEUE_NONE)
		return result(SL200_STATUS_NOT_FOUND, 0);
	if (q->destroying)
		return result(SL200_STATUS_BUSY, 0);
	queue_destroy(fw, q, c->tag, c->flags);
	r.deferred = true;
	return r;
}

static struct admin_result query(struct fw *fw, const struct sl200_admin_sqe *c)
{
	struct sl200_queue_info *info = &fw->scratch.info;
	const struct fw_queue *q;

	if (!c->qid || c->qid >= SL200_MAX_QUEUES)
		return bad(FIELD(qid));
	q = fw_queue_at(fw, c->qid);
	if (q->state == SL200_QUEUE_NONE)
		return result(SL200_STATUS_NOT_FOUND, 0);
	memset(info, 0, sizeof(*info));
	info->state = q->state;
	info->priority = q->priority;
	info->stop_status = q->stop_status;
	info->asid = q->asid;
	info->fault_engine = q->fault_engine;
	info->fault_reason = q->fault_reason;
	info->fault_iova = q->fault_iova;
	info->fault_write = q->fault_write;
	info->sq_head = q->sq_head;
	info->sq_tail = q->sq_tail;
	info->in_flight = q->in_flight;
	info->jobs = q->jobs;
	info->errors = q->errors;
	memcpy(info->busy_ns, q->busy_ns, sizeof(q->busy_ns));
	return reply(fw, c, info, sizeof(*info));
}

static struct admin_result attach_log(struct fw *fw, const struct sl200_admin_sqe *c)
{
	if (c->depth && !depth_ok(c->depth, 1, LOG_DEPTH_MAX))
		return bad(FIELD(depth));
	if (c->addr & (sizeof(struct sl200_log_entry) - 1))
		return bad(FIELD(addr));
	if (log_attach(fw, c->addr, c->depth))
		return result(SL200_STATUS_MMU_FAULT, FIELD(addr));
	return ok();
}

static struct admin_result set_limits(struct fw *fw, const struct sl200_admin_sqe *c)
{
	if (c->coalesce_us > COALESCE_US_MAX)
		return bad(FIELD(coalesce_us));
	if (c->watchdog_ms > FW_MAX_WATCHDOG_MS)
		return bad(FIELD(watchdog_ms));
	/* The pair is kept or set together: a delay alone says nothing. */
	if (c->coalesce_count) {
		fw->coalesce_count = c->coalesce_count;
		fw->coalesce_us = c->coalesce_us;
	} else if (c->coalesce_us) {
		return bad(FIELD(coalesce_count));
	}
	if (c->watchdog_ms)
		fw->watchdog_ms = c->watchdog_ms;
	return ok();
}

static struct admin_result image_result(uint32_t boot_status)
{
	return boot_status ? result(SL200_STATUS_BAD_IMAGE, (uint16_t)boot_status) : ok();
}

static struct admin_result fw_update(struct fw *fw, const struct sl200_admin_sqe *c)
{
	if (c->qid >= SL200_FLASH_SLOTS)
		return bad(FIELD(qid));
	return image_result(update_write(fw, c->qid, c->addr, c->size));
}

static struct admin_result fw_activate(struct fw *fw, const struct sl200_admin_sqe *c)
{
	if (c->qid >= SL200_FLASH_SLOTS)
		return bad(FIELD(qid));
	return image_result(update_activate(fw, c->qid));
}

static struct admin_result ping(struct fw *fw, const struct sl200_admin_sqe *c)
{
	return ok();
}

struct command {
	unsigned int used;
	struct admin_result (*execute)(struct fw *fw, const struct sl200_admin_sqe *c);
};

struct admin_result admin_execute(struct fw *fw, const struct sl200_admin_sqe *c)
{
	static const struct command commands[] = {
		[SL200_ADMIN_PING] = {0, ping},
		[SL200_ADMIN_GET_CAPS] = {USE_ADDR | USE_SIZE, get_caps},
		[SL200_ADMIN_ASID_BIND] = {USE_ASID | USE_ADDR, asid_bind},
		[SL200_ADMIN_ASID_UNBIND] = {USE_ASID, asid_unbind},
		[SL200_ADMIN_TLB_INVALIDATE] = {USE_ASID | USE_ADDR | USE_SIZE, tlb_invalidate},
		[SL200_ADMIN_QUEUE_CREATE] = {USE_QID | USE_ASID | USE_SHARE | USE_ADDR |
						      USE_ADDR2 | USE_DEPTH | USE_VECTOR,
					      create},
		[SL200_ADMIN_QUEUE_DESTROY] = {USE_QID, destroy},
		[SL200_ADMIN_QUEUE_QUERY] = {USE_QID | USE_ADDR | USE_SIZE, query},
		[SL200_ADMIN_GET_STATS] = {USE_ADDR | USE_SIZE, get_stats},
		[SL200_ADMIN_LOG_ATTACH] = {USE_ADDR | USE_DEPTH, attach_log},
		[SL200_ADMIN_SET_LIMITS] = {USE_LIMITS, set_limits},
		[SL200_ADMIN_FW_UPDATE] = {USE_QID | USE_ADDR | USE_SIZE, fw_update},
		[SL200_ADMIN_FW_ACTIVATE] = {USE_QID, fw_activate},
	};
	const struct command *command;
	int offset;

	if (c->opcode >= sizeof(commands) / sizeof(commands[0]))
		return result(SL200_STATUS_INVALID_OPCODE, 0);
	command = &commands[c->opcode];
	if (c->flags & ~SL200_SQE_F_IRQ)
		return bad(FIELD(flags));
	offset = check_unused(c, command->used);
	if (offset >= 0)
		return bad((uint16_t)offset);
	return command->execute(fw, c);
}
