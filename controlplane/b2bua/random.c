/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "b2bua/random.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

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

	if (random_bytes(&number, sizeof(number)) < 0)
		abort();
	return number;
}

void random_text(char *text, unsigned digits)
{
	static const char digit[] = "0123456789abcdef";
	uint8_t byte[32];

	assert(digits <= sizeof(byte));
	if (random_bytes(byte, sizeof(byte)) < 0)
		abort();
	for (unsigned i = 0; i < digits; i++)
		text[i] = digit[byte[i] & 15];
	text[digits] = '\0';
}
