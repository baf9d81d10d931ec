/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Registrations page by page: those of the relay first, in the order of the configuration, then
 * those of phones, in the order in which they came. The cursor is where the last page ended, so
 * what is there from the first page to the last is told once, whatever comes and goes meanwhile.
 *
 * Thread: the loop's.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#define REGISTRATION_PAGE_MAX 500U
#define REGISTRATION_PAGE_DEFAULT 100U
/* That are looked at for one page, besides those passed over. */
#define REGISTRATION_PAGE_EXAMINED_MAX 5000U

/* The registrations that are meant: all that is said must be so. */
struct registration_filter {
	const char *peer;  /* at which the relay registers, or whose phone it is; NULL: any */
	const char *state; /* "registered", "unreachable", ...; NULL: any */
};

/* One page that is being filled. */
struct registration_page {
	struct registration_filter filter;
	json_t *list;
	unsigned count;    /* at most so many */
	unsigned examined; /* so far */
	uint64_t last;     /* number of the one that was looked at last */
};

/* Room, and leave to look at one more. */
bool registration_page_open(const struct registration_page *page);
/* The registration of that number, of that peer and state; whether it is meant. */
bool registration_page_wants(struct registration_page *page, uint64_t number, const char *peer,
			     const char *state);
