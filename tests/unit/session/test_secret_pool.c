/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "session/secret_pool.h"

#define SIZE 200U

static void an_object_is_aligned_and_zero(void **state)
{
	struct secret_pool *pool;

	(void)state;
	assert_int_equal(secret_pool_new(&pool, SIZE), 0);
	for (unsigned i = 0; i < 300; i++) { /* more than a chunk */
		static const uint8_t zero[SIZE];
		uint8_t *object = secret_take(pool);

		assert_non_null(object);
		assert_int_equal((uintptr_t)object % 64, 0);
		assert_memory_equal(object, zero, SIZE);
		memset(object, 0xff, SIZE);
	}
	secret_pool_free(pool);
}

static void what_is_given_back_is_wiped(void **state)
{
	static const uint8_t zero[SIZE];
	struct secret_pool *pool;
	uint8_t *object;

	(void)state;
	assert_int_equal(secret_pool_new(&pool, SIZE), 0);
	object = secret_take(pool);
	memset(object, 0xff, SIZE);
	secret_give(pool, object);
	assert_memory_equal(object + sizeof(void *), zero, SIZE - sizeof(void *));
	secret_give(pool, NULL);
	assert_ptr_equal(secret_take(pool), object);
	assert_memory_equal(object, zero, SIZE);
	secret_pool_free(pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_object_is_aligned_and_zero),
	    cmocka_unit_test(what_is_given_back_is_wiped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
