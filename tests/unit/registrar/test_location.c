/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of bindings: found, bounded, ended, lost with their connection. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "registrar/location.h"

#define ALICE STR("sip:alice@pbx.example")
#define BOB STR("sip:bob@pbx.example")

static int setup(void **state)
{
	static const struct location_limits limits = {.total = 8, .per_aor = 3, .peers = 2};

	return locations_new((struct locations **)state, &limits);
}

static int teardown(void **state)
{
	locations_free(*state);
	return 0;
}

static int add_at(struct locations *locations, unsigned peer, struct str aor, unsigned number,
		  uint64_t connection, struct location **location)
{
	const struct sip_flow flow = {.transport = connection ? SIP_TCP : SIP_UDP,
				      .connection = connection};
	char contact[64];

	snprintf(contact, sizeof(contact), "sip:%u@192.0.2.1", number);
	return location_add(locations, location, peer, 5, aor, str_of(contact), &flow, 1000);
}

static struct location *add(struct locations *locations, unsigned peer, struct str aor,
			    unsigned number, uint64_t connection)
{
	struct location *location;

	assert_int_equal(add_at(locations, peer, aor, number, connection, &location), 0);
	return location;
}

static void a_binding_is_found_by_what_it_has(void **state)
{
	struct location *one = add(*state, 0, ALICE, 1, 7), *two = add(*state, 0, ALICE, 2, 8),
			*other = add(*state, 1, ALICE, 1, 0);

	assert_ptr_equal(location_by_token(*state, str_of(one->token)), one);
	assert_ptr_equal(location_by_token(*state, str_of(two->token)), two);
	assert_null(location_by_token(*state, STR("r0123456789abcdef")));
	assert_null(location_by_token(*state, STR("")));
	assert_string_not_equal(one->token, two->token);
	assert_int_equal(strlen(one->token), LOCATION_TOKEN_TEXT - 1);
	assert_ptr_equal(location_by_contact(*state, 0, ALICE, STR("sip:2@192.0.2.1")), two);
	assert_ptr_equal(location_by_contact(*state, 1, ALICE, STR("sip:1@192.0.2.1")), other);
	assert_null(location_by_contact(*state, 0, BOB, STR("sip:1@192.0.2.1")));
	assert_null(location_by_contact(*state, 1, ALICE, STR("sip:2@192.0.2.1")));
	assert_ptr_equal(location_by_connection(*state, 8), two);
	assert_null(location_by_connection(*state, 9));
	assert_null(location_by_connection(*state, 0));
	assert_false(one->bound);
}

static void what_is_full_changes_nothing(void **state)
{
	struct location *location;

	for (unsigned i = 0; i < 3; i++)
		add(*state, 0, ALICE, i, 0);
	assert_int_equal(add_at(*state, 0, ALICE, 3, 0, &location), -E2BIG);
	add(*state, 1, ALICE, 3, 0); /* another peer's alice */
	add(*state, 0, BOB, 4, 0);
	add(*state, 0, BOB, 5, 0);
	assert_int_equal(add_at(*state, 0, STR("sip:carol@pbx.example"), 6, 0, &location), -EDQUOT);
	add(*state, 1, BOB, 7, 0);
	add(*state, 1, BOB, 8, 0);
	assert_int_equal(add_at(*state, 1, BOB, 9, 0, &location), -ENOSPC);
	assert_int_equal(locations_count(*state), 8);
	location_remove(*state, location_by_contact(*state, 0, ALICE, STR("sip:1@192.0.2.1")));
	add(*state, 0, ALICE, 9, 0);
}

static void bindings_end_in_their_order(void **state)
{
	struct location *one = add(*state, 0, ALICE, 1, 0), *two = add(*state, 0, ALICE, 2, 0);
	const struct sip_flow flow = {.transport = SIP_TCP, .connection = 5};

	assert_int_equal(locations_next(*state, 400), 600);
	location_bind(*state, one, &flow, 5000);
	assert_true(one->bound);
	assert_ptr_equal(location_by_connection(*state, 5), one);
	assert_null(location_ended(*state, 999));
	assert_ptr_equal(location_ended(*state, 1000), two);
	location_remove(*state, two);
	assert_null(location_ended(*state, 1000));
	assert_int_equal(locations_next(*state, 1000), 4000);
	assert_int_equal(locations_next(*state, 6000), 0);
	location_remove(*state, one);
	assert_int_equal(locations_next(*state, 6000), -1);
	assert_int_equal(locations_count(*state), 0);
}

static void a_binding_that_moves_leaves_its_old_connection(void **state)
{
	const struct sip_flow second = {.transport = SIP_TCP, .connection = 8};
	struct location *one = add(*state, 0, ALICE, 1, 7);

	location_bind(*state, one, &second, 2000);
	assert_null(location_by_connection(*state, 7));
	assert_ptr_equal(location_by_connection(*state, 8), one);
}

static void all_of_an_address_of_record_are_found_one_by_one(void **state)
{
	const struct location *location = NULL;
	unsigned count = 0;

	for (unsigned i = 0; i < 3; i++)
		add(*state, 0, ALICE, i, 3);
	add(*state, 0, BOB, 9, 3);
	while ((location = location_by_aor(*state, 0, ALICE, location)))
		count++;
	assert_int_equal(count, 3);
	for (count = 0, location = NULL; (location = location_each(*state, location));)
		count++;
	assert_int_equal(count, 4);
	for (count = 0; (location = location_by_connection(*state, 3)); count++)
		location_remove(*state, (struct location *)(uintptr_t)location);
	assert_int_equal(count, 4);
}

static void one_that_is_lost_keeps_its_place_until_its_end(void **state)
{
	const struct sip_flow flow = {.transport = SIP_TCP, .connection = 9};
	struct location *one = add(*state, 0, ALICE, 1, 7), *two = add(*state, 0, ALICE, 2, 8),
			*other = add(*state, 1, BOB, 1, 6);

	location_lose(*state, other);
	location_lose(*state, two);
	location_lose(*state, one);
	location_lose(*state, one);
	assert_true(one->lost);
	assert_null(location_by_connection(*state, 7));
	assert_ptr_equal(location_by_token(*state, str_of(one->token)), one);
	assert_true(location_spare(*state, LOCATION_LOST, UINT_MAX, (struct str){0})->lost);
	assert_ptr_equal(location_spare(*state, LOCATION_LOST, 0, (struct str){0}), two);
	assert_null(location_spare(*state, LOCATION_LOST, 0, BOB));
	location_bind(*state, two, &flow, 2000);
	assert_false(two->lost);
	assert_ptr_equal(location_by_connection(*state, 9), two);
	assert_ptr_equal(location_spare(*state, LOCATION_LOST, 0, ALICE), one);
	assert_int_equal(locations_next(*state, 0), 1000);
	location_remove(*state, one);
	assert_null(location_spare(*state, LOCATION_LOST, 0, ALICE));
}

/* Whoever names contacts of others' addresses of record takes no place that these could have. */
static void what_was_not_accepted_gives_way_however_many_others_there_are(void **state)
{
	static const struct location_limits limits = {.total = 1000, .per_aor = 3, .peers = 2};
	const struct sip_flow flow = {.transport = SIP_TCP, .connection = 9};
	struct locations *locations;
	struct location *location, *alices[3];
	char aor[32];

	(void)state;
	assert_int_equal(locations_new(&locations, &limits), 0);
	for (unsigned i = 0; i < 600; i++) {
		snprintf(aor, sizeof(aor), "sip:%u@pbx.example", i);
		assert_int_equal(location_add(locations, &location, 0, 0, str_of(aor), STR("sip:x"),
					      &flow, 1000),
				 0);
		location->passage = locations; /* its request is under way */
	}
	for (unsigned i = 0; i < 3; i++)
		alices[i] = add(locations, 1, ALICE, i, 7);
	location_bind(locations, alices[0], &flow, 1000);
	alices[1]->passage = alices[1];
	assert_ptr_equal(location_spare(locations, LOCATION_UNBOUND, 1, ALICE), alices[2]);
	assert_ptr_equal(location_spare(locations, LOCATION_UNBOUND, 1, (struct str){0}),
			 alices[2]);
	assert_ptr_equal(location_spare(locations, LOCATION_UNBOUND, UINT_MAX, (struct str){0}),
			 alices[2]);
	assert_null(location_spare(locations, LOCATION_UNBOUND, 0, (struct str){0}));
	assert_null(location_spare(locations, LOCATION_UNBOUND, 1, BOB));
	locations_free(locations);
}

static void they_are_told_in_the_order_in_which_they_came(void **state)
{
	struct location *one = add(*state, 0, ALICE, 1, 7), *two = add(*state, 1, BOB, 2, 8),
			*three = add(*state, 0, ALICE, 3, 9);
	uint64_t serial = two->serial;

	assert_ptr_equal(location_after(*state, 0), one);
	assert_ptr_equal(location_after(*state, one->serial), two);
	location_remove(*state, two);
	assert_ptr_equal(location_after(*state, serial), three);
	assert_ptr_equal(location_after(*state, one->serial), three);
	assert_null(location_after(*state, three->serial));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
	    TEST(a_binding_is_found_by_what_it_has),
	    TEST(what_is_full_changes_nothing),
	    TEST(bindings_end_in_their_order),
	    TEST(a_binding_that_moves_leaves_its_old_connection),
	    TEST(all_of_an_address_of_record_are_found_one_by_one),
	    TEST(one_that_is_lost_keeps_its_place_until_its_end),
	    TEST(what_was_not_accepted_gives_way_however_many_others_there_are),
	    TEST(they_are_told_in_the_order_in_which_they_came),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
