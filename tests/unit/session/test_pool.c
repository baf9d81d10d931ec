/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "session/pool.h"

#define SIZE 200U

static void an_object_is_aligned_and_zero(void **state)
{
	struct pool *pool;

	(void)state;
	assert_int_equal(pool_new(&pool, SIZE, 300, POOL_LOCKED), 0);
	for (unsigned i = 0; i < 300; i++) {
		static const uint8_t zero[SIZE];
		uint8_t *object = pool_take(pool);

		assert_non_null(object);
		assert_int_equal((uintptr_t)object % 64, 0);
		assert_memory_equal(object, zero, SIZE);
		assert_int_equal(pool_index(pool, object), i);
		assert_ptr_equal(pool_at(pool, i), object);
		memset(object, 0xff, SIZE);
	}
	assert_null(pool_take(pool)); /* as many as it was made for, and no more */
	assert_int_equal(pool_used(pool), 300);
	assert_int_equal(pool_touched_bytes(pool), 300 * 256);
	pool_free(pool);
}

static void what_is_given_back_is_wiped(void **state)
{
	static const uint8_t zero[SIZE];
	struct pool *pool;
	uint8_t *object;

	(void)state;
	assert_int_equal(pool_new(&pool, SIZE, 300, POOL_LOCKED), 0);
	object = pool_take(pool);
	memset(object, 0xff, SIZE);
	pool_give(pool, object);
	assert_memory_equal(object + sizeof(void *), zero, SIZE - sizeof(void *));
	pool_give(pool, NULL);
	assert_ptr_equal(pool_take(pool), object);
	assert_memory_equal(object, zero, SIZE);
	pool_free(pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_object_is_aligned_and_zero),
	    cmocka_unit_test(what_is_given_back_is_wiped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
