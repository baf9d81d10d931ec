/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What routing would do with a call, with the reasons: for sluicectl route test, of the daemon or
 * of a configuration file. Its own library, so that the tool needs nothing else of the b2bua.
 *
 * Thread: any.
 */
#pragma once

#include <jansson.h>

#include "policy/routing.h"

#define ROUTE_TEST_RULES_MAX                                                \
	200U /* with more routes, only those whose number matches are shown \
	      */

struct route_test {
	const char *from;            /* name of the calling peer */
	const char *called, *caller; /* as it would write them; caller NULL: none */
	const json_t *headers;       /* array of "Name: value"; NULL: none */
	int64_t unix_s;
	bool (*is_down)(void *user, const struct config_peer *peer);   /* may be NULL */
	unsigned (*calls)(void *user, const struct config_peer *peer); /* may be NULL */
	uint32_t (*random)(void *user);
	void *user;
};

/* The result as api/api.h shows it; or NULL with error filled: there is no such peer, or a number
 * is none. */
json_t *route_test(const struct config *config, const struct route_test *test, char *error,
		   size_t size);
