/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A message as the rules of its sender make it (in), and which of its headers pass on to the other
 * side by rule. The message itself stays as it came. Any thread; no allocation.
 */
#pragma once

#include "header/rule.h"

#define HEADER_VIEW_TEXT_MAX 8192U
#define HEADER_PASSED_MAX 16U        /* headers that pass by rule, of one message */
#define HEADER_PASSED_TEXT_MAX 4096U /* and their bytes, as lines */

struct header_view {
	struct sip_message message;   /* its headers after the rules; values point into the source
					 and into text: copied neither */
	bool passes[SIP_HEADERS_MAX]; /* of message.header */
	char text[HEADER_VIEW_TEXT_MAX]; /* values that rules made */
	size_t used;
	unsigned withheld; /* headers that had to go for want of room, or could not be searched */
};

/* As it came. source must outlive the view. */
void header_view_make(struct header_view *view, const struct sip_message *source);
/* Applies the rules of the sender (in); kind: what source is. */
void header_view_apply(struct header_view *view, enum header_message kind,
		       const struct header_rules *rules);
/* Marks what the rules of the receiver pass on (out); kind: of the message to it. */
void header_view_pass(struct header_view *view, enum header_message kind,
		      const struct header_rules *rules);

/* Of somebody who wants to be hidden from the receiver, nothing passes that tells who it is. */
enum header_privacy { HEADER_OPEN, HEADER_HIDDEN };
/*
 * What passes, as lines with CRLF, names in full, folds as spaces. Headers beyond the bounds or
 * hidden are left out and counted as withheld. Length.
 */
size_t header_view_lines(struct header_view *view, char text[static HEADER_PASSED_TEXT_MAX],
			 enum header_privacy privacy);
