/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Results for people: values with units, aligned tables, one function a command. Text that came
 * from outside is shown with log_escape(): a display name must not drive the terminal.
 */
#pragma once

#include <jansson.h>
#include <stdio.h>

#include "cli/table.h"

struct view_text {
	char text[192];
};

struct view_text view_string(const json_t *object, const char *key); /* "-": absent or empty */
struct view_text view_count(json_int_t count);                       /* "1,234,567" */
struct view_text view_duration(json_int_t seconds);                  /* "9 s", "2 h 03 min" */
struct view_text view_bytes(json_int_t bytes);                       /* "77.4 kB", SI */
struct view_text view_time(json_int_t epoch_s);                      /* "2024-05-01 10:11:12 UTC" */
struct view_text view_day(json_int_t epoch_s);                       /* "2024-05-01" */
struct view_text view_jitter(json_int_t microseconds);               /* "1.2 ms" */
struct view_text view_share(json_int_t part, json_int_t whole);      /* "0.33 %"; "-": of nothing */
struct view_text view_list(const json_t *strings);                   /* "a, b"; "-": empty */

struct view_text view_against(const json_t *object, const char *now,
			      const char *limit); /* "3/10"; "3": no limit */

json_int_t view_number(const json_t *object, const char *key);            /* 0: absent */
struct view_text view_number_text(const json_t *object, const char *key); /* view_count() */

/* A list whose pages are shown as they come. */
struct view_list {
	const char *key; /* of the array in a page */
	const char *const *titles;
	void (*row)(struct table *table, const json_t *item);
	const char *one, *many; /* "call", "calls" */
};
struct view_paging {
	const struct view_list *list;
	struct table table;
	size_t count;
};
extern const struct view_list view_list_calls, view_list_peers, view_list_registrations;
void view_page_begin(struct view_paging *paging, const struct view_list *list);
void view_page(struct view_paging *paging, FILE *out, const json_t *items);
void view_page_end(struct view_paging *paging, FILE *out);

/* One a command: result as api.h describes it; a field that is not there is shown as "-" or 0. */
void view_status(FILE *out, json_t *status);
void view_call(FILE *out, json_t *call);
void view_hangup(FILE *out, json_t *nothing);
void view_capture(FILE *out, json_t *capture);
void view_records(FILE *out, json_t *records);
void view_rotated(FILE *out, json_t *nothing);
void view_route_test(FILE *out, json_t *test);
void view_limits(FILE *out, json_t *limits);
void view_reload(FILE *out, json_t *result);
void view_drain(FILE *out, json_t *drain);
void view_undrain(FILE *out, json_t *nothing);
void view_bans(FILE *out, json_t *bans);
void view_ban_lift(FILE *out, json_t *nothing);
void view_stats(FILE *out, json_t *stats);
void view_drops(FILE *out, json_t *drops);
