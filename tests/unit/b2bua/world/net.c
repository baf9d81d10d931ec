/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The world as net: connections to phones, and what they are sent. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "private.h"

/* ---- net ---- */

void world_flow(const struct phone *phone, struct sip_flow *flow)
{
	const struct config_peer *peer = &world_peers[phone->number];

	*flow = (struct sip_flow){
	    .transport = peer->transport,
	    .listener = peer->transport == SIP_TLS ? 0 : 1,
	    .connection = phone->connection,
	};
	world_address(&flow->remote, peer->address, 40000);
	flow->local = world_listeners[flow->listener].socket_address;
}

static struct phone *phone_of(struct world *world, uint64_t connection)
{
	for (unsigned i = 0; i < PHONES; i++)
		if (connection && world->phone[i].connection == connection)
			return &world->phone[i];
	return NULL;
}

static void learn(struct phone *phone, const struct sip_message *parsed)
{
	if (parsed->request || parsed->method != SIP_METHOD_INVITE)
		return;
	if (parsed->to.tag.len)
		world_copy(phone->remote_tag, sizeof(phone->remote_tag), parsed->to.tag);
	if (parsed->has_contact && parsed->status < 300)
		world_copy(phone->target, sizeof(phone->target), parsed->contact.uri.whole);
}

int net_send(struct net *net, const struct sip_flow *flow, const char *data, size_t length)
{
	struct phone *phone = phone_of((struct world *)net, flow->connection);
	struct phone_message *message;
	struct sip_parse_error error;

	if (!phone)
		return -ENOTCONN;
	assert_true(phone->received < PHONE_INBOX && length < PHONE_TEXT);
	message = &phone->inbox[phone->received++];
	memcpy(message->text, data, length);
	message->text[length] = '\0';
	message->length = length;
	/* our own parser must take what we write, but for an answer that repeats what was
	 * malformed */
	if (sip_message_parse(&message->parsed, message->text, length, &error) < 0 &&
	    strncmp(message->text, "SIP/2.0 400", 11) != 0 &&
	    strncmp(message->text, "SIP/2.0 505", 11) != 0)
		fail_msg("%s is sent rubbish (%s):\n%s", phone->name, error.reason, message->text);
	learn(phone, &message->parsed);
	if (message->parsed.request)
		phone->request = message;
	if (message->parsed.request && message->parsed.method == SIP_METHOD_INVITE)
		phone->invite = message;
	return 0;
}

int net_flow(struct net *net, const struct config_peer *peer,
	     void (*ready)(void *user, int status, const struct sip_flow *flow, const char *error),
	     void *user)
{
	struct world *world = (struct world *)net;
	struct phone *phone = &world->phone[peer - world_peers];
	struct sip_flow flow;

	if (world->unreachable || world->refuses[phone->number]) {
		ready(user, -ECONNREFUSED, NULL, "connection refused");
		return 0;
	}
	if (world->connects_late && !phone->connection) {
		world->waiting.ready = ready;
		world->waiting.user = user;
		world->waiting.phone = phone;
		return 0;
	}
	if (!phone->connection)
		phone->connection = 200 + phone->number;
	world_flow(phone, &flow);
	ready(user, 0, &flow, NULL);
	return 0;
}

bool net_target_failed(struct net *net, const struct config_peer *peer, const struct sip_flow *flow,
		       uint32_t retry_after_ms)
{
	(void)net;
	(void)peer;
	(void)flow;
	world_now->target_failed_ms = retry_after_ms;
	if (!world_now->more_targets)
		return false;
	world_now->more_targets--;
	return true;
}

void net_flow_forget(struct net *net, void *user)
{
	struct world *world = (struct world *)net;

	if (world->waiting.user == user)
		world->waiting.ready = NULL;
}

void world_connects(struct world *world)
{
	struct sip_flow flow;

	assert_non_null(world->waiting.ready);
	world->waiting.phone->connection = 300 + world->waiting.phone->number;
	world_flow(world->waiting.phone, &flow);
	world->waiting.ready(world->waiting.user, 0, &flow, NULL);
	world->waiting.ready = NULL;
}

const struct config_peer *net_connection_peer(const struct net *net, uint64_t connection)
{
	struct phone *phone = phone_of((struct world *)(uintptr_t)net, connection);

	return phone ? &world_peers[phone->number] : NULL;
}

bool net_connection_behind(const struct net *net, uint64_t connection)
{
	const struct phone *phone = phone_of((struct world *)(uintptr_t)net, connection);

	return phone && phone->behind;
}

void net_connection_hold(struct net *net, uint64_t connection)
{
	struct phone *phone = phone_of((struct world *)net, connection);

	if (phone)
		phone->held++;
}

void net_connection_unhold(struct net *net, uint64_t connection)
{
	struct phone *phone = phone_of((struct world *)net, connection);

	if (phone && phone->held)
		phone->held--;
}

void net_connection_alias(struct net *net, uint64_t connection)
{
	phone_of((struct world *)net, connection)->alias = true;
}

bool net_flow_reusable(const struct net *net, const struct sip_flow *flow)
{
	(void)flow;
	return !((const struct world *)net)->no_reuse;
}

int net_flow_large(struct net *net, const struct config_peer *peer,
		   void (*ready)(void *user, int status, const struct sip_flow *flow,
				 const char *error),
		   void *user)
{
	struct world *world = (struct world *)net;
	struct sip_flow flow;

	world->large_asked++;
	world_flow(&world->phone[peer - world_peers], &flow);
	flow.transport = SIP_TCP;
	if (world->large == LARGE_UNKNOWN)
		return -EOPNOTSUPP;
	if (world->large == LARGE_BY_TCP)
		ready(user, 0, &flow, NULL);
	else
		ready(user, -ECONNREFUSED, NULL, "connection refused");
	return 0;
}

bool net_flow_encrypted(const struct net *net, const struct sip_flow *flow)
{
	return flow->transport == SIP_TLS && !((const struct world *)net)->clear;
}

void net_credentials_wrong(struct net *net, const struct sip_flow *flow)
{
	(void)flow;
	((struct world *)net)->credentials_wrong++;
}

void net_peer_status(const struct net *net, const struct config_peer *peer,
		     struct net_peer_status *status)
{
	(void)net;
	(void)peer;
	*status = (struct net_peer_status){.tls_version = "TLSv1.3"};
}

void world_disconnect(struct world *world, enum phone_number number)
{
	uint64_t connection = world->phone[number].connection;

	world->phone[number].connection = 0;
	world->phone[number].held = 0;
	b2bua_net_ops.connection_lost(world->b2bua, &world_peers[number], connection);
}
