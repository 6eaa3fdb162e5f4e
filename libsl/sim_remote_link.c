// SPDX-License-Identifier: MIT
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "libsl/event.h"
#include "libsl/sim_remote.h"

const char remote_link_ended[] = "the process that runs it has ended";
static const char silent[] = "it did not answer within 5 seconds";
static const char deaf[] = "it did not read what it was sent for 5 seconds";
static const char senseless[] = "its answers make no sense";

void remote_link_init(struct remote_link *link, int socket)
{
	link->socket = socket;
	link->next_id = 0;
	pthread_mutex_init(&link->request_lock, NULL);
	pthread_mutex_init(&link->send_lock, NULL);
	atomic_init(&link->broken, NULL);
}

void remote_link_fini(struct remote_link *link)
{
	close(link->socket);
	pthread_mutex_destroy(&link->send_lock);
	pthread_mutex_destroy(&link->request_lock);
}

void remote_link_break(struct remote_link *link, const char *why)
{
	const char *none = NULL;

	if (atomic_compare_exchange_strong(&link->broken, &none, why))
		shutdown(link->socket, SHUT_RDWR);
}

static int fail(struct remote_link *link, const char *why)
{
	remote_link_break(link, why);
	return -ENODEV;
}

static int64_t deadline(void)
{
	return monotonic_ns() + REMOTE_TIMEOUT_MS * 1000000ll;
}

/* Attach a descriptor to a message. */
static void attach(struct msghdr *msg, void *control, size_t size, int fd)
{
	struct cmsghdr *cmsg;

	msg->msg_control = control;
	msg->msg_controllen = size;
	cmsg = CMSG_FIRSTHDR(msg);
	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(cmsg), &fd, sizeof(fd));
}

/* What was sent of a message is not sent again. */
static void advance(struct msghdr *msg, size_t sent)
{
	msg->msg_control = NULL;
	msg->msg_controllen = 0;
	while (msg->msg_iovlen && sent >= msg->msg_iov->iov_len) {
		sent -= msg->msg_iov->iov_len;
		msg->msg_iov++;
		msg->msg_iovlen--;
	}
	if (msg->msg_iovlen) {
		msg->msg_iov->iov_base = (uint8_t *)msg->msg_iov->iov_base + sent;
		msg->msg_iov->iov_len -= sent;
	}
}

/* With the send lock held: a whole message onto the socket. */
static int send_message(struct remote_link *link, struct msghdr *msg)
{
	int64_t end = 0;

	while (msg->msg_iovlen) {
		ssize_t n = sendmsg(link->socket, msg, MSG_NOSIGNAL);

		if (n < 0 && errno == EAGAIN)
			return fail(link, deaf);
		if (n < 0 && errno != EINTR)
			return fail(link, remote_link_ended);
		advance(msg, n > 0 ? (size_t)n : 0);
		if (!msg->msg_iovlen)
			break;
		if (!end)
			end = deadline();
		else if (monotonic_ns() > end)
			return fail(link, deaf);
	}
	return 0;
}

static int send_call(struct remote_link *link, const struct remote_call *call, uint32_t flags,
		     uint16_t *id)
{
	struct vfio_user_header header = {
		.command = (uint16_t)call->command,
		.size = (uint32_t)(sizeof(header) + call->size),
		.flags = flags,
	};
	struct iovec iov[2] = {
		{&header, sizeof(header)},
		{(void *)call->payload, call->size},
	};
	struct msghdr msg = {.msg_iov = iov, .msg_iovlen = call->size ? 2 : 1};
	union {
		char data[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = {.data = {0}};
	int ret;

	if (call->fd)
		attach(&msg, &control, sizeof(control), *call->fd);
	if (atomic_load(&link->broken))
		return -ENODEV;
	pthread_mutex_lock(&link->send_lock);
	header.id = *id = link->next_id++;
	ret = send_message(link, &msg);
	pthread_mutex_unlock(&link->send_lock);
	return ret;
}

/* With the request lock held: one message off the socket. size: of all of it. */
static int receive_message(struct remote_link *link, uint8_t *data, size_t room, size_t *size)
{
	struct vfio_user_header header;
	int64_t end = deadline();
	size_t got = 0;

	for (;;) {
		ssize_t n = recv(link->socket, data + got, room - got, 0);

		if (!n)
			return fail(link, remote_link_ended);
		if (n < 0 && errno == EAGAIN)
			return fail(link, silent);
		if (n < 0 && errno != EINTR)
			return fail(link, remote_link_ended);
		if (n > 0)
			got += (size_t)n;
		if (got >= sizeof(header)) {
			memcpy(&header, data, sizeof(header));
			if (header.size < sizeof(header) || header.size > room || got > header.size)
				return fail(link, senseless);
			if (got == header.size)
				break;
		}
		if (monotonic_ns() > end)
			return fail(link, silent);
	}
	*size = got;
	return 0;
}

static int receive_reply(struct remote_link *link, const struct remote_call *call, uint16_t id,
			 size_t *got)
{
	uint8_t data[sizeof(struct vfio_user_header) + REMOTE_MAX_REPLY];
	struct vfio_user_header header;
	size_t size;
	int ret;

	ret = receive_message(link, data, sizeof(data), &size);
	if (ret)
		return ret;
	memcpy(&header, data, sizeof(header));
	if (header.id != id || header.command != call->command ||
	    (header.flags & VFIO_USER_F_TYPE_MASK) != VFIO_USER_F_REPLY)
		return fail(link, senseless);
	if (header.flags & VFIO_USER_F_ERROR)
		return header.error > 0 && header.error < 4096 ? -(int)header.error : -EIO;
	size -= sizeof(header);
	if (size < call->reply_min || size > call->reply_max)
		return fail(link, senseless);
	if (size)
		memcpy(call->reply, data + sizeof(header), size);
	if (got)
		*got = size;
	return 0;
}

int remote_request(struct remote_link *link, const struct remote_call *call, size_t *got)
{
	uint16_t id;
	int ret;

	pthread_mutex_lock(&link->request_lock);
	ret = send_call(link, call, VFIO_USER_F_REQUEST, &id);
	if (!ret)
		ret = receive_reply(link, call, id, got);
	pthread_mutex_unlock(&link->request_lock);
	/* What the other side says is gone is not the link, which tells of itself. */
	return ret == -ENODEV && !atomic_load(&link->broken) ? -EIO : ret;
}

int remote_post(struct remote_link *link, enum vfio_user_command command, const void *payload,
		size_t size)
{
	const struct remote_call call = {.command = command, .payload = payload, .size = size};
	uint16_t id;

	return send_call(link, &call, VFIO_USER_F_REQUEST | VFIO_USER_F_NO_REPLY, &id);
}
