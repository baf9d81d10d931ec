/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Readers that skip many bytes at once, beside ones that look at every byte: of texts made of what
 * is special to them, both say the same.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sip/head.h"
#include "sip/names.h"
#include "sip/scan.h"

enum { TEXTS = 200000, LONGEST = 40 };

/* ---- every byte looked at ---- */

static bool is_at(struct str text, size_t at, const char *what)
{
	size_t length = strlen(what);

	return text.len - at >= length && memcmp(text.ptr + at, what, length) == 0;
}

static const char *slow_find(struct str text, const char *what)
{
	for (size_t i = 0; i < text.len; i++)
		if (is_at(text, i, what))
			return text.ptr + i;
	return NULL;
}

/* The length of the first line with its folds, without its CRLF. */
static size_t slow_line(struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		if (is_at(text, i, "\r\n") && !is_at(text, i, "\r\n ") && !is_at(text, i, "\r\n\t"))
			return i;
	return text.len;
}

static enum sip_line_fault slow_check(struct str line)
{
	for (size_t i = 0; i < line.len; i++) {
		unsigned char c = (unsigned char)line.ptr[i];

		if (c == '\0')
			return SIP_LINE_NUL;
		if (is_at(line, i, "\r\n ") || is_at(line, i, "\r\n\t"))
			i++;
		else if (c == '\r' || c == '\n')
			return SIP_LINE_BARE_CR_LF;
		else if ((c < ' ' && c != '\t') || c == 0x7f)
			return SIP_LINE_CONTROL;
	}
	return sip_text_is_utf8(line) ? SIP_LINE_CLEAN : SIP_LINE_NOT_UTF8;
}

static size_t slow_split(struct str text, char sep)
{
	bool quoted = false, angled = false;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];

		if (quoted && c == '\\')
			i++;
		else if (quoted)
			quoted = c != '"';
		else if (angled)
			angled = c != '>';
		else if (c == sep)
			return i;
		else
			quoted = c == '"', angled = c == '<';
	}
	return text.len;
}

/* ---- both ---- */

static uint64_t random_state = 88172645463325252U;

static size_t draw(size_t below)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (size_t)(random_state >> 33) % below;
}

/* Of its own length in memory of its own, so that a sanitizer sees one byte too many. */
static struct str text_new(const char *alphabet, size_t letters)
{
	size_t length = draw(LONGEST);
	char *text = malloc(length + 1);

	assert_non_null(text);
	text = realloc(text, length ? length : 1);
	assert_non_null(text);
	for (size_t i = 0; i < length; i++)
		text[i] = draw(2) ? 'a' : alphabet[draw(letters)];
	return (struct str){text, length};
}

static void an_end_a_line_and_its_faults_are_what_a_look_at_every_byte_says(void **state)
{
	static const char bytes[] = "\r\n\r\n\r\n \t\0\x01\x1f \x7e\x7f\x80\xc3\xa4\xff";
	unsigned faults[SIP_LINE_NOT_UTF8 + 1] = {0}, ends = 0;

	(void)state;
	for (unsigned i = 0; i < TEXTS; i++) {
		/* CR and LF alone make lines; else their faults are all that is seen */
		size_t from = i & 1 ? 0 : 6;
		struct str text = text_new(bytes + from, (i & 2 ? 8 : sizeof(bytes) - 1) - from);
		struct str head = text, line = {NULL, 0};

		ends += sip_head_end(text) != NULL;
		assert_ptr_equal(sip_head_end(text), slow_find(text, "\r\n\r\n"));
		assert_int_equal(sip_line_check(text), slow_check(text));
		faults[sip_line_check(text)]++;
		assert_int_equal(sip_head_line(&head, &line), text.len > 0);
		if (text.len > 0) {
			assert_ptr_equal(line.ptr, text.ptr);
			assert_int_equal(line.len, slow_line(text));
			assert_int_equal(head.len, text.len - line.len -
						       (line.len < text.len ? strlen("\r\n") : 0));
		}
		free((char *)(uintptr_t)text.ptr);
	}
	assert_true(ends > TEXTS / 1000);
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		assert_true(faults[i] > TEXTS / 1000);
}

/* Where each byte of eight, and of the rest, may be the one that is wrong. */
static void one_wrong_byte_is_seen_wherever_it_stands(void **state)
{
	char text[24];

	(void)state;
	for (size_t length = 1; length <= sizeof(text); length++)
		for (size_t at = 0; at < length; at++)
			for (int byte = 0; byte < 256; byte++) {
				struct str line = {text, length};

				memset(text, byte & 1 ? ' ' : '~', sizeof(text));
				text[at] = (char)byte;
				assert_int_equal(sip_line_check(line), slow_check(line));
			}
}

static void a_separator_counts_outside_of_quotes_and_brackets_only(void **state)
{
	static const char bytes[] = "\"\"<>\\;;,";
	unsigned split = 0;

	(void)state;
	for (unsigned i = 0; i < TEXTS; i++) {
		struct str text = text_new(bytes, sizeof(bytes) - 1), rest = text, piece;
		size_t expected = slow_split(text, ';');

		assert_true(sip_scan_split(&rest, ';', &piece));
		assert_int_equal(piece.len, expected);
		assert_int_equal(rest.ptr != NULL, expected < text.len);
		split += expected < text.len;
		free((char *)(uintptr_t)text.ptr);
	}
	assert_true(split > TEXTS / 10);
}

static void every_header_and_method_is_known_by_its_name_in_any_case(void **state)
{
	char upper[64];

	(void)state;
	for (int id = 1; id < SIP_HDR_COUNT; id++) {
		const char *name = sip_header_name((enum sip_header_id)id);
		int length = snprintf(upper, sizeof(upper), "%s", name);

		for (int i = 0; i < length; i++)
			upper[i] =
			    (char)(upper[i] >= 'a' && upper[i] <= 'z' ? upper[i] - 32 : upper[i]);
		assert_int_equal(sip_header_id_of(str_of(name)), id);
		assert_int_equal(sip_header_id_of(str_of(upper)), id);
		if (length > 2) /* the first of To is To */
			assert_int_equal(sip_header_id_of((struct str){name, (size_t)length - 1}),
					 SIP_HDR_OTHER);
	}
	for (int method = SIP_METHOD_INVITE; method <= SIP_METHOD_PUBLISH; method++)
		assert_int_equal(sip_method_of(str_of(sip_method_name((enum sip_method)method))),
				 method);
	assert_int_equal(sip_method_of(STR("invite")), SIP_METHOD_OTHER); /* 7.1: as written */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_end_a_line_and_its_faults_are_what_a_look_at_every_byte_says),
	    cmocka_unit_test(one_wrong_byte_is_seen_wherever_it_stands),
	    cmocka_unit_test(a_separator_counts_outside_of_quotes_and_brackets_only),
	    cmocka_unit_test(every_header_and_method_is_known_by_its_name_in_any_case),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
