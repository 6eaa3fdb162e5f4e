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
#include <linux/mutex.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include <drm/drm_device.h>
#include <drm/drm_file.h>

#include "abi/uapi/drm/sl200_drm.h"
#include "driver/sl200_client.h"
#include "driver/sl200_vm.h"

struct eventfd_ctx;
struct sl200_device;

struct sl200_queue {
	struct kref ref; /* the client's table, mappings, and calls under way */
	struct sl200_device *sdev;
	struct sl200_client *client; /* its memory: the client may be closed already */
	unsigned int qid;
	unsigned int vector;
	u32 depth, priority, weight;
	u32 generation; /* of the card that it was created on */

	/* Rings: single pages, mapped in user space. The kernel never looks at what is in them. */
	struct page **pages; /* SQ, then CQ */
	unsigned int sq_pages, cq_pages;
	struct sg_table sgt; /* all of them */
	struct sl200_mapping mapping; /* in the client's address space */
	bool leaked; /* the card may have access for ever: pages are not freed */

	struct mutex map_lock; /* revoked, dma_mapped, dummy_page */
	bool revoked; /* its doorbell is not rung any more: new faults get the dummy page */
	bool dma_mapped; /* sgt is */
	/*
	 * What a mapping of a dead queue's doorbell shows. The queue's own: one that clients share
	 * would let them talk. Allocated when first needed.
	 */
	struct page *dummy_page;

	wait_queue_head_t wait; /* woken when irqs or state change */
	spinlock_t lock; /* irqs, state, status, eventfd; also in interrupt handlers */
	u32 irqs;
	enum drm_sl200_queue_state state;
	struct page *status_page;
	struct drm_sl200_queue_status *status; /* copies for user space; not read here */
	struct eventfd_ctx *eventfd;

	struct delayed_work stop_work; /* asks whether it has stopped; holds a reference */
	unsigned int stop_delay_ms; /* stop_work's only */
	u64 busy_ns[SL200_ENGINE_KINDS]; /* client.queue_lock: as the firmware told last */
};

/* A queue by number if it is this client's, with a reference; or NULL. */
struct sl200_queue *sl200_queue_get(struct sl200_client *client, unsigned int qid);
void sl200_queue_put(struct sl200_queue *queue);

/*
 * Count irqs up, set the state if it is a later one (running < faulted < lost), wake waiters and
 * signal the eventfd. Any context.
 */
void sl200_queue_signal(struct sl200_queue *queue, enum drm_sl200_queue_state state);

/* irqs and state at one instant; either may be NULL. Any context. */
void sl200_queue_look(struct sl200_queue *queue, u32 *irqs, u32 *state);

/* Signal ctx from now on instead of what was signalled before; NULL: none. Takes the reference. */
void sl200_queue_set_eventfd(struct sl200_queue *queue, struct eventfd_ctx *ctx);

/*
 * Nobody rings its doorbell any more when this returns: mappings show the dummy page
 * (sl200_queue_mmap.c). May sleep.
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

/* Nobody rings any doorbell any more when this returns. May sleep; card_lock may be held. */
void sl200_queues_revoke(struct sl200_device *sdev);

/*
 * All queues went with the card: revoke them, set their state, tell their clients why; the owner
 * of guilty_qid (0: none) is told that it was because of it. May sleep; card_lock may be held.
 */
void sl200_queues_lost(struct sl200_device *sdev, enum drm_sl200_lost_cause cause, u32 panic,
		       unsigned int guilty_qid);

/*
 * End the DMA mappings of all rings, as the driver is about to leave the device. After
 * drm_dev_unplug() and after the card was stopped.
 */
void sl200_queues_unplug(struct sl200_device *sdev);

/* End and forget all queues of a client whose file is being closed. */
void sl200_client_queues_end(struct sl200_client *client);

/*
 * Ask the firmware for the engine time of a queue, if the card is there to be asked: busy_ns.
 * client.queue_lock held. May sleep.
 */
void sl200_queue_refresh_busy(struct sl200_queue *queue);

int sl200_ioctl_queue_create(struct drm_device *dev, void *data, struct drm_file *file);
int sl200_ioctl_queue_destroy(struct drm_device *dev, void *data, struct drm_file *file);
int sl200_ioctl_queue_wait(struct drm_device *dev, void *data, struct drm_file *file);
int sl200_ioctl_queue_wake(struct drm_device *dev, void *data, struct drm_file *file);
int sl200_ioctl_queue_eventfd(struct drm_device *dev, void *data, struct drm_file *file);
int sl200_ioctl_queue_doorbell(struct drm_device *dev, void *data, struct drm_file *file);
int sl200_ioctl_queue_info(struct drm_device *dev, void *data, struct drm_file *file);

/*
 * Parts of a queue, and where they are in the file: each queue number has a piece of its own below
 * DRM_FILE_PAGE_OFFSET_START, which also fits on kernels where that is low.
 */
enum sl200_queue_part {
	SL200_QUEUE_PART_SQ,
	SL200_QUEUE_PART_CQ,
	SL200_QUEUE_PART_DOORBELL,
	SL200_QUEUE_PART_STATUS,
	SL200_QUEUE_PARTS,
};

u64 sl200_queue_mmap_offset(const struct sl200_queue *queue, enum sl200_queue_part part);
/* file_operations.mmap: parts of queues, else GEM objects. */
int sl200_mmap(struct file *filp, struct vm_area_struct *vma);

#endif
