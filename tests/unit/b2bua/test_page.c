/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lists of calls, page by page, while calls begin and end. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "b2bua/call.h"
#include "b2bua/page.h"
#include "b2bua/state.h"
#include "world.h"

#define CALLS 20U

static struct call *make(struct world *world, enum phone_number from, enum phone_number to)
{
	struct call *call =
	    call_new(world->b2bua, &world->config.peers[from], &world->config.peers[to]);

	snprintf(call->from, sizeof(call->from), "+49%u", (unsigned)from);
	snprintf(call->to, sizeof(call->to), "200%u", (unsigned)to);
	return call;
}

/* The page as the serials of its calls: "1 2 3 +", with + when there is a next. */
static void page(struct world *world, const struct page_filter *filter, char *cursor,
		 unsigned count, char *text)
{
	int status;
	json_t *page =
	    b2bua_call_page(world->b2bua, filter, cursor[0] ? cursor : NULL, count, &status);
	json_t *list = json_object_get(page, "calls");
	size_t used = 0;

	assert_non_null(page);
	text[0] = '\0';
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *id = json_string_value(json_object_get(json_array_get(list, i), "id"));

		used +=
		    (size_t)sprintf(text + used, "%d ", (int)call_find(world->b2bua, id)->serial);
	}
	if (json_object_get(page, "next"))
		strcpy(cursor, json_string_value(json_object_get(page, "next")));
	else
		cursor[0] = '\0';
	strcat(text, cursor[0] ? "+" : ".");
	json_decref(page);
}

static void end(struct world *world, struct call *call)
{
	b2bua_enter(world->b2bua);
	call_discard(call);
	b2bua_leave(world->b2bua);
}

static void every_call_that_lives_throughout_is_told_once(void **state)
{
	struct world *world = *state;
	const struct page_filter any = {0};
	struct call *call[CALLS];
	char cursor[PAGE_CURSOR_MAX] = "", text[256];

	for (unsigned i = 0; i < CALLS; i++)
		call[i] = make(world, ALICE, BOB);
	page(world, &any, cursor, 5, text);
	assert_string_equal(text, "1 2 3 4 5 +");
	end(world, call[4]); /* the one that the cursor stands on */
	end(world, call[0]);
	end(world, call[6]);
	page(world, &any, cursor, 5, text);
	assert_string_equal(text, "6 8 9 10 11 +");
	make(world, ALICE, BOB);
	page(world, &any, cursor, 8, text);
	assert_string_equal(text, "12 13 14 15 16 17 18 19 +");
	for (unsigned i = 10; i < CALLS; i++)
		end(world, call[i]);
	page(world, &any, cursor, 5, text);
	assert_string_equal(text, "21 .");
}

static void a_list_of_nothing_has_no_next(void **state)
{
	const struct page_filter any = {0};
	char cursor[PAGE_CURSOR_MAX] = "", text[256];

	page(*state, &any, cursor, 5, text);
	assert_string_equal(text, ".");
}

static void a_filter_finds_the_calls_that_fit_all_of_it(void **state)
{
	struct world *world = *state;
	static const struct {
		struct page_filter filter;
		const char *calls;
	} facts[] = {
	    {{.peer = "alice"}, "1 3 ."},    {{.peer = "dave"}, "."},
	    {{.number = "2002"}, "2 3 ."},   {{.number = "2003"}, "."},
	    {{.number = "2001"}, "1 ."},     {{.number = "+490"}, "1 3 ."},
	    {{.number = "200?"}, "1 2 3 ."}, {{.number = "200*", .peer = "carol"}, "2 3 ."},
	    {{.state = "early"}, "1 2 3 ."}, {{.state = "answered"}, "."},
	    {{.older_ms = 2000}, "1 ."},     {{.older_ms = 1000}, "1 2 ."},
	    {{.older_ms = 2001}, "."},
	};

	make(world, ALICE, BOB);
	world->now_ms += 1000;
	make(world, BOB, CAROL);
	world->now_ms += 1000;
	make(world, ALICE, CAROL);
	for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
		char cursor[PAGE_CURSOR_MAX] = "", text[256];

		page(world, &facts[i].filter, cursor, 10, text);
		if (strcmp(text, facts[i].calls) != 0)
			fail_msg("fact %zu: %s", i, text);
	}
}

static void what_is_no_cursor_is_refused(void **state)
{
	static const char *const bad[] = {"",
					  "x",
					  "1",
					  ".",
					  "1.",
					  "1.7f3a",
					  "-1.00000000",
					  " 1.00000000",
					  "99999999999999999999999.00000000",
					  "1.000000000"};
	struct world *world = *state;
	const struct page_filter any = {0};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		int status = 0;

		assert_null(b2bua_call_page(world->b2bua, &any, bad[i], 5, &status));
		assert_int_equal(status, -EINVAL);
	}
}

/* A filter that nothing fits must not look at all calls at once. */
static void a_page_looks_at_a_bounded_number_of_calls(void **state)
{
	struct world *world = *state;
	const struct page_filter nobody = {.peer = "nobody"};
	char cursor[PAGE_CURSOR_MAX] = "", text[256];

	for (unsigned i = 0; i < PAGE_EXAMINED_MAX + 1; i++)
		make(world, ALICE, BOB);
	page(world, &nobody, cursor, 5, text);
	assert_string_equal(text, "+");
	page(world, &nobody, cursor, 5, text);
	assert_string_equal(text, ".");
}

#define PAGE_TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    PAGE_TEST(every_call_that_lives_throughout_is_told_once),
	    PAGE_TEST(a_list_of_nothing_has_no_next),
	    PAGE_TEST(a_filter_finds_the_calls_that_fit_all_of_it),
	    PAGE_TEST(what_is_no_cursor_is_refused),
	    PAGE_TEST(a_page_looks_at_a_bounded_number_of_calls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
