/* SPDX-License-Identifier: (GPL-2.0 WITH Linux-syscall-note) OR MIT */
/*
 * User-space interface of the SL200 kernel driver, DRM name "sl200", on its render node.
 *
 * Rules: structs are 8-byte aligned and without implicit padding, the same for 32-bit and 64-bit
 * processes; "pad" and "reserved" fields must be zero, else -EINVAL; flags that are not defined
 * are refused with -EINVAL; identifiers are only ever appended; every addition raises the minor
 * version, logged in driver/sl200_drv.c.
 *
 * A file descriptor of the render node is a client: it has an address space of the card's, in
 * which its buffer objects and rings have IOVAs. Nothing of it is visible to another client.
 *
 * The contents of rings, entries, descriptors and the capability page are the card's, not this
 * interface's: see abi/sl200_queue.h, abi/sl200_enc.h, abi/sl200_admin.h and the hardware manual.
 *
 * Errors that every ioctl may return:
 *   -EINVAL  an argument out of range, an unknown flag, padding that is not zero
 *   -EFAULT  a user pointer that cannot be read or written
 *   -EINTR   a signal came first; nothing was done (waits restart by themselves)
 *   -ENOMEM  no kernel memory
 *   -ENODEV  the card is wedged: only freeing and asking for errors still works; or it was
 *            removed: nothing works but close(), and status pages tell
 *   -EAGAIN  the card is being reset or is suspended and did not come back within a second
 */
#ifndef SL200_DRM_H
#define SL200_DRM_H

#include "drm.h"

#if defined(__cplusplus)
extern "C" {
#endif

/*
 * What DRM_IOCTL_VERSION reports. A change that breaks callers raises the major version; callers
 * use no interface of another major version than they know.
 */
#define DRM_SL200_NAME "sl200"
#define DRM_SL200_VERSION_MAJOR 1
#define DRM_SL200_VERSION_MINOR 0

/* Appended, never reordered. */
#define DRM_SL200_QUERY 0x00
#define DRM_SL200_BO_CREATE 0x01
#define DRM_SL200_BO_INFO 0x02
#define DRM_SL200_QUEUE_CREATE 0x03
#define DRM_SL200_QUEUE_DESTROY 0x04
#define DRM_SL200_QUEUE_WAIT 0x05
#define DRM_SL200_QUEUE_WAKE 0x06
#define DRM_SL200_QUEUE_EVENTFD 0x07
#define DRM_SL200_QUEUE_DOORBELL 0x08
#define DRM_SL200_QUEUE_INFO 0x09

/**
 * enum drm_sl200_query_type - what DRM_IOCTL_SL200_QUERY tells
 */
enum drm_sl200_query_type {
	/** @DRM_SL200_QUERY_DEVICE: struct drm_sl200_query_device */
	DRM_SL200_QUERY_DEVICE = 1,
	/** @DRM_SL200_QUERY_CAPS: the card's capability page, struct sl200_caps */
	DRM_SL200_QUERY_CAPS = 2,
	/** @DRM_SL200_QUERY_MEMORY: struct drm_sl200_query_memory */
	DRM_SL200_QUERY_MEMORY = 3,
	/** @DRM_SL200_QUERY_STATS: struct drm_sl200_query_stats */
	DRM_SL200_QUERY_STATS = 4,
	/** @DRM_SL200_QUERY_ENGINES: struct drm_sl200_query_engine[], one for each engine */
	DRM_SL200_QUERY_ENGINES = 5,
	/** @DRM_SL200_QUERY_FW_STATS: the firmware's statistics, struct sl200_fw_stats */
	DRM_SL200_QUERY_FW_STATS = 6,
	/**
	 * @DRM_SL200_QUERY_LOG: the firmware's event log, struct sl200_log_entry[], oldest first.
	 * It names queues of all clients: needs CAP_SYS_ADMIN or CAP_PERFMON, else -EPERM.
	 */
	DRM_SL200_QUERY_LOG = 7,
	/** @DRM_SL200_QUERY_ERROR: struct drm_sl200_query_error. Works on a lost card too. */
	DRM_SL200_QUERY_ERROR = 8,
};

/**
 * struct drm_sl200_query - argument of DRM_IOCTL_SL200_QUERY
 *
 * Called with @size 0 it only writes the size of the answer to @size. Otherwise the first @size
 * bytes of the answer are written, and @size is set to what was written: structs may grow.
 */
struct drm_sl200_query {
	/** @type: in: enum drm_sl200_query_type */
	__u32 type;
	/** @size: in: bytes at @pointer; out: bytes written, or bytes there are */
	__u32 size;
	/** @pointer: in: where the answer goes; ignored when @size is 0 */
	__u64 pointer;
};

/**
 * enum drm_sl200_implementation - what kind of card it is
 */
enum drm_sl200_implementation {
	/** @DRM_SL200_SILICON: the chip */
	DRM_SL200_SILICON = 0,
	/** @DRM_SL200_FUNCTIONAL_MODEL: simulated by the functional model */
	DRM_SL200_FUNCTIONAL_MODEL = 1,
	/** @DRM_SL200_RTL: simulated by its SystemVerilog sources */
	DRM_SL200_RTL = 2,
};

/**
 * struct drm_sl200_query_device - identity, topology and limits
 */
struct drm_sl200_query_device {
	/** @serial: serial number */
	__u64 serial;
	/** @dram_size: bytes of card memory, all of it */
	__u64 dram_size;
	/** @hw_version: register TOP.HW_VERSION */
	__u32 hw_version;
	/** @fw_version: register MCU.FW_VERSION */
	__u32 fw_version;
	/** @implementation: enum drm_sl200_implementation */
	__u32 implementation;
	/** @pci_domain: PCI domain */
	__u32 pci_domain;
	/** @pci_bus: PCI bus */
	__u8 pci_bus;
	/** @pci_device: PCI device, 0 to 31 */
	__u8 pci_device;
	/** @pci_function: PCI function, 0 to 7 */
	__u8 pci_function;
	/** @pad: zero */
	__u8 pad;
	/** @numa_node: nearest NUMA node, or -1 */
	__s32 numa_node;
	/** @max_queues: queues a client may have */
	__u32 max_queues;
	/** @max_depth: entries a ring may have */
	__u32 max_depth;
	/** @max_bos: buffer objects a client may have */
	__u32 max_bos;
	/** @reset_count: resets since the driver was loaded, of MCU, chip or function */
	__u32 reset_count;
	/** @max_bo_size: bytes of the largest buffer object */
	__u64 max_bo_size;
};

/**
 * struct drm_sl200_query_memory - use of memory, in bytes
 */
struct drm_sl200_query_memory {
	/** @host_used: host memory of this client's buffer objects and rings */
	__u64 host_used;
	/** @host_limit: how much of it this client may have */
	__u64 host_limit;
	/** @card_used: card memory of this client's buffer objects */
	__u64 card_used;
	/** @card_limit: how much of it this client may have */
	__u64 card_limit;
	/** @card_total: card memory that clients share */
	__u64 card_total;
	/** @card_allocated: card memory in use, by all clients */
	__u64 card_allocated;
};

/**
 * struct drm_sl200_query_stats - the card's counters since its last chip reset
 */
struct drm_sl200_query_stats {
	/** @time_ns: the card's clock */
	__u64 time_ns;
	/** @link_read: bytes the card read from host memory */
	__u64 link_read;
	/** @link_write: bytes the card wrote to host memory */
	__u64 link_write;
	/** @dram_read: bytes read from card memory */
	__u64 dram_read;
	/** @dram_write: bytes written to card memory */
	__u64 dram_write;
	/** @interrupts: messages sent */
	__u64 interrupts;
	/** @doorbells: doorbell writes accepted */
	__u64 doorbells;
	/** @doorbells_dropped: doorbell writes to nobody's queue, or malformed */
	__u64 doorbells_dropped;
	/** @mmu_faults: refused translations */
	__u64 mmu_faults;
	/** @temperature_mc: millidegrees Celsius */
	__u32 temperature_mc;
	/** @power_mw: milliwatts */
	__u32 power_mw;
	/** @heartbeat: register MCU.HEARTBEAT */
	__u32 heartbeat;
	/** @reset_count: register TOP.RESET_COUNT */
	__u32 reset_count;
};

/**
 * struct drm_sl200_query_engine - counters of one engine since the card's last chip reset
 */
struct drm_sl200_query_engine {
	/** @kind: enum sl200_engine_kind */
	__u32 kind;
	/** @pad: zero */
	__u32 pad;
	/** @jobs: jobs ended */
	__u64 jobs;
	/** @busy_ns: time with a job */
	__u64 busy_ns;
	/** @cycles: engine cycles */
	__u64 cycles;
	/** @stall_in_ns: time waiting for input */
	__u64 stall_in_ns;
	/** @stall_out_ns: time waiting for output */
	__u64 stall_out_ns;
};

/**
 * enum drm_sl200_lost_cause - why a client's queues ended
 */
enum drm_sl200_lost_cause {
	/** @DRM_SL200_LOST_NOT: nothing was lost */
	DRM_SL200_LOST_NOT = 0,
	/** @DRM_SL200_LOST_REMOVED: the card is gone from the bus, or the driver was unbound */
	DRM_SL200_LOST_REMOVED = 1,
	/** @DRM_SL200_LOST_RESET: the card was reset, and not because of this client */
	DRM_SL200_LOST_RESET = 2,
	/** @DRM_SL200_LOST_GUILTY: the card was reset as a queue of this client did not end */
	DRM_SL200_LOST_GUILTY = 3,
	/** @DRM_SL200_LOST_SUSPEND: the system slept */
	DRM_SL200_LOST_SUSPEND = 4,
	/** @DRM_SL200_LOST_WEDGED: resets failed; the card needs its administrator */
	DRM_SL200_LOST_WEDGED = 5,
};

/**
 * enum drm_sl200_card_state - how the card is
 */
enum drm_sl200_card_state {
	/** @DRM_SL200_CARD_WORKS: it works */
	DRM_SL200_CARD_WORKS = 0,
	/** @DRM_SL200_CARD_BUSY: it is being reset or suspended */
	DRM_SL200_CARD_BUSY = 1,
	/** @DRM_SL200_CARD_WEDGED: resets failed; the card needs its administrator */
	DRM_SL200_CARD_WEDGED = 2,
	/** @DRM_SL200_CARD_REMOVED: the card is gone from the bus, or the driver was unbound */
	DRM_SL200_CARD_REMOVED = 3,
};

/**
 * struct drm_sl200_query_error - what happened to this client
 */
struct drm_sl200_query_error {
	/** @cause: enum drm_sl200_lost_cause of the newest loss since the client was opened */
	__u32 cause;
	/** @losses: how often its queues were lost since then */
	__u32 losses;
	/** @panic: register MCU.PANIC at the newest loss, 0 when the firmware had not stopped */
	__u32 panic;
	/** @card_state: enum drm_sl200_card_state */
	__u32 card_state;
};

/** define DRM_SL200_BO_HOST - host memory, CPU-cached */
#define DRM_SL200_BO_HOST 0x1
/** define DRM_SL200_BO_HOST_WC - host memory, mapped write-combined for the CPU */
#define DRM_SL200_BO_HOST_WC 0x2
/** define DRM_SL200_BO_CARD - card memory; has no CPU mapping, copy jobs move data */
#define DRM_SL200_BO_CARD 0x4
/** define DRM_SL200_BO_IMPORTED - only in answers: memory of an imported dma-buf */
#define DRM_SL200_BO_IMPORTED 0x8

/**
 * struct drm_sl200_bo_create - argument of DRM_IOCTL_SL200_BO_CREATE
 *
 * The memory reads as zero. It has an IOVA in the client's address space for as long as the
 * handle exists; a handle from DRM_IOCTL_PRIME_FD_TO_HANDLE has one too (DRM_IOCTL_SL200_BO_INFO).
 * Handles are closed by DRM_IOCTL_GEM_CLOSE, which returns when the card has forgotten them.
 * What is in card memory is undefined after a reset of the card (DRM_SL200_QUERY_ERROR).
 * -ENOSPC: no card memory, or a limit of the client (DRM_SL200_QUERY_MEMORY) is reached. -EIO: the
 * card did not clear its memory.
 */
struct drm_sl200_bo_create {
	/** @size: in: bytes, 1 to max_bo_size; out: rounded up to whole pages */
	__u64 size;
	/** @flags: in: one of DRM_SL200_BO_HOST, _HOST_WC, _CARD */
	__u32 flags;
	/** @handle: out: GEM handle */
	__u32 handle;
	/** @iova: out: where the card sees it */
	__u64 iova;
	/** @mmap_offset: out: offset for mmap() of the file; 0 for card memory */
	__u64 mmap_offset;
};

/**
 * struct drm_sl200_bo_info - argument of DRM_IOCTL_SL200_BO_INFO
 *
 * -ENOENT: no such handle.
 */
struct drm_sl200_bo_info {
	/** @handle: in: GEM handle */
	__u32 handle;
	/** @flags: out: DRM_SL200_BO_* */
	__u32 flags;
	/** @size: out: bytes */
	__u64 size;
	/** @iova: out: where the card sees it */
	__u64 iova;
	/** @mmap_offset: out: offset for mmap() of the file; 0 where there is no CPU mapping */
	__u64 mmap_offset;
};

/**
 * struct drm_sl200_queue_status - the page at status_offset of a queue, read-only
 *
 * The kernel writes it; reading it costs no system call.
 */
struct drm_sl200_queue_status {
	/** @irqs: changes with each interrupt for the queue, each wake, each change of @state */
	__u32 irqs;
	/** @state: enum drm_sl200_queue_state */
	__u32 state;
};

/**
 * enum drm_sl200_queue_state - what has become of a queue
 */
enum drm_sl200_queue_state {
	/** @DRM_SL200_QUEUE_RUNNING: works */
	DRM_SL200_QUEUE_RUNNING = 0,
	/** @DRM_SL200_QUEUE_FAULTED: the card stopped it, and its running jobs have ended */
	DRM_SL200_QUEUE_FAULTED = 1,
	/** @DRM_SL200_QUEUE_LOST: gone with the card, see DRM_SL200_QUERY_ERROR, or destroyed */
	DRM_SL200_QUEUE_LOST = 2,
};

/**
 * struct drm_sl200_queue_create - argument of DRM_IOCTL_SL200_QUEUE_CREATE
 *
 * The kernel allocates the rings; both read as zero. Each of the four offsets is for one mmap() of
 * the file: of exactly the size given here, MAP_SHARED, not executable; rings and the doorbell
 * page readable and writable, the status page readable only. Mappings are not inherited by fork()
 * and not dumped, and cannot be split or grown. Other mappings are refused: -EINVAL; -EACCES for
 * an executable one, or a writable one of the status page.
 *
 * When the queue has ended, writes to the doorbell page go nowhere. Rings and status page keep what
 * they hold, and the status page says that it has ended, for as long as they are mapped; until then
 * the queue counts for the client's maximum.
 *
 * -EPERM: priority realtime needs CAP_SYS_NICE or CAP_SYS_ADMIN. -ENOSPC: no queue is left, or the
 * client has its maximum.
 */
struct drm_sl200_queue_create {
	/** @depth: in: entries of each ring, a power of two from 2 to max_depth */
	__u32 depth;
	/** @priority: in: enum sl200_priority */
	__u32 priority;
	/** @weight: in: share inside the priority, 1 to 255 */
	__u32 weight;
	/** @flags: in: zero */
	__u32 flags;
	/** @queue: out: its number */
	__u32 queue;
	/** @pad: zero */
	__u32 pad;
	/** @sq_offset: out: submission ring, @depth * 64 bytes rounded up to whole pages */
	__u64 sq_offset;
	/** @cq_offset: out: completion ring, @depth * 32 bytes rounded up to whole pages */
	__u64 cq_offset;
	/** @doorbell_offset: out: doorbell page, one page */
	__u64 doorbell_offset;
	/** @status_offset: out: struct drm_sl200_queue_status, one page */
	__u64 status_offset;
};

/**
 * struct drm_sl200_queue_destroy - argument of DRM_IOCTL_SL200_QUEUE_DESTROY
 *
 * Returns when no job of the queue runs any more. -ENOENT: no such queue of this client.
 */
struct drm_sl200_queue_destroy {
	/** @queue: in */
	__u32 queue;
	/** @pad: zero */
	__u32 pad;
};

/**
 * struct drm_sl200_queue_wait - argument of DRM_IOCTL_SL200_QUEUE_WAIT
 *
 * Sleeps until the queue's irqs differs from @seen. Take @seen from the status page, then look at
 * the completion ring, then wait. Interrupts can get lost on the way: give waits a time limit
 * and look at the ring after it. There is no wait for a queue that does not run any more.
 * -ETIME: the time came first. -ENOENT: no such queue of this client.
 */
struct drm_sl200_queue_wait {
	/** @queue: in */
	__u32 queue;
	/** @seen: in: value of irqs that the caller knows */
	__u32 seen;
	/** @timeout_ns: in: absolute time of CLOCK_MONOTONIC; one that has passed only looks */
	__s64 timeout_ns;
	/** @irqs: out: as in the status page */
	__u32 irqs;
	/** @state: out: as in the status page */
	__u32 state;
};

/**
 * struct drm_sl200_queue_wake - argument of DRM_IOCTL_SL200_QUEUE_WAKE
 *
 * Counts irqs up and wakes all waits of the queue. -ENOENT: no such queue of this client.
 */
struct drm_sl200_queue_wake {
	/** @queue: in */
	__u32 queue;
	/** @pad: zero */
	__u32 pad;
};

/**
 * struct drm_sl200_queue_eventfd - argument of DRM_IOCTL_SL200_QUEUE_EVENTFD
 *
 * An eventfd is signalled whenever irqs counts up. It replaces the one before.
 * -EBADF: not an eventfd. -ENOENT: no such queue of this client.
 */
struct drm_sl200_queue_eventfd {
	/** @queue: in */
	__u32 queue;
	/** @fd: in: eventfd, or -1 for none */
	__s32 fd;
};

/**
 * struct drm_sl200_queue_doorbell - argument of DRM_IOCTL_SL200_QUEUE_DOORBELL
 *
 * Writes the doorbell page for those who may not or do not want to map it. A queue that has ended
 * ignores it, as its page does.
 * -ENOENT: no such queue of this client.
 */
struct drm_sl200_queue_doorbell {
	/** @queue: in */
	__u32 queue;
	/** @offset: in: SL200_DOORBELL_SQ_TAIL or SL200_DOORBELL_CQ_HEAD */
	__u32 offset;
	/** @value: in: index */
	__u32 value;
	/** @pad: zero */
	__u32 pad;
};

/**
 * struct drm_sl200_queue_info - argument of DRM_IOCTL_SL200_QUEUE_INFO
 *
 * -ENOENT: no such queue of this client; with CAP_SYS_ADMIN, of any.
 */
struct drm_sl200_queue_info {
	/** @queue: in */
	__u32 queue;
	/** @size: in: bytes at @pointer; out: bytes written */
	__u32 size;
	/** @pointer: in: where struct sl200_queue_info goes, as the firmware reports it */
	__u64 pointer;
};

#define DRM_IOCTL_SL200_QUERY \
	DRM_IOWR(DRM_COMMAND_BASE + DRM_SL200_QUERY, struct drm_sl200_query)
#define DRM_IOCTL_SL200_BO_CREATE \
	DRM_IOWR(DRM_COMMAND_BASE + DRM_SL200_BO_CREATE, struct drm_sl200_bo_create)
#define DRM_IOCTL_SL200_BO_INFO \
	DRM_IOWR(DRM_COMMAND_BASE + DRM_SL200_BO_INFO, struct drm_sl200_bo_info)
#define DRM_IOCTL_SL200_QUEUE_CREATE \
	DRM_IOWR(DRM_COMMAND_BASE + DRM_SL200_QUEUE_CREATE, struct drm_sl200_queue_create)
#define DRM_IOCTL_SL200_QUEUE_DESTROY \
	DRM_IOW(DRM_COMMAND_BASE + DRM_SL200_QUEUE_DESTROY, struct drm_sl200_queue_destroy)
#define DRM_IOCTL_SL200_QUEUE_WAIT \
	DRM_IOWR(DRM_COMMAND_BASE + DRM_SL200_QUEUE_WAIT, struct drm_sl200_queue_wait)
#define DRM_IOCTL_SL200_QUEUE_WAKE \
	DRM_IOW(DRM_COMMAND_BASE + DRM_SL200_QUEUE_WAKE, struct drm_sl200_queue_wake)
#define DRM_IOCTL_SL200_QUEUE_EVENTFD \
	DRM_IOW(DRM_COMMAND_BASE + DRM_SL200_QUEUE_EVENTFD, struct drm_sl200_queue_eventfd)
#define DRM_IOCTL_SL200_QUEUE_DOORBELL \
	DRM_IOW(DRM_COMMAND_BASE + DRM_SL200_QUEUE_DOORBELL, struct drm_sl200_queue_doorbell)
#define DRM_IOCTL_SL200_QUEUE_INFO \
	DRM_IOWR(DRM_COMMAND_BASE + DRM_SL200_QUEUE_INFO, struct drm_sl200_queue_info)

#if defined(__cplusplus)
}
#endif

#endif
