/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The user part of a URI in one spelling, so that a route that stands for a number stands for every
 * way to write it: "%30%30123" and "00-123" must not pass where "00123" may not (toll fraud, R15).
 */
#pragma once

#include <stddef.h>

#include "sip/str.h"

#define NUMBER_TEXT_MAX 256U

/*
 * Escapes of characters that need none are undone, others get capital digits (RFC 3261 19.1.4); of
 * a telephone number, visual separators and parameters are dropped (RFC 3966 3, 5.1): a context or
 * trunk group names the sender's network, and no pattern should be passed by with ";x=1", nor with
 * "0-900%23". '#' is "%23", as a SIP URI has it, also when it came in a tel URI. text is
 * NUL-terminated. Returns its length, or -EINVAL: too long, or a malformed escape.
 */
int number_normalise(char text[static NUMBER_TEXT_MAX], struct str user);
