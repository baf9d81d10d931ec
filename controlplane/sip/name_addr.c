/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From, To, Contact, Route: name-addr and addr-spec (RFC 3261 20.10, 25.1). */
#include <errno.h>

#include "sip/message.h"
#include "sip/scan.h"

/* display-name without quotes: tokens and the space between them. */
static bool display_valid(struct str display)
{
	for (size_t i = 0; i < display.len; i++)
		/* bytes above ASCII: not of RFC 3261's tokens, but the head is known to be UTF-8
		   and many phones send names this way */
		if (!sip_char_is(display.ptr[i], SIP_C_TOKEN | SIP_C_SPACE) &&
		    !((unsigned char)display.ptr[i] & 0x80))
			return false;
	return true;
}

/* [ display-name ] "<" addr-spec ">"; rest is left after the '>'. */
static int bracketed_read(struct sip_name_addr *addr, struct str *rest)
{
	struct str text;

	if (sip_scan_quoted(rest, &addr->display)) {
		sip_scan_space(rest);
		if (!sip_scan_byte(rest, '<'))
			return -EINVAL;
	} else {
		if (!sip_scan_until(rest, '<', &text))
			return -EINVAL;
		text = sip_scan_trim(text);
		if (text.len > 0)
			addr->display = text;
		if (!display_valid(text))
			return -EINVAL;
	}
	if (!sip_scan_until(rest, '>', &text))
		return -EINVAL;
	return sip_uri_parse(&addr->uri, text);
}

/* addr-spec: the URI ends at the first ';'; one with ',', ';' or '?' must stand in brackets. */
static int bare_read(struct sip_name_addr *addr, struct str *rest)
{
	struct str text = *rest;
	const char *semicolon = rest->len > 0 ? memchr(rest->ptr, ';', rest->len) : NULL;

	if (semicolon)
		text.len = (size_t)(semicolon - rest->ptr);
	rest->ptr += text.len;
	rest->len -= text.len;
	text = sip_scan_trim(text);
	if (text.len > 0 && (memchr(text.ptr, ',', text.len) || memchr(text.ptr, '?', text.len)))
		return -EINVAL;
	return sip_uri_parse(&addr->uri, text);
}

static bool params_read(struct sip_name_addr *addr, struct str rest)
{
	rest = sip_scan_trim(rest);
	if (rest.len == 0)
		return true;
	if (!sip_scan_byte(&rest, ';') || !sip_params_valid(rest, SIP_PARAMS_OF_HEADER))
		return false;
	addr->params = rest;
	addr->tag = sip_param(rest, "tag");
	return !addr->tag.ptr || sip_text_is(addr->tag, SIP_C_TOKEN);
}

int sip_name_addr_parse(struct sip_name_addr *addr, struct str text)
{
	struct str rest = sip_scan_trim(text);
	int result;

	*addr = (struct sip_name_addr){0};
	if (str_eq(rest, STR("*"))) {
		addr->star = true;
		return 0;
	}
	if (rest.len > 0 && (*rest.ptr == '"' || memchr(rest.ptr, '<', rest.len)))
		result = bracketed_read(addr, &rest);
	else
		result = bare_read(addr, &rest);
	if (result < 0)
		return result;
	return params_read(addr, rest) ? 0 : -EINVAL;
}
