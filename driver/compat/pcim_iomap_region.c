// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A BAR can be requested and mapped in one managed call. */
#include <linux/pci.h>

#ifdef PROBE
void __iomem *probe(struct pci_dev *pdev)
{
	return pcim_iomap_region(pdev, 0, "");
}
#else
void __iomem *probe(struct pci_dev *pdev)
{
	if (pcim_iomap_regions(pdev, BIT(0), ""))
		return NULL;
	return pcim_iomap_table(pdev)[0];
}
#endif
