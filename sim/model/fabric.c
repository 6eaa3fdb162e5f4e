/* SPDX-License-Identifier: MIT */
#include "sim/model/fabric.h"

#include <string.h>

#include "abi/sl200_queue.h"
#include "abi/sl200_regs.h"

/* Bytes moved in one stay inside the gate: bounds the wait of those who close it. */
#define BURST (64u << 10)

/* Moves n bytes between the caller's buffer and memory. */
typedef void (*mover)(uint8_t *mem, uint8_t *buf, size_t n);

struct tally {
	size_t link;
	size_t dram;
	unsigned int lookups;
};

int fabric_create(struct fabric *fabric, const struct card_mem *dram, const struct timebase *time,
		  const struct card_link *link)
{
	int rc;

	memset(fabric, 0, sizeof(*fabric));
	fabric->dram = dram;
	fabric->time = time;
	link_init(&fabric->link, link);
	rc = mmu_create(&fabric->mmu, &fabric->host, dram);
	if (rc)
		return rc;
	gate_init(&fabric->gate);
	return 0;
}

void fabric_destroy(struct fabric *fabric)
{
	gate_destroy(&fabric->gate);
	mmu_destroy(&fabric->mmu);
	host_mem_destroy(&fabric->host);
}

static void move_out(uint8_t *mem, uint8_t *buf, size_t n)
{
	memcpy(buf, mem, n);
}

static void move_in(uint8_t *mem, uint8_t *buf, size_t n)
{
	memcpy(mem, buf, n);
}

static bool aligned(const uint8_t *mem, const uint8_t *buf, size_t n, size_t to)
{
	return !(((uintptr_t)mem | (uintptr_t)buf | n) & (to - 1));
}

static void move_out_ordered(uint8_t *mem, uint8_t *buf, size_t n)
{
	if (n == 8 && aligned(mem, buf, n, 8)) {
		*(uint64_t *)buf = __atomic_load_n((uint64_t *)mem, __ATOMIC_ACQUIRE);
	} else if (aligned(mem, buf, n, 4)) {
		for (size_t i = 0; i < n; i += 4)
			*(uint32_t *)(buf + i) =
				__atomic_load_n((uint32_t *)(mem + i), __ATOMIC_ACQUIRE);
	} else {
		memcpy(buf, mem, n);
	}
}

static void move_in_ordered(uint8_t *mem, uint8_t *buf, size_t n)
{
	if (n == 8 && aligned(mem, buf, n, 8)) {
		__atomic_store_n((uint64_t *)mem, *(uint64_t *)buf, __ATOMIC_RELEASE);
	} else if (aligned(mem, buf, n, 4)) {
		for (size_t i = 0; i < n; i += 4)
			__atomic_store_n((uint32_t *)(mem + i), *(uint32_t *)(buf + i),
					 __ATOMIC_RELEASE);
	} else {
		memcpy(mem, buf, n);
	}
}

/* A read of card DRAM: whether fault injection wants it damaged. Corrected errors come first. */
static unsigned int read_dram(struct fabric *fabric)
{
	uint32_t left = atomic_load_explicit(&fabric->inject_ecc, memory_order_relaxed);
	uint32_t one;

	do {
		if (!left)
			return 0;
		one = left & SL200_INJECT_ECC_CORRECTED ? 1u
							: 1u << SL200_INJECT_ECC_UNCORRECTED_SHIFT;
	} while (!atomic_compare_exchange_weak(&fabric->inject_ecc, &left, left - one));
	if (one == 1) {
		atomic_fetch_add(&fabric->ecc_corrected, 1);
		return 0;
	}
	atomic_fetch_add(&fabric->ecc_uncorrected, 1);
	return FABRIC_ECC;
}

/* Inside the gate. */
static unsigned int resolve(struct fabric *fabric, uint32_t asid, uint64_t iova, bool write,
			    struct mmu_target *target, struct tally *tally, struct fabric_use *use)
{
	unsigned int reason;

	if (asid)
		tally->lookups++;
	/* Page tables are in host memory: without the right to do DMA no translation works. */
	if (!fabric->bus_master || fabric->blocked)
		reason = SL200_MMU_BUS;
	else
		reason = mmu_resolve(&fabric->mmu, asid, iova, write, target);
	if (reason) {
		use->fault_iova = iova;
		use->fault_write = write;
		atomic_fetch_add_explicit(&fabric->faults, 1, memory_order_relaxed);
	} else if (target->dram && !write) {
		reason = read_dram(fabric);
	}
	return reason;
}

static void add(struct tally *tally, const struct mmu_target *target, size_t n)
{
	if (target->dram)
		tally->dram += n;
	else
		tally->link += n;
}

static void account(struct fabric *fabric, enum link_dir dir, const struct tally *tally,
		    struct fabric_use *use)
{
	uint64_t *done = dir == LINK_READ ? &use->read_done : &use->write_done;

	if (tally->lookups)
		atomic_fetch_add_explicit(&fabric->lookups, tally->lookups, memory_order_relaxed);
	if (tally->dram)
		atomic_fetch_add_explicit(&fabric->dram_bytes[dir], tally->dram,
					  memory_order_relaxed);
	if (!tally->link)
		return;
	atomic_fetch_add_explicit(&fabric->link_bytes[dir], tally->link, memory_order_relaxed);
	if (link_modelled(&fabric->link))
		*done = link_transfer(&fabric->link, dir, tally->link, timebase_now(fabric->time));
}

static unsigned int transfer(struct fabric *fabric, uint32_t asid, uint64_t iova, uint8_t *buf,
			     size_t len, enum link_dir dir, mover move, struct fabric_use *use)
{
	struct tally tally = {0};
	unsigned int reason = 0;

	while (len && !reason) {
		size_t burst = len < BURST ? len : BURST;

		len -= burst;
		gate_enter(&fabric->gate);
		while (burst) {
			struct mmu_target target;
			size_t n;

			reason = resolve(fabric, asid, iova, dir == LINK_WRITE, &target, &tally,
					 use);
			if (reason)
				break;
			n = burst < target.len ? burst : target.len;
			move(target.ptr, buf, n);
			add(&tally, &target, n);
			iova += n;
			buf += n;
			burst -= n;
		}
		gate_exit(&fabric->gate);
	}
	account(fabric, dir, &tally, use);
	return reason;
}

unsigned int fabric_read(struct fabric *fabric, uint32_t asid, uint64_t iova, void *dst, size_t len,
			 struct fabric_use *use)
{
	return transfer(fabric, asid, iova, dst, len, LINK_READ, move_out, use);
}

unsigned int fabric_write(struct fabric *fabric, uint32_t asid, uint64_t iova, const void *src,
			  size_t len, struct fabric_use *use)
{
	return transfer(fabric, asid, iova, (uint8_t *)src, len, LINK_WRITE, move_in, use);
}

unsigned int fabric_read_ordered(struct fabric *fabric, uint32_t asid, uint64_t iova, void *dst,
				 size_t len, struct fabric_use *use)
{
	return transfer(fabric, asid, iova, dst, len, LINK_READ, move_out_ordered, use);
}

unsigned int fabric_write_ordered(struct fabric *fabric, uint32_t asid, uint64_t iova,
				  const void *src, size_t len, struct fabric_use *use)
{
	return transfer(fabric, asid, iova, (uint8_t *)src, len, LINK_WRITE, move_in_ordered, use);
}

unsigned int fabric_copy(struct fabric *fabric, uint32_t asid, uint64_t dst, uint64_t src,
			 size_t len, struct fabric_use *use)
{
	struct tally in = {0}, out = {0};
	unsigned int reason = 0;

	while (len && !reason) {
		size_t burst = len < BURST ? len : BURST;

		len -= burst;
		gate_enter(&fabric->gate);
		while (burst) {
			struct mmu_target from, to;
			size_t n = burst;

			reason = resolve(fabric, asid, src, false, &from, &in, use);
			if (!reason)
				reason = resolve(fabric, asid, dst, true, &to, &out, use);
			if (reason)
				break;
			n = n < from.len ? n : from.len;
			n = n < to.len ? n : to.len;
			memmove(to.ptr, from.ptr, n);
			add(&in, &from, n);
			add(&out, &to, n);
			src += n;
			dst += n;
			burst -= n;
		}
		gate_exit(&fabric->gate);
	}
	account(fabric, LINK_READ, &in, use);
	account(fabric, LINK_WRITE, &out, use);
	return reason;
}

unsigned int fabric_use_dram(struct fabric *fabric, enum link_dir dir, size_t len)
{
	atomic_fetch_add_explicit(&fabric->dram_bytes[dir], len, memory_order_relaxed);
	return dir == LINK_READ ? read_dram(fabric) : 0;
}

int fabric_map(struct fabric *fabric, uint64_t bus, void *vaddr, uint64_t size, unsigned int prot)
{
	int rc;

	gate_close(&fabric->gate);
	rc = host_mem_add(&fabric->host, bus, vaddr, size, prot);
	gate_open(&fabric->gate);
	return rc;
}

int fabric_unmap(struct fabric *fabric, uint64_t bus, uint64_t size)
{
	int rc;

	gate_close(&fabric->gate);
	rc = host_mem_remove(&fabric->host, bus, size);
	if (!rc)
		mmu_invalidate_all(&fabric->mmu); /* the TLB holds pointers into regions */
	gate_open(&fabric->gate);
	return rc;
}

void fabric_set_bus_master(struct fabric *fabric, bool on)
{
	gate_close(&fabric->gate);
	fabric->bus_master = on;
	gate_open(&fabric->gate);
}

void fabric_set_blocked(struct fabric *fabric, bool on)
{
	gate_close(&fabric->gate);
	fabric->blocked = on;
	gate_open(&fabric->gate);
}

void fabric_bind(struct fabric *fabric, uint32_t asid, uint64_t root)
{
	gate_close(&fabric->gate);
	mmu_bind(&fabric->mmu, asid, root);
	gate_open(&fabric->gate);
}

void fabric_unbind(struct fabric *fabric, uint32_t asid)
{
	gate_close(&fabric->gate);
	mmu_unbind(&fabric->mmu, asid);
	gate_open(&fabric->gate);
}

void fabric_unbind_all(struct fabric *fabric)
{
	gate_close(&fabric->gate);
	for (uint32_t asid = 1; asid < SL200_MAX_ASIDS; asid++)
		mmu_unbind(&fabric->mmu, asid);
	gate_open(&fabric->gate);
}

void fabric_invalidate_asid(struct fabric *fabric, uint32_t asid)
{
	gate_close(&fabric->gate);
	mmu_invalidate_asid(&fabric->mmu, asid);
	gate_open(&fabric->gate);
}

void fabric_invalidate_range(struct fabric *fabric, uint32_t asid, uint64_t iova, uint64_t size)
{
	gate_close(&fabric->gate);
	mmu_invalidate_range(&fabric->mmu, asid, iova, size);
	gate_open(&fabric->gate);
}

void fabric_clear_counters(struct fabric *fabric)
{
	for (int dir = 0; dir < LINK_DIRS; dir++) {
		atomic_store(&fabric->link_bytes[dir], 0);
		atomic_store(&fabric->dram_bytes[dir], 0);
	}
	atomic_store(&fabric->faults, 0);
	atomic_store(&fabric->lookups, 0);
	atomic_store(&fabric->mmu.walks, 0);
	atomic_store(&fabric->ecc_corrected, 0);
	atomic_store(&fabric->ecc_uncorrected, 0);
	atomic_store(&fabric->inject_ecc, 0);
}
