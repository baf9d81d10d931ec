/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A message that was parsed in one buffer, kept with a copy of it in another. */
#include "sip/message_copy.h"

#include <stdint.h>
#include <stdlib.h>

#define URI(field)                                                                                \
	offsetof(struct sip_message, field.whole), offsetof(struct sip_message, field.user),      \
	    offsetof(struct sip_message, field.password),                                         \
	    offsetof(struct sip_message, field.host), offsetof(struct sip_message, field.params), \
	    offsetof(struct sip_message, field.headers)
#define NAME_ADDR(field)                                             \
	offsetof(struct sip_message, field.display), URI(field.uri), \
	    offsetof(struct sip_message, field.params), offsetof(struct sip_message, field.tag)

/* Every piece of text in a message but its headers. */
static const uint16_t pieces[] = {
    offsetof(struct sip_message, method_token),
    offsetof(struct sip_message, request_uri_text),
    URI(request_uri),
    offsetof(struct sip_message, reason),
    offsetof(struct sip_message, via.whole),
    offsetof(struct sip_message, via.protocol),
    offsetof(struct sip_message, via.version),
    offsetof(struct sip_message, via.transport),
    offsetof(struct sip_message, via.host),
    offsetof(struct sip_message, via.params),
    offsetof(struct sip_message, via.branch),
    offsetof(struct sip_message, via.received),
    NAME_ADDR(from),
    NAME_ADDR(to),
    offsetof(struct sip_message, call_id),
    offsetof(struct sip_message, cseq_method),
    NAME_ADDR(contact),
    offsetof(struct sip_message, content_type),
    offsetof(struct sip_message, body),
    offsetof(struct sip_message, raw),
};

/* What is absent, or a constant of the parser's, stays where it is. */
static void move(struct str *piece, const struct str *from, const char *to)
{
	if (piece->ptr && piece->ptr >= from->ptr && piece->ptr <= from->ptr + from->len)
		piece->ptr = to + (piece->ptr - from->ptr);
}

struct sip_message *sip_message_copy(const struct sip_message *message, const char *bytes)
{
	const struct str from = message->raw;
	size_t size = offsetof(struct sip_message, header) +
		      message->header_count * sizeof(message->header[0]);
	struct sip_message *copy = malloc(size);

	if (!copy)
		return NULL;
	memcpy((void *)copy, message, size);
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++)
		move((struct str *)(void *)((char *)copy + pieces[i]), &from, bytes);
	for (unsigned i = 0; i < copy->header_count; i++) {
		move(&copy->header[i].name, &from, bytes);
		move(&copy->header[i].value, &from, bytes);
	}
	return copy;
}
