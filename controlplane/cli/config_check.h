/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `sluicectl config check`: reads a configuration as the daemon would, without one. */
#pragma once

#include "cli/command.h"

/* words: the path, or none: CONFIG_PATH. Errors go to cli.err, in JSON to cli.out. CLI_DONE or
 * CLI_REFUSED. */
enum cli_exit config_check(const struct cli *cli, const char *const words[], unsigned count);
