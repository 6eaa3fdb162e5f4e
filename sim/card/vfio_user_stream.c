// SPDX-License-Identifier: MIT
#include "sim/card/vfio_user_stream.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

/* Room for one message of the longest kind beside a part of the next. */
#define BUFFER_SIZE (2 * VFIO_USER_MAX_MESSAGE)

int vfio_user_stream_init(struct vfio_user_stream *stream, int fd, int timeout_ms)
{
	*stream = (struct vfio_user_stream){.fd = fd, .timeout_ms = timeout_ms};
	stream->buffer = malloc(BUFFER_SIZE);
	return stream->buffer ? 0 : -ENOMEM;
}

void vfio_user_stream_destroy(struct vfio_user_stream *stream)
{
	for (unsigned int i = 0; i < stream->num_arrivals; i++)
		close(stream->arrival[i].fd);
	free(stream->buffer);
}

void vfio_user_message_close(struct vfio_user_message *message)
{
	for (unsigned int i = 0; i < message->num_fds; i++)
		if (message->fds[i] >= 0)
			close(message->fds[i]);
	message->num_fds = 0;
}

static bool size_valid(uint32_t size)
{
	return size >= sizeof(struct vfio_user_header) && size <= VFIO_USER_MAX_MESSAGE;
}

/*
 * Place in the stream of the last message that begins in the buffer. A read never goes beyond the
 * bytes that descriptors were sent with, so it is their message.
 */
static uint64_t last_message(const struct vfio_user_stream *stream)
{
	size_t at = stream->start;
	struct vfio_user_header header;

	while (stream->end - at >= sizeof(header)) {
		memcpy(&header, stream->buffer + at, sizeof(header));
		if (!size_valid(header.size) || header.size >= stream->end - at)
			break;
		at += header.size;
	}
	return stream->base + at;
}

static int keep_descriptors(struct vfio_user_stream *stream, struct msghdr *msg)
{
	int rc = msg->msg_flags & MSG_CTRUNC ? -EMFILE : 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i < count; i++) {
			struct vfio_user_arrival arrival = {.message = last_message(stream)};

			memcpy(&arrival.fd, CMSG_DATA(c) + i * sizeof(int), sizeof(int));
			if (stream->num_arrivals == VFIO_USER_MAX_ARRIVALS) {
				close(arrival.fd);
				rc = -EMFILE;
			} else {
				stream->arrival[stream->num_arrivals++] = arrival;
			}
		}
	}
	return rc;
}

/* Returns 1, 0 at the end, or an error. There is room at the buffer's end. */
static int fill(struct vfio_user_stream *stream)
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(VFIO_USER_MAX_FDS * sizeof(int))];
	} control;
	struct iovec iov = {stream->buffer + stream->end, BUFFER_SIZE - stream->end};
	struct msghdr msg = {.msg_iov = &iov,
			     .msg_iovlen = 1,
			     .msg_control = control.space,
			     .msg_controllen = sizeof(control.space)};
	ssize_t n;
	int rc;

	do {
		n = recvmsg(stream->fd, &msg, MSG_CMSG_CLOEXEC);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	stream->end += (size_t)n;
	rc = keep_descriptors(stream, &msg);
	return rc ? rc : n > 0;
}

/* Hand the arrivals of the message at this place over. */
static int take_descriptors(struct vfio_user_stream *stream, uint64_t place,
			    struct vfio_user_message *message)
{
	unsigned int kept = 0;
	int rc = 0;

	for (unsigned int i = 0; i < stream->num_arrivals; i++) {
		if (stream->arrival[i].message != place)
			stream->arrival[kept++] = stream->arrival[i];
		else if (message->num_fds < VFIO_USER_MAX_FDS)
			message->fds[message->num_fds++] = stream->arrival[i].fd;
		else {
			close(stream->arrival[i].fd);
			rc = -EMFILE;
		}
	}
	stream->num_arrivals = kept;
	return rc;
}

static void make_room(struct vfio_user_stream *stream)
{
	memmove(stream->buffer, stream->buffer + stream->start, stream->end - stream->start);
	stream->base += stream->start;
	stream->end -= stream->start;
	stream->start = 0;
}

int vfio_user_receive(struct vfio_user_stream *stream, struct vfio_user_message *message)
{
	for (;;) {
		size_t there = stream->end - stream->start;
		int rc;

		message->num_fds = 0;
		if (there >= sizeof(message->header)) {
			const uint8_t *at = stream->buffer + stream->start;

			memcpy(&message->header, at, sizeof(message->header));
			if (!size_valid(message->header.size))
				return -EPROTO;
			if (there >= message->header.size) {
				message->payload = at + sizeof(message->header);
				message->size = message->header.size - sizeof(message->header);
				rc = take_descriptors(stream, stream->base + stream->start,
						      message);
				stream->start += message->header.size;
				if (rc)
					vfio_user_message_close(message);
				return rc ? rc : 1;
			}
		}
		if (!there || BUFFER_SIZE - stream->start < VFIO_USER_MAX_MESSAGE)
			make_room(stream);
		rc = fill(stream);
		if (rc <= 0)
			return rc;
	}
}

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static int wait_writable(struct vfio_user_stream *stream, int64_t deadline)
{
	struct pollfd pfd = {.fd = stream->fd, .events = POLLOUT};
	int64_t left = deadline - now_ms();
	int rc = left > 0 ? poll(&pfd, 1, (int)left) : 0;

	if (rc < 0)
		return errno == EINTR ? 0 : -errno;
	return rc ? 0 : -ETIMEDOUT;
}

int vfio_user_send(struct vfio_user_stream *stream, const struct vfio_user_header *header,
		   const void *payload, size_t size)
{
	struct iovec iov[2] = {{(void *)header, sizeof(*header)}, {(void *)payload, size}};
	struct msghdr msg = {.msg_iov = iov, .msg_iovlen = 2};
	size_t left = sizeof(*header) + size;
	int64_t deadline = 0;

	while (left) {
		ssize_t n = sendmsg(stream->fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno == EAGAIN) {
			int rc;

			if (!deadline)
				deadline = now_ms() + stream->timeout_ms;
			rc = wait_writable(stream, deadline);
			if (rc)
				return rc;
			continue;
		}
		if (n < 0) {
			if (errno == EINTR)
				continue;
			return -errno;
		}
		left -= (size_t)n;
		for (int i = 0; i < 2; i++) {
			size_t part = (size_t)n < iov[i].iov_len ? (size_t)n : iov[i].iov_len;

			iov[i].iov_base = (uint8_t *)iov[i].iov_base + part;
			iov[i].iov_len -= part;
			n -= (ssize_t)part;
		}
	}
	return 0;
}
