/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * User-mode queues. The kernel allocates the rings and a status page, has the firmware create the
 * queue, and gives the client mappings of them and of one doorbell page; after that it only counts
 * interrupts, until the queue ends.
 */
#ifndef SL200_QUEUE_H_
#define SL200_QUEUE_H_

#include <linux/kref.h>
#include <linux/mm_types.h>

#include <drm/drm_device.h>
#include <drm/drm_file.h>

#include "abi/uapi/drm/sl200_drm.h"
#include "driver/sl200_vm.h"

struct eventfd_ctx;
struct sl200_client;
struct sl200_device;

struct sl200_queue {
	struct kref ref; /* the client's table, mappings, and calls under way */
	struct sl200_device *sdev;
	unsigned int qid;
	unsigned int vector;
	u32 depth, priority, weight;
	u32 generation; /* of the card that it was created on */
	struct sl200_client *client; /* sl200_device.queue_lock; NULL once it is destroyed */

	/* Rings and status page: single pages, so that mappings can hold them by reference. */
	struct page **pages; /* SQ, then CQ */
	unsigned int sq_pages, cq_pages;
	struct sg_table sgt; /* all of them, mapped for DMA */
	struct sl200_mapping mapping; /* in the client's address space */
	struct page *status_page;
	struct drm_sl200_queue_status *status; /* lock: irqs and state are written under it */

	wait_queue_head_t wait; /* woken when irqs or state change */
	spinlock_t lock; /* status, eventfd, revoked; also in interrupt handlers */
	struct eventfd_ctx *eventfd;
	bool revoked; /* new faults of its mappings get the dummy page */
};

/* A queue by number if it is this client's, with a reference; or NULL. */
struct sl200_queue *sl200_queue_get(struct sl200_client *client, unsigned int qid);
void sl200_queue_put(struct sl200_queue *queue);

/*
 * Count irqs up, set the state if it is a later one (running < faulted < lost), wake waiters and
 * signal the eventfd. Any context.
 */
void sl200_queue_signal(struct sl200_queue *queue, enum drm_sl200_queue_state state);

/*
 * Zap its mappings of rings and doorbell and show the dummy page from now on (sl200_queue_mmap.c);
 * the status page stays: its state, set before, tells why the others show zeroes. May sleep.
 */
void sl200_queue_revoke(struct sl200_queue *queue);

/*
 * A number of the card for a queue of the driver's own, with no interrupt: reserve one (0: none is
 * left), and give it back.
 */
unsigned int sl200_queue_number_get(struct sl200_device *sdev);
void sl200_queue_number_put(struct sl200_device *sdev, unsigned int qid);

/* The interrupt of a vector other than 0: signal all queues on it. Interrupt context. */
void sl200_queues_irq(struct sl200_device *sdev, unsigned int vector);

/* The event log says that a queue stopped, or may have: ask the firmware. May sleep. */
void sl200_queue_check_stopped(struct sl200_device *sdev, unsigned int qid);

/*
 * All queues went with the card: revoke them, set their state, tell their clients why; the owner
 * of guilty_qid (0: none) is told that it was because of it. May sleep; card_lock may be held.
 */
void sl200_queues_lost(struct sl200_device *sdev, enum drm_sl200_lost_cause cause, u32 panic,
		       unsigned int guilty_qid);

/* End and forget all queues of a client whose file is being closed. */
void sl200_client_queues_end(struct sl200_client *client);

int sl200_ioctl_queue_create(struct drm_device *dev, void *data, struct drm_file *file);
int sl200_ioctl_queue_destroy(struct drm_device *dev, void *data, struct drm_file *file);
int sl200_ioctl_queue_wait(struct drm_device *dev, void *data, struct drm_file *file);
int sl200_ioctl_queue_wake(struct drm_device *dev, void *data, struct drm_file *file);
int sl200_ioctl_queue_eventfd(struct drm_device *dev, void *data, struct drm_file *file);
int sl200_ioctl_queue_doorbell(struct drm_device *dev, void *data, struct drm_file *file);
int sl200_ioctl_queue_info(struct drm_device *dev, void *data, struct drm_file *file);

/* file_operations.mmap: rings, doorbell and status pages below DRM_FILE_PAGE_OFFSET, else GEM. */
int sl200_mmap(struct file *filp, struct vm_area_struct *vma);
/* The mmap offset of a part of a queue. */
enum sl200_queue_part {
	SL200_QUEUE_PART_SQ,
	SL200_QUEUE_PART_CQ,
	SL200_QUEUE_PART_DOORBELL,
	SL200_QUEUE_PART_STATUS,
};
u64 sl200_queue_mmap_offset(const struct sl200_queue *queue, enum sl200_queue_part part);

#endif
