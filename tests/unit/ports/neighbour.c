/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include <linux/neighbour.h>

#include "net/neighbour.h"

static const uint8_t address_a[16] = {10, 0, 0, 1};
static const uint8_t address_b[16] = {10, 0, 0, 2};

static void a_neighbour_is_found_by_interface_family_and_address(void **state)
{
	struct neighbour_table *table = neighbour_table_new(1);
	struct neighbour *a = neighbour_add(table, 2, 4, address_a);

	(void)state;
	assert_non_null(a);
	assert_false(a->known);
	assert_ptr_equal(neighbour_find(table, 2, 4, address_a), a);
	assert_ptr_equal(neighbour_add(table, 2, 4, address_a), a);
	assert_null(neighbour_find(table, 3, 4, address_a));
	assert_null(neighbour_find(table, 2, 6, address_a));
	assert_null(neighbour_find(table, 2, 4, address_b));
	neighbour_table_free(table);
}

static void only_those_not_used_for_long_expire(void **state)
{
	struct neighbour_table *table = neighbour_table_new(1);
	struct neighbour *a = neighbour_add(table, 2, 4, address_a);
	struct neighbour *b = neighbour_add(table, 2, 4, address_b);

	(void)state;
	a->used_ms = 1000;
	b->used_ms = 5000;
	neighbour_expire(table, 6000, 2000);
	assert_null(neighbour_find(table, 2, 4, address_a));
	assert_ptr_equal(neighbour_find(table, 2, 4, address_b), b);
	neighbour_table_free(table);
}

static void a_full_table_takes_no_more_and_keeps_what_it_has(void **state)
{
	struct neighbour_table *table = neighbour_table_new(1);
	uint8_t address[16] = {0};

	(void)state;
	for (uint32_t i = 0; i < NEIGHBOURS_MAX; i++) {
		memcpy(address, &i, sizeof(i));
		assert_non_null(neighbour_add(table, 1, 6, address));
	}
	memset(address, 0xff, sizeof(address));
	assert_null(neighbour_add(table, 1, 6, address));
	memset(address, 0, sizeof(address));
	assert_non_null(neighbour_add(table, 1, 6, address));
	neighbour_table_free(table);
}

static void after_lost_notifications_nothing_is_known(void **state)
{
	struct neighbour_table *table = neighbour_table_new(1);
	struct neighbour *a = neighbour_add(table, 2, 4, address_a);

	(void)state;
	a->known = true;
	neighbour_forget_all(table);
	assert_false(a->known);
	neighbour_table_free(table);
}

struct usable_fact {
	uint16_t state;
	bool has_mac;
	uint8_t mac[6];
	bool usable;
};

static const struct usable_fact usable_facts[] = {
    {NUD_REACHABLE, true, {2, 0, 0, 0, 0, 1}, true},
    {NUD_STALE, true, {2, 0, 0, 0, 0, 1}, true},
    {NUD_DELAY, true, {2, 0, 0, 0, 0, 1}, true},
    {NUD_PROBE, true, {2, 0, 0, 0, 0, 1}, true},
    {NUD_PERMANENT, true, {2, 0, 0, 0, 0, 1}, true},
    {NUD_NOARP, true, {2, 0, 0, 0, 0, 1}, true},
    {NUD_INCOMPLETE, true, {2, 0, 0, 0, 0, 1}, false},
    {NUD_FAILED, true, {2, 0, 0, 0, 0, 1}, false},
    {0, true, {2, 0, 0, 0, 0, 1}, false},
    {NUD_REACHABLE, false, {0}, false},
    {NUD_PERMANENT, true, {0}, false},                   /* no address */
    {NUD_PERMANENT, true, {1, 0, 0x5e, 0, 0, 1}, false}, /* a group address */
};

static void only_a_valid_state_with_a_unicast_mac_is_usable(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(usable_facts) / sizeof(usable_facts[0]); i++) {
		const struct usable_fact *fact = &usable_facts[i];
		struct rtnl_neighbour neighbour = {.state = fact->state, .has_mac = fact->has_mac};

		memcpy(&neighbour.mac, fact->mac, sizeof(neighbour.mac));
		assert_int_equal(neighbour_usable(&neighbour), fact->usable);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_neighbour_is_found_by_interface_family_and_address),
	    cmocka_unit_test(only_those_not_used_for_long_expire),
	    cmocka_unit_test(a_full_table_takes_no_more_and_keeps_what_it_has),
	    cmocka_unit_test(after_lost_notifications_nothing_is_known),
	    cmocka_unit_test(only_a_valid_state_with_a_unicast_mac_is_usable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
