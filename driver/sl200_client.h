/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* A client: an open file of the render node. */
#ifndef SL200_CLIENT_H
#define SL200_CLIENT_H

#include <linux/mutex.h>
#include <linux/seq_file.h>
#include <linux/xarray.h>

#include <drm/drm_file.h>

#include "abi/uapi/drm/sl200_drm.h"
#include "driver/sl200_vm.h"

/* Limits of one client: module parameters, in sl200_client.c. */
extern unsigned int sl200_max_queues; /* queues */
extern unsigned int sl200_max_bos; /* buffer objects */
extern unsigned int sl200_max_host_mb; /* MiB of host memory; 0: a quarter of the host's */
extern unsigned int sl200_max_card_mb; /* MiB of card memory; 0: all */

struct sl200_client {
	struct sl200_device *sdev;
	struct sl200_vm vm;
	struct mutex queue_lock; /* queues' set, num_queues, dying */
	struct xarray queues; /* struct sl200_queue by number; each entry holds a reference */
	unsigned int num_queues;
	bool dying; /* the file is being closed: no queue is created any more */
	spinlock_t error_lock; /* error */
	struct drm_sl200_query_error error;
	spinlock_t usage_lock; /* ended_ns */
	u64 ended_ns[8]; /* engine time of queues that are destroyed, by enum sl200_engine_kind */
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

/* Bytes of host and card memory that this client may have. */
u64 sl200_client_host_limit(struct sl200_client *client);
u64 sl200_client_card_limit(struct sl200_client *client);

/* Note that its queues were lost. Any context. */
void sl200_client_lost(struct sl200_client *client, enum drm_sl200_lost_cause cause, u32 panic);

/* file_operations.show_fdinfo (sl200_fdinfo.c): the drm-usage-stats format. */
void sl200_show_fdinfo(struct seq_file *m, struct file *filp);

/* sl200_query.c */
int sl200_ioctl_query(struct drm_device *dev, void *data, struct drm_file *file);

#endif
