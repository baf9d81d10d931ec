/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "b2bua/reason.h"

#include <stdio.h>

#define CAUSE_MAX 999U

static const char *protocol_of(struct str item)
{
	static const char *const protocols[] = {"Q.850", "SIP"};

	for (unsigned i = 0; i < 2; i++)
		if (item.len > strlen(protocols[i]) && item.ptr[strlen(protocols[i])] == ';' &&
		    strncasecmp(item.ptr, protocols[i], strlen(protocols[i])) == 0)
			return protocols[i];
	return NULL;
}

/* "PROTOCOL;cause=NUMBER;text=..." */
static bool read_one(struct str item, const char **protocol, uint32_t *cause)
{
	struct str params;

	*protocol = protocol_of(item);
	if (!*protocol)
		return false;
	params = (struct str){item.ptr + strlen(*protocol) + 1, item.len - strlen(*protocol) - 1};
	return sip_number_parse(cause, sip_param(params, "cause"), CAUSE_MAX) == 0;
}

void reason_read(char text[static REASON_TEXT_MAX], const struct sip_message *message)
{
	const struct sip_header *header = NULL;
	const char *protocol;
	size_t used = 0;
	uint32_t cause;

	text[0] = '\0';
	while ((header = sip_message_header(message, SIP_HDR_REASON, header))) {
		struct str rest = header->value, item;

		while (sip_list_next(&rest, &item)) {
			/* room for ", Q.850;cause=999" */
			if (!read_one(item, &protocol, &cause) || used + 18 > REASON_TEXT_MAX)
				continue;
			used +=
			    (size_t)snprintf(text + used, REASON_TEXT_MAX - used, "%s%s;cause=%u",
					     used ? ", " : "", protocol, cause);
		}
	}
}

/* RFC 3398 8.2.6.1, and its table for 6xx */
static const struct {
	unsigned short status, cause;
} causes[] = {
    {400, 41},  {401, 21},  {402, 21},  {403, 21},  {404, 1},   {405, 63}, {406, 79},
    {407, 21},  {408, 102}, {410, 22},  {413, 127}, {414, 127}, {415, 79}, {416, 127},
    {420, 127}, {421, 127}, {423, 127}, {480, 18},  {481, 41},  {482, 25}, {483, 25},
    {484, 28},  {485, 1},   {486, 17},  {500, 41},  {501, 79},  {502, 38}, {503, 41},
    {504, 102}, {505, 127}, {513, 127}, {600, 17},  {603, 21},  {604, 1},
};

void reason_of_status(char text[static REASON_TEXT_MAX], unsigned status)
{
	text[0] = '\0';
	for (size_t i = 0; i < sizeof(causes) / sizeof(causes[0]); i++)
		if (causes[i].status == status)
			snprintf(text, REASON_TEXT_MAX, "Q.850;cause=%u", causes[i].cause);
}
