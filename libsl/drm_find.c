// SPDX-License-Identifier: MIT
/*
 * Looking for cards. Nodes of other drivers are not opened, as that may wake a sleeping GPU: sysfs
 * tells whose they are, also of nodes that this user may not open.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include <xf86drm.h>

#include "libsl/drm.h"

/* Is the node of the driver sl200? */
static bool is_ours(const char *node)
{
	char path[64], target[PATH_MAX], *name;
	struct stat st;
	ssize_t n;

	if (stat(node, &st) || !S_ISCHR(st.st_mode))
		return false;
	snprintf(path, sizeof(path), "/sys/dev/char/%u:%u/device/driver", major(st.st_rdev),
		 minor(st.st_rdev));
	n = readlink(path, target, sizeof(target) - 1);
	if (n < 0)
		return false;
	target[n] = '\0';
	name = strrchr(target, '/');
	return name && !strcmp(name + 1, DRM_SL200_NAME);
}

static bool card_of(const drmDevice *device, struct drm_card *card)
{
	const drmPciBusInfo *pci = device->businfo.pci;

	if (!(device->available_nodes & 1 << DRM_NODE_RENDER) || device->bustype != DRM_BUS_PCI ||
	    strlen(device->nodes[DRM_NODE_RENDER]) >= sizeof(card->node) ||
	    !is_ours(device->nodes[DRM_NODE_RENDER]))
		return false;
	strcpy(card->node, device->nodes[DRM_NODE_RENDER]);
	snprintf(card->pci, sizeof(card->pci), "%04x:%02x:%02x.%x", pci->domain, pci->bus, pci->dev,
		 pci->func);
	return true;
}

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct drm_card *)a)->pci, ((const struct drm_card *)b)->pci);
}

int drm_find_cards(struct drm_card *cards, int max)
{
	int i, found = 0, room = drmGetDevices2(0, NULL, 0);
	struct drm_card *all = NULL;
	drmDevicePtr *devices;

	if (room <= 0)
		return 0;
	devices = calloc((size_t)room, sizeof(*devices));
	all = calloc((size_t)room, sizeof(*all));
	if (devices && all)
		room = drmGetDevices2(0, devices, room);
	else
		room = 0;
	for (i = 0; i < room; i++) {
		if (card_of(devices[i], &all[found]))
			found++;
	}
	if (room > 0)
		drmFreeDevices(devices, room);
	if (found)
		qsort(all, (size_t)found, sizeof(*all), compare);
	for (i = 0; i < found && i < max; i++)
		cards[i] = all[i];
	free(all);
	free(devices);
	return found;
}
