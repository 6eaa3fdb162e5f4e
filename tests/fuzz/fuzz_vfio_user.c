// SPDX-License-Identifier: MIT
/*
 * A client of the vfio-user server that says what it likes, with descriptors of what it likes. The
 * card behind the server is a double that checks how it is called. By the first byte of the input:
 *
 * - Messages: a sequence of them, mostly in order, is in the socket when the server begins. It must
 *   answer with whole replies or drop the client, and leave the card and this process as they were.
 * - Memory: maps and unmaps, after each of which the card reaches exactly what a simple model says,
 *   through files that may shrink at any time.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/vfio.h>

#include "sim/card/vfio_user_client.h"
#include "sim/card/vfio_user_dma.h"
#include "sim/card/vfio_user_proto.h"
#include "tests/fuzz/fuzz_input.h"

#define PAGE 4096ull
#define BUS 0x100000ull
#define MAX_MESSAGES 64u
#define MAX_STEPS 100u
#define SOCKET_ROOM (1 << 20)

/* ------------------------------------------------------ the card's double */

/* The pages of the bus that memory tests use, and two at the ends of the address space. */
#define PAGES 64u

struct card {
	struct {
		uint8_t *vaddr;
		unsigned int prot;
		uint64_t region; /* its first address */
		uint64_t size;
	} page[PAGES];
	unsigned int handlers;
	unsigned int resets;
	bool emulated;
};

static struct card card;

/* Page n of the bus: from BUS on, and the last of all at the top. */
static uint64_t bus_of(unsigned int n)
{
	return n < PAGES / 2 ? BUS + n * PAGE : (uint64_t)n * PAGE - PAGES * PAGE;
}

int card_config_read(struct card *c, unsigned int offset, unsigned int size, uint32_t *value)
{
	FUZZ_CHECK((size == 1 || size == 2 || size == 4) && offset % size == 0 &&
		   offset + size <= 4096);
	*value = offset;
	return 0;
}

int card_config_write(struct card *c, unsigned int offset, unsigned int size, uint32_t value)
{
	uint32_t unused;

	return card_config_read(c, offset, size, &unused);
}

uint64_t card_bar_size(struct card *c, unsigned int bar)
{
	return bar % 2 ? 0 : 65536ull << 2 * bar;
}

int card_bar_read(struct card *c, unsigned int bar, uint64_t offset, unsigned int size,
		  uint64_t *value)
{
	FUZZ_CHECK(bar < 6 && size <= 8 && offset + size <= card_bar_size(c, bar));
	*value = UINT64_MAX;
	return offset % size ? -EINVAL : 0;
}

int card_bar_write(struct card *c, unsigned int bar, uint64_t offset, unsigned int size,
		   uint64_t value)
{
	uint64_t unused;

	return card_bar_read(c, bar, offset, size, &unused);
}

int card_dma_map(struct card *c, uint64_t bus, void *vaddr, size_t size, unsigned int prot)
{
	FUZZ_CHECK(size && !((bus | size | (uintptr_t)vaddr) % PAGE) && bus + (size - 1) >= bus);
	FUZZ_CHECK(prot && prot <= (CARD_DMA_READ | CARD_DMA_WRITE));
	for (unsigned int n = 0; n < PAGES; n++)
		if (bus_of(n) - bus < size && c->page[n].vaddr)
			return -EEXIST;
	for (unsigned int n = 0; n < PAGES; n++) {
		if (bus_of(n) - bus >= size)
			continue;
		c->page[n].vaddr = (uint8_t *)vaddr + (bus_of(n) - bus);
		c->page[n].prot = prot;
		c->page[n].region = bus;
		c->page[n].size = size;
	}
	return 0;
}

/* Regions as a whole only. */
int card_dma_unmap(struct card *c, uint64_t bus, size_t size)
{
	FUZZ_CHECK(size && !((bus | size) % PAGE) && bus + (size - 1) >= bus);
	for (unsigned int n = 0; n < PAGES; n++) {
		if (bus_of(n) - bus >= size || !c->page[n].vaddr)
			continue;
		FUZZ_CHECK(c->page[n].region >= bus &&
			   c->page[n].region + (c->page[n].size - 1) <= bus + (size - 1));
		c->page[n].vaddr = NULL;
	}
	return 0;
}

int card_set_irq(struct card *c, unsigned int vector, void (*fn)(void *arg), void *arg)
{
	FUZZ_CHECK(vector < CARD_NUM_VECTORS);
	c->handlers += fn ? 1 : -1;
	if (fn)
		fn(arg); /* a message that comes at once */
	return 0;
}

void card_set_table_emulated(struct card *c, bool emulated)
{
	c->emulated = emulated;
}

int card_reset(struct card *c)
{
	c->resets++;
	return 0;
}

/* ---------------------------------------------------------------- messages */

enum { FILE_MEMORY, FILE_READ_ONLY, FILE_EVENT, FILE_PIPE, FILE_GROWN, FILES };

/* What may come along with a message. The client holds them on as well. */
static int files[FILES];

static void open_files(void)
{
	int pipes[2];
	char path[32];

	FUZZ_CHECK(!pipe2(pipes, O_CLOEXEC));
	close(pipes[0]);
	files[FILE_PIPE] = pipes[1];
	files[FILE_EVENT] = eventfd(0, EFD_CLOEXEC);
	files[FILE_MEMORY] = memfd_create("a", MFD_CLOEXEC);
	files[FILE_GROWN] = memfd_create("b", MFD_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", files[FILE_MEMORY]);
	files[FILE_READ_ONLY] = open(path, O_RDONLY | O_CLOEXEC);
	for (int i = 0; i < FILES; i++)
		FUZZ_CHECK(files[i] >= 0);
	FUZZ_CHECK(!ftruncate(files[FILE_MEMORY], 16 * PAGE));
}

struct conversation {
	struct fuzz_input in;
	int fd;
	uint8_t message[512];
	size_t size;
};

static void put(struct conversation *c, const void *bytes, size_t size)
{
	if (size > sizeof(c->message) - c->size)
		return;
	memcpy(c->message + c->size, bytes, size);
	c->size += size;
}

/* Around the places where things happen. */
static uint64_t pick_address(struct fuzz_input *in)
{
	uint8_t how = fuzz_u8(in);

	switch (how >> 6) {
	case 0:
		return (uint64_t)(how & 63) * PAGE;
	case 1:
		return 0 - (uint64_t)(how & 63) * PAGE;
	case 2:
		return how & 63;
	default:
		return fuzz_u64(in);
	}
}

static void put_region_access(struct conversation *c, bool write)
{
	static const uint32_t counts[] = {4, 4, 4, 8, 1, 2, 3, 4096, 65536, 65537, 0};
	struct vfio_user_region_access access = {
		.offset = pick_address(&c->in),
		.region = fuzz_u8(&c->in) % 10,
		.count = counts[fuzz_u8(&c->in) % (sizeof(counts) / sizeof(counts[0]))]};

	put(c, &access, sizeof(access));
	for (uint32_t i = 0; write && i < access.count && i < 16; i++)
		put(c, "\x5a", 1);
}

static void put_payload(struct conversation *c, uint16_t command)
{
	struct fuzz_input *in = &c->in;

	switch (command) {
	case VFIO_USER_VERSION:
		put(c, &(struct vfio_user_version){fuzz_u8(in) / 200, fuzz_u8(in)}, 4);
		if (fuzz_u8(in) & 1)
			put(c, "{\"capabilities\":{\"max_msg_fds\":8}}", 35);
		break;
	case VFIO_USER_DMA_MAP: {
		uint8_t flags = fuzz_u8(in);

		put(c,
		    &(struct vfio_user_dma_map){flags & 0x80 ? fuzz_u8(in) : 32, flags & 7,
						pick_address(in), pick_address(in),
						pick_address(in)},
		    32);
		break;
	}
	case VFIO_USER_DMA_UNMAP: {
		uint8_t flags = fuzz_u8(in);

		put(c,
		    &(struct vfio_user_dma_unmap){flags & 0x80 ? fuzz_u8(in) : 24, flags & 7,
						  pick_address(in), pick_address(in)},
		    24);
		break;
	}
	case VFIO_USER_DEVICE_GET_INFO:
		put(c, &(struct vfio_user_device_info){.argsz = 12 + fuzz_u8(in) % 8}, 16);
		break;
	case VFIO_USER_DEVICE_GET_REGION_INFO: {
		uint32_t argsz = 28 + fuzz_u8(in) % 8;

		put(c, &(struct vfio_region_info){.argsz = argsz, .index = fuzz_u8(in)}, 32);
		break;
	}
	case VFIO_USER_DEVICE_GET_IRQ_INFO: {
		uint32_t argsz = 12 + fuzz_u8(in) % 8;

		put(c, &(struct vfio_irq_info){.argsz = argsz, .index = fuzz_u8(in)}, 16);
		break;
	}
	case VFIO_USER_DEVICE_SET_IRQS: {
		struct vfio_irq_set set = {.argsz = 20, .flags = fuzz_u8(in), .index = 2};
		uint8_t how = fuzz_u8(in);

		set.start = how & 0x80 ? fuzz_u32(in) : how & 63;
		set.count = how & 0x40 ? fuzz_u32(in) : fuzz_u8(in) & 31;
		put(c, &set, sizeof(set));
		for (unsigned int n = fuzz_u8(in) & 31; n; n--)
			put(c, "\1", 1);
		break;
	}
	case VFIO_USER_REGION_READ:
		put_region_access(c, false);
		break;
	case VFIO_USER_REGION_WRITE:
		put_region_access(c, true);
		break;
	case VFIO_USER_REGION_WRITE_MULTI: {
		uint64_t count = fuzz_u8(in);

		put(c, &count, sizeof(count));
		for (count &= 15; count; count--) {
			uint32_t size = fuzz_u8(in) % 10, region = fuzz_u8(in) % 9;

			put(c, &(struct vfio_user_write){pick_address(in), region, size, {0}}, 24);
		}
		break;
	}
	}
}

/* Returns false when the socket takes no more. */
static bool send_message(struct conversation *c, uint16_t id)
{
	static const uint16_t commands[] = {2, 2, 3, 3, 4, 5, 7, 8, 8, 9, 10, 13, 15, 1, 6, 0};
	uint8_t op = fuzz_u8(&c->in), twist = fuzz_u8(&c->in);
	struct vfio_user_header header = {.id = id,
					  .command = id ? commands[op & 15] : VFIO_USER_VERSION};
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(20 * sizeof(int))];
	} control = {0};
	struct iovec iov = {c->message, 0};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
	unsigned int fds = op >> 4;

	c->size = 0;
	put(c, &header, sizeof(header));
	put_payload(c, header.command);
	header.size = (uint32_t)c->size;
	if (twist & 1)
		header.flags = VFIO_USER_F_NO_REPLY;
	switch (twist >> 4) {
	case 1:
		header.flags = fuzz_u8(&c->in);
		break;
	case 2: /* more or less than there is */
		header.size += (uint32_t)fuzz_u8(&c->in) - 128;
		break;
	case 3:
		header.size = fuzz_u32(&c->in);
		break;
	case 4: /* cut off, with what follows in its place */
		c->size -= fuzz_u8(&c->in) % c->size;
		break;
	case 5: /* any bytes at all */
		for (unsigned int i = 16; i < c->size; i++)
			c->message[i] ^= fuzz_u8(&c->in);
		break;
	case 6:
		fds += 5;
		break;
	}
	memcpy(c->message, &header, c->size < sizeof(header) ? c->size : sizeof(header));
	iov.iov_len = c->size;
	if (fds) {
		struct cmsghdr *cmsg;

		msg.msg_control = control.space;
		msg.msg_controllen = CMSG_SPACE(fds * sizeof(int));
		cmsg = CMSG_FIRSTHDR(&msg);
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(fds * sizeof(int));
		for (unsigned int i = 0; i < fds; i++) {
			int which = header.command == VFIO_USER_DEVICE_SET_IRQS ? FILE_EVENT
										: FILE_MEMORY;

			if (twist & 8)
				which = fuzz_u8(&c->in) % FILES;
			memcpy(CMSG_DATA(cmsg) + i * sizeof(int), &files[which], sizeof(int));
		}
	}
	return sendmsg(c->fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)c->size;
}

/* Replies are whole, and nothing else comes. */
static void check_replies(int fd, int result)
{
	static uint8_t payload[VFIO_USER_MAX_MESSAGE];
	struct vfio_user_header header;
	ssize_t n;

	while ((n = recv(fd, &header, sizeof(header), MSG_DONTWAIT)) == sizeof(header)) {
		size_t left;

		FUZZ_CHECK((header.flags & VFIO_USER_F_TYPE_MASK) == VFIO_USER_F_REPLY);
		FUZZ_CHECK(!(header.flags & VFIO_USER_F_ERROR) == !header.error);
		FUZZ_CHECK(header.size >= sizeof(header) && header.size <= VFIO_USER_MAX_MESSAGE);
		left = header.size - sizeof(header);
		n = left ? recv(fd, payload, left, MSG_DONTWAIT | MSG_WAITALL) : 0;
		if (n != (ssize_t)left)
			break;
	}
	/* A reply that is cut off is the last one of a client that did not read. */
	FUZZ_CHECK(n <= 0 || result == -ETIMEDOUT);
}

static void run_messages(struct fuzz_input in)
{
	const struct vfio_user_options options = {0};
	int pair[2], room = SOCKET_ROOM, lowest = dup(0), result, after;
	struct conversation c = {.in = in};

	close(lowest);
	FUZZ_CHECK(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
	setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	setsockopt(pair[1], SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	c.fd = pair[0];
	for (unsigned int n = 0; c.in.left && n < MAX_MESSAGES; n++)
		if (!send_message(&c, (uint16_t)n))
			break;
	shutdown(pair[0], SHUT_WR);
	memset(&card, 0, sizeof(card));

	result = vfio_user_serve(&card, pair[1], &options);

	FUZZ_CHECK(result == 0 || result == -EPROTO || result == -ETIMEDOUT);
	FUZZ_CHECK(card.resets >= 1 && !card.handlers && !card.emulated);
	for (unsigned int n = 0; n < PAGES; n++)
		FUZZ_CHECK(!card.page[n].vaddr);
	check_replies(pair[0], result);
	close(pair[0]);
	close(pair[1]);
	after = dup(0);
	close(after);
	FUZZ_CHECK(after == lowest);
}

/* ------------------------------------------------------------------ memory */

/* What the card should reach at each page of the bus. */
struct expected {
	bool mapped;
	unsigned int prot;
	unsigned int file;
	unsigned int page;
};

#define MEMORY_FILES 2u
#define FILE_PAGES 40u

struct memory {
	struct fuzz_input in;
	struct vfio_user_dma dma;
	struct expected expected[PAGES];
	int fd[MEMORY_FILES];
	unsigned int pages[MEMORY_FILES]; /* of the file as it is now */
};

static void tag_file(struct memory *m, unsigned int file)
{
	for (uint32_t page = 0; page < m->pages[file]; page++) {
		uint32_t tag = 1000 * (file + 1) + page;

		FUZZ_CHECK(pwrite(m->fd[file], &tag, sizeof(tag), (off_t)(page * PAGE)) ==
			   sizeof(tag));
	}
}

static void map_pages(struct memory *m)
{
	unsigned int file = fuzz_u8(&m->in) % MEMORY_FILES, first = fuzz_u8(&m->in) % PAGES;
	unsigned int count = 1 + fuzz_u8(&m->in) % 12, offset = fuzz_u8(&m->in) % FILE_PAGES;
	unsigned int prot = 1 + fuzz_u8(&m->in) % 3;
	struct vfio_user_dma_map map = {.flags = prot,
					.offset = offset * PAGE,
					.addr = bus_of(first),
					.size = count * PAGE};
	bool inside = offset + count <= m->pages[file];
	bool wraps = first >= PAGES / 2 && first + count > PAGES;
	bool taken = false;
	int rc = vfio_user_dma_map(&m->dma, &map, m->fd[file]);

	for (unsigned int n = 0; n < PAGES; n++)
		taken |= m->expected[n].mapped && bus_of(n) - map.addr < map.size;
	FUZZ_CHECK(rc == (!inside || wraps ? -EINVAL : taken ? -EEXIST : 0));
	for (unsigned int n = 0; !rc && n < PAGES; n++) {
		uint64_t at = bus_of(n) - map.addr;

		if (at < map.size)
			m->expected[n] = (struct expected){true, prot, file,
							   offset + (unsigned int)(at / PAGE)};
	}
}

static void unmap_pages(struct memory *m)
{
	uint64_t addr = bus_of(fuzz_u8(&m->in) % PAGES), size = PAGE;
	uint8_t how = fuzz_u8(&m->in);
	uint64_t last;

	if (how & 0x80)
		size = fuzz_u64(&m->in);
	else
		size *= how;
	if (how == 0x7f)
		addr += fuzz_u8(&m->in);
	vfio_user_dma_unmap(&m->dma, addr, size);
	if (!size)
		return;
	last = addr + (size - 1) < addr ? UINT64_MAX : addr + (size - 1);
	for (unsigned int n = 0; n < PAGES; n++)
		if (bus_of(n) <= last && bus_of(n) + (PAGE - 1) >= addr)
			m->expected[n].mapped = false;
}

static void resize_file(struct memory *m)
{
	unsigned int file = fuzz_u8(&m->in) % MEMORY_FILES;

	m->pages[file] = fuzz_u8(&m->in) % (FILE_PAGES + 1);
	FUZZ_CHECK(!ftruncate(m->fd[file], (off_t)(m->pages[file] * PAGE)));
	tag_file(m, file);
}

/* Returns false when the memory is gone, and with it the client. */
static bool check_memory(struct memory *m)
{
	for (unsigned int n = 0; n < PAGES; n++) {
		const struct expected *e = &m->expected[n];
		uint32_t tag;

		FUZZ_CHECK(e->mapped == (card.page[n].vaddr != NULL));
		if (!e->mapped)
			continue;
		FUZZ_CHECK(card.page[n].prot == e->prot);
		tag = *(volatile uint32_t *)card.page[n].vaddr;
		if (atomic_load(&m->dma.lost)) {
			FUZZ_CHECK(e->page >= m->pages[e->file]);
			return false;
		}
		FUZZ_CHECK(tag == 1000 * (e->file + 1) + e->page);
	}
	return true;
}

static void run_memory(struct fuzz_input in)
{
	struct memory m = {.in = in};
	int pair[2], lowest = dup(0), after;
	bool there = true;

	close(lowest);
	memset(&card, 0, sizeof(card));
	FUZZ_CHECK(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
	for (unsigned int i = 0; i < MEMORY_FILES; i++) {
		m.fd[i] = memfd_create("m", MFD_CLOEXEC);
		m.pages[i] = FILE_PAGES;
		FUZZ_CHECK(m.fd[i] >= 0 && !ftruncate(m.fd[i], (off_t)(FILE_PAGES * PAGE)));
		tag_file(&m, i);
	}
	vfio_user_dma_init(&m.dma, &card, pair[0]);
	for (unsigned int n = 0; m.in.left && there && n < MAX_STEPS; n++) {
		uint8_t op = fuzz_u8(&m.in);

		if (op % 16 < 9)
			map_pages(&m);
		else if (op % 16 < 15)
			unmap_pages(&m);
		else
			resize_file(&m);
		there = check_memory(&m);
	}
	vfio_user_dma_destroy(&m.dma);
	for (unsigned int n = 0; n < PAGES; n++)
		FUZZ_CHECK(!card.page[n].vaddr);
	/* The client's socket is shut down when, and only when, its memory went away. */
	FUZZ_CHECK((recv(pair[1], &(char){0}, 1, MSG_DONTWAIT) == 0) == !there);
	for (unsigned int i = 0; i < MEMORY_FILES; i++)
		close(m.fd[i]);
	close(pair[0]);
	close(pair[1]);
	after = dup(0);
	close(after);
	FUZZ_CHECK(after == lowest);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = {data, size};

	if (!files[FILE_EVENT])
		open_files();
	/* Of a size of its own, from the last input's. */
	FUZZ_CHECK(!ftruncate(files[FILE_GROWN], (off_t)(size * PAGE)));
	if (fuzz_u8(&in) & 1)
		run_memory(in);
	else
		run_messages(in);
	return 0;
}
