/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "b2bua/uac.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "b2bua/invite.h"
#include "b2bua/reply.h"
#include "b2bua/state.h"
#include "b2bua/uac_write.h"
#include "b2bua/unwanted.h"
#include "b2bua/via.h"

static const struct client_user_ops client_ops;

static void uac_free(struct uac *uac)
{
	secret_wipe(&uac->text);
	credential_said_wipe(&uac->said);
	free(uac->remote_tag);
	free(uac);
}

void uac_finish(struct uac *uac)
{
	struct leg *leg = uac->leg;

	leg->under_way--;
	if (leg->our_invite == uac)
		leg->our_invite = NULL;
	if (!uac->accepted) {
		TAILQ_REMOVE(&leg->requests, uac, leg_link);
		uac_free(uac);
	}
	call_settle(leg->call);
}

int uac_accept(struct uac *uac, const struct sip_message *response)
{
	uac->accepted = true;
	credential_said_read(&uac->said, secret_str(&uac->text));
	secret_wipe(&uac->text); /* its ACK comes next */
	uac->forget_ms = b2bua_now_ms(uac->b2bua) + UAC_ACCEPTED_MS;
	TAILQ_INSERT_TAIL(&uac->b2bua->accepted, uac, link);
	uac->remote_tag =
	    strndup(response->to.tag.len ? response->to.tag.ptr : "", response->to.tag.len);
	return uac->remote_tag ? 0 : -ENOMEM;
}

struct sip_client *uac_release(struct leg *leg, struct credential_said *said)
{
	struct uac *uac = leg->our_invite;
	struct sip_client *client = uac->client;

	credential_said_read(said, secret_str(&uac->text));
	if (uac->waits_flow)
		net_flow_forget(uac->b2bua->net, uac);
	leg->under_way--;
	leg->our_invite = NULL;
	TAILQ_REMOVE(&leg->requests, uac, leg_link);
	uac_free(uac);
	return client;
}

void uac_forget_leg(struct leg *leg)
{
	struct uac *uac;

	while ((uac = TAILQ_FIRST(&leg->requests))) {
		TAILQ_REMOVE(&leg->requests, uac, leg_link);
		uac->leg = NULL;
		if (uac->accepted)
			continue;
		if (uac->waits_flow)
			net_flow_forget(uac->b2bua->net, uac);
		else if (uac->client)
			sip_client_detach(uac->client);
		uac_free(uac);
	}
}

void uac_drop_relayed(struct leg *leg, const struct verdict *verdict)
{
	struct reply reply = {.leg = leg_other(leg), .verdict = verdict};
	struct uac *uac;

	TAILQ_FOREACH (uac, &leg->requests, leg_link) {
		struct sip_server *server = uac->relayed;

		if (!server)
			continue;
		uac->relayed = NULL;
		sip_server_set_user(server, NULL);
		reply_send(uac->b2bua, server, &reply);
	}
}

void uac_sweep(struct b2bua *b2bua, enum uac_sweep sweep)
{
	struct uac *uac;

	while ((uac = TAILQ_FIRST(&b2bua->accepted))) {
		if (sweep == UAC_SWEEP_OLD && uac->forget_ms > b2bua_now_ms(b2bua))
			break;
		TAILQ_REMOVE(&b2bua->accepted, uac, link);
		if (uac->leg)
			TAILQ_REMOVE(&uac->leg->requests, uac, leg_link);
		uac_free(uac);
	}
}

static int prepare(struct uac *uac, const struct uac_request *request)
{
	struct b2bua *b2bua = uac->b2bua;
	long length = uac_write_request(uac, request);
	int rc = (int)length;

	if (length > 0)
		rc = secret_set(&uac->text, (struct str){b2bua->buffer, (size_t)length});
	if (request->body.len)
		b2bua_wipe(b2bua, length);
	return rc;
}

/* ---- sending ---- */

/* The INVITE to a registered phone: by the flow that it registered by, or not at all, as another
 * connection of its peer is another phone's. */
static bool is_to_phone(const struct uac *uac)
{
	const struct leg *leg = uac->leg;

	return uac_is_first(uac) && leg->number == LEG_CALLEE && !leg->call->dial &&
	       leg->peer->registrar;
}

static enum cause unreachable(const struct uac *uac)
{
	return is_to_phone(uac) ? CAUSE_FLOW_LOST : CAUSE_UNREACHABLE;
}

static void fail(struct uac *uac, enum cause cause)
{
	struct verdict verdict = {.cause = cause};
	struct reply reply = {.leg = leg_other(uac->leg), .verdict = &verdict};

	uac->client = NULL;
	if (uac->method == SIP_METHOD_INVITE) {
		answer_failure(uac, verdict_status(&verdict), NULL, cause);
		return;
	}
	if (uac->done)
		uac->done(uac, NULL, verdict_status(&verdict));
	if (uac->relayed) {
		sip_server_set_user(uac->relayed, NULL);
		reply_send(uac->b2bua, uac->relayed, &reply);
	}
	uac_finish(uac);
}

static void start_on(struct uac *uac, const struct sip_flow *flow)
{
	struct b2bua *b2bua = uac->b2bua;
	int rc;

	if (uac->carries_sdp && uac->leg->security == RELAY_SRTP &&
	    !net_flow_encrypted(b2bua->net, flow)) {
		b2bua->counters.key_withheld++;
		fail(uac, CAUSE_NOT_ENCRYPTED);
		return;
	}
	rc = sip_client_start(b2bua->transactions, &uac->client, uac->text.data, uac->text.length,
			      flow, &uac->user, b2bua_now_ms(b2bua));
	if (!uac->leg->peer->auth_password || rc < 0)
		secret_wipe(&uac->text);
	if (rc < 0)
		fail(uac, rc == -ENOSPC ? CAUSE_OVERLOAD : unreachable(uac));
}

/* By TCP, or that is refused: then as it would have gone (RFC 3261 18.1.1). */
static void large_ready(void *user, int status, const struct sip_flow *flow, const char *error)
{
	struct uac *uac = user;
	struct b2bua *b2bua = uac->b2bua;
	struct sip_flow datagrams = uac->leg->flow;

	(void)error;
	b2bua_enter(b2bua);
	uac->waits_flow = false;
	if (status == 0 && via_change(b2bua, &uac->text, flow) == 0)
		start_on(uac, flow);
	else
		start_on(uac, &datagrams);
	b2bua_leave(b2bua);
}

static void start(struct uac *uac, const struct sip_flow *flow)
{
	leg_flow_set(uac->leg, flow);
	if (flow->transport == SIP_UDP && uac->text.length > NET_DATAGRAM_REQUEST_MAX) {
		uac->waits_flow = true;
		if (net_flow_large(uac->b2bua->net, uac->leg->peer, large_ready, uac) == 0)
			return;
		uac->waits_flow = false;
	}
	start_on(uac, flow);
}

static void flow_ready(void *user, int status, const struct sip_flow *flow, const char *error)
{
	struct uac *uac = user;
	struct b2bua *b2bua = uac->b2bua;

	(void)error; /* net has said it: PEER_DOWN */
	b2bua_enter(b2bua);
	uac->waits_flow = false;
	if (status == 0)
		start(uac, flow);
	else
		fail(uac, CAUSE_UNREACHABLE);
	b2bua_leave(b2bua);
}

/* No memory: who waits for an end of it is told; a BYE is as if it had been lost on the way. */
static void send_nothing(struct leg *leg, const struct uac_request *request)
{
	struct verdict verdict = {.cause = CAUSE_MEMORY};
	struct reply reply = {.leg = leg_other(leg), .verdict = &verdict};

	if (request->relayed) {
		sip_server_set_user(request->relayed, NULL);
		reply_send(leg->call->b2bua, request->relayed, &reply);
	}
	if (request->method == SIP_METHOD_INVITE || request->done)
		call_end(leg->call, &verdict, NULL);
}

void uac_send(struct leg *leg, const struct uac_request *request)
{
	struct b2bua *b2bua = leg->call->b2bua;
	const struct sip_flow *flow = leg_flow(leg);
	struct uac *uac = calloc(1, sizeof(*uac));
	struct sip_flow copy;

	if (!uac) {
		send_nothing(leg, request);
		return;
	}
	*uac = (struct uac){
	    .user.ops = &client_ops,
	    .b2bua = b2bua,
	    .leg = leg,
	    .method = request->method,
	    .cseq = ++leg->dialog.local_cseq,
	    .relayed = request->relayed,
	    .done = request->done,
	    /* an INVITE without offer would get one */
	    .carries_sdp =
		request->method == SIP_METHOD_INVITE ||
		(request->content_type && strcmp(request->content_type, "application/sdp") == 0),
	};
	TAILQ_INSERT_TAIL(&leg->requests, uac, leg_link);
	leg->under_way++;
	if (uac->method == SIP_METHOD_INVITE)
		leg->our_invite = uac;
	if (prepare(uac, request) < 0) {
		fail(uac, CAUSE_MEMORY);
	} else if (flow) {
		copy = *flow;
		start(uac, &copy);
	} else if (is_to_phone(uac)) {
		fail(uac, CAUSE_FLOW_LOST);
	} else {
		uac->waits_flow = true;
		if (net_flow(b2bua->net, leg->peer, flow_ready, uac) < 0) {
			uac->waits_flow = false;
			fail(uac, CAUSE_UNREACHABLE);
		}
	}
}

void uac_cancel(struct leg *leg, const char *reason)
{
	struct uac *uac = leg->our_invite;
	char header[128] = "";

	if (!uac || uac->cancelled)
		return;
	uac->cancelled = true;
	if (uac->waits_flow) {
		net_flow_forget(uac->b2bua->net, uac);
		uac->waits_flow = false;
		fail(uac, CAUSE_CANCELLED);
		return;
	}
	if (reason)
		snprintf(header, sizeof(header), "Reason: %s\r\n", reason);
	sip_client_cancel(uac->client, reason ? header : NULL, b2bua_now_ms(uac->b2bua));
}

void uac_acknowledge(struct uac *uac, struct str sdp)
{
	struct b2bua *b2bua = uac->b2bua;
	const struct sip_flow *flow = leg_flow(uac->leg);
	long length = uac_write_ack(uac, sdp);

	if (length > 0) {
		secret_set(&uac->text, (struct str){b2bua->buffer, (size_t)length});
		/* lost with its connection: the 2xx comes again and is acknowledged again */
		if (flow)
			b2bua_send(b2bua, flow, b2bua->buffer, (size_t)length);
	}
	if (sdp.len)
		b2bua_wipe(b2bua, length);
}

/* ---- challenged ---- */

/* The request again with credentials. False: it stays refused. */
static bool answer_challenge(struct uac *uac, const struct sip_message *response)
{
	struct b2bua *b2bua = uac->b2bua;
	const struct sip_flow *flow = leg_flow(uac->leg);
	struct sip_message before;
	struct sip_flow copy;
	long length;

	if ((response->status != 401 && response->status != 407) || uac->cancelled || !flow ||
	    !uac->text.data ||
	    credential_challenged(&uac->leg->credential, uac->leg->peer, response,
				  uac->challenges) < 0)
		return false;
	if (sip_message_parse(&before, uac->text.data, uac->text.length, NULL) < 0)
		return false;
	uac->challenges++;
	b2bua->counters.challenges_met++;
	if (uac->method == SIP_METHOD_INVITE)
		early_forget_all(uac->leg); /* they ended with the refusal (RFC 3261 13.2.2.3) */
	length = uac_write_again(uac, &before);
	if (length <= 0)
		return false;
	length = secret_set(&uac->text, (struct str){b2bua->buffer, (size_t)length});
	explicit_bzero(b2bua->buffer, SIP_MESSAGE_MAX);
	if (length < 0)
		return false;
	copy = *flow;
	start(uac, &copy);
	return true;
}

/* ---- hearing ---- */

/* Whose host and port we say there: the leg may be gone. */
static const struct config_listener *listener_of(const struct uac *uac, const struct sip_flow *flow)
{
	const struct config *config = uac->b2bua->config;

	if (uac->leg)
		return uac->leg->listener;
	return flow->listener < config->listener_count ? &config->listeners[flow->listener] : NULL;
}

/* Of the ACK that the first fork got; where it waits still, the leg has its dialog. */
static int fork_begin(struct dialog *fork, const struct uac *uac,
		      const struct sip_message *response)
{
	struct sip_message ack;

	if (uac->text.length &&
	    sip_message_parse(&ack, uac->text.data, uac->text.length, NULL) == 0)
		return dialog_fork_of(fork, &ack, response);
	if (!uac->leg || !uac->leg->dialog.call_id)
		return -ENOENT;
	return dialog_fork(fork, &uac->leg->dialog, response);
}

static void end_fork(const struct uac *uac, const struct sip_message *response,
		     const struct sip_flow *flow)
{
	const struct unwanted unwanted = {
	    .b2bua = uac->b2bua,
	    .listener = listener_of(uac, flow),
	    .said = &uac->said,
	    .leg = uac->leg,
	    .cseq = uac->cseq,
	};
	struct dialog fork = {0};

	if (unwanted.listener && fork_begin(&fork, uac, response) == 0)
		unwanted_end(&unwanted, &fork, flow);
	dialog_free(&fork);
}

static void accepted_again(struct uac *uac, const struct sip_message *response,
			   const struct sip_flow *flow)
{
	if (response->status < 200 || response->status > 299)
		return;
	if (!str_eq(response->to.tag, str_of(uac->remote_tag ? uac->remote_tag : "")))
		end_fork(uac, response, flow);
	else if (uac->text.length)
		b2bua_send(uac->b2bua, flow, uac->text.data, uac->text.length);
}

static void invite_response(struct uac *uac, const struct sip_message *response)
{
	if (response->status < 200)
		answer_provisional(uac, response);
	else if (response->status < 300)
		answer_success(uac, response);
	else
		answer_failure(uac, response->status, response, CAUSE_NONE);
}

static void other_response(struct uac *uac, const struct sip_message *response)
{
	struct verdict verdict = {.cause = CAUSE_DECLINED};
	struct reply reply = {.leg = leg_other(uac->leg), .verdict = &verdict};

	if (response->status < 200)
		return;
	if (uac->done)
		uac->done(uac, response, response->status);
	if (uac->relayed) {
		reply.status = response->status < 300 ? 200 : cause_map_status(response->status);
		sip_server_set_user(uac->relayed, NULL);
		reply_send(uac->b2bua, uac->relayed, &reply);
	}
	uac_finish(uac);
}

static void uac_response(struct client_user *user, struct sip_client *client,
			 const struct sip_message *response, const struct sip_flow *flow)
{
	struct uac *uac = (struct uac *)user;

	(void)client;
	if (uac->leg && uac->b2bua->sender != uac->leg->peer) {
		uac->b2bua->counters.wrong_sender++;
		return;
	}
	uac->b2bua->heard = uac->leg ? response : NULL;
	uac->b2bua->heard_by = uac->leg;
	if (uac->accepted)
		accepted_again(uac, response, flow);
	else if (uac->leg && answer_challenge(uac, response))
		return;
	else if (uac->method == SIP_METHOD_INVITE)
		invite_response(uac, response);
	else
		other_response(uac, response);
}

static void uac_ended(struct client_user *user, struct sip_client *client,
		      enum sip_client_end reason)
{
	struct uac *uac = (struct uac *)user;

	(void)client;
	if (uac->accepted || !uac->leg)
		return;
	fail(uac, reason == SIP_CLIENT_TIMEOUT ? CAUSE_NO_ANSWER : unreachable(uac));
}

static const struct client_user_ops client_ops = {
    .response = uac_response,
    .ended = uac_ended,
};
