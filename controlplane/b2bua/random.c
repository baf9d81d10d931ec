/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "b2bua/random.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/*
 * Names that we draw (tags, branches, Call-IDs) come out of a stock that the kernel fills: one
 * system call for some thirty of them. What was taken is wiped, so that nobody who sees this memory
 * later learns what was drawn before. Keys do not: they are random_bytes().
 */
#define STOCK_BYTES 512U

static uint8_t stock[STOCK_BYTES];
static size_t stock_left; /* at its end */

static void take(void *data, size_t length)
{
	uint8_t *at;

	if (stock_left < length) {
		if (random_bytes(stock, sizeof(stock)) < 0)
			abort();
		stock_left = sizeof(stock);
	}
	at = stock + sizeof(stock) - stock_left;
	memcpy(data, at, length);
	explicit_bzero(at, length);
	stock_left -= length;
}

int random_bytes(void *data, size_t length)
{
	char *at = data;

	while (length > 0) {
		ssize_t got = getrandom(at, length, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		at += got;
		length -= (size_t)got;
	}
	return 0;
}

uint64_t random_number(void)
{
	uint64_t number;

	take(&number, sizeof(number));
	return number;
}

void random_text(char *text, unsigned digits)
{
	static const char digit[] = "0123456789abcdef";
	uint8_t byte[16]; /* two digits each */

	assert(digits <= 2 * sizeof(byte));
	take(byte, (digits + 1) / 2);
	for (unsigned i = 0; i < digits; i++)
		text[i] = digit[byte[i / 2] >> (i % 2 * 4) & 15];
	text[digits] = '\0';
}
