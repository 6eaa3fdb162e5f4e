/* SPDX-License-Identifier: MIT */
/*
 * Page tables of the chip's MMU. Tables live in host memory, belong to the kernel, and are walked
 * by bus address. Four levels of 512 eight-byte entries translate 48 bits of IOVA; level 3 is the
 * root, an entry of level 0 maps 4 KiB, a leaf at level 1 maps 2 MiB.
 */
#ifndef SL200_MMU_H
#define SL200_MMU_H

#include "abi/sl200_types.h"

#define SL200_PAGE_SHIFT 12
#define SL200_PAGE_SIZE (1u << SL200_PAGE_SHIFT)
#define SL200_HUGE_SHIFT 21
#define SL200_HUGE_SIZE (1u << SL200_HUGE_SHIFT)
#define SL200_PT_LEVELS 4
#define SL200_PT_ENTRIES 512u

/* Index of an IOVA in the table of a level (0 = leaf tables). */
#define SL200_PT_INDEX(iova, level) \
	((unsigned int)(((iova) >> (SL200_PAGE_SHIFT + 9 * (level))) & (SL200_PT_ENTRIES - 1)))

#define SL200_PTE_VALID 0x001ull
#define SL200_PTE_READ 0x002ull /* leaf only */
#define SL200_PTE_WRITE 0x004ull /* leaf only */
#define SL200_PTE_HUGE 0x008ull /* level 1 only: this entry is a leaf */
#define SL200_PTE_DRAM 0x010ull /* leaf only: ADDR is a card DRAM address, else a bus address */
#define SL200_PTE_ADDR 0x000ffffffffff000ull /* other bits must be zero */

enum sl200_mmu_reason {
	SL200_MMU_NOT_BOUND = 1, /* the ASID has no page table */
	SL200_MMU_NOT_PRESENT = 2,
	SL200_MMU_PERMISSION = 3,
	SL200_MMU_RANGE = 4, /* IOVA beyond 48 bits, or beyond DRAM */
	SL200_MMU_BAD_ENTRY = 5, /* reserved bits set, or a table that cannot be read */
	SL200_MMU_BUS = 6, /* host memory did not answer (not registered for DMA) */
};

#endif
