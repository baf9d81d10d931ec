/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bodies of several parts: what is found in them, and what is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>

#include "sip/multipart.h"

#define TYPE "multipart/mixed;boundary=b"

/* "TYPE[!]=BODY" of each part, one after the other, as they are found; then why it ended. */
static const char *found(const char *type, struct str body)
{
	static char text[512];
	struct sip_multipart walk;
	struct sip_part part;
	size_t used = 0;
	int rc = sip_multipart_begin(&walk, str_of(type), body);

	text[0] = '\0';
	if (rc < 0)
		return "no parts";
	while ((rc = sip_multipart_next(&walk, &part)) == 0)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%.*s%s%.*s=%.*s|",
					 STR_FMT(part.type), part.required ? "!" : "",
					 STR_FMT(part.encoding), STR_FMT(part.body));
	if (rc != -ENOENT)
		snprintf(text + used, sizeof(text) - used, "malformed");
	return text;
}

static void parts_are_found_between_their_delimiters(void **state)
{
	static const struct {
		const char *type, *body, *found;
	} facts[] = {
	    {TYPE, "--b\r\nContent-Type: a/b\r\n\r\nx\r\n--b--\r\n", "a/b=x|"},
	    {TYPE, "--b\r\nContent-Type: a/b\r\n\r\nx\r\n--b--", "a/b=x|"},
	    {"multipart/mixed ; x=y; Boundary=\"b\"", "--b\r\nc: a/b\r\n\r\nx\r\n\r\n--b-- \t\r\n",
	     "a/b=x\r\n|"},
	    {TYPE, "hello\r\n--b \r\n\r\nx\r\n--b\r\n\r\n\r\n--b--\r\nbye\r\n--b\r\n", "=x|=|"},
	    {TYPE, "--b\r\n\r\n--bx\r\nx--b\r\n--b--\r\n", "=--bx\r\nx--b|"},
	    {TYPE,
	     "--b\r\nContent-Type: a/b;c=\"d\"\r\nContent-Disposition: signal; "
	     "handling=REQUIRED\r\n"
	     "Content-Transfer-Encoding: binary\r\nContent-ID: <1>\r\n\r\nx\r\n--b--\r\n",
	     "a/b;c=\"d\"!binary=x|"},
	    {TYPE, "--b\r\nContent-Disposition: session;handling=optional\r\n\r\n\r\n--b--", "=|"},
	    {TYPE, "--b\r\n--b--", "malformed"},
	    {TYPE, "--b\r\n\r\nx", "malformed"},
	    {TYPE, "--b\r\n\r\nx\n--b--\r\n", "malformed"},
	    {TYPE, "--b\r\nContent-Type a/b\r\n\r\nx\r\n--b--", "malformed"},
	    {TYPE, "--b\r\nContent-Type: a/b\r\n--b--", "malformed"},
	    {TYPE, "--b--\r\n", ""},
	    {TYPE, "--c\r\n\r\nx\r\n--c--\r\n", "no parts"},
	    {TYPE, "x--b\r\n", "no parts"},
	    {TYPE, "", "no parts"},
	    {"multipart/mixed", "--b\r\n\r\nx\r\n--b--\r\n", "no parts"},
	    {"multipart/mixed;boundary=", "--\r\n\r\nx\r\n----\r\n", "no parts"},
	    {"multipart/mixed;boundary=\"\"", "--\r\n\r\nx\r\n----\r\n", "no parts"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++)
		assert_string_equal(found(facts[i].type, str_of(facts[i].body)), facts[i].found);
}

static void parts_and_boundaries_have_a_limit(void **state)
{
	char body[512] = "", type[128];
	size_t used = 0;

	(void)state;
	for (unsigned i = 0; i <= SIP_PARTS_MAX; i++)
		used += (size_t)snprintf(body + used, sizeof(body) - used, "--b\r\n\r\n\r\n");
	snprintf(body + used, sizeof(body) - used, "--b--");
	assert_non_null(strstr(found(TYPE, str_of(body)), "malformed"));
	for (int length = 70; length <= 71; length++) {
		snprintf(type, sizeof(type), "multipart/mixed;boundary=%0*d", length, 0);
		snprintf(body, sizeof(body), "--%0*d\r\n\r\nx\r\n--%0*d--", length, 0, length, 0);
		assert_string_equal(found(type, str_of(body)), length == 70 ? "=x|" : "no parts");
	}
}

static void others_are_no_multipart(void **state)
{
	(void)state;
	assert_true(sip_multipart_is(STR("Multipart/Related")));
	assert_false(sip_multipart_is(STR("multipart/")));
	assert_false(sip_multipart_is(STR("application/sdp")));
	assert_false(sip_multipart_is((struct str){0}));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(parts_are_found_between_their_delimiters),
	    cmocka_unit_test(parts_and_boundaries_have_a_limit),
	    cmocka_unit_test(others_are_no_multipart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
