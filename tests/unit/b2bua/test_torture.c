/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The torture messages of RFC 4475 and RFC 5118, all of them, as they stand in
 * tests/vectors/torture: what the framer makes of each on a stream, what the parser says, and what
 * the relay answers.
 */
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "sip/framer.h"
#include "torture.h"
#include "world.h"

#define MESSAGE_MAX 8192U

struct torture_bytes {
	char data[MESSAGE_MAX];
	size_t length;
};

static void message_read(struct torture_bytes *bytes, const char *name)
{
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s.sip", TORTURE_DIRECTORY, name);
	file = fopen(path, "rb");
	if (!file)
		fail_msg("%s: cannot be read", path);
	bytes->length = fread(bytes->data, 1, sizeof(bytes->data), file);
	assert_true(bytes->length > 0 && bytes->length < sizeof(bytes->data));
	fclose(file);
}

static enum torture_frame frame_of(const struct torture_bytes *bytes)
{
	size_t scanned = 0, length;

	switch (sip_framer_next(bytes->data, bytes->length, &scanned, &length, NULL)) {
	case SIP_FRAME_MESSAGE:
		return length == bytes->length ? WHOLE : FIRST;
	case SIP_FRAME_MORE:
		return WAITS;
	default:
		return CLOSES;
	}
}

static int verdict_of(const struct torture_bytes *bytes)
{
	struct sip_parse_error error;
	struct sip_message message;

	if (sip_message_parse(&message, bytes->data, bytes->length, &error) == 0)
		return VALID;
	return (int)error.status;
}

static int answer_of(struct world *world)
{
	const struct phone *phone = &world->phone[CAROL];

	if (world->phone[ALICE].received > 0)
		return RELAYED;
	return phone->received > 0 ? (int)phone->inbox[0].parsed.status : SILENT;
}

/* Each in a relay of its own, which sends whatever it can route to alice. */
static int relay_answers(const struct torture_bytes *bytes)
{
	struct config_route any = {.name = "any", .number = (char *)(uintptr_t) "*"};
	struct world *world;
	void *state;
	int answer;

	assert_int_equal(world_setup(&state), 0);
	world = state;
	any.to = &world->config.peers[ALICE];
	world->config.routes = &any;
	world->config.route_count = 1;
	world_routes_changed(world);
	phone_sends(world, CAROL, bytes->data, bytes->length);
	answer = answer_of(world);
	assert_int_equal(world_teardown(&state), 0);
	return answer;
}

static void each_message_gets_its_verdict_and_its_answer(void **state)
{
	unsigned wrong = 0;

	(void)state;
	for (unsigned i = 0; i < TORTURES; i++) {
		const struct torture *torture = &tortures[i];
		struct torture_bytes bytes;
		enum torture_frame frame;
		int verdict, answer;

		message_read(&bytes, torture->name);
		frame = frame_of(&bytes);
		verdict = verdict_of(&bytes);
		answer = relay_answers(&bytes);
		if (frame == torture->frame && verdict == torture->verdict &&
		    answer == torture->answer)
			continue;
		print_message("%s: %d %d %d, not %d %d %d: %s\n", torture->name, frame, verdict,
			      answer, torture->frame, torture->verdict, torture->answer,
			      torture->why);
		wrong++;
	}
	assert_int_equal(wrong, 0);
}

/* Once each, and no file without a row. */
static void each_file_has_a_row(void **state)
{
	static const struct {
		const char *rfc;
		unsigned messages;
	} facts[] = {{"rfc4475", 49}, {"rfc5118", 12}};

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		char path[512];
		unsigned files = 0, rows = 0;
		struct dirent *entry;
		DIR *directory;

		snprintf(path, sizeof(path), "%s/%s", TORTURE_DIRECTORY, facts[i].rfc);
		directory = opendir(path);
		assert_non_null(directory);
		while ((entry = readdir(directory)))
			files += strstr(entry->d_name, ".sip") != NULL;
		closedir(directory);
		for (unsigned n = 0; n < TORTURES; n++)
			rows += strncmp(tortures[n].name, facts[i].rfc, strlen(facts[i].rfc)) == 0;
		assert_int_equal(files, facts[i].messages);
		assert_int_equal(rows, facts[i].messages);
	}
}

/* What OPTIONS outside a dialog and an INVITE lack is said in their answers. */
static void a_refusal_says_what_was_not_supported(void **state)
{
	struct torture_bytes bytes;
	struct world *world = *state;

	message_read(&bytes, "rfc4475/bext01");
	phone_sends(world, CAROL, bytes.data, bytes.length);
	message_has(phone_hears_status(world, CAROL, 420),
		    "Unsupported: nothingSupportsThisEither\r\n");
	assert_int_equal(world_counter(world, "extension"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_message_gets_its_verdict_and_its_answer),
	    cmocka_unit_test(each_file_has_a_row),
	    cmocka_unit_test_setup_teardown(a_refusal_says_what_was_not_supported, world_setup,
					    world_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
