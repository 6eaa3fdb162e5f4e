/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * One card, as the driver knows it: what every other file of the driver shares.
 *
 * Lifetime. struct sl200_device lives as long as its drm_device, that is until the last file is
 * closed; the card may be gone long before. Everything that touches the card is between
 * sl200_card_enter() and sl200_card_exit() (sl200_admin.h), or in the few places that bring it up
 * and down.
 *
 * Locks, in the order in which they may be taken:
 *   drm_dev_enter()          SRCU: the card is not removed meanwhile
 *   sl200_client.queue_lock  mutex: a client's creating and destroying of queues
 *   sl200_bo.lock            mutex: an object's memory and mappings
 *   sl200_dram.clear_lock    mutex: clearing card memory
 *   sl200_device.query_lock  mutex: one question of a client's to the card at a time
 *   sl200_vm.lock            mutex: an address space's page tables, IOVAs and accounts
 *   sl200_device.card_lock   rwsem: read: the firmware serves; write: it is stopped and started
 *   sl200_device.vms_lock    mutex: the list of address spaces
 *   sl200_device.bos_lock    mutex: the list of objects mapped for DMA
 *   sl200_dram.lock          mutex: allocation of card memory
 *   sl200_queue.map_lock     mutex: whether a queue's doorbell may be rung
 *   sl200_device.queue_lock  spinlock, also in interrupt handlers: numbers and vectors of queues
 *   sl200_queue.lock         spinlock, also in interrupt handlers: a queue's state and eventfd
 *   locks of the port        (sl200_port.c) innermost
 * mmap_lock is taken outside of all of them but queue_lock (the spinlocks): fault handlers take
 * drm_dev_enter() and sl200_queue.map_lock only, and nothing copies from or to user space under
 * vm.lock or card_lock.
 */
#ifndef SL200_DEVICE_H
#define SL200_DEVICE_H

#include <linux/bitmap.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/rwsem.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include <drm/drm_device.h>
#include <drm/drm_print.h>

#include "abi/sl200_admin.h"
#include "driver/core/card.h"
#include "driver/sl200_dram.h"

#define SL200_NUM_VECTORS 64
/*
 * Of one command, and of the firmware's boot: more than the manual's two seconds, as an emulated
 * card may pause. Firmware that stopped is noticed earlier, by MCU.STATE.
 */
#define SL200_ADMIN_TIMEOUT_MS 5000
#define SL200_EVENTS_MAX 64 /* entries of the event log handled in one go */

struct firmware;
struct sl200_device;
struct sl200_queue;

enum sl200_card_state {
	SL200_CARD_DOWN = 0, /* not started yet, or stopped for good */
	SL200_CARD_RUNNING,
	SL200_CARD_SUSPENDED, /* the system sleeps, or the PCI core recovers the link */
	SL200_CARD_WEDGED, /* resets failed; its DMA is off */
	SL200_CARD_GONE, /* its registers read all-ones */
};

/* One MSI-X vector: what its handler gets. */
struct sl200_vector {
	struct sl200_device *sdev;
	unsigned int index;
	char name[24]; /* in /proc/interrupts */
};

/* Interrupt vectors (sl200_irq.c). */
struct sl200_irq {
	struct sl200_vector vector[SL200_NUM_VECTORS];
	unsigned int count; /* vectors allocated */
	atomic_t admin_irqs; /* interrupts of vector 0 so far */
	wait_queue_head_t admin_wait; /* woken by each of them */
	struct work_struct event_work; /* reads the event log */
};

/* Watching over the card, and resetting it (sl200_reset.c, sl200_event.c). */
struct sl200_reset {
	struct delayed_work monitor; /* looks at the heartbeat */
	struct core_heartbeat heartbeat; /* monitor's only */
	u32 heartbeat_generation; /* monitor's only: of the firmware that it watched */
	struct work_struct work; /* a reset asked for by sl200_reset_request() */
	spinlock_t lock; /* reason, generation */
	const char *reason; /* why; NULL: none is asked for */
	u32 generation; /* of the firmware that is to be reset */
	u32 events_seen; /* event_work's only: sequence number of the last event handled */
	unsigned long events_lost; /* bit 0: the register tells of events, no interrupt did */
	struct sl200_log_entry events[SL200_EVENTS_MAX]; /* event_work's only */
	unsigned long next_dump; /* card_lock or event_work: no core dump before, in jiffies */
	atomic_t count; /* resets since probe */
	bool dma_unsafe; /* card_lock: its DMA could not be stopped: memory is leaked instead */
};

struct sl200_device {
	struct drm_device drm;
	struct pci_dev *pdev;
	void __iomem *regs; /* BAR0 */
	void __iomem *doorbells; /* BAR2 */
	resource_size_t doorbell_base; /* its address, for mmap */
	const struct firmware *fw; /* from probe to removal: resets cannot wait for files */
	u32 hw_version; /* as TOP.HW_VERSION */
	u64 serial;
	struct workqueue_struct *wq; /* events, monitor, resets */

	struct core_port port;
	struct mutex regs_lock; /* CORE_LOCK_REGS */
	struct mutex admin_lock; /* CORE_LOCK_ADMIN */

	struct rw_semaphore card_lock; /* core, state, generation */
	struct core_card core; /* caps and fw_version are stable while any card_lock is held */
	enum sl200_card_state state;
	u32 generation; /* how often the firmware was started; tells what died with a reset */
	struct mutex query_lock; /* sl200_query_enter() */
	wait_queue_head_t state_wait; /* woken when state changes */

	struct sl200_irq irq;
	struct sl200_reset reset;
	struct sl200_dram dram;

	struct mutex vms_lock; /* vms */
	struct list_head vms; /* sl200_vm.link: every address space with an ASID */
	struct ida asids;

	struct mutex bos_lock; /* bos */
	struct list_head bos; /* sl200_bo.link: every object whose pages are mapped for DMA */

	spinlock_t queue_lock; /* queue[], queue_numbers, vector_queues, loss */
	struct sl200_queue *queue[SL200_MAX_QUEUES]; /* clients' queues by number */
	DECLARE_BITMAP(queue_numbers, SL200_MAX_QUEUES); /* in use, the driver's own included */
	/* The numbers of the queues on each vector. */
	unsigned long vector_queues[SL200_NUM_VECTORS][BITS_TO_LONGS(SL200_MAX_QUEUES)];
	u32 loss; /* how often queues were lost: sl200_queues_lost() */

	struct device *hwmon;
};

#define to_sl200(drm_dev) container_of(drm_dev, struct sl200_device, drm)

#endif
