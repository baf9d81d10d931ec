/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The order in which the targets of SRV records are tried (RFC 2782). */
#pragma once

#include <stdint.h>

#define SRV_NAME_MAX 256U /* bytes of a domain name as text, NUL included */

struct srv_target {
	uint16_t priority;
	uint16_t weight;
	uint16_t port;
	char host[SRV_NAME_MAX];
};

/*
 * Sorts by priority, and within one priority by lot: a target comes first with a chance in
 * proportion to its weight, one of weight 0 hardly ever before the others: as pick_order() of
 * route/pick.h does, whose random it is. 0, or -ENOMEM: they are as they were.
 */
int srv_order(struct srv_target *targets, unsigned count, uint32_t (*random)(void *user),
	      void *user);
