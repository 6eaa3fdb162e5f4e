// SPDX-License-Identifier: MIT
#include "sim/card/vfio_user_guard.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/socket.h>

static pthread_mutex_t guards_lock = PTHREAD_MUTEX_INITIALIZER; /* of guards */
static struct vfio_user_guard *guards;
static struct sigaction previous;
static pthread_once_t installed = PTHREAD_ONCE_INIT;

/* With guards_lock held. Replaces all of the mapping: huge pages cannot be replaced singly. */
static bool replace(uintptr_t addr)
{
	for (struct vfio_user_guard *g = guards; g; g = g->next) {
		if (addr - (uintptr_t)g->base >= g->size)
			continue;
		if (mmap(g->base, g->size, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1,
			 0) == MAP_FAILED)
			return false;
		atomic_store(g->hit, true);
		shutdown(g->fd, SHUT_RDWR);
		return true;
	}
	return false;
}

/*
 * Locking is safe here although this is a signal handler: the signal of an access is raised by the
 * access itself, and nobody makes one with guards_lock held.
 */
static void on_sigbus(int sig, siginfo_t *info, void *context)
{
	int saved = errno;
	bool done = false;

	if (info->si_code == BUS_ADRERR) {
		pthread_mutex_lock(&guards_lock);
		done = replace((uintptr_t)info->si_addr);
		pthread_mutex_unlock(&guards_lock);
	}
	if (!done) {
		/* A fault comes again on return; a signal that somebody sent is sent on. */
		sigaction(SIGBUS, &previous, NULL);
		if (info->si_code <= 0)
			raise(sig);
	}
	errno = saved;
}

static void install(void)
{
	struct sigaction action = {.sa_sigaction = on_sigbus, .sa_flags = SA_SIGINFO};

	sigemptyset(&action.sa_mask);
	sigaction(SIGBUS, &action, &previous);
}

void vfio_user_guard_add(struct vfio_user_guard *guard)
{
	pthread_once(&installed, install);
	pthread_mutex_lock(&guards_lock);
	guard->next = guards;
	guards = guard;
	pthread_mutex_unlock(&guards_lock);
}

void vfio_user_guard_remove(struct vfio_user_guard *guard)
{
	pthread_mutex_lock(&guards_lock);
	for (struct vfio_user_guard **g = &guards; *g; g = &(*g)->next) {
		if (*g == guard) {
			*g = guard->next;
			break;
		}
	}
	pthread_mutex_unlock(&guards_lock);
}
