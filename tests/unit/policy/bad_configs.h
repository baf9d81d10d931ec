/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a configuration may have wrong: a line of the good one of test_config.c, replaced. */
#pragma once

#include <stddef.h>

struct bad_config {
	unsigned line;
	const char *text;   /* instead of that line; perhaps of more lines */
	const char *errors; /* as reported, without the file's name; $D: the test's directory */
};

extern const struct bad_config bad_configs[];
extern const size_t bad_configs_count;
