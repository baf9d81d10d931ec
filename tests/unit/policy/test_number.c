/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "policy/config.h"
#include "policy/syntax.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct {
	const char *pattern, *number;
	bool match;
} facts[] = {
    {"2001", "2001", true},
    {"2001", "2002", false},
    {"2001", "200", false},
    {"2001", "20011", false},
    {"20*", "20", true},
    {"20*", "2001", true},
    {"20*", "2", false},
    {"20*", "3001", false},
    {"*", "", true},
    {"*", "anything", true},
    {"20??", "2001", true},
    {"20??", "200", false},
    {"20??", "20011", false},
    {"?", "", false},
    {"?*", "", false},
    {"?*", "a", true},
    {"??1*", "xx1", true},
    {"??1*", "xx2", false},
    {"alice", "alice", true},
    {"alice", "Alice", false}, /* RFC 3261 19.1.4 */
    {"+4930*", "+493012", true},
    {"+4930*", "493012", false},
};

static void a_pattern_matches_as_the_table_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(facts); i++)
		if (config_number_match(facts[i].pattern, str_of(facts[i].number)) !=
		    facts[i].match)
			fail_msg("%s on %s", facts[i].pattern, facts[i].number);
}

static void an_absent_number_is_an_empty_one(void **state)
{
	(void)state;
	assert_true(config_number_match("*", (struct str){NULL, 0}));
	assert_false(config_number_match("2*", (struct str){NULL, 0}));
}

static void the_first_route_that_matches_is_taken(void **state)
{
	struct config_peer peers[3] = {0};
	char a[] = "200", b[] = "20*", c[] = "*";
	struct config_route routes[] = {
	    {.number = a, .from = &peers[0], .to = &peers[1]},
	    {.number = b, .to = &peers[2]},
	    {.number = c, .from = &peers[2], .to = &peers[0]},
	};
	struct config config = {.routes = routes, .route_count = 3};

	(void)state;
	assert_ptr_equal(config_route(&config, &peers[0], STR("200")), &routes[0]);
	assert_ptr_equal(config_route(&config, &peers[1], STR("200")), &routes[1]);
	assert_ptr_equal(config_route(&config, &peers[2], STR("300")), &routes[2]);
	assert_null(config_route(&config, &peers[1], STR("300")));
}

static const struct {
	const char *(*check)(const char *);
	const char *good[6], *bad[10];
} forms[] = {
    {syntax_name, {"a", "relay-1", "x.y_z"}, {"", "-a", "a b", "a/b", "\xc3\xa9", "a\n"}},
    {syntax_path, {"/", "/a/b"}, {"", "a", "./a"}},
    {syntax_interface, {"voice", "eth0.100"}, {"", "sixteen-letters-", "a:b"}},
    {syntax_fqdn,
     {"relay.example.com", "a.b", "x-1.example", "1.example"},
     {"", "localhost", "a..b", ".a.b", "a.b.", "-a.b", "a-.b", "a_b.c", "10.0.0.1", "*.a.b"}},
    {syntax_address,
     {"10.0.0.1", "::1", "2001:db8::1", "0.0.0.0", "::"},
     {"", "10.0.0", "010.0.0.1", "224.0.0.1", "255.255.255.255", "ff02::1", "fe80::1",
      "::ffff:10.0.0.1", "a.b", "10.0.0.1:5060"}},
    {syntax_host, {"a.b", "10.0.0.1", "::1"}, {"", "0.0.0.0", "::", "localhost", "a b"}},
    {syntax_pattern,
     {"*", "20*", "20??", "+49#", "a.b-c_d"},
     {"", "*2", "2*2", "**", "2 0", "2@x", "%20", "\"", "<"}},
};

static void single_values_are_judged_by_their_form(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(forms); i++) {
		for (size_t j = 0; j < COUNT(forms[i].good) && forms[i].good[j]; j++)
			if (forms[i].check(forms[i].good[j]))
				fail_msg("form %zu: %s is good", i, forms[i].good[j]);
		for (size_t j = 0; j < COUNT(forms[i].bad) && forms[i].bad[j]; j++)
			if (!forms[i].check(forms[i].bad[j]))
				fail_msg("form %zu: %s is bad", i, forms[i].bad[j]);
	}
}

static void a_name_is_bounded(void **state)
{
	char label[66], name[260];

	(void)state;
	memset(label, 'a', 65);
	label[65] = '\0';
	assert_non_null(syntax_name(label));
	memcpy(name, label, 63);
	memcpy(name + 63, ".b", 3);
	assert_null(syntax_fqdn(name));
	memcpy(name, label, 64);
	memcpy(name + 64, ".b", 3);
	assert_non_null(syntax_fqdn(name));
	for (size_t i = 0; i < 256; i++)
		name[i] = i % 2 ? '.' : 'a';
	name[255] = '\0';
	assert_non_null(syntax_fqdn(name));
	name[253] = '\0';
	assert_null(syntax_fqdn(name));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_pattern_matches_as_the_table_says),
	    cmocka_unit_test(an_absent_number_is_an_empty_one),
	    cmocka_unit_test(the_first_route_that_matches_is_taken),
	    cmocka_unit_test(single_values_are_judged_by_their_form),
	    cmocka_unit_test(a_name_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
