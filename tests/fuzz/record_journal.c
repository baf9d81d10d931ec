/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as the journal of live calls: what it gives lies within it. */
#include <stdlib.h>
#include <string.h>

#include "record/journal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct bounds {
	const char *begin, *end;
	unsigned sum;
};

static void take(void *user, const char *text, size_t length, int64_t answered_ms)
{
	struct bounds *bounds = user;

	(void)answered_ms;
	if (text < bounds->begin || length > (size_t)(bounds->end - text))
		abort();
	for (size_t i = 0; i < length; i++)
		bounds->sum += (unsigned char)text[i];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1); /* aligned, and of exactly that size */
	struct bounds bounds;

	memcpy(copy, data, size);
	bounds = (struct bounds){(const char *)copy, (const char *)copy + size, 0};
	if (journal_scan(copy, size, take, &bounds) > size)
		abort();
	free(copy);
	return 0;
}
