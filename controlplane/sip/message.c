/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The message parser. A fault does not stop it: the first one is kept as the verdict, and reading
 * goes on, so that a refused request can be answered to whom and for what it came.
 */
#include "sip/message.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "sip/head.h"
#include "sip/names.h"
#include "sip/scan.h"

#define CSEQ_MAX ((UINT32_C(1) << 31) - 1) /* RFC 3261 8.1.1.5 */
#define MAX_FORWARDS_MAX 255               /* RFC 3261 20.22 */

struct reader {
	struct sip_message *message;
	struct sip_parse_error *error;
	struct sip_watch *watch;
	bool seen[SIP_HDR_COUNT];
	uint32_t content_length;
};

static void __attribute__((format(printf, 3, 4)))
fault(struct reader *reader, unsigned status, const char *format, ...)
{
	va_list args;

	if (reader->error->reason[0] != '\0')
		return;
	reader->error->status = status;
	va_start(args, format);
	vsnprintf(reader->error->reason, sizeof(reader->error->reason), format, args);
	va_end(args);
}

/* 0: "SIP/2.0"; 505: another version of SIP; 400: none. Any case (RFC 3261 7.1). */
static unsigned version_judge(struct str version)
{
	struct str major, minor;

	if (str_caseeq(version, STR("SIP/2.0")))
		return 0;
	if (version.len < 4 || !str_caseeq((struct str){version.ptr, 4}, STR("SIP/")))
		return 400;
	minor = (struct str){version.ptr + 4, version.len - 4};
	if (!sip_scan_until(&minor, '.', &major))
		return 400;
	return sip_text_is(major, SIP_C_DIGIT) && sip_text_is(minor, SIP_C_DIGIT) ? 505 : 400;
}

static void request_uri_read(struct reader *reader, struct str text)
{
	struct sip_message *message = reader->message;
	int result = sip_uri_parse(&message->request_uri, text);

	message->request_uri_text = text;
	if (result == -EMSGSIZE)
		fault(reader, 414, "Request-URI longer than %u bytes", SIP_URI_MAX);
	else if (result < 0)
		fault(reader, 400, "Request-URI is malformed");
	else if (message->request_uri.headers.ptr) /* RFC 3261 19.1.1 */
		fault(reader, 400, "Request-URI carries headers");
}

/* Method SP Request-URI SP SIP-Version: single spaces, so no URI with a space in it passes. */
static void request_line_read(struct reader *reader, struct str line)
{
	struct sip_message *message = reader->message;
	struct str rest = line;
	const char *last;
	unsigned verdict;

	message->request = true;
	if (!sip_scan_until(&rest, ' ', &message->method_token) ||
	    !sip_text_is(message->method_token, SIP_C_TOKEN)) {
		fault(reader, 400, "Request line is malformed");
		return;
	}
	message->method = sip_method_of(message->method_token);
	last = rest.len > 0 ? memrchr(rest.ptr, ' ', rest.len) : NULL;
	if (!last) {
		fault(reader, 400, "Request line is malformed");
		return;
	}
	verdict = version_judge((struct str){last + 1, rest.len - (size_t)(last + 1 - rest.ptr)});
	if (verdict == 505)
		fault(reader, 505, "SIP version is not 2.0");
	else if (verdict != 0)
		fault(reader, 400, "Request line does not end with SIP/2.0");
	request_uri_read(reader, (struct str){rest.ptr, (size_t)(last - rest.ptr)});
}

/* SIP-Version SP Status-Code SP Reason-Phrase. No fault of a response is ever answered. */
static void status_line_read(struct reader *reader, struct str line)
{
	struct sip_message *message = reader->message;
	struct str version, code;
	uint32_t status = 0;

	if (!sip_scan_until(&line, ' ', &version) || version_judge(version) != 0 ||
	    !sip_scan_until(&line, ' ', &code) || code.len != 3 ||
	    sip_number_parse(&status, code, 699) < 0 || status < 100)
		fault(reader, 0, "Status line is malformed");
	message->status = status;
	message->reason = line;
}

static void start_line_read(struct reader *reader, struct str line)
{
	if (sip_line_check(line) != SIP_LINE_CLEAN || memchr(line.ptr, '\r', line.len)) {
		reader->message->request = true;
		fault(reader, 400, "Control characters, folds or no UTF-8 in the start line");
	} else if (line.len >= 4 && str_caseeq((struct str){line.ptr, 4}, STR("SIP/"))) {
		status_line_read(reader, line);
	} else {
		request_line_read(reader, line);
	}
}

static void via_read(struct reader *reader, struct str value)
{
	struct sip_message *message = reader->message;
	struct sip_via via;
	struct str item;

	while (sip_scan_split(&value, ',', &item)) {
		bool good = sip_via_parse(&via, item) == 0;

		if (!good)
			fault(reader, 400, "Via is malformed");
		else if (!str_caseeq(via.protocol, STR("SIP")) || !str_eq(via.version, STR("2.0")))
			fault(reader, 400, "Via is not of SIP/2.0");
		if (message->via_count++ == 0 && good)
			message->via = via;
	}
	if (message->via_count > SIP_VIAS_MAX)
		fault(reader, 400, "More than %u Via values", SIP_VIAS_MAX);
}

static void addr_read(struct reader *reader, struct sip_name_addr *addr, struct str value,
		      const char *name)
{
	if (sip_name_addr_parse(addr, value) == 0 && !addr->star)
		return;
	*addr = (struct sip_name_addr){0};
	fault(reader, 400, "%s is malformed", name);
}

static void from_read(struct reader *reader, struct str value)
{
	addr_read(reader, &reader->message->from, value, "From");
}

static void to_read(struct reader *reader, struct str value)
{
	addr_read(reader, &reader->message->to, value, "To");
}

static void contact_read(struct reader *reader, struct str value)
{
	struct sip_message *message = reader->message;
	struct str first;

	if (message->has_contact)
		return;
	message->has_contact = true;
	if (!sip_list_next(&value, &first) || sip_name_addr_parse(&message->contact, first) < 0 ||
	    (message->contact.star && message->method != SIP_METHOD_REGISTER)) {
		message->contact = (struct sip_name_addr){0};
		fault(reader, 400, "Contact is malformed");
	}
}

/* word [ "@" word ] */
static void call_id_read(struct reader *reader, struct str value)
{
	struct str rest = value;
	struct str left;

	if (sip_scan_until(&rest, '@', &left) && !sip_text_is(left, SIP_C_WORD))
		rest.len = 0;
	if (!sip_text_is(rest, SIP_C_WORD))
		fault(reader, 400, "Call-ID is malformed");
	reader->message->call_id = value;
}

static void cseq_read(struct reader *reader, struct str value)
{
	struct str digits = sip_scan_while(&value, SIP_C_DIGIT);
	bool spaced = value.len > 0 && sip_char_is(*value.ptr, SIP_C_SPACE);

	sip_scan_space(&value);
	if (digits.len == 0 || !spaced || !sip_text_is(value, SIP_C_TOKEN)) {
		fault(reader, 400, "CSeq is malformed");
		return;
	}
	reader->message->cseq_method = value;
	if (sip_number_parse(&reader->message->cseq, digits, CSEQ_MAX) < 0)
		fault(reader, 400, "CSeq is not below 2**31");
}

static void max_forwards_read(struct reader *reader, struct str value)
{
	uint32_t hops;

	if (sip_number_parse(&hops, value, MAX_FORWARDS_MAX) == 0)
		reader->message->max_forwards = (int)hops;
	else
		fault(reader, 400, "Max-Forwards is not in 0..%u", MAX_FORWARDS_MAX);
}

static void content_length_read(struct reader *reader, struct str value)
{
	if (sip_number_parse(&reader->content_length, value, SIP_MESSAGE_MAX) < 0)
		fault(reader, 400, "Content-Length is not in 0..%u", SIP_MESSAGE_MAX);
}

static void content_type_read(struct reader *reader, struct str value)
{
	reader->message->content_type = value;
}

static void (*const value_reader[SIP_HDR_COUNT])(struct reader *reader, struct str value) = {
    [SIP_HDR_VIA] = via_read,
    [SIP_HDR_FROM] = from_read,
    [SIP_HDR_TO] = to_read,
    [SIP_HDR_CALL_ID] = call_id_read,
    [SIP_HDR_CSEQ] = cseq_read,
    [SIP_HDR_MAX_FORWARDS] = max_forwards_read,
    [SIP_HDR_CONTACT] = contact_read,
    [SIP_HDR_CONTENT_LENGTH] = content_length_read,
    [SIP_HDR_CONTENT_TYPE] = content_type_read,
};

static const char *const line_fault_reason[] = {
    [SIP_LINE_NUL] = "NUL in the head",
    [SIP_LINE_BARE_CR_LF] = "CR or LF alone in the head",
    [SIP_LINE_CONTROL] = "Control character in the head",
    [SIP_LINE_NOT_UTF8] = "The head is not UTF-8",
};

/* A line that is not clean is not kept: what is kept may be copied into an answer or a log. */
static void header_read(struct reader *reader, struct str line)
{
	struct sip_message *message = reader->message;
	struct sip_header *header = &message->header[message->header_count];
	enum sip_line_fault line_fault;

	if (line.len > SIP_HEADER_LINE_MAX) {
		fault(reader, 400, "Header line longer than %u bytes", SIP_HEADER_LINE_MAX);
		return;
	}
	line_fault = sip_line_check(line);
	if (line_fault != SIP_LINE_CLEAN) {
		fault(reader, 400, "%s", line_fault_reason[line_fault]);
		return;
	}
	if (!sip_line_split(line, &header->name, &header->value)) {
		fault(reader, 400, "Header line without name and colon");
		return;
	}
	header->id = sip_header_id_of(header->name);
	if (reader->seen[header->id] && sip_header_once(header->id)) {
		fault(reader, 400, "Duplicate %s", sip_header_name(header->id));
		return;
	}
	reader->seen[header->id] = true;
	message->header_count++;
	if (value_reader[header->id])
		value_reader[header->id](reader, header->value);
	if (reader->watch)
		reader->watch->header(reader->watch, message);
}

static void headers_read(struct reader *reader, struct str head)
{
	struct str line;

	while (sip_head_line(&head, &line)) {
		if (reader->message->header_count == SIP_HEADERS_MAX) {
			fault(reader, 400, "More than %u header lines", SIP_HEADERS_MAX);
			return;
		}
		header_read(reader, line);
	}
}

static void mandatory_check(struct reader *reader)
{
	static const enum sip_header_id mandatory[] = {SIP_HDR_VIA, SIP_HDR_FROM, SIP_HDR_TO,
						       SIP_HDR_CALL_ID, SIP_HDR_CSEQ};

	for (size_t i = 0; i < sizeof(mandatory) / sizeof(mandatory[0]); i++)
		if (!reader->seen[mandatory[i]])
			fault(reader, 400, "Missing %s", sip_header_name(mandatory[i]));
}

static void request_check(struct reader *reader)
{
	const struct sip_message *message = reader->message;

	if (!str_eq(message->method_token, reader->message->cseq_method))
		fault(reader, 400, "CSeq method is not the request's");
	if (str_caseeq(message->via.branch, STR(SIP_BRANCH_COOKIE)))
		fault(reader, 400, "Via branch is nothing but " SIP_BRANCH_COOKIE);
	if (message->method == SIP_METHOD_INVITE && !message->has_contact) /* 8.1.1.8 */
		fault(reader, 400, "Missing Contact");
}

/* RFC 3261 18.3: bytes after Content-Length are no part of the message. */
static void body_read(struct reader *reader, struct str rest)
{
	struct sip_message *message = reader->message;

	if (reader->seen[SIP_HDR_CONTENT_LENGTH]) {
		if (reader->content_length > rest.len)
			fault(reader, 400, "Content-Length is larger than the body");
		else
			rest.len = reader->content_length;
	}
	message->body = rest;
	message->raw.len = (size_t)(rest.ptr + rest.len - message->raw.ptr);
	if (message->request && rest.len > 0 && !message->content_type.ptr) /* 20.15 */
		fault(reader, 400, "Body without Content-Type");
}

/* An answer goes by the Via and repeats From, To, Call-ID and CSeq (RFC 3261 8.2.6); ACK has none.
 */
static bool answerable(const struct reader *reader)
{
	const struct sip_message *message = reader->message;

	return message->request && message->method != SIP_METHOD_ACK &&
	       !str_eq(message->cseq_method, STR("ACK")) && message->via.host.ptr &&
	       reader->seen[SIP_HDR_FROM] && reader->seen[SIP_HDR_TO] &&
	       reader->seen[SIP_HDR_CALL_ID] && reader->seen[SIP_HDR_CSEQ];
}

static void message_read(struct reader *reader, struct str data)
{
	struct str head, line;
	const char *end;

	while (data.len >= 2 && memcmp(data.ptr, "\r\n", 2) == 0) /* RFC 3261 7.5 */
		data = (struct str){data.ptr + 2, data.len - 2};
	reader->message->raw = data;
	end = sip_head_end(data);
	if (!end)
		fault(reader, 400, "No empty line after the head");
	head = (struct str){data.ptr, end ? (size_t)(end + 2 - data.ptr) : data.len};
	if (!sip_head_line(&head, &line))
		return;
	start_line_read(reader, line);
	headers_read(reader, head);
	mandatory_check(reader);
	if (reader->message->request)
		request_check(reader);
	else
		reader->message->method = sip_method_of(reader->message->cseq_method);
	end = end ? end + 4 : data.ptr + data.len;
	body_read(reader, (struct str){end, (size_t)(data.ptr + data.len - end)});
}

int sip_message_parse(struct sip_message *message, const char *data, size_t length,
		      struct sip_parse_error *error)
{
	return sip_message_parse_watched(message, data, length, error, NULL);
}

int sip_message_parse_watched(struct sip_message *message, const char *data, size_t length,
			      struct sip_parse_error *error, struct sip_watch *watch)
{
	struct sip_parse_error unread;
	struct reader reader = {
	    .message = message, .error = error ? error : &unread, .watch = watch};

	memset(message, 0, offsetof(struct sip_message, header));
	message->max_forwards = -1;
	*reader.error = (struct sip_parse_error){0};
	if (length > SIP_MESSAGE_MAX) {
		fault(&reader, 413, "Message longer than %u bytes", SIP_MESSAGE_MAX);
		length = SIP_MESSAGE_MAX;
	}
	message_read(&reader, (struct str){data, length});
	if (reader.error->reason[0] == '\0')
		return 0;
	if (!answerable(&reader))
		reader.error->status = 0;
	return -EBADMSG;
}

const struct sip_header *sip_message_header(const struct sip_message *message,
					    enum sip_header_id id,
					    const struct sip_header *previous)
{
	const struct sip_header *end = message->header + message->header_count;

	for (const struct sip_header *h = previous ? previous + 1 : message->header; h < end; h++)
		if (h->id == id)
			return h;
	return NULL;
}

bool sip_message_has_option(const struct sip_message *message, enum sip_header_id id,
			    const char *option)
{
	const struct sip_header *header = NULL;
	struct str rest, item;

	while ((header = sip_message_header(message, id, header)) != NULL) {
		rest = header->value;
		while (sip_list_next(&rest, &item))
			if (str_caseeq(item, str_of(option)))
				return true;
	}
	return false;
}
