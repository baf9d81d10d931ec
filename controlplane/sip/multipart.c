/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sip/multipart.h"

#include <errno.h>

#include "sip/head.h"
#include "sip/message.h"

#define LEAST 10U /* "multipart/" */

/* Behind the first ';' of a header's value. */
static struct str params_of(struct str value)
{
	const char *at = value.len ? memchr(value.ptr, ';', value.len) : NULL;

	if (!at)
		return (struct str){0};
	return (struct str){at + 1, value.len - (size_t)(at + 1 - value.ptr)};
}

bool sip_multipart_is(struct str type)
{
	return type.len > LEAST && str_caseeq((struct str){type.ptr, LEAST}, STR("multipart/"));
}

/* ---- delimiters ---- */

/* What ends at the line's end, after the delimiter: "--" of the last one, and space. */
static bool line_ends(struct str *rest, bool *last)
{
	*last = rest->len >= 2 && memcmp(rest->ptr, "--", 2) == 0;
	if (*last)
		*rest = (struct str){rest->ptr + 2, rest->len - 2};
	while (rest->len && (*rest->ptr == ' ' || *rest->ptr == '\t'))
		*rest = (struct str){rest->ptr + 1, rest->len - 1};
	if (rest->len == 0)
		return *last;
	if (rest->len < 2 || memcmp(rest->ptr, "\r\n", 2) != 0)
		return false;
	*rest = (struct str){rest->ptr + 2, rest->len - 2};
	return true;
}

/*
 * The next delimiter in text: what is before it, without the CRLF that belongs to it, and what is
 * behind its line; behind the last one nothing counts.
 */
static bool find(const struct sip_multipart *walk, struct str text, struct str *before,
		 struct str *behind)
{
	const char *from = text.ptr, *end = text.ptr + text.len, *at;

	while (from < end &&
	       (at = memmem(from, (size_t)(end - from), walk->delimiter, walk->length))) {
		bool begins = at == text.ptr, last;

		from = at + walk->length;
		*behind = (struct str){from, (size_t)(end - from)};
		if ((!begins && (at - text.ptr < 2 || memcmp(at - 2, "\r\n", 2) != 0)) ||
		    !line_ends(behind, &last))
			continue;
		*before = (struct str){text.ptr, begins ? 0 : (size_t)(at - 2 - text.ptr)};
		if (last)
			*behind = (struct str){0};
		return true;
	}
	return false;
}

static bool is_boundary(struct str boundary)
{
	for (size_t i = 0; i < boundary.len; i++)
		if ((unsigned char)boundary.ptr[i] < ' ' || (unsigned char)boundary.ptr[i] >= 0x7f)
			return false;
	return boundary.len > 0 && boundary.len <= SIP_BOUNDARY_MAX;
}

int sip_multipart_begin(struct sip_multipart *walk, struct str type, struct str body)
{
	struct str boundary = sip_param(params_of(type), "boundary"), preamble;

	*walk = (struct sip_multipart){0};
	if (boundary.len >= 2 && boundary.ptr[0] == '"' && boundary.ptr[boundary.len - 1] == '"')
		boundary = (struct str){boundary.ptr + 1, boundary.len - 2};
	if (!is_boundary(boundary))
		return -EBADMSG;
	memcpy(walk->delimiter, "--", 2);
	memcpy(walk->delimiter + 2, boundary.ptr, boundary.len);
	walk->length = 2 + boundary.len;
	return body.len && find(walk, body, &preamble, &walk->rest) ? 0 : -EBADMSG;
}

/* ---- parts ---- */

static bool header_read(struct sip_part *part, struct str line)
{
	struct str name, value;

	if (sip_line_check(line) != SIP_LINE_CLEAN || !sip_line_split(line, &name, &value))
		return false;
	if (str_caseeq(name, STR("Content-Type")) || str_caseeq(name, STR("c")))
		part->type = value;
	else if (str_caseeq(name, STR("Content-Transfer-Encoding")))
		part->encoding = value;
	else if (str_caseeq(name, STR("Content-Disposition")))
		part->required =
		    str_caseeq(sip_param(params_of(value), "handling"), STR("required"));
	return true;
}

/* Headers, if there are any, an empty line, and the body. */
static int part_read(struct sip_part *part, struct str text)
{
	const char *end;
	struct str head, line;

	*part = (struct sip_part){0};
	if (text.len >= 2 && memcmp(text.ptr, "\r\n", 2) == 0) {
		part->body = (struct str){text.ptr + 2, text.len - 2};
		return 0;
	}
	end = text.len ? memmem(text.ptr, text.len, "\r\n\r\n", 4) : NULL;
	if (!end)
		return -EBADMSG;
	head = (struct str){text.ptr, (size_t)(end + 2 - text.ptr)};
	while (sip_head_line(&head, &line))
		if (!header_read(part, line))
			return -EBADMSG;
	part->body = (struct str){end + 4, text.len - (size_t)(end + 4 - text.ptr)};
	return 0;
}

int sip_multipart_next(struct sip_multipart *walk, struct sip_part *part)
{
	struct str text, behind;

	if (!walk->rest.ptr)
		return -ENOENT;
	if (walk->parts++ == SIP_PARTS_MAX || !find(walk, walk->rest, &text, &behind))
		return -EBADMSG;
	walk->rest = behind;
	return part_read(part, text);
}
