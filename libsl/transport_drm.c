// SPDX-License-Identifier: MIT
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "libsl/drm.h"
#include "libsl/error.h"

#define CARDS_MAX 64 /* as many render nodes as there can be */

static void drm_close(struct transport *transport)
{
	drm_transport_close(to_drm(transport));
}

static const struct transport_ops drm_ops = {
	.close = drm_close,
	.stats = drm_stats,
	.log = drm_log,
	.queue_info = drm_queue_info,
	.bo_create = drm_bo_create,
	.bo_destroy = drm_bo_destroy,
	.bo_export = drm_bo_export,
	.bo_import = drm_bo_import,
	.bo_wait = drm_bo_wait,
	.queue_create = drm_queue_create,
	.queue_stop = drm_queue_stop,
	.queue_free = drm_queue_free,
	.doorbell = drm_queue_doorbell,
	.queue_irqs = drm_queue_irqs,
	.queue_sleep = drm_queue_sleep,
	.queue_wake = drm_queue_wake,
	.lost_reason = drm_lost_reason,
	.inject = drm_inject,
};

/* The page comes from the card: keep it inside what the library's own tables can hold. */
static void bound_caps(struct sl200_caps *caps, uint32_t max_depth)
{
	if (caps->num_queues > SL200_MAX_QUEUES)
		caps->num_queues = SL200_MAX_QUEUES;
	if (caps->max_depth > max_depth)
		caps->max_depth = max_depth;
	if (caps->num_enc > SL200_CAPS_MAX_ENC)
		caps->num_enc = SL200_CAPS_MAX_ENC;
}

static int read_identity(struct drm_transport *client, const char *node)
{
	struct drm_sl200_query_device *device = &client->device;
	struct transport *transport = &client->base;
	struct sl_device_info *info = &transport->info;
	int ret;

	ret = drm_query(client, DRM_SL200_QUERY_DEVICE, device, sizeof(*device));
	if (ret >= 0)
		ret = drm_query(client, DRM_SL200_QUERY_CAPS, &transport->caps,
				sizeof(transport->caps));
	if (ret < 0)
		return drm_fail(client, ret, "reading the card's capabilities");
	bound_caps(&transport->caps, device->max_depth);
	snprintf(info->uri, sizeof(info->uri), "drm:%s", node);
	snprintf(info->implementation, sizeof(info->implementation), "%s",
		 transport_implementation(device->implementation));
	info->serial = device->serial;
	info->hw_version = device->hw_version;
	info->fw_version = device->fw_version;
	info->dram_size = device->dram_size;
	return 0;
}

int drm_transport_init(struct drm_transport *client, const char *node)
{
	int ret;

	client->base.ops = &drm_ops;
	ret = read_identity(client, node);
	if (ret)
		drm_transport_close(client);
	return ret;
}

static int sys_open(const char *path, int flags)
{
	return open(path, flags);
}

static int sys_ioctl(int fd, unsigned long request, void *arg)
{
	return ioctl(fd, request, arg);
}

static const struct drm_sys sys = {
	.open = sys_open,
	.close = close,
	.ioctl = sys_ioctl,
	.mmap = mmap,
	.munmap = munmap,
};

static int open_node(const char *node, struct transport **transport)
{
	struct drm_transport *client;
	int ret = drm_transport_open(&sys, node, &client);

	if (!ret)
		ret = drm_transport_init(client, node);
	if (!ret)
		*transport = &client->base;
	return ret;
}

int transport_drm_open(const char *node, struct transport **transport)
{
	struct drm_card cards[CARDS_MAX];
	int i, found, ret = SL_ERR_LOST;

	if (*node == '/')
		return open_node(node, transport);
	if (*node)
		return sl_fail(SL_ERR_NO_DEVICE,
			       "drm:%.60s: expected nothing or the path of a render node after "
			       "drm:, as in drm:/dev/dri/renderD128",
			       node);
	found = drm_find_cards(cards, CARDS_MAX);
	if (!found)
		return sl_fail(SL_ERR_NO_DEVICE,
			       "no SL200 card found: no render node in /dev/dri is of the driver "
			       "'%s'; set SL_DEVICE=sim: to use the functional model of the card "
			       "inside this process",
			       DRM_SL200_NAME);
	/* One that has died must not stop those that ask for any. */
	for (i = 0; i < found && i < CARDS_MAX && ret == SL_ERR_LOST; i++)
		ret = open_node(cards[i].node, transport);
	return ret;
}
