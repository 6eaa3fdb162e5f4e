/* SPDX-License-Identifier: MIT */
/*
 * The card's regions as vfio-user numbers them: BARs 0, 2 and 4 and configuration space. Accesses
 * have the effect they have on a bus: what the card does not answer reads all-ones.
 *
 * Thread-safe as the card is.
 */
#ifndef CARD_VFIO_USER_REGION_H
#define CARD_VFIO_USER_REGION_H

#include <linux/vfio.h>

#include "sim/card/card.h"
#include "sim/card/vfio_user_proto.h"

/* Fill in flags, size and offset of the region info->index. Returns 0 or -EINVAL. */
int vfio_user_region_info(struct card *card, struct vfio_region_info *info);

/*
 * Move access->count bytes at access->offset: 1, 2, 4 or 8 of a BAR, any number of configuration
 * space. Returns 0, or -EINVAL when there are no such bytes.
 */
int vfio_user_region_read(struct card *card, const struct vfio_user_region_access *access,
			  uint8_t *data);
int vfio_user_region_write(struct card *card, const struct vfio_user_region_access *access,
			   const uint8_t *data);

#endif
