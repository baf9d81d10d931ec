/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "suites.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "arguments.h"
#include "sluice_client.h"

int suites_one(uint8_t *suite, const char *name)
{
	*suite = SLUICE_SUITE_NONE;
	if (strcmp(name, "rtp") == 0)
		return 0;
	for (unsigned i = 0; i < SLUICE_SUITE_COUNT; i++) {
		if (strcmp(sluice_suite_name(i), name) != 0)
			continue;
		*suite = (uint8_t)i;
		return 0;
	}
	fprintf(stderr, "%s: no suite '%s'; there are:\n", program_invocation_short_name, name);
	for (unsigned i = 0; i < SLUICE_SUITE_COUNT; i++)
		fprintf(stderr, "  %s\n", sluice_suite_name(i));
	return -EINVAL;
}

int suites_several(uint32_t *bits, char *text)
{
	const char *known[SLUICE_SUITE_COUNT - 1];
	int rc;

	for (unsigned suite = 1; suite < SLUICE_SUITE_COUNT; suite++)
		known[suite - 1] = sluice_suite_name(suite);
	rc = arguments_words(bits, "suite", text, known, SLUICE_SUITE_COUNT - 1);
	*bits <<= 1;
	return rc;
}
