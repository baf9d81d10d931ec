/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "route/codes.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define BIT(code) ((uint64_t)1 << (((code)-CODES_FIRST) % 64))

const struct codes codes_default = {
    /* 300 + 64 * 1, ... 300 + 64 * 3: where the five are */
    .bits = {[1] = BIT(408), [3] = BIT(500) | BIT(502) | BIT(503) | BIT(504)},
};

static_assert((408 - CODES_FIRST) / 64 == 1 && (500 - CODES_FIRST) / 64 == 3 &&
		  (504 - CODES_FIRST) / 64 == 3,
	      "the words of codes_default");

static void add(struct codes *codes, unsigned status)
{
	codes->bits[(status - CODES_FIRST) / 64] |= BIT(status);
}

const char *codes_check(const char *text)
{
	bool digits = strlen(text) == 3 && strspn(text, "0123456789") == 3;
	bool whole =
	    strlen(text) == 3 && strspn(text, "0123456789") == 1 && strcmp(text + 1, "xx") == 0;

	if ((digits || whole) && text[0] >= '3' && text[0] <= '5')
		return NULL;
	return "must be a status from 300 to 599, or 3xx, 4xx, 5xx";
}

void codes_add(struct codes *codes, const char *text)
{
	unsigned first = (unsigned)(text[0] - '0') * 100;

	if (text[1] != 'x')
		add(codes, (unsigned)strtoul(text, NULL, 10));
	else
		for (unsigned i = 0; i < 100; i++)
			add(codes, first + i);
}

bool codes_has(const struct codes *codes, unsigned status)
{
	return status >= CODES_FIRST && status <= CODES_LAST &&
	       codes->bits[(status - CODES_FIRST) / 64] & BIT(status);
}
