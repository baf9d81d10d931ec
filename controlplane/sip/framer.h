/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Cuts SIP messages out of a stream (RFC 3261 18.3): CRLF keep-alives (RFC 5626 4.4.1), the head up
 * to the empty line, then Content-Length bytes. Bounded: a head above its limit, a missing or bad
 * Content-Length, or NUL in the head is an error after which the connection must be closed.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum sip_frame_verdict {
	SIP_FRAME_MORE,    /* not whole yet */
	SIP_FRAME_MESSAGE, /* data[0..length) is one message */
	SIP_FRAME_PING,    /* double CRLF: answer with one CRLF; length bytes used up */
	SIP_FRAME_PONG,    /* single CRLF: length bytes used up */
	SIP_FRAME_ERROR,   /* close; error says why */
};

/*
 * Looks at the first bytes of a stream's buffer. *length takes what to consume. *scanned carries
 * what earlier calls already know of this message (opaque; grows with the bytes looked at): set it
 * to 0 for a new stream, afterwards it becomes 0 by itself when a message is done; so a message
 * that arrives a byte at a time costs linear, not quadratic, time. The buffer may move between
 * calls, its bytes may not change. error: text of a constant, NULL unless the verdict is
 * SIP_FRAME_ERROR. A buffer of SIP_MESSAGE_MAX bytes is always enough to get another verdict than
 * SIP_FRAME_MORE.
 */
enum sip_frame_verdict sip_framer_next(const char *data, size_t available, size_t *scanned,
				       size_t *length, const char **error);
