/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SIP, SIPS and tel URIs (RFC 3261 19.1, RFC 3966). */
#include <errno.h>

#include "sip/message.h"
#include "sip/scan.h"

/* The tag of a scheme that we read; others are kept as they are. */
static enum sip_scheme scheme_of(struct str name)
{
	static const struct {
		const char *name;
		enum sip_scheme scheme;
	} known[] = {{"sip", SIP_SCHEME_SIP}, {"sips", SIP_SCHEME_SIPS}, {"tel", SIP_SCHEME_TEL}};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (str_caseeq(name, str_of(known[i].name)))
			return known[i].scheme;
	return SIP_SCHEME_OTHER;
}

static bool scheme_valid(struct str name)
{
	if (name.len == 0 || !sip_char_is(name.ptr[0], SIP_C_ALPHA))
		return false;
	for (size_t i = 0; i < name.len; i++)
		if (!sip_char_is(name.ptr[i], SIP_C_LABEL) && name.ptr[i] != '+' &&
		    name.ptr[i] != '.')
			return false;
	return true;
}

static bool userinfo_read(struct sip_uri *uri, struct str userinfo)
{
	struct str user;

	if (sip_scan_until(&userinfo, ':', &user))
		uri->password = userinfo;
	else
		user = userinfo;
	uri->user = user;
	return user.len > 0 && sip_text_is_escaped(user, SIP_C_USER) &&
	       sip_text_is_escaped(uri->password, SIP_C_PASSWORD);
}

/* headers = "?" hname "=" hvalue *( "&" hname "=" hvalue ) */
static bool headers_valid(struct str headers)
{
	struct str pair, name;

	while (sip_scan_split(&headers, '&', &pair)) {
		if (!sip_scan_until(&pair, '=', &name) || name.len == 0)
			return false;
		if (!sip_text_is_escaped(name, SIP_C_HEADER) ||
		    !sip_text_is_escaped(pair, SIP_C_HEADER))
			return false;
	}
	return true;
}

static bool tail_read(struct sip_uri *uri, struct str rest)
{
	struct str params;

	if (sip_scan_until(&rest, '?', &params)) {
		uri->headers = rest;
		if (!headers_valid(rest))
			return false;
		rest = params;
	}
	if (rest.len == 0)
		return true;
	if (!sip_scan_byte(&rest, ';') || !sip_params_valid(rest, SIP_PARAMS_OF_URI))
		return false;
	uri->params = rest;
	return true;
}

static bool sip_read(struct sip_uri *uri, struct str rest)
{
	struct str userinfo;

	/* '@' stands nowhere else unescaped: not in a host, a parameter or a header */
	if (sip_scan_until(&rest, '@', &userinfo) && !userinfo_read(uri, userinfo))
		return false;
	if (!sip_scan_host(&rest, &uri->host))
		return false;
	if (sip_scan_byte(&rest, ':') && !sip_scan_port(&rest, &uri->port))
		return false;
	return tail_read(uri, rest);
}

static bool tel_read(struct sip_uri *uri, struct str rest)
{
	struct str number = rest;

	if (sip_scan_until(&rest, ';', &number)) {
		if (!sip_params_valid(rest, SIP_PARAMS_OF_URI))
			return false;
		uri->params = rest;
	}
	uri->user = number;
	sip_scan_byte(&number, '+');
	if (!sip_text_is(number, SIP_C_PHONE))
		return false;
	for (size_t i = 0; i < number.len; i++) /* not of separators alone */
		if (sip_char_is(number.ptr[i], SIP_C_HEX) || number.ptr[i] == '*' ||
		    number.ptr[i] == '#')
			return true;
	return false;
}

int sip_uri_parse(struct sip_uri *uri, struct str text)
{
	struct str rest = text;
	struct str scheme;
	bool good;

	*uri = (struct sip_uri){.whole = text};
	if (text.len > SIP_URI_MAX)
		return -EMSGSIZE;
	if (!sip_scan_until(&rest, ':', &scheme) || !scheme_valid(scheme))
		return -EINVAL;
	uri->scheme = scheme_of(scheme);
	if (uri->scheme == SIP_SCHEME_OTHER)
		good = rest.len > 0 && sip_text_is_escaped(rest, SIP_C_URIC);
	else if (uri->scheme == SIP_SCHEME_TEL)
		good = tel_read(uri, rest);
	else
		good = sip_read(uri, rest);
	return good ? 0 : -EINVAL;
}

static int hex_digit(char c)
{
	return c <= '9' ? c - '0' : sip_char_lower(c) - 'a' + 10;
}

/* Takes a character; an escape of a reserved one stays another character than itself (19.1.4). */
static int comparable_next(struct str *rest)
{
	const char *p = rest->ptr;
	size_t used = 1;
	int c = (unsigned char)*p;

	if (c == '%' && rest->len >= 3) {
		c = hex_digit(p[1]) << 4 | hex_digit(p[2]);
		if (sip_char_is((char)c, SIP_C_RESERVED))
			c |= 0x100;
		used = 3;
	}
	rest->ptr += used;
	rest->len -= used;
	return c;
}

static bool escaped_equal(struct str a, struct str b)
{
	while (a.len > 0 && b.len > 0)
		if (comparable_next(&a) != comparable_next(&b))
			return false;
	return a.len == 0 && b.len == 0;
}

bool sip_uri_equal(const struct sip_uri *a, const struct sip_uri *b)
{
	if (a->scheme != b->scheme)
		return false;
	if (a->scheme == SIP_SCHEME_OTHER)
		return str_eq(a->whole, b->whole);
	return escaped_equal(a->user, b->user) && escaped_equal(a->password, b->password) &&
	       str_caseeq(a->host, b->host) && a->port == b->port;
}
