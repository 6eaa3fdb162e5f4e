// SPDX-License-Identifier: MIT
/*
 * Clients of the kernel driver. After fork() the child shares the open file with its parent, and so
 * the client, but has no mapping of its queues: it gets pages of zeroes in their place, all its
 * inherited queues are lost, and it makes no call on the file any more.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "libsl/drm.h"
#include "libsl/error.h"

static pthread_mutex_t registry_lock = PTHREAD_MUTEX_INITIALIZER;
static struct drm_transport *clients; /* registry_lock, with their queues */
static pthread_once_t atfork_once = PTHREAD_ONCE_INIT;
static int atfork_ret;

static void before_fork(void)
{
	pthread_mutex_lock(&registry_lock);
}

static void after_fork_parent(void)
{
	pthread_mutex_unlock(&registry_lock);
}

static void queue_forked(struct drm_transport *client, struct drm_queue *queue)
{
	int i;

	for (i = 0; i < DRM_QUEUE_PARTS; i++)
		client->sys->mmap(queue->part[i].cpu, queue->part[i].size, PROT_READ | PROT_WRITE,
				  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	atomic_store(&queue->base.state, SL_ERR_LOST);
}

static void after_fork_child(void)
{
	struct drm_transport *client;
	struct drm_queue *queue;

	for (client = clients; client; client = client->next) {
		atomic_store(&client->forked, true);
		for (queue = client->queues; queue; queue = queue->next)
			queue_forked(client, queue);
	}
	pthread_mutex_unlock(&registry_lock);
}

static void register_atfork(void)
{
	atfork_ret = pthread_atfork(before_fork, after_fork_parent, after_fork_child);
}

static int registry_add(struct drm_transport *client)
{
	pthread_once(&atfork_once, register_atfork);
	if (atfork_ret)
		return sl_fail(SL_ERR_NO_MEMORY, "out of memory");
	pthread_mutex_lock(&registry_lock);
	client->next = clients;
	clients = client;
	pthread_mutex_unlock(&registry_lock);
	return 0;
}

static void registry_remove(struct drm_transport *client)
{
	struct drm_transport **link;

	pthread_mutex_lock(&registry_lock);
	for (link = &clients; *link != client; link = &(*link)->next)
		;
	*link = client->next;
	pthread_mutex_unlock(&registry_lock);
}

void drm_transport_add_queue(struct drm_transport *client, struct drm_queue *queue)
{
	pthread_mutex_lock(&registry_lock);
	queue->next = client->queues;
	client->queues = queue;
	pthread_mutex_unlock(&registry_lock);
}

void drm_transport_remove_queue(struct drm_transport *client, struct drm_queue *queue)
{
	struct drm_queue **link;

	pthread_mutex_lock(&registry_lock);
	for (link = &client->queues; *link != queue; link = &(*link)->next)
		;
	*link = queue->next;
	pthread_mutex_unlock(&registry_lock);
}

static int open_fail(const char *path, int error)
{
	switch (error) {
	case EACCES:
	case EPERM:
		return sl_fail(
			SL_ERR_PERMISSION,
			"drm:%.80s: permission denied: the user must be in the node's group, "
			"usually 'render' (usermod -aG render USER, then log in anew)",
			path);
	case EMFILE:
	case ENFILE:
	case ENOMEM:
		return sl_fail(SL_ERR_SYSTEM, "drm:%.80s: %s", path, strerror(error));
	case ENOSPC:
		return sl_fail(SL_ERR_NO_MEMORY,
			       "drm:%.80s: all address spaces of the card are in use", path);
	default:
		return sl_fail(SL_ERR_NO_DEVICE, "drm:%.80s: %s", path, strerror(error));
	}
}

/* Is it this driver, and of an interface that is known here? */
static int check_version(struct drm_transport *client, const char *path)
{
	char name[32] = "";
	struct drm_version version = {.name = name, .name_len = sizeof(name) - 1};

	if (drm_call(client, DRM_IOCTL_VERSION, &version))
		return sl_fail(SL_ERR_NO_DEVICE, "drm:%.80s: it is not a DRM device node", path);
	if (strcmp(name, DRM_SL200_NAME))
		return sl_fail(SL_ERR_NO_DEVICE, "drm:%.80s: its driver is '%s', not '%s'", path,
			       name, DRM_SL200_NAME);
	if (version.version_major != DRM_SL200_VERSION_MAJOR)
		return sl_fail(SL_ERR_NO_DEVICE,
			       "drm:%.80s: the kernel driver's interface has version %d.%d, and "
			       "this library needs %d.x: install driver and library of one release",
			       path, version.version_major, version.version_minor,
			       DRM_SL200_VERSION_MAJOR);
	return 0;
}

int drm_transport_open(const struct drm_sys *sys, const char *path, struct drm_transport **out)
{
	struct drm_transport *client = calloc(1, sizeof(*client));
	int ret;

	if (!client)
		return sl_fail(SL_ERR_NO_MEMORY, "out of memory");
	client->sys = sys;
	client->fd = sys->open(path, O_RDWR | O_CLOEXEC);
	if (client->fd < 0) {
		ret = open_fail(path, errno);
		goto free_client;
	}
	ret = check_version(client, path);
	if (ret)
		goto close;
	ret = registry_add(client);
	if (ret)
		goto close;
	pthread_mutex_init(&client->lock, NULL);
	*out = client;
	return 0;

close:
	sys->close(client->fd);
free_client:
	free(client);
	return ret;
}

void drm_transport_close(struct drm_transport *client)
{
	registry_remove(client);
	client->sys->close(client->fd);
	pthread_mutex_destroy(&client->lock);
	free(client);
}
