/* SPDX-License-Identifier: MIT */
/*
 * VA objects: reference-counted, named by IDs that carry their type and a generation, so that an ID
 * of a destroyed object, or of another type, is recognised instead of reaching a newer object.
 *
 * The display lock inside protects nothing but the tables; it is never held while waiting.
 */
#ifndef SLVA_OBJECT_H
#define SLVA_OBJECT_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

#include <va/va_backend.h>

enum slva_type {
	SLVA_CONFIG,
	SLVA_CONTEXT,
	SLVA_SURFACE,
	SLVA_IMAGE,
	SLVA_BUFFER,
	SLVA_NUM_TYPES,
};

struct slva_object {
	atomic_uint refs;
	VAGenericID id;
	/* Called with the last reference gone; frees the object. */
	void (*destroy)(struct slva_object *object);
};

struct slva_slot {
	struct slva_object *object; /* NULL: free */
	uint16_t generation;	    /* of the ID given out last */
	uint32_t next_free;
};

struct slva_table {
	struct slva_slot *slots;
	uint32_t capacity;
	uint32_t first_free; /* index; capacity: none */
};

struct slva_objects {
	pthread_mutex_t lock;
	struct slva_table table[SLVA_NUM_TYPES];
};

#define SLVA_MAX_OBJECTS 65535u /* of each type */

void slva_objects_init(struct slva_objects *objects);
/* Drop the tables' references to all objects, contexts first, then free the tables. */
void slva_objects_fini(struct slva_objects *objects);

/*
 * Give an object its ID and one reference, which the table holds. VA_STATUS_ERROR_MAX_NUM_EXCEEDED,
 * VA_STATUS_ERROR_ALLOCATION_FAILED; the object is then still the caller's.
 */
VAStatus slva_object_add(struct slva_objects *objects, enum slva_type type,
			 struct slva_object *object, void (*destroy)(struct slva_object *));
/* The object of an ID with a reference for the caller, or NULL. */
void *slva_object_get(struct slva_objects *objects, enum slva_type type, VAGenericID id);
/* Take an ID out of its table. Returns the object with the table's reference, or NULL. */
void *slva_object_remove(struct slva_objects *objects, enum slva_type type, VAGenericID id);
/* Return a reference. NULL is allowed. */
void slva_object_put(struct slva_object *object);

#endif
