// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A driver turns on the reporting of errors; later the PCI core does. */
#include <linux/aer.h>
#include <linux/pci.h>

#ifdef PROBE
int probe(struct pci_dev *pdev)
{
	return pci_enable_pcie_error_reporting(pdev);
}
#else
struct pci_dev *probe;
#endif
