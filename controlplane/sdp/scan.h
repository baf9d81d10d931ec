/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lexical pieces that SDP and a=crypto share (RFC 8866 9). Pure; private to this folder. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "sip/str.h"

/* Takes what stands before the next separator (or the end) off rest. False: nothing, or empty. */
bool sdp_scan_field(struct str *rest, char separator, struct str *field);
/* A decimal number, digits only, at most max; leading zeros count for nothing. */
bool sdp_scan_number(struct str digits, uint64_t max, uint64_t *number);
/* Same, where the grammar forbids leading zeros ("0" itself is fine). */
bool sdp_scan_number_strict(struct str digits, uint64_t max, uint64_t *number);
/* The token of RFC 8866: visible ASCII without separators; not empty. */
bool sdp_scan_is_token(struct str text);
/* Not empty, visible ASCII and spaces only: fit to be repeated to another peer. */
bool sdp_scan_is_printable(struct str text);
bool sdp_scan_starts_with(struct str text, const char *prefix);
