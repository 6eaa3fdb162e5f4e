// SPDX-License-Identifier: MIT
#include "tests/unit/vfio_user_peer.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

#define WAIT_S 60 /* generous: sanitizers, a busy machine */

#define REQUIRE(cond) require(cond, #cond, __LINE__)

static void require(bool ok, const char *what, int line)
{
	if (ok)
		return;
	fprintf(stderr, "vfio_user_peer.c:%d: %s does not hold\n", line, what);
	abort();
}

static void on_complaint(void *arg, const char *line)
{
	struct peer *peer = arg;

	atomic_fetch_add(&peer->complaints, 1);
}

static void *serve_main(void *arg)
{
	struct peer *peer = arg;
	const struct vfio_user_options options = {
		.log = on_complaint, .log_arg = peer, .timeout_ms = PEER_TIMEOUT_MS};

	peer->result = vfio_user_serve(peer->card, peer->server_fd, &options);
	shutdown(peer->server_fd, SHUT_RDWR);
	return NULL;
}

struct peer *peer_connect(struct card *card)
{
	const struct timeval wait = {.tv_sec = WAIT_S};
	struct peer *peer = calloc(1, sizeof(*peer));
	int pair[2];

	REQUIRE(peer);
	REQUIRE(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
	REQUIRE(!setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)));
	peer->card = card;
	peer->fd = pair[0];
	peer->server_fd = pair[1];
	REQUIRE(!pthread_create(&peer->thread, NULL, serve_main, peer));
	return peer;
}

struct peer *peer_open(struct card *card)
{
	struct peer *peer = peer_connect(card);
	const struct vfio_user_version version = {VFIO_USER_MAJOR, VFIO_USER_MINOR};

	REQUIRE(peer_call(peer, VFIO_USER_VERSION, &version, sizeof(version), NULL, 0) == 0);
	return peer;
}

int peer_close(struct peer *peer)
{
	int result;

	shutdown(peer->fd, SHUT_WR);
	REQUIRE(!pthread_join(peer->thread, NULL));
	result = peer->result;
	close(peer->fd);
	close(peer->server_fd);
	free(peer);
	return result;
}

bool peer_send_raw(struct peer *peer, const void *bytes, size_t size, const int *fds,
		   unsigned int num_fds)
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(253 * sizeof(int))];
	} control = {0};
	struct iovec iov = {(void *)bytes, size};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};

	if (num_fds) {
		struct cmsghdr *c;

		msg.msg_control = control.space;
		msg.msg_controllen = CMSG_SPACE(num_fds * sizeof(int));
		c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(num_fds * sizeof(int));
		memcpy(CMSG_DATA(c), fds, num_fds * sizeof(int));
	}
	while (iov.iov_len) {
		ssize_t n = sendmsg(peer->fd, &msg, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		iov.iov_base = (uint8_t *)iov.iov_base + n;
		iov.iov_len -= (size_t)n;
		msg.msg_control = NULL;
		msg.msg_controllen = 0;
	}
	return true;
}

bool peer_send(struct peer *peer, uint16_t command, uint32_t flags, const void *payload,
	       size_t size, const int *fds, unsigned int num_fds)
{
	const struct vfio_user_header header = {
		.id = ++peer->id,
		.command = command,
		.size = (uint32_t)(sizeof(header) + size),
		.flags = flags,
	};
	uint8_t *message = malloc(sizeof(header) + size);
	bool ok;

	REQUIRE(message);
	memcpy(message, &header, sizeof(header));
	if (size)
		memcpy(message + sizeof(header), payload, size);
	ok = peer_send_raw(peer, message, sizeof(header) + size, fds, num_fds);
	free(message);
	return ok;
}

static bool receive_all(struct peer *peer, void *bytes, size_t size)
{
	ssize_t n = size ? recv(peer->fd, bytes, size, MSG_WAITALL) : 0;

	REQUIRE(n >= 0 || errno == ECONNRESET); /* and not the time limit */
	return n == (ssize_t)size;
}

bool peer_receive(struct peer *peer)
{
	if (!receive_all(peer, &peer->header, sizeof(peer->header)))
		return false;
	REQUIRE(peer->header.size >= sizeof(peer->header) &&
		peer->header.size <= sizeof(peer->header) + sizeof(peer->payload));
	peer->size = peer->header.size - sizeof(peer->header);
	return receive_all(peer, peer->payload, peer->size);
}

int peer_call(struct peer *peer, uint16_t command, const void *payload, size_t size, const int *fds,
	      unsigned int num_fds)
{
	if (!peer_send(peer, command, VFIO_USER_F_REQUEST, payload, size, fds, num_fds) ||
	    !peer_receive(peer))
		return -1;
	REQUIRE(peer->header.id == peer->id && peer->header.command == command);
	if (peer->header.flags == VFIO_USER_F_REPLY) {
		REQUIRE(!peer->header.error);
		return 0;
	}
	REQUIRE(peer->header.flags == (VFIO_USER_F_REPLY | VFIO_USER_F_ERROR));
	REQUIRE(peer->header.error && !peer->size);
	return (int)peer->header.error;
}

int peer_read(struct peer *peer, uint32_t region, uint64_t offset, uint32_t count, void *data)
{
	const struct vfio_user_region_access access = {offset, region, count};
	int rc = peer_call(peer, VFIO_USER_REGION_READ, &access, sizeof(access), NULL, 0);

	if (rc)
		return rc;
	REQUIRE(peer->size == sizeof(access) + count);
	REQUIRE(!memcmp(peer->payload, &access, sizeof(access)));
	memcpy(data, peer->payload + sizeof(access), count);
	return 0;
}

int peer_write(struct peer *peer, uint32_t region, uint64_t offset, uint32_t count,
	       const void *data)
{
	const struct vfio_user_region_access access = {offset, region, count};
	uint8_t *payload = malloc(sizeof(access) + count);
	int rc;

	REQUIRE(payload);
	memcpy(payload, &access, sizeof(access));
	memcpy(payload + sizeof(access), data, count);
	rc = peer_call(peer, VFIO_USER_REGION_WRITE, payload, sizeof(access) + count, NULL, 0);
	free(payload);
	if (!rc)
		REQUIRE(peer->size == sizeof(access) &&
			!memcmp(peer->payload, &access, sizeof(access)));
	return rc;
}

int peer_map(struct peer *peer, uint64_t addr, uint64_t size, int fd)
{
	const struct vfio_user_dma_map map = {
		.argsz = sizeof(map),
		.flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
		.addr = addr,
		.size = size,
	};

	return peer_call(peer, VFIO_USER_DMA_MAP, &map, sizeof(map), &fd, fd >= 0);
}

int peer_unmap(struct peer *peer, uint64_t addr, uint64_t size, uint32_t flags)
{
	const struct vfio_user_dma_unmap unmap = {
		.argsz = sizeof(unmap), .flags = flags, .addr = addr, .size = size};

	return peer_call(peer, VFIO_USER_DMA_UNMAP, &unmap, sizeof(unmap), NULL, 0);
}

int peer_set_irqs(struct peer *peer, uint32_t flags, uint32_t start, uint32_t count,
		  const void *data, size_t size, const int *fds, unsigned int num_fds)
{
	const struct vfio_irq_set set = {
		.argsz = (uint32_t)(sizeof(set) + size),
		.flags = flags,
		.index = VFIO_PCI_MSIX_IRQ_INDEX,
		.start = start,
		.count = count,
	};
	uint8_t payload[sizeof(set) + CARD_NUM_VECTORS];

	REQUIRE(size <= CARD_NUM_VECTORS);
	memcpy(payload, &set, sizeof(set));
	if (size)
		memcpy(payload + sizeof(set), data, size);
	return peer_call(peer, VFIO_USER_DEVICE_SET_IRQS, payload, sizeof(set) + size, fds,
			 num_fds);
}

int peer_memory(size_t size)
{
	int fd = memfd_create("guest", MFD_CLOEXEC);

	REQUIRE(fd >= 0 && !ftruncate(fd, (off_t)size));
	return fd;
}

unsigned int peer_count_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned int count = 0;

	REQUIRE(dir);
	while (readdir(dir))
		count++;
	closedir(dir);
	return count;
}
