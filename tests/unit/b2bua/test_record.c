/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a call leaves behind: its record, as docs/records.md describes it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "record/records.h"
#include "world.h"

static char directory[] = "/tmp/sluice-calls-XXXXXX";
static char path[64], live[80];
static struct records *records;

static void records_start(void)
{
	const struct records_config config = {.path = path, .bytes = 1 << 20, .calls = 100};
	char error[256];

	assert_int_equal(records_open(&records, &config, error, sizeof(error)), 0);
}

static int setup(void **state)
{
	struct world *world;

	if (world_setup(state) < 0)
		return -1;
	world = *state;
	strcpy(directory + strlen(directory) - 6, "XXXXXX");
	assert_non_null(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/calls", directory);
	snprintf(live, sizeof(live), "%s.live", path);
	records_start();
	b2bua_record(world->b2bua, records);
	return 0;
}

static int teardown(void **state)
{
	int rc = world_teardown(state);

	records_close(records);
	unlink(path);
	unlink(live);
	rmdir(directory);
	return rc;
}

/* The only record so far. */
static json_t *record(void)
{
	json_t *list = records_last(records, 10), *only;

	assert_int_equal(json_array_size(list), 1);
	only = json_incref(json_array_get(list, 0));
	json_decref(list);
	return only;
}

/* A value at a path such as "legs.0.peer"; NULL: absent. */
static const json_t *at(const json_t *value, const char *where)
{
	char copy[64], *rest = copy, *word;

	snprintf(copy, sizeof(copy), "%s", where);
	while (value && (word = strsep(&rest, ".")))
		value = json_is_array(value) ? json_array_get(value, (size_t)atoi(word))
					     : json_object_get(value, word);
	return value;
}

struct fact {
	const char *where;
	const char *text; /* NULL: must be JSON's null */
};

static void assert_facts(const json_t *value, const struct fact *facts, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const json_t *is = at(value, facts[i].where);
		const char *text = json_string_value(is);

		if (facts[i].text ? !text || strcmp(text, facts[i].text) != 0 : !json_is_null(is))
			fail_msg("%s is %s", facts[i].where,
				 text ? text
				 : is ? "no text"
				      : "absent");
	}
}

#define ASSERT_FACTS(value, facts) assert_facts(value, facts, sizeof(facts) / sizeof((facts)[0]))

static json_int_t number(const json_t *value, const char *where)
{
	assert_true(json_is_integer(at(value, where)));
	return json_integer_value(at(value, where));
}

static void a_call_that_was_answered_has_times_legs_and_counters(void **state)
{
	static const struct fact facts[] = {
	    {"from", "alice"},        {"to", "2002"},
	    {"security", "secured"},  {"end.cause", "caller-hung-up"},
	    {"end.by", "caller"},     {"legs.0.peer", "alice"},
	    {"legs.1.peer", "bob"},   {"legs.0.transport", "tls"},
	    {"legs.0.media", "SRTP"}, {"legs.0.suite", "AES_CM_128_HMAC_SHA1_80"},
	};
	struct world *world = *state;
	json_t *json;
	char *text;

	world_call(world, ALICE, BOB);
	world_advance(world, 5250);
	phone_requests(world, ALICE, "BYE", "", NULL);
	phone_answers(world, BOB, "BYE", 200, NULL);
	json = record();
	ASSERT_FACTS(json, facts);
	assert_int_equal(number(json, "schema"), 1);
	assert_int_equal(number(json, "status"), 200);
	assert_int_equal(number(json, "duration_ms"), 5250);
	assert_int_equal(strlen(json_string_value(at(json, "call"))), 8);
	assert_int_equal(strlen(json_string_value(at(json, "answered"))), 24);
	assert_true(strcmp(json_string_value(at(json, "started")),
			   json_string_value(at(json, "ended"))) < 0);
	/* each leg has a dialog of its own */
	assert_string_not_equal(json_string_value(at(json, "legs.0.call_id")),
				json_string_value(at(json, "legs.1.call_id")));
	text = json_dumps(json, 0);
	assert_null(strstr(text, KEY_ALICE));
	assert_null(strstr(text, KEY_BOB));
	assert_null(strstr(text, "inline"));
	free(text);
	json_decref(json);
}

static void a_call_that_was_declined_says_so(void **state)
{
	static const struct fact facts[] = {
	    {"answered", NULL},
	    {"end.cause", "declined"},
	    {"end.by", "callee"},
	};
	struct world *world = *state;
	json_t *json;

	phone_invites(world, ALICE, "2002", sdp_srtp_alice);
	phone_answers(world, BOB, "INVITE", 486, NULL);
	json = record();
	ASSERT_FACTS(json, facts);
	assert_int_equal(number(json, "status"), 486);
	assert_int_equal(number(json, "duration_ms"), 0);
	json_decref(json);
}

static void a_call_that_was_given_up_says_so(void **state)
{
	static const struct fact facts[] = {
	    {"answered", NULL},
	    {"end.cause", "cancelled"},
	    {"end.by", "caller"},
	};
	struct world *world = *state;
	json_t *json;

	phone_invites(world, ALICE, "2002", sdp_srtp_alice);
	phone_answers(world, BOB, "INVITE", 180, NULL);
	world_advance(world, 3000);
	phone_cancels(world, ALICE);
	json = record();
	ASSERT_FACTS(json, facts);
	assert_int_equal(number(json, "status"), 487);
	assert_int_equal(number(json, "setup_ms"), 3000);
	json_decref(json);
}

static void a_call_that_an_operator_ends_says_so(void **state)
{
	static const struct fact facts[] = {{"end.cause", "operator"}, {"end.by", "operator"}};
	struct world *world = *state;
	json_t *list, *json;
	const char *id;

	world_call(world, ALICE, CAROL);
	list = b2bua_call_list(world->b2bua);
	id = json_string_value(json_object_get(json_array_get(list, 0), "id"));
	assert_non_null(id);
	b2bua_call_hangup(world->b2bua, id);
	json_decref(list);
	json = record();
	ASSERT_FACTS(json, facts);
	assert_string_equal(json_string_value(at(json, "security")), "unsecured");
	assert_string_equal(json_string_value(at(json, "legs.1.media")), "RTP");
	assert_true(json_is_null(at(json, "legs.1.suite")));
	json_decref(json);
}

static void an_invite_that_is_refused_for_what_it_is_has_no_record(void **state)
{
	struct world *world = *state;
	json_t *list;

	phone_invites(world, ALICE, "2002", "v=0\r\nhello\r\n");
	phone_hears_status(world, ALICE, 400);
	list = records_last(records, 10);
	assert_int_equal(json_array_size(list), 0);
	json_decref(list);
}

static void one_without_a_route_has_a_record_that_says_why(void **state)
{
	static const struct fact facts[] = {
	    {"call", NULL},
	    {"from", "alice"},
	    {"to", "2099"},
	    {"answered", NULL},
	    {"end.cause", "no-route"},
	    {"end.by", "relay"},
	    {"end.text", "no route matches \"2099\" from alice"},
	    {"legs.0.peer", "alice"},
	};
	struct world *world = *state;
	json_t *only;

	phone_invites(world, ALICE, "2099", sdp_srtp_alice);
	message_lacks(phone_hears_status(world, ALICE, 404), "matches");
	only = record();
	ASSERT_FACTS(only, facts);
	assert_int_equal(json_integer_value(at(only, "status")), 404);
	json_decref(only);
}

static struct config_target targets[3];
static struct config_route route = {.name = "out",
				    .number = "*",
				    .targets = targets,
				    .target_count = 3,
				    .tries = 4,
				    .failover_ms = 30000,
				    .target_timeout_ms = 5000};

static void use_targets(struct world *world)
{
	static const enum phone_number phones[] = {BOB, DAVE, CAROL};

	for (unsigned i = 0; i < 3; i++)
		targets[i] = (struct config_target){
		    .peer = &world->config.peers[phones[i]], .priority = i, .weight = 1};
	route.codes = codes_default;
	world->config.routes = &route;
	world->config.route_count = 1;
	world_routes_changed(world);
}

static void each_target_that_was_tried_is_in_the_record(void **state)
{
	static const struct fact facts[] = {
	    {"routing.route", "out"},
	    {"routing.called", "555"},
	    {"routing.attempts.0.peer", "bob"},
	    {"routing.attempts.0.failed", "503 Service Unavailable"},
	    {"routing.attempts.1.peer", "dave"},
	    {"routing.attempts.1.failed", "nothing heard for 5 s"},
	    {"routing.attempts.2.peer", "carol"},
	    {"legs.1.peer", "carol"},
	    {"end.cause", "caller-hung-up"},
	};
	struct world *world = *state;
	json_t *only;

	use_targets(world);
	phone_invites(world, ALICE, "555", sdp_srtp_alice);
	phone_answers(world, BOB, "INVITE", 503, NULL);
	world_advance(world, 5000);
	phone_answers(world, CAROL, "INVITE", 200, sdp_rtp_carol);
	phone_hears_status(world, ALICE, 200);
	phone_acks(world, ALICE, NULL);
	phone_requests(world, ALICE, "BYE", "", NULL);
	only = record();
	ASSERT_FACTS(only, facts);
	assert_int_equal(json_array_size(at(only, "routing.attempts")), 3);
	assert_int_equal(json_integer_value(at(only, "routing.attempts.0.status")), 503);
	assert_int_equal(json_integer_value(at(only, "routing.attempts.1.took_ms")), 5000);
	assert_null(at(only, "routing.attempts.2.failed"));
	json_decref(only);
}

/* The process ends without a word: one call talks, one rings, one has ended. */
static void calls_of_a_process_that_died_are_recorded_at_the_next_start(void **state)
{
	static const struct fact facts[] = {
	    {"end.cause", "unclean"},
	    {"end.by", "relay"},
	    {"ended", NULL},
	    {"legs.1.peer", "bob"},
	};
	struct world *world = *state;
	unsigned answered = 0;
	json_t *list;

	world_call(world, CAROL, ALICE);
	phone_requests(world, CAROL, "BYE", "", NULL);
	phone_answers(world, ALICE, "BYE", 200, NULL);
	world_call(world, ALICE, BOB);
	phone_invites(world, CAROL, "2002", sdp_rtp_carol);
	b2bua_record(world->b2bua, NULL);
	records_close(records);
	records_start();
	list = records_last(records, 10);
	assert_int_equal(json_array_size(list), 3);
	for (size_t i = 1; i < 3; i++) {
		ASSERT_FACTS(json_array_get(list, i), facts);
		answered += json_is_string(at(json_array_get(list, i), "answered"));
	}
	assert_int_equal(answered, 1);
	json_decref(list);
}

/* As any other: from its beginning on, so that it is there after an unclean end, too. */
static void a_transferred_call_of_a_process_that_died_is_recorded(void **state)
{
	static const struct fact facts[] = {
	    {"end.cause", "unclean"}, {"from", "2002"},        {"to", "2004"},
	    {"legs.0.peer", "bob"},   {"legs.1.peer", "dave"},
	};
	struct world *world = *state;
	json_t *list, *last;

	world->config.dial_plans[0].refer = REFER_LOCAL;
	world_call(world, ALICE, BOB);
	phone_requests(world, ALICE, "REFER", "Refer-To: <sip:2004@relay.example>\r\n", NULL);
	phone_answers(world, ALICE, "NOTIFY", 200, NULL);
	phone_answers(world, DAVE, "INVITE", 200, sdp_srtp_bob);
	phone_answers(world, ALICE, "NOTIFY", 200, NULL);
	phone_answers(world, ALICE, "BYE", 200, NULL);
	b2bua_record(world->b2bua, NULL);
	records_close(records);
	records_start();
	list = records_last(records, 10);
	assert_int_equal(json_array_size(list), 2);
	last = json_array_get(list, 1);
	ASSERT_FACTS(last, facts);
	assert_true(json_is_string(at(last, "answered")));
	json_decref(list);
}

#define RECORD_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    RECORD_TEST(a_call_that_was_answered_has_times_legs_and_counters),
	    RECORD_TEST(a_call_that_was_declined_says_so),
	    RECORD_TEST(a_call_that_was_given_up_says_so),
	    RECORD_TEST(a_call_that_an_operator_ends_says_so),
	    RECORD_TEST(an_invite_that_is_refused_for_what_it_is_has_no_record),
	    RECORD_TEST(one_without_a_route_has_a_record_that_says_why),
	    RECORD_TEST(each_target_that_was_tried_is_in_the_record),
	    RECORD_TEST(calls_of_a_process_that_died_are_recorded_at_the_next_start),
	    RECORD_TEST(a_transferred_call_of_a_process_that_died_is_recorded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
