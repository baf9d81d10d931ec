/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Another reading of the configuration: what takes effect at once, and what needs a restart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "policy/live.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char base[] =
    "max_calls: 100\n"
    "control_group: root\n"
    "listeners:\n"
    "- {name: tcp, transport: tcp, address: 192.0.2.1}\n"
    "- {name: udp, transport: udp, address: 192.0.2.1}\n"
    "dial_plans:\n"
    "- {name: pbx, security: unsecured, media_interface: voice}\n"
    "peers:\n"
    "- {name: bob, transport: tcp, address: 10.0.0.1, dial_plan: pbx, max_calls_in: 3}\n"
    "- {name: eve, transport: udp, address: 10.0.0.2, dial_plan: pbx}\n"
    "routes:\n"
    "- {name: one, number: \"1*\", to: bob}\n"
    "- {name: two, number: \"2*\", to: eve}\n"
    "interfaces: [{name: voice, max_calls: 50}]\n"
    "number_limits: [{name: world, number: \"00*\", from: eve, max_calls: 2}]\n"
    "emergency: [{number: \"112\"}]\n";

static void no_errors(void *user, const char *text)
{
	(void)user;
	fail_msg("%s", text);
}

/* base with the first of what exchanged for with. */
static struct config *load(const char *what, const char *with)
{
	char path[] = "/tmp/sluice-live-XXXXXX", text[4096];
	const char *at = what ? strstr(base, what) : NULL;
	int fd = mkstemp(path);
	struct config *config;

	assert_true(fd >= 0);
	assert_true(!what || at);
	if (at)
		snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - base), base, with,
			 at + strlen(what));
	else
		snprintf(text, sizeof(text), "%s", base);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	config = config_load(path, no_errors, NULL);
	unlink(path);
	assert_non_null(config);
	return config;
}

static void note(void *user, enum live_kind kind, const char *what)
{
	char *text = user;

	sprintf(text + strlen(text), "%s%s; ", kind == LIVE_NEEDS_RESTART ? "!" : "", what);
}

/* As a reload does it: only what needs no restart is taken over. */
static int apply(struct config *now, struct config *next)
{
	char restarts[4096] = "";

	assert_int_equal(config_live_compare(now, next, note, restarts), 0);
	return config_live_apply(now, next);
}

/* One difference each; with '!' it needs a restart. */
static const struct {
	const char *what, *with, *told;
} facts[] = {
    {NULL, NULL, ""},
    {"max_calls: 100", "max_calls: 200", "max_calls; "},
    {"max_calls: 100", "log_level: debug", "max_calls; log_level; "},
    {"max_calls_in: 3", "max_calls_in: 4", "peer bob: max_calls_in; "},
    {"max_calls_in: 3", "trust: true", "peer bob: trust; peer bob: max_calls_in; "},
    {"max_calls: 50", "max_calls: 5", "interface voice: max_calls; "},
    {"voice}", "voice, refer: local, max_call_s: 60}",
     "dial plan pbx: max_call_s; dial plan pbx: refer; "},
    {"number: \"112\"", "number: \"911\"", "emergency; "},
    {"{number: \"112\"}", "{number: \"112\"}, {number: \"911\"}", "emergency; "},
    {"emergency: [{number: \"112\"}]\n", "", "emergency; "},
    {"from: eve", "from: bob", "number_limits; "},
    {"address: 10.0.0.1", "address: 10.0.0.9", "!peer bob: address; "},
    {"control_group: root\n", "", "!control_group; "},
    {"control_group: root\n", "media_socket: /run/x\n", "!media_socket; !control_group; "},
    {"- {name: udp, transport: udp, address: 192.0.2.1}",
     "- {name: udp, transport: udp, address: 192.0.2.1, port: 5070}", "!listener udp: port; "},
    {"number: \"1*\", to: bob", "number: \"1*\", to: eve", "!route one: to; "},
    {"- {name: two, number: \"2*\", to: eve}\n", "", "!route two: removed; "},
    {"interfaces:", "- {name: three, number: \"3*\", to: eve}\ninterfaces:",
     "!route three: added; "},
    {"- {name: one, number: \"1*\", to: bob}\n- {name: two, number: \"2*\", to: eve}\n",
     "- {name: two, number: \"2*\", to: eve}\n- {name: one, number: \"1*\", to: bob}\n",
     "!routes; "},
};

static void each_difference_is_told_and_whether_it_needs_a_restart(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(facts); i++) {
		struct config *now = load(NULL, NULL), *next = load(facts[i].what, facts[i].with);
		char told[1024] = "";
		unsigned restarts = config_live_compare(now, next, note, told), marks = 0;

		for (const char *at = told; (at = strchr(at, '!')); at++)
			marks++;
		if (strcmp(told, facts[i].told) != 0 || restarts != marks)
			fail_msg("fact %zu: %s(%u)", i, told, restarts);
		config_free(next);
		config_free(now);
	}
}

static void what_was_compared_as_live_is_equal_afterwards(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(facts); i++) {
		struct config *now = load(NULL, NULL), *next = load(facts[i].what, facts[i].with);
		struct config *again = load(facts[i].what, facts[i].with);
		char told[1024] = "";

		if (config_live_compare(now, next, note, told) == 0) {
			const struct config_peer *bob = &now->peers[0];

			assert_int_equal(apply(now, next), 0);
			told[0] = '\0';
			config_live_compare(now, again, note, told);
			assert_string_equal(told, "");
			/* nobody who points there loses it */
			assert_ptr_equal(bob, &now->peers[0]);
			assert_string_equal(bob->name, "bob");
		}
		config_free(next);
		config_free(again);
		for (unsigned j = 0; j < now->number_limit_count; j++)
			assert_true(now->number_limits[j].from == &now->peers[0] ||
				    now->number_limits[j].from == &now->peers[1]);
		config_free(now);
	}
}

static void a_group_of_numbers_keeps_its_slot_and_a_new_one_gets_its_own(void **state)
{
	struct config *now = load(NULL, NULL);
	struct config *next =
	    load("number_limits: [", "number_limits: [{name: a, number: \"09*\", max_calls: 1}, ");

	(void)state;
	assert_int_equal(apply(now, next), 0);
	config_free(next);
	assert_int_equal(now->number_limit_count, 2);
	assert_string_equal(now->number_limits[1].name, "world");
	assert_int_equal(now->number_limits[1].slot, 1);
	assert_int_equal(now->number_limits[0].slot, 2);
	assert_int_equal(now->slots.number_limits, 2);
	config_free(now);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_difference_is_told_and_whether_it_needs_a_restart),
	    cmocka_unit_test(what_was_compared_as_live_is_equal_afterwards),
	    cmocka_unit_test(a_group_of_numbers_keeps_its_slot_and_a_new_one_gets_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
