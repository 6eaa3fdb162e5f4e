/* SPDX-License-Identifier: MIT */
/*
 * A simulated card: a PCI function as the host sees it. The functional model (and later the RTL)
 * stands behind this interface; the in-process user driver and the vfio-user server stand before
 * it.
 *
 * A card touches host memory only inside regions registered by card_dma_map(), as a device behind
 * an IOMMU would, and only from its own threads. All functions are thread-safe unless said
 * otherwise. Errors are negative errno values.
 */
#ifndef SL_CARD_H
#define SL_CARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct card;

#define CARD_NUM_VECTORS 64

/* Link model: what the PCIe link and its latency would make of the traffic. 0: not modelled. */
struct card_link {
	uint64_t bandwidth;  /* bytes a second, each way */
	uint32_t latency_ns; /* of one read round trip */
};

struct card_config {
	uint64_t dram_size;	   /* bytes; 0: 8 GiB */
	uint64_t serial;	   /* 0: a fixed one */
	unsigned int venc_engines; /* 0: the default of 1 */
	unsigned int dma_engines;  /* 0: the default of 2 */
	unsigned int crc_engines;  /* 0: none */
	unsigned int threads;	   /* worker threads per venc; 0: the number of processors */
	struct card_link link;
	/* Lines that the firmware prints; NULL: dropped. From a thread of the card; must not block.
	 */
	void (*console)(void *arg, const char *line);
	void *console_arg;
};

/*
 * Power a card on. Returns 0 and *card, or -ENOMEM, -EAGAIN (no threads), -EINVAL (a config value
 * out of range). NULL config: all defaults.
 */
int card_create(const struct card_config *config, struct card **card);

/* Power it off: stops its threads, waits for them and frees all. No call may be under way. */
void card_destroy(struct card *card);

/*
 * PCI configuration space, offsets 0..4095, size 1, 2 or 4, naturally aligned; -EINVAL otherwise.
 * As on a bus, BARs answer only with memory space enabled, and the card does DMA and sends
 * messages only as a bus master (Command register) in D0.
 */
int card_config_read(struct card *card, unsigned int offset, unsigned int size, uint32_t *value);
int card_config_write(struct card *card, unsigned int offset, unsigned int size, uint32_t value);

/*
 * BAR accesses. bar 0 (registers), 2 (doorbells) and 4 (aperture); size 4, or 8 on BAR4; naturally
 * aligned. A bad access reads all-ones and is dropped when written, and returns -EINVAL; with
 * memory space disabled that is -ENXIO. Reserved registers read 0 and ignore writes.
 */
uint64_t card_bar_size(struct card *card, unsigned int bar);
int card_bar_read(struct card *card, unsigned int bar, uint64_t offset, unsigned int size,
		  uint64_t *value);
int card_bar_write(struct card *card, unsigned int bar, uint64_t offset, unsigned int size,
		   uint64_t value);

#define CARD_DMA_READ 0x1u  /* the card may read */
#define CARD_DMA_WRITE 0x2u /* the card may write */

/*
 * Let the card reach [bus_addr, bus_addr + size) at vaddr. Page-aligned, no overlap: -EINVAL,
 * -EEXIST. The memory stays the caller's and must stay mapped until card_dma_unmap() of a range
 * that covers it has returned; that call waits for accesses under way. An unmapped range may
 * cover several regions, but none in part: -EINVAL then, and nothing is unmapped; -ENOENT when it
 * covers none.
 */
int card_dma_map(struct card *card, uint64_t bus_addr, void *vaddr, size_t size, unsigned int prot);
int card_dma_unmap(struct card *card, uint64_t bus_addr, size_t size);

/*
 * Deliver MSI-X vector to fn(arg), called from a thread of the card; it must not block or call
 * back into the card. fn NULL disarms; when that returns, no call is under way. Messages go
 * through the MSI-X table's mask and pending bits, and the function's MSI-X enable bit.
 */
int card_set_irq(struct card *card, unsigned int vector, void (*fn)(void *arg), void *arg);

/*
 * With emulated, the host keeps the MSI-X table itself, as VFIO does: the card no longer looks at
 * the mask bits of its own. The function's enable and mask bits count as before. Off at power-on,
 * and kept by resets.
 */
void card_set_table_emulated(struct card *card, bool emulated);

/*
 * Function-level reset, as by the PCI Express capability: configuration space goes back to its
 * power-on state, bus mastering and memory space off among it. Registered memory and handlers
 * stay. Returns when all DMA has stopped.
 */
int card_reset(struct card *card);

#endif
