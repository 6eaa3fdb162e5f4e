// SPDX-License-Identifier: MIT
#include "sim/card/vfio_user_region.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "sim/card/pci_config.h"

static uint64_t region_size(struct card *card, uint32_t region)
{
	if (region <= VFIO_PCI_BAR5_REGION_INDEX)
		return card_bar_size(card, region);
	return region == VFIO_PCI_CONFIG_REGION_INDEX ? PCI_CONFIG_SIZE : 0;
}

int vfio_user_region_info(struct card *card, struct vfio_region_info *info)
{
	if (info->index >= VFIO_PCI_NUM_REGIONS)
		return -EINVAL;
	info->size = region_size(card, info->index);
	/* Not one may be mapped: clients post writes only to devices without such a region. */
	info->flags = info->size ? VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE : 0;
	info->offset = 0;
	return 0;
}

static bool inside(struct card *card, const struct vfio_user_region_access *access)
{
	uint64_t size = region_size(card, access->region);

	return access->count && access->count <= size && access->offset <= size - access->count;
}

static bool is_bar_access(const struct vfio_user_region_access *access)
{
	return access->count <= 8 && !(access->count & (access->count - 1));
}

/* The largest aligned access at offset, of what is left. */
static unsigned int piece(uint64_t offset, uint32_t left)
{
	unsigned int size = 4;

	while (offset % size || size > left)
		size /= 2;
	return size;
}

int vfio_user_region_read(struct card *card, const struct vfio_user_region_access *access,
			  uint8_t *data)
{
	if (!inside(card, access))
		return -EINVAL;
	if (access->region != VFIO_PCI_CONFIG_REGION_INDEX) {
		uint64_t value;

		if (!is_bar_access(access))
			return -EINVAL;
		card_bar_read(card, access->region, access->offset, access->count, &value);
		memcpy(data, &value, access->count);
		return 0;
	}
	for (uint32_t done = 0; done < access->count;) {
		unsigned int offset = (unsigned int)access->offset + done;
		unsigned int size = piece(offset, access->count - done);
		uint32_t value;

		card_config_read(card, offset, size, &value);
		memcpy(data + done, &value, size);
		done += size;
	}
	return 0;
}

int vfio_user_region_write(struct card *card, const struct vfio_user_region_access *access,
			   const uint8_t *data)
{
	if (!inside(card, access))
		return -EINVAL;
	if (access->region != VFIO_PCI_CONFIG_REGION_INDEX) {
		uint64_t value = 0;

		if (!is_bar_access(access))
			return -EINVAL;
		memcpy(&value, data, access->count);
		card_bar_write(card, access->region, access->offset, access->count, value);
		return 0;
	}
	for (uint32_t done = 0; done < access->count;) {
		unsigned int offset = (unsigned int)access->offset + done;
		unsigned int size = piece(offset, access->count - done);
		uint32_t value = 0;

		memcpy(&value, data + done, size);
		card_config_write(card, offset, size, value);
		done += size;
	}
	return 0;
}
