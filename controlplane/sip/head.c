/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sip/head.h"

#include "sip/scan.h"

static bool is_fold(char c)
{
	return c == ' ' || c == '\t';
}

/* The first CRLF; NULL: none. The C library looks for one byte many times faster than for two. */
static const char *find_crlf(const char *from, const char *end)
{
	const char *lf = from;

	while (lf < end && (lf = memchr(lf, '\n', (size_t)(end - lf))) != NULL) {
		if (lf > from && lf[-1] == '\r')
			return lf - 1;
		lf++;
	}
	return NULL;
}

const char *sip_head_end(struct str text)
{
	const char *end = text.ptr + text.len;
	const char *crlf = text.len > 0 ? find_crlf(text.ptr, end) : NULL;

	while (crlf && (end - crlf < 4 || memcmp(crlf + 2, "\r\n", 2) != 0))
		crlf = find_crlf(crlf + 2, end);
	return crlf;
}

bool sip_head_line(struct str *head, struct str *line)
{
	const char *end = head->ptr + head->len;
	const char *from = head->ptr;
	const char *crlf;

	if (head->len == 0)
		return false;
	while ((crlf = find_crlf(from, end)) != NULL) {
		from = crlf + 2;
		if (from == end || !is_fold(*from))
			break;
	}
	*line = (struct str){head->ptr, (size_t)((crlf ? crlf : end) - head->ptr)};
	if (!crlf)
		from = end;
	*head = (struct str){from, (size_t)(end - from)};
	return true;
}

enum sip_line_fault sip_line_check(struct str line)
{
	unsigned char seen = 0; /* any bit of any byte */

	for (size_t i = sip_text_plain(line); i < line.len; i++) {
		unsigned char c = (unsigned char)line.ptr[i];

		seen |= c;
		if (c == '\0')
			return SIP_LINE_NUL;
		if (c == '\r' && line.len - i > 2 && line.ptr[i + 1] == '\n' &&
		    is_fold(line.ptr[i + 2]))
			i++;
		else if (c == '\r' || c == '\n')
			return SIP_LINE_BARE_CR_LF;
		else if ((c < ' ' && c != '\t') || c == 0x7f)
			return SIP_LINE_CONTROL;
	}
	return seen < 0x80 || sip_text_is_utf8(line) ? SIP_LINE_CLEAN : SIP_LINE_NOT_UTF8;
}

bool sip_line_split(struct str line, struct str *name, struct str *value)
{
	*name = sip_scan_while(&line, SIP_C_TOKEN);
	while (line.len > 0 && is_fold(*line.ptr)) /* HCOLON: no fold before the colon */
		sip_scan_byte(&line, *line.ptr);
	if (name->len == 0 || !sip_scan_byte(&line, ':'))
		return false;
	*value = sip_scan_trim(line);
	return true;
}
