// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "libsl/device.h"
#include "libsl/drm.h"
#include "libsl/error.h"

static pthread_mutex_t open_lock = PTHREAD_MUTEX_INITIALIZER;
static struct link open_devices = {&open_devices, &open_devices}; /* open_lock */
static pid_t open_pid; /* open_lock: the process that opened them; a child inherits the list */

static bool none_open(void)
{
	return open_devices.next == &open_devices;
}

static void write_stats(struct sl_device *device)
{
	const char *path = secure_getenv("SL_STATS");

	if (path && *path)
		stats_file_write(path, device);
}

/* Programs that exit with a device open, as FFmpeg 7 does, leave their statistics all the same. */
__attribute__((destructor)) static void write_stats_at_exit(void)
{
	pthread_mutex_lock(&open_lock);
	if (!none_open() && open_pid == getpid())
		write_stats((struct sl_device *)open_devices.prev);
	pthread_mutex_unlock(&open_lock);
}

int sl_device_open(const char *uri, struct sl_device **out)
{
	struct sl_device *device;
	int ret;

	if (!out)
		return sl_fail(SL_ERR_INVALID, "sl_device_open: device is NULL");
	if (!uri)
		uri = secure_getenv("SL_DEVICE");
	if (uri && !*uri)
		uri = NULL;
	device = calloc(1, sizeof(*device));
	if (!device)
		return sl_fail(SL_ERR_NO_MEMORY, "out of memory");
	ret = transport_open(uri, &device->transport);
	if (ret) {
		free(device);
		return ret;
	}
	device->info = device->transport->info;
	device->info.shares_memory = !!device->transport->ops->bo_export;
	if (!device->info.uri[0])
		snprintf(device->info.uri, sizeof(device->info.uri), "%s", uri);
	pthread_mutex_init(&device->lock, NULL);
	link_init(&device->queues);
	link_init(&device->buffers);
	link_init(&device->surfaces);
	pthread_mutex_lock(&open_lock);
	/* What a child of fork() has inherited is not open in it. */
	if (open_pid != getpid())
		link_init(&open_devices);
	open_pid = getpid();
	link_add(&open_devices, &device->link);
	pthread_mutex_unlock(&open_lock);
	*out = device;
	return 0;
}

static void destroy_all(struct sl_device *device)
{
	/* Nobody else may use the objects any more, so the lists do not change meanwhile. */
	while (device->queues.next != &device->queues)
		sl_queue_destroy((struct sl_queue *)device->queues.next);
	while (device->surfaces.next != &device->surfaces)
		sl_surface_destroy((struct sl_surface *)device->surfaces.next);
	while (device->buffers.next != &device->buffers)
		sl_buffer_destroy((struct sl_buffer *)device->buffers.next);
}

void sl_device_close(struct sl_device *device)
{
	bool last;

	if (!device)
		return;
	destroy_all(device);
	pthread_mutex_lock(&open_lock);
	link_remove(&device->link);
	last = none_open();
	pthread_mutex_unlock(&open_lock);
	if (last)
		write_stats(device);
	device->transport->ops->close(device->transport);
	pthread_mutex_destroy(&device->lock);
	free(device);
}

int sl_device_list(struct sl_device_entry *entries, int max)
{
	struct drm_card *cards;
	int i, found;

	if (max < 0 || (max && !entries))
		return sl_fail(SL_ERR_INVALID, "sl_device_list: max is %d", max);
	cards = calloc((size_t)max + 1, sizeof(*cards));
	if (!cards)
		return sl_fail(SL_ERR_NO_MEMORY, "out of memory");
	found = drm_find_cards(cards, max);
	for (i = 0; i < found && i < max; i++) {
		snprintf(entries[i].uri, sizeof(entries[i].uri), "drm:%s", cards[i].node);
		snprintf(entries[i].pci, sizeof(entries[i].pci), "%s", cards[i].pci);
	}
	free(cards);
	return found;
}

const struct sl200_caps *sl_device_caps(const struct sl_device *device)
{
	return &device->transport->caps;
}

void sl_device_info(const struct sl_device *device, struct sl_device_info *info)
{
	*info = device->info;
}

int sl_device_stats(struct sl_device *device, struct sl_device_stats *stats)
{
	memset(stats, 0, sizeof(*stats));
	return device->transport->ops->stats(device->transport, stats);
}

int sl_device_log(struct sl_device *device, struct sl200_log_entry *entries, int max)
{
	if (max < 0 || (max && !entries))
		return sl_fail(SL_ERR_INVALID, "sl_device_log: max is %d", max);
	return device->transport->ops->log(device->transport, entries, max);
}

int sl_device_queue_info(struct sl_device *device, unsigned int qid, struct sl200_queue_info *info)
{
	if (!qid || qid >= device->transport->caps.num_queues)
		return sl_fail(SL_ERR_INVALID, "there is no queue %u", qid);
	return device->transport->ops->queue_info(device->transport, qid, info);
}
