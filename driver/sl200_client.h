/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* A client: an open file of the render node. */
#ifndef SL200_CLIENT_H
#define SL200_CLIENT_H

#include <linux/kref.h>
#include <linux/mutex.h>
#include <linux/seq_file.h>
#include <linux/spinlock.h>
#include <linux/xarray.h>

#include <drm/drm_file.h>

#include "abi/uapi/drm/sl200_drm.h"
#include "driver/sl200_vm.h"

/* Limits of one client: module parameters, in sl200_client.c. */
extern unsigned int sl200_max_queues; /* queues */
extern unsigned int sl200_max_bos; /* buffer objects */
extern unsigned int sl200_max_host_mb; /* MiB of host memory; 0: a quarter of the host's */
extern unsigned int sl200_max_card_mb; /* MiB of card memory; 0: all */

#define SL200_ENGINE_KINDS 8 /* as in struct sl200_queue_info */

struct sl200_client {
	struct kref ref; /* the file, and each queue while anything of it exists */
	struct sl200_device *sdev;
	u64 id; /* in fdinfo */
	struct sl200_vm vm;

	struct mutex queue_lock; /* queues' set, ended_ns; held while one is created or destroyed */
	struct xarray queues; /* struct sl200_queue by number; each entry holds a reference */
	/* Queues, also those destroyed of which something is mapped still: their memory counts. */
	atomic_t num_queues;
	u64 ended_ns[SL200_ENGINE_KINDS]; /* engine time of queues that were destroyed, by kind */

	spinlock_t error_lock; /* error, loss */
	struct drm_sl200_query_error error; /* but card_state */
	u32 loss; /* the newest loss that it was told of: sl200_client_lost() */
};

/* drm_driver.open and .postclose. */
int sl200_client_open(struct drm_device *dev, struct drm_file *file);
void sl200_client_postclose(struct drm_device *dev, struct drm_file *file);
/*
 * file_operations.release: ends the client's queues while its memory is still mapped, then does
 * what DRM does.
 */
int sl200_client_release(struct inode *inode, struct file *filp);

static inline struct sl200_client *to_client(struct drm_file *file)
{
	return file->driver_priv;
}

/* The memory of the client alone: nothing of it works any more after postclose. Any context. */
void sl200_client_get(struct sl200_client *client);
void sl200_client_put(struct sl200_client *client);

/* Bytes of host and card memory that this client may have. */
u64 sl200_client_host_limit(struct sl200_client *client);
u64 sl200_client_card_limit(struct sl200_client *client);

/*
 * Note that its queues were lost. loss tells one loss from the next: several queues lost in one
 * count once, and one that is guilty makes the client so. Any context.
 */
void sl200_client_lost(struct sl200_client *client, u32 loss, enum drm_sl200_lost_cause cause,
		       u32 panic);

/* file_operations.show_fdinfo (sl200_fdinfo.c): the drm-usage-stats format. */
void sl200_show_fdinfo(struct seq_file *m, struct file *filp);

/* sl200_query.c */
int sl200_ioctl_query(struct drm_device *dev, void *data, struct drm_file *file);
/*
 * As sl200_card_enter() and sl200_card_exit(), for a question of a client's: one at a time, since
 * any number of them would keep the firmware from what something depends on. Also -EINTR.
 */
int sl200_query_enter(struct sl200_device *sdev, int *idx);
void sl200_query_exit(struct sl200_device *sdev, int idx);
/*
 * Give an answer of len bytes to user space by the rule of struct drm_sl200_query: *size 0 asks for
 * the length only. 0 or -EFAULT.
 */
int sl200_answer(u64 pointer, u32 *size, const void *answer, size_t len);

#endif
