// SPDX-License-Identifier: GPL-2.0 OR MIT
#include <linux/slab.h>

#include "abi/sl200_regs.h"
#include "driver/core/telemetry.h"
#include "driver/sl200_device.h"
#include "driver/sl200_dump.h"
#include "driver/sl200_fw.h"
#include "driver/sl200_queue.h"

struct dump_register {
	u32 offset;
	const char *name;
};

static const struct dump_register registers[] = {
	{ SL200_TOP_ID, "TOP.ID" },
	{ SL200_TOP_HW_VERSION, "TOP.HW_VERSION" },
	{ SL200_TOP_ABI, "TOP.ABI" },
	{ SL200_TOP_IMPL, "TOP.IMPL" },
	{ SL200_TOP_NUM_QUEUES, "TOP.NUM_QUEUES" },
	{ SL200_TOP_NUM_ENGINES, "TOP.NUM_ENGINES" },
	{ SL200_TOP_RESET_COUNT, "TOP.RESET_COUNT" },
	{ SL200_BOOT_SIZE, "BOOT.SIZE" },
	{ SL200_BOOT_STATUS, "BOOT.STATUS" },
	{ SL200_BOOT_DETAIL, "BOOT.DETAIL" },
	{ SL200_ADMIN_DEPTH, "ADMIN.DEPTH" },
	{ SL200_ADMIN_CTRL, "ADMIN.CTRL" },
	{ SL200_ADMIN_STATUS, "ADMIN.STATUS" },
	{ SL200_MCU_STATE, "MCU.STATE" },
	{ SL200_MCU_HEARTBEAT, "MCU.HEARTBEAT" },
	{ SL200_MCU_FW_VERSION, "MCU.FW_VERSION" },
	{ SL200_MCU_FW_ABI, "MCU.FW_ABI" },
	{ SL200_MCU_PANIC, "MCU.PANIC" },
	{ SL200_MCU_EVENT_SEQ, "MCU.EVENT_SEQ" },
	{ SL200_TELEM_TEMP, "TELEM.TEMP" },
	{ SL200_TELEM_POWER, "TELEM.POWER" },
	{ SL200_TELEM_ECC, "TELEM.ECC" },
	{ SL200_INJECT_CTRL, "INJECT.CTRL" },
};

/* By the offset of the low half. */
static const struct dump_register counters[] = {
	{ SL200_TOP_DRAM_SIZE_LO, "TOP.DRAM_SIZE" },
	{ SL200_TOP_TIME_LO, "TOP.TIME" },
	{ SL200_TOP_SERIAL_LO, "TOP.SERIAL" },
	{ SL200_TELEM_LINK_READ_LO, "TELEM.LINK_READ" },
	{ SL200_TELEM_LINK_WRITE_LO, "TELEM.LINK_WRITE" },
	{ SL200_TELEM_DRAM_READ_LO, "TELEM.DRAM_READ" },
	{ SL200_TELEM_DRAM_WRITE_LO, "TELEM.DRAM_WRITE" },
	{ SL200_TELEM_IRQS_LO, "TELEM.IRQS" },
	{ SL200_TELEM_DOORBELLS_LO, "TELEM.DOORBELLS" },
	{ SL200_TELEM_DOORBELLS_DROPPED_LO, "TELEM.DOORBELLS_DROPPED" },
	{ SL200_TELEM_MMU_FAULTS_LO, "TELEM.MMU_FAULTS" },
};

void sl200_dump_versions(struct sl200_device *sdev, struct drm_printer *p)
{
	char text[SL200_FW_VERSION_TEXT_SIZE];

	drm_printf(p, "driver %s\n", SL200_VERSION);
	drm_printf(p, "device %s\n", pci_name(sdev->pdev));
	drm_printf(p, "serial %016llx\n", sdev->serial);
	drm_printf(p, "hw_version %u.%u\n", sdev->hw_version >> SL200_TOP_HW_VERSION_MAJOR_SHIFT,
		   sdev->hw_version & SL200_TOP_HW_VERSION_MINOR);
	drm_printf(p, "fw_version %s\n", sl200_fw_version_text(sdev->core.fw_version, text));
	drm_printf(p, "generation %u\n", sdev->generation);
	drm_printf(p, "resets %u\n", atomic_read(&sdev->reset.count));
}

static void dump_engine(struct sl200_device *sdev, struct drm_printer *p, unsigned int n)
{
	struct core_port *port = &sdev->port;

	drm_printf(p, "0x%04x TELEM_ENGINE[%u] kind %u jobs %llu busy_ns %llu cycles %llu\n",
		   SL200_TELEM_ENGINE_KIND(n), n, core_read32(port, SL200_TELEM_ENGINE_KIND(n)),
		   core_read64(port, SL200_TELEM_ENGINE_JOBS_LO(n)),
		   core_read64(port, SL200_TELEM_ENGINE_BUSY_NS_LO(n)),
		   core_read64(port, SL200_TELEM_ENGINE_CYCLES_LO(n)));
}

void sl200_dump_registers(struct sl200_device *sdev, struct drm_printer *p)
{
	unsigned int i, engines;

	lockdep_assert_held(&sdev->card_lock);
	for (i = 0; i < ARRAY_SIZE(registers); i++)
		drm_printf(p, "0x%04x %s 0x%08x\n", registers[i].offset, registers[i].name,
			   core_read32(&sdev->port, registers[i].offset));
	for (i = 0; i < ARRAY_SIZE(counters); i++)
		drm_printf(p, "0x%04x %s 0x%016llx\n", counters[i].offset, counters[i].name,
			   core_read64(&sdev->port, counters[i].offset));
	engines = core_read32(&sdev->port, SL200_TOP_NUM_ENGINES);
	for (i = 0; engines <= SL200_MAX_ENGINES && i < engines; i++)
		dump_engine(sdev, p, i);
}

static const char *event_name(unsigned int event)
{
	switch ((enum sl200_event)event) {
	case SL200_EVENT_BOOT:
		return "BOOT";
	case SL200_EVENT_QUEUE_STOPPED:
		return "QUEUE_STOPPED";
	case SL200_EVENT_ENGINE_RESET:
		return "ENGINE_RESET";
	case SL200_EVENT_JOB_TIMEOUT:
		return "JOB_TIMEOUT";
	case SL200_EVENT_FW_UPDATED:
		return "FW_UPDATED";
	case SL200_EVENT_BAD_DOORBELL:
		return "BAD_DOORBELL";
	}
	return "unknown";
}

void sl200_dump_log(struct sl200_device *sdev, struct drm_printer *p)
{
	struct sl200_log_entry *entries;
	u32 newest;
	int i, n;

	lockdep_assert_held(&sdev->card_lock);
	if (!sdev->core.running)
		return;
	entries = kmalloc_array(CORE_LOG_DEPTH, sizeof(*entries), GFP_KERNEL);
	if (!entries)
		return;
	newest = core_read32(&sdev->port, SL200_MCU_EVENT_SEQ);
	n = core_card_log(&sdev->core, newest > CORE_LOG_DEPTH ? newest - CORE_LOG_DEPTH : 0,
			  entries, CORE_LOG_DEPTH);
	for (i = 0; i < n; i++) {
		const struct sl200_log_entry *entry = &entries[i];

		drm_printf(p, "%u time_ns %llu %s queue %u arg0 0x%x arg1 0x%llx\n", entry->seq,
			   entry->time_ns, event_name(entry->event), entry->qid, entry->arg0,
			   entry->arg1);
	}
	kfree(entries);
}

static const char *queue_state_name(unsigned int state)
{
	switch ((enum drm_sl200_queue_state)state) {
	case DRM_SL200_QUEUE_RUNNING:
		return "running";
	case DRM_SL200_QUEUE_FAULTED:
		return "faulted";
	case DRM_SL200_QUEUE_LOST:
		return "lost";
	}
	return "unknown";
}

/* What the driver knows of a queue. Returns whether there is one. */
static bool dump_queue(struct sl200_device *sdev, struct drm_printer *p, unsigned int qid)
{
	u32 depth = 0, priority = 0, weight = 0, vector = 0, generation = 0, state = 0, irqs = 0;
	struct sl200_queue *queue;

	spin_lock_irq(&sdev->queue_lock);
	queue = sdev->queue[qid];
	if (queue) {
		depth = queue->depth;
		priority = queue->priority;
		weight = queue->weight;
		vector = queue->vector;
		generation = queue->generation;
		state = READ_ONCE(queue->status->state);
		irqs = READ_ONCE(queue->status->irqs);
	}
	spin_unlock_irq(&sdev->queue_lock);
	if (queue)
		drm_printf(p,
			   "%u state %s depth %u priority %u weight %u vector %u irqs %u generation %u\n",
			   qid, queue_state_name(state), depth, priority, weight, vector, irqs,
			   generation);
	return queue;
}

static int dump_queue_info(struct sl200_device *sdev, struct drm_printer *p, unsigned int qid)
{
	struct sl200_queue_info info;
	int ret = core_admin_queue_query(&sdev->core.admin, qid, &info);

	if (ret)
		return ret;
	drm_printf(p,
		   "%u firmware state %u asid %u stop_status 0x%x fault_engine 0x%x fault_reason %u fault_iova 0x%llx fault_write %u\n",
		   qid, info.state, info.asid, info.stop_status, info.fault_engine,
		   info.fault_reason, info.fault_iova, info.fault_write);
	drm_printf(p, "%u sq_head %u sq_tail %u in_flight %u jobs %llu errors %llu\n", qid,
		   info.sq_head, info.sq_tail, info.in_flight, info.jobs, info.errors);
	return 0;
}

void sl200_dump_queues(struct sl200_device *sdev, struct drm_printer *p, bool ask)
{
	unsigned int qid;
	int ret;

	lockdep_assert_held(&sdev->card_lock);
	for (qid = 1; qid < SL200_MAX_QUEUES; qid++) {
		if (!dump_queue(sdev, p, qid) || !ask)
			continue;
		ret = dump_queue_info(sdev, p, qid);
		/* A firmware that does not answer is not asked again. */
		ask = !ret || ret == -ENOENT;
	}
}
