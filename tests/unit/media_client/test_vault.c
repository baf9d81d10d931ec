/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "media/table.h"
#include "media/vault.h"

#define OBJECT 600U
#define MANY 2000U

static void an_object_is_zero_when_taken_and_wiped_when_given_back(void **state)
{
	static const char zero[OBJECT];
	struct vault *vault = vault_new(OBJECT);
	char *object;

	(void)state;
	assert_non_null(vault);
	object = vault_take(vault);
	assert_non_null(object);
	assert_memory_equal(object, zero, OBJECT);
	memset(object, 0xa5, OBJECT);
	vault_give(vault, object);
	/* the first bytes link the free objects; all others are wiped */
	assert_memory_equal(object + sizeof(void *), zero, OBJECT - sizeof(void *));
	assert_ptr_equal(vault_take(vault), object);
	assert_memory_equal(object, zero, OBJECT);
	vault_free(vault);
}

static void many_objects_do_not_overlap(void **state)
{
	static char *object[MANY];
	struct vault *vault = vault_new(OBJECT);

	(void)state;
	assert_non_null(vault);
	for (unsigned i = 0; i < MANY; i++) {
		object[i] = vault_take(vault);
		assert_non_null(object[i]);
		memset(object[i], (int)(i & 127), OBJECT);
	}
	for (unsigned i = 0; i < MANY; i++) {
		assert_int_equal(object[i][0], i & 127);
		assert_int_equal(object[i][OBJECT - 1], i & 127);
	}
	vault_free(vault);
}

static void a_table_finds_what_was_added_until_it_is_removed(void **state)
{
	static struct table_entry entry[MANY];
	struct table table;
	unsigned seen = 0;

	(void)state;
	assert_int_equal(table_init(&table, 64), 0); /* fewer buckets than entries */
	for (unsigned i = 0; i < MANY; i++)
		table_add(&table, &entry[i], (uint64_t)i * 3);
	for (struct table_entry *at = table_next(&table, NULL); at; at = table_next(&table, at))
		seen++;
	assert_int_equal(seen, MANY);
	for (unsigned i = 0; i < MANY; i++) {
		assert_ptr_equal(table_find(&table, (uint64_t)i * 3), &entry[i]);
		assert_null(table_find(&table, (uint64_t)i * 3 + 1));
		table_remove(&table, &entry[i]);
		assert_null(table_find(&table, (uint64_t)i * 3));
	}
	assert_int_equal(table.count, 0);
	table_free(&table);
}

static void a_table_that_grows_keeps_what_it_has(void **state)
{
	static struct table_entry entry[MANY];
	struct table table;
	size_t before;

	(void)state;
	assert_int_equal(table_init(&table, 64), 0);
	for (unsigned i = 0; i < MANY / 2; i++)
		table_add(&table, &entry[i], (uint64_t)i * 3);
	before = table.buckets;
	assert_int_equal(table_grow(&table, 10), 0); /* less than there is: nothing happens */
	assert_int_equal(table.buckets, before);
	assert_int_equal(table_grow(&table, (size_t)MANY * 4), 0);
	assert_true(table.buckets >= (size_t)MANY * 4);
	for (unsigned i = MANY / 2; i < MANY; i++)
		table_add(&table, &entry[i], (uint64_t)i * 3);
	assert_int_equal(table.count, MANY);
	for (unsigned i = 0; i < MANY; i++) {
		assert_ptr_equal(table_find(&table, (uint64_t)i * 3), &entry[i]);
		table_remove(&table, &entry[i]);
	}
	assert_int_equal(table.count, 0);
	table_free(&table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_object_is_zero_when_taken_and_wiped_when_given_back),
	    cmocka_unit_test(many_objects_do_not_overlap),
	    cmocka_unit_test(a_table_finds_what_was_added_until_it_is_removed),
	    cmocka_unit_test(a_table_that_grows_keeps_what_it_has),
	};

	return cmocka_run_group_tests_name("media vault and table", tests, NULL, NULL);
}
