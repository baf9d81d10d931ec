/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sluicectl route test: asks the daemon, or with --config a configuration file. */
#pragma once

#include "cli/command.h"

#define ROUTE_TEST_ARGUMENTS                                                               \
	"--from PEER --called NUMBER [--caller NUMBER] [--header 'NAME: VALUE']... [--at " \
	"TIME] [--config FILE]"

enum cli_exit route_test_run(const struct cli *cli, const char *const words[], unsigned count);

/* Seconds since the epoch of "2026-12-24T18:00+01:00" (no zone: UTC) or of a number; false: it is
 * no time. */
bool route_test_time(const char *text, json_int_t *unix_s);
