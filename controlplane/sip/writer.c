/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sip/writer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>

#include "sip/scan.h"

static void fail(struct sip_writer *writer, int error)
{
	if (writer->error == 0)
		writer->error = error;
}

static void put(struct sip_writer *writer, struct str text)
{
	if (writer->error != 0 || text.len == 0)
		return;
	if (text.len > writer->size - writer->length) {
		fail(writer, -ENOSPC);
		return;
	}
	memcpy(writer->data + writer->length, text.ptr, text.len);
	writer->length += text.len;
}

static void __attribute__((format(printf, 2, 0)))
put_format(struct sip_writer *writer, const char *format, va_list args)
{
	size_t room = writer->size - writer->length;
	int n;

	if (writer->error != 0)
		return;
	n = vsnprintf(writer->data + writer->length, room, format, args);
	if (n < 0 || (size_t)n >= room)
		fail(writer, n < 0 ? -EINVAL : -ENOSPC);
	else
		writer->length += (size_t)n;
}

static void __attribute__((format(printf, 2, 3)))
putf(struct sip_writer *writer, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	put_format(writer, format, args);
	va_end(args);
}

/*
 * Makes one line of what was written since start: the one gate that all values go through, so that
 * no value can end its line.
 */
static void seal_line(struct sip_writer *writer, size_t start)
{
	char *p = writer->data + start;
	size_t n = writer->length - start;

	if (writer->error != 0)
		return;
	for (size_t i = sip_text_plain((struct str){p, n}); i < n; i++) {
		if (p[i] == '\r' && n - i > 2 && p[i + 1] == '\n' &&
		    (p[i + 2] == ' ' || p[i + 2] == '\t')) {
			p[i] = ' ';
			p[i + 1] = ' ';
		}
		if (((unsigned char)p[i] < ' ' && p[i] != '\t') || p[i] == 0x7f) {
			fail(writer, -EINVAL);
			return;
		}
	}
	put(writer, STR("\r\n"));
}

static void begin(struct sip_writer *writer, char *data, size_t size)
{
	*writer = (struct sip_writer){.data = data, .size = size};
}

void sip_writer_request(struct sip_writer *writer, char *data, size_t size, const char *method,
			struct str uri)
{
	begin(writer, data, size);
	if (!sip_text_is(str_of(method), SIP_C_TOKEN) || uri.len == 0 ||
	    memchr(uri.ptr, ' ', uri.len))
		fail(writer, -EINVAL);
	put(writer, str_of(method));
	put(writer, STR(" "));
	put(writer, uri);
	put(writer, STR(" SIP/2.0"));
	seal_line(writer, 0);
}

void sip_writer_response(struct sip_writer *writer, char *data, size_t size, unsigned status,
			 const char *reason)
{
	begin(writer, data, size);
	if (status < 100 || status > 699)
		fail(writer, -EINVAL);
	putf(writer, "SIP/2.0 %u ", status);
	put(writer, str_of(reason ? reason : sip_reason_phrase(status)));
	seal_line(writer, 0);
}

/* "Name: " and where the line began. */
static size_t header_begin(struct sip_writer *writer, struct str name)
{
	size_t start = writer->length;

	if (!sip_text_is(name, SIP_C_TOKEN))
		fail(writer, -EINVAL);
	put(writer, name);
	put(writer, STR(": "));
	return start;
}

static void header_put(struct sip_writer *writer, struct str name, struct str value)
{
	size_t start = header_begin(writer, name);

	put(writer, value);
	seal_line(writer, start);
}

void sip_writer_header(struct sip_writer *writer, const char *name, struct str value)
{
	header_put(writer, str_of(name), value);
}

void sip_writer_headerf(struct sip_writer *writer, const char *name, const char *format, ...)
{
	size_t start = header_begin(writer, str_of(name));
	va_list args;

	va_start(args, format);
	put_format(writer, format, args);
	va_end(args);
	seal_line(writer, start);
}

static struct str name_of(const struct sip_header *header)
{
	return header->id == SIP_HDR_OTHER ? header->name : str_of(sip_header_name(header->id));
}

void sip_writer_copy(struct sip_writer *writer, const struct sip_message *from,
		     enum sip_header_id id)
{
	const struct sip_header *header = NULL;

	while ((header = sip_message_header(from, id, header)) != NULL)
		header_put(writer, name_of(header), header->value);
}

/* Where the request came from, as text, in the form of received (IPv6 without brackets). */
static bool source_text(const struct sockaddr_storage *source, char text[INET6_ADDRSTRLEN],
			unsigned *port)
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)source;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)source;

	if (source->ss_family == AF_INET) {
		*port = ntohs(v4->sin_port);
		return inet_ntop(AF_INET, &v4->sin_addr, text, INET6_ADDRSTRLEN) != NULL;
	}
	*port = ntohs(v6->sin6_port);
	return source->ss_family == AF_INET6 &&
	       inet_ntop(AF_INET6, &v6->sin6_addr, text, INET6_ADDRSTRLEN) != NULL;
}

/*
 * The topmost Via: what the client says of received and rport is replaced by what we saw. RFC 3581
 * 4: rport asks for both; RFC 3261 18.2.1: without it, received when sent-by is another address.
 */
static void top_via_put(struct sip_writer *writer, const struct sip_via *via,
			const struct sockaddr_storage *source)
{
	struct str rest = via->params;
	struct str before = via->whole;
	char address[INET6_ADDRSTRLEN];
	struct str piece;
	unsigned port;

	if (!source_text(source, address, &port)) {
		put(writer, via->whole);
		return;
	}
	if (via->params.ptr) /* without the first ';' */
		before.len = (size_t)(via->params.ptr - via->whole.ptr) - 1;
	put(writer, sip_scan_trim(before));
	while (sip_scan_split(&rest, ';', &piece)) {
		piece = sip_scan_trim(piece);
		if (sip_param(piece, "received").ptr || sip_param(piece, "rport").ptr)
			continue;
		put(writer, STR(";"));
		put(writer, piece);
	}
	if (via->rport || !str_caseeq(via->host, str_of(address)))
		putf(writer, ";received=%s", address);
	if (via->rport)
		putf(writer, ";rport=%u", port);
}

static void vias_put(struct sip_writer *writer, const struct sip_message *request,
		     const struct sockaddr_storage *source)
{
	const struct sip_header *header = sip_message_header(request, SIP_HDR_VIA, NULL);
	bool top = true;

	for (; header; header = sip_message_header(request, SIP_HDR_VIA, header)) {
		size_t start = header_begin(writer, STR("Via"));
		struct str rest = header->value;
		struct str first;

		if (top && source && request->via.whole.ptr && sip_scan_split(&rest, ',', &first)) {
			top_via_put(writer, &request->via, source);
			if (rest.ptr)
				put(writer, STR(","));
		}
		put(writer, rest);
		seal_line(writer, start);
		top = false;
	}
}

static void first_put(struct sip_writer *writer, const struct sip_message *from,
		      enum sip_header_id id)
{
	const struct sip_header *header = sip_message_header(from, id, NULL);

	if (header)
		header_put(writer, name_of(header), header->value);
}

static void to_put(struct sip_writer *writer, const struct sip_message *request, struct str tag)
{
	const struct sip_header *to = sip_message_header(request, SIP_HDR_TO, NULL);
	size_t start;

	if (!to)
		return;
	start = header_begin(writer, STR("To"));
	put(writer, to->value);
	/* nothing is added to a To that could not be read */
	if (tag.ptr && !request->to.tag.ptr && request->to.uri.whole.ptr) {
		put(writer, STR(";tag="));
		put(writer, tag);
	}
	seal_line(writer, start);
}

void sip_writer_response_to(struct sip_writer *writer, char *data, size_t size,
			    const struct sip_message *request, unsigned status, const char *reason,
			    struct str to_tag, const struct sockaddr_storage *source)
{
	sip_writer_response(writer, data, size, status, reason);
	vias_put(writer, request, source);
	first_put(writer, request, SIP_HDR_FROM);
	to_put(writer, request, to_tag);
	first_put(writer, request, SIP_HDR_CALL_ID);
	first_put(writer, request, SIP_HDR_CSEQ);
}

long sip_writer_end(struct sip_writer *writer, const char *content_type, struct str body)
{
	if (body.len > 0 && !content_type)
		fail(writer, -EINVAL);
	if (body.len > 0)
		sip_writer_header(writer, "Content-Type", str_of(content_type));
	putf(writer, "Content-Length: %zu\r\n\r\n", body.len);
	put(writer, body);
	return writer->error != 0 ? writer->error : (long)writer->length;
}
