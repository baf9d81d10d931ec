/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "b2bua/relayed.h"

#include "b2bua/reply.h"
#include "b2bua/uac.h"

#define DTMF_MAX 256U
#define TEXT_MAX 4096U
#define EVENT_HEADER "Event"

/* What passes: one row for each kind of body, or of event without body. */
static const struct kind {
	enum sip_method method;
	const char *type;  /* of the body as it comes, parameters aside; NULL: none may be there */
	const char *says;  /* of the body as it goes on */
	const char *event; /* NOTIFY */
	size_t max;
} kinds[] = {
    /* DTMF in INFO has no RFC, but gateways use it */
    {SIP_METHOD_INFO, "application/dtmf-relay", "application/dtmf-relay", NULL, DTMF_MAX},
    {SIP_METHOD_INFO, "application/dtmf", "application/dtmf", NULL, DTMF_MAX},
    {SIP_METHOD_MESSAGE, "text/plain", "text/plain;charset=UTF-8", NULL, TEXT_MAX},
    /* buttons of a desk phone that another device presses */
    {SIP_METHOD_NOTIFY, NULL, NULL, "talk", 0},
    {SIP_METHOD_NOTIFY, NULL, NULL, "hold", 0},
};

/* The head is known to be UTF-8, the body is not: no control characters but those of text. */
static bool is_text(struct str body, size_t max)
{
	for (size_t i = 0; i < body.len; i++) {
		unsigned char c = (unsigned char)body.ptr[i];

		if (c == 0x7f || (c < ' ' && c != '\r' && c != '\n' && c != '\t'))
			return false;
	}
	return body.len <= max;
}

/* Event (RFC 6665) is none of the headers that the parser knows. */
static struct str event_of(const struct sip_message *request)
{
	for (unsigned i = 0; i < request->header_count; i++)
		if (request->header[i].id == SIP_HDR_OTHER &&
		    (str_caseeq(request->header[i].name, STR(EVENT_HEADER)) ||
		     str_caseeq(request->header[i].name, STR("o"))))
			return request->header[i].value;
	return (struct str){0};
}

static bool is_of_kind(const struct kind *kind, const struct sip_message *request)
{
	if (kind->method != request->method)
		return false;
	if (kind->event && !str_caseeq(event_of(request), str_of(kind->event)))
		return false;
	if (!kind->type)
		return request->body.len == 0;
	return str_caseeq(sip_media_type(request->content_type), str_of(kind->type)) &&
	       is_text(request->body, kind->max);
}

static const struct kind *kind_of(const struct sip_message *request)
{
	for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (is_of_kind(&kinds[i], request))
			return &kinds[i];
	return NULL;
}

static enum cause why_not(enum sip_method method)
{
	if (method == SIP_METHOD_NOTIFY)
		return CAUSE_EVENT;
	return method == SIP_METHOD_MESSAGE ? CAUSE_MESSAGE_TYPE : CAUSE_INFO_TYPE;
}

/* INFO of nothing asks whether we are there (RFC 2976 2.2). */
static bool is_question(const struct sip_message *request)
{
	return request->method == SIP_METHOD_INFO && !request->body.len &&
	       !request->content_type.len;
}

void relayed_request(struct leg *leg, struct sip_server *server, const struct sip_message *request)
{
	struct b2bua *b2bua = leg->call->b2bua;
	const struct kind *kind = kind_of(request);
	struct uac_request copy = {.method = request->method, .relayed = server};

	if (is_question(request)) {
		struct reply here = {.status = 200, .leg = leg};

		reply_send(b2bua, server, &here);
		return;
	}
	if (!kind) {
		reply_refuse_cause(b2bua, server, leg, why_not(request->method));
		return;
	}
	if (leg->call->state != CALL_ANSWERED || !leg_other(leg)->dialog.confirmed) {
		reply_refuse_cause(b2bua, server, leg, CAUSE_NO_DIALOG);
		return;
	}
	copy.content_type = kind->says;
	copy.body = request->body;
	copy.passes_on = true;
	copy.max_forwards = request->max_forwards;
	if (kind->event) {
		copy.header[0].name = EVENT_HEADER;
		copy.header[0].value = str_of(kind->event);
		copy.header[1].name = "Subscription-State";
		copy.header[1].value = STR("terminated");
	}
	sip_server_set_user(server, leg);
	uac_send(leg_other(leg), &copy);
}
