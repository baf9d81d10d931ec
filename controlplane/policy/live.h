/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A configuration that is in use takes over values from another reading of its file. Only values
 * of one table (live.c) may change while calls go on: limits, numbers, levels, files of
 * certificates, passwords. All else that differs needs a restart and is named.
 *
 * What is in use stays where it is in memory, so whoever points into it may go on doing so.
 *
 * Thread: the loop's; next may have been read in another.
 */
#pragma once

#include "policy/config.h"

enum live_kind { LIVE_CHANGES, LIVE_NEEDS_RESTART };

/* Calls report for each difference, "peer bob: max_calls", in the order of the schema. Returns how
 * many need a restart. */
unsigned config_live_compare(const struct config *now, const struct config *next,
			     void (*report)(void *user, enum live_kind kind, const char *what),
			     void *user);
/*
 * now takes over what changes; config_live_compare() has found nothing that needs a restart. next
 * gets what now had, and is to be freed. Cannot fail. Returns 0, or -ENOMEM: then nothing has
 * changed.
 */
int config_live_apply(struct config *now, struct config *next);
