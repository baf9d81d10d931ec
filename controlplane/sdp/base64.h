/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Base64 (RFC 4648 4) of keys. Not constant-time: the text has crossed the network as it stands. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sip/str.h"

/*
 * Decodes text into exactly length bytes. The '=' padding is whole or absent. Bits of the last
 * character that carry no byte are ignored: such keys are seen in the field and decode in one way
 * only. False: another length, or a character outside of the alphabet; data is wiped.
 */
bool sdp_base64_decode(uint8_t *data, size_t length, struct str text);

/* The characters that length bytes take, padding included. */
static inline size_t sdp_base64_length(size_t length)
{
	return (length + 2) / 3 * 4;
}

/* Writes sdp_base64_length(length) characters, padded, no NUL. */
void sdp_base64_encode(char *text, const uint8_t *data, size_t length);
