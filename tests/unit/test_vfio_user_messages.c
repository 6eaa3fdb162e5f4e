// SPDX-License-Identifier: MIT
/* Messages of a vfio-user client, every command good and bad, and clients that misbehave. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <linux/pci_regs.h>

#include "abi/sl200_regs.h"
#include "sim/card/pci_config.h"
#include "tests/suite.h"
#include "tests/unit/test_chip_doubles.h"
#include "tests/unit/vfio_user_peer.h"

static struct card *card;
static unsigned int fds_before;

static int setup(void)
{
	const struct card_config config = {.dram_size = 64u << 20, .threads = 1};

	fds_before = peer_count_fds();
	return card_create(&config, &card);
}

static int teardown(void)
{
	card_destroy(card);
	/* No descriptor of all that was sent is left. */
	return peer_count_fds() == fds_before ? 0 : -1;
}

static void enable(struct peer *peer)
{
	const uint16_t command = PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER;

	CU_ASSERT_EQUAL(peer_write(peer, VFIO_PCI_CONFIG_REGION_INDEX, PCI_COMMAND, 2, &command),
			0);
}

static int say_version(struct peer *peer, uint16_t major, uint16_t minor, const char *text,
		       size_t size)
{
	const struct vfio_user_version version = {major, minor};
	uint8_t payload[256];

	memcpy(payload, &version, sizeof(version));
	memcpy(payload + sizeof(version), text, size);
	return peer_call(peer, VFIO_USER_VERSION, payload, sizeof(version) + size, NULL, 0);
}

static void test_version(void)
{
	static const char hello[] =
		"{\"capabilities\":{\"max_msg_fds\":8,\"max_data_xfer_size\":1048576,"
		"\"pgsizes\":4096,\"max_dma_maps\":65535,\"write_multiple\":true,\"x\":[1]}}";
	struct peer *peer = peer_connect(card);
	struct vfio_user_version version;

	CU_ASSERT_EQUAL(say_version(peer, 0, 7, hello, sizeof(hello)), 0);
	memcpy(&version, peer->payload, sizeof(version));
	CU_ASSERT_EQUAL(version.major, VFIO_USER_MAJOR);
	CU_ASSERT_EQUAL(version.minor, VFIO_USER_MINOR);
	CU_ASSERT_EQUAL(peer->payload[peer->size - 1], 0);
	CU_ASSERT_PTR_NOT_NULL(
		strstr((char *)peer->payload + sizeof(version), "\"write_multiple\":true"));
	/* Once only; and the connection goes on. */
	CU_ASSERT_EQUAL(say_version(peer, 0, 1, hello, sizeof(hello)), EINVAL);
	CU_ASSERT_EQUAL(peer_call(peer, VFIO_USER_DEVICE_RESET, NULL, 0, NULL, 0), 0);
	CU_ASSERT_EQUAL(peer_close(peer), 0);
	/* An older minor version is taken. */
	peer = peer_connect(card);
	CU_ASSERT_EQUAL(say_version(peer, 0, 0, "", 0), 0);
	memcpy(&version, peer->payload, sizeof(version));
	CU_ASSERT_EQUAL(version.minor, 0);
	CU_ASSERT_EQUAL(peer_close(peer), 0);
}

static void test_bad_version(void)
{
	static const struct {
		uint16_t major;
		const char *text;
		size_t size;
	} bad[] = {
		{1, "{}", 3},
		{0, "{}", 2}, /* no NUL */
		{0, "{", 2},
		{0, "[]", 3},
		{0, "7", 2},
		{0, "", 1},
		{0, "{\"capabilities\":3}", 19},
		{0, "{\"capabilities\":{\"max_msg_fds\":\"1\"}}", 37},
		{0, "{\"capabilities\":{\"max_msg_fds\":-1}}", 36},
		{0, "{\"capabilities\":{\"write_multiple\":1}}", 38},
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct peer *peer = peer_connect(card);

		CU_ASSERT_EQUAL(say_version(peer, bad[i].major, 0, bad[i].text, bad[i].size),
				EINVAL);
		CU_ASSERT_FALSE(peer_receive(peer)); /* an answer, and then the end */
		CU_ASSERT_EQUAL(peer->complaints, 1);
		CU_ASSERT_EQUAL(peer_close(peer), -EPROTO);
	}
}

/* Text without an end, and in the buffer behind it the zero that it lacks. */
static void test_unending_version(void)
{
	struct __attribute__((packed)) {
		struct vfio_user_header header;
		struct vfio_user_version version;
		char text[2];
		struct vfio_user_header next;
	} messages = {
		.header = {.command = VFIO_USER_VERSION,
			   .size = offsetof(__typeof__(messages), next)},
		.text = {'{', '}'},
		.next = {.command = VFIO_USER_DEVICE_RESET, .size = sizeof(messages.next)},
	};
	struct peer *peer = peer_connect(card);

	CU_ASSERT(peer_send_raw(peer, &messages, sizeof(messages), NULL, 0));
	CU_ASSERT(peer_receive(peer));
	CU_ASSERT_EQUAL(peer->header.error, EINVAL);
	CU_ASSERT_FALSE(peer_receive(peer));
	CU_ASSERT_EQUAL(peer_close(peer), -EPROTO);
}

/* What may not come first ends the connection without an answer. */
static void test_no_version(void)
{
	struct peer *peer = peer_connect(card);

	CU_ASSERT_EQUAL(peer_call(peer, VFIO_USER_DEVICE_RESET, NULL, 0, NULL, 0), -1);
	CU_ASSERT_EQUAL(peer_close(peer), -EPROTO);
	peer = peer_connect(card);
	CU_ASSERT_EQUAL(peer_call(peer, VFIO_USER_VERSION, "ab", 2, NULL, 0), EINVAL);
	CU_ASSERT_EQUAL(peer_close(peer), -EPROTO);
}

static void test_info(void)
{
	struct vfio_user_device_info info = {.argsz = sizeof(info)};
	struct peer *peer = peer_open(card);

	CU_ASSERT_EQUAL(peer_call(peer, VFIO_USER_DEVICE_GET_INFO, &info, sizeof(info), NULL, 0),
			0);
	memcpy(&info, peer->payload, sizeof(info));
	CU_ASSERT_EQUAL(info.flags, VFIO_DEVICE_FLAGS_PCI | VFIO_DEVICE_FLAGS_RESET);
	CU_ASSERT_EQUAL(info.num_regions, 9);
	CU_ASSERT_EQUAL(info.num_irqs, 5);
	info.argsz = sizeof(info) - 1;
	CU_ASSERT_EQUAL(peer_call(peer, VFIO_USER_DEVICE_GET_INFO, &info, sizeof(info), NULL, 0),
			EINVAL);
	CU_ASSERT_EQUAL(
		peer_call(peer, VFIO_USER_DEVICE_GET_INFO, &info, sizeof(info) - 1, NULL, 0),
		EINVAL);
	CU_ASSERT_EQUAL(peer_call(peer, VFIO_USER_DEVICE_GET_INFO, NULL, 0, NULL, 0), EINVAL);
	CU_ASSERT_EQUAL(peer_close(peer), 0);
}

static void test_region_info(void)
{
	static const uint64_t sizes[VFIO_PCI_NUM_REGIONS] = {
		[0] = 64u << 10, [2] = 1u << 20, [4] = 256u << 20, [7] = 4096};
	struct vfio_region_info info = {.argsz = sizeof(info)};
	struct peer *peer = peer_open(card);

	for (info.index = 0; info.index < VFIO_PCI_NUM_REGIONS; info.index++) {
		struct vfio_region_info got;

		CU_ASSERT_EQUAL(peer_call(peer, VFIO_USER_DEVICE_GET_REGION_INFO, &info,
					  sizeof(info), NULL, 0),
				0);
		memcpy(&got, peer->payload, sizeof(got));
		CU_ASSERT_EQUAL(got.argsz, sizeof(got));
		CU_ASSERT_EQUAL(got.index, info.index);
		CU_ASSERT_EQUAL(got.size, sizes[info.index]);
		CU_ASSERT_EQUAL(got.cap_offset, 0);
		/* Not one that may be mapped. */
		CU_ASSERT_EQUAL(got.flags,
				got.size ? VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE
					 : 0);
	}
	CU_ASSERT_EQUAL(
		peer_call(peer, VFIO_USER_DEVICE_GET_REGION_INFO, &info, sizeof(info), NULL, 0),
		EINVAL);
	info.index = 0;
	info.argsz = 31;
	CU_ASSERT_EQUAL(
		peer_call(peer, VFIO_USER_DEVICE_GET_REGION_INFO, &info, sizeof(info), NULL, 0),
		EINVAL);
	CU_ASSERT_EQUAL(peer_close(peer), 0);
}

static void test_config_space(void)
{
	struct peer *peer = peer_open(card);
	uint8_t all[PCI_CONFIG_SIZE], part[7];
	uint32_t word;

	CU_ASSERT_EQUAL(peer_read(peer, VFIO_PCI_CONFIG_REGION_INDEX, 0, sizeof(all), all), 0);
	for (unsigned int at = 0; at < PCI_CONFIG_SIZE; at += 4) {
		CU_ASSERT_EQUAL(card_config_read(card, at, 4, &word), 0);
		CU_ASSERT(!memcmp(&word, all + at, 4));
	}
	/* Any place and length. */
	CU_ASSERT_EQUAL(peer_read(peer, VFIO_PCI_CONFIG_REGION_INDEX, 1, 7, part), 0);
	CU_ASSERT(!memcmp(part, all + 1, 7));
	/* BAR2's upper bits, the lower half by an odd address. */
	CU_ASSERT_EQUAL(peer_write(peer, VFIO_PCI_CONFIG_REGION_INDEX, 0x1b, 4, "\x11\x22\x33\x44"),
			0);
	CU_ASSERT_EQUAL(peer_read(peer, VFIO_PCI_CONFIG_REGION_INDEX, 0x1b, 4, &word), 0);
	CU_ASSERT_EQUAL(word, 0x44332211);
	CU_ASSERT_EQUAL(peer_read(peer, VFIO_PCI_CONFIG_REGION_INDEX, 4095, 2, part), EINVAL);
	CU_ASSERT_EQUAL(peer_read(peer, VFIO_PCI_CONFIG_REGION_INDEX, UINT64_MAX, 2, part), EINVAL);
	CU_ASSERT_EQUAL(peer_read(peer, VFIO_PCI_CONFIG_REGION_INDEX, 0, 0, part), EINVAL);
	CU_ASSERT_EQUAL(peer_write(peer, VFIO_PCI_CONFIG_REGION_INDEX, 4096, 1, part), EINVAL);
	CU_ASSERT_EQUAL(peer_close(peer), 0);
}

static void test_bars(void)
{
	struct peer *peer = peer_open(card);
	uint32_t word = 0, scratch = 0x12345678;
	uint64_t wide = 0x1122334455667788, back = 0;

	/* Memory space is off: as on a bus, and no error. */
	CU_ASSERT_EQUAL(peer_read(peer, 0, SL200_TOP_ID, 4, &word), 0);
	CU_ASSERT_EQUAL(word, UINT32_MAX);
	enable(peer);
	CU_ASSERT_EQUAL(peer_read(peer, 0, SL200_TOP_ID, 4, &word), 0);
	CU_ASSERT_EQUAL(word, SL200_TOP_ID_RESET_VALUE);
	CU_ASSERT_EQUAL(peer_write(peer, 0, SL200_TOP_SCRATCH, 4, &scratch), 0);
	CU_ASSERT_EQUAL(peer_read(peer, 0, SL200_TOP_SCRATCH, 4, &word), 0);
	CU_ASSERT_EQUAL(word, scratch);
	CU_ASSERT_EQUAL(peer_write(peer, 4, 0x100, 8, &wide), 0);
	CU_ASSERT_EQUAL(peer_read(peer, 4, 0x100, 8, &back), 0);
	CU_ASSERT_EQUAL(back, wide);
	/* Widths that a register does not have read all-ones. */
	word = 0;
	CU_ASSERT_EQUAL(peer_read(peer, 0, SL200_TOP_ID, 2, &word), 0);
	CU_ASSERT_EQUAL(word, 0xffff);
	CU_ASSERT_EQUAL(peer_read(peer, 0, SL200_TOP_ID, 8, &back), 0);
	CU_ASSERT_EQUAL(back, UINT64_MAX);
	/* What no bus has is an error. */
	CU_ASSERT_EQUAL(peer_read(peer, 0, 0, 3, &word), EINVAL);
	CU_ASSERT_EQUAL(peer_read(peer, 4, 0, 16, &word), EINVAL);
	CU_ASSERT_EQUAL(peer_write(peer, 4, 0, 5, "abcde"), EINVAL);
	CU_ASSERT_EQUAL(peer_read(peer, 0, 64u << 10, 4, &word), EINVAL);
	CU_ASSERT_EQUAL(peer_read(peer, 0, (64u << 10) - 2, 4, &word), EINVAL);
	CU_ASSERT_EQUAL(peer_read(peer, 0, UINT64_MAX - 3, 4, &word), EINVAL);
	CU_ASSERT_EQUAL(peer_read(peer, 1, 0, 4, &word), EINVAL);
	CU_ASSERT_EQUAL(peer_read(peer, VFIO_PCI_ROM_REGION_INDEX, 0, 4, &word), EINVAL);
	CU_ASSERT_EQUAL(peer_read(peer, 9, 0, 4, &word), EINVAL);
	CU_ASSERT_EQUAL(peer_read(peer, UINT32_MAX, 0, 4, &word), EINVAL);
	CU_ASSERT_EQUAL(peer_close(peer), 0);
}

static void test_bad_accesses(void)
{
	struct vfio_user_region_access access = {.region = 7, .count = VFIO_USER_MAX_DATA + 1};
	struct peer *peer = peer_open(card);
	uint8_t payload[64] = {0};

	CU_ASSERT_EQUAL(peer_call(peer, VFIO_USER_REGION_READ, &access, sizeof(access), NULL, 0),
			EINVAL);
	CU_ASSERT_EQUAL(
		peer_call(peer, VFIO_USER_REGION_READ, &access, sizeof(access) - 1, NULL, 0),
		EINVAL);
	/* More or less data than announced. */
	access.count = 4;
	memcpy(payload, &access, sizeof(access));
	CU_ASSERT_EQUAL(peer_call(peer, VFIO_USER_REGION_WRITE, payload, 19, NULL, 0), EINVAL);
	CU_ASSERT_EQUAL(peer_call(peer, VFIO_USER_REGION_WRITE, payload, 21, NULL, 0), EINVAL);
	CU_ASSERT_EQUAL(peer_call(peer, VFIO_USER_REGION_WRITE, payload, 3, NULL, 0), EINVAL);
	CU_ASSERT_EQUAL(peer_close(peer), 0);
}

static int multi(struct peer *peer, uint64_t count, const struct vfio_user_write *writes,
		 size_t size, uint32_t flags)
{
	uint8_t payload[8 + 8 * sizeof(*writes)];

	memcpy(payload, &count, sizeof(count));
	memcpy(payload + sizeof(count), writes, size);
	if (flags)
		return peer_send(peer, VFIO_USER_REGION_WRITE_MULTI, flags, payload, 8 + size, NULL,
				 0)
			       ? 0
			       : -1;
	return peer_call(peer, VFIO_USER_REGION_WRITE_MULTI, payload, 8 + size, NULL, 0);
}

static void test_write_multi(void)
{
	struct vfio_user_write writes[] = {
		{4, 4, 4, {1}},
		{8, 4, 9, {2}}, /* too long: not done, and the others are */
		{SL200_TOP_SCRATCH, 0, 4, {0x78, 0x56, 0x34, 0x12}},
		{16, 4, 8, {1, 2, 3, 4, 5, 6, 7, 8}},
	};
	struct peer *peer = peer_open(card);
	uint32_t word = 0;
	uint64_t wide = 0;

	enable(peer);
	CU_ASSERT_EQUAL(multi(peer, 4, writes, sizeof(writes), VFIO_USER_F_NO_REPLY), 0);
	/* The next answer is that to the next request. */
	CU_ASSERT_EQUAL(peer_read(peer, 0, SL200_TOP_SCRATCH, 4, &word), 0);
	CU_ASSERT_EQUAL(word, 0x12345678);
	CU_ASSERT_EQUAL(peer_read(peer, 4, 16, 8, &wide), 0);
	CU_ASSERT_EQUAL(wide, 0x0807060504030201);
	CU_ASSERT_EQUAL(peer_read(peer, 4, 8, 8, &wide), 0);
	CU_ASSERT_EQUAL(wide, 0);
	/* Who wants an answer gets one. */
	CU_ASSERT_EQUAL(multi(peer, 1, writes, sizeof(writes[0]), 0), 0);
	CU_ASSERT_EQUAL(peer->size, 8);
	CU_ASSERT_EQUAL(multi(peer, 4, writes, sizeof(writes), 0), EINVAL);
	CU_ASSERT_EQUAL(multi(peer, 0, writes, 0, 0), 0);
	/* Counts that are not those of the writes that follow. */
	CU_ASSERT_EQUAL(multi(peer, 2, writes, sizeof(writes[0]), 0), EINVAL);
	CU_ASSERT_EQUAL(multi(peer, 1, writes, 2 * sizeof(writes[0]), 0), EINVAL);
	CU_ASSERT_EQUAL(multi(peer, 1, writes, sizeof(writes[0]) - 1, 0), EINVAL);
	CU_ASSERT_EQUAL(multi(peer, UINT64_MAX / 24 + 2, writes, 8, 0), EINVAL);
	CU_ASSERT_EQUAL(peer_call(peer, VFIO_USER_REGION_WRITE_MULTI, "1234", 4, NULL, 0), EINVAL);
	CU_ASSERT_EQUAL(peer_close(peer), 0);
}

static void test_reset(void)
{
	struct peer *peer = peer_open(card);
	const uint32_t scratch = 77;
	uint32_t word, before;

	enable(peer);
	CU_ASSERT_EQUAL(peer_write(peer, 0, SL200_TOP_SCRATCH, 4, &scratch), 0);
	CU_ASSERT_EQUAL(peer_read(peer, 0, SL200_TOP_RESET_COUNT, 4, &before), 0);
	CU_ASSERT_EQUAL(peer_call(peer, VFIO_USER_DEVICE_RESET, NULL, 0, NULL, 0), 0);
	CU_ASSERT_EQUAL(peer_read(peer, VFIO_PCI_CONFIG_REGION_INDEX, PCI_COMMAND, 4, &word), 0);
	CU_ASSERT_EQUAL(word & 0xffff, 0);
	enable(peer);
	CU_ASSERT_EQUAL(peer_read(peer, 0, SL200_TOP_SCRATCH, 4, &word), 0);
	CU_ASSERT_EQUAL(word, 0);
	CU_ASSERT_EQUAL(peer_write(peer, 0, SL200_TOP_SCRATCH, 4, &scratch), 0);
	CU_ASSERT_EQUAL(peer_close(peer), 0);
	/* A client finds nothing of the one before it. */
	peer = peer_open(card);
	CU_ASSERT_EQUAL(peer_read(peer, 0, SL200_TOP_SCRATCH, 4, &word), 0);
	CU_ASSERT_EQUAL(word, UINT32_MAX);
	enable(peer);
	CU_ASSERT_EQUAL(peer_read(peer, 0, SL200_TOP_SCRATCH, 4, &word), 0);
	CU_ASSERT_EQUAL(word, 0);
	CU_ASSERT_EQUAL(peer_read(peer, 0, SL200_TOP_RESET_COUNT, 4, &word), 0);
	CU_ASSERT_EQUAL(word >> 24, (before >> 24) + 2);
	CU_ASSERT_EQUAL(peer_close(peer), 0);
}

static void test_unknown_commands(void)
{
	static const uint16_t unknown[] = {0, 6, 11, 12, 14, 16, 255, UINT16_MAX};
	struct peer *peer = peer_open(card);

	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
		CU_ASSERT_EQUAL(peer_call(peer, unknown[i], "x", 1, NULL, 0), ENOSYS);
	/* Unknown flags, and a reply to nothing. */
	CU_ASSERT(peer_send(peer, VFIO_USER_DEVICE_RESET, 0x40, NULL, 0, NULL, 0));
	CU_ASSERT(peer_receive(peer));
	CU_ASSERT_EQUAL(peer->header.error, EINVAL);
	CU_ASSERT(peer_send(peer, VFIO_USER_DEVICE_RESET, VFIO_USER_F_REPLY, NULL, 0, NULL, 0));
	CU_ASSERT_FALSE(peer_receive(peer));
	CU_ASSERT_EQUAL(peer_close(peer), -EPROTO);
}

static void test_sizes(void)
{
	static const uint32_t sizes[] = {0, 15, VFIO_USER_MAX_MESSAGE + 1, UINT32_MAX};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		const struct vfio_user_header header = {.command = VFIO_USER_DEVICE_RESET,
							.size = sizes[i]};
		struct peer *peer = peer_open(card);

		CU_ASSERT(peer_send_raw(peer, &header, sizeof(header), NULL, 0));
		CU_ASSERT_FALSE(peer_receive(peer));
		CU_ASSERT_EQUAL(peer_close(peer), -EPROTO);
	}
}

/* A message in pieces of every size, and a client that leaves inside one. */
static void test_pieces(void)
{
	struct {
		struct vfio_user_header header;
		struct vfio_user_device_info info;
	} message = {{.command = VFIO_USER_DEVICE_GET_INFO, .size = sizeof(message)},
		     {.argsz = sizeof(message.info)}};

	for (size_t cut = 1; cut < sizeof(message); cut++) {
		struct peer *peer = peer_open(card);
		const uint8_t *bytes = (const uint8_t *)&message;

		CU_ASSERT(peer_send_raw(peer, bytes, cut, NULL, 0));
		if (cut % 3 == 0)
			nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
		CU_ASSERT(peer_send_raw(peer, bytes + cut, sizeof(message) - cut, NULL, 0));
		CU_ASSERT(peer_receive(peer));
		CU_ASSERT_EQUAL(peer->size, sizeof(message.info));
		CU_ASSERT(peer_send_raw(peer, bytes, cut, NULL, 0));
		CU_ASSERT_EQUAL(peer_close(peer), 0);
	}
}

/* Many requests before the first answer is read: they are answered in order. */
static void test_pipeline(void)
{
	const struct vfio_user_region_access access = {SL200_TOP_ID, 0, 4};
	struct peer *peer = peer_open(card);
	const unsigned int count = 300;
	uint16_t first;

	enable(peer);
	first = peer->id;
	for (unsigned int i = 0; i < count; i++)
		CU_ASSERT(peer_send(peer, VFIO_USER_REGION_READ, 0, &access, sizeof(access), NULL,
				    0));
	for (unsigned int i = 0; i < count; i++) {
		CU_ASSERT(peer_receive(peer));
		CU_ASSERT_EQUAL(peer->header.id, (uint16_t)(first + 1 + i));
		CU_ASSERT_EQUAL(peer->size, sizeof(access) + 4);
	}
	CU_ASSERT_EQUAL(peer_close(peer), 0);
}

/* Posted writes without end are done and not answered. */
static void test_flood(void)
{
	struct {
		struct vfio_user_region_access access;
		uint32_t value;
	} write = {{SL200_TOP_SCRATCH, 0, 4}, 0};
	struct peer *peer = peer_open(card);
	uint32_t word;

	enable(peer);
	for (write.value = 1; write.value <= 20000; write.value++)
		CU_ASSERT(peer_send(peer, VFIO_USER_REGION_WRITE, VFIO_USER_F_NO_REPLY, &write,
				    sizeof(write.access) + 4, NULL, 0));
	CU_ASSERT_EQUAL(peer_read(peer, 0, SL200_TOP_SCRATCH, 4, &word), 0);
	CU_ASSERT_EQUAL(word, 20000);
	CU_ASSERT_EQUAL(peer_close(peer), 0);
}

/* A client that only asks is dropped, and the next one served. */
static void test_unread_replies(void)
{
	const struct vfio_user_region_access access = {0, VFIO_PCI_CONFIG_REGION_INDEX, 4096};
	struct peer *peer = peer_open(card);
	unsigned int sent = 0;

	while (sent < 100000 &&
	       peer_send(peer, VFIO_USER_REGION_READ, 0, &access, sizeof(access), NULL, 0))
		sent++;
	CU_ASSERT(sent < 100000);
	CU_ASSERT_EQUAL(peer->complaints, 1);
	CU_ASSERT_EQUAL(peer_close(peer), -ETIMEDOUT);
	peer = peer_open(card);
	CU_ASSERT_EQUAL(peer_close(peer), 0);
}

/* Complaints about one client have an end. */
static void test_complaints(void)
{
	struct peer *peer = peer_open(card);

	for (unsigned int i = 0; i < 100; i++)
		CU_ASSERT_EQUAL(peer_map(peer, 1, 4096, 0), EINVAL);
	CU_ASSERT_EQUAL(peer->complaints, 20);
	CU_ASSERT_EQUAL(peer_close(peer), 0);
}

static void test_descriptors(void)
{
	struct {
		struct vfio_user_header header;
		struct vfio_user_dma_map map;
	} maps[2] = {0};
	int fds[40], fd = peer_memory(4096);
	struct peer *peer = peer_open(card);

	for (unsigned int i = 0; i < 40; i++)
		fds[i] = fd;
	maps[0].map = (struct vfio_user_dma_map){
		.argsz = 32, .flags = VFIO_DMA_MAP_FLAG_READ, .addr = 1 << 30, .size = 4096};
	/* Where none belong, and two where one does: refused and closed. */
	CU_ASSERT_EQUAL(peer_call(peer, VFIO_USER_DEVICE_RESET, NULL, 0, fds, 3), EINVAL);
	CU_ASSERT_EQUAL(peer_call(peer, VFIO_USER_DMA_MAP, &maps[0].map, 32, fds, 2), EINVAL);
	CU_ASSERT_EQUAL(peer_call(peer, VFIO_USER_DEVICE_RESET, NULL, 0, fds, 16), EINVAL);
	/* Two messages in one read, the descriptor being that of the second. */
	for (unsigned int i = 0; i < 2; i++) {
		maps[i].header = (struct vfio_user_header){
			.id = (uint16_t)i, .command = VFIO_USER_DMA_MAP, .size = sizeof(maps[i])};
		maps[i].map = (struct vfio_user_dma_map){.argsz = 32,
							 .flags = VFIO_DMA_MAP_FLAG_READ,
							 .addr = i * 4096,
							 .size = 4096 << 4 * (1 - i)};
	}
	CU_ASSERT(peer_send_raw(peer, maps, sizeof(maps), fds, 1));
	/* The first had none and is taken as memory out of reach; with it, it is too long. */
	CU_ASSERT(peer_receive(peer));
	CU_ASSERT_EQUAL(peer->header.error, 0);
	CU_ASSERT(peer_receive(peer));
	CU_ASSERT_EQUAL(peer->header.error, 0);
	CU_ASSERT_EQUAL(peer_map(peer, 4096, 4096, fd), EEXIST);
	/* More than a message may have. */
	CU_ASSERT_EQUAL(peer_call(peer, VFIO_USER_DEVICE_RESET, NULL, 0, fds, 17), -1);
	CU_ASSERT_EQUAL(peer_close(peer), -EPROTO);
	/* As many in pieces of one message. */
	peer = peer_open(card);
	CU_ASSERT(peer_send_raw(peer, &maps[0], 8, fds, 10));
	CU_ASSERT(peer_send_raw(peer, (uint8_t *)&maps[0] + 8, 8, fds, 10));
	peer_send_raw(peer, (uint8_t *)&maps[0] + 16, 32, fds, 10);
	CU_ASSERT_FALSE(peer_receive(peer));
	CU_ASSERT_EQUAL(peer_close(peer), -EPROTO);
	/* With half a message the descriptors that came are let go too. */
	peer = peer_open(card);
	CU_ASSERT(peer_send_raw(peer, &maps[0], 20, fds, 16));
	CU_ASSERT_EQUAL(peer_close(peer), 0);
	close(fd);
}

int main(void)
{
	CU_TestInfo tests[] = {
		{"version", test_version},
		{"bad version", test_bad_version},
		{"unending version", test_unending_version},
		{"no version", test_no_version},
		{"info", test_info},
		{"region info", test_region_info},
		{"configuration space", test_config_space},
		{"BARs", test_bars},
		{"bad accesses", test_bad_accesses},
		{"many writes in a message", test_write_multi},
		{"reset", test_reset},
		{"unknown commands", test_unknown_commands},
		{"sizes", test_sizes},
		{"pieces", test_pieces},
		{"pipeline", test_pipeline},
		{"flood", test_flood},
		{"unread replies", test_unread_replies},
		{"complaints", test_complaints},
		{"descriptors", test_descriptors},
		CU_TEST_INFO_NULL,
	};

	return suite_run("vfio-user: messages", setup, teardown, tests);
}
