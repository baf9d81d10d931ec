/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which of several senders is refused, and that one which floods is alone in that. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "overload/overload.h"

#define SENDERS 4U
#define A_WHILE 200U /* ticks: rates are what they are */

struct relay {
	struct overload overload;
	uint64_t now_ms;
};

static int setup(void **state)
{
	static struct relay relay;

	relay = (struct relay){.overload.limits = {.enter_ms = 50, .leave_ms = 10}};
	*state = &relay;
	return overload_senders(&relay.overload, SENDERS);
}

static int teardown(void **state)
{
	struct relay *relay = *state;

	overload_free(&relay->overload);
	return 0;
}

struct load {
	unsigned came[SENDERS]; /* new calls a tick */
	enum overload_way way[SENDERS];
	uint64_t wait_us[SENDERS]; /* on streams of their own */
	struct overload_sample sample;
};

static void feed(struct relay *relay, const struct load *load, unsigned ticks)
{
	for (; ticks > 0; ticks--) {
		for (unsigned i = 0; i < SENDERS; i++) {
			for (unsigned n = 0; n < load->came[i]; n++)
				overload_came(&relay->overload,
					      &(struct overload_origin){i + 1, load->way[i]},
					      SIP_METHOD_INVITE);
			overload_waits(&relay->overload, i + 1, load->wait_us[i]);
		}
		relay->now_ms += OVERLOAD_TICK_MS;
		overload_tick(&relay->overload, &load->sample, relay->now_ms);
	}
}

static bool refuses(struct relay *relay, unsigned sender, enum overload_way way,
		    enum sip_method method, uint64_t draw)
{
	const struct overload_origin origin = {sender, way};

	return overload_refuses(&relay->overload, &origin, method, draw);
}

static unsigned share(const struct relay *relay, unsigned sender)
{
	return relay->overload.sender[sender].share[OVERLOAD_NOW];
}

/* What each sends, how much of a pool is in use (so much of all is refused), and of whom. */
static const struct {
	unsigned came[SENDERS];
	unsigned fill, share[SENDERS];
} facts[] = {
    {{100, 0, 0, 0}, 90, {600, 0, 0, 0}},
    {{50, 50, 0, 0}, 90, {600, 600, 0, 0}},
    {{91, 3, 3, 3}, 90, {659, 0, 0, 0}},
    {{100, 100, 20, 20}, 80, {240, 240, 0, 0}},
    {{40, 30, 20, 10}, 80, {375, 167, 0, 0}},
    {{1000, 1, 1, 1}, 95, {803, 0, 0, 0}},
    {{100, 100, 100, 1}, 95, {803, 803, 803, 0}},
    {{1000, 10, 10, 10}, 100, {1000, 1000, 1000, 1000}},
};

static void who_asks_for_less_than_an_even_part_gets_all_of_it(void **state)
{
	struct relay *relay = *state;

	for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
		struct load load = {.sample.pool[OVERLOAD_MEMORY] = {facts[i].fill, 100}};
		unsigned refused = 0, came = 0;

		for (unsigned n = 0; n < SENDERS; n++)
			load.came[n] = facts[i].came[n];
		relay->overload.on = false;
		feed(relay, &load, 1);
		relay->overload.on = true;
		feed(relay, &load, 5 * A_WHILE);
		for (unsigned n = 0; n < SENDERS; n++) {
			unsigned expected = facts[i].share[n];

			assert_in_range(share(relay, n + 1), expected > 5 ? expected - 5 : 0,
					expected ? expected + 5 : 0);
			refused += facts[i].came[n] * share(relay, n + 1);
			came += facts[i].came[n];
		}
		assert_in_range(relay->overload.share, refused / came - 2, refused / came + 2);
	}
}

static void one_that_floods_is_refused_and_those_beside_it_are_not(void **state)
{
	struct relay *relay = *state;
	struct load load = {.came = {500, 5, 1, 0}, .sample.delay_us = 200000};
	unsigned refused;

	feed(relay, &load, A_WHILE);
	assert_true(relay->overload.on);
	assert_in_range(share(relay, 1), 960, OVERLOAD_ALL);
	for (uint64_t draw = 0; draw < OVERLOAD_ALL; draw++) {
		assert_false(refuses(relay, 2, OVERLOAD_BY_STREAM, SIP_METHOD_INVITE, draw));
		assert_false(refuses(relay, 3, OVERLOAD_BY_STREAM, SIP_METHOD_REGISTER, draw));
		assert_false(refuses(relay, 4, OVERLOAD_BY_STREAM, SIP_METHOD_INVITE, draw));
	}
	assert_true(refuses(relay, 1, OVERLOAD_BY_STREAM, SIP_METHOD_REGISTER, 500));
	assert_int_equal(overload_most_refused(&relay->overload, &refused), 1);
	assert_in_range(refused, 960, OVERLOAD_ALL);
	assert_in_range(relay->overload.share, 950, OVERLOAD_ALL);
}

/* Its requests are of a dialog, or no requests: refusing those of others would not help. */
static void who_fills_its_own_streams_waits_alone(void **state)
{
	struct relay *relay = *state;
	struct load load = {.came = {0, 50, 50, 0}, .wait_us = {300000, 0, 0, 0}};

	feed(relay, &load, A_WHILE);
	assert_true(relay->overload.on);
	assert_int_equal(overload_longest(&relay->overload), 1);
	assert_string_equal(overload_reason(&relay->overload), "delay");
	assert_true(refuses(relay, 1, OVERLOAD_BY_FULL_STREAM, SIP_METHOD_INVITE,
			    OVERLOAD_ALL - OVERLOAD_LEAST - 1));
	assert_false(refuses(relay, 1, OVERLOAD_BY_FULL_STREAM, SIP_METHOD_INVITE,
			     OVERLOAD_ALL - OVERLOAD_LEAST));
	/* of another stream of the same sender: another phone */
	assert_false(refuses(relay, 1, OVERLOAD_BY_STREAM, SIP_METHOD_INVITE, 0));
	assert_false(refuses(relay, 2, OVERLOAD_BY_FULL_STREAM, SIP_METHOD_INVITE, 0));
	assert_false(refuses(relay, 3, OVERLOAD_BY_STREAM, SIP_METHOD_INVITE, 0));
	assert_int_equal(relay->overload.share, 0);
	load.wait_us[0] = 0;
	feed(relay, &load, OVERLOAD_QUIET_MS / OVERLOAD_TICK_MS + A_WHILE);
	assert_false(relay->overload.on);
	assert_int_equal(overload_longest(&relay->overload), 0);
}

static void a_flood_of_datagrams_is_no_reason_to_refuse_what_comes_by_streams(void **state)
{
	struct relay *relay = *state;
	struct load load = {.came = {50, 50, 10, 0},
			    .way = {OVERLOAD_BY_DATAGRAM, OVERLOAD_BY_STREAM, OVERLOAD_BY_DATAGRAM},
			    .sample.lost = true};

	feed(relay, &load, A_WHILE);
	assert_true(relay->overload.on);
	assert_true(share(relay, 1) > 900);
	assert_true(share(relay, 3) > 900);
	assert_int_equal(share(relay, 2), 0);
	load.sample.lost = false; /* a turn is too long: that is all senders' matter */
	load.sample.delay_us = 200000;
	feed(relay, &load, A_WHILE);
	assert_true(share(relay, 2) > 900);
}

static void a_sender_without_a_number_is_refused_as_if_it_were_alone(void **state)
{
	struct relay *relay = *state;
	struct load load = {.came = {100, 0, 0, 0},
			    .sample.pool[OVERLOAD_MEMORY] = {.used = 90, .most = 100}};
	unsigned refused = 0;

	feed(relay, &load, A_WHILE);
	overload_waits(&relay->overload, SENDERS + 1, 1000000);
	for (uint64_t draw = 0; draw < OVERLOAD_ALL; draw++)
		refused += refuses(relay, SENDERS + 1, OVERLOAD_BY_STREAM, SIP_METHOD_INVITE, draw);
	assert_int_equal(refused, 600);
	overload_count_refused(&relay->overload, 1, SIP_METHOD_INVITE);
	overload_count_refused(&relay->overload, SENDERS + 1, SIP_METHOD_INVITE);
	assert_int_equal(relay->overload.sender[1].refused, 1);
	assert_int_equal(relay->overload.others.refused, 1);
	assert_int_equal(relay->overload.counters.refused_invite, 2);
}

#define FAIR_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    FAIR_TEST(who_asks_for_less_than_an_even_part_gets_all_of_it),
	    FAIR_TEST(one_that_floods_is_refused_and_those_beside_it_are_not),
	    FAIR_TEST(who_fills_its_own_streams_waits_alone),
	    FAIR_TEST(a_flood_of_datagrams_is_no_reason_to_refuse_what_comes_by_streams),
	    FAIR_TEST(a_sender_without_a_number_is_refused_as_if_it_were_alone),
	};

	return cmocka_run_group_tests_name("overload fair", tests, NULL, NULL);
}
