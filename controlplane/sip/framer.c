/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sip/framer.h"

#include "sip/head.h"
#include "sip/names.h"
#include "sip/scan.h"

/* scanned above this: the head was read, and the rest of it is the length of the whole message. */
#define LENGTH_KNOWN (SIZE_MAX / 2 + 1)

static enum sip_frame_verdict refuse(const char **error, const char *why)
{
	*error = why;
	return SIP_FRAME_ERROR;
}

/* CRLF CRLF asks for a pong, CRLF alone is one (RFC 5626 4.4.1). A ping cut by the network into
   single CRLFs is taken for two pongs: to hold a CRLF back would make every pong look like a slow
   message. */
static enum sip_frame_verdict keep_alive(const char *data, size_t available, size_t *length,
					 const char **error)
{
	if (available < 2)
		return SIP_FRAME_MORE;
	if (data[1] != '\n')
		return refuse(error, "CR alone before a message");
	if (available == 3 && data[2] == '\r')
		return SIP_FRAME_MORE;
	if (available >= 4 && memcmp(data + 2, "\r\n", 2) == 0) {
		*length = 4;
		return SIP_FRAME_PING;
	}
	*length = 2;
	return SIP_FRAME_PONG;
}

/* The one Content-Length, which a stream must have (RFC 3261 18.3). NULL or what is wrong. */
static const char *content_length_find(struct str head, uint32_t *content_length)
{
	struct str line, name, value;
	bool found = false;

	if (!sip_head_line(&head, &line)) /* the start line */
		return "empty head";
	while (sip_head_line(&head, &line)) {
		if (!sip_line_split(line, &name, &value) ||
		    sip_header_id_of(name) != SIP_HDR_CONTENT_LENGTH)
			continue;
		if (found)
			return "two Content-Length headers";
		if (sip_number_parse(content_length, value, SIP_MESSAGE_MAX) < 0)
			return "Content-Length is no number up to the limit";
		found = true;
	}
	return found ? NULL : "no Content-Length";
}

/* Finds the empty line; *scanned becomes LENGTH_KNOWN plus the length of the message. */
static enum sip_frame_verdict head_scan(const char *data, size_t available, size_t *scanned,
					const char **error)
{
	size_t window = available < SIP_MESSAGE_MAX ? available : SIP_MESSAGE_MAX;
	size_t from = *scanned < window ? *scanned : window;
	size_t search = from > 3 ? from - 3 : 0; /* the empty line may have come in two pieces */
	const char *end = sip_head_end((struct str){data + search, window - search});
	size_t head_end = end ? (size_t)(end - data) + 4 : window;
	uint32_t content_length = 0;

	if (head_end > from && memchr(data + from, '\0', head_end - from))
		return refuse(error, "NUL in the head");
	*scanned = head_end;
	if (!end)
		return available >= SIP_MESSAGE_MAX ? refuse(error, "head above its limit")
						    : SIP_FRAME_MORE;
	*error = content_length_find((struct str){data, head_end - 2}, &content_length);
	if (*error)
		return SIP_FRAME_ERROR;
	if (content_length > SIP_MESSAGE_MAX - head_end)
		return refuse(error, "message above its limit");
	*scanned = LENGTH_KNOWN + head_end + content_length;
	return SIP_FRAME_MESSAGE;
}

static enum sip_frame_verdict frame(const char *data, size_t available, size_t *scanned,
				    size_t *length, const char **error)
{
	enum sip_frame_verdict verdict;

	if (available == 0)
		return SIP_FRAME_MORE;
	if (*scanned < LENGTH_KNOWN) {
		if (data[0] == '\r')
			return keep_alive(data, available, length, error);
		/* a TLS or binary client on the wrong port need not be waited for */
		if (!sip_char_is(data[0], SIP_C_TOKEN))
			return refuse(error, "not SIP");
		verdict = head_scan(data, available, scanned, error);
		if (verdict != SIP_FRAME_MESSAGE)
			return verdict;
	}
	if (available < *scanned - LENGTH_KNOWN)
		return SIP_FRAME_MORE;
	*length = *scanned - LENGTH_KNOWN;
	return SIP_FRAME_MESSAGE;
}

enum sip_frame_verdict sip_framer_next(const char *data, size_t available, size_t *scanned,
				       size_t *length, const char **error)
{
	enum sip_frame_verdict verdict;
	const char *why = NULL;

	*length = 0;
	verdict = frame(data, available, scanned, length, &why);
	if (error)
		*error = why;
	if (verdict != SIP_FRAME_MORE)
		*scanned = 0;
	return verdict;
}
