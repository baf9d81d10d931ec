/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the configuration says of routing; see config.h, which includes this. */
#pragma once

#include <stdint.h>

#include "route/codes.h"
#include "route/pick.h"
#include "route/rewrite.h"
#include "route/schedule.h"

struct config_peer;

#define CONFIG_REWRITES_MAX 1000U
#define CONFIG_TARGETS_MAX 16U
#define CONFIG_TRIES_MAX 16U

struct config_schedule {
	char *name;
	char *zone; /* default "UTC" */
	char **open;
	unsigned open_count;
	char **closed;
	unsigned closed_count;
	struct schedule *compiled; /* of the above; owned */
};

struct config_translation {
	char *name;
	struct rewrite *rules; /* of the first that fits; texts are owned */
	unsigned rule_count;
};

struct config_target {
	const struct config_peer *peer;
	unsigned priority;  /* the lowest first */
	unsigned weight;    /* among those of one priority; default 1 */
	unsigned max_calls; /* of ours to it, by whatever route; 0: no limit */
};

/*
 * Of the routes that match a call, those of the lowest priority number come first; among these,
 * the one whose number says more (pattern_weight()); among these, the first in the file. One route
 * of each priority is used, the later ones when all targets of those before have failed. None
 * matches: 404.
 */
struct config_route {
	char *name;
	unsigned priority;
	const struct config_peer *from;         /* NULL: any peer */
	char *number;                           /* route/pattern.h */
	char *header;                           /* "Name: value"; NULL: whatever they are */
	const struct config_schedule *schedule; /* NULL: always */
	/* exactly one of these three */
	const struct config_peer *to;
	struct config_target *targets;
	unsigned refuse; /* status; 0: it does not */
	unsigned target_count;
	enum pick_by balance;
	char **failover_codes;
	unsigned failover_code_count;
	struct codes codes;         /* of these, or the default */
	unsigned tries;             /* targets that are tried, of all routes of a call; 0: one */
	unsigned failover_ms;       /* after so long no other is tried */
	unsigned target_timeout_ms; /* to hear anything of a target; 0: as RFC 3261 has it */
	const struct config_translation *called, *caller;
};
