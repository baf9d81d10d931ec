/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a server transaction is found (RFC 3261 17.2.3), and a merged request (8.2.2.2). */
#include <netinet/in.h>

#include "sip/scan.h"
#include "sip/txn.h"

#define HOST_MAX 256

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
static uint64_t old_key_hash(const struct sip_transactions *table,
			     const struct sip_message *request, const struct sip_flow *flow)
{
	const struct str part[] = {
	    request->request_uri_text, request->from.tag,
	    request->call_id,          {(const char *)&request->cseq, sizeof(request->cseq)},
	    request->via.whole,        key_method(request),
	    address_of(flow),
	};

	return txn_hash(table, part, sizeof(part) / sizeof(part[0]));
}

uint64_t server_key_hash(const struct sip_transactions *table, const struct sip_message *request,
			 const struct sip_flow *flow)
{
	char host[HOST_MAX];
	size_t length = request->via.host.len < HOST_MAX ? request->via.host.len : HOST_MAX;
	const struct str part[] = {
	    request->via.branch,
	    {host, length},
	    {(const char *)&request->via.port, sizeof(request->via.port)},
	    key_method(request),
	    address_of(flow),
	};

	if (!sip_via_is_unique(&request->via))
		return old_key_hash(table, request, flow);
	for (size_t i = 0; i < length; i++)
		host[i] = sip_char_lower(request->via.host.ptr[i]);
	return txn_hash(table, part, sizeof(part) / sizeof(part[0]));
}

/* An ACK has the tag of our answer, everything else that of the request. */
static bool old_to_tag_equal(const struct sip_server *server, const struct sip_message *request)
{
	struct sip_message last;

	if (request->method == SIP_METHOD_ACK)
		return str_eq(server_last_tag(server, &last), request->to.tag);
	return str_eq(server->message->to.tag, request->to.tag);
}

/* RFC 3261 17.2.3, second half. */
static bool old_key_equal(const struct sip_server *server, const struct sip_message *request)
{
	const struct sip_message *own = server->message;

	return str_eq(own->request_uri_text, request->request_uri_text) &&
	       str_eq(own->from.tag, request->from.tag) && str_eq(own->call_id, request->call_id) &&
	       own->cseq == request->cseq && str_eq(own->via.whole, request->via.whole) &&
	       old_to_tag_equal(server, request);
}

/* First half. The cookie's case is the peer's own. */
static bool branch_equal(const struct sip_message *own, const struct sip_message *request)
{
	return str_eq(own->via.branch, request->via.branch) &&
	       str_caseeq(own->via.host, request->via.host) && own->via.port == request->via.port;
}

/* And where it came from. */
static bool key_equal(const struct sip_server *server, const struct sip_message *request,
		      const struct sip_flow *flow)
{
	const struct sip_message *own = server->message;

	return str_eq(own->method_token, key_method(request)) &&
	       server->txn.flow.transport == flow->transport &&
	       str_eq(address_of(&server->txn.flow), address_of(flow)) &&
	       (sip_via_is_unique(&request->via) ? branch_equal(own, request)
						 : old_key_equal(server, request));
}

struct sip_server *server_find(const struct sip_transactions *table,
			       const struct sip_message *request, const struct sip_flow *flow)
{
	uint64_t hash = server_key_hash(table, request, flow);
	struct index_node *node = NULL;

	while ((node = index_find(&table->servers, hash, node)) != NULL) {
		struct txn *txn = sip_container_of(node, struct txn, by_key);
		struct sip_server *server = sip_container_of(txn, struct sip_server, txn);

		if (key_equal(server, request, flow))
			return server;
	}
	return NULL;
}

bool sip_transactions_know(const struct sip_transactions *table, const struct sip_message *request,
			   const struct sip_flow *flow)
{
	return server_find(table, request, flow) != NULL;
}

uint64_t server_merge_hash(const struct sip_transactions *table, const struct sip_message *request)
{
	const struct str part[] = {
	    request->from.tag,
	    request->call_id,
	    {(const char *)&request->cseq, sizeof(request->cseq)},
	    request->method_token,
	};

	return txn_hash(table, part, sizeof(part) / sizeof(part[0]));
}

/* RFC 3261 8.2.2.2: the same request on another way, while the first is still a transaction. */
bool server_is_merged(const struct sip_transactions *table, const struct sip_message *request)
{
	uint64_t hash = server_merge_hash(table, request);
	struct index_node *node = NULL;

	if (request->to.tag.ptr)
		return false;
	while ((node = index_find(&table->merges, hash, node)) != NULL) {
		const struct sip_message *own =
		    sip_container_of(node, struct sip_server, by_merge)->message;

		if (own->cseq == request->cseq && str_eq(own->call_id, request->call_id) &&
		    str_eq(own->from.tag, request->from.tag) &&
		    str_eq(own->method_token, request->method_token))
			return true;
	}
	return false;
}
