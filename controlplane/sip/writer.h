/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes SIP messages into a caller's buffer. An overflow, a name that is no token, or a value with
 * CR, LF, NUL or another control character makes the writer fail for good: sip_writer_end() then
 * returns -ENOSPC or -EINVAL, nothing may be sent. A fold in a value (CRLF and a space, as the
 * parser leaves it) is no line end and is written as spaces. Any thread; no allocation.
 */
#pragma once

#include <stdint.h>

#include "sip/message.h"

struct sip_writer {
	char *data;
	size_t size;
	size_t length;
	int error;
};

void sip_writer_request(struct sip_writer *writer, char *data, size_t size, const char *method,
			struct str uri);
/* reason NULL: the standard phrase. */
void sip_writer_response(struct sip_writer *writer, char *data, size_t size, unsigned status,
			 const char *reason);
/* "Name: value" */
void sip_writer_header(struct sip_writer *writer, const char *name, struct str value);
void sip_writer_headerf(struct sip_writer *writer, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Copies all headers of that id, in order, under their full names; SIP_HDR_OTHER: all unknown ones.
 */
void sip_writer_copy(struct sip_writer *writer, const struct sip_message *from,
		     enum sip_header_id id);
/*
 * The head of a response to request (RFC 3261 8.2.6.2): status line, all Via (the topmost with
 * received and rport filled from source when not NULL, RFC 3261 18.2.1 and RFC 3581), From, To
 * (with to_tag added when it has none and to_tag is not absent), Call-ID, CSeq. Also for a request
 * that the parser refused with a status: what it could not read is repeated as it came, or left
 * out.
 */
struct sockaddr_storage;
void sip_writer_response_to(struct sip_writer *writer, char *data, size_t size,
			    const struct sip_message *request, unsigned status, const char *reason,
			    struct str to_tag, const struct sockaddr_storage *source);
/* Content-Type (if body), Content-Length, empty line, body. Returns the length or -errno. */
long sip_writer_end(struct sip_writer *writer, const char *content_type, struct str body);
