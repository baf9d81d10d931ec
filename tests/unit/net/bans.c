/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who is banned, for how long, and who never is. */
#include "fixture.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/ban.h"

static const struct sockaddr *host(const char *text)
{
	static struct sockaddr_storage address;

	assert_int_equal(net_address_parse(&address, text, 4321), 0);
	return (const struct sockaddr *)&address;
}

/* How many offences in a row, interval_ms apart, until one bans; 0: a hundred do not. */
static unsigned offences_until_ban(enum ban_offence offence, unsigned interval_ms)
{
	struct bans *bans = bans_new();
	uint64_t now_ms = 1000000, until_ms;
	unsigned n = 1;

	assert_non_null(bans);
	for (; n <= 100; n++, now_ms += interval_ms)
		if (ban_judge(bans, host("192.0.2.1"), offence, now_ms, &until_ms))
			break;
	bans_free(bans);
	return n > 100 ? 0 : n;
}

static void offences_weigh_and_fade(void **state)
{
	static const struct {
		enum ban_offence offence;
		unsigned interval_ms, count;
	} facts[] = {
	    {BAN_TLS_FAILED, 0, 10},       {BAN_TLS_FAILED, 3000, 19}, {BAN_TLS_FAILED, 6000, 0},
	    {BAN_UNKNOWN_IDENTITY, 0, 10}, {BAN_TIMEOUT, 0, 10},       {BAN_UNKNOWN_SOURCE, 0, 20},
	    {BAN_UNKNOWN_SOURCE, 3000, 0}, {BAN_LIMIT, 0, 50},         {BAN_CREDENTIALS, 0, 10},
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(facts) / sizeof(facts[0]); i++)
		if (offences_until_ban(facts[i].offence, facts[i].interval_ms) != facts[i].count)
			fail_msg("%s every %u ms: %u", ban_offence_text(facts[i].offence),
				 facts[i].interval_ms,
				 offences_until_ban(facts[i].offence, facts[i].interval_ms));
}

static uint64_t earn(struct bans *bans, const char *source, uint64_t now_ms)
{
	uint64_t until_ms = 0;

	for (unsigned i = 0; i < 10; i++)
		ban_judge(bans, host(source), BAN_TLS_FAILED, now_ms, &until_ms);
	return until_ms - now_ms;
}

static void each_further_ban_is_longer_until_it_is_forgotten(void **state)
{
	static const uint64_t terms_s[] = {60, 120, 240, 480, 960, 1920, 3840, 7680, 14400, 14400};
	struct bans *bans = bans_new();
	uint64_t now_ms = 5000;

	(void)state;
	for (unsigned i = 0; i < 10; i++) {
		uint64_t term_ms = earn(bans, "192.0.2.1", now_ms);

		assert_int_equal(term_ms, terms_s[i] * 1000);
		assert_true(ban_refuses(bans, host("192.0.2.1"), now_ms + term_ms - 1));
		assert_false(ban_refuses(bans, host("192.0.2.1"), now_ms + term_ms));
		now_ms += term_ms;
	}
	assert_int_equal(earn(bans, "192.0.2.1", now_ms + 86400001), 60000);
	bans_free(bans);
}

static void a_source_is_an_address_or_a_64(void **state)
{
	static const struct {
		const char *banned, *asked;
		bool refused;
	} facts[] = {
	    {"192.0.2.1", "192.0.2.1", true},
	    {"192.0.2.1", "192.0.2.2", false},
	    {"2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true},
	    {"2001:db8:1:2::1", "2001:db8:1:3::1", false},
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
		struct bans *bans = bans_new();

		assert_int_equal(earn(bans, facts[i].banned, 1000), 60000);
		assert_int_equal(ban_refuses(bans, host(facts[i].asked), 2000), facts[i].refused);
		assert_int_equal(ban_lift(bans, host(facts[i].asked), 2000), facts[i].refused);
		assert_int_equal(ban_refuses(bans, host(facts[i].banned), 2000), !facts[i].refused);
		bans_free(bans);
	}
}

static void count_one(void *user, const struct ban *ban)
{
	(void)ban;
	++*(unsigned *)user;
}

/* A million sources that offend once do not make us forget who is banned. */
static void a_crowd_does_not_lift_bans(void **state)
{
	struct bans *bans = bans_new();
	unsigned banned = 0;
	uint64_t until_ms;
	char source[32];

	(void)state;
	assert_int_equal(earn(bans, "192.0.2.1", 1000), 60000);
	for (unsigned i = 0; i < 1000000; i++) {
		struct sockaddr_in crowd = {.sin_family = AF_INET, .sin_addr.s_addr = 7 + i * 11};

		ban_judge(bans, (struct sockaddr *)&crowd, BAN_TLS_FAILED, 1000 + i / 100,
			  &until_ms);
	}
	snprintf(source, sizeof(source), "192.0.2.1");
	assert_true(ban_refuses(bans, host(source), 20000));
	ban_each(bans, 20000, count_one, &banned);
	assert_int_equal(banned, 1);
	bans_free(bans);
}

static void garbage_gets_a_stranger_banned_and_an_operator_lifts_it(void **state)
{
	struct fixture *fixture = *state;
	struct client *client;

	/* ten at once; they fade a little meanwhile */
	for (unsigned i = 0; i < 12 && log_last != LOG_SOURCE_BANNED; i++) {
		client = client_open(fixture, ON_TLS, "127.0.0.99", -1);
		client_say(client, OPTIONS);
		run_until_closed(fixture, client);
		client_free(client);
	}
	assert_true(fixture->net->counters.tls_failed >= 10);
	assert_int_equal(fixture->net->counters.banned, 0);
	assert_int_equal(net_ban_lift(fixture->net, "127.0.0.98"), -ENOENT);
	client = client_open(fixture, ON_TLS, "127.0.0.99", CLIENT);
	run_until_counted(fixture, client, &fixture->net->counters.banned, 1);
	client_free(client);
	assert_int_equal(net_ban_lift(fixture->net, "no address"), -EINVAL);
	assert_int_equal(net_ban_lift(fixture->net, "127.0.0.99"), 0);
	client = client_open(fixture, ON_TLS, "127.0.0.99", CLIENT);
	run_until_up(fixture, client);
	client_free(client);
	run_for(fixture, NULL, 5);
}

/* Neither by its configured address, nor where one of its connections comes from. */
static void a_peer_is_never_banned(void **state)
{
	static const char *const sources[] = {"127.0.0.13", "127.0.0.77"};
	struct fixture *fixture = *state;
	struct client *good = client_open(fixture, ON_TLS, "127.0.0.77", CLIENT);

	run_until_up(fixture, good);
	for (unsigned i = 0; i < 24; i++) {
		struct client *client = client_open(fixture, ON_TLS, sources[i % 2], -1);

		client_say(client, OPTIONS);
		run_until_closed(fixture, client);
		client_free(client);
	}
	assert_int_equal(fixture->net->counters.tls_failed, 24);
	assert_int_equal(fixture->net->counters.banned, 0);
	client_free(good);
	run_for(fixture, NULL, 5);
}

/* A carrier whose certificate has just run out: it was there before, and comes back. */
static void who_has_been_a_peer_is_not_banned_for_what_it_does_now(void **state)
{
	struct fixture *fixture = *state;
	struct client *client = client_open(fixture, ON_TLS, "127.0.0.78", CLIENT);

	run_until_up(fixture, client);
	client_free(client);
	run_until(fixture, NULL, &fixture->lost_count, 1);
	for (unsigned i = 0; i < 15; i++) {
		client = client_open(fixture, ON_TLS, "127.0.0.78", -1);
		client_say(client, OPTIONS);
		run_until_closed(fixture, client);
		client_free(client);
	}
	assert_int_equal(fixture->net->counters.tls_failed, 15);
	client = client_open(fixture, ON_TLS, "127.0.0.78", CLIENT);
	run_until_up(fixture, client);
	assert_int_equal(fixture->net->counters.banned, 0);
	client_free(client);
	run_for(fixture, NULL, 5);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(offences_weigh_and_fade),
	    cmocka_unit_test(each_further_ban_is_longer_until_it_is_forgotten),
	    cmocka_unit_test(a_source_is_an_address_or_a_64),
	    cmocka_unit_test(a_crowd_does_not_lift_bans),
	    TEST(garbage_gets_a_stranger_banned_and_an_operator_lifts_it),
	    TEST(a_peer_is_never_banned),
	    TEST(who_has_been_a_peer_is_not_banned_for_what_it_does_now),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
