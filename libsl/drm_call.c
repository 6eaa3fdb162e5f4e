// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "driver/core/boot.h"
#include "driver/core/card.h"
#include "libsl/drm.h"
#include "libsl/error.h"

/* The driver itself waits a second for a card that is being reset before it says EAGAIN. */
#define AGAIN_MAX 5

int drm_call(struct drm_transport *client, unsigned long request, void *arg)
{
	int again = 0;

	/* The file is the parent's: what a child asks for would happen to the parent. */
	if (atomic_load(&client->forked))
		return -ENODEV;
	while (client->sys->ioctl(client->fd, request, arg)) {
		if (errno != EINTR && (errno != EAGAIN || ++again == AGAIN_MAX))
			return -errno;
	}
	return 0;
}

int drm_query(struct drm_transport *client, uint32_t type, void *data, uint32_t size)
{
	struct drm_sl200_query query = {.type = type, .size = size, .pointer = (uintptr_t)data};
	int ret;

	if (size)
		memset(data, 0, size);
	ret = drm_call(client, DRM_IOCTL_SL200_QUERY, &query);
	if (ret)
		return ret;
	/* With size 0 the driver tells how much there would be. */
	if (query.size > (size ? size : INT32_MAX))
		return -EPROTO;
	return (int)query.size;
}

static const char *cause_text(const struct drm_sl200_query_error *error)
{
	uint32_t cause = error->cause;

	/* A client without queues loses none: then it is the card that tells. */
	if (error->card_state == DRM_SL200_CARD_REMOVED)
		cause = DRM_SL200_LOST_REMOVED;
	if (error->card_state == DRM_SL200_CARD_WEDGED)
		cause = DRM_SL200_LOST_WEDGED;
	switch ((enum drm_sl200_lost_cause)cause) {
	case DRM_SL200_LOST_NOT:
		break;
	case DRM_SL200_LOST_REMOVED:
		return "it was removed, or its driver unbound";
	case DRM_SL200_LOST_RESET:
		return "it was reset, and not because of this client";
	case DRM_SL200_LOST_GUILTY:
		return "it was reset, as a queue of this client did not end";
	case DRM_SL200_LOST_SUSPEND:
		return "the system slept";
	case DRM_SL200_LOST_WEDGED:
		return "resets failed; the kernel log says more";
	}
	return "it does not answer";
}

void drm_lost_reason(struct transport *transport, char *text, size_t size)
{
	struct drm_transport *client = to_drm(transport);
	struct drm_sl200_query_error error;

	if (atomic_load(&client->forked)) {
		snprintf(text, size,
			 "lost: the card stayed with the parent process at fork(); open it anew");
		return;
	}
	if (drm_query(client, DRM_SL200_QUERY_ERROR, &error, sizeof(error)) < 0)
		memset(&error, 0, sizeof(error));
	if (error.panic)
		snprintf(text, size, "the card was lost: the firmware stopped (%s); %s",
			 core_panic_text(error.panic), cause_text(&error));
	else
		snprintf(text, size, "the card was lost: %s", cause_text(&error));
}

int drm_fail(struct drm_transport *client, int ret, const char *what)
{
	char reason[200];

	switch (ret) {
	case -ENODEV:
	case -EIO:
	case -ENXIO:
		drm_lost_reason(&client->base, reason, sizeof(reason));
		return sl_fail(SL_ERR_LOST, "%s: %s", what, reason);
	case -ENOMEM:
		return sl_fail(SL_ERR_NO_MEMORY, "%s: out of memory", what);
	case -ENOSPC:
		return sl_fail(SL_ERR_NO_MEMORY, "%s: a limit of the card or of this client", what);
	case -EPERM:
	case -EACCES:
		return sl_fail(SL_ERR_PERMISSION, "%s: not permitted", what);
	case -EINVAL:
		return sl_fail(SL_ERR_INVALID, "%s: refused by the kernel driver", what);
	case -ENOENT:
		return sl_fail(SL_ERR_INVALID, "%s: there is no such object", what);
	case -EAGAIN:
		return sl_fail(SL_ERR_BUSY, "%s: the card is being reset or suspended", what);
	case -ENOTTY:
	case -EOPNOTSUPP:
		return sl_fail(SL_ERR_UNSUPPORTED, "%s: not supported by this kernel driver", what);
	default:
		return sl_fail(SL_ERR_SYSTEM, "%s: %s", what, strerror(-ret));
	}
}
