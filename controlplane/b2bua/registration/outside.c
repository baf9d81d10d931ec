/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "b2bua/registration/outside.h"

#include <errno.h>
#include <stdlib.h>

#include "b2bua/client_user.h"
#include "b2bua/invite.h"
#include "b2bua/state.h"
#include "b2bua/uac.h"
#include "net/locate.h"

struct outside {
	struct client_user client_user; /* first: the transaction table knows it by this */
	struct b2bua *b2bua;
	struct outside_request request;
	struct sip_client *client; /* NULL: none runs */
	bool waits_flow;
	struct sip_flow flow;
	bool has_flow;
	unsigned challenges;
	unsigned targets; /* that failed */
};

static void find_flow(struct outside *outside);

static void finish(struct outside *outside, const struct sip_message *response, unsigned status)
{
	struct outside_request request = outside->request;
	struct sip_flow flow = outside->flow;
	bool has_flow = outside->has_flow;

	free(outside);
	request.done(request.user, response, status, has_flow ? &flow : NULL);
}

static long write_request(struct outside *outside)
{
	const struct outside_request *request = &outside->request;
	const struct config_peer *peer = request->peer;
	const char *method = sip_method_name(request->method);
	struct b2bua *b2bua = outside->b2bua;
	struct sip_writer writer;

	sip_writer_request(&writer, b2bua->buffer, SIP_MESSAGE_MAX, method, str_of(request->uri));
	uac_write_via_of(&writer, b2bua, peer->listener, outside->flow.transport);
	sip_writer_header(&writer, "Max-Forwards", STR("70"));
	request->write(request->user, &writer);
	if (request->credential &&
	    credential_write(request->credential, peer, method, str_of(request->uri), &writer) < 0)
		return -EIO;
	sip_writer_header(&writer, "User-Agent", STR(B2BUA_PRODUCT));
	return sip_writer_end(&writer, NULL, STR(""));
}

/* What was written; length as write_request() said. */
static void send_written(struct outside *outside, long length)
{
	struct b2bua *b2bua = outside->b2bua;
	int result = (int)length;

	if (length > 0)
		result = sip_client_start(b2bua->transactions, &outside->client, b2bua->buffer,
					  (size_t)length, &outside->flow, &outside->client_user,
					  b2bua_now_ms(b2bua));
	if (result < 0)
		finish(outside, NULL, result == -ENOSPC ? 503 : 500);
}

/* By TCP, or that is refused: then by UDP all the same (RFC 3261 18.1.1). Written anew, as its Via
 * names the transport. */
static void large_ready(void *user, int status, const struct sip_flow *flow, const char *error)
{
	struct outside *outside = user;
	struct b2bua *b2bua = outside->b2bua;

	(void)error;
	b2bua_enter(b2bua);
	outside->waits_flow = false;
	if (status == 0)
		outside->flow = *flow;
	send_written(outside, write_request(outside));
	b2bua_leave(b2bua);
}

static void start(struct outside *outside)
{
	long length = write_request(outside);

	if (outside->flow.transport == SIP_UDP && length > (long)NET_DATAGRAM_REQUEST_MAX) {
		outside->waits_flow = true;
		if (net_flow_large(outside->b2bua->net, outside->request.peer, large_ready,
				   outside) == 0)
			return;
		outside->waits_flow = false;
	}
	send_written(outside, length);
}

/* Another target instead; false: there is none. */
static bool try_other(struct outside *outside, uint32_t retry_after_ms)
{
	if (!outside->has_flow || ++outside->targets > LOCATE_ADDRESSES_MAX ||
	    !net_target_failed(outside->b2bua->net, outside->request.peer, &outside->flow,
			       retry_after_ms))
		return false;
	outside->b2bua->counters.failovers++;
	outside->has_flow = false;
	find_flow(outside);
	return true;
}

static void flow_ready(void *user, int status, const struct sip_flow *flow, const char *error)
{
	struct outside *outside = user;
	struct b2bua *b2bua = outside->b2bua;

	(void)error; /* net has said it: PEER_DOWN */
	b2bua_enter(b2bua);
	outside->waits_flow = false;
	if (status == 0) {
		outside->flow = *flow;
		outside->has_flow = true;
		start(outside);
	} else {
		finish(outside, NULL, 503);
	}
	b2bua_leave(b2bua);
}

static void find_flow(struct outside *outside)
{
	outside->waits_flow = true;
	if (net_flow(outside->b2bua->net, outside->request.peer, flow_ready, outside) < 0) {
		outside->waits_flow = false;
		finish(outside, NULL, 503);
	}
}

/* True: it was sent again with credentials. */
static bool met_challenge(struct outside *outside, const struct sip_message *response)
{
	const struct outside_request *request = &outside->request;

	if (!request->credential || (response->status != 401 && response->status != 407) ||
	    credential_challenged(request->credential, request->peer, response,
				  outside->challenges) < 0)
		return false;
	outside->challenges++;
	outside->b2bua->counters.challenges_met++;
	start(outside);
	return true;
}

static void on_response(struct client_user *user, struct sip_client *client,
			const struct sip_message *response, const struct sip_flow *flow)
{
	struct outside *outside = (struct outside *)user;
	struct b2bua *b2bua = outside->b2bua;

	(void)client;
	(void)flow;
	if (b2bua->sender != outside->request.peer) {
		b2bua->counters.wrong_sender++;
		return;
	}
	if (response->status < 200)
		return;
	outside->client = NULL;
	if (met_challenge(outside, response) ||
	    (response->status == 503 && try_other(outside, answer_retry_after_ms(response))))
		return;
	finish(outside, response, response->status);
}

static void on_ended(struct client_user *user, struct sip_client *client,
		     enum sip_client_end reason)
{
	struct outside *outside = (struct outside *)user;

	(void)client;
	outside->client = NULL;
	if (!try_other(outside, 0))
		finish(outside, NULL, reason == SIP_CLIENT_TIMEOUT ? 408 : 503);
}

static const struct client_user_ops client_ops = {
    .response = on_response,
    .ended = on_ended,
};

int outside_send(struct outside **made, struct b2bua *b2bua, const struct outside_request *request)
{
	struct outside *outside = calloc(1, sizeof(*outside));

	if (!outside)
		return -ENOMEM;
	*outside =
	    (struct outside){.client_user.ops = &client_ops, .b2bua = b2bua, .request = *request};
	*made = outside;
	find_flow(outside);
	return 0;
}

void outside_forget(struct outside *outside)
{
	if (!outside)
		return;
	if (outside->waits_flow)
		net_flow_forget(outside->b2bua->net, outside);
	if (outside->client)
		sip_client_detach(outside->client);
	free(outside);
}
