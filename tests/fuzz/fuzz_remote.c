// SPDX-License-Identifier: MIT
/*
 * What a card in another process answers. Each reply is a good one for the client's next request,
 * but for what the input changes: the header, the length, bytes of the payload.
 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include <linux/vfio.h>
#include <sys/socket.h>

#include "libsl/sim.h"
#include "libsl/sim_remote.h"
#include "sl200/device.h"
#include "tests/fuzz/fuzz_input.h"

#define READS 4u
#define MAX_REPLIES 16u
#define MAX_PAYLOAD (REMOTE_MAX_REPLY + 64u)

struct reply {
	struct vfio_user_header header;
	uint8_t payload[MAX_PAYLOAD];
};

/* The client's requests, in order; id is the place in it. */
static const uint16_t commands[] = {
	VFIO_USER_VERSION,
	VFIO_USER_DEVICE_GET_INFO,
	VFIO_USER_DEVICE_GET_REGION_INFO,
	VFIO_USER_DEVICE_GET_REGION_INFO,
	VFIO_USER_DEVICE_GET_REGION_INFO,
	VFIO_USER_DEVICE_GET_IRQ_INFO,
};
#define NUM_COMMANDS (sizeof(commands) / sizeof(commands[0]))

static size_t put(struct reply *reply, const void *data, size_t size)
{
	memcpy(reply->payload, data, size);
	return size;
}

static size_t good_payload(struct reply *reply, unsigned int i)
{
	static const char version[] = "\0\0\1\0{\"capabilities\":{\"max_msg_fds\":8}}";
	static const uint32_t regions[] = {VFIO_PCI_BAR0_REGION_INDEX, VFIO_PCI_BAR2_REGION_INDEX,
					   VFIO_PCI_CONFIG_REGION_INDEX};
	const struct vfio_user_device_info info = {
		.argsz = sizeof(info),
		.flags = VFIO_DEVICE_FLAGS_PCI | VFIO_DEVICE_FLAGS_RESET,
		.num_regions = VFIO_PCI_NUM_REGIONS,
		.num_irqs = VFIO_PCI_NUM_IRQS,
	};
	const struct vfio_irq_info irqs = {
		.argsz = sizeof(irqs),
		.flags = VFIO_IRQ_INFO_EVENTFD,
		.index = VFIO_PCI_MSIX_IRQ_INDEX,
		.count = CARD_NUM_VECTORS,
	};
	struct vfio_region_info region = {
		.argsz = sizeof(region),
		.flags = VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE,
		.size = 1 << 20,
	};
	const struct vfio_user_region_access access = {.count = 4};

	if (i >= NUM_COMMANDS)
		return put(reply, &access, sizeof(access)) + 4;
	switch (commands[i]) {
	case VFIO_USER_VERSION:
		return put(reply, version, sizeof(version));
	case VFIO_USER_DEVICE_GET_INFO:
		return put(reply, &info, sizeof(info));
	case VFIO_USER_DEVICE_GET_REGION_INFO:
		region.index = regions[i - 2];
		return put(reply, &region, sizeof(region));
	default:
		return put(reply, &irqs, sizeof(irqs));
	}
}

/* One reply, as it goes onto the socket; returns its bytes. */
static size_t make_reply(struct fuzz_input *in, unsigned int i, struct reply *reply)
{
	uint8_t how = fuzz_u8(in);
	size_t size, n;

	memset(reply, 0, sizeof(*reply));
	reply->header.id = (uint16_t)i;
	reply->header.command = i < NUM_COMMANDS ? commands[i] : (uint16_t)VFIO_USER_REGION_READ;
	reply->header.flags = VFIO_USER_F_REPLY;
	size = good_payload(reply, i);
	if (how & 1)
		size = fuzz_u16(in) % (MAX_PAYLOAD + 1);
	for (n = how & 2 ? fuzz_u8(in) : 0; n; n--)
		reply->payload[fuzz_u16(in) % MAX_PAYLOAD] = fuzz_u8(in);
	reply->header.size = (uint32_t)(sizeof(reply->header) + size);
	if (how & 4)
		reply->header.flags = fuzz_u32(in);
	if (how & 8)
		reply->header.error = fuzz_u32(in);
	if (how & 16)
		reply->header.id = fuzz_u16(in);
	if (how & 32)
		reply->header.command = fuzz_u16(in);
	if (how & 64)
		reply->header.size = fuzz_u32(in);
	return sizeof(reply->header) + size;
}

static void send_replies(struct fuzz_input *in, int fd)
{
	struct reply reply;
	unsigned int i;
	size_t size;

	for (i = 0; i < MAX_REPLIES && (in->left || i < NUM_COMMANDS); i++) {
		size = make_reply(in, i, &reply);
		/* In the buffer of the socket there is room for all. */
		if (send(fd, &reply, size, MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)size)
			break;
	}
	shutdown(fd, SHUT_WR);
}

static void read_registers(struct card *card)
{
	uint64_t value;
	unsigned int i;
	int ret;

	for (i = 0; i < READS; i++) {
		bool broken = remote_card_api.gone(card);

		ret = remote_card_api.bar_read(card, 0, i * 4, 4, &value);
		FUZZ_CHECK(ret <= 0 && ret > -4096);
		FUZZ_CHECK(ret ? value == UINT64_MAX : value <= UINT32_MAX);
		FUZZ_CHECK(!broken || ret == -ENODEV);
		FUZZ_CHECK((ret == -ENODEV) == !!remote_card_api.gone(card));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = {data, size};
	struct card card;
	int ends[2], ret;

	FUZZ_CHECK(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends));
	send_replies(&in, ends[1]);
	remote_link_init(&card.link, ends[0]);
	ret = remote_link_greet(&card.link, "/fuzz");
	FUZZ_CHECK(ret == 0 || ret == 1 || ret == SL_ERR_NO_DEVICE);
	FUZZ_CHECK(ret >= 0 || strstr(sl_last_error(), "sim:/fuzz: "));
	FUZZ_CHECK(ret != 0 || !remote_card_api.gone(&card));
	if (!ret)
		read_registers(&card);
	remote_link_fini(&card.link);
	close(ends[1]);
	return 0;
}
