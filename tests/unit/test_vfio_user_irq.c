// SPDX-License-Identifier: MIT
/* MSI-X of a vfio-user client: eventfds, masks, and what is pending. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include <linux/pci_regs.h>

#include "abi/sl200_regs.h"
#include "tests/suite.h"
#include "tests/unit/test_chip_doubles.h"
#include "tests/unit/vfio_user_peer.h"

#define TRIGGER VFIO_IRQ_SET_ACTION_TRIGGER
#define MASK VFIO_IRQ_SET_ACTION_MASK
#define UNMASK VFIO_IRQ_SET_ACTION_UNMASK
#define NONE VFIO_IRQ_SET_DATA_NONE
#define BOOL VFIO_IRQ_SET_DATA_BOOL
#define EVENTFD VFIO_IRQ_SET_DATA_EVENTFD

static struct card *card;
static unsigned int fds_before;
static struct peer *peer;
static unsigned int msix; /* the capability */

static void set_config(unsigned int offset, uint16_t value)
{
	CU_ASSERT_EQUAL(peer_write(peer, VFIO_PCI_CONFIG_REGION_INDEX, offset, 2, &value), 0);
}

static int setup(void)
{
	const struct card_config config = {.dram_size = 64u << 20, .threads = 1};
	uint32_t at = PCI_CAPABILITY_LIST, value = 0;

	fds_before = peer_count_fds();
	if (card_create(&config, &card))
		return -1;
	card_config_read(card, at, 1, &at);
	while (!card_config_read(card, at, 2, &value) && (value & 0xff) != PCI_CAP_ID_MSIX)
		at = value >> 8;
	msix = at;
	return 0;
}

static int teardown(void)
{
	card_destroy(card);
	return peer_count_fds() == fds_before ? 0 : -1;
}

/* A client whose card runs and may send messages. */
static void begin(void)
{
	peer = peer_open(card);
	set_config(PCI_COMMAND, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	set_config(msix + PCI_MSIX_FLAGS, PCI_MSIX_FLAGS_ENABLE);
	double_boot(card);
}

static void end(void)
{
	CU_ASSERT_EQUAL(peer_close(peer), 0);
}

static void send(struct hal *hal, void *arg)
{
	hal_write(hal, SL200_SYS_MSIX_SEND, *(uint32_t *)arg);
}

/* Delivered when this returns, if it is to be. */
static void raise_vector(uint32_t vector)
{
	double_call(card, send, &vector);
}

static int new_eventfd(void)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	if (fd < 0)
		abort();
	return fd;
}

/* Signals since the last time. */
static uint64_t signals(int fd)
{
	eventfd_t value;

	return eventfd_read(fd, &value) ? 0 : value;
}

/* Wait for a signal that a thread of the card sends. */
static uint64_t signals_soon(int fd)
{
	uint64_t value = 0;

	for (int i = 0; i < 5000 && !(value = signals(fd)); i++)
		nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
	return value;
}

static void arm(uint32_t vector, int fd)
{
	CU_ASSERT_EQUAL(peer_set_irqs(peer, EVENTFD | TRIGGER, vector, 1, NULL, 0, &fd, fd >= 0),
			0);
}

static int act(uint32_t flags, uint32_t start, uint32_t count)
{
	return peer_set_irqs(peer, flags, start, count, NULL, 0, NULL, 0);
}

static void test_info(void)
{
	struct vfio_irq_info info = {.argsz = sizeof(info)}, got;

	begin();
	for (info.index = 0; info.index < VFIO_PCI_NUM_IRQS; info.index++) {
		CU_ASSERT_EQUAL(peer_call(peer, VFIO_USER_DEVICE_GET_IRQ_INFO, &info, sizeof(info),
					  NULL, 0),
				0);
		memcpy(&got, peer->payload, sizeof(got));
		CU_ASSERT_EQUAL(got.index, info.index);
		CU_ASSERT_EQUAL(got.count, info.index == VFIO_PCI_MSIX_IRQ_INDEX ? 64 : 0);
		CU_ASSERT_FALSE(got.flags & VFIO_IRQ_INFO_NORESIZE);
	}
	CU_ASSERT_EQUAL(
		peer_call(peer, VFIO_USER_DEVICE_GET_IRQ_INFO, &info, sizeof(info), NULL, 0),
		EINVAL);
	info.index = 2;
	info.argsz = 15;
	CU_ASSERT_EQUAL(
		peer_call(peer, VFIO_USER_DEVICE_GET_IRQ_INFO, &info, sizeof(info), NULL, 0),
		EINVAL);
	end();
}

/* All vectors, sixteen a message, each its own. */
static void test_vectors(void)
{
	int fds[CARD_NUM_VECTORS];

	begin();
	for (unsigned int i = 0; i < CARD_NUM_VECTORS; i++)
		fds[i] = new_eventfd();
	for (unsigned int i = 0; i < CARD_NUM_VECTORS; i += VFIO_USER_MAX_FDS)
		CU_ASSERT_EQUAL(peer_set_irqs(peer, EVENTFD | TRIGGER, i, VFIO_USER_MAX_FDS, NULL,
					      0, fds + i, VFIO_USER_MAX_FDS),
				0);
	for (uint32_t v = 0; v < CARD_NUM_VECTORS; v++) {
		raise_vector(v);
		raise_vector(v);
		for (unsigned int i = 0; i < CARD_NUM_VECTORS; i++)
			CU_ASSERT_EQUAL(signals(fds[i]), i == v ? 2 : 0);
	}
	raise_vector(CARD_NUM_VECTORS);
	/* A message without descriptors disarms; what comes then waits for the next. */
	CU_ASSERT_EQUAL(act(EVENTFD | TRIGGER, 8, 2), 0);
	raise_vector(8);
	raise_vector(8);
	raise_vector(10);
	CU_ASSERT_EQUAL(signals(fds[8]), 0);
	CU_ASSERT_EQUAL(signals(fds[10]), 1);
	arm(8, fds[9]);
	CU_ASSERT_EQUAL(signals(fds[9]), 1);
	/* Another eventfd in place of one. */
	arm(8, fds[8]);
	raise_vector(8);
	CU_ASSERT_EQUAL(signals(fds[8]), 1);
	CU_ASSERT_EQUAL(signals(fds[9]), 0);
	end();
	for (unsigned int i = 0; i < CARD_NUM_VECTORS; i++)
		close(fds[i]);
}

static void test_masks(void)
{
	const uint8_t some[] = {0, 1, 0};
	int fd = new_eventfd(), spared = new_eventfd();

	begin();
	arm(5, fd);
	CU_ASSERT_EQUAL(act(NONE | MASK, 4, 3), 0);
	raise_vector(5);
	raise_vector(5);
	CU_ASSERT_EQUAL(signals(fd), 0);
	CU_ASSERT_EQUAL(act(NONE | UNMASK, 4, 1), 0);
	CU_ASSERT_EQUAL(signals(fd), 0);
	CU_ASSERT_EQUAL(peer_set_irqs(peer, BOOL | UNMASK, 4, 3, some, 3, NULL, 0), 0);
	CU_ASSERT_EQUAL(signals(fd), 1);
	raise_vector(5);
	CU_ASSERT_EQUAL(signals(fd), 1);
	/* Of several vectors those that are meant. */
	CU_ASSERT_EQUAL(peer_set_irqs(peer, BOOL | MASK, 4, 3, some, 3, NULL, 0), 0);
	arm(4, spared);
	raise_vector(4);
	CU_ASSERT_EQUAL(signals(spared), 1);
	/* An eventfd that is new does not undo a mask. */
	raise_vector(5);
	arm(5, fd);
	CU_ASSERT_EQUAL(signals(fd), 0);
	CU_ASSERT_EQUAL(act(NONE | UNMASK, 0, CARD_NUM_VECTORS), 0);
	CU_ASSERT_EQUAL(signals(fd), 1);
	/* By hand. */
	CU_ASSERT_EQUAL(act(NONE | TRIGGER, 5, 1), 0);
	CU_ASSERT_EQUAL(peer_set_irqs(peer, BOOL | TRIGGER, 4, 3, some, 3, NULL, 0), 0);
	CU_ASSERT_EQUAL(signals(fd), 2);
	/* Disabling drops masks, eventfds and what is pending. */
	CU_ASSERT_EQUAL(act(NONE | MASK, 5, 1), 0);
	raise_vector(5);
	CU_ASSERT_EQUAL(act(NONE | TRIGGER, 0, 0), 0);
	arm(5, fd);
	CU_ASSERT_EQUAL(signals(fd), 0);
	raise_vector(5);
	CU_ASSERT_EQUAL(signals(fd), 1);
	end();
	close(spared);
	close(fd);
}

/* What the function's own bits hold back. */
static void test_function(void)
{
	int fd = new_eventfd();

	begin();
	arm(1, fd);
	set_config(msix + PCI_MSIX_FLAGS, PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL);
	raise_vector(1);
	CU_ASSERT_EQUAL(signals(fd), 0);
	set_config(msix + PCI_MSIX_FLAGS, PCI_MSIX_FLAGS_ENABLE);
	CU_ASSERT_EQUAL(signals_soon(fd), 1);
	set_config(PCI_COMMAND, PCI_COMMAND_MEMORY);
	raise_vector(1);
	CU_ASSERT_EQUAL(signals(fd), 0);
	set_config(PCI_COMMAND, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	CU_ASSERT_EQUAL(signals_soon(fd), 1);
	set_config(msix + PCI_MSIX_FLAGS, 0);
	raise_vector(1);
	set_config(msix + PCI_MSIX_FLAGS, PCI_MSIX_FLAGS_ENABLE);
	raise_vector(1);
	CU_ASSERT_EQUAL(signals(fd), 1); /* the one while disabled is lost */
	/* Eventfds outlive a reset; nothing pending does. */
	CU_ASSERT_EQUAL(act(NONE | MASK, 1, 1), 0);
	raise_vector(1);
	CU_ASSERT_EQUAL(peer_call(peer, VFIO_USER_DEVICE_RESET, NULL, 0, NULL, 0), 0);
	CU_ASSERT_EQUAL(act(NONE | UNMASK, 1, 1), 0);
	CU_ASSERT_EQUAL(signals(fd), 0);
	set_config(PCI_COMMAND, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	set_config(msix + PCI_MSIX_FLAGS, PCI_MSIX_FLAGS_ENABLE);
	double_boot(card);
	raise_vector(1);
	CU_ASSERT_EQUAL(signals(fd), 1);
	end();
	close(fd);
}

/* A client that leaves is signalled no more, and the card's own table counts again. */
static void test_leave(void)
{
	int fd = new_eventfd(), next = new_eventfd();

	begin();
	arm(1, fd);
	end();
	begin();
	raise_vector(1);
	CU_ASSERT_EQUAL(signals(fd), 0);
	arm(1, next);
	CU_ASSERT_EQUAL(signals(next), 1);
	end();
	close(fd);
	close(next);
}

/* An eventfd that nobody reads holds nobody up, whatever its owner made of it. */
static void test_full(void)
{
	int fd = eventfd(0, EFD_CLOEXEC);

	begin();
	CU_ASSERT_EQUAL(eventfd_write(fd, UINT64_MAX - 1), 0);
	arm(3, fd);
	raise_vector(3);
	raise_vector(3);
	CU_ASSERT_EQUAL(signals(fd), UINT64_MAX - 1);
	raise_vector(3);
	CU_ASSERT_EQUAL(signals(fd), 1);
	end();
	close(fd);
}

static void test_bad(void)
{
	struct vfio_irq_set set = {.argsz = 20, .flags = NONE | TRIGGER, .index = 5};
	int fds[2] = {new_eventfd(), peer_memory(4096)}, pipes[2];
	const uint8_t bytes[4] = {1, 1, 1, 1};

	begin();
	CU_ASSERT_FATAL(!pipe(pipes));
	arm(0, fds[0]);
	/* Vectors that are not there. */
	CU_ASSERT_EQUAL(act(NONE | TRIGGER, 64, 1), EINVAL);
	CU_ASSERT_EQUAL(act(NONE | MASK, 63, 2), EINVAL);
	CU_ASSERT_EQUAL(act(NONE | MASK, UINT32_MAX, 2), EINVAL);
	CU_ASSERT_EQUAL(act(NONE | MASK, 1, UINT32_MAX), EINVAL);
	/* None or two of what must be one. */
	CU_ASSERT_EQUAL(act(TRIGGER, 0, 1), EINVAL);
	CU_ASSERT_EQUAL(act(NONE, 0, 1), EINVAL);
	CU_ASSERT_EQUAL(act(NONE | BOOL | TRIGGER, 0, 1), EINVAL);
	CU_ASSERT_EQUAL(act(NONE | MASK | UNMASK, 0, 1), EINVAL);
	CU_ASSERT_EQUAL(act(NONE | TRIGGER | 0x40, 0, 1), EINVAL);
	CU_ASSERT_EQUAL(act(EVENTFD | UNMASK, 0, 1), EINVAL);
	/* Data of another length. */
	CU_ASSERT_EQUAL(peer_set_irqs(peer, BOOL | TRIGGER, 0, 4, bytes, 3, NULL, 0), EINVAL);
	CU_ASSERT_EQUAL(peer_set_irqs(peer, BOOL | TRIGGER, 0, 3, bytes, 4, NULL, 0), EINVAL);
	/* Descriptors: the wrong number, the wrong kind, where none belong. */
	CU_ASSERT_EQUAL(peer_set_irqs(peer, EVENTFD | TRIGGER, 0, 2, NULL, 0, fds, 1), EINVAL);
	CU_ASSERT_EQUAL(peer_set_irqs(peer, EVENTFD | TRIGGER, 0, 1, NULL, 0, fds, 2), EINVAL);
	CU_ASSERT_EQUAL(peer_set_irqs(peer, EVENTFD | TRIGGER, 0, 2, NULL, 0, fds, 2), EINVAL);
	CU_ASSERT_EQUAL(peer_set_irqs(peer, EVENTFD | TRIGGER, 0, 2, NULL, 0, pipes, 2), EINVAL);
	CU_ASSERT_EQUAL(peer_set_irqs(peer, NONE | MASK, 0, 1, NULL, 0, fds, 1), EINVAL);
	/* Indexes, sizes. */
	CU_ASSERT_EQUAL(peer_call(peer, VFIO_USER_DEVICE_SET_IRQS, &set, sizeof(set), NULL, 0),
			EINVAL);
	set.index = VFIO_PCI_INTX_IRQ_INDEX;
	CU_ASSERT_EQUAL(peer_call(peer, VFIO_USER_DEVICE_SET_IRQS, &set, sizeof(set), NULL, 0), 0);
	set.count = 1;
	CU_ASSERT_EQUAL(peer_call(peer, VFIO_USER_DEVICE_SET_IRQS, &set, sizeof(set), NULL, 0),
			EINVAL);
	set.argsz = 19;
	CU_ASSERT_EQUAL(peer_call(peer, VFIO_USER_DEVICE_SET_IRQS, &set, sizeof(set), NULL, 0),
			EINVAL);
	CU_ASSERT_EQUAL(peer_call(peer, VFIO_USER_DEVICE_SET_IRQS, &set, 19, NULL, 0), EINVAL);
	/* Nothing of this has changed anything. */
	raise_vector(0);
	CU_ASSERT_EQUAL(signals(fds[0]), 1);
	end();
	close(fds[0]);
	close(fds[1]);
	close(pipes[0]);
	close(pipes[1]);
}

int main(void)
{
	CU_TestInfo tests[] = {
		{"info", test_info},	    {"vectors", test_vectors},
		{"masks", test_masks},	    {"the function's bits", test_function},
		{"leaving", test_leave},    {"full eventfd", test_full},
		{"bad requests", test_bad}, CU_TEST_INFO_NULL,
	};

	return suite_run("vfio-user: interrupts", setup, teardown, tests);
}
