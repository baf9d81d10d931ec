/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What rules make of a message that came, and of one that goes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "header/edit.h"
#include "header/view.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define INVITE (1U << HEADER_MESSAGE_INVITE)

/* ---- what a rule may be ---- */

static const char *check(enum header_action action, const char *header, const char *value,
			 const char *pattern, const char **field)
{
	static char error[192];
	struct header_rule rule = {.action = action,
				   .header = (char *)(uintptr_t)header,
				   .value = (char *)(uintptr_t)value,
				   .pattern = (char *)(uintptr_t)pattern};
	const char *wrong = header_rule_check(&rule, field, error, sizeof(error));

	header_rule_clear(&rule);
	return wrong;
}

/* The heart of it: whatever the operator writes, dialogs, bodies and abilities are the relay's. */
static void no_rule_touches_what_holds_a_dialog_together(void **state)
{
	static const char *const never[] = {"Via",
					    "From",
					    "To",
					    "Call-ID",
					    "CSeq",
					    "Contact",
					    "Route",
					    "Record-Route",
					    "Max-Forwards",
					    "Content-Length",
					    "Content-Type",
					    "Content-Encoding",
					    "Content-Disposition",
					    "MIME-Version",
					    "Require",
					    "Proxy-Require",
					    "Supported",
					    "Unsupported",
					    "Allow",
					    "Accept",
					    "RSeq",
					    "RAck",
					    "Session-Expires",
					    "Min-SE",
					    "Authorization",
					    "Proxy-Authorization",
					    "WWW-Authenticate",
					    "Proxy-Authenticate",
					    "Replaces",
					    "Refer-To",
					    "Event",
					    "Subscription-State",
					    "Expires",
					    "Retry-After",
					    "via",
					    "CONTENT-LENGTH",
					    "call-id",
					    "Path"};
	const char *field;

	(void)state;
	for (size_t i = 0; i < COUNT(never); i++)
		for (int action = HEADER_PASS; action <= HEADER_REPLACE; action++) {
			const char *wrong =
			    check((enum header_action)action, never[i],
				  action == HEADER_ADD || action == HEADER_REPLACE ? "x" : NULL,
				  NULL, &field);

			if (!wrong || strcmp(field, "header") != 0)
				fail_msg("%s may be touched", never[i]);
		}
	assert_non_null(check(HEADER_ADD, "v", "x", NULL, &field)); /* Via in its compact form */
	assert_non_null(check(HEADER_ADD, "s", "x", NULL, &field)); /* Subject must be in full */
	assert_non_null(check(HEADER_REPLACE, "Identity", "x", NULL, &field));
	assert_non_null(check(HEADER_ADD, "Date", "x", NULL, &field));
	assert_null(check(HEADER_REMOVE, "Identity", NULL, NULL, &field));
}

static void a_rule_has_what_its_action_needs(void **state)
{
	static const struct {
		enum header_action action;
		const char *value, *pattern;
		const char *field; /* that is wrong; NULL: none */
	} rows[] = {
	    {HEADER_ADD, "x", NULL, NULL},         {HEADER_ADD, NULL, NULL, "value"},
	    {HEADER_ADD, "x", "y", "pattern"},     {HEADER_REMOVE, NULL, NULL, NULL},
	    {HEADER_REMOVE, NULL, "x", NULL},      {HEADER_REMOVE, "x", NULL, "value"},
	    {HEADER_PASS, NULL, "x", NULL},        {HEADER_PASS, "x", NULL, "value"},
	    {HEADER_REPLACE, "x", "y", NULL},      {HEADER_REPLACE, NULL, "y", "value"},
	    {HEADER_REPLACE, "\\1", "y", "value"}, {HEADER_REPLACE, "\\1", "(y)", NULL},
	    {HEADER_REPLACE, "x", "(", "pattern"}, {HEADER_REPLACE, "x", NULL, NULL},
	};
	const char *field;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *wrong =
		    check(rows[i].action, "X-Trunk", rows[i].value, rows[i].pattern, &field);

		assert_int_equal(wrong != NULL, rows[i].field != NULL);
		if (rows[i].field)
			assert_string_equal(field, rows[i].field);
	}
}

/* ---- rules at work ---- */

struct bench { /* up to four rules */
	struct header_rule rule[4];
	const struct header_rule *list[4];
	struct header_rules rules;
};

static void set_up(struct bench *bench, const struct header_rule *rules, unsigned count)
{
	const char *field;
	char error[192];

	*bench = (struct bench){0};
	for (unsigned i = 0; i < count; i++) {
		bench->rule[i] = rules[i];
		if (!bench->rule[i].messages)
			bench->rule[i].messages = INVITE;
		if (header_rule_check(&bench->rule[i], &field, error, sizeof(error)))
			fail_msg("%s: %s", field, error);
		bench->list[i] = &bench->rule[i];
	}
	bench->rules = (struct header_rules){bench->list, count};
}

static void tear_down(struct bench *bench)
{
	for (unsigned i = 0; i < bench->rules.count; i++)
		header_rule_clear(&bench->rule[i]);
}

#define HEAD                                                                                      \
	"INVITE sip:b@h SIP/2.0\r\nVia: SIP/2.0/TCP h;branch=z9hG4bK1\r\nFrom: <sip:a@h>;"        \
	"tag=1\r\nTo: <sip:b@h>\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\nMax-Forwards: 70\r\nContact: " \
	"<sip:a@h>\r\n"

struct view_row {
	const char *headers;
	struct header_rule rule[4];
	const char *passes;
	unsigned withheld;
};

static char x_trunk[] = "X-Trunk", x_other[] = "X-Other", subject[] = "Subject",
	    diversion[] = "Diversion", pai[] = "P-Asserted-Identity", north[] = "north",
	    any_trunk[] = "^trunk-([0-9]+)$", number[] = "nr \\1", a_pattern[] = "a";

static void what_comes_passes_as_the_rules_say(void **state)
{
	static const struct view_row rows[] = {
	    {"X-Trunk: 1\r\n", {{0}}, "", 0},
	    {"X-Trunk: 1\r\nx-trunk: 2\r\n",
	     {{.action = HEADER_PASS, .header = x_trunk}},
	     "X-Trunk: 1\r\nx-trunk: 2\r\n",
	     0},
	    {"X-Trunk: trunk-7\r\nX-Trunk: b\r\n",
	     {{.action = HEADER_PASS, .header = x_trunk, .pattern = any_trunk}},
	     "X-Trunk: trunk-7\r\n",
	     0},
	    {"X-Trunk: trunk-7\r\n",
	     {{.action = HEADER_REPLACE, .header = x_trunk, .value = number, .pattern = any_trunk},
	      {.action = HEADER_PASS, .header = x_trunk}},
	     "X-Trunk: nr 7\r\n",
	     0},
	    {"X-Trunk: a\r\nX-Trunk: b\r\n",
	     {{.action = HEADER_PASS, .header = x_trunk},
	      {.action = HEADER_REMOVE, .header = x_trunk, .pattern = a_pattern}},
	     "X-Trunk: b\r\n",
	     0},
	    {"X-Trunk: 1\r\n",
	     {{.action = HEADER_ADD, .header = x_other, .value = north}},
	     "X-Other: north\r\n",
	     0},
	    /* the relay's own rules decide about these: rules add to what it reads */
	    {"", {{.action = HEADER_ADD, .header = pai, .value = north}}, "", 0},
	    /* another direction, another message */
	    {"X-Trunk: 1\r\n",
	     {{.action = HEADER_PASS, .header = x_trunk, .direction = HEADER_OUT},
	      {.action = HEADER_PASS, .header = x_trunk, .messages = 1U << HEADER_MESSAGE_2XX}},
	     "",
	     0},
	    {"s: hello\r\n", {{.action = HEADER_PASS, .header = subject}}, "Subject: hello\r\n", 0},
	    {"X-Trunk: a\r\n b\r\n",
	     {{.action = HEADER_PASS, .header = x_trunk}},
	     "X-Trunk: a   b\r\n",
	     0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char text[1024], lines[HEADER_PASSED_TEXT_MAX];
		struct sip_message message;
		struct header_view view;
		struct bench bench;
		unsigned count = 0;
		size_t length;

		while (count < 4 && rows[i].rule[count].header)
			count++;
		set_up(&bench, rows[i].rule, count);
		snprintf(text, sizeof(text), HEAD "%sContent-Length: 0\r\n\r\n", rows[i].headers);
		assert_int_equal(sip_message_parse(&message, text, strlen(text), NULL), 0);
		header_view_make(&view, &message);
		header_view_apply(&view, HEADER_MESSAGE_INVITE, &bench.rules);
		length = header_view_lines(&view, lines, HEADER_OPEN);
		if (length != strlen(rows[i].passes) || memcmp(lines, rows[i].passes, length) != 0)
			fail_msg("row %zu: %.*s", i, (int)length, lines);
		assert_int_equal(view.withheld, rows[i].withheld);
		tear_down(&bench);
	}
}

static size_t pass_all(const char *name, unsigned copies, size_t value, enum header_privacy privacy,
		       unsigned *withheld)
{
	static char text[SIP_MESSAGE_MAX], header[64];
	struct header_rule rule = {.action = HEADER_PASS, .header = header, .reveals = true};
	char lines[HEADER_PASSED_TEXT_MAX];
	struct sip_message message;
	struct header_view view;
	struct bench bench;
	size_t used, length;

	snprintf(header, sizeof(header), "%s", name);
	set_up(&bench, &rule, 1);
	used = (size_t)snprintf(text, sizeof(text), HEAD);
	for (unsigned i = 0; i < copies; i++) {
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s: ", name);
		memset(text + used, 'x', value);
		used += value;
		used += (size_t)snprintf(text + used, sizeof(text) - used, "\r\n");
	}
	used += (size_t)snprintf(text + used, sizeof(text) - used, "Content-Length: 0\r\n\r\n");
	assert_int_equal(sip_message_parse(&message, text, used, NULL), 0);
	header_view_make(&view, &message);
	header_view_apply(&view, HEADER_MESSAGE_INVITE, &bench.rules);
	length = header_view_lines(&view, lines, privacy);
	*withheld = view.withheld;
	tear_down(&bench);
	return length;
}

static void no_more_passes_than_the_bounds_allow(void **state)
{
	unsigned withheld;

	(void)state;
	assert_int_equal(pass_all("X-Trunk", 100, 1, HEADER_OPEN, &withheld),
			 HEADER_PASSED_MAX * strlen("X-Trunk: x\r\n"));
	assert_int_equal(withheld, 100 - HEADER_PASSED_MAX);
	assert_true(pass_all("X-Trunk", 3, 2000, HEADER_OPEN, &withheld) <= HEADER_PASSED_TEXT_MAX);
	assert_int_equal(withheld, 1);
	assert_int_equal(pass_all("X-Trunk", 1, 8000, HEADER_OPEN, &withheld), 0);
	assert_int_equal(withheld, 1);
}

/* The caller's wish is stronger than the operator's rule. */
static void who_hides_is_not_told_by_a_rule(void **state)
{
	unsigned withheld;

	(void)state;
	assert_true(pass_all(diversion, 1, 5, HEADER_OPEN, &withheld) > 0);
	assert_int_equal(pass_all(diversion, 1, 5, HEADER_HIDDEN, &withheld), 0);
	assert_int_equal(withheld, 1);
	assert_int_equal(pass_all("Remote-Party-ID", 2, 5, HEADER_HIDDEN, &withheld), 0);
	assert_true(pass_all("X-Trunk", 1, 5, HEADER_HIDDEN, &withheld) > 0);
}

static void what_goes_is_edited(void **state)
{
	static char agent[] = "User-Agent", box[] = "box \\1", sluice[] = "^(sl.*)ce$";
	static const struct {
		struct header_rule rule[4];
		const char *becomes;
	} rows[] = {
	    {{{0}}, "User-Agent: sluice\r\nX-Other: a\r\nX-Other: b\r\n"},
	    {{{.action = HEADER_REMOVE, .header = agent}}, "X-Other: a\r\nX-Other: b\r\n"},
	    {{{.action = HEADER_REMOVE, .header = x_other, .pattern = a_pattern}},
	     "User-Agent: sluice\r\nX-Other: b\r\n"},
	    {{{.action = HEADER_REPLACE, .header = agent, .value = box, .pattern = sluice}},
	     "User-Agent: box slui\r\nX-Other: a\r\nX-Other: b\r\n"},
	    {{{.action = HEADER_REPLACE, .header = x_other, .value = north}},
	     "User-Agent: sluice\r\nX-Other: north\r\nX-Other: north\r\n"},
	    {{{.action = HEADER_REMOVE, .header = agent},
	      {.action = HEADER_ADD, .header = agent, .value = north}},
	     "X-Other: a\r\nX-Other: b\r\nUser-Agent: north\r\n"},
	    {{{.action = HEADER_ADD, .header = agent, .value = north}}, /* may stand once */
	     "X-Other: a\r\nX-Other: b\r\nUser-Agent: north\r\n"},
	    {{{.action = HEADER_ADD, .header = x_other, .value = north}},
	     "User-Agent: sluice\r\nX-Other: a\r\nX-Other: b\r\nX-Other: north\r\n"},
	    /* passing is not of the one who writes; another message */
	    {{{.action = HEADER_PASS, .header = x_trunk},
	      {.action = HEADER_REMOVE, .header = agent, .messages = 1U << HEADER_MESSAGE_BYE}},
	     "User-Agent: sluice\r\nX-Other: a\r\nX-Other: b\r\n"},
	};
	char text[2048];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sip_writer writer;
		struct bench bench;
		unsigned count = 0;
		size_t head;

		while (count < 4 && rows[i].rule[count].header)
			count++;
		set_up(&bench, rows[i].rule, count);
		for (unsigned j = 0; j < count; j++)
			bench.rule[j].direction = HEADER_OUT;
		sip_writer_request(&writer, text, sizeof(text), "INVITE", STR("sip:a@h"));
		sip_writer_header(&writer, "To", STR("<sip:User-Agent@h>"));
		head = writer.length;
		sip_writer_header(&writer, "User-Agent", STR("sluice"));
		sip_writer_header(&writer, "X-Other", STR("a"));
		sip_writer_header(&writer, "X-Other", STR("b"));
		assert_int_equal(header_edit(&writer, HEADER_MESSAGE_INVITE, &bench.rules), 0);
		assert_int_equal(writer.error, 0);
		if (writer.length - head != strlen(rows[i].becomes) ||
		    memcmp(text + head, rows[i].becomes, writer.length - head) != 0)
			fail_msg("row %zu: %.*s", i, (int)(writer.length - head), text + head);
		tear_down(&bench);
	}
}

static void what_passes_takes_the_place_of_ours(void **state)
{
	struct sip_writer writer;
	char text[512];

	(void)state;
	sip_writer_request(&writer, text, sizeof(text), "INVITE", STR("sip:a@h"));
	sip_writer_header(&writer, "User-Agent", STR("sluice"));
	sip_writer_header(&writer, "X", STR("ours"));
	header_edit_append(&writer, STR("User-Agent: one\r\nUser-Agent: two\r\nX-Y: z\r\n"));
	assert_true(sip_writer_end(&writer, NULL, (struct str){0}) > 0);
	assert_memory_equal(text,
			    "INVITE sip:a@h SIP/2.0\r\nX: ours\r\nUser-Agent: one\r\n"
			    "User-Agent: two\r\nX-Y: z\r\n",
			    75);
}

/* Rules cannot make a message that does not fit, nor one that ends a line. */
static void an_edit_stays_in_its_bounds(void **state)
{
	static char long_value[HEADER_VALUE_MAX + 1], twice[] = "\\0\\0",
						      injected[] = "a\r\nVia: x";
	struct header_rule rules[4] = {
	    {.action = HEADER_ADD, .direction = HEADER_OUT, .header = x_trunk, .value = long_value},
	};
	struct sip_writer writer;
	struct bench bench;
	char text[700];

	(void)state;
	memset(long_value, 'x', HEADER_VALUE_MAX);
	rules[1] = rules[0];
	set_up(&bench, rules, 2);
	sip_writer_request(&writer, text, sizeof(text), "INVITE", STR("sip:a@h"));
	assert_int_equal(header_edit(&writer, HEADER_MESSAGE_INVITE, &bench.rules), 1);
	assert_int_equal(writer.error, 0);
	tear_down(&bench);
	rules[0] = (struct header_rule){
	    .action = HEADER_REPLACE, .direction = HEADER_OUT, .header = x_trunk, .value = twice};
	set_up(&bench, rules, 1);
	/* twice as long does not fit: it goes, and is counted */
	assert_int_equal(header_edit(&writer, HEADER_MESSAGE_INVITE, &bench.rules), 1);
	assert_true(sip_writer_end(&writer, NULL, (struct str){0}) > 0);
	assert_null(memmem(text, writer.length, "X-Trunk", 7));
	tear_down(&bench);
	/* whatever a configuration may hold: the writer is the last gate */
	rules[0] = (struct header_rule){
	    .action = HEADER_ADD, .direction = HEADER_OUT, .header = x_trunk, .value = injected};
	set_up(&bench, rules, 1);
	sip_writer_request(&writer, text, sizeof(text), "INVITE", STR("sip:a@h"));
	header_edit(&writer, HEADER_MESSAGE_INVITE, &bench.rules);
	assert_true(sip_writer_end(&writer, NULL, (struct str){0}) < 0);
	tear_down(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(no_rule_touches_what_holds_a_dialog_together),
	    cmocka_unit_test(a_rule_has_what_its_action_needs),
	    cmocka_unit_test(what_comes_passes_as_the_rules_say),
	    cmocka_unit_test(no_more_passes_than_the_bounds_allow),
	    cmocka_unit_test(who_hides_is_not_told_by_a_rule),
	    cmocka_unit_test(what_goes_is_edited),
	    cmocka_unit_test(what_passes_takes_the_place_of_ours),
	    cmocka_unit_test(an_edit_stays_in_its_bounds),
	};

	return cmocka_run_group_tests_name("header rules", tests, NULL, NULL);
}
