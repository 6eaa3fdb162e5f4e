/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* What the PCI core tells about errors of the link, and about resets that others ask for. */
#ifndef SL200_PCI_ERROR_H
#define SL200_PCI_ERROR_H

#include <linux/pci.h>

extern const struct pci_error_handlers sl200_pci_error_handlers;

#endif
