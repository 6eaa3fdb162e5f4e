// SPDX-License-Identifier: MIT
/* Object tables: IDs are told apart, references keep objects alive, threads do not disturb. */
#include <CUnit/Basic.h>
#include <stdlib.h>

#include "va-backend/object.h"

static struct slva_objects objects;
static atomic_int alive;

static void destroy(struct slva_object *object)
{
	atomic_fetch_sub(&alive, 1);
	free(object);
}

static VAGenericID add(enum slva_type type)
{
	struct slva_object *object = calloc(1, sizeof(*object));

	CU_ASSERT_PTR_NOT_NULL_FATAL(object);
	atomic_fetch_add(&alive, 1);
	CU_ASSERT_EQUAL_FATAL(slva_object_add(&objects, type, object, destroy), VA_STATUS_SUCCESS);
	return object->id;
}

static void test_ids(void)
{
	slva_objects_init(&objects);
	VAGenericID a = add(SLVA_SURFACE), b = add(SLVA_SURFACE), c = add(SLVA_BUFFER);
	struct slva_object *object;

	CU_ASSERT_NOT_EQUAL(a, b);
	CU_ASSERT_NOT_EQUAL(a, c);
	CU_ASSERT_PTR_NULL(slva_object_get(&objects, SLVA_BUFFER, a));
	CU_ASSERT_PTR_NULL(slva_object_get(&objects, SLVA_SURFACE, c));
	CU_ASSERT_PTR_NULL(slva_object_get(&objects, SLVA_SURFACE, VA_INVALID_ID));
	CU_ASSERT_PTR_NULL(slva_object_get(&objects, SLVA_SURFACE, 0));
	CU_ASSERT_PTR_NULL(slva_object_get(&objects, SLVA_SURFACE, a | 0xffff));
	object = slva_object_get(&objects, SLVA_SURFACE, a);
	CU_ASSERT_PTR_NOT_NULL_FATAL(object);
	CU_ASSERT_EQUAL(object->id, a);

	/* Destroyed while in use: gone from the table, alive until the reference is returned. */
	slva_object_put(slva_object_remove(&objects, SLVA_SURFACE, a));
	CU_ASSERT_PTR_NULL(slva_object_remove(&objects, SLVA_SURFACE, a));
	CU_ASSERT_EQUAL(atomic_load(&alive), 3);
	slva_object_put(object);
	CU_ASSERT_EQUAL(atomic_load(&alive), 2);

	/* The slot is used again, under another name. */
	VAGenericID d = add(SLVA_SURFACE);

	CU_ASSERT_EQUAL(d & 0xffff, a & 0xffff);
	CU_ASSERT_NOT_EQUAL(d, a);
	CU_ASSERT_PTR_NULL(slva_object_get(&objects, SLVA_SURFACE, a));
	slva_objects_fini(&objects);
	CU_ASSERT_EQUAL(atomic_load(&alive), 0);
}

static void test_limit(void)
{
	struct slva_object *object = calloc(1, sizeof(*object));

	CU_ASSERT_PTR_NOT_NULL_FATAL(object);
	slva_objects_init(&objects);
	for (uint32_t n = 0; n < SLVA_MAX_OBJECTS; n++)
		add(SLVA_BUFFER);
	CU_ASSERT_EQUAL(slva_object_add(&objects, SLVA_BUFFER, object, destroy),
			VA_STATUS_ERROR_MAX_NUM_EXCEEDED);
	free(object);
	slva_objects_fini(&objects);
	CU_ASSERT_EQUAL(atomic_load(&alive), 0);
}

static atomic_uint shared_id;

/* Creates, looks up and destroys its own objects, and looks for one that another thread owns. */
static void *churn(void *arg)
{
	for (int n = 0; n < 5000; n++) {
		VAGenericID id = add(SLVA_SURFACE);

		atomic_store(&shared_id, id);
		struct slva_object *own = slva_object_get(&objects, SLVA_SURFACE, id);
		struct slva_object *other =
			slva_object_get(&objects, SLVA_SURFACE, atomic_load(&shared_id));

		CU_ASSERT_PTR_NOT_NULL(own);
		slva_object_put(other);
		slva_object_put(slva_object_remove(&objects, SLVA_SURFACE, id));
		slva_object_put(own);
	}
	return NULL;
}

static void test_threads(void)
{
	pthread_t thread[4];

	slva_objects_init(&objects);
	for (int i = 0; i < 4; i++)
		CU_ASSERT_EQUAL_FATAL(pthread_create(&thread[i], NULL, churn, NULL), 0);
	for (int i = 0; i < 4; i++)
		pthread_join(thread[i], NULL);
	CU_ASSERT_EQUAL(atomic_load(&alive), 0);
	slva_objects_fini(&objects);
}

int main(void)
{
	CU_initialize_registry();
	CU_pSuite suite = CU_add_suite("objects", NULL, NULL);

	CU_ADD_TEST(suite, test_ids);
	CU_ADD_TEST(suite, test_limit);
	CU_ADD_TEST(suite, test_threads);
	CU_basic_set_mode(CU_BRM_NORMAL);
	CU_basic_run_tests();

	unsigned int failures = CU_get_number_of_failures();

	CU_cleanup_registry();
	return failures != 0;
}
