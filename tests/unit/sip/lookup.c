/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What transactions are found by: lines of numbers, numbered memory, fingerprints. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "sip/line_table.h"
#include "sip/siphash.h"
#include "sip/txn_pool.h"

/* ---- the table, beside a list that is searched from end to end ---- */

enum { NUMBERS = 3000 };

struct model {
	struct line_table table;
	uint64_t hash[NUMBERS];
	bool there[NUMBERS];
	size_t count;
	uint64_t random;
};

static uint64_t draw(struct model *model)
{
	model->random ^= model->random << 13;
	model->random ^= model->random >> 7;
	model->random ^= model->random << 17;
	return model->random * UINT64_C(0x2545f4914f6cdd1d);
}

static uint64_t hash_of(void *user, uint32_t number)
{
	return ((struct model *)user)->hash[number];
}

/* How often the table has the number under its hash, among all that it gives for it. */
static unsigned found(const struct model *model, uint32_t number)
{
	struct line_search search = {0};
	unsigned times = 0;
	uint32_t next;

	while ((next = line_table_next(&model->table, model->hash[number], &search)) != LINE_NONE)
		times += next == number;
	return times;
}

static void compare(const struct model *model)
{
	for (uint32_t i = 0; i < NUMBERS; i++)
		assert_int_equal(found(model, i), model->there[i]);
	assert_int_equal(model->table.count, model->count);
}

static void step(struct model *model, uint32_t number, uint64_t hash)
{
	if (model->there[number]) {
		line_table_remove(&model->table, model->hash[number], number);
	} else {
		model->hash[number] = hash;
		assert_int_equal(line_table_insert(&model->table, hash, number), 0);
	}
	model->there[number] = !model->there[number];
	if (model->there[number])
		model->count++;
	else
		model->count--;
	assert_int_equal(found(model, number), model->there[number]);
}

/* The same as the list says after every step, whatever the hashes are: mask takes bits of them. */
static void run_beside_a_list(uint64_t mask)
{
	static struct model model;
	size_t room = NUMBERS / 4;

	model = (struct model){.random = 88172645463325252U};
	assert_int_equal(line_table_init(&model.table, room), 0);
	for (unsigned i = 0; i < 40000; i++) {
		uint32_t number = (uint32_t)(draw(&model) % NUMBERS);

		if (!model.there[number] && model.count == room) {
			room = room * 2 < NUMBERS ? room * 2 : NUMBERS;
			assert_int_equal(line_table_grow(&model.table, room, hash_of, &model), 0);
			compare(&model);
		}
		step(&model, number, draw(&model) & mask);
	}
	compare(&model);
	for (uint32_t i = 0; i < NUMBERS; i++)
		if (model.there[i])
			step(&model, i, 0);
	for (size_t i = 0; i <= model.table.mask; i++)
		assert_int_equal(model.table.line[i].passed, 0); /* nothing has left a trace */
	line_table_free(&model.table);
}

static void a_table_has_what_a_list_has_while_it_grows(void **state)
{
	(void)state;
	run_beside_a_list(UINT64_MAX);
}

static void a_table_has_what_a_list_has_when_a_few_lines_take_all(void **state)
{
	(void)state;
	run_beside_a_list(UINT64_C(0xffff000000000003));
}

static void a_table_has_what_a_list_has_when_tags_are_the_same(void **state)
{
	(void)state;
	run_beside_a_list(UINT64_C(0x0000ffffffffffff));
}

static void numbers_of_the_same_hash_are_all_found_and_removed_one_by_one(void **state)
{
	struct line_table table;
	struct line_search search = {0};
	unsigned sum = 0;
	uint32_t number;

	(void)state;
	assert_int_equal(line_table_init(&table, 64), 0);
	for (uint32_t i = 0; i < 30; i++)
		assert_int_equal(line_table_insert(&table, 7, i), 0);
	line_table_remove(&table, 7, 12);
	line_table_remove(&table, 7, 12);                 /* harmless */
	line_table_remove(&table, UINT64_C(1) << 60, 13); /* likewise */
	while ((number = line_table_next(&table, 7, &search)) != LINE_NONE)
		sum += number;
	assert_int_equal(sum, 29 * 30 / 2 - 12);
	line_table_free(&table);
}

static void a_full_table_refuses_one_more_and_a_search_in_it_ends(void **state)
{
	struct line_search search = {0};
	struct line_table table;
	uint32_t n = 0;

	(void)state;
	assert_int_equal(line_table_init(&table, 16), 0);
	while (line_table_insert(&table, n * UINT64_C(0x9e3779b97f4a7c15), n) == 0)
		n++;
	assert_int_equal(n, table.most);
	assert_true(n >= 16);
	assert_int_equal(line_table_insert(&table, 1, n), -ENOSPC);
	assert_int_equal(line_table_next(&table, UINT64_C(0xabcd) << 48, &search), LINE_NONE);
	line_table_free(&table);
}

/* ---- numbered memory ---- */

static void objects_are_zeros_of_their_own_and_found_by_their_numbers(void **state)
{
	enum { COUNT = 10000 };
	static uint32_t number[COUNT];
	struct txn_pool pool;

	(void)state;
	assert_int_equal(txn_pool_init(&pool, COUNT), 0);
	for (unsigned round = 0; round < 2; round++) {
		for (uint32_t i = 0; i < COUNT; i++) {
			unsigned char *object = txn_pool_take(&pool, &number[i]);

			assert_non_null(object);
			assert_ptr_equal(object, txn_pool_at(&pool, number[i]));
			assert_int_equal((uintptr_t)object % 64, 0);
			for (size_t k = 0; k < TXN_POOL_OBJECT; k++)
				assert_int_equal(object[k], 0);
			memset(object, 0xa5, TXN_POOL_OBJECT);
			memcpy(object, &i, sizeof(i));
		}
		for (uint32_t i = 0; i < COUNT; i++) {
			uint32_t own;

			memcpy(&own, txn_pool_at(&pool, number[i]), sizeof(own));
			assert_int_equal(own, i);
			txn_pool_give(&pool, number[i]);
		}
	}
	txn_pool_free(&pool);
}

/* How many more there are; number: the last. */
static unsigned take_all(struct txn_pool *pool, uint32_t *number)
{
	uint32_t next;
	unsigned count = 0;

	for (; txn_pool_take(pool, &next); count++)
		*number = next;
	return count;
}

static void a_pool_has_an_end_and_may_grow(void **state)
{
	struct txn_pool pool;
	uint32_t number = 0;
	unsigned first;

	(void)state;
	assert_int_equal(txn_pool_init(&pool, 3), 0);
	first = take_all(&pool, &number);
	assert_true(first >= 3);
	assert_int_equal(txn_pool_grow(&pool, first + 1), 0);
	assert_int_equal(take_all(&pool, &number), first); /* another chunk */
	txn_pool_give(&pool, number);
	assert_int_equal(take_all(&pool, &number), 1);
	txn_pool_free(&pool);
}

/* ---- fingerprints ---- */

static bool same(const struct str *a, size_t a_count, const struct str *b, size_t b_count)
{
	const struct siphash_key key = {1, 2};
	struct fingerprint of_a = fingerprint_of(&key, a, a_count);
	struct fingerprint of_b = fingerprint_of(&key, b, b_count);

	assert_int_equal(fingerprint_equal(&of_a, &of_b), of_a.low == of_b.low);
	return fingerprint_equal(&of_a, &of_b);
}

static void where_one_text_ends_and_the_next_begins_is_in_the_fingerprint(void **state)
{
	const struct str a[] = {STR("z9hG4bK1"), STR("INVITE")};
	const struct str b[] = {STR("z9hG4bK1I"), STR("NVITE")};
	const struct str longer[] = {STR("z9hG4bK1"), STR("INVITE"), STR("")};
	const struct str zero[] = {{"z9hG4bK1\0", 9}, STR("INVITE")};

	(void)state;
	assert_true(same(a, 2, a, 2));
	assert_false(same(a, 2, b, 2));
	assert_false(same(a, 2, longer, 3));
	assert_false(same(a, 2, zero, 2));
	assert_false(same(a, 1, a, 2));
}

static void who_has_another_key_sees_another_fingerprint(void **state)
{
	const struct siphash_key one = {1, 2}, other = {1, 3};
	const struct str part = STR("z9hG4bK1");
	struct fingerprint a = fingerprint_of(&one, &part, 1);
	struct fingerprint b = fingerprint_of(&other, &part, 1);

	(void)state;
	assert_true(a.low != b.low && a.high != b.high && a.low != a.high);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_table_has_what_a_list_has_while_it_grows),
	    cmocka_unit_test(a_table_has_what_a_list_has_when_a_few_lines_take_all),
	    cmocka_unit_test(a_table_has_what_a_list_has_when_tags_are_the_same),
	    cmocka_unit_test(numbers_of_the_same_hash_are_all_found_and_removed_one_by_one),
	    cmocka_unit_test(a_full_table_refuses_one_more_and_a_search_in_it_ends),
	    cmocka_unit_test(objects_are_zeros_of_their_own_and_found_by_their_numbers),
	    cmocka_unit_test(a_pool_has_an_end_and_may_grow),
	    cmocka_unit_test(where_one_text_ends_and_the_next_begins_is_in_the_fingerprint),
	    cmocka_unit_test(who_has_another_key_sees_another_fingerprint),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
