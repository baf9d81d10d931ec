/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The small readers that the SIP grammar is made of (RFC 3261 25.1). Private to this folder.
 * A "rest" is what remains to be read: a reader takes from its front. Space is LWS: SP, HT and the
 * CRLF of a fold, which the head has been checked to be followed by SP or HT.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "sip/str.h"

enum sip_char_class { /* escapes (%41) are not in here: see sip_scan_escaped() */
		      SIP_C_TOKEN = 1 << 0,
		      SIP_C_USER = 1 << 1, /* unreserved, user-unreserved */
		      SIP_C_PASSWORD = 1 << 2,
		      SIP_C_PARAM = 1 << 3,  /* paramchar of a URI */
		      SIP_C_HEADER = 1 << 4, /* hname and hvalue of a URI */
		      SIP_C_URIC = 1 << 5,   /* any character of any URI (RFC 2396) */
		      SIP_C_WORD = 1 << 6,   /* Call-ID */
		      SIP_C_VALUE = 1 << 7,  /* gen-value of a header parameter: token or host */
		      SIP_C_PHONE = 1 << 8,  /* tel: digits and visual separators */
		      SIP_C_LABEL = 1 << 9,  /* host name: letter, digit, hyphen */
		      SIP_C_DIGIT = 1 << 10,
		      SIP_C_ALPHA = 1 << 11,
		      SIP_C_HEX = 1 << 12,
		      SIP_C_SPACE = 1 << 13,
		      SIP_C_RESERVED = 1
				       << 14, /* an escape of these is another character (19.1.4) */
};

extern const uint16_t sip_char_classes[256];

static inline bool sip_char_is(char c, unsigned classes)
{
	return (sip_char_classes[(unsigned char)c] & classes) != 0;
}

/* Lower case of ASCII, whatever the locale. */
static inline char sip_char_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

struct str sip_scan_trim(struct str text);
void sip_scan_space(struct str *rest);
bool sip_scan_byte(struct str *rest, char c);
/* The longest prefix of these classes; may be empty. */
struct str sip_scan_while(struct str *rest, unsigned classes);
/* Everything up to the first stop, which is taken too; false and nothing taken when there is none.
 */
bool sip_scan_until(struct str *rest, char stop, struct str *before);
/* A quoted string with its quotes. */
bool sip_scan_quoted(struct str *rest, struct str *quoted);
/* host of RFC 3261: name, IPv4, or IPv6 in brackets (given without them). */
bool sip_scan_host(struct str *rest, struct str *host);
/* 1..65535 up to the first byte that is no digit. */
bool sip_scan_port(struct str *rest, uint16_t *port);
/* The next piece up to sep outside of quotes and <>; false when rest is used up (.ptr NULL). */
bool sip_scan_split(struct str *rest, char sep, struct str *piece);

/* Whole texts. */
bool sip_text_is(struct str text, unsigned classes);         /* all of these classes, not empty */
bool sip_text_is_escaped(struct str text, unsigned classes); /* or %XX, never %00; may be empty */
bool sip_text_is_ipv4(struct str text);
bool sip_text_is_ipv6(struct str text);
bool sip_text_is_utf8(struct str text);
/* How many bytes from the front on are printable ASCII for sure: a multiple of eight. The others
 * are for who looks at each. */
size_t sip_text_plain(struct str text);

enum sip_params_kind {
	SIP_PARAMS_OF_URI,    /* no space, escapes, no quotes */
	SIP_PARAMS_OF_HEADER, /* space around, tokens, quoted strings */
};
/* Grammar, count, and that no name stands twice. params begins after the first ';'. */
bool sip_params_valid(struct str params, enum sip_params_kind kind);
