/* SPDX-License-Identifier: MIT */
/*
 * PCI configuration space of the function: 4 KiB of bytes with, for each bit, whether software may
 * write it or clear it by writing one. What a write means beyond that is told by flags.
 */
#ifndef CARD_PCI_CONFIG_H
#define CARD_PCI_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#define PCI_CONFIG_SIZE 4096u

struct pci_config {
	uint8_t value[PCI_CONFIG_SIZE];
	uint8_t writable[PCI_CONFIG_SIZE];
	uint8_t clearable[PCI_CONFIG_SIZE]; /* write one to clear */
};

/* The bits that the rest of the card obeys. */
struct pci_control {
	bool memory;	 /* memory space enabled, in D0 */
	bool bus_master; /* in D0 */
	bool msix_enable;
	bool msix_function_mask;
};

/* Power-on state. Not thread-safe, like the functions below. */
void pci_config_init(struct pci_config *config, uint64_t serial);

/* State after a function-level reset: sticky bits (error reporting) are kept. */
void pci_config_flr(struct pci_config *config);

/* offset + size within the space, size 1, 2 or 4. */
uint32_t pci_config_read(const struct pci_config *config, unsigned int offset, unsigned int size);

/* Returns true when the write asks for a function-level reset. */
bool pci_config_write(struct pci_config *config, unsigned int offset, unsigned int size,
		      uint32_t value);

void pci_config_control(const struct pci_config *config, struct pci_control *control);

#endif
