// SPDX-License-Identifier: GPL-2.0 OR MIT
/* DRM_IOCTL_SL200_QUERY and DRM_IOCTL_SL200_QUEUE_INFO. */
#include <linux/capability.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include <drm/drm_drv.h>

#include "abi/sl200_regs.h"
#include "driver/core/telemetry.h"
#include "driver/sl200_admin.h"
#include "driver/sl200_bo.h"
#include "driver/sl200_client.h"
#include "driver/sl200_device.h"
#include "driver/sl200_queue.h"

/* What a query is answered with: one of these, of which len bytes count. */
union answer {
	struct drm_sl200_query_device device;
	struct sl200_caps caps;
	struct drm_sl200_query_memory memory;
	struct drm_sl200_query_stats stats;
	struct drm_sl200_query_engine engine[SL200_MAX_ENGINES];
	struct sl200_fw_stats fw_stats;
	struct sl200_log_entry log[CORE_LOG_DEPTH];
	struct drm_sl200_query_error error;
};

int sl200_answer(u64 pointer, u32 *size, const void *answer, size_t len)
{
	size_t bytes = min_t(size_t, *size, len);

	if (!*size)
		bytes = len;
	else if (copy_to_user(u64_to_user_ptr(pointer), answer, bytes))
		return -EFAULT;
	*size = bytes;
	return 0;
}

int sl200_query_enter(struct sl200_device *sdev, int *idx)
{
	int ret;

	/* Wait for a reset outside of the lock: all together, and not one after the other. */
	ret = sl200_card_enter(sdev, idx);
	if (ret)
		return ret;
	sl200_card_exit(sdev, *idx);
	ret = mutex_lock_interruptible(&sdev->query_lock);
	if (ret)
		return ret;
	ret = sl200_card_enter(sdev, idx);
	if (ret)
		mutex_unlock(&sdev->query_lock);
	return ret;
}

void sl200_query_exit(struct sl200_device *sdev, int idx)
{
	sl200_card_exit(sdev, idx);
	mutex_unlock(&sdev->query_lock);
}

/* The functions below fill an answer; they return its length or a negative errno value. */

static int query_memory(struct sl200_client *client, struct drm_sl200_query_memory *memory)
{
	struct sl200_device *sdev = client->sdev;

	mutex_lock(&client->vm.lock);
	memory->host_used = client->vm.host_bytes;
	memory->card_used = client->vm.card_bytes;
	mutex_unlock(&client->vm.lock);
	memory->host_limit = sl200_client_host_limit(client);
	memory->card_limit = sl200_client_card_limit(client);
	mutex_lock(&sdev->dram.lock);
	memory->card_total = sdev->dram.total;
	memory->card_allocated = sdev->dram.used;
	mutex_unlock(&sdev->dram.lock);
	return sizeof(*memory);
}

static int query_error(struct sl200_client *client, struct drm_sl200_query_error *error)
{
	struct sl200_device *sdev = client->sdev;
	enum sl200_card_state state;

	spin_lock_irq(&client->error_lock);
	*error = client->error;
	spin_unlock_irq(&client->error_lock);
	/* Not to be held up by a reset. */
	state = READ_ONCE(sdev->state);
	if (state == SL200_CARD_GONE || drm_dev_is_unplugged(&sdev->drm))
		error->card_state = DRM_SL200_CARD_REMOVED;
	else if (state == SL200_CARD_WEDGED)
		error->card_state = DRM_SL200_CARD_WEDGED;
	else
		error->card_state = state == SL200_CARD_RUNNING ? DRM_SL200_CARD_WORKS :
							       DRM_SL200_CARD_BUSY;
	return sizeof(*error);
}

/* Those below are called between enter and exit. */

static int query_device(struct sl200_device *sdev, struct drm_sl200_query_device *device)
{
	const struct sl200_caps *caps = &sdev->core.caps;
	struct pci_dev *pdev = sdev->pdev;

	device->serial = sdev->serial;
	device->dram_size = caps->dram_size;
	device->hw_version = sdev->hw_version;
	device->fw_version = sdev->core.fw_version;
	device->implementation = core_read32(&sdev->port, SL200_TOP_IMPL) & SL200_TOP_IMPL_KIND;
	device->pci_domain = pci_domain_nr(pdev->bus);
	device->pci_bus = pdev->bus->number;
	device->pci_device = PCI_SLOT(pdev->devfn);
	device->pci_function = PCI_FUNC(pdev->devfn);
	device->numa_node = dev_to_node(&pdev->dev);
	device->max_queues = min_t(u32, READ_ONCE(sl200_max_queues), caps->num_queues);
	device->max_depth = min_t(u32, caps->max_depth, SL200_QUEUE_DEPTH_MAX);
	device->max_bos = READ_ONCE(sl200_max_bos);
	device->reset_count = atomic_read(&sdev->reset.count);
	device->max_bo_size = SL200_BO_SIZE_MAX;
	return sizeof(*device);
}

static int query_stats(struct sl200_device *sdev, struct drm_sl200_query_stats *stats)
{
	struct core_telemetry *telemetry;
	int ret;

	telemetry = kmalloc(sizeof(*telemetry), GFP_KERNEL);
	if (!telemetry)
		return -ENOMEM;
	ret = core_telemetry_read(&sdev->port, telemetry);
	if (!ret) {
		stats->time_ns = telemetry->time_ns;
		stats->link_read = telemetry->link_read;
		stats->link_write = telemetry->link_write;
		stats->dram_read = telemetry->dram_read;
		stats->dram_write = telemetry->dram_write;
		stats->interrupts = telemetry->interrupts;
		stats->doorbells = telemetry->doorbells;
		stats->doorbells_dropped = telemetry->doorbells_dropped;
		stats->mmu_faults = telemetry->mmu_faults;
		stats->temperature_mc = telemetry->temperature_mc;
		stats->power_mw = telemetry->power_mw;
		stats->heartbeat = telemetry->heartbeat;
		stats->reset_count = telemetry->reset_count;
		ret = sizeof(*stats);
	}
	kfree(telemetry);
	return ret;
}

static int query_engines(struct sl200_device *sdev, struct drm_sl200_query_engine *engines)
{
	struct core_telemetry *telemetry;
	unsigned int i;
	int ret;

	telemetry = kmalloc(sizeof(*telemetry), GFP_KERNEL);
	if (!telemetry)
		return -ENOMEM;
	ret = core_telemetry_read(&sdev->port, telemetry);
	if (!ret) {
		for (i = 0; i < telemetry->num_engines; i++) {
			const struct core_engine_telemetry *engine = &telemetry->engine[i];

			engines[i].kind = engine->kind;
			engines[i].jobs = engine->jobs;
			engines[i].busy_ns = engine->busy_ns;
			engines[i].cycles = engine->cycles;
			engines[i].stall_in_ns = engine->stall_in_ns;
			engines[i].stall_out_ns = engine->stall_out_ns;
		}
		ret = telemetry->num_engines * sizeof(*engines);
	}
	kfree(telemetry);
	return ret;
}

static int query_fw_stats(struct sl200_device *sdev, struct sl200_fw_stats *stats)
{
	int ret = core_admin_get_stats(&sdev->core.admin, stats);

	ret = sl200_admin_result(sdev, ret, "reading statistics");
	return ret ? ret : sizeof(*stats);
}

static int query_card(struct sl200_device *sdev, u32 type, union answer *answer)
{
	int ret, idx;

	ret = sl200_query_enter(sdev, &idx);
	if (ret)
		return ret;
	switch (type) {
	case DRM_SL200_QUERY_DEVICE:
		ret = query_device(sdev, &answer->device);
		break;
	case DRM_SL200_QUERY_CAPS:
		answer->caps = sdev->core.caps;
		ret = sizeof(answer->caps);
		break;
	case DRM_SL200_QUERY_STATS:
		ret = query_stats(sdev, &answer->stats);
		break;
	case DRM_SL200_QUERY_ENGINES:
		ret = query_engines(sdev, answer->engine);
		break;
	case DRM_SL200_QUERY_FW_STATS:
		ret = query_fw_stats(sdev, &answer->fw_stats);
		break;
	case DRM_SL200_QUERY_LOG:
		ret = core_card_log(&sdev->core, 0, answer->log, CORE_LOG_DEPTH);
		ret *= sizeof(answer->log[0]);
		break;
	default:
		ret = -EINVAL;
	}
	sl200_query_exit(sdev, idx);
	return ret;
}

int sl200_ioctl_query(struct drm_device *dev, void *data, struct drm_file *file)
{
	struct sl200_client *client = to_client(file);
	struct drm_sl200_query *args = data;
	union answer *answer;
	int ret;

	if (args->type == DRM_SL200_QUERY_LOG && !perfmon_capable())
		return -EPERM;
	answer = kzalloc(sizeof(*answer), GFP_KERNEL);
	if (!answer)
		return -ENOMEM;
	if (args->type == DRM_SL200_QUERY_MEMORY)
		ret = query_memory(client, &answer->memory);
	else if (args->type == DRM_SL200_QUERY_ERROR)
		ret = query_error(client, &answer->error);
	else
		ret = query_card(client->sdev, args->type, answer);
	if (ret >= 0)
		ret = sl200_answer(args->pointer, &args->size, answer, ret);
	kfree(answer);
	return ret;
}

static int query_queue(struct sl200_device *sdev, unsigned int qid, struct sl200_queue_info *info)
{
	int ret, idx;

	ret = sl200_query_enter(sdev, &idx);
	if (ret)
		return ret;
	ret = core_admin_queue_query(&sdev->core.admin, qid, info);
	ret = sl200_admin_result(sdev, ret, "asking about a queue");
	sl200_query_exit(sdev, idx);
	return ret;
}

int sl200_ioctl_queue_info(struct drm_device *dev, void *data, struct drm_file *file)
{
	struct drm_sl200_queue_info *args = data;
	struct sl200_device *sdev = to_sl200(dev);
	struct sl200_queue_info info;
	struct sl200_queue *queue;
	u32 state;
	int ret;

	if (!args->queue || args->queue >= SL200_MAX_QUEUES)
		return -ENOENT;
	queue = sl200_queue_get(to_client(file), args->queue);
	if (!queue && !capable(CAP_SYS_ADMIN))
		return -ENOENT;
	ret = query_queue(sdev, args->queue, &info);
	if (queue) {
		/* Until it is lost, nobody else can have got its number. */
		sl200_queue_look(queue, NULL, &state);
		if (!ret && state == DRM_SL200_QUEUE_LOST)
			ret = -ENOENT;
		sl200_queue_put(queue);
	}
	if (!ret)
		ret = sl200_answer(args->pointer, &args->size, &info, sizeof(info));
	return ret;
}
