/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "b2bua/registration/page.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "b2bua/registration/phone.h"
#include "b2bua/registration/trunk.h"
#include "b2bua/state.h"

bool registration_page_open(const struct registration_page *page)
{
	return page->examined < REGISTRATION_PAGE_EXAMINED_MAX &&
	       json_array_size(page->list) < page->count;
}

bool registration_page_wants(struct registration_page *page, uint64_t number, const char *peer,
			     const char *state)
{
	const struct registration_filter *filter = &page->filter;

	page->examined++;
	page->last = number;
	return (!filter->peer || strcmp(filter->peer, peer) == 0) &&
	       (!filter->state || strcmp(filter->state, state) == 0);
}

enum part { PART_TRUNKS, PART_PHONES };

/* "trunk.17", "phone.4711": the one that ended the last page, by its number from 1. */
static int cursor_read(const char *cursor, enum part *part, uint64_t *number)
{
	static const char *const names[] = {[PART_TRUNKS] = "trunk.", [PART_PHONES] = "phone."};
	char *end;

	*part = PART_TRUNKS;
	*number = 0;
	if (!cursor)
		return 0;
	if (strncmp(cursor, names[*part], 6) != 0)
		*part = PART_PHONES;
	if (strncmp(cursor, names[*part], 6) != 0 || cursor[6] < '0' || cursor[6] > '9')
		return -EINVAL;
	errno = 0;
	*number = strtoull(cursor + 6, &end, 10);
	return errno || *end ? -EINVAL : 0;
}

json_t *b2bua_registration_page(const struct b2bua *b2bua, const struct registration_filter *filter,
				const char *after, unsigned count, int *status)
{
	struct registration_page page = {.filter = *filter, .count = count};
	json_t *object;
	enum part part;
	bool more = false;

	*status = cursor_read(after, &part, &page.last);
	if (*status < 0)
		return NULL;
	page.list = json_array();
	if (part == PART_TRUNKS) {
		more = trunks_page(b2bua->trunks, &page, page.last);
		if (!more && registration_page_open(&page)) {
			part = PART_PHONES;
			page.last = 0;
		}
	}
	if (part == PART_PHONES)
		more = phones_page(b2bua->phones, &page, page.last);
	else if (!more)
		more = phones_count(b2bua->phones) > 0;
	object =
	    json_pack("{s:o, s:I}", "registrations", page.list, "total",
		      (json_int_t)b2bua->config->registration_count + phones_count(b2bua->phones));
	if (more)
		json_object_set_new(object, "next",
				    json_sprintf("%s.%" PRIu64,
						 part == PART_TRUNKS ? "trunk" : "phone",
						 page.last));
	return object;
}
