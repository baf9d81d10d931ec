/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Commands on standard input, one line of JSON for each on standard output:
 *
 *   run RATE SECONDS TALK_MS   calls at that rate, each hung up after so long; until all have ended
 *   hold COUNT RATE            calls that stay
 *   release RATE               hangs them up
 */
#pragma once

#include "call.h"

/* Until standard input ends. 0, or -errno when a connection was lost or a command was wrong. */
int commands_run(struct calls *calls);
