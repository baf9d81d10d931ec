/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "b2bua/uac_write.h"

#include <errno.h>
#include <stdio.h>

#include "b2bua/caller_id.h"
#include "b2bua/headers.h"
#include "b2bua/host.h"
#include "b2bua/random.h"
#include "b2bua/registration/pass.h"
#include "b2bua/state.h"

#define MAX_FORWARDS_FRESH 70

void uac_write_via_of(struct sip_writer *writer, const struct b2bua *b2bua,
		      const struct config_listener *listener, enum sip_transport transport)
{
	char host[HOST_TEXT_MAX], unique[21];

	host_port_format(listener, host, sizeof(host));
	random_text(unique, sizeof(unique) - 1);
	sip_writer_headerf(writer, "Via", "SIP/2.0/%s %s;branch=z9hG4bK%s%s;rport%s",
			   host_via_transport(transport), host, b2bua->instance, unique,
			   transport == SIP_TLS ? ";alias" : ""); /* RFC 5923 8 */
}

void uac_write_via(struct sip_writer *writer, const struct leg *leg)
{
	const struct sip_flow *flow = leg_flow(leg);

	uac_write_via_of(writer, leg->call->b2bua, leg->listener,
			 flow ? flow->transport : leg->peer->transport);
}

bool uac_is_first(const struct uac *uac)
{
	return uac->method == SIP_METHOD_INVITE && uac->leg->call->state == CALL_EARLY &&
	       !uac->leg->dialog.confirmed;
}

static bool has_contact(enum sip_method method)
{
	return method == SIP_METHOD_INVITE || method == SIP_METHOD_UPDATE;
}

/* What INVITE says of us, and UPDATE that may move our target and the session timer. */
static void write_session(struct sip_writer *writer, const struct uac *uac,
			  const struct uac_request *request)
{
	const struct leg *leg = uac->leg;
	const struct config_dial_plan *plan = leg->peer->dial_plan;
	char contact[HOST_TEXT_MAX + 32];

	leg_contact(leg, contact, sizeof(contact));
	sip_writer_header(writer, "Contact", str_of(contact));
	extension_write_allow(writer, plan);
	sip_writer_header(writer, "Accept", STR("application/sdp"));
	extension_write_supported(writer, plan, request->extensions);
	if (uac_is_first(uac) && plan->prack == PRACK_REQUIRED &&
	    request->extensions == EXTENSION_ALL)
		sip_writer_header(writer, "Require", STR("100rel"));
	session_timer_write_request(writer, leg);
}

static int hops_of(const struct uac *uac, const struct uac_request *request)
{
	if (uac_is_first(uac))
		return uac->leg->call->max_forwards;
	return request->passes_on && request->max_forwards > 0 ? request->max_forwards - 1
							       : MAX_FORWARDS_FRESH;
}

long uac_write_request(const struct uac *uac, const struct uac_request *request)
{
	const struct leg *leg = uac->leg;
	const struct leg *caller = &leg->call->leg[LEG_CALLER];
	const struct dialog *dialog = request->dialog ? request->dialog : &leg->dialog;
	const char *method = sip_method_name(uac->method);
	struct header_view view;
	struct sip_writer writer;

	sip_writer_request(&writer, uac->b2bua->buffer, SIP_MESSAGE_MAX, method,
			   dialog_request_uri(dialog));
	uac_write_via(&writer, leg);
	sip_writer_headerf(&writer, "Max-Forwards", "%d", hops_of(uac, request));
	dialog_write(&writer, dialog, method, uac->cseq);
	if (uac_is_first(uac))
		caller_id_write(&writer, leg,
				caller->invite ? headers_seen(&view, caller->peer,
							      sip_server_request(caller->invite))
					       : NULL);
	if (uac_is_first(uac) && caller->invite && pass_applies(leg))
		pass_credentials(&writer, caller->peer, sip_server_request(caller->invite));
	if (has_contact(uac->method))
		write_session(&writer, uac, request);
	credential_write(&uac->leg->credential, leg->peer, method, dialog_request_uri(dialog),
			 &writer);
	for (unsigned i = 0; i < UAC_HEADERS_MAX && request->header[i].name; i++)
		sip_writer_header(&writer, request->header[i].name, request->header[i].value);
	sip_writer_header(&writer, "User-Agent", STR(B2BUA_PRODUCT));
	if (request->reason)
		sip_writer_header(&writer, "Reason", str_of(request->reason));
	headers_of_request(&writer, leg, uac->method);
	return sip_writer_end(&writer, request->content_type, request->body);
}

long uac_write_ack(const struct uac *uac, struct str sdp)
{
	const struct leg *leg = uac->leg;
	struct sip_writer writer;

	sip_writer_request(&writer, uac->b2bua->buffer, SIP_MESSAGE_MAX, "ACK",
			   dialog_request_uri(&leg->dialog));
	uac_write_via(&writer, leg);
	sip_writer_headerf(&writer, "Max-Forwards", "%d", MAX_FORWARDS_FRESH);
	dialog_write(&writer, &leg->dialog, "ACK", uac->cseq);
	credential_said_write(&uac->said, &writer);
	return sip_writer_end(&writer, sdp.len ? "application/sdp" : NULL, sdp);
}

/* ---- again, with credentials ---- */

/* What belongs to the attempt, not to the request. */
static bool is_of_attempt(enum sip_header_id id)
{
	return id == SIP_HDR_VIA || id == SIP_HDR_CSEQ || id == SIP_HDR_AUTHORIZATION ||
	       id == SIP_HDR_PROXY_AUTHORIZATION || id == SIP_HDR_CONTENT_LENGTH ||
	       id == SIP_HDR_CONTENT_TYPE;
}

static void copy_header(struct sip_writer *writer, const struct sip_header *header)
{
	char name[64]; /* it is one that we wrote */

	snprintf(name, sizeof(name), "%.*s", STR_FMT(header->name));
	sip_writer_header(writer, name, header->value);
}

long uac_write_again(struct uac *uac, const struct sip_message *before)
{
	struct leg *leg = uac->leg;
	const char *method = sip_method_name(uac->method);
	char type[64];
	struct sip_writer writer;

	uac->cseq = ++leg->dialog.local_cseq;
	sip_writer_request(&writer, uac->b2bua->buffer, SIP_MESSAGE_MAX, method,
			   before->request_uri_text);
	uac_write_via(&writer, leg);
	sip_writer_headerf(&writer, "CSeq", "%u %s", uac->cseq, method);
	for (unsigned i = 0; i < before->header_count; i++)
		if (!is_of_attempt(before->header[i].id))
			copy_header(&writer, &before->header[i]);
	if (credential_write(&leg->credential, leg->peer, method, before->request_uri_text,
			     &writer) < 0)
		return -EIO;
	snprintf(type, sizeof(type), "%.*s", STR_FMT(before->content_type));
	return sip_writer_end(&writer, before->content_type.ptr ? type : NULL, before->body);
}
