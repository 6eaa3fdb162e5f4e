/* SPDX-License-Identifier: MIT */
/*
 * Memory that a client shares may go away under the card: a client that truncates its file, or a
 * file system without room, turns an access into SIGBUS. A guarded range is then replaced by
 * memory that belongs to nobody, the access goes on there, and the client's socket is shut down.
 */
#ifndef CARD_VFIO_USER_GUARD_H
#define CARD_VFIO_USER_GUARD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

struct vfio_user_guard {
	void *base;
	size_t size;
	int fd;		  /* the client's socket */
	atomic_bool *hit; /* set when the memory went away */
	struct vfio_user_guard *next;
};

/*
 * Guard a mapping until vfio_user_guard_remove(). All fields but next are the caller's to set
 * before; the mapping must not be written or read by a caller that holds locks of this unit, which
 * none does. The first call takes SIGBUS over for the process; what is not a guarded access has the
 * effect it had before. Thread-safe.
 */
void vfio_user_guard_add(struct vfio_user_guard *guard);

/* When this returns the range and its socket are no more touched. No access may be under way. */
void vfio_user_guard_remove(struct vfio_user_guard *guard);

#endif
