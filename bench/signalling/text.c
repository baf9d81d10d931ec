/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define MEDIA_PORT_FIRST 10000U
#define MEDIA_PORTS 20000U

struct out {
	char *text;
	size_t length;
};

__attribute__((format(printf, 2, 3))) static void put(struct out *out, const char *format, ...)
{
	va_list arguments;
	int n;

	va_start(arguments, format);
	n = vsnprintf(out->text + out->length, TEXT_MESSAGE_MAX - out->length, format, arguments);
	va_end(arguments);
	if (n < 0 || out->length + (size_t)n >= TEXT_MESSAGE_MAX)
		abort(); /* all parts are ours and short */
	out->length += (size_t)n;
}

static const char *upper(const struct text_names *names)
{
	static const char *const text[] = {[SIP_UDP] = "UDP", [SIP_TCP] = "TCP", [SIP_TLS] = "TLS"};

	return text[names->options->transport];
}

static const char *lower(const struct text_names *names)
{
	static const char *const text[] = {[SIP_UDP] = "udp", [SIP_TCP] = "tcp", [SIP_TLS] = "tls"};

	return text[names->options->transport];
}

/* The user that is called: 9, the pair, seven digits of slot, three of turn. */
static void put_number(struct out *out, const struct text_names *names,
		       const struct text_call *call)
{
	put(out, "9%u%07u%03u", names->pair, call->slot, call->turn);
}

static void put_contact(struct out *out, const struct text_names *names, unsigned host,
			const struct text_call *call)
{
	put(out, "Contact: <sip:");
	put_number(out, names, call);
	put(out, "@%s.%u:%u;transport=%s>\r\n", names->options->net, host + names->pair,
	    names->options->port, lower(names));
}

static uint32_t media_port(const struct text_call *call)
{
	return MEDIA_PORT_FIRST + call->slot * 2 % MEDIA_PORTS;
}

/* Forty characters are thirty bytes of base64: a key and a salt of their own for each call. */
static void put_crypto(struct out *out, const struct text_call *call, unsigned tag,
		       const char *suite, char end)
{
	put(out, "a=crypto:%u %s inline:k%07ut%03uS0me0therCharactersOfA28B27%c\r\n", tag, suite,
	    call->slot, call->turn, end);
}

static size_t describe(char *text, const struct text_names *names, const struct text_call *call,
		       bool offer)
{
	struct out out = {.text = text};
	bool secured = names->options->transport == SIP_TLS;
	const char *ip = offer ? "198.18.1.1" : "198.18.2.1";

	put(&out, "v=0\r\no=- %u%03u 1 IN IP4 %s\r\ns=-\r\nc=IN IP4 %s\r\nt=0 0\r\n", call->slot,
	    call->turn, ip, ip);
	put(&out, "m=audio %u RTP/%s %s\r\n", media_port(call), secured ? "SAVP" : "AVP",
	    offer ? "0 8 101" : "0 101");
	put(&out, "a=rtpmap:0 PCMU/8000\r\n");
	if (offer)
		put(&out, "a=rtpmap:8 PCMA/8000\r\n");
	put(&out, "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\n");
	if (secured)
		put_crypto(&out, call, 1, "AES_CM_128_HMAC_SHA1_80", offer ? 'x' : 'y');
	if (secured && offer)
		put_crypto(&out, call, 2, "AES_CM_128_HMAC_SHA1_32", 'z');
	put(&out, "a=ptime:20\r\na=sendrecv\r\n");
	return out.length;
}

static void put_body(struct out *out, const char *body, size_t length)
{
	if (length)
		put(out, "Content-Type: application/sdp\r\n");
	put(out, "Content-Length: %zu\r\n\r\n%.*s", length, (int)length, body);
}

/* ---- the caller's ---- */

static void put_request(struct out *out, const struct text_names *names,
			const struct text_call *call, const char *method, unsigned cseq)
{
	const char *net = names->options->net;

	put(out,
	    "Via: SIP/2.0/%s %s.%u:%u;branch=z9hG4bK%s%07u%03u;rport\r\n"
	    "Max-Forwards: 70\r\n"
	    "From: \"Bench\" <sip:1000@%s.%u>;tag=%07u%03u\r\n"
	    "Call-ID: %07u-%03u-%u@%s.%u\r\n"
	    "CSeq: %u %s\r\n",
	    upper(names), net, 10 + names->pair, names->options->port, method, call->slot,
	    call->turn, net, 10 + names->pair, call->slot, call->turn, call->slot, call->turn,
	    names->pair, net, 10 + names->pair, cseq, method);
}

size_t text_invite(char out_text[static TEXT_MESSAGE_MAX], const struct text_names *names,
		   const struct text_call *call)
{
	struct out out = {.text = out_text};
	char body[TEXT_MESSAGE_MAX];
	size_t length = describe(body, names, call, true);

	put(&out, "INVITE sip:");
	put_number(&out, names, call);
	put(&out, "@%s.1 SIP/2.0\r\n", names->options->net);
	put_request(&out, names, call, "INVITE", 1);
	put(&out, "To: <sip:");
	put_number(&out, names, call);
	put(&out, "@%s.1>\r\n", names->options->net);
	put_contact(&out, names, 10, call);
	put(&out, "Allow: INVITE, ACK, BYE, CANCEL, OPTIONS, UPDATE\r\n"
		  "Supported: replaces\r\nUser-Agent: bench\r\n");
	put_body(&out, body, length);
	return out.length;
}

size_t text_request(char out_text[static TEXT_MESSAGE_MAX], const struct text_names *names,
		    const struct text_call *call, const char *method, const char *to,
		    const char *target)
{
	struct out out = {.text = out_text};

	put(&out, "%s %s SIP/2.0\r\n", method, target);
	put_request(&out, names, call, method, strcmp(method, "ACK") == 0 ? 1 : 2);
	put(&out, "To: %s\r\n", to);
	put_body(&out, "", 0);
	return out.length;
}

/* ---- the callee's ---- */

static void put_copy(struct out *out, const struct text_heard *request, const char *name)
{
	struct str value = text_header(request, name);

	put(out, "%s: %.*s\r\n", name, STR_FMT(value));
}

size_t text_response(char out_text[static TEXT_MESSAGE_MAX], const struct text_names *names,
		     const struct text_heard *request, unsigned status)
{
	struct out out = {.text = out_text};
	const struct text_call *call = &request->call;
	bool invite = request->kind == TEXT_INVITE;
	char body[TEXT_MESSAGE_MAX];
	size_t length = invite && status == 200 ? describe(body, names, call, false) : 0;
	struct str to = text_header(request, "To");

	put(&out, "SIP/2.0 %u %s\r\n", status, status == 180 ? "Ringing" : "OK");
	put_copy(&out, request, "Via");
	put_copy(&out, request, "From");
	put(&out, "To: %.*s", STR_FMT(to));
	if (invite)
		put(&out, ";tag=c%07u%03u", call->slot, call->turn);
	put(&out, "\r\n");
	put_copy(&out, request, "Call-ID");
	put_copy(&out, request, "CSeq");
	if (invite) {
		put_contact(&out, names, 100, call);
		put(&out, "Allow: INVITE, ACK, BYE, CANCEL, OPTIONS, UPDATE\r\n");
	}
	put_body(&out, body, length);
	return out.length;
}

/* ---- what is heard ---- */

struct str text_header(const struct text_heard *heard, const char *name)
{
	char wanted[32];
	int length = snprintf(wanted, sizeof(wanted), "\r\n%s: ", name);
	const char *at = memmem(heard->head.ptr, heard->head.len, wanted, (size_t)length);
	const char *end;

	if (!at)
		return (struct str){0};
	at += length;
	end = memmem(at, (size_t)(heard->head.ptr + heard->head.len - at), "\r\n", 2);
	return (struct str){at, end ? (size_t)(end - at) : 0};
}

struct str text_uri(struct str value)
{
	const char *open = value.len ? memchr(value.ptr, '<', value.len) : NULL;
	const char *close = value.len ? memchr(value.ptr, '>', value.len) : NULL;

	if (!open || !close || close < open)
		return (struct str){0};
	return (struct str){open + 1, (size_t)(close - open - 1)};
}

static int digits(uint32_t *number, const char *text, unsigned count)
{
	*number = 0;
	for (unsigned i = 0; i < count; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -EBADMSG;
		*number = *number * 10 + (uint32_t)(text[i] - '0');
	}
	return 0;
}

/* "0000017-003-..." of our Call-ID, "0000017003" of the number. */
static int read_call(struct text_call *call, struct str text, size_t gap)
{
	if (text.len < 10 + gap || digits(&call->slot, text.ptr, 7) < 0)
		return -EBADMSG;
	return digits(&call->turn, text.ptr + 7 + gap, 3);
}

static int read_response(struct text_heard *heard, const char *data)
{
	uint32_t status;
	struct str cseq = text_header(heard, "CSeq");

	if (digits(&status, data + 8, 3) < 0 || cseq.len < 4)
		return -EBADMSG;
	heard->kind = TEXT_RESPONSE;
	heard->status = status;
	heard->of_bye = memcmp(cseq.ptr + cseq.len - 3, "BYE", 3) == 0;
	return read_call(&heard->call, text_header(heard, "Call-ID"), 1);
}

static int read_request(struct text_heard *heard, const char *data, size_t length)
{
	static const struct {
		const char *begin;
		enum text_kind kind;
	} known[] = {
	    {"INVITE sip:9", TEXT_INVITE}, {"ACK sip:9", TEXT_ACK}, {"BYE sip:9", TEXT_BYE}};

	for (unsigned i = 0; i < 3; i++) {
		size_t skip = strlen(known[i].begin) + 1; /* and the pair */
		struct str rest = {data + skip, length - skip};

		if (length < skip || memcmp(data, known[i].begin, skip - 1) != 0)
			continue;
		heard->kind = known[i].kind;
		return read_call(&heard->call, rest, 0);
	}
	return -EBADMSG;
}

int text_read(struct text_heard *heard, const char *data, size_t length)
{
	const char *end = memmem(data, length, "\r\n\r\n", 4);

	*heard = (struct text_heard){0};
	if (!end || end - data < 20)
		return -EBADMSG;
	heard->head = (struct str){data, (size_t)(end - data) + 2};
	heard->body = (struct str){end + 4, (size_t)(data + length - end - 4)};
	if (memcmp(data, "SIP/2.0 ", 8) == 0)
		return read_response(heard, data);
	return read_request(heard, data, length);
}
