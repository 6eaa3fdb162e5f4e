/* SPDX-License-Identifier: MIT */
/* The MCU: changes page tables, binds and invalidates. */
#include "tests/rtl/fabric_bench.h"

#include "abi/sl200_regs.h"

static bool in_use(unsigned int asid)
{
	for (unsigned int c = 0; c < CLIENTS; c++)
		for (unsigned int t = 0; t < TAGS; t++)
			if (bench.client[c].tag[t].active && bench.client[c].tag[t].asid == asid)
				return true;
	return false;
}

static void pick_change(void)
{
	struct asid *asid;

	bench.changing = (unsigned int)rnd(STREAM);
	bench.change_page = (unsigned int)rnd(SMALLS);
	bench.change_huge = chance(48);
	bench.change_whole = chance(64);
	bench.change_root = (unsigned int)rnd(ROOTS);
	asid = &bench.asid[bench.changing];
	switch (asid->bound < 0 ? 1 : rnd(8)) {
	case 0:
		bench.change = CHANGE_UNBIND;
		bench.command = SL200_MMU_CMD_UNBIND;
		break;
	case 1:
	case 2:
		bench.change = CHANGE_BIND;
		bench.command = SL200_MMU_CMD_BIND;
		break;
	case 3:
	case 4:
		bench.change = CHANGE_VICTIM;
		bench.changing = VICTIM;
		asid = &bench.asid[VICTIM];
		bench.command = bench.change_whole ? SL200_MMU_CMD_INVALIDATE_ASID
						   : SL200_MMU_CMD_INVALIDATE_RANGE;
		break;
	default:
		bench.change = CHANGE_EDIT;
		bench.command = bench.change_whole ? SL200_MMU_CMD_INVALIDATE_ASID
						   : SL200_MMU_CMD_INVALIDATE_RANGE;
		break;
	}
	bench.step = 0;
	/* The victim is used while it changes. */
	asid->locked = bench.change != CHANGE_VICTIM;
}

static uint64_t change_iova(void)
{
	const struct asid *asid = &bench.asid[bench.changing];

	if (bench.change == CHANGE_VICTIM)
		return asid->small;
	return bench.change_huge
		       ? asid->huge + ((uint64_t)(bench.change_page % HUGES) << SL200_HUGE_SHIFT)
		       : asid->small + ((uint64_t)bench.change_page << SL200_PAGE_SHIFT);
}

/* Change the tables. Returns whether the chip must be told. */
static bool apply_change(void)
{
	struct asid *asid = &bench.asid[bench.changing];
	uint64_t *e, old;

	switch (bench.change) {
	case CHANGE_EDIT:
		e = reach(asid->root[asid->bound], change_iova(), bench.change_huge ? 1 : 0);
		old = *e;
		*e = bench.change_huge ? random_huge() : random_leaf();
		return old & SL200_PTE_VALID;
	case CHANGE_VICTIM:
		bench.victim_old = bench.victim;
		bench.victim ^= SL200_PAGE_SIZE;
		bench.victim_settled = false;
		for (unsigned int r = 0; r < ROOTS; r++)
			*reach(asid->root[r], asid->small, 0) ^= SL200_PAGE_SIZE;
		return true;
	default:
		return true;
	}
}

static void bus_write(uint32_t addr, uint32_t value)
{
	put(bench.drive.bus_req, 0, 32, value);
	put(bench.drive.bus_req, 32, 16, addr & 0xffff);
	put(bench.drive.bus_req, 48, 2, 3);
}

static void bus_read(uint32_t addr)
{
	put(bench.drive.bus_req, 32, 16, addr & 0xffff);
	put(bench.drive.bus_req, 48, 2, 2);
}

static void end_change(void)
{
	struct asid *asid = &bench.asid[bench.changing];

	if (bench.change == CHANGE_BIND)
		asid->bound = (int)bench.change_root;
	else if (bench.change == CHANGE_UNBIND)
		asid->bound = -1;
	else if (bench.change == CHANGE_VICTIM)
		bench.victim_settled = true;
	asid->locked = false;
	bench.change = CHANGE_NONE;
	bench.changes++;
}

void drive_mcu(uint32_t rdata)
{
	const struct asid *asid = &bench.asid[bench.changing];
	uint64_t size = bench.change_huge && bench.change == CHANGE_EDIT ? SL200_HUGE_SIZE
									 : SL200_PAGE_SIZE;
	uint64_t operand;

	put(bench.drive.bus_req, 0, 50, 0);
	if (bench.change == CHANGE_NONE) {
		if (bench.started && !pausing() && !streams() && bench.phase != PHASE_NO_MASTER &&
		    rnd(800) == 0)
			pick_change();
		return;
	}
	switch (bench.step++) {
	case 0:
		if (bench.change != CHANGE_VICTIM && in_use(asid->number))
			bench.step = 0;
		else if (!apply_change())
			end_change();
		break;
	case 1:
		bus_write(SL200_MMU_ASID, asid->number);
		break;
	case 2:
	case 3:
		operand =
			bench.change == CHANGE_BIND ? asid->root[bench.change_root] : change_iova();
		bus_write((bench.change == CHANGE_BIND ? SL200_MMU_ROOT_LO : SL200_MMU_IOVA_LO) +
				  4 * (bench.step - 3),
			  (uint32_t)(operand >> 32 * (bench.step - 3)));
		break;
	case 4:
		bus_write(SL200_MMU_SIZE_LO, (uint32_t)size);
		break;
	case 5:
		bus_write(SL200_MMU_SIZE_HI, 0);
		break;
	case 6:
		bus_write(SL200_MMU_CMD, bench.command);
		break;
	case 7:
		bus_read(SL200_MMU_STATUS);
		break;
	case 9:
		if (rdata & SL200_MMU_STATUS_BUSY)
			bench.step = 7;
		else
			end_change();
		break;
	}
}
