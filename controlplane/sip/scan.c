/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sip/scan.h"

#include <arpa/inet.h>

#define ALNUM                                                                                  \
	(SIP_C_TOKEN | SIP_C_USER | SIP_C_PASSWORD | SIP_C_PARAM | SIP_C_HEADER | SIP_C_URIC | \
	 SIP_C_WORD | SIP_C_VALUE | SIP_C_LABEL)
#define UNRESERVED (SIP_C_USER | SIP_C_PASSWORD | SIP_C_PARAM | SIP_C_HEADER | SIP_C_URIC)
#define TOKEN (SIP_C_TOKEN | SIP_C_WORD | SIP_C_VALUE)
#define RESERVED (SIP_C_RESERVED | SIP_C_URIC)

const uint16_t sip_char_classes[256] = {
    ['0' ... '9'] = ALNUM | SIP_C_DIGIT | SIP_C_HEX | SIP_C_PHONE,
    ['A' ... 'F'] = ALNUM | SIP_C_ALPHA | SIP_C_HEX | SIP_C_PHONE,
    ['G' ... 'Z'] = ALNUM | SIP_C_ALPHA,
    ['a' ... 'f'] = ALNUM | SIP_C_ALPHA | SIP_C_HEX | SIP_C_PHONE,
    ['g' ... 'z'] = ALNUM | SIP_C_ALPHA,
    ['-'] = UNRESERVED | TOKEN | SIP_C_LABEL | SIP_C_PHONE,
    ['_'] = UNRESERVED | TOKEN,
    ['.'] = UNRESERVED | TOKEN | SIP_C_PHONE,
    ['!'] = UNRESERVED | TOKEN,
    ['~'] = UNRESERVED | TOKEN,
    ['*'] = UNRESERVED | TOKEN | SIP_C_PHONE,
    ['\''] = UNRESERVED | TOKEN,
    ['('] = UNRESERVED | SIP_C_WORD | SIP_C_PHONE,
    [')'] = UNRESERVED | SIP_C_WORD | SIP_C_PHONE,
    ['%'] = TOKEN, /* in a token it is a letter, in a URI it begins an escape */
    ['`'] = TOKEN,
    ['+'] = RESERVED | TOKEN | SIP_C_USER | SIP_C_PASSWORD | SIP_C_PARAM | SIP_C_HEADER,
    ['&'] = RESERVED | SIP_C_USER | SIP_C_PASSWORD | SIP_C_PARAM,
    ['='] = RESERVED | SIP_C_USER | SIP_C_PASSWORD,
    ['$'] = RESERVED | SIP_C_USER | SIP_C_PASSWORD | SIP_C_PARAM | SIP_C_HEADER,
    [','] = RESERVED | SIP_C_USER | SIP_C_PASSWORD,
    [';'] = RESERVED | SIP_C_USER,
    ['?'] = RESERVED | SIP_C_USER | SIP_C_HEADER | SIP_C_WORD,
    ['/'] = RESERVED | SIP_C_USER | SIP_C_PARAM | SIP_C_HEADER | SIP_C_WORD,
    [':'] = RESERVED | SIP_C_PARAM | SIP_C_HEADER | SIP_C_WORD | SIP_C_VALUE,
    ['@'] = RESERVED,
    ['['] = SIP_C_PARAM | SIP_C_HEADER | SIP_C_WORD | SIP_C_VALUE,
    [']'] = SIP_C_PARAM | SIP_C_HEADER | SIP_C_WORD | SIP_C_VALUE,
    ['<'] = SIP_C_WORD,
    ['>'] = SIP_C_WORD,
    ['"'] = SIP_C_WORD,
    ['\\'] = SIP_C_WORD,
    ['{'] = SIP_C_WORD,
    ['}'] = SIP_C_WORD,
    ['#'] = SIP_C_PHONE,
    [' '] = SIP_C_SPACE,
    ['\t'] = SIP_C_SPACE,
    ['\r'] = SIP_C_SPACE,
    ['\n'] = SIP_C_SPACE,
};

static void advance(struct str *rest, size_t n)
{
	rest->ptr += n;
	rest->len -= n;
}

struct str sip_scan_while(struct str *rest, unsigned classes)
{
	struct str taken = {rest->ptr, 0};

	while (taken.len < rest->len && sip_char_is(rest->ptr[taken.len], classes))
		taken.len++;
	if (taken.len > 0)
		advance(rest, taken.len);
	return taken;
}

void sip_scan_space(struct str *rest)
{
	sip_scan_while(rest, SIP_C_SPACE);
}

struct str sip_scan_trim(struct str text)
{
	sip_scan_space(&text);
	while (text.len > 0 && sip_char_is(text.ptr[text.len - 1], SIP_C_SPACE))
		text.len--;
	return text;
}

bool sip_scan_byte(struct str *rest, char c)
{
	if (rest->len == 0 || *rest->ptr != c)
		return false;
	advance(rest, 1);
	return true;
}

bool sip_scan_until(struct str *rest, char stop, struct str *before)
{
	const char *at = rest->len > 0 ? memchr(rest->ptr, stop, rest->len) : NULL;

	if (!at)
		return false;
	*before = (struct str){rest->ptr, (size_t)(at - rest->ptr)};
	advance(rest, before->len + 1);
	return true;
}

bool sip_scan_quoted(struct str *rest, struct str *quoted)
{
	size_t i;

	if (rest->len == 0 || *rest->ptr != '"')
		return false;
	for (i = 1; i < rest->len && rest->ptr[i] != '"'; i++)
		if (rest->ptr[i] == '\\')
			i++;
	if (i >= rest->len)
		return false;
	*quoted = (struct str){rest->ptr, i + 1};
	advance(rest, i + 1);
	return true;
}

bool sip_text_is(struct str text, unsigned classes)
{
	return text.len > 0 && (sip_scan_while(&text, classes), text.len == 0);
}

static int hex_value(char c)
{
	return c <= '9' ? c - '0' : sip_char_lower(c) - 'a' + 10;
}

bool sip_text_is_escaped(struct str text, unsigned classes)
{
	for (size_t i = 0; i < text.len; i++) {
		if (sip_char_is(text.ptr[i], classes))
			continue;
		if (text.ptr[i] != '%' || text.len - i < 3 ||
		    !sip_char_is(text.ptr[i + 1], SIP_C_HEX) ||
		    !sip_char_is(text.ptr[i + 2], SIP_C_HEX))
			return false;
		/* whoever unescapes it into a C string would cut the name there */
		if (hex_value(text.ptr[i + 1]) == 0 && hex_value(text.ptr[i + 2]) == 0)
			return false;
		i += 2;
	}
	return true;
}

static bool address_valid(int family, struct str text)
{
	char copy[INET6_ADDRSTRLEN];
	unsigned char binary[sizeof(struct in6_addr)];

	if (text.len == 0 || text.len >= sizeof(copy) || memchr(text.ptr, '\0', text.len))
		return false;
	memcpy(copy, text.ptr, text.len);
	copy[text.len] = '\0';
	return inet_pton(family, copy, binary) == 1;
}

bool sip_text_is_ipv4(struct str text)
{
	return address_valid(AF_INET, text);
}

bool sip_text_is_ipv6(struct str text)
{
	return address_valid(AF_INET6, text);
}

static bool label_valid(struct str label)
{
	return label.len <= 63 && sip_text_is(label, SIP_C_LABEL) && label.ptr[0] != '-' &&
	       label.ptr[label.len - 1] != '-';
}

/* hostname: labels, the last begins with a letter and may end with the root's dot; else IPv4. */
static bool host_name_valid(struct str name)
{
	struct str rest = name;
	struct str label = {NULL, 0};

	if (name.len == 0 || name.len > 253)
		return false;
	if (name.ptr[name.len - 1] == '.')
		rest.len--;
	while (sip_scan_until(&rest, '.', &label))
		if (!label_valid(label))
			return false;
	if (!label_valid(rest))
		return false;
	return sip_char_is(rest.ptr[0], SIP_C_ALPHA) || sip_text_is_ipv4(name);
}

bool sip_scan_host(struct str *rest, struct str *host)
{
	if (sip_scan_byte(rest, '['))
		return sip_scan_until(rest, ']', host) && sip_text_is_ipv6(*host);
	*host = sip_scan_while(rest, SIP_C_LABEL | SIP_C_TOKEN);
	return host_name_valid(*host);
}

bool sip_scan_port(struct str *rest, uint16_t *port)
{
	struct str digits = sip_scan_while(rest, SIP_C_DIGIT);
	unsigned value = 0;

	if (digits.len == 0 || digits.len > 5)
		return false;
	for (size_t i = 0; i < digits.len; i++)
		value = value * 10 + (unsigned)(digits.ptr[i] - '0');
	*port = (uint16_t)value;
	return value >= 1 && value <= UINT16_MAX;
}

/* Behind the quote, or the bracket, that ends what begins at from; len: nothing ends it. */
static size_t quoted_end(struct str text, size_t from)
{
	for (size_t i = from + 1; i < text.len; i++) {
		if (text.ptr[i] == '\\')
			i++;
		else if (text.ptr[i] == '"')
			return i + 1;
	}
	return text.len;
}

static size_t angled_end(struct str text, size_t from)
{
	const char *end = memchr(text.ptr + from, '>', text.len - from);

	return end ? (size_t)(end - text.ptr) + 1 : text.len;
}

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* Whether all eight are printable ASCII. Carries only make it look closer. */
static bool is_plain(const char *eight)
{
	uint64_t word, control, del;

	memcpy(&word, eight, sizeof(word));
	control = word - EACH(0x20);
	del = word + EACH(0x01);
	return ((word | control | del) & EACH(0x80)) == 0;
}

size_t sip_text_plain(struct str text)
{
	size_t at = 0;

	while (text.len - at >= sizeof(uint64_t) && is_plain(text.ptr + at))
		at += sizeof(uint64_t);
	return at;
}

/* Where sep stands outside of quotes and angle brackets; len when nowhere. */
static size_t find_outside(struct str text, char sep)
{
	size_t i = 0;

	while (i < text.len) {
		char c = text.ptr[i];

		if (c == sep)
			return i;
		if (c == '"')
			i = quoted_end(text, i);
		else if (c == '<')
			i = angled_end(text, i);
		else
			i++;
	}
	return text.len;
}

bool sip_scan_split(struct str *rest, char sep, struct str *piece)
{
	size_t end;

	if (!rest->ptr)
		return false;
	end = find_outside(*rest, sep);
	*piece = (struct str){rest->ptr, end};
	if (end < rest->len)
		advance(rest, end + 1);
	else
		*rest = (struct str){NULL, 0};
	return true;
}

/* How many bytes the UTF-8 character at the front has (RFC 3629 4); 0: none. */
static size_t utf8_length(const unsigned char *p, size_t available)
{
	static const struct {
		unsigned char first, last, second_min, second_max;
		unsigned char length;
	} row[] = {
	    {0x00, 0x7f, 0, 0, 1},       {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
	    {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
	    {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
	};

	for (size_t r = 0; r < sizeof(row) / sizeof(row[0]); r++) {
		if (p[0] < row[r].first || p[0] > row[r].last)
			continue;
		if (available < row[r].length)
			return 0;
		if (row[r].length > 1 && (p[1] < row[r].second_min || p[1] > row[r].second_max))
			return 0;
		for (size_t i = 2; i < row[r].length; i++)
			if ((p[i] & 0xc0) != 0x80)
				return 0;
		return row[r].length;
	}
	return 0;
}

/* How many bytes from at on are ASCII, in steps of eight; the rest is for who looks closer. */
static size_t ascii_length(struct str text, size_t at)
{
	size_t start = at;
	uint64_t word;

	for (; text.len - at >= sizeof(word); at += sizeof(word)) {
		memcpy(&word, text.ptr + at, sizeof(word));
		if (word & UINT64_C(0x8080808080808080))
			break;
	}
	return at - start;
}

bool sip_text_is_utf8(struct str text)
{
	size_t n;

	for (size_t i = 0; i < text.len; i += n) {
		n = ascii_length(text, i);
		if (n > 0)
			continue;
		n = utf8_length((const unsigned char *)text.ptr + i, text.len - i);
		if (n == 0)
			return false;
	}
	return true;
}
