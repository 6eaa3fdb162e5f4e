// SPDX-License-Identifier: MIT
#include "sim/card/vfio_user_client.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/card/vfio_user_dma.h"
#include "sim/card/vfio_user_irq.h"
#include "sim/card/vfio_user_region.h"
#include "sim/card/vfio_user_stream.h"
#include "sim/card/vfio_user_version.h"

/* Sentences about one client. */
#define LOG_LINES 20u

struct client {
	struct card *card;
	const struct vfio_user_options *options;
	struct vfio_user_stream stream;
	struct vfio_user_dma dma;
	struct vfio_user_irqs irqs;
	bool greeted;
	unsigned int lines;
	/* The payload of the reply to the message in hand. */
	uint8_t *reply;
	size_t reply_size;
};

/* Room for the largest reply: that to a read of configuration space. */
#define REPLY_SIZE (sizeof(struct vfio_user_region_access) + VFIO_USER_MAX_DATA)

__attribute__((format(printf, 2, 3))) static void report(struct client *client, const char *fmt,
							 ...)
{
	char line[200];
	va_list ap;

	if (!client->options->log || client->lines++ >= LOG_LINES)
		return;
	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	client->options->log(client->options->log_arg, line);
}

static void set_reply(struct client *client, const void *data, size_t size)
{
	memcpy(client->reply, data, size);
	client->reply_size = size;
}

/* The fixed part of a payload, which begins with its own size in bytes unless that is NULL. */
static int take(const struct vfio_user_message *message, void *fixed, size_t size,
		const uint32_t *argsz)
{
	if (message->size < size)
		return -EINVAL;
	memcpy(fixed, message->payload, size);
	return argsz && *argsz < size ? -EINVAL : 0;
}

static int handle_version(struct client *client, struct vfio_user_message *message)
{
	struct vfio_user_version version;
	char error[128], *text;
	size_t size;

	if (client->greeted || take(message, &version, sizeof(version), NULL))
		return -EINVAL;
	if (version.major != VFIO_USER_MAJOR) {
		report(client, "client speaks version %u.%u of vfio-user, the card %u.%u",
		       version.major, version.minor, VFIO_USER_MAJOR, VFIO_USER_MINOR);
		return -EINVAL;
	}
	if (vfio_user_version_check((const char *)message->payload + sizeof(version),
				    message->size - sizeof(version), error, sizeof(error))) {
		report(client, "%s", error);
		return -EINVAL;
	}
	text = vfio_user_version_text();
	if (!text)
		return -ENOMEM;
	if (version.minor > VFIO_USER_MINOR)
		version.minor = VFIO_USER_MINOR;
	size = strlen(text) + 1;
	memcpy(client->reply, &version, sizeof(version));
	memcpy(client->reply + sizeof(version), text, size);
	client->reply_size = sizeof(version) + size;
	free(text);
	client->greeted = true;
	return 0;
}

static int handle_dma_map(struct client *client, struct vfio_user_message *message)
{
	struct vfio_user_dma_map map;
	int rc = take(message, &map, sizeof(map), &map.argsz);

	if (rc || message->num_fds > 1)
		return -EINVAL;
	if (!message->num_fds) {
		/* ROM and the like: nothing the card would be sent to. */
		if (map.flags & VFIO_DMA_MAP_FLAG_WRITE)
			report(client,
			       "memory at 0x%" PRIx64 ", %" PRIu64
			       " bytes, comes without a descriptor (share=on?): out of reach",
			       map.addr, map.size);
		return 0;
	}
	rc = vfio_user_dma_map(&client->dma, &map, message->fds[0]);
	if (rc)
		report(client, "cannot map memory at 0x%" PRIx64 ", %" PRIu64 " bytes: %s",
		       map.addr, map.size, strerror(-rc));
	return rc;
}

static int handle_dma_unmap(struct client *client, struct vfio_user_message *message)
{
	struct vfio_user_dma_unmap unmap;
	int rc = take(message, &unmap, sizeof(unmap), &unmap.argsz);

	if (rc || unmap.flags & ~VFIO_DMA_UNMAP_FLAG_ALL)
		return -EINVAL;
	if (unmap.flags & VFIO_DMA_UNMAP_FLAG_ALL) {
		if (unmap.addr || unmap.size)
			return -EINVAL;
		vfio_user_dma_unmap_all(&client->dma);
	} else if (!unmap.size) {
		return -EINVAL;
	} else {
		vfio_user_dma_unmap(&client->dma, unmap.addr, unmap.size);
	}
	set_reply(client, &unmap, sizeof(unmap));
	return 0;
}

static int handle_info(struct client *client, struct vfio_user_message *message)
{
	struct vfio_user_device_info info;

	if (take(message, &info, sizeof(info), &info.argsz))
		return -EINVAL;
	info = (struct vfio_user_device_info){
		.argsz = sizeof(info),
		.flags = VFIO_DEVICE_FLAGS_PCI | VFIO_DEVICE_FLAGS_RESET,
		.num_regions = VFIO_PCI_NUM_REGIONS,
		.num_irqs = VFIO_PCI_NUM_IRQS,
	};
	set_reply(client, &info, sizeof(info));
	return 0;
}

static int handle_region_info(struct client *client, struct vfio_user_message *message)
{
	struct vfio_region_info info;
	int rc;

	if (take(message, &info, sizeof(info), &info.argsz))
		return -EINVAL;
	info.argsz = sizeof(info);
	info.cap_offset = 0;
	rc = vfio_user_region_info(client->card, &info);
	if (!rc)
		set_reply(client, &info, sizeof(info));
	return rc;
}

static int handle_irq_info(struct client *client, struct vfio_user_message *message)
{
	struct vfio_irq_info info;
	int rc;

	if (take(message, &info, sizeof(info), &info.argsz))
		return -EINVAL;
	info.argsz = sizeof(info);
	rc = vfio_user_irqs_info(&info);
	if (!rc)
		set_reply(client, &info, sizeof(info));
	return rc;
}

static int handle_set_irqs(struct client *client, struct vfio_user_message *message)
{
	struct vfio_irq_set set;

	if (take(message, &set, sizeof(set), &set.argsz))
		return -EINVAL;
	return vfio_user_irqs_set(&client->irqs, &set, message->payload + sizeof(set),
				  message->size - sizeof(set), message->fds, message->num_fds);
}

static int handle_read(struct client *client, struct vfio_user_message *message)
{
	struct vfio_user_region_access access;
	int rc;

	if (take(message, &access, sizeof(access), NULL) || access.count > VFIO_USER_MAX_DATA)
		return -EINVAL;
	rc = vfio_user_region_read(client->card, &access, client->reply + sizeof(access));
	if (rc)
		return rc;
	memcpy(client->reply, &access, sizeof(access));
	client->reply_size = sizeof(access) + access.count;
	return 0;
}

static int handle_write(struct client *client, struct vfio_user_message *message)
{
	struct vfio_user_region_access access;
	int rc;

	if (take(message, &access, sizeof(access), NULL) ||
	    access.count != message->size - sizeof(access))
		return -EINVAL;
	rc = vfio_user_region_write(client->card, &access, message->payload + sizeof(access));
	if (!rc)
		set_reply(client, &access, sizeof(access));
	return rc;
}

/* Each write is done or not by itself, as if it had come alone. */
static int handle_write_multi(struct client *client, struct vfio_user_message *message)
{
	struct vfio_user_write write;
	uint64_t count;
	size_t room;
	int rc = 0;

	if (take(message, &count, sizeof(count), NULL))
		return -EINVAL;
	room = message->size - sizeof(count);
	if (room % sizeof(write) || count != room / sizeof(write))
		return -EINVAL;
	for (uint64_t i = 0; i < count; i++) {
		struct vfio_user_region_access access;

		memcpy(&write, message->payload + sizeof(count) + i * sizeof(write), sizeof(write));
		access = (struct vfio_user_region_access){write.offset, write.region, write.count};
		if (write.count > sizeof(write.data) ||
		    vfio_user_region_write(client->card, &access, write.data))
			rc = -EINVAL;
	}
	set_reply(client, &count, sizeof(count));
	return rc;
}

static int handle_reset(struct client *client, struct vfio_user_message *message)
{
	int rc = card_reset(client->card);

	vfio_user_irqs_reset(&client->irqs);
	return rc;
}

static int handle(struct client *client, struct vfio_user_message *message)
{
	static int (*const handlers[])(struct client *, struct vfio_user_message *) = {
		[VFIO_USER_VERSION] = handle_version,
		[VFIO_USER_DMA_MAP] = handle_dma_map,
		[VFIO_USER_DMA_UNMAP] = handle_dma_unmap,
		[VFIO_USER_DEVICE_GET_INFO] = handle_info,
		[VFIO_USER_DEVICE_GET_REGION_INFO] = handle_region_info,
		[VFIO_USER_DEVICE_GET_IRQ_INFO] = handle_irq_info,
		[VFIO_USER_DEVICE_SET_IRQS] = handle_set_irqs,
		[VFIO_USER_REGION_READ] = handle_read,
		[VFIO_USER_REGION_WRITE] = handle_write,
		[VFIO_USER_DEVICE_RESET] = handle_reset,
		[VFIO_USER_REGION_WRITE_MULTI] = handle_write_multi,
	};
	uint16_t command = message->header.command;

	if (message->header.flags & ~VFIO_USER_F_MASK)
		return -EINVAL;
	if (command >= sizeof(handlers) / sizeof(handlers[0]) || !handlers[command])
		return -ENOSYS;
	if (message->num_fds && command != VFIO_USER_DMA_MAP &&
	    command != VFIO_USER_DEVICE_SET_IRQS)
		return -EINVAL;
	return handlers[command](client, message);
}

/* Do what a message asks for and answer it. Returns 0, or an error that ends the connection. */
static int process(struct client *client, struct vfio_user_message *message)
{
	struct vfio_user_header reply = message->header;
	int rc;

	/* The card sends no requests, so no replies can come. */
	if ((message->header.flags & VFIO_USER_F_TYPE_MASK) != VFIO_USER_F_REQUEST) {
		report(client, "message of type 0x%x", message->header.flags);
		return -EPROTO;
	}
	if (!client->greeted && message->header.command != VFIO_USER_VERSION) {
		report(client, "command %u before the version", message->header.command);
		return -EPROTO;
	}
	client->reply_size = 0;
	rc = handle(client, message);
	if (message->header.flags & VFIO_USER_F_NO_REPLY)
		return 0;
	reply.flags = VFIO_USER_F_REPLY;
	reply.error = 0;
	if (rc) {
		reply.flags |= VFIO_USER_F_ERROR;
		reply.error = (uint32_t)-rc;
		client->reply_size = 0;
	}
	reply.size = (uint32_t)(sizeof(reply) + client->reply_size);
	rc = vfio_user_send(&client->stream, &reply, client->reply, client->reply_size);
	if (rc == -ETIMEDOUT)
		report(client, "client does not read its replies");
	/* Without a version in common there is nothing more to say. */
	return rc || client->greeted ? rc : -EPROTO;
}

static int converse(struct client *client)
{
	struct vfio_user_message message;
	int rc;

	for (;;) {
		rc = vfio_user_receive(&client->stream, &message);
		if (rc == -EPROTO)
			report(client, "message of %u bytes", message.header.size);
		else if (rc == -EMFILE)
			report(client, "too many descriptors");
		if (rc <= 0)
			break;
		rc = process(client, &message);
		vfio_user_message_close(&message);
		if (rc)
			break;
	}
	if (atomic_load(&client->dma.lost)) {
		report(client, "memory that the client shared went away");
		return -EFAULT;
	}
	/* A client that leaves with replies unread is no reason to complain. */
	return rc == -EPIPE || rc == -ECONNRESET ? 0 : rc == -EMFILE ? -EPROTO : rc;
}

int vfio_user_serve(struct card *card, int fd, const struct vfio_user_options *options)
{
	struct client *client = calloc(1, sizeof(*client));
	int rc = -ENOMEM;

	if (!client)
		return rc;
	client->card = card;
	client->options = options;
	client->reply = malloc(REPLY_SIZE);
	if (!client->reply)
		goto free_client;
	rc = vfio_user_stream_init(&client->stream, fd, options->timeout_ms);
	if (rc)
		goto free_reply;
	vfio_user_dma_init(&client->dma, card, fd);
	vfio_user_irqs_init(&client->irqs, card);

	rc = converse(client);

	/* First the reset: it stops the card, which then touches nothing of what goes away. */
	card_reset(card);
	vfio_user_irqs_destroy(&client->irqs);
	vfio_user_dma_destroy(&client->dma);
	vfio_user_stream_destroy(&client->stream);
free_reply:
	free(client->reply);
free_client:
	free(client);
	return rc;
}
