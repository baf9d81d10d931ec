/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Nonces: whose they are, how long they live, and that no count is taken twice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "auth/nonce.h"

#define NOW 1000000U

static int setup(void **state)
{
	*state = nonces_new();
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	nonces_free(*state);
	return 0;
}

static void make(struct nonces *nonces, char text[NONCE_TEXT], uint64_t now_ms)
{
	assert_int_equal(nonce_make(nonces, STR("phones:c0000201"), now_ms, text), 0);
	assert_int_equal(strlen(text), NONCE_TEXT - 1);
}

static enum nonce_verdict check(struct nonces *nonces, const char *text, uint64_t now_ms)
{
	return nonce_check(nonces, str_of(text), STR("phones:c0000201"), now_ms);
}

static void a_nonce_is_good_until_its_time_is_over(void **state)
{
	char text[NONCE_TEXT];

	make(*state, text, NOW);
	assert_int_equal(check(*state, text, NOW), NONCE_GOOD);
	assert_int_equal(check(*state, text, NOW + NONCE_LIFETIME_MS - 1), NONCE_GOOD);
	assert_int_equal(check(*state, text, NOW + NONCE_LIFETIME_MS), NONCE_STALE);
}

static void nonces_of_one_millisecond_differ(void **state)
{
	char one[NONCE_TEXT], other[NONCE_TEXT];

	make(*state, one, NOW);
	make(*state, other, NOW);
	assert_string_not_equal(one, other);
}

static void what_is_changed_or_of_somebody_else_is_foreign(void **state)
{
	struct nonces *others = nonces_new();
	char text[NONCE_TEXT], changed[NONCE_TEXT];

	make(*state, text, NOW);
	assert_int_equal(nonce_check(*state, str_of(text), STR("phones:c0000202"), NOW),
			 NONCE_FOREIGN);
	assert_int_equal(check(others, text, NOW), NONCE_FOREIGN);
	for (unsigned i = 0; i < NONCE_TEXT - 1; i++) {
		memcpy(changed, text, sizeof(changed));
		changed[i] = changed[i] == '0' ? '1' : '0';
		assert_int_equal(check(*state, changed, NOW), NONCE_FOREIGN);
		memcpy(changed, text, sizeof(changed));
		changed[i] = 'X';
		assert_int_equal(check(*state, changed, NOW), NONCE_FOREIGN);
		assert_int_equal(
		    nonce_check(*state, (struct str){text, i}, STR("phones:c0000201"), NOW),
		    NONCE_FOREIGN);
	}
	nonces_free(others);
}

static void no_count_is_taken_twice_though_requests_overtake_each_other(void **state)
{
	static const struct {
		uint32_t count;
		enum nonce_verdict verdict;
	} facts[] = {
	    {0, NONCE_REPLAYED},
	    {3, NONCE_GOOD},
	    {3, NONCE_REPLAYED},
	    {1, NONCE_GOOD},
	    {1, NONCE_REPLAYED},
	    {4, NONCE_GOOD},
	    {2, NONCE_GOOD},
	    {2, NONCE_REPLAYED},
	    {100, NONCE_GOOD},
	    {36, NONCE_REPLAYED}, /* too far behind */
	    {37, NONCE_GOOD},
	    {37, NONCE_REPLAYED},
	    {UINT32_MAX, NONCE_GOOD},
	    {5, NONCE_REPLAYED},
	    {UINT32_MAX - 1, NONCE_GOOD},
	    {UINT32_MAX, NONCE_REPLAYED},
	    {0, NONCE_REPLAYED},
	};
	char text[NONCE_TEXT];

	make(*state, text, NOW);
	for (unsigned i = 0; i < sizeof(facts) / sizeof(facts[0]); i++)
		if (nonce_use(*state, str_of(text), facts[i].count, NOW) != facts[i].verdict)
			fail_msg("fact %u: count %u", i, facts[i].count);
}

/* More nonces in use than there are places: some become stale, none can be used again. */
static void a_nonce_that_lost_its_place_is_stale_and_never_fresh_again(void **state)
{
	enum { MANY = 20000 };
	char(*text)[NONCE_TEXT] = calloc(MANY, sizeof(*text));
	unsigned stale = 0, replayed = 0;

	assert_non_null(text);
	for (unsigned i = 0; i < MANY; i++) {
		make(*state, text[i], NOW + i / 100);
		assert_int_equal(nonce_use(*state, str_of(text[i]), 1, NOW + i / 100), NONCE_GOOD);
	}
	for (unsigned i = 0; i < MANY; i++) {
		enum nonce_verdict verdict = nonce_use(*state, str_of(text[i]), 1, NOW + 300);

		stale += verdict == NONCE_STALE;
		replayed += verdict == NONCE_REPLAYED;
	}
	assert_int_equal(stale + replayed, MANY);
	assert_true(replayed >= 7000 && stale > 0); /* 8192 places, hardly one of them idle */
	free(text);
}

/* What is too old is refused by its age: it leaves no mark that would make younger ones stale. */
static void old_nonces_give_way_unnoticed(void **state)
{
	char text[NONCE_TEXT], first[NONCE_TEXT];

	for (unsigned i = 0; i < 20000; i++) {
		make(*state, text, NOW);
		nonce_use(*state, str_of(text), 1, NOW);
	}
	make(*state, first, NOW + NONCE_LIFETIME_MS);
	for (unsigned i = 0; i < 4000; i++) {
		make(*state, text, NOW + NONCE_LIFETIME_MS + 1);
		assert_int_equal(nonce_use(*state, str_of(text), 1, NOW + NONCE_LIFETIME_MS + 2),
				 NONCE_GOOD);
	}
	assert_int_equal(nonce_use(*state, str_of(first), 1, NOW + NONCE_LIFETIME_MS + 3),
			 NONCE_GOOD);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
	    TEST(a_nonce_is_good_until_its_time_is_over),
	    TEST(nonces_of_one_millisecond_differ),
	    TEST(what_is_changed_or_of_somebody_else_is_foreign),
	    TEST(no_count_is_taken_twice_though_requests_overtake_each_other),
	    TEST(a_nonce_that_lost_its_place_is_stale_and_never_fresh_again),
	    TEST(old_nonces_give_way_unnoticed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
