// SPDX-License-Identifier: MIT
#include "abi/sl200_mmu.h"
#include "abi/sl200_regs.h"
#include "driver/core/admin.h"
#include "driver/core/patience.h"
#include "driver/core/ring.h"

/* Interrupts can get lost, and a halted MCU sends none: look by oneself this often. */
#define ADMIN_POLL_US 20000
#define ADMIN_ENABLE_POLL_US 100

static uint64_t admin_tag(unsigned int slot, uint16_t generation)
{
	return (uint64_t)generation << 16 | slot;
}

static int admin_enable(struct core_admin *admin)
{
	struct core_port *port = admin->port;
	uint64_t deadline = port->ops->now_ns(port) + admin->timeout_ms * 1000000ull;

	core_write32(port, SL200_ADMIN_SQ_LO, (uint32_t)admin->sq.bus);
	core_write32(port, SL200_ADMIN_SQ_HI, (uint32_t)(admin->sq.bus >> 32));
	core_write32(port, SL200_ADMIN_CQ_LO, (uint32_t)admin->cq.bus);
	core_write32(port, SL200_ADMIN_CQ_HI, (uint32_t)(admin->cq.bus >> 32));
	core_write32(port, SL200_ADMIN_DEPTH, CORE_ADMIN_DEPTH);
	core_write32(port, SL200_ADMIN_CTRL, SL200_ADMIN_CTRL_ENABLE);
	for (;;) {
		bool late = port->ops->now_ns(port) > deadline;
		uint32_t status = core_read32(port, SL200_ADMIN_STATUS);

		if (status == CORE_ALL_ONES)
			return -ENODEV;
		if (status & SL200_ADMIN_STATUS_ERROR)
			return -EIO;
		if (status & SL200_ADMIN_STATUS_READY)
			return 0;
		if (late)
			return -ETIMEDOUT;
		port->ops->sleep_us(port, ADMIN_ENABLE_POLL_US);
	}
}

int core_admin_start(struct core_admin *admin, struct core_port *port, unsigned int timeout_ms)
{
	int ret;

	memset(admin, 0, sizeof(*admin));
	admin->port = port;
	admin->timeout_ms = core_patience_ms(port, timeout_ms);
	ret = port->ops->dma_alloc(
		port, core_ring_bytes(CORE_ADMIN_DEPTH, sizeof(struct sl200_admin_sqe)),
		&admin->sq);
	if (ret)
		return ret;
	ret = port->ops->dma_alloc(
		port, core_ring_bytes(CORE_ADMIN_DEPTH, sizeof(struct sl200_cqe)), &admin->cq);
	if (ret)
		goto free_sq;
	ret = port->ops->dma_alloc(
		port, core_align_up(CORE_ADMIN_DEPTH * CORE_ADMIN_DATA_SIZE, SL200_PAGE_SIZE),
		&admin->data);
	if (ret)
		goto free_cq;
	admin->running = true;
	ret = admin_enable(admin);
	if (ret)
		core_admin_stop(admin);
	return ret;

free_cq:
	port->ops->dma_free(port, &admin->cq);
free_sq:
	port->ops->dma_free(port, &admin->sq);
	return ret;
}

void core_admin_stop(struct core_admin *admin)
{
	struct core_port *port = admin->port;
	uint64_t deadline = port->ops->now_ns(port) + admin->timeout_ms * 1000000ull;

	if (!admin->running)
		return;
	admin->running = false;
	core_write32(port, SL200_ADMIN_CTRL, 0);
	/* A halted MCU uses the rings no more either, and never says so. */
	while ((core_read32(port, SL200_ADMIN_STATUS) & SL200_ADMIN_STATUS_READY) &&
	       core_read32(port, SL200_MCU_STATE) == SL200_MCU_STATE_RUN &&
	       port->ops->now_ns(port) < deadline)
		port->ops->sleep_us(port, ADMIN_ENABLE_POLL_US);
	port->ops->dma_free(port, &admin->data);
	port->ops->dma_free(port, &admin->cq);
	port->ops->dma_free(port, &admin->sq);
}

/* Move completions from the ring to their slots. */
static void admin_collect(struct core_admin *admin)
{
	struct core_port *port = admin->port;
	uint32_t head = admin->cq_head, bogus = admin->bogus;
	struct sl200_cqe cqe;

	while (core_cq_read(admin->cq.cpu, CORE_ADMIN_DEPTH, admin->cq_head, &cqe)) {
		unsigned int slot = cqe.tag & 0xffff;

		admin->cq_head++;
		if (slot >= CORE_ADMIN_DEPTH ||
		    cqe.tag != admin_tag(slot, admin->slot[slot].generation) ||
		    admin->slot[slot].state == CORE_ADMIN_FREE ||
		    admin->slot[slot].state == CORE_ADMIN_DONE) {
			admin->bogus++;
			continue;
		}
		admin->turnover++;
		admin->slot[slot].cqe = cqe;
		admin->slot[slot].state = admin->slot[slot].state == CORE_ADMIN_ABANDONED
						  ? CORE_ADMIN_FREE
						  : CORE_ADMIN_DONE;
	}
	if (admin->cq_head != head)
		port->ops->doorbell(port, 0, SL200_DOORBELL_CQ_HEAD, admin->cq_head);
	if (admin->bogus != bogus)
		port->ops->log(port, CORE_LOG_ERROR, "admin queue: a completion names no command");
}

/* Take a free slot, write the entry and ring. -EAGAIN when all slots are taken. */
static int admin_submit(struct core_admin *admin, const struct sl200_admin_sqe *sqe, bool data,
			unsigned int *slot)
{
	struct sl200_admin_sqe *ring = admin->sq.cpu;
	struct sl200_admin_sqe entry = *sqe;
	unsigned int i;

	for (i = 0; i < CORE_ADMIN_DEPTH && admin->slot[i].state != CORE_ADMIN_FREE; i++)
		;
	if (i == CORE_ADMIN_DEPTH)
		return -EAGAIN;
	*slot = i;
	admin->turnover++;
	admin->slot[i].state = CORE_ADMIN_WAITING;
	admin->slot[i].generation++;
	admin->slot[i].bogus = admin->bogus;
	entry.flags |= SL200_SQE_F_IRQ;
	entry.tag = admin_tag(i, admin->slot[i].generation);
	if (data) {
		entry.addr = admin->data.bus + i * CORE_ADMIN_DATA_SIZE;
		memset((uint8_t *)admin->data.cpu + i * CORE_ADMIN_DATA_SIZE, 0,
		       CORE_ADMIN_DATA_SIZE);
	}
	ring[admin->sq_tail & (CORE_ADMIN_DEPTH - 1)] = entry;
	admin->sq_tail++;
	admin->port->ops->doorbell(admin->port, 0, SL200_DOORBELL_SQ_TAIL, admin->sq_tail);
	return 0;
}

/*
 * One look, under the lock: submit if not yet done, collect, and take the result if there.
 * *turnover: as it is now.
 */
static int admin_step(struct core_admin *admin, const struct sl200_admin_sqe *sqe, void *data,
		      size_t size, int *slot, struct sl200_cqe *cqe, uint32_t *turnover)
{
	struct core_port *port = admin->port;
	unsigned int taken;
	int ret = 0;

	port->ops->lock(port, CORE_LOCK_ADMIN);
	admin_collect(admin);
	if (*slot < 0) {
		ret = admin_submit(admin, sqe, data, &taken);
		if (!ret) {
			*slot = taken;
			ret = -EAGAIN;
		}
	} else if (admin->slot[*slot].state == CORE_ADMIN_DONE) {
		*cqe = admin->slot[*slot].cqe;
		if (data)
			memcpy(data, (uint8_t *)admin->data.cpu + *slot * CORE_ADMIN_DATA_SIZE,
			       size);
		admin->slot[*slot].state = CORE_ADMIN_FREE;
		admin->turnover++;
	} else {
		ret = admin->slot[*slot].bogus == admin->bogus ? -EAGAIN : -EIO;
	}
	*turnover = admin->turnover;
	port->ops->unlock(port, CORE_LOCK_ADMIN);
	return ret;
}

static void admin_abandon(struct core_admin *admin, int slot)
{
	struct core_port *port = admin->port;

	port->ops->lock(port, CORE_LOCK_ADMIN);
	if (slot >= 0)
		admin->slot[slot].state = admin->slot[slot].state == CORE_ADMIN_DONE
						  ? CORE_ADMIN_FREE
						  : CORE_ADMIN_ABANDONED;
	port->ops->unlock(port, CORE_LOCK_ADMIN);
}

int core_admin_run(struct core_admin *admin, const struct sl200_admin_sqe *sqe, void *data,
		   size_t size, uint32_t *written, uint16_t *status)
{
	struct core_port *port = admin->port;
	const uint64_t timeout_ns = admin->timeout_ms * 1000000ull;
	uint64_t now = port->ops->now_ns(port), deadline = now + timeout_ns, look = now;
	uint32_t turnover = 0, before;
	struct sl200_cqe cqe;
	int slot = -1, ret;

	if (size > CORE_ADMIN_DATA_SIZE)
		return -EINVAL;
	for (;;) {
		uint32_t irqs = port->ops->admin_irqs(port);
		bool late, waiting = slot < 0;

		now = port->ops->now_ns(port);
		before = turnover;
		ret = admin_step(admin, sqe, data, size, &slot, &cqe, &turnover);
		if (!ret)
			break;
		if (waiting && turnover != before)
			deadline = now + timeout_ns;
		late = now > deadline;
		/* Not at each interrupt: many may be waiting, and reading a register takes long. */
		if (late || ret != -EAGAIN || now >= look) {
			look = now + ADMIN_POLL_US * 1000ull;
			if (core_read32(port, SL200_MCU_STATE) != SL200_MCU_STATE_RUN)
				ret = -ENODEV;
			else if (late && ret == -EAGAIN)
				ret = -ETIMEDOUT;
		}
		if (ret != -EAGAIN) {
			admin_abandon(admin, slot);
			return ret;
		}
		port->ops->admin_wait(port, irqs, ADMIN_POLL_US);
	}
	if (data && cqe.bytes > size)
		return -EIO;
	if (written)
		*written = cqe.bytes;
	*status = cqe.status;
	return 0;
}

static int admin_errno(uint16_t status)
{
	switch (status) {
	case SL200_STATUS_OK:
		return 0;
	case SL200_STATUS_INVALID_OPCODE:
	case SL200_STATUS_INVALID_FIELD:
	case SL200_STATUS_INVALID_DESC:
	case SL200_STATUS_BAD_IMAGE:
		return -EINVAL;
	case SL200_STATUS_UNSUPPORTED:
		return -EOPNOTSUPP;
	case SL200_STATUS_BUSY:
		return -EBUSY;
	case SL200_STATUS_NO_RESOURCE:
		return -ENOSPC;
	case SL200_STATUS_NOT_FOUND:
		return -ENOENT;
	case SL200_STATUS_EXISTS:
		return -EEXIST;
	default:
		return -EIO;
	}
}

static int admin_command(struct core_admin *admin, const struct sl200_admin_sqe *sqe)
{
	uint16_t status;
	int ret;

	ret = core_admin_run(admin, sqe, NULL, 0, NULL, &status);
	return ret ? ret : admin_errno(status);
}

/* A command that fills a structure; what a shorter answer lacks is zero. */
static int admin_get(struct core_admin *admin, struct sl200_admin_sqe *sqe, void *data, size_t size,
		     size_t min_size)
{
	uint32_t written;
	uint16_t status;
	int ret;

	ret = core_admin_run(admin, sqe, data, size, &written, &status);
	if (!ret)
		ret = admin_errno(status);
	if (!ret && written < min_size)
		ret = -EIO;
	return ret;
}

int core_admin_ping(struct core_admin *admin)
{
	struct sl200_admin_sqe sqe = {.opcode = SL200_ADMIN_PING};

	return admin_command(admin, &sqe);
}

int core_admin_get_caps(struct core_admin *admin, struct sl200_caps *caps)
{
	struct sl200_admin_sqe sqe = {.opcode = SL200_ADMIN_GET_CAPS, .size = sizeof(*caps)};
	int ret;

	ret = admin_get(admin, &sqe, caps, sizeof(*caps), offsetof(struct sl200_caps, enc));
	if (!ret && caps->num_enc > SL200_CAPS_MAX_ENC)
		ret = -EIO;
	return ret;
}

int core_admin_get_stats(struct core_admin *admin, struct sl200_fw_stats *stats)
{
	struct sl200_admin_sqe sqe = {.opcode = SL200_ADMIN_GET_STATS};

	return admin_get(admin, &sqe, stats, sizeof(*stats), sizeof(*stats));
}

int core_admin_queue_query(struct core_admin *admin, unsigned int qid,
			   struct sl200_queue_info *info)
{
	struct sl200_admin_sqe sqe = {.opcode = SL200_ADMIN_QUEUE_QUERY, .qid = (uint16_t)qid};

	return admin_get(admin, &sqe, info, sizeof(*info), sizeof(*info));
}

int core_admin_asid_bind(struct core_admin *admin, unsigned int asid, uint64_t root)
{
	struct sl200_admin_sqe sqe = {
		.opcode = SL200_ADMIN_ASID_BIND,
		.asid = (uint16_t)asid,
		.addr = root,
	};

	return admin_command(admin, &sqe);
}

int core_admin_asid_unbind(struct core_admin *admin, unsigned int asid)
{
	struct sl200_admin_sqe sqe = {
		.opcode = SL200_ADMIN_ASID_UNBIND,
		.asid = (uint16_t)asid,
	};

	return admin_command(admin, &sqe);
}

int core_admin_tlb_invalidate(struct core_admin *admin, unsigned int asid, uint64_t iova,
			      uint64_t size)
{
	struct sl200_admin_sqe sqe = {
		.opcode = SL200_ADMIN_TLB_INVALIDATE,
		.asid = (uint16_t)asid,
		.addr = iova,
		.size = size,
	};

	return admin_command(admin, &sqe);
}

int core_admin_queue_create(struct core_admin *admin, const struct core_queue_config *config)
{
	struct sl200_admin_sqe sqe = {
		.opcode = SL200_ADMIN_QUEUE_CREATE,
		.qid = (uint16_t)config->qid,
		.asid = (uint16_t)config->asid,
		.priority = (uint8_t)config->priority,
		.weight = (uint8_t)config->weight,
		.addr = config->sq_iova,
		.addr2 = config->cq_iova,
		.depth = config->depth,
		.vector = (uint16_t)config->vector,
	};

	return admin_command(admin, &sqe);
}

int core_admin_queue_destroy(struct core_admin *admin, unsigned int qid)
{
	struct sl200_admin_sqe sqe = {
		.opcode = SL200_ADMIN_QUEUE_DESTROY,
		.qid = (uint16_t)qid,
	};

	return admin_command(admin, &sqe);
}

int core_admin_log_attach(struct core_admin *admin, uint64_t bus, uint32_t depth)
{
	struct sl200_admin_sqe sqe = {
		.opcode = SL200_ADMIN_LOG_ATTACH,
		.addr = bus,
		.depth = depth,
	};

	return admin_command(admin, &sqe);
}

int core_admin_set_limits(struct core_admin *admin, uint32_t watchdog_ms,
			  unsigned int coalesce_count, uint32_t coalesce_us)
{
	struct sl200_admin_sqe sqe = {
		.opcode = SL200_ADMIN_SET_LIMITS,
		.watchdog_ms = watchdog_ms,
		.coalesce_count = (uint16_t)coalesce_count,
		.coalesce_us = coalesce_us,
	};

	return admin_command(admin, &sqe);
}

int core_admin_fw_update(struct core_admin *admin, unsigned int slot, const struct core_dma *image,
			 size_t size)
{
	struct sl200_admin_sqe sqe = {
		.opcode = SL200_ADMIN_FW_UPDATE,
		.qid = (uint16_t)slot,
		.addr = image->bus,
		.size = size,
	};

	return admin_command(admin, &sqe);
}

int core_admin_fw_activate(struct core_admin *admin, unsigned int slot)
{
	struct sl200_admin_sqe sqe = {
		.opcode = SL200_ADMIN_FW_ACTIVATE,
		.qid = (uint16_t)slot,
	};

	return admin_command(admin, &sqe);
}
