// SPDX-License-Identifier: MIT
/*
 * The client's end of vfio-user, against a card that is a thread of this test: it answers well, but
 * for one command, where it does what the case says.
 */
#include <CUnit/Basic.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/vfio.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "abi/sl200_queue.h"
#include "libsl/event.h"
#include "libsl/sim.h"
#include "libsl/sim_remote.h"
#include "sl200/device.h"
#include "tests/suite.h"

#define PAGE 4096u
#define MAX_MESSAGE 512u

struct message {
	struct vfio_user_header header;
	uint8_t payload[MAX_MESSAGE];
	int fd;
};

/* What a case does to the reply to one command; size and header.size are of the good reply. */
struct script {
	uint16_t command;
	void (*change)(struct message *reply);
	const char *says; /* in the error of an open that this makes fail */
	int result;
};

static struct {
	char dir[32], path[64];
	int listener;
	pthread_t thread;
	_Atomic(const struct script *) script;
	/* Of the connection: what arrived. */
	_Atomic int socket;
	_Atomic uint32_t posted; /* the value of the last posted write */
	_Atomic uint64_t posted_at;
	_Atomic int eventfd[CARD_NUM_VECTORS];
	_Atomic(uint8_t *) memory; /* of the last DMA_MAP */
	struct vfio_user_dma_map map;
	_Atomic int unmaps, resets;
} fake;

static bool read_all(int fd, void *data, size_t size, int *passed)
{
	union {
		char data[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	size_t got = 0;

	while (got < size) {
		struct iovec iov = {(uint8_t *)data + got, size - got};
		struct msghdr msg = {
			.msg_iov = &iov,
			.msg_iovlen = 1,
			.msg_control = &control,
			.msg_controllen = sizeof(control),
		};
		ssize_t n = recvmsg(fd, &msg, MSG_CMSG_CLOEXEC);

		if (n <= 0)
			return false;
		if (msg.msg_controllen && passed)
			memcpy(passed, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(*passed));
		got += (size_t)n;
	}
	return true;
}

static void set_payload(struct message *message, const void *data, size_t size)
{
	memcpy(message->payload, data, size);
	message->header.size = (uint32_t)(sizeof(message->header) + size);
}

static void answer_version(struct message *reply)
{
	static const char text[] = "\0\0\1\0{\"capabilities\":{\"max_msg_fds\":16,"
				   "\"max_data_xfer_size\":65536,\"other\":[]},\"more\":1}";

	set_payload(reply, text, sizeof(text));
}

static void answer_region_info(struct message *reply)
{
	struct vfio_region_info info;

	memcpy(&info, reply->payload, sizeof(info));
	info.flags = VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE;
	info.size = info.index == VFIO_PCI_CONFIG_REGION_INDEX ? 4096 : 1 << 20;
	set_payload(reply, &info, sizeof(info));
}

/* A register reads as its region and offset. */
static void answer_read(struct message *reply)
{
	struct vfio_user_region_access access;
	uint64_t value;

	memcpy(&access, reply->payload, sizeof(access));
	value = access.offset + access.region * 1000000;
	memcpy(reply->payload + sizeof(access), &value, access.count);
	reply->header.size = (uint32_t)(sizeof(reply->header) + sizeof(access) + access.count);
}

static void take_write(const struct message *message)
{
	struct vfio_user_region_access access;
	uint32_t value = 0;

	memcpy(&access, message->payload, sizeof(access));
	memcpy(&value, message->payload + sizeof(access), access.count);
	atomic_store(&fake.posted_at, access.offset + access.region * 1000000);
	atomic_store(&fake.posted, value);
}

static void take_map(struct message *message)
{
	memcpy(&fake.map, message->payload, sizeof(fake.map));
	atomic_store(&fake.memory, mmap(NULL, fake.map.size, PROT_READ | PROT_WRITE, MAP_SHARED,
					message->fd, (off_t)fake.map.offset));
	close(message->fd);
}

static void take_irqs(struct message *message)
{
	struct vfio_irq_set set;
	int old;

	memcpy(&set, message->payload, sizeof(set));
	if (set.index != VFIO_PCI_MSIX_IRQ_INDEX || set.start >= CARD_NUM_VECTORS || set.count != 1)
		return;
	old = atomic_exchange(&fake.eventfd[set.start], message->fd);
	if (old >= 0)
		close(old);
}

/* Do what a message asks for, and turn it into the good reply. */
static void answer(struct message *message)
{
	const struct vfio_user_device_info info = {
		.argsz = sizeof(info),
		.flags = VFIO_DEVICE_FLAGS_PCI | VFIO_DEVICE_FLAGS_RESET,
		.num_regions = VFIO_PCI_NUM_REGIONS,
		.num_irqs = VFIO_PCI_NUM_IRQS,
	};
	const struct vfio_irq_info vectors = {
		.argsz = sizeof(vectors),
		.flags = VFIO_IRQ_INFO_EVENTFD,
		.index = VFIO_PCI_MSIX_IRQ_INDEX,
		.count = CARD_NUM_VECTORS,
	};

	message->header.flags = VFIO_USER_F_REPLY;
	switch (message->header.command) {
	case VFIO_USER_VERSION:
		answer_version(message);
		break;
	case VFIO_USER_DEVICE_GET_INFO:
		set_payload(message, &info, sizeof(info));
		break;
	case VFIO_USER_DEVICE_GET_REGION_INFO:
		answer_region_info(message);
		break;
	case VFIO_USER_DEVICE_GET_IRQ_INFO:
		set_payload(message, &vectors, sizeof(vectors));
		break;
	case VFIO_USER_REGION_READ:
		answer_read(message);
		break;
	case VFIO_USER_REGION_WRITE:
		take_write(message);
		message->header.size = sizeof(message->header) + 16;
		break;
	case VFIO_USER_DMA_MAP:
		take_map(message);
		message->header.size = sizeof(message->header);
		break;
	case VFIO_USER_DMA_UNMAP:
		atomic_fetch_add(&fake.unmaps, 1);
		break;
	case VFIO_USER_DEVICE_SET_IRQS:
		take_irqs(message);
		message->header.size = sizeof(message->header);
		break;
	case VFIO_USER_DEVICE_RESET:
		atomic_fetch_add(&fake.resets, 1);
		break;
	}
}

static void serve(int fd)
{
	const struct script *script;
	struct message message;
	size_t size;

	for (;;) {
		bool posted;

		memset(&message, 0, sizeof(message));
		message.fd = -1;
		if (!read_all(fd, &message.header, sizeof(message.header), &message.fd) ||
		    message.header.size < sizeof(message.header) ||
		    message.header.size > sizeof(message.header) + MAX_MESSAGE ||
		    !read_all(fd, message.payload, message.header.size - sizeof(message.header),
			      NULL))
			return;
		posted = message.header.flags & VFIO_USER_F_NO_REPLY;
		answer(&message);
		if (posted)
			continue;
		size = message.header.size;
		script = atomic_load(&fake.script);
		if (script && script->command == message.header.command) {
			script->change(&message);
			/* fd says how it goes on: -2, hang up; -3, say nothing. */
			if (message.fd == -2)
				return;
			if (message.fd == -3)
				continue;
			if (message.header.size >= sizeof(message.header) &&
			    message.header.size <= sizeof(message))
				size = message.header.size;
		}
		/* In two parts, as a stream may bring it. */
		if (send(fd, &message, 10, MSG_NOSIGNAL) < 0 ||
		    send(fd, (uint8_t *)&message + 10, size - 10, MSG_NOSIGNAL) < 0)
			return;
	}
}

static void *fake_main(void *arg)
{
	int fd;

	for (;;) {
		fd = accept4(fake.listener, NULL, NULL, SOCK_CLOEXEC);
		if (fd < 0)
			return NULL;
		atomic_store(&fake.socket, fd);
		serve(fd);
		close(fd);
	}
}

static int suite_init(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	unsigned int i;

	for (i = 0; i < CARD_NUM_VECTORS; i++)
		fake.eventfd[i] = -1;
	strcpy(fake.dir, "/tmp/sl200-remote-XXXXXX");
	if (!mkdtemp(fake.dir))
		return -1;
	snprintf(fake.path, sizeof(fake.path), "%s/card", fake.dir);
	strcpy(address.sun_path, fake.path);
	fake.listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(fake.listener, (struct sockaddr *)&address, sizeof(address)) ||
	    listen(fake.listener, 4))
		return -1;
	return pthread_create(&fake.thread, NULL, fake_main, NULL);
}

static int suite_cleanup(void)
{
	unsigned int i;

	shutdown(fake.listener, SHUT_RDWR);
	pthread_join(fake.thread, NULL);
	close(fake.listener);
	for (i = 0; i < CARD_NUM_VECTORS; i++) {
		if (fake.eventfd[i] >= 0)
			close(fake.eventfd[i]);
	}
	unlink(fake.path);
	return rmdir(fake.dir);
}

static void expect(const char *path, int result, const char *word)
{
	struct card *card;

	CU_ASSERT_EQUAL(remote_card_open(path, &card), result);
	if (!strstr(sl_last_error(), word))
		printf("  '%s' does not mention '%s'\n", sl_last_error(), word);
	CU_ASSERT_PTR_NOT_NULL(strstr(sl_last_error(), word));
	CU_ASSERT_PTR_NOT_NULL(strstr(sl_last_error(), path));
}

/* What one types, and what is in the way. */
static void test_no_card(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char path[80];
	int fd;

	snprintf(path, sizeof(path), "%s/none", fake.dir);
	expect(path, SL_ERR_NO_DEVICE, "slcard --socket");
	snprintf(path, sizeof(path), "%s/none/deeper", fake.dir);
	expect(path, SL_ERR_NO_DEVICE, "no such socket");
	snprintf(path, sizeof(path), "%s/file", fake.dir);
	fd = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
	expect(path, SL_ERR_NO_DEVICE, "not a socket");
	close(fd);
	unlink(path);
	/* A socket whose listener has died. */
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	strcpy(address.sun_path, path);
	CU_ASSERT_EQUAL(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	close(fd);
	expect(path, SL_ERR_NO_DEVICE, "nobody listens");
	unlink(path);
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	CU_ASSERT_EQUAL(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	expect(path, SL_ERR_NO_DEVICE, "not the socket of a card");
	close(fd);
	unlink(path);
}

static void hang_up(struct message *reply)
{
	reply->fd = -2;
}

static void stay_silent(struct message *reply)
{
	reply->fd = -3;
}

static void wrong_id(struct message *reply)
{
	reply->header.id++;
}

static void wrong_command(struct message *reply)
{
	reply->header.command ^= 1;
}

static void as_request(struct message *reply)
{
	reply->header.flags = VFIO_USER_F_REQUEST;
}

static void tiny(struct message *reply)
{
	reply->header.size = 15;
}

static void huge(struct message *reply)
{
	reply->header.size = 0xfffffff0;
}

static void empty(struct message *reply)
{
	reply->header.size = sizeof(reply->header);
}

static void shorter(struct message *reply)
{
	reply->header.size--;
}

static void longer(struct message *reply)
{
	reply->header.size++;
}

/* More bytes than the header tells. */
static void overlong(struct message *reply)
{
	struct vfio_user_header early = reply->header;

	early.size -= 4;
	memmove((uint8_t *)reply + early.size, reply, sizeof(*reply) - early.size);
	memcpy(reply, &early, sizeof(early));
}

static void refuse(struct message *reply)
{
	reply->header.flags |= VFIO_USER_F_ERROR;
	reply->header.error = EPERM;
	reply->header.size = sizeof(reply->header);
}

static void refuse_oddly(struct message *reply)
{
	refuse(reply);
	reply->header.error = 0x80000000;
}

static void refuse_as_gone(struct message *reply)
{
	refuse(reply);
	reply->header.error = ENODEV;
}

static void major_1(struct message *reply)
{
	reply->payload[0] = 1;
}

static void no_nul(struct message *reply)
{
	reply->header.size--;
}

static void no_json(struct message *reply)
{
	reply->payload[4] = '}';
}

static void no_descriptors(struct message *reply)
{
	static const char text[] = "\0\0\1\0{\"capabilities\":{\"max_msg_fds\":0}}";

	set_payload(reply, text, sizeof(text));
}

static void tiny_data(struct message *reply)
{
	static const char text[] = "\0\0\1\0{\"capabilities\":{\"max_data_xfer_size\":\"8\"}}";

	set_payload(reply, text, sizeof(text));
}

static void capabilities_array(struct message *reply)
{
	static const char text[] = "\0\0\1\0{\"capabilities\":[]}";

	set_payload(reply, text, sizeof(text));
}

static void no_text(struct message *reply)
{
	reply->header.size = sizeof(reply->header) + 4;
}

static void zeroes(struct message *reply)
{
	memset(reply->payload, 0, sizeof(reply->payload));
}

static void small_bars(struct message *reply)
{
	struct vfio_region_info info;

	memcpy(&info, reply->payload, sizeof(info));
	info.size = 4096;
	memcpy(reply->payload, &info, sizeof(info));
}

static void other_region(struct message *reply)
{
	struct vfio_region_info info;

	memcpy(&info, reply->payload, sizeof(info));
	info.index ^= 1;
	memcpy(reply->payload, &info, sizeof(info));
}

/* One vector less than the card has. */
static void few_vectors(struct message *reply)
{
	struct vfio_irq_info info;

	memcpy(&info, reply->payload, sizeof(info));
	info.count--;
	memcpy(reply->payload, &info, sizeof(info));
}

static void test_bad_handshakes(void)
{
	static const struct script scripts[] = {
		{VFIO_USER_VERSION, hang_up, "busy", SL_ERR_BUSY},
		{VFIO_USER_VERSION, wrong_id, "no sense", SL_ERR_NO_DEVICE},
		{VFIO_USER_VERSION, wrong_command, "no sense", SL_ERR_NO_DEVICE},
		{VFIO_USER_VERSION, as_request, "no sense", SL_ERR_NO_DEVICE},
		{VFIO_USER_VERSION, tiny, "no sense", SL_ERR_NO_DEVICE},
		{VFIO_USER_VERSION, huge, "no sense", SL_ERR_NO_DEVICE},
		{VFIO_USER_VERSION, empty, "no sense", SL_ERR_NO_DEVICE},
		{VFIO_USER_VERSION, refuse, "refuses this version", SL_ERR_NO_DEVICE},
		{VFIO_USER_VERSION, refuse_oddly, "refuses this version", SL_ERR_NO_DEVICE},
		{VFIO_USER_VERSION, major_1, "another version", SL_ERR_NO_DEVICE},
		{VFIO_USER_VERSION, no_nul, "another version", SL_ERR_NO_DEVICE},
		{VFIO_USER_VERSION, no_json, "another version", SL_ERR_NO_DEVICE},
		{VFIO_USER_VERSION, no_descriptors, "another version", SL_ERR_NO_DEVICE},
		{VFIO_USER_VERSION, tiny_data, "another version", SL_ERR_NO_DEVICE},
		{VFIO_USER_VERSION, capabilities_array, "another version", SL_ERR_NO_DEVICE},
		{VFIO_USER_DEVICE_GET_INFO, hang_up, "has ended", SL_ERR_NO_DEVICE},
		{VFIO_USER_DEVICE_GET_INFO, zeroes, "not this kind", SL_ERR_NO_DEVICE},
		{VFIO_USER_DEVICE_GET_INFO, refuse, "not this kind", SL_ERR_NO_DEVICE},
		{VFIO_USER_DEVICE_GET_INFO, refuse_as_gone, "not this kind", SL_ERR_NO_DEVICE},
		{VFIO_USER_DEVICE_GET_INFO, shorter, "no sense", SL_ERR_NO_DEVICE},
		{VFIO_USER_DEVICE_GET_INFO, longer, "no sense", SL_ERR_NO_DEVICE},
		{VFIO_USER_DEVICE_GET_INFO, overlong, "no sense", SL_ERR_NO_DEVICE},
		{VFIO_USER_DEVICE_GET_REGION_INFO, small_bars, "not this kind", SL_ERR_NO_DEVICE},
		{VFIO_USER_DEVICE_GET_REGION_INFO, other_region, "not this kind", SL_ERR_NO_DEVICE},
		{VFIO_USER_DEVICE_GET_REGION_INFO, zeroes, "not this kind", SL_ERR_NO_DEVICE},
		{VFIO_USER_DEVICE_GET_IRQ_INFO, few_vectors, "not this kind", SL_ERR_NO_DEVICE},
		{VFIO_USER_DEVICE_GET_IRQ_INFO, zeroes, "not this kind", SL_ERR_NO_DEVICE},
	};
	size_t i;

	for (i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
		atomic_store(&fake.script, &scripts[i]);
		expect(fake.path, scripts[i].result, scripts[i].says);
	}
	atomic_store(&fake.script, NULL);
}

static struct card *open_card(const struct script *script)
{
	struct card *card = NULL;

	atomic_store(&fake.script, script);
	CU_ASSERT_EQUAL(remote_card_open(fake.path, &card), 0);
	CU_ASSERT_PTR_NOT_NULL_FATAL(card);
	return card;
}

/* Capabilities may be left out. */
static void test_no_capabilities(void)
{
	static const struct script script = {VFIO_USER_VERSION, no_text, NULL, 0};

	remote_card_api.destroy(open_card(&script));
}

static void test_accesses(void)
{
	const struct sim_card_api *api = &remote_card_api;
	struct card *card = open_card(NULL);
	uint64_t value;
	uint32_t word;
	int i;

	CU_ASSERT_EQUAL(api->bar_read(card, 0, 0x1234, 4, &value), 0);
	CU_ASSERT_EQUAL(value, 0x1234);
	CU_ASSERT_EQUAL(api->config_read(card, 6, 2, &word), 0);
	CU_ASSERT_EQUAL(word, (7000000 + 6) & 0xffff);
	/* Written when the answer to a later read is there: messages keep their order. */
	for (i = 0; i < 100; i++) {
		CU_ASSERT_EQUAL(api->bar_write(card, 2, 0x3000, 4, 0xdeadbe00u + (uint32_t)i), 0);
		CU_ASSERT_EQUAL(api->bar_read(card, 0, 0, 4, &value), 0);
		CU_ASSERT_EQUAL(atomic_load(&fake.posted), 0xdeadbe00u + (uint32_t)i);
		CU_ASSERT_EQUAL(atomic_load(&fake.posted_at), 2000000 + 0x3000);
	}
	CU_ASSERT_EQUAL(api->config_write(card, 4, 2, 0x1506), 0);
	CU_ASSERT_EQUAL(atomic_load(&fake.posted), 0x1506);
	CU_ASSERT_PTR_NULL(api->gone(card));
	api->destroy(card);
}

/* An answer that makes no sense ends it; one that says no does not. */
static void test_bad_accesses(void)
{
	static const struct script scripts[] = {
		{VFIO_USER_REGION_READ, refuse, NULL, -EPERM},
		{VFIO_USER_REGION_READ, refuse_oddly, NULL, -EIO},
		{VFIO_USER_REGION_READ, refuse_as_gone, NULL, -EIO},
		{VFIO_USER_REGION_READ, zeroes, NULL, -EIO},
		{VFIO_USER_REGION_READ, shorter, "no sense", -ENODEV},
		{VFIO_USER_REGION_READ, longer, "no sense", -ENODEV},
		{VFIO_USER_REGION_READ, overlong, "no sense", -ENODEV},
		{VFIO_USER_REGION_READ, empty, "no sense", -ENODEV},
		{VFIO_USER_REGION_READ, wrong_id, "no sense", -ENODEV},
		{VFIO_USER_REGION_READ, hang_up, "has ended", -ENODEV},
	};
	const struct sim_card_api *api = &remote_card_api;
	uint64_t value;
	size_t i;

	for (i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
		struct card *card = open_card(&scripts[i]);

		CU_ASSERT_EQUAL(api->bar_read(card, 0, 8, 4, &value), scripts[i].result);
		CU_ASSERT_EQUAL(value, UINT64_MAX);
		if (!scripts[i].says) {
			CU_ASSERT_PTR_NULL(api->gone(card));
			CU_ASSERT_EQUAL(api->config_write(card, 4, 2, 0), 0);
		} else {
			CU_ASSERT_PTR_NOT_NULL_FATAL(api->gone(card));
			CU_ASSERT_PTR_NOT_NULL(strstr(api->gone(card), scripts[i].says));
			CU_ASSERT_EQUAL(api->bar_write(card, 2, 0, 4, 1), -ENODEV);
		}
		api->destroy(card);
	}
}

/* A card that says nothing does not keep its user for ever. */
static void test_silence(void)
{
	static const struct script script = {VFIO_USER_DEVICE_RESET, stay_silent, NULL, 0};
	const struct sim_card_api *api = &remote_card_api;
	struct card *card = open_card(&script);
	int64_t start = monotonic_ns();
	uint64_t value;

	api->stop(card);
	CU_ASSERT_TRUE(monotonic_ns() - start >= REMOTE_TIMEOUT_MS * 1000000ll);
	CU_ASSERT_TRUE(monotonic_ns() - start < 3 * REMOTE_TIMEOUT_MS * 1000000ll);
	CU_ASSERT_PTR_NOT_NULL_FATAL(api->gone(card));
	CU_ASSERT_PTR_NOT_NULL(strstr(api->gone(card), "did not answer"));
	start = monotonic_ns();
	CU_ASSERT_EQUAL(api->bar_read(card, 0, 0, 4, &value), -ENODEV);
	CU_ASSERT_TRUE(monotonic_ns() - start < 1000000000);
	api->destroy(card);
}

static void test_memory(void)
{
	const struct sim_card_api *api = &remote_card_api;
	struct card *card = open_card(NULL);
	const uint64_t bus = REMOTE_BUS_BASE + 7 * PAGE;
	uint8_t *seen, *mine;
	void *cpu;
	int status;
	pid_t pid;

	CU_ASSERT_EQUAL(api->dma_alloc(card, bus, 2 * PAGE, &cpu), 0);
	mine = cpu;
	seen = atomic_load(&fake.memory);
	CU_ASSERT_EQUAL(fake.map.addr, bus);
	CU_ASSERT_EQUAL(fake.map.size, 2 * PAGE);
	CU_ASSERT_EQUAL(mine[0], 0);
	mine[0] = 11;
	seen[PAGE] = 22;
	CU_ASSERT_EQUAL(seen[0], 11);
	CU_ASSERT_EQUAL(mine[PAGE], 22);

	/* A child sees what was there, and changes nothing. */
	pid = fork();
	if (!pid) {
		api->forked(card);
		if (mine[0] != 11 || mine[PAGE] != 22)
			_exit(1);
		mine[0] = 33;
		munmap(mine, 2 * PAGE);
		_exit(0);
	}
	CU_ASSERT_EQUAL(waitpid(pid, &status, 0), pid);
	CU_ASSERT_EQUAL(status, 0);
	CU_ASSERT_EQUAL(mine[0], 11);
	munmap(seen, 2 * PAGE);

	api->dma_free(card, bus, cpu, 2 * PAGE);
	CU_ASSERT_EQUAL(atomic_load(&fake.unmaps), 1);
	CU_ASSERT_EQUAL(api->dma_alloc(card, bus, PAGE, &cpu), 0);
	CU_ASSERT_EQUAL(*(uint8_t *)cpu, 0);
	munmap(atomic_load(&fake.memory), PAGE);
	/* The other side cannot take it away. */
	CU_ASSERT_NOT_EQUAL(ftruncate(card->memory.fd, 0), 0);
	api->dma_free(card, bus, cpu, PAGE);
	CU_ASSERT_EQUAL(api->dma_alloc(card, REMOTE_BUS_BASE + REMOTE_BUS_SIZE, PAGE, &cpu),
			-ENOMEM);
	api->destroy(card);
}

/* A refused mapping leaves nothing behind. */
static void test_no_memory(void)
{
	static const struct script script = {VFIO_USER_DMA_MAP, refuse, NULL, 0};
	const struct sim_card_api *api = &remote_card_api;
	struct card *card = open_card(&script);
	void *cpu;

	CU_ASSERT_EQUAL(api->dma_alloc(card, REMOTE_BUS_BASE, PAGE, &cpu), -EPERM);
	munmap(atomic_load(&fake.memory), PAGE);
	CU_ASSERT_PTR_NULL(atomic_load(&card->memory.first));
	api->destroy(card);
}

static void count(void *arg)
{
	atomic_fetch_add((_Atomic int *)arg, 1);
}

static bool reaches(_Atomic int *value, int target)
{
	int i;

	for (i = 0; i < 5000 && atomic_load(value) < target; i++)
		usleep(1000);
	return atomic_load(value) >= target;
}

static void test_interrupts(void)
{
	const struct sim_card_api *api = &remote_card_api;
	struct card *card = open_card(NULL);
	_Atomic int low = 0, high = 0;
	int i;

	CU_ASSERT_EQUAL(api->set_irq(card, 0, count, &low), 0);
	CU_ASSERT_EQUAL(api->set_irq(card, CARD_NUM_VECTORS - 1, count, &high), 0);
	CU_ASSERT_EQUAL(api->set_irq(card, CARD_NUM_VECTORS, count, &high), -EINVAL);
	for (i = 1; i <= 20; i++) {
		eventfd_write(fake.eventfd[0], 1);
		CU_ASSERT_TRUE(reaches(&low, i));
	}
	CU_ASSERT_EQUAL(atomic_load(&high), 0);
	eventfd_write(fake.eventfd[CARD_NUM_VECTORS - 1], 1);
	CU_ASSERT_TRUE(reaches(&high, 1));
	CU_ASSERT_EQUAL(atomic_load(&low), 20);
	/* Not armed any more. */
	CU_ASSERT_EQUAL(api->set_irq(card, 0, NULL, NULL), 0);
	CU_ASSERT_EQUAL(atomic_load(&fake.eventfd[0]), -1);
	/* The end of the other process wakes everyone. */
	shutdown(atomic_load(&fake.socket), SHUT_RDWR);
	CU_ASSERT_TRUE(reaches(&high, 2));
	CU_ASSERT_EQUAL(atomic_load(&low), 20);
	CU_ASSERT_PTR_NOT_NULL_FATAL(api->gone(card));
	CU_ASSERT_PTR_NOT_NULL(strstr(api->gone(card), "has ended"));
	CU_ASSERT_EQUAL(api->set_irq(card, 1, count, &low), -ENODEV);
	api->destroy(card);
}

/* Many threads, one socket: each gets its own answers. */
static void *ask(void *arg)
{
	struct card *card = arg;
	uint64_t value, i;

	for (i = 0; i < 200; i++) {
		if (remote_card_api.bar_read(card, 0, i * 4, 4, &value) || value != i * 4)
			return arg;
		if (remote_card_api.bar_write(card, 2, 0, 4, i))
			return arg;
	}
	return NULL;
}

static void test_threads(void)
{
	struct card *card = open_card(NULL);
	pthread_t threads[4];
	void *failed;
	int i;

	for (i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, ask, card);
	for (i = 0; i < 4; i++) {
		pthread_join(threads[i], &failed);
		CU_ASSERT_PTR_NULL(failed);
	}
	remote_card_api.destroy(card);
}

int main(void)
{
	CU_TestInfo tests[] = {
		{"no card there", test_no_card},
		{"handshakes that fail", test_bad_handshakes},
		{"no capabilities", test_no_capabilities},
		{"registers", test_accesses},
		{"answers that make no sense", test_bad_accesses},
		{"no answer", test_silence},
		{"memory", test_memory},
		{"memory refused", test_no_memory},
		{"interrupts", test_interrupts},
		{"threads", test_threads},
		CU_TEST_INFO_NULL,
	};

	return suite_run("a card in another process", suite_init, suite_cleanup, tests);
}
