/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Challenges of a registrar that were passed on to a phone which had shown its credentials to the
 * relay. Phones that keep one challenge at a time answer that one and leave the relay's out; who
 * answers a challenge that was just passed on to it, in the same attempt and from the same place,
 * is whom we know already.
 *
 * Each is known by a key that is made of all that must be the same; it may be answered within
 * PASSED_LIFETIME_MS, and by one request (CSeq) only, which may be sent again. Bounded: where there
 * is no place the oldest goes, and that phone shows its credentials to the relay once more.
 *
 * Thread: one table belongs to one thread.
 */
#pragma once

#include <stdint.h>

#include "sip/str.h"

#define PASSED_KEY 16U            /* bytes */
#define PASSED_LIFETIME_MS 32000U /* 64*T1 */
#define PASSED_USER_TEXT 64U      /* NUL included; a longer one is cut */

struct passed;

struct passed *passed_new(void);         /* NULL: out of memory, or no random numbers */
void passed_free(struct passed *passed); /* NULL is fine */

/* parts: at most 16; equal only where each of them is. Returns 0 or -EIO. */
int passed_key(const struct passed *passed, const struct str parts[], unsigned count,
	       unsigned char key[static PASSED_KEY]);

/* The challenge of that key was passed on to user. */
void passed_note(struct passed *passed, const unsigned char key[static PASSED_KEY], struct str user,
		 uint64_t now_ms);

enum passed_way {
	PASSED_LOOK, /* changes nothing */
	PASSED_TAKE, /* no request with another CSeq may answer it any more */
};
/* The user that it was passed on to, whom a request with that CSeq may answer for; NULL: none.
 * Valid until the next passed_note(). */
const char *passed_answers(struct passed *passed, const unsigned char key[static PASSED_KEY],
			   uint32_t cseq, enum passed_way way, uint64_t now_ms);
