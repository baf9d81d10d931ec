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
