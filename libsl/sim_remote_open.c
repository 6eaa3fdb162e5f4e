// SPDX-License-Identifier: MIT
/* Finding a card in another process, and agreeing with it on how to talk. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>
#include <linux/vfio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>

#include "abi/sl200_queue.h"
#include "abi/sl200_regs.h"
#include "libsl/error.h"
#include "libsl/event.h"
#include "libsl/sim_remote.h"

/* How long a card may still be in the hands of a client that is about to leave. */
#define BUSY_NS 1000000000ll
#define BUSY_POLL_US 100000
#define CONFIG_SIZE 256u

#define HOW_TO_START "start a card there with: slcard --socket %s"

static int connect_fail(const char *path, int error)
{
	struct stat st;

	switch (error) {
	case ENOENT:
	case ENOTDIR:
		return sl_fail(SL_ERR_NO_DEVICE, "sim:%s: there is no such socket; " HOW_TO_START,
			       path, path);
	case ECONNREFUSED:
		if (!stat(path, &st) && !S_ISSOCK(st.st_mode))
			return sl_fail(SL_ERR_NO_DEVICE, "sim:%s: the file is not a socket", path);
		return sl_fail(SL_ERR_NO_DEVICE,
			       "sim:%s: nobody listens on the socket; " HOW_TO_START, path, path);
	case EACCES:
	case EPERM:
		return sl_fail(SL_ERR_PERMISSION,
			       "sim:%s: permission denied; only the user that runs slcard may use "
			       "the card",
			       path);
	case EAGAIN:
		return sl_fail(SL_ERR_NO_DEVICE,
			       "sim:%s: the process that listens on the socket does not accept",
			       path);
	case EPROTOTYPE:
		return sl_fail(SL_ERR_NO_DEVICE, "sim:%s: this is not the socket of a card", path);
	default:
		return sl_fail(SL_ERR_SYSTEM, "sim:%s: %s", path, strerror(error));
	}
}

/* Returns the socket. */
static int connect_socket(const char *path)
{
	const struct timeval timeout = {.tv_sec = REMOTE_TIMEOUT_MS / 1000};
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd, ret;

	/* As long as sim_uri_parse() allows. */
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return sl_fail(SL_ERR_SYSTEM, "no socket can be made: %s", strerror(errno));
	/* Of connect() too, where the other process has stopped. */
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
	do
		ret = connect(fd, (struct sockaddr *)&address, sizeof(address));
	while (ret && errno == EINTR);
	if (ret) {
		ret = connect_fail(path, errno);
		close(fd);
		return ret;
	}
	return fd;
}

/* A card may limit what a client sends; it must allow what this one does. */
static bool capabilities_good(const char *text, size_t size)
{
	json_t *root, *caps, *fds, *data;
	bool good;

	if (!size)
		return true;
	if (text[size - 1])
		return false;
	root = json_loads(text, 0, NULL);
	caps = json_object_get(root, "capabilities");
	fds = json_object_get(caps, "max_msg_fds");
	data = json_object_get(caps, "max_data_xfer_size");
	good = json_is_object(root) && (!caps || json_is_object(caps)) &&
	       (!fds || json_integer_value(fds) >= 1) && (!data || json_integer_value(data) >= 8);
	json_decref(root);
	return good;
}

/* 1: the other side has hung up at once, as on a client too many. */
static int negotiate(struct remote_link *link, const char *path)
{
	static const struct {
		struct vfio_user_version version;
		char text[48];
	} request = {
		{VFIO_USER_MAJOR, VFIO_USER_MINOR},
		"{\"capabilities\":{\"max_msg_fds\":1}}",
	};
	struct {
		struct vfio_user_version version;
		char text[REMOTE_MAX_REPLY - sizeof(struct vfio_user_version)];
	} reply;
	const struct remote_call call = {
		.command = VFIO_USER_VERSION,
		.payload = &request,
		.size = sizeof(request.version) + strlen(request.text) + 1,
		.reply = &reply,
		.reply_min = sizeof(reply.version),
		.reply_max = sizeof(reply),
	};
	size_t size;
	int ret;

	ret = remote_request(link, &call, &size);
	if (ret == -ENODEV && atomic_load(&link->broken) == remote_link_ended)
		return 1;
	if (ret)
		return sl_fail(SL_ERR_NO_DEVICE, "sim:%s: %s", path,
			       ret == -ENODEV ? atomic_load(&link->broken)
					      : "the card refuses this version of vfio-user");
	if (reply.version.major != VFIO_USER_MAJOR ||
	    !capabilities_good(reply.text, size - sizeof(reply.version)))
		return sl_fail(SL_ERR_NO_DEVICE,
			       "sim:%s: the card speaks another version of vfio-user", path);
	return 0;
}

/* The device behind the socket has what the driver uses. */
static bool has_region(struct remote_link *link, uint32_t index, uint64_t size)
{
	const struct vfio_region_info ask = {.argsz = sizeof(ask), .index = index};
	const uint32_t flags = VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE;
	struct vfio_region_info info;
	const struct remote_call call = {
		.command = VFIO_USER_DEVICE_GET_REGION_INFO,
		.payload = &ask,
		.size = sizeof(ask),
		.reply = &info,
		.reply_min = sizeof(info),
		.reply_max = sizeof(info),
	};

	return !remote_request(link, &call, NULL) && info.index == index && info.size >= size &&
	       (info.flags & flags) == flags;
}

static bool has_vectors(struct remote_link *link)
{
	const struct vfio_irq_info ask = {.argsz = sizeof(ask), .index = VFIO_PCI_MSIX_IRQ_INDEX};
	struct vfio_irq_info info;
	const struct remote_call call = {
		.command = VFIO_USER_DEVICE_GET_IRQ_INFO,
		.payload = &ask,
		.size = sizeof(ask),
		.reply = &info,
		.reply_min = sizeof(info),
		.reply_max = sizeof(info),
	};

	return !remote_request(link, &call, NULL) && info.count >= CARD_NUM_VECTORS &&
	       info.flags & VFIO_IRQ_INFO_EVENTFD;
}

static bool is_card(struct remote_link *link)
{
	const struct vfio_user_device_info ask = {.argsz = sizeof(ask)};
	const uint32_t flags = VFIO_DEVICE_FLAGS_PCI | VFIO_DEVICE_FLAGS_RESET;
	struct vfio_user_device_info info;
	const struct remote_call call = {
		.command = VFIO_USER_DEVICE_GET_INFO,
		.payload = &ask,
		.size = sizeof(ask),
		.reply = &info,
		.reply_min = sizeof(info),
		.reply_max = sizeof(info),
	};

	return !remote_request(link, &call, NULL) && (info.flags & flags) == flags &&
	       info.num_regions > VFIO_PCI_CONFIG_REGION_INDEX &&
	       info.num_irqs > VFIO_PCI_MSIX_IRQ_INDEX &&
	       has_region(link, VFIO_PCI_BAR0_REGION_INDEX,
			  SL200_MSIX_TABLE_CTRL(CARD_NUM_VECTORS - 1) + 4) &&
	       has_region(link, VFIO_PCI_BAR2_REGION_INDEX,
			  (uint64_t)SL200_MAX_QUEUES * SL200_DOORBELL_STRIDE) &&
	       has_region(link, VFIO_PCI_CONFIG_REGION_INDEX, CONFIG_SIZE) && has_vectors(link);
}

int remote_link_greet(struct remote_link *link, const char *path)
{
	const char *broken;
	int ret;

	ret = negotiate(link, path);
	if (ret || is_card(link))
		return ret;
	broken = atomic_load(&link->broken);
	return sl_fail(SL_ERR_NO_DEVICE, "sim:%s: %s", path,
		       broken ? broken : "what listens on the socket is not this kind of card");
}

/* A link to a card that is this process's alone. */
static int link_open(struct remote_link *link, const char *path)
{
	int64_t end = monotonic_ns() + BUSY_NS;
	int fd, ret;

	for (;;) {
		fd = connect_socket(path);
		if (fd < 0)
			return fd;
		remote_link_init(link, fd);
		ret = remote_link_greet(link, path);
		if (!ret)
			return 0;
		remote_link_fini(link);
		if (ret < 0)
			return ret;
		if (monotonic_ns() > end)
			return sl_fail(SL_ERR_BUSY,
				       "sim:%s: the card is busy: another process has it, and it "
				       "serves one at a time",
				       path);
		usleep(BUSY_POLL_US);
	}
}

int remote_card_open(const char *path, struct card **out)
{
	struct card *card = calloc(1, sizeof(*card));
	int ret;

	if (!card)
		return sl_fail(SL_ERR_NO_MEMORY, "out of memory");
	ret = link_open(&card->link, path);
	if (ret)
		goto free_card;
	ret = remote_memory_init(&card->memory);
	if (ret) {
		ret = sl_fail(SL_ERR_NO_MEMORY, "no memory to share with the card: %s",
			      strerror(-ret));
		goto fini_link;
	}
	ret = remote_irqs_init(&card->irqs, &card->link);
	if (ret) {
		ret = sl_fail(SL_ERR_SYSTEM, "no way to take the card's interrupts: %s",
			      strerror(-ret));
		goto fini_memory;
	}
	*out = card;
	return 0;

fini_memory:
	remote_memory_fini(&card->memory);
fini_link:
	remote_link_fini(&card->link);
free_card:
	free(card);
	return ret;
}
