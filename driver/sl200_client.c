// SPDX-License-Identifier: GPL-2.0 OR MIT
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "driver/sl200_client.h"
#include "driver/sl200_device.h"
#include "driver/sl200_queue.h"
#include "driver/sl200_trace.h"

unsigned int sl200_max_queues = 32;
module_param_named(max_queues, sl200_max_queues, uint, 0644);
MODULE_PARM_DESC(max_queues, "Queues that a client may have (default: 32)");

unsigned int sl200_max_bos = 16384;
module_param_named(max_bos, sl200_max_bos, uint, 0644);
MODULE_PARM_DESC(max_bos, "Buffer objects that a client may have (default: 16384)");

unsigned int sl200_max_host_mb;
module_param_named(max_host_mb, sl200_max_host_mb, uint, 0644);
MODULE_PARM_DESC(max_host_mb,
		 "MiB of host memory that a client may have; 0: a quarter of the host's (default: 0)");

unsigned int sl200_max_card_mb;
module_param_named(max_card_mb, sl200_max_card_mb, uint, 0644);
MODULE_PARM_DESC(max_card_mb,
		 "MiB of card memory that a client may have; 0: all of it (default: 0)");

static atomic64_t next_client_id = ATOMIC64_INIT(0);

u64 sl200_client_host_limit(struct sl200_client *client)
{
	u64 mb = READ_ONCE(sl200_max_host_mb);

	return mb ? mb << 20 : (u64)totalram_pages() << PAGE_SHIFT >> 2;
}

u64 sl200_client_card_limit(struct sl200_client *client)
{
	u64 total = client->sdev->dram.total, mb = READ_ONCE(sl200_max_card_mb);

	return mb ? min(mb << 20, total) : total;
}

int sl200_client_open(struct drm_device *dev, struct drm_file *file)
{
	struct sl200_client *client;

	client = kzalloc(sizeof(*client), GFP_KERNEL_ACCOUNT);
	if (!client)
		return -ENOMEM;
	kref_init(&client->ref);
	client->sdev = to_sl200(dev);
	client->id = atomic64_inc_return(&next_client_id);
	sl200_vm_init(&client->vm, client->sdev);
	mutex_init(&client->queue_lock);
	xa_init_flags(&client->queues, XA_FLAGS_ACCOUNT);
	spin_lock_init(&client->error_lock);
	file->driver_priv = client;
	trace_sl200_client_open(client);
	return 0;
}

int sl200_client_release(struct inode *inode, struct file *filp)
{
	struct drm_file *file = filp->private_data;

	sl200_client_queues_end(to_client(file));
	sl200_vm_end(&to_client(file)->vm);
	return drm_release(inode, filp);
}

void sl200_client_postclose(struct drm_device *dev, struct drm_file *file)
{
	struct sl200_client *client = to_client(file);

	trace_sl200_client_close(client);
	sl200_vm_fini(&client->vm);
	xa_destroy(&client->queues);
	sl200_client_put(client);
}

static void client_free(struct kref *ref)
{
	struct sl200_client *client = container_of(ref, struct sl200_client, ref);

	mutex_destroy(&client->queue_lock);
	kfree(client);
}

void sl200_client_get(struct sl200_client *client)
{
	kref_get(&client->ref);
}

void sl200_client_put(struct sl200_client *client)
{
	kref_put(&client->ref, client_free);
}

void sl200_client_lost(struct sl200_client *client, u32 loss, enum drm_sl200_lost_cause cause,
		       u32 panic)
{
	unsigned long flags;
	bool known;

	spin_lock_irqsave(&client->error_lock, flags);
	known = client->error.losses && client->loss == loss;
	if (!known) {
		client->loss = loss;
		client->error.losses++;
	}
	if (!known || cause == DRM_SL200_LOST_GUILTY)
		client->error.cause = cause;
	client->error.panic = panic;
	spin_unlock_irqrestore(&client->error_lock, flags);
}
