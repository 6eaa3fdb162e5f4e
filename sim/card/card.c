/* SPDX-License-Identifier: MIT */
/* The functional model behind the card interface. */
#include "sim/card/card.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

#include "abi/sl200_queue.h"
#include "sim/card/pci_config.h"
#include "sim/model/chip.h"

#define EXPORT __attribute__((visibility("default")))

struct card {
	struct chip *chip;
	pthread_mutex_t config_lock; /* of config */
	struct pci_config config;
	atomic_bool memory; /* BARs answer */
};

/* With the config lock held: let the chip obey what configuration space now says. */
static void apply(struct card *card)
{
	struct pci_control control;

	pci_config_control(&card->config, &control);
	atomic_store(&card->memory, control.memory);
	fabric_set_bus_master(&card->chip->fabric, control.bus_master);
	msix_set_control(&card->chip->msix, control.msix_enable, control.msix_function_mask,
			 control.bus_master);
}

EXPORT int card_create(const struct card_config *config, struct card **out)
{
	static const struct card_config defaults;
	struct card *card;
	int rc;

	if (!out)
		return -EINVAL;
	card = calloc(1, sizeof(*card));
	if (!card)
		return -ENOMEM;
	rc = chip_create(config ? config : &defaults, &card->chip);
	if (rc) {
		free(card);
		return rc;
	}
	pthread_mutex_init(&card->config_lock, NULL);
	pci_config_init(&card->config, card->chip->serial);
	apply(card);
	*out = card;
	return 0;
}

EXPORT void card_destroy(struct card *card)
{
	if (!card)
		return;
	chip_destroy(card->chip);
	pthread_mutex_destroy(&card->config_lock);
	free(card);
}

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
	chip_reset(card->chip, CHIP_RESET_FLR);
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

EXPORT uint64_t card_bar_size(struct card *card, unsigned int bar)
{
	switch (bar) {
	case 0:
		return CHIP_BAR0_SIZE;
	case 2:
		return (uint64_t)SL200_MAX_QUEUES * SL200_DOORBELL_STRIDE;
	case 4:
		return CHIP_BAR4_SIZE;
	}
	return 0;
}

/* Whether the BARs answer: memory space is on, and no fault is injected. */
static bool bars_answer(struct card *card)
{
	return atomic_load_explicit(&card->memory, memory_order_relaxed) &&
	       !atomic_load_explicit(&card->chip->inject_all_ones, memory_order_relaxed);
}

/* Inside the BAR, naturally aligned, and of a size that some register there has. */
static bool bar_access_valid(struct card *card, unsigned int bar, uint64_t offset,
			     unsigned int size)
{
	uint64_t bar_size = card_bar_size(card, bar);

	return (size == 4 || (size == 8 && bar == 4)) && offset % size == 0 && offset < bar_size;
}

EXPORT int card_bar_read(struct card *card, unsigned int bar, uint64_t offset, unsigned int size,
			 uint64_t *value)
{
	*value = UINT64_MAX;
	if (!bar_access_valid(card, bar, offset, size))
		return -EINVAL;
	if (size == 4)
		*value = UINT32_MAX;
	if (!bars_answer(card))
		return -ENXIO;
	switch (bar) {
	case 0:
		*value = chip_reg_read(card->chip, (uint32_t)offset);
		return 0;
	case 2:
		*value = 0; /* doorbells keep nothing to read */
		return 0;
	default:
		return chip_aperture_read(card->chip, offset, size, value);
	}
}

EXPORT int card_bar_write(struct card *card, unsigned int bar, uint64_t offset, unsigned int size,
			  uint64_t value)
{
	bool valid = bar_access_valid(card, bar, offset, size);

	if (valid && !bars_answer(card))
		return -ENXIO;
	switch (bar) {
	case 0:
		if (valid)
			chip_reg_write(card->chip, (uint32_t)offset, (uint32_t)value);
		break;
	case 2:
		/* Writes of a wrong size or offset count as dropped doorbells. */
		if (offset < card_bar_size(card, bar))
			chip_doorbell(card->chip, offset, size, (uint32_t)value);
		break;
	case 4:
		if (valid)
			return chip_aperture_write(card->chip, offset, size, value);
		break;
	}
	return valid ? 0 : -EINVAL;
}

EXPORT int card_dma_map(struct card *card, uint64_t bus_addr, void *vaddr, size_t size,
			unsigned int prot)
{
	return fabric_map(&card->chip->fabric, bus_addr, vaddr, size, prot);
}

EXPORT int card_dma_unmap(struct card *card, uint64_t bus_addr, size_t size)
{
	return fabric_unmap(&card->chip->fabric, bus_addr, size);
}

EXPORT int card_set_irq(struct card *card, unsigned int vector, void (*fn)(void *arg), void *arg)
{
	return msix_set_handler(&card->chip->msix, vector, fn, arg);
}

EXPORT void card_set_table_emulated(struct card *card, bool emulated)
{
	msix_set_emulated(&card->chip->msix, emulated);
}
