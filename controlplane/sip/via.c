/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Via (RFC 3261 20.42, RFC 3581). */
#include <errno.h>

#include "sip/message.h"
#include "sip/scan.h"

/* "SIP" "/" "2.0" "/" transport; space may stand around each '/'. Protocol and version are judged
   by the message parser, which must be able to read the Via of a message that it refuses. */
static bool protocol_read(struct sip_via *via, struct str *rest)
{
	struct str part[3];

	for (unsigned i = 0; i < 3; i++) {
		part[i] = sip_scan_while(rest, SIP_C_TOKEN);
		if (part[i].len == 0)
			return false;
		if (i == 2)
			break;
		sip_scan_space(rest);
		if (!sip_scan_byte(rest, '/'))
			return false;
		sip_scan_space(rest);
	}
	via->protocol = part[0];
	via->version = part[1];
	via->transport = part[2];
	return rest->len > 0 && sip_char_is(*rest->ptr, SIP_C_SPACE);
}

static bool sent_by_read(struct sip_via *via, struct str *rest)
{
	sip_scan_space(rest);
	if (!sip_scan_host(rest, &via->host))
		return false;
	sip_scan_space(rest);
	if (!sip_scan_byte(rest, ':'))
		return true;
	sip_scan_space(rest);
	if (!sip_scan_port(rest, &via->port))
		return false;
	sip_scan_space(rest);
	return true;
}

/* IPv6 in brackets or without: RFC 3261 means the latter, RFC 5118 4.5 wants both read. */
static bool received_read(struct sip_via *via)
{
	struct str text = sip_param(via->params, "received");
	bool bracketed = text.len > 2 && text.ptr[0] == '[' && text.ptr[text.len - 1] == ']';

	if (bracketed)
		text = (struct str){text.ptr + 1, text.len - 2};
	via->received = text;
	return !text.ptr || sip_text_is_ipv6(text) || (!bracketed && sip_text_is_ipv4(text));
}

static bool known_params_read(struct sip_via *via)
{
	struct str rport = sip_param(via->params, "rport");

	via->branch = sip_param(via->params, "branch");
	if (via->branch.ptr && !sip_text_is(via->branch, SIP_C_TOKEN))
		return false;
	if (!received_read(via))
		return false;
	via->rport = rport.ptr != NULL;
	return rport.len == 0 || (sip_scan_port(&rport, &via->rport_value) && rport.len == 0);
}

int sip_via_parse(struct sip_via *via, struct str text)
{
	struct str rest = sip_scan_trim(text);

	*via = (struct sip_via){.whole = rest};
	if (!protocol_read(via, &rest) || !sent_by_read(via, &rest))
		return -EINVAL;
	if (rest.len > 0) {
		if (!sip_scan_byte(&rest, ';') || !sip_params_valid(rest, SIP_PARAMS_OF_HEADER))
			return -EINVAL;
		via->params = rest;
	}
	return known_params_read(via) ? 0 : -EINVAL;
}

bool sip_via_is_unique(const struct sip_via *via)
{
	const struct str cookie = STR(SIP_BRANCH_COOKIE);

	return via->branch.len > cookie.len &&
	       str_caseeq((struct str){via->branch.ptr, cookie.len}, cookie);
}
