/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Captures of a call: what dial plans allow, and what the data plane is asked for. */
#include <errno.h>
#include <string.h>

#include "world.h"

struct outcome {
	unsigned answers;
	int status;
	bool info;
	const struct config_dial_plan *dial_plan;
};

static void done(void *user, int status, const struct sluice_capture_info *info,
		 const struct config_dial_plan *dial_plan)
{
	struct outcome *outcome = user;

	outcome->answers++;
	outcome->status = status;
	outcome->info = info != NULL;
	outcome->dial_plan = dial_plan;
}

static struct outcome ask(struct world *world, const char *id, enum sluice_capture_action action,
			  enum sluice_capture_mode mode)
{
	const struct b2bua_capture capture = {.action = action, .mode = mode, .time_s = 9};
	struct outcome outcome = {0};

	memset(&world->captured, 0, sizeof(world->captured));
	b2bua_call_capture(world->b2bua, id, &capture, done, &outcome);
	assert_int_equal(outcome.answers, 1);
	return outcome;
}

/* The id of the only call. */
static const char *only_id(struct world *world)
{
	static char id[16];
	json_t *list = b2bua_call_list(world->b2bua);

	snprintf(id, sizeof(id), "%s",
		 json_string_value(json_object_get(json_array_get(list, 0), "id")));
	json_decref(list);
	return id;
}

/* Of a dial plan of the world; they are tables of its own. */
static void allow(struct world *world, enum phone_number number, enum capture_policy policy)
{
	((struct config_dial_plan *)world->config.peers[number].dial_plan)->capture = policy;
}

/* The lesser of both legs' policies is what counts. */
static void what_both_dial_plans_allow_is_asked_for(void **state)
{
	static const struct {
		enum capture_policy alice, carol;
		enum sluice_capture_mode mode;
		int status;
	} rows[] = {
	    {CAPTURE_POLICY_OFF, CAPTURE_POLICY_OFF, SLUICE_CAPTURE_WIRE, -EACCES},
	    {CAPTURE_POLICY_WIRE, CAPTURE_POLICY_OFF, SLUICE_CAPTURE_WIRE, -EACCES},
	    {CAPTURE_POLICY_OFF, CAPTURE_POLICY_DECRYPTED, SLUICE_CAPTURE_WIRE, -EACCES},
	    {CAPTURE_POLICY_WIRE, CAPTURE_POLICY_WIRE, SLUICE_CAPTURE_WIRE, 0},
	    {CAPTURE_POLICY_DECRYPTED, CAPTURE_POLICY_WIRE, SLUICE_CAPTURE_WIRE, 0},
	    {CAPTURE_POLICY_WIRE, CAPTURE_POLICY_DECRYPTED, SLUICE_CAPTURE_DECRYPTED, -EACCES},
	    {CAPTURE_POLICY_DECRYPTED, CAPTURE_POLICY_WIRE, SLUICE_CAPTURE_DECRYPTED, -EACCES},
	    {CAPTURE_POLICY_DECRYPTED, CAPTURE_POLICY_DECRYPTED, SLUICE_CAPTURE_DECRYPTED, 0},
	};
	struct world *world = *state;

	world_call(world, ALICE, CAROL);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct outcome outcome;

		allow(world, ALICE, rows[i].alice);
		allow(world, CAROL, rows[i].carol);
		outcome = ask(world, only_id(world), SLUICE_CAPTURE_START, rows[i].mode);
		if (outcome.status != rows[i].status || outcome.info != !rows[i].status)
			fail_msg("row %zu: %d", i, outcome.status);
		assert_int_equal(outcome.dial_plan != NULL, rows[i].status != 0);
		assert_int_equal(world->captured.session != 0, rows[i].status == 0);
	}
	allow(world, ALICE, CAPTURE_POLICY_OFF);
	allow(world, CAROL, CAPTURE_POLICY_OFF);
}

static void the_data_plane_is_told_call_and_peers(void **state)
{
	struct world *world = *state;

	world_call(world, ALICE, CAROL);
	allow(world, ALICE, CAPTURE_POLICY_WIRE);
	allow(world, CAROL, CAPTURE_POLICY_WIRE);
	assert_int_equal(
	    ask(world, only_id(world), SLUICE_CAPTURE_START, SLUICE_CAPTURE_WIRE).status, 0);
	assert_string_equal(world->captured.call, only_id(world));
	assert_string_equal(world->captured.leg[0], "alice");
	assert_string_equal(world->captured.leg[1], "carol");
	assert_int_equal(world->captured.session, world->session[0].id);
	assert_int_equal(world->captured.time_s, 9);
	allow(world, ALICE, CAPTURE_POLICY_OFF);
	allow(world, CAROL, CAPTURE_POLICY_OFF);
	/* to stop and to look needs no leave */
	assert_int_equal(ask(world, only_id(world), SLUICE_CAPTURE_STOP, SLUICE_CAPTURE_OFF).status,
			 0);
	assert_int_equal(world->captured.action, SLUICE_CAPTURE_STOP);
	assert_string_equal(world->captured.call, "");
	assert_int_equal(
	    ask(world, only_id(world), SLUICE_CAPTURE_STATE, SLUICE_CAPTURE_OFF).status, 0);
}

static void what_cannot_be_is_said(void **state)
{
	struct world *world = *state;

	assert_int_equal(ask(world, "ffffffff", SLUICE_CAPTURE_STOP, SLUICE_CAPTURE_OFF).status,
			 -ENOENT);
	world_call(world, ALICE, CAROL);
	world->capture_status = -EDQUOT;
	assert_int_equal(ask(world, only_id(world), SLUICE_CAPTURE_STOP, SLUICE_CAPTURE_OFF).status,
			 -EDQUOT);
	assert_int_equal(b2bua_call_hangup(world->b2bua, only_id(world)), 0);
	assert_int_equal(ask(world, only_id(world), SLUICE_CAPTURE_STOP, SLUICE_CAPTURE_OFF).status,
			 -ENOLINK);
}

#define CAPTURE_TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CAPTURE_TEST(what_both_dial_plans_allow_is_asked_for),
	    CAPTURE_TEST(the_data_plane_is_told_call_and_peers),
	    CAPTURE_TEST(what_cannot_be_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
