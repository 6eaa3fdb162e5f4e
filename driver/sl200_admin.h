/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Talking to the firmware from the rest of the driver: whether it may be done now, and commands
 * that must take effect because memory is freed after them.
 */
#ifndef SL200_ADMIN_CMD_H
#define SL200_ADMIN_CMD_H

#include <linux/types.h>

struct sl200_device;

/*
 * Begin to use the card: holds off its removal, resets and suspend until sl200_card_exit(*idx).
 * Waits up to a second for a reset or suspend that is under way. May sleep.
 * Returns 0, -ENODEV (removed, wedged) or -EAGAIN (still being reset or suspended).
 */
int sl200_card_enter(struct sl200_device *sdev, int *idx);
void sl200_card_exit(struct sl200_device *sdev, int idx);

/*
 * What the result of a core_admin_*() command means to a caller: a refusal comes back as it is
 * (core/admin.h); where the firmware failed to answer (-ETIMEDOUT, -EIO, -ENODEV), a reset is asked
 * for and -EAGAIN returned. Called between enter and exit.
 */
int sl200_admin_result(struct sl200_device *sdev, int ret, const char *what);

/*
 * End something on the card for good, before memory is freed. Where the firmware does not do it,
 * the card is reset, and where that fails its bus mastering is turned off; each ends DMA as well.
 * A card that is gone or down has no DMA. Returns true when no access of what is named is under
 * way or can follow; false: not even that is sure, and the caller must leak the memory. Called
 * outside of enter and exit. May sleep for seconds.
 */
bool sl200_admin_queue_end(struct sl200_device *sdev, unsigned int qid, u32 generation);
bool sl200_admin_asid_end(struct sl200_device *sdev, unsigned int asid, u32 generation);
bool sl200_admin_tlb_invalidate(struct sl200_device *sdev, unsigned int asid, u64 iova, u64 size);

#endif
