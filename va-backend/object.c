/* SPDX-License-Identifier: MIT */
#include "va-backend/object.h"

#include <stdlib.h>

/* ID: type + 1 in bits 31..28, generation in 27..16, index in 15..0. VA_INVALID_ID has type 15. */
#define ID_TYPE_SHIFT 28
#define ID_GENERATION_SHIFT 16
#define ID_GENERATION_MASK 0xfffu
#define ID_INDEX_MASK 0xffffu

#define TABLE_STEP 64u

void slva_objects_init(struct slva_objects *objects)
{
	*objects = (struct slva_objects){0};
	pthread_mutex_init(&objects->lock, NULL);
}

void slva_objects_fini(struct slva_objects *objects)
{
	/* A context waits for its jobs, which use surfaces and buffers. */
	static const enum slva_type order[] = {SLVA_CONTEXT, SLVA_IMAGE, SLVA_BUFFER, SLVA_SURFACE,
					       SLVA_CONFIG};

	for (unsigned int i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		struct slva_table *table = &objects->table[order[i]];

		for (uint32_t n = 0; n < table->capacity; n++) {
			pthread_mutex_lock(&objects->lock);
			struct slva_object *object = table->slots[n].object;

			table->slots[n].object = NULL;
			pthread_mutex_unlock(&objects->lock);
			slva_object_put(object);
		}
	}
	for (int i = 0; i < SLVA_NUM_TYPES; i++)
		free(objects->table[i].slots);
	pthread_mutex_destroy(&objects->lock);
}

static VAStatus table_grow(struct slva_table *table)
{
	uint32_t capacity = table->capacity + TABLE_STEP;

	if (capacity > SLVA_MAX_OBJECTS)
		capacity = SLVA_MAX_OBJECTS;
	if (capacity == table->capacity)
		return VA_STATUS_ERROR_MAX_NUM_EXCEEDED;

	struct slva_slot *slots = realloc(table->slots, capacity * sizeof(*slots));

	if (!slots)
		return VA_STATUS_ERROR_ALLOCATION_FAILED;
	for (uint32_t n = table->capacity; n < capacity; n++)
		slots[n] = (struct slva_slot){.next_free = n + 1};
	table->slots = slots;
	table->first_free = table->capacity;
	table->capacity = capacity;
	return VA_STATUS_SUCCESS;
}

VAStatus slva_object_add(struct slva_objects *objects, enum slva_type type,
			 struct slva_object *object, void (*destroy)(struct slva_object *))
{
	struct slva_table *table = &objects->table[type];
	VAStatus status = VA_STATUS_SUCCESS;

	atomic_init(&object->refs, 1);
	object->destroy = destroy;
	pthread_mutex_lock(&objects->lock);
	if (table->first_free == table->capacity)
		status = table_grow(table);
	if (status == VA_STATUS_SUCCESS) {
		uint32_t n = table->first_free;
		struct slva_slot *slot = &table->slots[n];

		table->first_free = slot->next_free;
		slot->generation = (slot->generation + 1) & ID_GENERATION_MASK;
		slot->object = object;
		object->id = ((uint32_t)type + 1) << ID_TYPE_SHIFT |
			     (uint32_t)slot->generation << ID_GENERATION_SHIFT | n;
	}
	pthread_mutex_unlock(&objects->lock);
	return status;
}

/* The slot that an ID names, or NULL. The lock is held. */
static struct slva_slot *find(struct slva_table *table, enum slva_type type, VAGenericID id)
{
	uint32_t n = id & ID_INDEX_MASK;

	if (id >> ID_TYPE_SHIFT != (uint32_t)type + 1 || n >= table->capacity)
		return NULL;

	struct slva_slot *slot = &table->slots[n];

	return slot->object && slot->object->id == id ? slot : NULL;
}

void *slva_object_get(struct slva_objects *objects, enum slva_type type, VAGenericID id)
{
	struct slva_table *table = &objects->table[type];
	struct slva_object *object = NULL;

	pthread_mutex_lock(&objects->lock);
	struct slva_slot *slot = find(table, type, id);

	if (slot) {
		object = slot->object;
		atomic_fetch_add(&object->refs, 1);
	}
	pthread_mutex_unlock(&objects->lock);
	return object;
}

void *slva_object_remove(struct slva_objects *objects, enum slva_type type, VAGenericID id)
{
	struct slva_table *table = &objects->table[type];
	struct slva_object *object = NULL;

	pthread_mutex_lock(&objects->lock);
	struct slva_slot *slot = find(table, type, id);

	if (slot) {
		object = slot->object;
		slot->object = NULL;
		slot->next_free = table->first_free;
		table->first_free = (uint32_t)(slot - table->slots);
	}
	pthread_mutex_unlock(&objects->lock);
	return object;
}

void slva_object_put(struct slva_object *object)
{
	if (object && atomic_fetch_sub(&object->refs, 1) == 1)
		object->destroy(object);
}
