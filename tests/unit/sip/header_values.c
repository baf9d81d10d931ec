/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Via, name-addr, lists and parameters: tables of what is read and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>

#include "sip/message.h"

static void part_is(const char *text, const char *part, struct str got, const char *expected)
{
	if (!expected ? got.ptr == NULL : got.ptr && str_eq(got, str_of(expected)))
		return;
	fail_msg("%s: %s is '%.*s', not '%s'", text, part, STR_FMT(got),
		 expected ? expected : "absent");
}

static void good_vias_are_cut_into_their_parts(void **state)
{
	static const struct {
		const char *text, *transport, *host;
		unsigned port;
		const char *branch, *received;
		int rport; /* -1: no parameter */
	} row[] = {
	    {"SIP/2.0/UDP h.example:5060;branch=z9hG4bK1", "UDP", "h.example", 5060, "z9hG4bK1",
	     NULL, -1},
	    {"SIP / 2.0 / TLS   h.example : 5061 ; branch = z9hG4bK1 ; rport", "TLS", "h.example",
	     5061, "z9hG4bK1", NULL, 0},
	    {"SIP/2.0\r\n /TCP\r\n\th.example", "TCP", "h.example", 0, NULL, NULL, -1},
	    {"SIP/2.0/TCP [2001:db8::1]:5070;received=2001:db8::2;rport=1024", "TCP", "2001:db8::1",
	     5070, NULL, "2001:db8::2", 1024},
	    {"SIP/2.0/UDP 192.0.2.1;received=192.0.2.9;x=\"a;branch=no\"", "UDP", "192.0.2.1", 0,
	     NULL, "192.0.2.9", -1},
	    {"sip/2.0/WS df7jal23ls0d.invalid;branch=z9hG4bK56sdasks", "WS", "df7jal23ls0d.invalid",
	     0, "z9hG4bK56sdasks", NULL, -1},
	    {"SIP/2.0/UDP h.example;received=[::1]", "UDP", "h.example", 0, NULL, "::1", -1},
	    {"SIP/7.0/UDP h.example", "UDP", "h.example", 0, NULL, NULL, -1},
	};
	struct sip_via via;

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		if (sip_via_parse(&via, str_of(row[i].text)) != 0)
			fail_msg("'%s' is refused", row[i].text);
		part_is(row[i].text, "transport", via.transport, row[i].transport);
		part_is(row[i].text, "host", via.host, row[i].host);
		assert_int_equal(via.port, row[i].port);
		part_is(row[i].text, "branch", via.branch, row[i].branch);
		part_is(row[i].text, "received", via.received, row[i].received);
		assert_int_equal(via.rport, row[i].rport >= 0);
		assert_int_equal(via.rport_value, row[i].rport > 0 ? row[i].rport : 0);
	}
}

static void bad_vias_are_refused(void **state)
{
	static const char *const row[] = {
	    "",
	    "SIP",
	    "SIP/2.0",
	    "SIP/2.0/UDP",
	    "SIP/2.0/UDP ",
	    "SIP/2.0/UDP;branch=z9hG4bK1",
	    "SIP/2.0/UDPh.example",
	    "SIP/2.0 UDP h.example",
	    "//UDP h.example",
	    "SIP/2.0/UDP h.example:",
	    "SIP/2.0/UDP h.example:0",
	    "SIP/2.0/UDP h.example:65536",
	    "SIP/2.0/UDP h.example:5060 x",
	    "SIP/2.0/UDP h.example, SIP/2.0/UDP i.example",
	    "SIP/2.0/UDP h.example;",
	    "SIP/2.0/UDP h.example;;branch=a",
	    "SIP/2.0/UDP h.example;branch=a;branch=b",
	    "SIP/2.0/UDP h.example;branch=",
	    "SIP/2.0/UDP h.example;branch",
	    "SIP/2.0/UDP h.example;branch=\"z9hG4bK1\"",
	    "SIP/2.0/UDP h.example;received=h.example",
	    "SIP/2.0/UDP h.example;received=[192.0.2.1]",
	    "SIP/2.0/UDP h.example;received=[::1",
	    "SIP/2.0/UDP h.example;rport=0",
	    "SIP/2.0/UDP h.example;rport=x",
	    "SIP/2.0/UDP h.example;rport=70000",
	    "SIP/2.0/UDP [::1;branch=a",
	    "SIP/2.0/UDP ::1;branch=a",
	};
	struct sip_via via;

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		if (sip_via_parse(&via, str_of(row[i])) != -EINVAL)
			fail_msg("'%s' is not refused", row[i]);
}

static void good_addresses_are_cut_into_their_parts(void **state)
{
	static const struct {
		const char *text, *display, *uri, *params, *tag;
	} row[] = {
	    {"<sip:a@h.example>", NULL, "sip:a@h.example", NULL, NULL},
	    {"sip:a@h.example;tag=x", NULL, "sip:a@h.example", "tag=x", "x"},
	    {"sip:a@h.example ; tag = x", NULL, "sip:a@h.example", " tag = x", "x"},
	    {"<sip:a@h.example;lr>;tag=x;y", NULL, "sip:a@h.example;lr", "tag=x;y", "x"},
	    {"Alice  Liddell <sip:a@h.example>", "Alice  Liddell", "sip:a@h.example", NULL, NULL},
	    {"Alice<sip:a@h.example>;TAG=1", "Alice", "sip:a@h.example", "TAG=1", "1"},
	    {"\"A \\\"<x>, \\\\\" <sip:a@h.example>", "\"A \\\"<x>, \\\\\"", "sip:a@h.example",
	     NULL, NULL},
	    {"\"\"<sip:a@h.example>", "\"\"", "sip:a@h.example", NULL, NULL},
	    {"\"caller\"\r\n <sip:a@h.example>\r\n ;\r\n tag=1", "\"caller\"", "sip:a@h.example",
	     "\r\n tag=1", "1"},
	    {"<sip:a,b@h.example?x=1>;q=0.5;+sip.instance=\"<urn:uuid:0;tag=no>\"", NULL,
	     "sip:a,b@h.example?x=1", "q=0.5;+sip.instance=\"<urn:uuid:0;tag=no>\"", NULL},
	    {"J\xc3\xbcrgen <sip:j@h.example>", "J\xc3\xbcrgen", "sip:j@h.example", NULL, NULL},
	    {"<tel:+1555>;tag=a", NULL, "tel:+1555", "tag=a", "a"},
	    {"<urn:service:sos>", NULL, "urn:service:sos", NULL, NULL},
	};
	struct sip_name_addr addr;

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		if (sip_name_addr_parse(&addr, str_of(row[i].text)) != 0)
			fail_msg("'%s' is refused", row[i].text);
		part_is(row[i].text, "display", addr.display, row[i].display);
		part_is(row[i].text, "uri", addr.uri.whole, row[i].uri);
		part_is(row[i].text, "params", addr.params, row[i].params);
		part_is(row[i].text, "tag", addr.tag, row[i].tag);
		assert_false(addr.star);
	}
	assert_int_equal(sip_name_addr_parse(&addr, STR(" * ")), 0);
	assert_true(addr.star);
}

static void bad_addresses_are_refused(void **state)
{
	static const char *const row[] = {
	    "",
	    "Alice",
	    "<>",
	    "<sip:a@h.example",
	    "sip:a@h.example>",
	    "< sip:a@h.example>",
	    "<sip:a@h.example >",
	    "<<sip:a@h.example>>",
	    "\"Alice <sip:a@h.example>",
	    "Alice\" <sip:a@h.example>",
	    "\"Alice\" sip:a@h.example",
	    "\"A\" \"B\" <sip:a@h.example>",
	    "Al(i)ce <sip:a@h.example>",
	    "Alice, Bob <sip:a@h.example>",
	    "<sip:a@h.example> x",
	    "<sip:a@h.example>, <sip:b@h.example>",
	    "<sip:a@h.example>;",
	    "<sip:a@h.example>;tag=",
	    "<sip:a@h.example>;tag",
	    "<sip:a@h.example>;tag=a;tag=b",
	    "<sip:a@h.example>;tag=a b",
	    "<sip:a@h.example>;tag=\"a\"",
	    "<sip:a@h.example>;x=\"a",
	    "<sip:a@h.example>;x=\"a\"b",
	    "sip:a,b@h.example",
	    "sip:a@h.example?x=1",
	    "sip:a@h.example,sip:b@h.example",
	    "\"A\\\" <sip:a@h.example>",
	};
	struct sip_name_addr addr;

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		if (sip_name_addr_parse(&addr, str_of(row[i])) != -EINVAL)
			fail_msg("'%s' is not refused", row[i]);
}

static void lists_split_at_commas_outside_of_quotes_and_brackets(void **state)
{
	static const struct {
		const char *text;
		const char *item[4];
	} row[] = {
	    {"", {NULL}},
	    {" ", {NULL}},
	    {"a", {"a"}},
	    {"a,b , c", {"a", "b", "c"}},
	    {",a,,b,", {"a", "b"}},
	    {"\"a,b\" <sip:x,y@h>,c", {"\"a,b\" <sip:x,y@h>", "c"}},
	    {"\"a\\\",\" , b", {"\"a\\\",\"", "b"}},
	    {"\"open, b", {"\"open, b"}},
	    {"a\r\n ,\r\n b", {"a", "b"}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct str rest = str_of(row[i].text), item;
		unsigned n = 0;

		while (sip_list_next(&rest, &item)) {
			assert_non_null(row[i].item[n]);
			part_is(row[i].text, "item", item, row[i].item[n++]);
		}
		assert_null(row[i].item[n]);
	}
}

static void parameters_are_found_by_name(void **state)
{
	static const struct {
		const char *params, *name, *value;
	} row[] = {
	    {"tag=a;x=b", "tag", "a"},
	    {"TAG = a ", "tag", "a"},
	    {"lr", "lr", ""},
	    {"lr;x", "lr", ""},
	    {"x;lr=on", "lr", "on"},
	    {"x=\"a;lr\"", "lr", NULL},
	    {"text=\"a b\";cause=16", "text", "\"a b\""},
	    {"Q.850;cause=16", "cause", "16"},
	    {"tagged=1", "tag", NULL},
	    {"", "tag", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		part_is(row[i].params, row[i].name, sip_param(str_of(row[i].params), row[i].name),
			row[i].value);
	assert_null(sip_param((struct str){NULL, 0}, "tag").ptr);
}

static void numbers_are_digits_within_a_limit(void **state)
{
	static const struct {
		const char *text;
		uint32_t max, value;
		int result;
	} row[] = {
	    {"0", 10, 0, 0},
	    {"10", 10, 10, 0},
	    {"00010", 10, 10, 0},
	    {"11", 10, 0, -EINVAL},
	    {"", 10, 0, -EINVAL},
	    {"-1", 10, 0, -EINVAL},
	    {"+1", 10, 0, -EINVAL},
	    {"1 ", 10, 0, -EINVAL},
	    {"4294967295", UINT32_MAX, UINT32_MAX, 0},
	    {"4294967296", UINT32_MAX, 0, -EINVAL},
	    {"36893488147419103232", UINT32_MAX, 0, -EINVAL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		uint32_t value = 0;

		assert_int_equal(sip_number_parse(&value, str_of(row[i].text), row[i].max),
				 row[i].result);
		assert_int_equal(value, row[i].value);
	}
}

static void names_map_both_ways(void **state)
{
	(void)state;
	assert_int_equal(sip_method_of(STR("INVITE")), SIP_METHOD_INVITE);
	assert_int_equal(sip_method_of(STR("invite")), SIP_METHOD_OTHER); /* case counts: 7.1 */
	assert_int_equal(sip_method_of(STR("")), SIP_METHOD_OTHER);
	assert_string_equal(sip_method_name(SIP_METHOD_PUBLISH), "PUBLISH");
	assert_string_equal(sip_header_name(SIP_HDR_CALL_ID), "Call-ID");
	assert_string_equal(sip_reason_phrase(486), "Busy Here");
	assert_string_equal(sip_reason_phrase(499), "Unknown");
}

static void a_media_type_is_what_stands_before_its_parameters(void **state)
{
	static const struct {
		const char *value, *type;
	} row[] = {
	    {"application/sdp", "application/sdp"},
	    {"application/sdp ; charset=utf-8", "application/sdp"},
	    {" text/plain\t;charset=UTF-8;x", "text/plain"},
	    {"multipart/mixed;boundary=\"a;b\"", "multipart/mixed"},
	    {";x", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		assert_true(str_eq(sip_media_type(str_of(row[i].value)), str_of(row[i].type)));
	assert_null(sip_media_type((struct str){NULL, 0}).ptr);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_media_type_is_what_stands_before_its_parameters),
	    cmocka_unit_test(good_vias_are_cut_into_their_parts),
	    cmocka_unit_test(bad_vias_are_refused),
	    cmocka_unit_test(good_addresses_are_cut_into_their_parts),
	    cmocka_unit_test(bad_addresses_are_refused),
	    cmocka_unit_test(lists_split_at_commas_outside_of_quotes_and_brackets),
	    cmocka_unit_test(parameters_are_found_by_name),
	    cmocka_unit_test(numbers_are_digits_within_a_limit),
	    cmocka_unit_test(names_map_both_ways),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
