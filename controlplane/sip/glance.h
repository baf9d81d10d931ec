/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A glance at a request: what decides whether an overloaded relay refuses it, and what the refusal
 * repeats, read in one pass without looking at all else. A tenth of what the parser costs.
 *
 * The glance is never surer than the parser: what is not plainly a request with one From, To,
 * Call-ID and CSeq is left to sip_message_parse(). Of a request that the parser takes, both say the
 * same method, To tag, Call-ID and Via (tests/fuzz/sip_glance.c).
 *
 * libc only, no allocation, no state; any thread.
 */
#pragma once

#include "sip/message.h"

/*
 * Reads into message, which points into data: request, method and its token, the Request-URI as
 * text, tags, Call-ID, number and method of CSeq, and as header lines those named Via, From, To,
 * Call-ID, CSeq and Priority, in their order. All else is zero: enough for
 * sip_writer_response_to(). What is read has not been checked, but what is written from it is.
 *
 * data as for sip_message_parse(). False: a response, or not so plain: message is not to be used.
 */
bool sip_glance(struct sip_message *message, const char *data, size_t length);
/* The topmost Via of such a message, parsed, as an answer needs it. False: malformed. */
bool sip_glance_via(struct sip_message *message);
