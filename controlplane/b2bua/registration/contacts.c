/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "b2bua/registration/contacts.h"

#include <errno.h>
#include <stdio.h>

static const struct sip_header *next_named(const struct sip_message *message, const char *name,
					   const struct sip_header *previous)
{
	const struct sip_header *end = message->header + message->header_count;
	const struct sip_header *header = previous ? previous + 1 : message->header;

	for (; header < end; header++)
		if (str_caseeq(header->name, str_of(name)))
			return header;
	return NULL;
}

uint32_t contacts_header_seconds(const struct sip_message *message, const char *name)
{
	const struct sip_header *header = next_named(message, name, NULL);
	uint32_t seconds;

	if (!header || sip_number_parse(&seconds, header->value, UINT32_MAX - 1) < 0)
		return UINT32_MAX;
	return seconds;
}

uint32_t contacts_seconds(const struct sip_message *message, const char *name)
{
	uint32_t seconds = contacts_header_seconds(message, name);

	return seconds == UINT32_MAX ? 0 : seconds;
}

uint32_t contacts_expires(const struct sip_message *message, const struct sip_name_addr *contact,
			  uint32_t fallback_s)
{
	struct str value = sip_param(contact->params, "expires");
	uint32_t seconds;

	if (value.ptr && sip_number_parse(&seconds, value, UINT32_MAX - 1) == 0)
		return seconds;
	seconds = contacts_header_seconds(message, "Expires");
	return seconds == UINT32_MAX ? fallback_s : seconds;
}

bool contacts_next(const struct sip_message *message, struct contacts_walk *walk,
		   struct sip_name_addr *contact)
{
	struct str item;

	while (!sip_list_next(&walk->rest, &item)) {
		walk->header = sip_message_header(message, SIP_HDR_CONTACT, walk->header);
		if (!walk->header)
			return false;
		walk->rest = walk->header->value;
	}
	*contact = (struct sip_name_addr){.star = str_eq(item, STR("*"))};
	walk->malformed = !contact->star && sip_name_addr_parse(contact, item) < 0;
	return !walk->malformed;
}

uint32_t contacts_granted(const struct sip_message *response, struct str ours, uint32_t asked_s)
{
	struct contacts_walk walk = {0};
	struct sip_name_addr own, contact;

	if (sip_name_addr_parse(&own, ours) < 0)
		return 0;
	while (contacts_next(response, &walk, &contact))
		if (!contact.star && sip_uri_equal(&contact.uri, &own.uri))
			return contacts_expires(response, &contact, asked_s);
	contact = (struct sip_name_addr){0};
	return contacts_expires(response, &contact, asked_s);
}

int contacts_join(const struct sip_message *message, const char *name, char *text, size_t size)
{
	const struct sip_header *header = NULL;
	size_t used = 0;

	text[0] = '\0';
	while ((header = next_named(message, name, header))) {
		int n = snprintf(text + used, size - used, "%s%.*s", used ? ", " : "",
				 STR_FMT(header->value));

		if (n < 0 || (size_t)n >= size - used)
			return -E2BIG;
		used += (size_t)n;
	}
	return (int)used;
}
