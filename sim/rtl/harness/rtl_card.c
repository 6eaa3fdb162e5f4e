/* SPDX-License-Identifier: MIT */
/* The RTL chip behind the card interface. */
#include "sim/card/card.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi/sl200_admin.h"
#include "abi/sl200_mmu.h"
#include "abi/sl200_queue.h"
#include "abi/sl200_regs.h"
#include "sim/card/pci_config.h"
#include "sim/model/chip.h"
#include "sim/rtl/harness/rtl_thread.h"

#define EXPORT __attribute__((visibility("default")))

static struct rtl_observer *observer;

#define BAR2_SIZE ((uint64_t)SL200_MAX_QUEUES * SL200_DOORBELL_STRIDE)
#define DRAM_DEFAULT (8ull << 30)
#define DRAM_MIN (32ull << 20)
#define DRAM_MAX (1ull << 40)
#define SERIAL_DEFAULT 0x5352303030303031ull
/* About what a simulated cycle takes. */
#define CYCLE_NS_DEFAULT 1000u
#define CYCLE_NS_MAX 1000000u

struct card {
	struct rtl_thread *thread;
	pthread_mutex_t config_lock; /* of config and emulated; taken before a call of the thread */
	struct pci_config config;
	bool emulated;	    /* the host keeps the MSI-X table */
	atomic_bool memory; /* BARs answer */
};

/* ---------------------------------------------------------------- configuration */

/* A number from the environment, or the value it has. */
static void from_environment(const char *name, uint64_t max, uint64_t *value)
{
	const char *text = secure_getenv(name);
	char *end;
	uint64_t number;

	if (!text || !*text)
		return;
	errno = 0;
	number = strtoull(text, &end, 0);
	if (errno || *end || *text == '-' || number > max)
		fprintf(stderr, "sl200 rtl: %s=%s is not a number up to %llu\n", name, text,
			(unsigned long long)max);
	else
		*value = number;
}

static void settle_memory(const struct card_link *link, struct rtl_memory_config *memory)
{
	struct rtl_port_config *host = &memory->port[RTL_PORT_HOST];
	const char *kind = secure_getenv("SL_RTL_MEMORY");

	if (kind && !strcmp(kind, "stress"))
		rtl_memory_stress(memory);
	else
		rtl_memory_defaults(memory);
	from_environment("SL_RTL_SEED", UINT64_MAX, &memory->seed);
	if (link->bandwidth) {
		double bytes = (double)link->bandwidth * 1024 / RTL_CLOCK_HZ;

		host->bandwidth = bytes < 1 ? 1 : bytes < UINT32_MAX ? (uint32_t)bytes : UINT32_MAX;
	}
	if (link->latency_ns)
		host->read_latency =
			(uint32_t)((uint64_t)link->latency_ns * RTL_CLOCK_HZ / 1000000000u);
}

/* The ROM's image is beside this library. */
static int find_rom(char path[PATH_MAX])
{
	char library[PATH_MAX];
	Dl_info info;

	if (!dladdr((void *)find_rom, &info) || !realpath(info.dli_fname, library))
		return -ENOENT;
	*strrchr(library, '/') = '\0';
	return snprintf(path, PATH_MAX, "%s/rom.hex", library) < PATH_MAX ? 0 : -ENAMETOOLONG;
}

static int settle(const struct card_config *config, struct rtl_thread_config *settled)
{
	uint64_t cycle_ns = CYCLE_NS_DEFAULT;

	memset(settled, 0, sizeof(*settled));
	settled->dram_size = config->dram_size ? config->dram_size : DRAM_DEFAULT;
	settled->serial = config->serial ? config->serial : SERIAL_DEFAULT;
	settled->console = config->console;
	settled->console_arg = config->console_arg;
	settled->observer = observer;
	settled->report = secure_getenv("SL_RTL_REPORT");
	if (settled->dram_size < DRAM_MIN || settled->dram_size > DRAM_MAX ||
	    settled->dram_size % SL200_HUGE_SIZE || config->threads)
		return -EINVAL;
	settle_memory(&config->link, &settled->memory);
	from_environment("SL_RTL_CYCLE_NS", CYCLE_NS_MAX, &cycle_ns);
	settled->cycle_ns = cycle_ns ? (uint32_t)cycle_ns : 1;
	return 0;
}

/* What engines a chip has is settled when it is made: others cannot be asked for. */
static int check_engines(struct rtl_thread *thread, const struct card_config *config)
{
	unsigned int dma = 0, venc = 0, crc = 0;
	uint64_t engines = 0, kind;

	if (rtl_thread_access(thread, 0, SL200_TOP_NUM_ENGINES, 4, false, &engines))
		return -EIO;
	for (unsigned int n = 0; n < engines; n++) {
		kind = 0;
		if (rtl_thread_access(thread, 0, (uint32_t)SL200_TELEM_ENGINE_KIND(n), 4, false,
				      &kind))
			return -EIO;
		dma += kind == SL200_ENGINE_DMA;
		venc += kind == SL200_ENGINE_VENC;
		crc += kind == SL200_ENGINE_CRC;
	}
	if ((config->dma_engines && config->dma_engines != dma) ||
	    (config->venc_engines && config->venc_engines != venc) ||
	    (config->crc_engines && config->crc_engines != crc))
		return -EINVAL;
	return 0;
}

/* With the config lock held: let the chip obey what configuration space now says. */
static void apply(struct card *card)
{
	struct pci_control control;

	pci_config_control(&card->config, &control);
	atomic_store(&card->memory, control.memory);
	rtl_thread_control(card->thread, &(struct rtl_control){
						 .bus_master = control.bus_master,
						 .msix_enable = control.msix_enable,
						 .msix_function_mask = control.msix_function_mask,
						 .msix_emulated = card->emulated,
					 });
}

EXPORT void card_observe(struct rtl_observer *new_observer)
{
	observer = new_observer;
}

EXPORT int card_create(const struct card_config *config, struct card **out)
{
	static const struct card_config defaults;
	struct rtl_thread_config settled;
	char rom[PATH_MAX];
	struct card *card;
	int rc;

	if (!out)
		return -EINVAL;
	if (!config)
		config = &defaults;
	rc = settle(config, &settled);
	if (!rc)
		rc = find_rom(rom);
	if (rc)
		return rc;
	settled.rom = rom;
	card = calloc(1, sizeof(*card));
	if (!card)
		return -ENOMEM;
	rc = rtl_thread_create(&settled, &card->thread);
	if (rc)
		goto free_card;
	rc = check_engines(card->thread, config);
	if (rc)
		goto destroy_thread;
	pthread_mutex_init(&card->config_lock, NULL);
	pci_config_init(&card->config, settled.serial);
	apply(card);
	*out = card;
	if (observer)
		observer->created(observer->arg, card);
	return 0;

destroy_thread:
	rtl_thread_destroy(card->thread);
free_card:
	free(card);
	return rc;
}

EXPORT void card_destroy(struct card *card)
{
	if (!card)
		return;
	rtl_thread_destroy(card->thread);
	pthread_mutex_destroy(&card->config_lock);
	free(card);
}

/* ---------------------------------------------------------------- configuration space */

static bool config_access_valid(unsigned int offset, unsigned int size)
{
	return (size == 1 || size == 2 || size == 4) && offset % size == 0 &&
	       offset <= PCI_CONFIG_SIZE - size;
}

EXPORT int card_config_read(struct card *card, unsigned int offset, unsigned int size,
			    uint32_t *value)
{
	if (!config_access_valid(offset, size)) {
		*value = UINT32_MAX;
		return -EINVAL;
	}
	pthread_mutex_lock(&card->config_lock);
	*value = pci_config_read(&card->config, offset, size);
	pthread_mutex_unlock(&card->config_lock);
	return 0;
}

/* With the config lock held. */
static void function_level_reset(struct card *card)
{
	pci_config_flr(&card->config);
	apply(card);
	rtl_thread_flr(card->thread);
}

EXPORT int card_config_write(struct card *card, unsigned int offset, unsigned int size,
			     uint32_t value)
{
	if (!config_access_valid(offset, size))
		return -EINVAL;
	pthread_mutex_lock(&card->config_lock);
	if (pci_config_write(&card->config, offset, size, value))
		function_level_reset(card);
	else
		apply(card);
	pthread_mutex_unlock(&card->config_lock);
	return 0;
}

EXPORT int card_reset(struct card *card)
{
	pthread_mutex_lock(&card->config_lock);
	function_level_reset(card);
	pthread_mutex_unlock(&card->config_lock);
	return 0;
}

EXPORT void card_set_table_emulated(struct card *card, bool emulated)
{
	pthread_mutex_lock(&card->config_lock);
	card->emulated = emulated;
	apply(card);
	pthread_mutex_unlock(&card->config_lock);
}

/* ---------------------------------------------------------------- BARs */

EXPORT uint64_t card_bar_size(struct card *card, unsigned int bar)
{
	switch (bar) {
	case 0:
		return CHIP_BAR0_SIZE;
	case 2:
		return BAR2_SIZE;
	case 4:
		return CHIP_BAR4_SIZE;
	}
	return 0;
}

/* Inside the BAR, naturally aligned, and of a size that some register there has. */
static bool bar_access_valid(struct card *card, unsigned int bar, uint64_t offset,
			     unsigned int size)
{
	return (size == 4 || (size == 8 && bar == 4)) && offset % size == 0 &&
	       offset < card_bar_size(card, bar);
}

/* The chip refuses what lies beyond the DRAM, and else only what it was told not to answer. */
static int bar_access(struct card *card, unsigned int bar, uint64_t offset, unsigned int size,
		      bool write, uint64_t *value)
{
	int rc = rtl_thread_access(card->thread, bar, (uint32_t)offset, size, write, value);

	return rc == -EINVAL && bar != 4 ? -ENXIO : rc;
}

EXPORT int card_bar_read(struct card *card, unsigned int bar, uint64_t offset, unsigned int size,
			 uint64_t *value)
{
	int rc;

	*value = UINT64_MAX;
	if (!bar_access_valid(card, bar, offset, size))
		return -EINVAL;
	rc = -ENXIO;
	if (atomic_load_explicit(&card->memory, memory_order_relaxed))
		rc = bar_access(card, bar, offset, size, false, value);
	if (size == 4)
		*value = (uint32_t)*value;
	return rc;
}

EXPORT int card_bar_write(struct card *card, unsigned int bar, uint64_t offset, unsigned int size,
			  uint64_t value)
{
	bool valid = bar_access_valid(card, bar, offset, size);
	int rc;

	if (valid && !atomic_load_explicit(&card->memory, memory_order_relaxed))
		return -ENXIO;
	/* Doorbells of a wrong size or offset are the chip's to count. */
	if (!valid && (bar != 2 || offset >= BAR2_SIZE || !size || size > sizeof(value)))
		return -EINVAL;
	rc = bar_access(card, bar, offset, size, true, &value);
	return valid ? rc : -EINVAL;
}

/* ---------------------------------------------------------------- memory, interrupts */

EXPORT int card_dma_map(struct card *card, uint64_t bus_addr, void *vaddr, size_t size,
			unsigned int prot)
{
	return rtl_thread_map(card->thread, bus_addr, vaddr, size, prot);
}

EXPORT int card_dma_unmap(struct card *card, uint64_t bus_addr, size_t size)
{
	return rtl_thread_unmap(card->thread, bus_addr, size);
}

EXPORT int card_set_irq(struct card *card, unsigned int vector, void (*fn)(void *arg), void *arg)
{
	return rtl_thread_set_irq(card->thread, vector, fn, arg);
}
