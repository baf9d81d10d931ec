/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>

#include "sip/message.h"

/* NULL: absent; "": there but empty is not the same */
static void part_is(const char *uri, const char *part, struct str got, const char *expected)
{
	if (!expected ? got.ptr == NULL : got.ptr && str_eq(got, str_of(expected)))
		return;
	fail_msg("%s: %s is '%.*s', not '%s'", uri, part, STR_FMT(got),
		 expected ? expected : "absent");
}

static void good_uris_are_cut_into_their_parts(void **state)
{
	static const struct {
		const char *text;
		enum sip_scheme scheme;
		const char *user, *password, *host;
		unsigned port;
		const char *params, *headers;
	} row[] = {
	    {"sip:alice@atlanta.example", SIP_SCHEME_SIP, "alice", NULL, "atlanta.example", 0, NULL,
	     NULL},
	    {"SIP:a@b.c", SIP_SCHEME_SIP, "a", NULL, "b.c", 0, NULL, NULL},
	    {"sips:bob:secret@biloxi.example:5061;transport=tcp?subject=x&priority=urgent",
	     SIP_SCHEME_SIPS, "bob", "secret", "biloxi.example", 5061, "transport=tcp",
	     "subject=x&priority=urgent"},
	    {"sip:192.0.2.4", SIP_SCHEME_SIP, NULL, NULL, "192.0.2.4", 0, NULL, NULL},
	    {"sip:+1-212-555;isub=1?@gw.example;user=phone", SIP_SCHEME_SIP, "+1-212-555;isub=1?",
	     NULL, "gw.example", 0, "user=phone", NULL},
	    {"sip:[2001:db8::9:1]:65535;lr", SIP_SCHEME_SIP, NULL, NULL, "2001:db8::9:1", 65535,
	     "lr", NULL},
	    {"sip:u@[::1]", SIP_SCHEME_SIP, "u", NULL, "::1", 0, NULL, NULL},
	    {"sip:%61%20b%ff@h.example.", SIP_SCHEME_SIP, "%61%20b%ff", NULL, "h.example.", 0, NULL,
	     NULL},
	    {"sip:u:@h.example", SIP_SCHEME_SIP, "u", "", "h.example", 0, NULL, NULL},
	    {"sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*@example.com", SIP_SCHEME_SIP,
	     "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*", NULL, "example.com", 0, NULL,
	     NULL},
	    {"sip:h.example?h=", SIP_SCHEME_SIP, NULL, NULL, "h.example", 0, NULL, "h="},
	    {"tel:+1-201-555-0123", SIP_SCHEME_TEL, "+1-201-555-0123", NULL, NULL, 0, NULL, NULL},
	    {"tel:7042;phone-context=example.com", SIP_SCHEME_TEL, "7042", NULL, NULL, 0,
	     "phone-context=example.com", NULL},
	    {"tel:*21#", SIP_SCHEME_TEL, "*21#", NULL, NULL, 0, NULL, NULL},
	    {"urn:service:sos", SIP_SCHEME_OTHER, NULL, NULL, NULL, 0, NULL, NULL},
	    {"soap.beep://192.0.2.103:3002", SIP_SCHEME_OTHER, NULL, NULL, NULL, 0, NULL, NULL},
	};
	struct sip_uri uri;

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		if (sip_uri_parse(&uri, str_of(row[i].text)) != 0)
			fail_msg("%s is refused", row[i].text);
		assert_int_equal(uri.scheme, row[i].scheme);
		part_is(row[i].text, "user", uri.user, row[i].user);
		part_is(row[i].text, "password", uri.password, row[i].password);
		part_is(row[i].text, "host", uri.host, row[i].host);
		assert_int_equal(uri.port, row[i].port);
		part_is(row[i].text, "params", uri.params, row[i].params);
		part_is(row[i].text, "headers", uri.headers, row[i].headers);
	}
}

static void bad_uris_are_refused(void **state)
{
	static const char *const row[] = {
	    "",
	    ":",
	    "sip",
	    "sip:",
	    "1sip:a@b",
	    "sip:@h.example",
	    "sip:a@",
	    "sip:a b@h.example",
	    "sip:a@h.example ",
	    " sip:a@h.example",
	    "<sip:a@h.example>",
	    "sip:a%00b@h.example",
	    "sip:a:%00@h.example",
	    "sip:a@h.example;x=%00",
	    "sip:a%4@h.example",
	    "sip:a%@h.example",
	    "sip:a%zz@h.example",
	    "sip:a\"b@h.example",
	    "sip:a@b@h.example",
	    "sip:a@h.example:",
	    "sip:a@h.example:0",
	    "sip:a@h.example:65536",
	    "sip:a@h.example:99999999999999999999",
	    "sip:a@h.example:5060x",
	    "sip:a@-h.example",
	    "sip:a@h-.example",
	    "sip:a@h..example",
	    "sip:a@.",
	    "sip:a@h_b.example",
	    "sip:a@192.0.2.256",
	    "sip:a@192.0.2",
	    "sip:a@1.2.3.4.5",
	    "sip:a@[::1",
	    "sip:a@::1",
	    "sip:a@[192.0.2.1]",
	    "sip:a@[fe80::1%25eth0]",
	    "sip:a@[::1]x",
	    "sip:a@h.example;",
	    "sip:a@h.example;;lr",
	    "sip:a@h.example;=x",
	    "sip:a@h.example;x=",
	    "sip:a@h.example;lr;LR=on",
	    "sip:a@h.example;x=\"q\"",
	    "sip:a@h.example?",
	    "sip:a@h.example?x",
	    "sip:a@h.example?=x",
	    "sip:a@h.example?x=1&&y=2",
	    "tel:",
	    "tel:+",
	    "tel:---",
	    "tel:12x",
	    "tel:12;ext=1;ext=2",
	    "http:",
	    "http:a b",
	};
	struct sip_uri uri;

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		if (sip_uri_parse(&uri, str_of(row[i])) != -EINVAL)
			fail_msg("'%s' is not refused", row[i]);
	}
	assert_int_equal(sip_uri_parse(&uri, (struct str){NULL, 0}), -EINVAL);
	assert_int_equal(sip_uri_parse(&uri, (struct str){"sip:a\0b@h.example", 17}), -EINVAL);
}

static void a_uri_has_a_longest_length(void **state)
{
	char text[SIP_URI_MAX + 2];
	struct sip_uri uri;
	size_t n = (size_t)snprintf(text, sizeof(text), "sip:%01000d@h.example", 7);

	(void)state;
	assert_int_equal(sip_uri_parse(&uri, (struct str){text, n}), 0);
	memset(text, '1', sizeof(text));
	memcpy(text, "sip:", 4);
	assert_int_equal(sip_uri_parse(&uri, (struct str){text, sizeof(text)}), -EMSGSIZE);
}

static void parameters_have_a_highest_count(void **state)
{
	char text[SIP_URI_MAX];
	struct sip_uri uri;
	size_t n = (size_t)snprintf(text, sizeof(text), "sip:h.example");

	(void)state;
	for (unsigned i = 0; i < SIP_PARAMS_MAX; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, ";p%u", i);
	assert_int_equal(sip_uri_parse(&uri, (struct str){text, n}), 0);
	n += (size_t)snprintf(text + n, sizeof(text) - n, ";more");
	assert_int_equal(sip_uri_parse(&uri, (struct str){text, n}), -EINVAL);
}

static void comparison_follows_the_table_of_the_rfc(void **state)
{
	static const struct {
		const char *a, *b;
		bool equal;
	} row[] = {
	    {"sip:alice@AtLanTa.example", "SIP:%61lice@atlanta.example;transport=udp", true},
	    {"sip:ALICE@h.example", "sip:alice@h.example", false},
	    {"sip:a@h.example", "sips:a@h.example", false},
	    {"sip:a@h.example", "sip:a@h.example:5060", false},
	    {"sip:a@h.example", "sip:a:pw@h.example", false},
	    {"sip:a@h.example", "sip:h.example", false},
	    {"sip:a%3bb@h.example", "sip:a;b@h.example", false},
	    {"sip:a%3Bb@h.example", "sip:a%3bb@h.example", true},
	    {"tel:+1", "tel:+1", true},
	    {"tel:+1", "sip:+1@h.example", false},
	    {"urn:a:b", "urn:a:b", true},
	    {"urn:a:b", "urn:a:c", false},
	};
	struct sip_uri a, b;

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		assert_int_equal(sip_uri_parse(&a, str_of(row[i].a)), 0);
		assert_int_equal(sip_uri_parse(&b, str_of(row[i].b)), 0);
		if (sip_uri_equal(&a, &b) != row[i].equal || sip_uri_equal(&b, &a) != row[i].equal)
			fail_msg("%s and %s", row[i].a, row[i].b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(good_uris_are_cut_into_their_parts),
	    cmocka_unit_test(bad_uris_are_refused),
	    cmocka_unit_test(a_uri_has_a_longest_length),
	    cmocka_unit_test(parameters_have_a_highest_count),
	    cmocka_unit_test(comparison_follows_the_table_of_the_rfc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
