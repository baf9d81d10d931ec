/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "b2bua/replaces.h"

#include <string.h>

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The parser has seen that each '%' has its two digits. */
static bool unescape(struct replaces *replaces, struct str value, struct str *text)
{
	size_t used = 0;

	for (size_t i = 0; i < value.len; i++) {
		char c = value.ptr[i];

		if (c == '%' && i + 2 < value.len) {
			c = (char)(hex(value.ptr[i + 1]) << 4 | hex(value.ptr[i + 2]));
			i += 2;
		}
		if (used == REPLACES_MAX || (unsigned char)c < ' ')
			return false;
		replaces->text[used++] = c;
	}
	*text = (struct str){replaces->text, used};
	return true;
}

/* "Call-ID;to-tag=A;from-tag=B;early-only" */
static bool read_value(struct replaces *replaces, struct str text)
{
	const char *end = text.len ? memchr(text.ptr, ';', text.len) : NULL;
	struct str params;

	if (!end)
		return false;
	replaces->call_id = (struct str){text.ptr, (size_t)(end - text.ptr)};
	params = (struct str){end + 1, text.len - replaces->call_id.len - 1};
	replaces->to_tag = sip_param(params, "to-tag");
	replaces->from_tag = sip_param(params, "from-tag");
	replaces->early_only = sip_param(params, "early-only").ptr != NULL;
	return replaces->call_id.len && replaces->to_tag.len && replaces->from_tag.len;
}

bool replaces_of_uri(struct replaces *replaces, const struct sip_uri *uri)
{
	struct str rest = uri->headers, text;

	*replaces = (struct replaces){0};
	while (rest.len) {
		const char *end = memchr(rest.ptr, '&', rest.len);
		struct str pair = {rest.ptr, end ? (size_t)(end - rest.ptr) : rest.len};

		rest = end ? (struct str){end + 1, rest.len - pair.len - 1} : (struct str){0};
		if (pair.len < 9 || strncasecmp(pair.ptr, "Replaces=", 9) != 0)
			continue;
		pair = (struct str){pair.ptr + 9, pair.len - 9};
		if (!unescape(replaces, pair, &text) || !read_value(replaces, text))
			*replaces = (struct replaces){0}; /* names no dialog: 481 */
		return true;
	}
	return false;
}

bool replaces_of_header(struct replaces *replaces, struct str value)
{
	*replaces = (struct replaces){0};
	if (!value.len || value.len > REPLACES_MAX)
		return false;
	memcpy(replaces->text, value.ptr, value.len);
	for (size_t i = 0; i < value.len; i++) /* folds */
		if (replaces->text[i] == '\r' || replaces->text[i] == '\n')
			replaces->text[i] = ' ';
	return read_value(replaces, (struct str){replaces->text, value.len});
}

static bool names(const struct replaces *replaces, const struct leg *leg, const char *remote_tag)
{
	return remote_tag && str_eq(replaces->call_id, str_of(leg->dialog.call_id)) &&
	       str_eq(replaces->from_tag, str_of(remote_tag));
}

struct leg *replaces_any(const struct b2bua *b2bua, const struct replaces *replaces)
{
	struct leg *leg = replaces->call_id.len ? leg_by_tag(b2bua, replaces->to_tag) : NULL;
	const struct early *early = leg ? early_find(leg, replaces->from_tag) : NULL;

	if (!leg || !leg->dialog.call_id ||
	    (!names(replaces, leg, leg->dialog.remote_tag) &&
	     !names(replaces, leg, early ? early->dialog.remote_tag : NULL)))
		return NULL;
	return leg;
}

struct leg *replaces_find(const struct b2bua *b2bua, const struct replaces *replaces,
			  const struct config_peer *peer)
{
	struct leg *leg = replaces_any(b2bua, replaces);

	return leg && leg->peer == peer && leg->dialog.confirmed ? leg : NULL;
}
