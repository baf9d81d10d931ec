/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "b2bua/reply.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "b2bua/authenticate.h"
#include "b2bua/extension.h"
#include "b2bua/headers.h"
#include "b2bua/host.h"
#include "b2bua/random.h"
#include "b2bua/registration/pass.h"
#include "b2bua/state.h"
#include "sip/writer.h"

/* The host that a Warning names as its author (RFC 3261 20.43): the listener that was asked. */
static const char *our_host(const struct b2bua *b2bua, const struct sip_flow *flow)
{
	if (flow->listener < b2bua->config->listener_count)
		return host_of_listener(&b2bua->config->listeners[flow->listener]);
	return B2BUA_PRODUCT;
}

/* The dial plan of whom we answer; NULL: nobody's message is being handled. */
static const struct config_dial_plan *plan_of(const struct b2bua *b2bua, const struct leg *leg)
{
	const struct config_peer *peer = leg ? leg->peer : b2bua->sender;

	return peer ? peer->dial_plan : NULL;
}

/* RFC 3261 20.43 */
static unsigned warn_code(enum cause cause)
{
	return cause == CAUSE_CODEC ? 305 : 399;
}

static void write_refusal(struct sip_writer *writer, const struct b2bua *b2bua,
			  const struct sip_message *request, const struct sip_flow *flow,
			  const struct reply *reply)
{
	const struct verdict *verdict = reply->verdict;
	const struct config_dial_plan *plan = plan_of(b2bua, reply->leg);
	const struct cause_facts *facts = cause_facts(verdict->cause);

	if (facts->retry_after_s)
		sip_writer_headerf(writer, "Retry-After", "%u", facts->retry_after_s);
	authenticate_write(writer, b2bua, flow, verdict);
	if (reply->leg)
		pass_write(writer, reply->leg);
	if (facts->status == 405)
		extension_write_allow(writer, plan);
	if (facts->status == 420)
		extension_write_unsupported(writer, request, plan);
	if (verdict->cause == CAUSE_NEEDS_100REL)
		sip_writer_header(writer, "Require", STR("100rel"));
	if (verdict->cause == CAUSE_INTERVAL)
		sip_writer_headerf(writer, "Min-SE", "%u",
				   plan ? plan->session_min_s : CONFIG_SESSION_MIN_S);
	if (verdict->cause == CAUSE_BODY_TYPE)
		sip_writer_header(writer, "Accept", STR("application/sdp"));
	if (verdict->cause == CAUSE_INFO_TYPE)
		sip_writer_header(writer, "Accept",
				  STR("application/dtmf-relay, application/dtmf"));
	if (verdict->cause == CAUSE_MESSAGE_TYPE)
		sip_writer_header(writer, "Accept", STR("text/plain"));
	if (verdict->reason[0]) /* RFC 6432 */
		sip_writer_header(writer, "Reason", str_of(verdict->reason));
	if (verdict->cause == CAUSE_BODY_ENCODING)
		sip_writer_header(writer, "Accept-Encoding", STR("identity"));
	if (verdict->cause != CAUSE_DECLINED && verdict->cause != CAUSE_CANCELLED)
		sip_writer_headerf(writer, "Warning", "%u %s \"%s\"", warn_code(verdict->cause),
				   our_host(b2bua, flow), verdict_text(verdict));
}

/* Responses that may move our target or begin a dialog (RFC 3261 12.1.1, RFC 3311 5.2). */
static bool has_contact(const struct sip_message *request, unsigned status)
{
	if (request->method == SIP_METHOD_UPDATE || request->method == SIP_METHOD_REFER)
		return status >= 200 && status < 300;
	return request->method == SIP_METHOD_INVITE && status < 300;
}

static void write_dialog(struct sip_writer *writer, const struct sip_message *request,
			 const struct leg *leg)
{
	char contact[HOST_TEXT_MAX + 32];

	sip_writer_copy(writer, request, SIP_HDR_RECORD_ROUTE);
	leg_contact(leg, contact, sizeof(contact));
	sip_writer_header(writer, "Contact", str_of(contact));
}

static long write_reply(struct b2bua *b2bua, const struct sip_message *request,
			const struct sip_flow *flow, const struct reply *reply)
{
	unsigned status = reply->status ? reply->status : verdict_status(reply->verdict);
	char tag[DIALOG_TAG_DIGITS + 1];
	struct sip_writer writer;

	if (reply->leg)
		memcpy(tag, reply->leg->dialog.local_tag, sizeof(tag));
	else
		random_text(tag, DIALOG_TAG_DIGITS);
	sip_writer_response_to(&writer, b2bua->buffer, SIP_MESSAGE_MAX, request, status,
			       sip_reason_phrase(status), str_of(tag), &flow->remote);
	if (reply->leg && has_contact(request, status)) {
		write_dialog(&writer, request, reply->leg);
		if (status >= 200 && request->method != SIP_METHOD_REFER)
			session_timer_write_success(&writer, reply->leg);
	}
	if (reply->rseq) {
		sip_writer_header(&writer, "Require", STR("100rel"));
		sip_writer_headerf(&writer, "RSeq", "%u", reply->rseq);
	}
	if (reply->capabilities) {
		extension_write_allow(&writer, plan_of(b2bua, reply->leg));
		sip_writer_header(&writer, "Accept", STR("application/sdp"));
		extension_write_supported(&writer, plan_of(b2bua, reply->leg), EXTENSION_ALL);
	}
	sip_writer_header(&writer, "Server", STR(B2BUA_PRODUCT));
	if (status >= 300 && reply->verdict)
		write_refusal(&writer, b2bua, request, flow, reply);
	headers_of_reply(&writer, b2bua, reply->leg, request->method, status, reply->kept);
	return sip_writer_end(&writer, reply->sdp.len ? "application/sdp" : NULL, reply->sdp);
}

int reply_send(struct b2bua *b2bua, struct sip_server *server, const struct reply *reply)
{
	unsigned status = reply->status ? reply->status : verdict_status(reply->verdict);
	const struct sip_message *request = sip_server_request(server);
	long length;
	int rc;

	if (!request) /* it has its final answer */
		return -EALREADY;
	length = write_reply(b2bua, request, sip_server_flow(server), reply);
	rc = (int)length;
	if (length > 0)
		rc = sip_server_respond(server, status, b2bua->buffer, (size_t)length,
					b2bua_now_ms(b2bua));
	if (reply->sdp.len)
		b2bua_wipe(b2bua, length);
	return rc;
}

void reply_refuse(struct b2bua *b2bua, struct sip_server *server, const struct leg *leg,
		  const struct verdict *verdict)
{
	struct reply reply = {.leg = leg, .verdict = verdict};

	b2bua_refused(b2bua, b2bua->sender, verdict);
	reply_send(b2bua, server, &reply);
}

void reply_refuse_cause(struct b2bua *b2bua, struct sip_server *server, const struct leg *leg,
			enum cause cause)
{
	struct verdict verdict = {.cause = cause};

	reply_refuse(b2bua, server, leg, &verdict);
}

void reply_stateless(struct b2bua *b2bua, const struct sip_message *request,
		     const struct sip_flow *flow, const struct verdict *verdict)
{
	struct reply reply = {.verdict = verdict};
	long length = write_reply(b2bua, request, flow, &reply);

	if (length > 0)
		b2bua_send(b2bua, flow, b2bua->buffer, (size_t)length);
}
