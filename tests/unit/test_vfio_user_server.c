// SPDX-License-Identifier: MIT
/* Cards behind listening sockets: the socket files, and who is served. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <linux/pci_regs.h>

#include "sim/card/vfio_user_server.h"
#include "tests/suite.h"
#include "tests/unit/test_chip_doubles.h"
#include "tests/unit/vfio_user_peer.h"

#define CARDS 3

static char folder[] = "/tmp/sl200-server-XXXXXX";
static struct card *cards[CARDS];
static atomic_uint departures;
static atomic_uint complaints;
static unsigned int fds_before;

static int setup(void)
{
	const struct card_config config = {.dram_size = 64u << 20, .threads = 1};

	fds_before = peer_count_fds();
	if (!mkdtemp(folder))
		return -1;
	for (unsigned int i = 0; i < CARDS; i++)
		if (card_create(&config, &cards[i]))
			return -1;
	return 0;
}

static int teardown(void)
{
	for (unsigned int i = 0; i < CARDS; i++)
		card_destroy(cards[i]);
	/* Nothing was left in the folder. */
	return rmdir(folder) || peer_count_fds() != fds_before ? -1 : 0;
}

static void on_left(void *arg)
{
	atomic_fetch_add(&departures, 1);
}

static void on_complaint(void *arg, const char *line)
{
	atomic_fetch_add(&complaints, 1);
}

static const char *path_of(unsigned int n)
{
	static char path[64];

	snprintf(path, sizeof(path), "%s/card%u", folder, n);
	return path;
}

static int serve(const char *path, unsigned int n, struct vfio_user_server **server)
{
	const struct vfio_user_server_config config = {
		.path = path,
		.options = {.log = on_complaint, .timeout_ms = PEER_TIMEOUT_MS},
		.left = on_left,
	};

	return vfio_user_server_create(&config, cards[n], server);
}

static int dial(const char *path)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	const struct timeval wait = {.tv_sec = 60};

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", path);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	if (connect(fd, (struct sockaddr *)&addr, sizeof(addr))) {
		close(fd);
		return -1;
	}
	return fd;
}

/* Let the server take whoever waits. */
static void admit(struct vfio_user_server *server)
{
	struct pollfd pfd = {.fd = vfio_user_server_fd(server), .events = POLLIN};

	CU_ASSERT_EQUAL(poll(&pfd, 1, 60000), 1);
	vfio_user_server_accept(server);
}

/* Whether versions can be exchanged: the first time only. */
static bool greet(int fd)
{
	const struct {
		struct vfio_user_header header;
		struct vfio_user_version version;
	} hello = {{.command = VFIO_USER_VERSION, .size = sizeof(hello)},
		   {VFIO_USER_MAJOR, VFIO_USER_MINOR}};
	struct vfio_user_header reply;
	char text[512];

	if (send(fd, &hello, sizeof(hello), MSG_NOSIGNAL) != sizeof(hello) ||
	    recv(fd, &reply, sizeof(reply), MSG_WAITALL) != sizeof(reply))
		return false;
	if (reply.size > sizeof(reply) && reply.size < sizeof(reply) + sizeof(text) &&
	    recv(fd, text, reply.size - sizeof(reply), MSG_WAITALL) <= 0)
		return false;
	return reply.flags == VFIO_USER_F_REPLY;
}

static void wait_departures(unsigned int count)
{
	for (int i = 0; i < 60000 && atomic_load(&departures) < count; i++)
		usleep(1000);
	CU_ASSERT_EQUAL(atomic_load(&departures), count);
}

static void test_files(void)
{
	struct vfio_user_server *server, *second;
	char path[64], longest[200];
	struct stat st;
	int fd;

	snprintf(path, sizeof(path), "%s", path_of(0));
	CU_ASSERT_EQUAL_FATAL(serve(path, 0, &server), 0);
	CU_ASSERT_EQUAL(stat(path, &st), 0);
	CU_ASSERT(S_ISSOCK(st.st_mode));
	CU_ASSERT_EQUAL(st.st_mode & 07777, 0600);
	/* Somebody listens here. */
	CU_ASSERT_EQUAL(serve(path, 1, &second), -EADDRINUSE);
	CU_ASSERT_EQUAL(stat(path, &st), 0);
	admit(server); /* the look that the second one took */
	vfio_user_server_destroy(server);
	CU_ASSERT_EQUAL(stat(path, &st), -1);

	/* A socket file that somebody left behind is replaced. */
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	{
		struct sockaddr_un addr = {.sun_family = AF_UNIX};

		snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", path);
		CU_ASSERT_EQUAL(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	}
	close(fd);
	CU_ASSERT_EQUAL(serve(path, 0, &server), 0);
	/* One that was put in its place meanwhile is not removed. */
	CU_ASSERT_EQUAL(unlink(path), 0);
	CU_ASSERT_EQUAL(serve(path, 1, &second), 0);
	vfio_user_server_destroy(server);
	CU_ASSERT_EQUAL(stat(path, &st), 0);
	vfio_user_server_destroy(second);
	CU_ASSERT_EQUAL(stat(path, &st), -1);

	/* No socket at all: not touched. */
	fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
	CU_ASSERT(fd >= 0 && write(fd, "mine", 4) == 4);
	close(fd);
	CU_ASSERT_EQUAL(serve(path, 0, &server), -EEXIST);
	CU_ASSERT(!stat(path, &st) && st.st_size == 4);
	unlink(path);
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	CU_ASSERT_EQUAL(serve(longest, 0, &server), -ENAMETOOLONG);
	CU_ASSERT_EQUAL(serve("", 0, &server), -ENAMETOOLONG);
	CU_ASSERT_EQUAL(serve("/nonexistent/card", 0, &server), -ENOENT);
}

static void test_one_client(void)
{
	struct vfio_user_server *server;
	int first, second, third;
	char c;

	atomic_store(&departures, 0);
	atomic_store(&complaints, 0);
	CU_ASSERT_EQUAL_FATAL(serve(path_of(0), 0, &server), 0);
	first = dial(path_of(0));
	admit(server);
	CU_ASSERT(greet(first));
	/* A second client is turned away, and the first is not disturbed. */
	second = dial(path_of(0));
	admit(server);
	CU_ASSERT_EQUAL(recv(second, &c, 1, 0), 0);
	close(second);
	CU_ASSERT_EQUAL(atomic_load(&complaints), 1);
	CU_ASSERT_FALSE(greet(first)); /* an answer, and it says no */
	CU_ASSERT_EQUAL(recv(first, &c, 1, MSG_DONTWAIT), -1);
	/* One that comes as the first leaves is served, even before the card is ready for it. */
	close(first);
	third = dial(path_of(0));
	admit(server);
	CU_ASSERT(greet(third));
	wait_departures(1);
	/* A client that is there ends with the server. */
	vfio_user_server_destroy(server);
	CU_ASSERT(recv(third, &c, 1, 0) <= 0);
	CU_ASSERT_EQUAL(atomic_load(&departures), 2);
	close(third);
}

/* Clients that come and go at once, with and without a word. */
static void test_passers_by(void)
{
	struct vfio_user_server *server;
	int fd;

	CU_ASSERT_EQUAL_FATAL(serve(path_of(0), 0, &server), 0);
	for (unsigned int i = 0; i < 50; i++) {
		fd = dial(path_of(0));
		if (i % 3 == 0)
			CU_ASSERT_EQUAL(
				send(fd, "garbage, and not a little of it", 31, MSG_NOSIGNAL), 31);
		close(fd);
		admit(server);
	}
	fd = dial(path_of(0));
	admit(server);
	CU_ASSERT(greet(fd));
	/* Nobody waits: nothing happens. */
	vfio_user_server_accept(server);
	close(fd);
	vfio_user_server_destroy(server);
}

/* A card whose client misbehaves, beside others that work. */
static void test_several_cards(void)
{
	static const uint8_t flood[1 << 16];
	struct vfio_user_server *server[CARDS];
	int fd[CARDS];

	for (unsigned int i = 0; i < CARDS; i++) {
		CU_ASSERT_EQUAL_FATAL(serve(path_of(i), i, &server[i]), 0);
		fd[i] = dial(path_of(i));
		admit(server[i]);
		if (i)
			CU_ASSERT(greet(fd[i]));
	}
	CU_ASSERT(send(fd[0], flood, sizeof(flood), MSG_NOSIGNAL) > 0);
	CU_ASSERT_FALSE(greet(fd[0]));
	close(fd[0]);
	fd[0] = dial(path_of(0));
	admit(server[0]);
	CU_ASSERT(greet(fd[0]));
	for (unsigned int i = 0; i < CARDS; i++) {
		close(fd[i]);
		vfio_user_server_destroy(server[i]);
	}
}

int main(void)
{
	CU_TestInfo tests[] = {
		{"socket files", test_files},
		{"one client at a time", test_one_client},
		{"passers-by", test_passers_by},
		{"several cards", test_several_cards},
		CU_TEST_INFO_NULL,
	};

	return suite_run("vfio-user: server", setup, teardown, tests);
}
