/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The head of a message as lines (RFC 3261 7.3.1). Private: shared by the parser and the framer. */
#pragma once

#include <stdbool.h>

#include "sip/str.h"

/* The first CRLF CRLF of text, which ends a head; NULL: there is none. */
const char *sip_head_end(struct str text);

/*
 * The next line of head up to its CRLF, with the lines folded into it; the CRLF is taken, not
 * given. A last line without CRLF is given too. False when head is used up.
 */
bool sip_head_line(struct str *head, struct str *line);

enum sip_line_fault {
	SIP_LINE_CLEAN,
	SIP_LINE_NUL,
	SIP_LINE_BARE_CR_LF, /* or CRLF that is no fold */
	SIP_LINE_CONTROL,
	SIP_LINE_NOT_UTF8,
};
/* What must not stand in any line. */
enum sip_line_fault sip_line_check(struct str line);

/* Cuts "Name : value"; false when there is no token before a colon. */
bool sip_line_split(struct str line, struct str *name, struct str *value);
