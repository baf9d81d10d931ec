/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "b2bua/cause.h"

static const struct cause_facts facts[CAUSE_COUNT] = {
#define CAUSE_FACTS(symbol, name, status, reason, retry, text) \
	[CAUSE_##symbol] = {name, status, reason, retry, text},
    CAUSE_LIST(CAUSE_FACTS)
#undef CAUSE_FACTS
};

const struct cause_facts *cause_facts(enum cause cause)
{
	return &facts[cause];
}

unsigned verdict_status(const struct verdict *verdict)
{
	return verdict->status ? verdict->status : facts[verdict->cause].status;
}

const char *verdict_text(const struct verdict *verdict)
{
	return verdict->text[0] ? verdict->text : facts[verdict->cause].text;
}

/* Of the request that we made: the caller can do nothing about these. */
static const unsigned short about_our_request[] = {
    400, 401, 402, 405, 407, 413, 414, 415, 416, 420, 421, 422, 423,
    424, 428, 436, 437, 438, 481, 493, 494, 501, 502, 505, 513,
};

unsigned cause_map_status(unsigned status)
{
	if (status < 400)
		return 480;
	if (status == 503)
		return 500;
	for (size_t i = 0; i < sizeof(about_our_request) / sizeof(about_our_request[0]); i++)
		if (about_our_request[i] == status)
			return 502;
	return status;
}
