/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a server transaction is found (RFC 3261 17.2.3), and a merged request (8.2.2.2). */
#include <netinet/in.h>

#include "sip/scan.h"
#include "sip/txn.h"

#define HOST_MAX 256 /* names are no longer (RFC 1035 2.3.4); what is behind counts as written */

static struct str address_of(const struct sip_flow *flow)
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)&flow->remote;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)&flow->remote;

	if (flow->remote.ss_family == AF_INET)
		return (struct str){(const char *)&v4->sin_addr, sizeof(v4->sin_addr)};
	if (flow->remote.ss_family == AF_INET6)
		return (struct str){(const char *)&v6->sin6_addr, sizeof(v6->sin6_addr)};
	return (struct str){NULL, 0};
}

/* ACK and CANCEL look for the INVITE that they belong to. */
static struct str key_method(const struct sip_message *request)
{
	if (request->method == SIP_METHOD_ACK || request->method == SIP_METHOD_CANCEL)
		return STR("INVITE");
	return request->method_token;
}

/* Of an element of RFC 2543. Neither the method of CSeq nor the tag of To: those of an ACK differ
 * from its INVITE's. */
static struct fingerprint old_key(const struct sip_transactions *table,
				  const struct sip_message *request, const struct sip_flow *flow)
{
	const char transport = (char)flow->transport;
	const struct str part[] = {
	    request->request_uri_text, request->from.tag,
	    request->call_id,          {(const char *)&request->cseq, sizeof(request->cseq)},
	    request->via.whole,        key_method(request),
	    {&transport, 1},           address_of(flow),
	};

	return fingerprint_of(&table->key, part, sizeof(part) / sizeof(part[0]));
}

struct fingerprint server_key(const struct sip_transactions *table,
			      const struct sip_message *request, const struct sip_flow *flow)
{
	char host[HOST_MAX];
	const char way[] = {(char)flow->transport, (char)(request->via.port >> 8),
			    (char)request->via.port};
	size_t length = request->via.host.len < HOST_MAX ? request->via.host.len : HOST_MAX;
	const struct str part[] = {
	    request->via.branch, /* the cookie's case is the peer's own */
	    {host, length},      {request->via.host.ptr + length, request->via.host.len - length},
	    {way, sizeof(way)},  key_method(request),
	    address_of(flow),
	};

	if (!sip_via_is_unique(&request->via))
		return old_key(table, request, flow);
	for (size_t i = 0; i < length; i++)
		host[i] = sip_char_lower(request->via.host.ptr[i]);
	return fingerprint_of(&table->key, part, sizeof(part) / sizeof(part[0]));
}

uint64_t server_to_tag(const struct sip_transactions *table, const struct sip_message *request)
{
	return siphash(&table->key, request->to.tag);
}

/* An ACK has the tag of our answer, everything else that of the request. */
static bool old_to_tag_equal(const struct sip_server *server, const struct sip_message *request)
{
	struct sip_message last;

	if (request->method == SIP_METHOD_ACK)
		return str_eq(server_last_tag(server, &last), request->to.tag);
	return server->to_tag == server_to_tag(server->txn.table, request);
}

struct sip_server *server_find(const struct sip_transactions *table,
			       const struct sip_message *request, const struct fingerprint *key)
{
	bool unique = sip_via_is_unique(&request->via);
	struct line_search search = {0};
	struct txn *txn;

	while ((txn = txn_find(table, TXN_SERVER, key, &search))) {
		struct sip_server *server = sip_container_of(txn, struct sip_server, txn);

		if (unique || old_to_tag_equal(server, request))
			return server;
	}
	return NULL;
}

bool sip_transactions_know(const struct sip_transactions *table, const struct sip_message *request,
			   const struct sip_flow *flow)
{
	struct fingerprint key = server_key(table, request, flow);

	return server_find(table, request, &key) != NULL;
}

struct fingerprint server_merge(const struct sip_transactions *table,
				const struct sip_message *request)
{
	const struct str part[] = {
	    request->from.tag,
	    request->call_id,
	    {(const char *)&request->cseq, sizeof(request->cseq)},
	    key_method(request),
	};

	return fingerprint_of(&table->key, part, sizeof(part) / sizeof(part[0]));
}

bool server_is_merged(const struct sip_transactions *table, const struct fingerprint *merge)
{
	struct line_search search = {0};
	uint32_t number;

	while ((number = line_table_next(&table->merges, merge->low, &search)) != LINE_NONE) {
		const struct sip_server *own = txn_pool_at(&table->pool, number);

		if (fingerprint_equal(&own->merge, merge))
			return true;
	}
	return false;
}
