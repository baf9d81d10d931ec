/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "b2bua/page.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "b2bua/state.h"
#include "route/pattern.h"

static bool has_peer(const struct call *call, const char *name)
{
	return strcmp(call->leg[LEG_CALLER].peer->name, name) == 0 ||
	       strcmp(call->leg[LEG_CALLEE].peer->name, name) == 0;
}

static bool has_number(const struct call *call, const char *pattern)
{
	return pattern_match(pattern, str_of(call->from), NULL) ||
	       pattern_match(pattern, str_of(call->to), NULL);
}

bool page_match(const struct call *call, const struct page_filter *filter, uint64_t now_ms)
{
	return (!filter->peer || has_peer(call, filter->peer)) &&
	       (!filter->number || has_number(call, filter->number)) &&
	       (!filter->state || strcmp(call_state_name(call->state), filter->state) == 0) &&
	       now_ms - call->started_ms >= filter->older_ms;
}

/* "17.7f3a00bc": the order in which the call began, and its id. */
static int cursor_read(const char *cursor, uint64_t *serial, const char **id)
{
	char *end;

	if (cursor[0] < '0' || cursor[0] > '9')
		return -EINVAL;
	errno = 0;
	*serial = strtoull(cursor, &end, 10);
	if (errno || *end != '.' || strlen(end + 1) != CALL_ID_DIGITS)
		return -EINVAL;
	*id = end + 1;
	return 0;
}

/* The first call after the cursor. */
static struct call *resume(const struct b2bua *b2bua, const char *cursor, int *rc)
{
	struct call *call = TAILQ_FIRST(&b2bua->all);
	uint64_t serial;
	const char *id;

	*rc = 0;
	if (!cursor)
		return call;
	*rc = cursor_read(cursor, &serial, &id);
	if (*rc < 0)
		return NULL;
	struct call *last = call_find(b2bua, id);

	if (last && last->serial == serial)
		return TAILQ_NEXT(last, link);
	while (call && call->serial <= serial)
		call = TAILQ_NEXT(call, link);
	return call;
}

json_t *b2bua_call_page(const struct b2bua *b2bua, const struct page_filter *filter,
			const char *after, unsigned count, int *status)
{
	const struct call *call = resume(b2bua, after, status), *last = NULL;
	uint64_t now_ms = b2bua_now_ms(b2bua);
	unsigned examined = 0;
	json_t *list, *page;

	if (*status < 0)
		return NULL;
	list = json_array();
	for (; call && examined < PAGE_EXAMINED_MAX && json_array_size(list) < count;
	     call = TAILQ_NEXT(call, link)) {
		last = call;
		examined++;
		if (page_match(call, filter, now_ms))
			json_array_append_new(list, list_call(call));
	}
	page = json_pack("{s:o, s:I}", "calls", list, "total", (json_int_t)b2bua->call_count);
	if (call && last) /* there is more */
		json_object_set_new(page, "next",
				    json_sprintf("%" PRIu64 ".%s", last->serial, last->id));
	return page;
}
