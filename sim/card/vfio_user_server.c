// SPDX-License-Identifier: MIT
#include "sim/card/vfio_user_server.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define SOCKET_MODE (S_IRUSR | S_IWUSR)

struct vfio_user_server {
	struct vfio_user_server_config config;
	struct card *card;
	struct sockaddr_un addr;
	dev_t dev; /* of the socket file */
	ino_t ino;
	int listener;
	pthread_t thread;
	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t changed;
	int client; /* being served, or -1 */
	int next;   /* to be served then, or -1 */
	bool stop;
};

/* Remove a socket file that a server of the past has left. */
static int remove_stale(const struct sockaddr_un *addr)
{
	struct stat st;
	int fd, rc = 0;

	if (lstat(addr->sun_path, &st))
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(st.st_mode))
		return -EEXIST;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	/* EAGAIN: somebody listens and has more to do than to accept. */
	if (!connect(fd, (const struct sockaddr *)addr, sizeof(*addr)) || errno == EAGAIN)
		rc = -EADDRINUSE;
	else if (errno != ECONNREFUSED)
		rc = -errno;
	else if (unlink(addr->sun_path))
		rc = -errno;
	close(fd);
	return rc;
}

static int start_listening(struct vfio_user_server *server)
{
	const struct sockaddr *addr = (const struct sockaddr *)&server->addr;
	struct stat st;
	int rc = remove_stale(&server->addr);

	if (rc)
		return rc;
	server->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (server->listener < 0)
		return -errno;
	/* The file is made with the mode of the descriptor: it is never open to others. */
	if (fchmod(server->listener, SOCKET_MODE) ||
	    bind(server->listener, addr, sizeof(server->addr))) {
		rc = -errno;
	} else if (lstat(server->addr.sun_path, &st) || listen(server->listener, 4)) {
		rc = -errno;
		unlink(server->addr.sun_path);
	}
	if (rc) {
		close(server->listener);
		return rc;
	}
	server->dev = st.st_dev;
	server->ino = st.st_ino;
	return 0;
}

static void stop_listening(struct vfio_user_server *server)
{
	struct stat st;

	if (!lstat(server->addr.sun_path, &st) && st.st_dev == server->dev &&
	    st.st_ino == server->ino)
		unlink(server->addr.sun_path);
	close(server->listener);
}

static void report(struct vfio_user_server *server, const char *line)
{
	if (server->config.options.log)
		server->config.options.log(server->config.options.log_arg, line);
}

static void serve(struct vfio_user_server *server)
{
	if (server->config.verbose)
		report(server, "client has come");
	vfio_user_serve(server->card, server->client, &server->config.options);
	if (server->config.verbose)
		report(server, "client has left");
}

static void *server_main(void *arg)
{
	struct vfio_user_server *server = arg;

	pthread_mutex_lock(&server->lock);
	for (;;) {
		while (!server->stop && server->next < 0)
			pthread_cond_wait(&server->changed, &server->lock);
		if (server->stop)
			break;
		server->client = server->next;
		server->next = -1;
		pthread_mutex_unlock(&server->lock);
		serve(server);
		pthread_mutex_lock(&server->lock);
		close(server->client);
		server->client = -1;
		if (server->config.left)
			server->config.left(server->config.left_arg);
	}
	if (server->next >= 0)
		close(server->next);
	pthread_mutex_unlock(&server->lock);
	return NULL;
}

int vfio_user_server_create(const struct vfio_user_server_config *config, struct card *card,
			    struct vfio_user_server **out)
{
	struct vfio_user_server *server;
	size_t length = strlen(config->path);
	int rc;

	if (!length || length >= sizeof(server->addr.sun_path))
		return -ENAMETOOLONG;
	server = calloc(1, sizeof(*server));
	if (!server)
		return -ENOMEM;
	server->config = *config;
	server->card = card;
	server->client = server->next = -1;
	server->addr.sun_family = AF_UNIX;
	memcpy(server->addr.sun_path, config->path, length);
	rc = start_listening(server);
	if (rc) {
		free(server);
		return rc;
	}
	pthread_mutex_init(&server->lock, NULL);
	pthread_cond_init(&server->changed, NULL);
	rc = pthread_create(&server->thread, NULL, server_main, server);
	if (rc) {
		pthread_cond_destroy(&server->changed);
		pthread_mutex_destroy(&server->lock);
		stop_listening(server);
		free(server);
		return -rc;
	}
	*out = server;
	return 0;
}

int vfio_user_server_fd(const struct vfio_user_server *server)
{
	return server->listener;
}

/* Whether the peer of a socket is there; -1 is nobody. */
static bool is_there(int fd)
{
	struct pollfd pfd = {.fd = fd, .events = POLLRDHUP};

	return fd >= 0 && poll(&pfd, 1, 0) == 0;
}

void vfio_user_server_accept(struct vfio_user_server *server)
{
	int fd = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0) {
		/* Without descriptors to be had the client goes on waiting: don't spin on it. */
		if (errno == EMFILE || errno == ENFILE)
			nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
		return;
	}
	pthread_mutex_lock(&server->lock);
	if (is_there(server->client) || is_there(server->next)) {
		close(fd);
		report(server, "second client turned away");
	} else {
		/* The card may still be busy with a client that has left. */
		if (server->next >= 0)
			close(server->next);
		server->next = fd;
		pthread_cond_signal(&server->changed);
	}
	pthread_mutex_unlock(&server->lock);
}

void vfio_user_server_destroy(struct vfio_user_server *server)
{
	pthread_mutex_lock(&server->lock);
	server->stop = true;
	if (server->client >= 0)
		shutdown(server->client, SHUT_RDWR);
	pthread_cond_signal(&server->changed);
	pthread_mutex_unlock(&server->lock);
	pthread_join(server->thread, NULL);
	stop_listening(server);
	pthread_cond_destroy(&server->changed);
	pthread_mutex_destroy(&server->lock);
	free(server);
}
