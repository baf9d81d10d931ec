/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Header rules in a configuration: what is refused, with its line, and what is warned of. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "policy/config.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define BASE                                                                     \
	"listeners: [{name: l, transport: udp, address: 192.0.2.1}]\n"           \
	"dial_plans: [{name: d, security: unsecured, media_interface: voice}]\n" \
	"peers: [{name: p, transport: udp, address: 192.0.2.2, dial_plan: d}, "  \
	"{name: q, transport: udp, address: 192.0.2.3, dial_plan: d}]\n"         \
	"header_rules:\n"

static char path[64] = "/tmp/sluice-header-rules-XXXXXX";
static char reported[8192];

static int make_file(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
	(void)state;
	return unlink(path);
}

static void remember(void *user, const char *text)
{
	(void)user;
	snprintf(reported + strlen(reported), sizeof(reported) - strlen(reported), "%s\n",
		 text + strlen(path) + 1);
}

static struct config *load(const char *rules)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fprintf(file, "%s%s\n", BASE, rules);
	fclose(file);
	reported[0] = '\0';
	return config_load(path, remember, NULL);
}

#define RULE "- {name: r, peer: p, direction: in, messages: [INVITE], "

static void every_bad_rule_is_told_with_its_line_and_reason(void **state)
{
	static const struct {
		const char *rules, *says;
	} rows[] = {
	    {RULE "action: remove, header: Via}",
	     "5: header rule r: header: \"Via\" must not be removed by a rule: it belongs to the "
	     "dialog or transaction, which is each leg's own\n"},
	    {RULE "action: add, value: x, header: Content-Length}",
	     "5: header rule r: header: \"Content-Length\" must not be added by a rule: it "
	     "describes the body\n"},
	    {RULE "action: add, value: x, header: k}",
	     "5: header rule r: header: \"k\" must be written in full: Supported\n"},
	    {RULE "action: add, value: x, header: \"X-A: b\"}",
	     "5: header rule r: header: \"X-A: b\" must be the name of a header: 1 to 64 letters, "
	     "digits, hyphens and the like, without a colon\n"},
	    {RULE "action: add, header: X-A, value: \"a\\r\\nVia: evil\"}",
	     "5: header rule r: value: \"a\\x0d\\x0aVia: evil\" must be text, not empty and "
	     "without "
	     "control characters\n"},
	    {RULE "action: add, header: X-A, value: \" a\"}",
	     "5: header rule r: value: \" a\" must be at most 512 bytes, without space at its "
	     "ends\n"},
	    {RULE "action: add, header: X-A}",
	     "5: header rule r: value: it must be there: it is what the action writes\n"},
	    {RULE "action: replace, header: X-A, pattern: \"(a\", value: b}",
	     "5: header rule r: pattern: \"(a\" must be a POSIX extended regular expression "
	     "(Unmatched ( or \\()\n"},
	    {RULE "action: replace, header: X-A, pattern: \"a\", value: \"\\\\1\"}",
	     "5: header rule r: value: \"\\\\1\" must name no group that the pattern does not "
	     "have\n"},
	    {RULE "action: pass, header: Diversion}",
	     "5: header rule r: header: \"Diversion\" reveals who calls or is called, to peers "
	     "without trust too; must have reveals: true, or be left out\n"},
	    {RULE "action: pass, header: User-Agent}",
	     "5: header rule r: header: \"User-Agent\" reveals the topology of one side (products, "
	     "hosts, networks); must have reveals: true, or be left out\n"},
	    {RULE "action: remove, header: Privacy}",
	     "5: header rule r: header: \"Privacy\" reveals a caller that asked to be hidden; must "
	     "have reveals: true, or be left out\n"},
	    {"- {name: r, direction: in, messages: [INVITE], action: pass, header: X-A}",
	     "5: header rule r: peer and dial_plan are missing; must be of one peer or of one "
	     "dial_plan\n"},
	    {"- {name: r, peer: p, dial_plan: d, direction: in, messages: [2xx], action: pass, "
	     "header: X-A}",
	     "5: header rule r: peer and dial_plan are both given; must be of one peer or of one "
	     "dial_plan\n"},
	    {"- {name: r, peer: nobody, direction: in, messages: [2xx], action: pass, header: X-A}",
	     "5: header rule r: peer: there is no peer \"nobody\"; must be one of p, q\n"},
	    {"- {name: r, peer: p, direction: in, messages: [ACK], action: pass, header: X-A}",
	     "5: header rule r: messages: \"ACK\" must be one of INVITE, BYE, UPDATE, INFO, "
	     "MESSAGE, NOTIFY, 1xx, 2xx, 3xx, 4xx, 5xx, 6xx\n"},
	    {"- {name: r, peer: p, direction: in, messages: [BYE, BYE], action: pass, header: X-A}",
	     "5: header rule r: messages: \"BYE\" is in the list twice; once is enough\n"},
	    {"- {name: r, peer: p, direction: in, messages: INVITE, action: pass, header: X-A}",
	     "5: header rule r: messages: \"INVITE\" must be a list, such as [INVITE, 2xx]\n"},
	    {"- {name: r, peer: p, direction: both, messages: [BYE], action: pass, header: X-A}",
	     "5: header rule r: direction: \"both\" must be one of in, out\n"},
	    {RULE "action: pass, header: X-A}\n" RULE "action: pass, header: X-B}",
	     "6: header rule r: name: \"r\" is already used at line 5; each needs a name of its "
	     "own\n"},
	};
	unsigned wrong = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_null(load(rows[i].rules));
		if (strcmp(reported, rows[i].says) != 0) {
			print_error("%s\n  is told as\n%s  and not\n%s", rows[i].rules, reported,
				    rows[i].says);
			wrong++;
		}
	}
	assert_int_equal(wrong, 0);
}

static void each_owner_gets_its_rules_in_order(void **state)
{
	struct config *config;

	(void)state;
	config = load(
	    "- {name: b, peer: q, direction: in, messages: [INVITE], action: pass, header: X-B}\n"
	    "- {name: a, dial_plan: d, direction: out, messages: [2xx, BYE], action: add, header: "
	    "X-A, value: x}\n"
	    "- {name: c, peer: q, direction: in, messages: [INVITE], action: remove, header: X-C, "
	    "pattern: \"^x\"}");
	assert_string_equal(reported, "");
	assert_non_null(config);
	assert_int_equal(config->peers[0].header_rules.count, 0);
	assert_int_equal(config->peers[1].header_rules.count, 2);
	assert_string_equal(config->peers[1].header_rules.rule[0]->header, "X-B");
	assert_string_equal(config->peers[1].header_rules.rule[1]->header, "X-C");
	assert_int_equal(config->dial_plans[0].header_rules.count, 1);
	assert_int_equal(config->dial_plans[0].header_rules.rule[0]->messages,
			 1U << HEADER_MESSAGE_2XX | 1U << HEADER_MESSAGE_BYE);
	assert_int_equal(config->warning_count, 0);
	config_free(config);
}

static void who_reveals_on_purpose_is_warned(void **state)
{
	struct config *config = load(RULE "action: pass, header: Diversion, reveals: true}");
	char expected[256];

	(void)state;
	assert_non_null(config);
	assert_int_equal(config->warning_count, 1);
	snprintf(expected, sizeof(expected),
		 "%s:5: header rule r: header: \"Diversion\" reveals who calls or is called, to "
		 "peers without trust too",
		 path);
	assert_string_equal(config->warnings[0], expected);
	config_free(config);
}

static void an_owner_has_so_many_rules_and_no_more(void **state)
{
	static char text[65 * 128];
	struct config *config;
	size_t length = 0;

	(void)state;
	for (unsigned i = 0; i < 64; i++)
		length += (size_t)snprintf(text + length, sizeof(text) - length,
					   "- {name: r%u, peer: p, direction: in, messages: [BYE], "
					   "action: pass, header: X-A}\n",
					   i);
	config = load(text);
	assert_non_null(config);
	config_free(config);
	snprintf(
	    text + length, sizeof(text) - length,
	    "- {name: last, peer: p, direction: in, messages: [BYE], action: pass, header: X-A}");
	assert_null(load(text));
	assert_string_equal(reported, "69: header rule last: is number 65 of peer p; must be at "
				      "most 64 of one owner\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_bad_rule_is_told_with_its_line_and_reason),
	    cmocka_unit_test(each_owner_gets_its_rules_in_order),
	    cmocka_unit_test(who_reveals_on_purpose_is_warned),
	    cmocka_unit_test(an_owner_has_so_many_rules_and_no_more),
	};

	return cmocka_run_group_tests_name("header rules of a configuration", tests, make_file,
					   remove_file);
}
