/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "b2bua/shed.h"

#include <inttypes.h>
#include <stdio.h>

#include "b2bua/number.h"
#include "b2bua/state.h"
#include "overload/overload.h"
#include "sip/glance.h"
#include "sip/writer.h"

#define TAG_SIZE 17U

/* The same for an INVITE, its retransmissions and the ACK of our answer; nobody else can tell it.
 */
static uint64_t identity_of(const struct b2bua *b2bua, const struct sip_message *request)
{
	const struct str part[] = {request->call_id, request->from.uri.whole, request->from.tag};
	struct siphash_key key = b2bua->shed_key;
	uint64_t hash = request->cseq;

	for (size_t i = 0; i < sizeof(part) / sizeof(part[0]); i++) {
		key.k0 = b2bua->shed_key.k0 ^ hash;
		hash = siphash(&key, part[i]);
	}
	return hash;
}

/* Hashed again: the tag goes out, and the identity says who is refused. */
static struct str tag_of(const struct b2bua *b2bua, uint64_t identity, char tag[TAG_SIZE])
{
	struct str text = {(const char *)&identity, sizeof(identity)};

	snprintf(tag, TAG_SIZE, "%016" PRIx64, siphash(&b2bua->shed_key, text));
	return (struct str){tag, TAG_SIZE - 1};
}

static bool is_emergency(const struct b2bua *b2bua, const struct sip_message *request)
{
	const struct sip_header *priority = sip_message_header(request, SIP_HDR_PRIORITY, NULL);
	bool urgent = priority && str_caseeq(priority->value, STR("emergency"));
	char number[NUMBER_TEXT_MAX];
	struct sip_uri uri;

	if (request->method != SIP_METHOD_INVITE ||
	    sip_uri_parse(&uri, request->request_uri_text) < 0 ||
	    number_normalise(number, uri.user) < 0)
		return false;
	return admission_is_emergency(b2bua->config, b2bua->sender, number, urgent);
}

/* Not all at the same time again. */
static unsigned retry_after_s(const struct b2bua *b2bua, uint64_t identity)
{
	unsigned least = b2bua->config->overload_retry_s;

	return least + (unsigned)(identity / OVERLOAD_ALL % (least + 1));
}

static void answer(struct b2bua *b2bua, const struct sip_message *request,
		   const struct sip_flow *flow, uint64_t identity)
{
	struct sip_flow reply = sip_flow_reply(flow, &request->via);
	struct sip_writer writer;
	char tag[TAG_SIZE];
	long length;

	sip_writer_response_to(&writer, b2bua->buffer, SIP_MESSAGE_MAX, request, 503, NULL,
			       tag_of(b2bua, identity, tag), &flow->remote);
	sip_writer_headerf(&writer, "Retry-After", "%u", retry_after_s(b2bua, identity));
	length = sip_writer_end(&writer, NULL, STR(""));
	if (length > 0)
		(void)b2bua_send(b2bua, &reply, b2bua->buffer, (size_t)length);
}

static bool is_own_ack(const struct b2bua *b2bua, const struct sip_message *ack, uint64_t identity)
{
	char tag[TAG_SIZE];

	return str_eq(ack->to.tag, tag_of(b2bua, identity, tag));
}

/* Looked at last, as only few come here: may it be refused? */
static bool may_refuse(struct b2bua *b2bua, struct sip_message *request,
		       const struct sip_flow *flow)
{
	struct overload_counters *counters = &b2bua->overload->counters;

	if (is_emergency(b2bua, request)) {
		counters->emergency++;
		return false;
	}
	if (!sip_glance_via(request))
		return false;
	if (flow->transport == SIP_UDP &&
	    sip_transactions_know(b2bua->transactions, request, flow)) {
		counters->retransmissions++;
		return false;
	}
	return true;
}

static enum overload_way way_of(const struct b2bua *b2bua, const struct sip_flow *flow)
{
	if (flow->transport == SIP_UDP)
		return OVERLOAD_BY_DATAGRAM;
	return net_connection_behind(b2bua->net, flow->connection) ? OVERLOAD_BY_FULL_STREAM
								   : OVERLOAD_BY_STREAM;
}

static bool is_refused(struct b2bua *b2bua, const struct sip_message *request,
		       const struct sip_flow *flow, uint64_t identity)
{
	const struct overload_origin origin = {b2bua->sender->slot, way_of(b2bua, flow)};

	overload_came(b2bua->overload, &origin, request->method);
	return overload_refuses(b2bua->overload, &origin, request->method, identity);
}

bool shed_message(struct b2bua *b2bua, const struct sip_flow *flow, const char *data, size_t length)
{
	struct overload *overload = b2bua->overload;
	struct sip_message request;
	uint64_t identity;

	if (!overload || !overload->on || !sip_glance(&request, data, length))
		return false;
	identity = identity_of(b2bua, &request);
	if (request.method == SIP_METHOD_ACK && is_own_ack(b2bua, &request, identity)) {
		overload->counters.acks++;
		return true;
	}
	if (request.to.tag.ptr || !is_refused(b2bua, &request, flow, identity) ||
	    !may_refuse(b2bua, &request, flow))
		return false;
	overload_count_refused(overload, b2bua->sender->slot, request.method);
	answer(b2bua, &request, flow, identity);
	return true;
}
