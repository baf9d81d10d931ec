/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

#include "sip/lookup.h"

static struct world *the_world; /* ops of clients know only the client's user */

static void __attribute__((format(printf, 2, 3))) note(struct world *world, const char *format, ...)
{
	va_list args;
	size_t room = sizeof(world->diary) - world->length;

	if (world->silent)
		return;
	world->length += (size_t)snprintf(world->diary + world->length, room, "%llu ",
					  (unsigned long long)world->now_ms);
	room = sizeof(world->diary) - world->length;
	va_start(args, format);
	world->length += (size_t)vsnprintf(world->diary + world->length, room, format, args);
	va_end(args);
	assert_true(world->length + 2 < sizeof(world->diary));
	world->diary[world->length++] = '\n';
	world->diary[world->length] = '\0';
}

static int op_send(void *user, const struct sip_flow *flow, const char *data, size_t length)
{
	struct world *world = user;
	struct sip_message m;
	uint64_t lost = world->lost_in_send;

	assert_int_equal(sip_message_parse(&m, data, length, NULL), 0);
	assert_true(length < sizeof(world->last_sent));
	memcpy(world->last_sent, data, length);
	world->last_sent[length] = '\0';
	world->last_flow = *flow;
	if (m.request)
		note(world, "> %.*s", STR_FMT(m.method_token));
	else
		note(world, "> %u %.*s", m.status, STR_FMT(m.cseq_method));
	world->lost_in_send = 0;
	if (lost != 0)
		sip_transactions_connection_lost(world->table, lost, world->now_ms);
	return world->send_result;
}

static void op_request(void *user, struct sip_server *server, const struct sip_message *request,
		       const struct sip_flow *flow)
{
	struct world *world = user;

	(void)flow;
	note(world, "%s %.*s", server ? "request" : "loose", STR_FMT(request->method_token));
	if (!server)
		return;
	world->server = server;
	assert_true(str_eq(sip_server_request(server)->call_id, request->call_id));
	if (world->on_request)
		world->on_request(world, server);
}

static void op_cancel(void *user, struct sip_server *invite, const struct sip_message *cancel)
{
	struct world *world = user;

	assert_int_equal(cancel->method, SIP_METHOD_CANCEL);
	note(world, "cancel");
	if (world->on_cancel)
		world->on_cancel(world, invite);
}

static void op_response(void *client_user, struct sip_client *client,
			const struct sip_message *response, const struct sip_flow *flow)
{
	struct world *world = client_user;

	(void)flow;
	note(world, "response %u", response->status);
	if (world->on_response)
		world->on_response(world, client, response->status);
}

static void op_client_ended(void *client_user, struct sip_client *client,
			    enum sip_client_end reason)
{
	struct world *world = client_user;

	note(world, "client ended: %s", reason == SIP_CLIENT_TIMEOUT ? "timeout" : "transport");
	if (world->on_client_ended)
		world->on_client_ended(world, client);
}

static void op_server_ended(void *server_user, struct sip_server *server, bool acknowledged)
{
	(void)server_user;
	/* whatever is done to one that is gone has no effect */
	assert_true(sip_server_respond(server, 200, "x", 1, the_world->now_ms) < 0);
	sip_server_acknowledged(server, the_world->now_ms);
	note(the_world, "server ended: %s", acknowledged ? "acknowledged" : "no ACK");
	if (the_world->on_server_ended)
		the_world->on_server_ended(the_world, server);
}

static void op_stray(void *user, const struct sip_message *response)
{
	note(user, "stray %u", response->status);
}

struct world *world_new(size_t max)
{
	static const struct sip_transaction_ops ops = {
	    .send = op_send,
	    .request = op_request,
	    .cancel = op_cancel,
	    .response = op_response,
	    .client_ended = op_client_ended,
	    .server_ended = op_server_ended,
	    .stray_response = op_stray,
	};
	struct world *world = calloc(1, sizeof(*world));

	assert_non_null(world);
	world->table = sip_transactions_new(&ops, world, NULL, max);
	assert_non_null(world->table);
	the_world = world;
	return world;
}

void world_free(struct world *world)
{
	sip_transactions_free(world->table);
	free(world);
}

struct sip_flow world_flow(enum sip_transport transport, uint64_t connection, const char *address,
			   unsigned port)
{
	struct sip_flow flow = {.transport = transport, .connection = connection};
	struct sockaddr_in *v4 = (struct sockaddr_in *)&flow.remote;

	v4->sin_family = AF_INET;
	v4->sin_port = htons((uint16_t)port);
	assert_int_equal(inet_pton(AF_INET, address, &v4->sin_addr), 1);
	return flow;
}

struct sip_flow world_udp(void)
{
	return world_flow(SIP_UDP, 0, "192.0.2.1", 5060);
}

struct sip_flow world_tls(void)
{
	return world_flow(SIP_TLS, 7, "192.0.2.1", 40000);
}

void world_until(struct world *world, uint64_t moment_ms)
{
	for (;;) {
		int64_t wait = sip_transactions_run(world->table, world->now_ms);

		if (wait < 0 || world->now_ms + (uint64_t)wait > moment_ms)
			break;
		world->now_ms += (uint64_t)wait;
	}
	world->now_ms = moment_ms;
}

int world_receive(struct world *world, const struct sip_flow *flow, const char *format, ...)
{
	struct sip_parse_error error;
	struct sip_lookup lookup;
	struct sip_message m;
	char text[4096];
	va_list args;
	int length, result;

	va_start(args, format);
	length = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (sip_lookup_parse(&lookup, world->table, flow, &m, text, (size_t)length, &error) < 0)
		fail_msg("%s:\n%s", error.reason, text);
	result = sip_lookup_receive(&lookup, &m, world->now_ms);
	memset(text, 'x', sizeof(text)); /* the table may keep nothing of it */
	return result;
}

int world_request(struct world *world, const struct sip_flow *flow, const char *method,
		  const char *branch, unsigned cseq)
{
	return world_receive(world, flow,
			     "%s sip:b@h.example SIP/2.0\r\n"
			     "Via: SIP/2.0/UDP c.example;branch=z9hG4bK%s\r\n"
			     "From: <sip:a@c.example>;tag=f\r\nTo: <sip:b@h.example>\r\n"
			     "Call-ID: call\r\nCSeq: %u %s\r\nContact: <sip:a@c.example>\r\n\r\n",
			     method, branch, cseq, method);
}

int world_respond_to(struct world *world, struct sip_server *server, unsigned status)
{
	const struct sip_message *request;
	char text[2048];
	int length;

	assert_non_null(server);
	request = sip_server_request(server);
	length = snprintf(text, sizeof(text),
			  "SIP/2.0 %u X\r\nVia: %.*s\r\nFrom: <sip:a@c.example>;tag=f\r\n"
			  "To: <sip:b@h.example>;tag=t\r\nCall-ID: call\r\nCSeq: %u %.*s\r\n\r\n",
			  status, STR_FMT(request->via.whole), request->cseq,
			  STR_FMT(request->method_token));

	return sip_server_respond(server, status, text, (size_t)length, world->now_ms);
}

int world_respond(struct world *world, unsigned status)
{
	return world_respond_to(world, world->server, status);
}

int world_start(struct world *world, const struct sip_flow *flow, const char *method,
		const char *branch)
{
	char text[2048];
	int length =
	    snprintf(text, sizeof(text),
		     "%s sip:b@h.example SIP/2.0\r\n"
		     "Via: SIP/2.0/UDP us.example;branch=z9hG4bK%s;rport\r\n"
		     "Route: <sip:p1.example;lr>, <sip:p2.example;lr>\r\nRoute: <sip:p3;lr>\r\n"
		     "From: <sip:a@us.example>;tag=f\r\nTo: Bob <sip:b@h.example>\r\n"
		     "Call-ID: ours\r\nCSeq: 17 %s\r\nContact: <sip:us.example>\r\n"
		     "Content-Type: application/sdp\r\nContent-Length: 5\r\n\r\nv=0\r\n",
		     method, branch, method);
	int result = sip_client_start(world->table, &world->client, text, (size_t)length, flow,
				      world, world->now_ms);

	memset(text, 'x', sizeof(text));
	return result;
}

int world_response(struct world *world, const struct sip_flow *flow, unsigned status,
		   const char *method, const char *branch)
{
	return world_receive(
	    world, flow,
	    "SIP/2.0 %u X\r\n"
	    "Via: SIP/2.0/UDP us.example;branch=z9hG4bK%s\r\n"
	    "From: <sip:a@us.example>;tag=f\r\nTo: Bob <sip:b@h.example>;tag=theirs\r\n"
	    "Call-ID: ours\r\nCSeq: 17 %s\r\n\r\n",
	    status, branch, method);
}

void world_diary_is(struct world *world, const char *expected)
{
	if (strcmp(world->diary, expected) != 0)
		fail_msg("it happened:\n%sbut should:\n%s", world->diary, expected);
	world->length = 0;
	world->diary[0] = '\0';
}

struct sip_transaction_counters world_counters(const struct world *world)
{
	struct sip_transaction_counters counters;

	sip_transactions_counters(world->table, &counters);
	return counters;
}
