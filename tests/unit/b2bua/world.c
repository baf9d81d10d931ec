/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "world.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "b2bua/clock.h"
#include "b2bua/page.h"
#include "main/log.h"
#include "media/difference.h"
#include "policy/routing.h"

const char sdp_srtp_alice[] =
    "v=0\r\no=alice 11 22 IN IP4 192.0.2.11\r\ns=alice's phone\r\nc=IN IP4 192.0.2.11\r\nt=0 0\r\n"
    "m=audio 4000 RTP/SAVP 0 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\n"
    "a=x-secret-of-alice:192.0.2.11\r\na=ptime:20\r\n"
    "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" KEY_ALICE "\r\n";
const char sdp_srtp_bob[] =
    "v=0\r\no=bob 33 44 IN IP4 192.0.2.12\r\ns=-\r\nc=IN IP4 192.0.2.12\r\nt=0 0\r\n"
    "m=audio 5000 RTP/SAVP 0\r\na=rtpmap:0 PCMU/8000\r\n"
    "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" KEY_BOB "\r\n";
const char sdp_rtp_alice[] =
    "v=0\r\no=alice 11 22 IN IP4 192.0.2.11\r\ns=-\r\nc=IN IP4 192.0.2.11\r\nt=0 0\r\n"
    "m=audio 4000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n";
const char sdp_rtp_carol[] =
    "v=0\r\no=carol 55 66 IN IP4 192.0.2.13\r\ns=-\r\nc=IN IP4 192.0.2.13\r\nt=0 0\r\n"
    "m=audio 6000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n";

static struct world *the_world; /* for the functions that the b2bua calls */

/* ---- the configuration ---- */

static struct config_listener listeners[] = {
    {.name = "tls",
     .transport = SIP_TLS,
     .address = "198.51.100.1",
     .port = 5061,
     .host = "relay.example"},
    {.name = "tcp",
     .transport = SIP_TCP,
     .address = "198.51.100.1",
     .port = 5060,
     .host = "relay.example"},
};

static struct config_dial_plan plans[] = {
    {.name = "secured",
     .security = SECURITY_SECURED,
     .media_interface = "voice",
     .media_timeout_ms = 30000,
     .dscp = 46,
     .suites = {SDES_AES_CM_128_HMAC_SHA1_80, SDES_AES_CM_128_HMAC_SHA1_32},
     .suite_count = 2,
     .media_source = MEDIA_SOURCE_ANY,
     .allow_downgrade = true},
    {.name = "unsecured",
     .security = SECURITY_UNSECURED,
     .media_interface = "voice",
     .media_timeout_ms = 30000,
     .dscp = 46},
    {.name = "strict",
     .security = SECURITY_SECURED,
     .media_interface = "voice",
     .media_timeout_ms = 30000,
     .dscp = 46,
     .suites = {SDES_AES_CM_128_HMAC_SHA1_80},
     .suite_count = 1},
};

#define PEER(peer_name, ip, way, plan, on)                                                   \
	{                                                                                    \
		.name = peer_name, .fqdn = peer_name ".example", .address = ip,              \
		.port = (way) == SIP_TLS ? 5061 : 5060, .transport = way, .dial_plan = plan, \
		.listener = on                                                               \
	}
static struct config_peer peers[PHONES] = {
    [ALICE] = PEER("alice", "192.0.2.11", SIP_TLS, &plans[0], &listeners[0]),
    [BOB] = PEER("bob", "192.0.2.12", SIP_TLS, &plans[0], &listeners[0]),
    [CAROL] = PEER("carol", "192.0.2.13", SIP_TCP, &plans[1], &listeners[1]),
    [DAVE] = PEER("dave", "192.0.2.14", SIP_TLS, &plans[2], &listeners[0]),
};
static struct config_route routes[] = {
    {.name = "alice", .number = "2001", .to = &peers[ALICE]},
    {.name = "bob", .number = "2002", .to = &peers[BOB]},
    {.name = "carol", .number = "2003", .to = &peers[CAROL]},
    {.name = "dave", .number = "2004", .to = &peers[DAVE]},
};

static void address(struct sockaddr_storage *storage, const char *ip, uint16_t port)
{
	struct sockaddr_in *in = (struct sockaddr_in *)storage;

	memset(storage, 0, sizeof(*storage));
	in->sin_family = AF_INET;
	in->sin_port = htons(port);
	inet_pton(AF_INET, ip, &in->sin_addr);
}

int world_setup(void **state)
{
	return world_setup_with(state, NULL);
}

void world_drained(void *user)
{
	((struct world *)user)->drained = true;
}

int world_setup_with(void **state, void (*prepare)(struct config *config))
{
	struct world *world = calloc(1, sizeof(*world));

	if (!world)
		return -1;
	log_set_level(LOG_LEVEL_ERROR);
	the_world = world;
	for (unsigned i = 0; i < 3; i++) {
		plans[i].max_calls = 0;
		plans[i].prack = PRACK_SUPPORTED;
		plans[i].session_expires_s = 0;
		plans[i].session_min_s = 90;
		plans[i].refer = REFER_REFUSE;
		plans[i].replaces = REPLACES_PEER;
		plans[i].redirect = REDIRECT_REFUSE;
	}
	for (unsigned i = 0; i < PHONES; i++)
		peers[i].trust = false;
	for (unsigned i = 0; i < 2; i++)
		address(&listeners[i].socket_address, listeners[i].address, listeners[i].port);
	world->config = (struct config){
	    .max_calls = 100,
	    .max_registrations = 20,
	    .listeners = listeners,
	    .listener_count = 2,
	    .dial_plans = plans,
	    .dial_plan_count = 3,
	    .peers = peers,
	    .peer_count = PHONES,
	    .routes = routes,
	    .route_count = 4,
	};
	if (routing_compile(&world->config) < 0) {
		routing_free(&world->config);
		free(world);
		return -1;
	}
	config_number(&world->config);
	world->now_ms = 1000000;
	world->armed_ms = -1;
	world->media_up = true;
	world->hello.suites = UINT32_MAX;
	for (unsigned i = 0; i < PHONES; i++) {
		world->phone[i].world = world;
		world->phone[i].number = (enum phone_number)i;
		world->phone[i].name = peers[i].name;
		world->phone[i].connection = 100 + i;
	}
	if (prepare)
		prepare(&world->config);
	if (b2bua_new(&world->b2bua, NULL, &world->config) < 0) {
		routing_free(&world->config);
		free(world);
		return -1;
	}
	b2bua_attach(world->b2bua, (struct net *)world, (struct media *)world);
	*state = world;
	return 0;
}

int world_teardown(void **state)
{
	struct world *world = *state;

	b2bua_free(world->b2bua);
	routing_free(&world->config);
	free(world);
	the_world = NULL;
	return 0;
}

void world_routes_changed(struct world *world)
{
	routing_free(&world->config);
	assert_int_equal(routing_compile(&world->config), 0);
}

struct config_route *world_route(struct world *world, unsigned count,
				 const enum phone_number phones[])
{
	static struct config_target targets[PHONES];
	static struct config_route route;

	assert_true(count <= PHONES);
	for (unsigned i = 0; i < count; i++)
		targets[i] = (struct config_target){
		    .peer = &world->config.peers[phones[i]], .priority = i, .weight = 1};
	route = (struct config_route){
	    .name = "out",
	    .number = "*",
	    .targets = targets,
	    .target_count = count,
	    .codes = codes_default,
	    .tries = 4,
	    .failover_ms = 30000,
	    .target_timeout_ms = 5000,
	};
	world->config.routes = &route;
	world->config.route_count = 1;
	world_routes_changed(world);
	return &route;
}

/* ---- time ---- */

struct clock *clock_new(uv_loop_t *loop, void (*due)(void *user), void *user)
{
	(void)loop;
	the_world->due = due;
	the_world->due_user = user;
	return (struct clock *)the_world;
}

void clock_free(struct clock *clock)
{
	(void)clock;
}

uint64_t clock_now_ms(const struct clock *clock)
{
	return ((const struct world *)clock)->now_ms;
}

void clock_arm(struct clock *clock, int64_t delay_ms)
{
	struct world *world = (struct world *)clock;

	world->armed_ms = delay_ms < 0 ? -1 : (int64_t)world->now_ms + delay_ms;
}

void world_advance(struct world *world, uint64_t ms)
{
	uint64_t until = world->now_ms + ms;

	while (world->armed_ms >= 0 && (uint64_t)world->armed_ms <= until) {
		if ((uint64_t)world->armed_ms > world->now_ms)
			world->now_ms = (uint64_t)world->armed_ms;
		world->armed_ms = -1;
		world->due(world->due_user);
	}
	world->now_ms = until;
}

/* ---- net ---- */

static void flow_of(const struct phone *phone, struct sip_flow *flow)
{
	const struct config_peer *peer = &peers[phone->number];

	*flow = (struct sip_flow){
	    .transport = peer->transport,
	    .listener = peer->transport == SIP_TLS ? 0 : 1,
	    .connection = phone->connection,
	};
	address(&flow->remote, peer->address, 40000);
	flow->local = listeners[flow->listener].socket_address;
}

static struct phone *phone_of(struct world *world, uint64_t connection)
{
	for (unsigned i = 0; i < PHONES; i++)
		if (connection && world->phone[i].connection == connection)
			return &world->phone[i];
	return NULL;
}

static void copy(char *to, size_t size, struct str from)
{
	snprintf(to, size, "%.*s", STR_FMT(from));
}

static void learn(struct phone *phone, const struct sip_message *parsed)
{
	if (parsed->request || parsed->method != SIP_METHOD_INVITE)
		return;
	if (parsed->to.tag.len)
		copy(phone->remote_tag, sizeof(phone->remote_tag), parsed->to.tag);
	if (parsed->has_contact && parsed->status < 300)
		copy(phone->target, sizeof(phone->target), parsed->contact.uri.whole);
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
	struct phone *phone = &world->phone[peer - peers];
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
	flow_of(phone, &flow);
	ready(user, 0, &flow, NULL);
	return 0;
}

bool net_target_failed(struct net *net, const struct config_peer *peer, const struct sip_flow *flow,
		       uint32_t retry_after_ms)
{
	(void)net;
	(void)peer;
	(void)flow;
	the_world->target_failed_ms = retry_after_ms;
	if (!the_world->more_targets)
		return false;
	the_world->more_targets--;
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
	flow_of(world->waiting.phone, &flow);
	world->waiting.ready(world->waiting.user, 0, &flow, NULL);
	world->waiting.ready = NULL;
}

const struct config_peer *net_connection_peer(const struct net *net, uint64_t connection)
{
	struct phone *phone = phone_of((struct world *)(uintptr_t)net, connection);

	return phone ? &peers[phone->number] : NULL;
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
	flow_of(&world->phone[peer - peers], &flow);
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
	b2bua_net_ops.connection_lost(world->b2bua, &peers[number], connection);
}

/* ---- media ---- */

bool media_is_up(const struct media *media)
{
	return ((const struct world *)media)->media_up;
}

const struct sluice_hello_reply *media_hello(const struct media *media)
{
	return &((const struct world *)media)->hello;
}

int media_session_open(struct media *media, struct media_session **session,
		       const char *interface[2], const uint8_t family[2],
		       void (*opened)(void *session_user, int status,
				      const struct sluice_addr local[2]),
		       void *session_user)
{
	struct world *world = (struct world *)media;
	struct fake_session *fake = &world->session[world->sessions];

	assert_true(world->sessions < MEDIA_CALLS);
	for (unsigned i = 0; i < 2; i++)
		assert_true(family[i] == 4 || family[i] == 6);
	*fake =
	    (struct fake_session){.id = ++world->sessions, .user = session_user, .opened = opened};
	snprintf(fake->interface[0], sizeof(fake->interface[0]), "%s", interface[0]);
	snprintf(fake->interface[1], sizeof(fake->interface[1]), "%s", interface[1]);
	*session = (struct media_session *)fake;
	return 0;
}

/* What the data plane would do a moment later. */
static void media_answers(struct world *world)
{
	struct sluice_addr local[2] = {
	    {.family = 4, .port = 20000, .ip = {198, 51, 100, 1}},
	    {.family = 4, .port = 20002, .ip = {198, 51, 100, 1}},
	};

	for (unsigned i = 0; i < world->sessions; i++) {
		struct fake_session *fake = &world->session[i];
		int status;

		if (fake->open || fake->closed || !fake->opened)
			continue;
		status = world->full && strcmp(fake->interface[1], world->full) == 0
			     ? -ENOSPC
			     : world->media_status;
		fake->open = status == 0;
		fake->closed = !fake->open;
		fake->opened(fake->user, status, local);
	}
}

int media_session_set(struct media_session *session, const struct sluice_set *set,
		      void (*done)(void *session_user, int status))
{
	struct fake_session *fake = (struct fake_session *)session;
	struct sluice_set *leg = &fake->leg[set->leg];

	(void)done;
	assert_true(fake->open && !fake->closed);
	*leg = *set; /* the b2bua always gives a whole description; mask says what is new */
	fake->sets[set->leg]++;
	fake->last_mask[set->leg] = set->mask;
	return 0;
}

void media_session_close(struct media_session *session,
			 void (*closed)(void *user, const struct sluice_session_info *info),
			 void *user)
{
	struct fake_session *fake = (struct fake_session *)session;

	if (!fake)
		return;
	fake->closed = true;
	fake->user = NULL;
	if (closed)
		closed(user, NULL);
}

uint32_t media_session_difference(const struct media_session *session, const struct sluice_set *set)
{
	const struct fake_session *fake = (const struct fake_session *)session;

	return fake->sets[set->leg] ? media_difference(set, &fake->leg[set->leg])
				    : (uint32_t)SLUICE_SET_ALL;
}

uint64_t media_session_id(const struct media_session *session)
{
	return ((const struct fake_session *)session)->id;
}

static int capture_answer(const void *body, size_t length,
			  void (*answer)(void *user, int status, const void *reply, size_t length),
			  void *user)
{
	struct world *world = the_world;
	struct sluice_capture_info info = {0};

	assert_int_equal(length, sizeof(world->captured));
	memcpy(&world->captured, body, length);
	info.session = world->captured.session;
	info.mode = world->captured.mode;
	if (world->capture_status)
		answer(user, world->capture_status, NULL, 0);
	else
		answer(user, 0, &info, sizeof(info));
	return 0;
}

int media_ask(struct media *media, enum sluice_type type, const void *body, size_t length,
	      void (*answer)(void *user, int status, const void *reply, size_t length), void *user)
{
	struct sluice_session_info info = {0};

	(void)media;
	if (type == SLUICE_CAPTURE)
		return capture_answer(body, length, answer, user);
	assert_int_equal(type, SLUICE_GET);
	info.leg[0].rx_suite = 1;
	info.leg[0].counters.received = 42;
	info.leg[0].counters.drops[SLUICE_DROP_REPLAY] = 3;
	answer(user, 0, &info, sizeof(info));
	return 0;
}

void world_media_event(struct world *world, unsigned session, unsigned leg,
		       enum sluice_event_type type)
{
	struct sluice_event event = {.type = type, .leg = (uint8_t)leg, .value = 30000};

	b2bua_media_ops.event(world->b2bua, world->session[session].user, &event);
}

void world_media_lost(struct world *world, unsigned session)
{
	b2bua_media_ops.lost(world->b2bua, world->session[session].user, "port taken");
}

/* ---- phones ---- */

void phone_sends(struct world *world, enum phone_number number, const char *text, size_t length)
{
	struct sip_flow flow;

	flow_of(&world->phone[number], &flow);
	b2bua_net_ops.message(world->b2bua, &peers[number], &flow, text, length);
	media_answers(world);
}

void phone_says(struct world *world, enum phone_number number, const char *format, ...)
{
	char text[PHONE_TEXT];
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	phone_sends(world, number, text, (size_t)length);
}

static void send_request(struct phone *phone, const char *method, const char *uri, unsigned cseq,
			 const char *to, const char *headers, const char *sdp)
{
	const char *way = peers[phone->number].transport == SIP_TLS ? "TLS" : "TCP";

	phone_says(
	    phone->world, phone->number,
	    "%s %s SIP/2.0\r\nVia: SIP/2.0/%s %s:5061;branch=%s\r\nMax-Forwards: 70\r\n"
	    "From: \"%s\" <sip:%s@%s.example>;tag=%s\r\nTo: %s\r\nCall-ID: %s\r\n"
	    "CSeq: %u %s\r\nContact: <sip:%s@%s:5061>\r\n%s%s%sContent-Length: %zu\r\n\r\n%s",
	    method, uri, way, peers[phone->number].address, phone->branch, phone->name, phone->name,
	    phone->name, phone->tag, to, phone->call_id, cseq, method, phone->name,
	    peers[phone->number].address, phone->headers ? phone->headers : "", headers,
	    sdp ? "Content-Type: application/sdp\r\n" : "", sdp ? strlen(sdp) : 0, sdp ? sdp : "");
}

static void fresh_branch(struct phone *phone)
{
	snprintf(phone->branch, sizeof(phone->branch), "z9hG4bK%s%u", phone->name, ++phone->serial);
}

void phone_invites(struct world *world, enum phone_number number, const char *user, const char *sdp)
{
	phone_invites_with(world, number, user, "", sdp);
}

void phone_invites_with(struct world *world, enum phone_number number, const char *user,
			const char *headers, const char *sdp)
{
	struct phone *phone = &world->phone[number];
	char uri[64], to[80];

	snprintf(phone->call_id, sizeof(phone->call_id), "%s-%u@192.0.2.11", phone->name,
		 phone->serial);
	snprintf(phone->tag, sizeof(phone->tag), "tag-of-%s", phone->name);
	phone->remote_tag[0] = '\0';
	phone->cseq = 1;
	phone->invite_cseq = 1;
	fresh_branch(phone);
	snprintf(uri, sizeof(uri), "sip:%s@relay.example", user);
	snprintf(to, sizeof(to), "<%s>", uri);
	snprintf(phone->target, sizeof(phone->target), "%s", uri);
	send_request(phone, "INVITE", uri, phone->cseq, to, headers, sdp);
}

void phone_requests(struct world *world, enum phone_number number, const char *method,
		    const char *headers, const char *sdp)
{
	struct phone *phone = &world->phone[number];
	char to[128];

	phone->cseq++;
	if (strcmp(method, "INVITE") == 0)
		phone->invite_cseq = phone->cseq;
	fresh_branch(phone);
	snprintf(to, sizeof(to), "<sip:relay.example>;tag=%s", phone->remote_tag);
	send_request(phone, method, phone->target, phone->cseq, to, headers, sdp);
}

void phone_acks(struct world *world, enum phone_number number, const char *sdp)
{
	struct phone *phone = &world->phone[number];
	char to[128];

	fresh_branch(phone);
	snprintf(to, sizeof(to), "<sip:relay.example>;tag=%s", phone->remote_tag);
	send_request(phone, "ACK", phone->target, phone->invite_cseq, to, "", sdp);
}

void phone_cancels(struct world *world, enum phone_number number)
{
	struct phone *phone = &world->phone[number];
	char to[300];

	snprintf(to, sizeof(to), "<%s>", phone->target);
	send_request(phone, "CANCEL", phone->target, phone->invite_cseq, to, "", NULL);
}

static struct phone_message *last_request(struct phone *phone, const char *method)
{
	for (unsigned i = phone->received; i-- > 0;) {
		const struct sip_message *parsed = &phone->inbox[i].parsed;

		if (parsed->request && str_eq(parsed->method_token, str_of(method)))
			return &phone->inbox[i];
	}
	fail_msg("%s got no %s", phone->name, method);
	return NULL;
}

void phone_answers(struct world *world, enum phone_number number, const char *method,
		   unsigned status, const char *sdp)
{
	phone_answers_with(world, number, method, status, "", sdp);
}

void phone_answers_with(struct world *world, enum phone_number number, const char *method,
			unsigned status, const char *headers, const char *sdp)
{
	struct phone *phone = &world->phone[number];
	const struct sip_message *request = &last_request(phone, method)->parsed;
	const char *tag;

	if (!phone->tag[0] || !str_eq(request->call_id, str_of(phone->call_id))) {
		snprintf(phone->tag, sizeof(phone->tag), "answer-of-%s", phone->name);
		copy(phone->call_id, sizeof(phone->call_id), request->call_id);
		copy(phone->remote_tag, sizeof(phone->remote_tag), request->from.tag);
	}
	if (request->method == SIP_METHOD_INVITE)
		copy(phone->target, sizeof(phone->target), request->contact.uri.whole);
	tag = phone->second_tag[0] ? phone->second_tag : phone->tag;
	phone_says(
	    world, number,
	    "SIP/2.0 %u Phrase of %s\r\nVia: %.*s\r\nFrom: <%.*s>;tag=%.*s\r\nTo: <%.*s>;tag=%s\r\n"
	    "Call-ID: %.*s\r\nCSeq: %u %s\r\nContact: <sip:%s@%s:5061>\r\n"
	    "Server: secret-of-%s\r\n%s%s%sContent-Length: %zu\r\n\r\n%s",
	    status, phone->name, STR_FMT(request->via.whole), STR_FMT(request->from.uri.whole),
	    STR_FMT(request->from.tag), STR_FMT(request->to.uri.whole), tag,
	    STR_FMT(request->call_id), request->cseq, method, phone->name, peers[number].address,
	    phone->name, phone->headers ? phone->headers : "", headers,
	    sdp ? "Content-Type: application/sdp\r\n" : "", sdp ? strlen(sdp) : 0, sdp ? sdp : "");
}

static struct phone_message *take(struct phone *phone, const char *method, unsigned status)
{
	for (unsigned i = 0; i < phone->received; i++) {
		struct phone_message *message = &phone->inbox[i];
		const struct sip_message *parsed = &message->parsed;
		bool wanted = method
				  ? parsed->request && str_eq(parsed->method_token, str_of(method))
				  : !parsed->request && parsed->status == status;

		if (phone->taken[i] || !wanted)
			continue;
		phone->taken[i] = true;
		return message;
	}
	return NULL;
}

static void show_inbox(const struct phone *phone)
{
	for (unsigned i = 0; i < phone->received; i++)
		print_message("%s %s: %.*s\n", phone->name, phone->taken[i] ? "(taken)" : "",
			      (int)strcspn(phone->inbox[i].text, "\r"), phone->inbox[i].text);
}

struct phone_message *phone_hears(struct world *world, enum phone_number number, const char *method)
{
	struct phone_message *message = take(&world->phone[number], method, 0);

	if (!message) {
		show_inbox(&world->phone[number]);
		fail_msg("%s does not hear %s", world->phone[number].name, method);
	}
	return message;
}

struct phone_message *phone_hears_status(struct world *world, enum phone_number number,
					 unsigned status)
{
	struct phone_message *message = take(&world->phone[number], NULL, status);

	if (!message) {
		show_inbox(&world->phone[number]);
		fail_msg("%s does not hear %u", world->phone[number].name, status);
	}
	return message;
}

bool phone_hears_nothing(struct world *world, enum phone_number number)
{
	const struct phone *phone = &world->phone[number];

	for (unsigned i = 0; i < phone->received; i++)
		if (!phone->taken[i]) {
			show_inbox(phone);
			return false;
		}
	return true;
}

void message_has(const struct phone_message *message, const char *text)
{
	if (!strstr(message->text, text))
		fail_msg("\"%s\" is not in\n%s", text, message->text);
}

void message_lacks(const struct phone_message *message, const char *text)
{
	if (strstr(message->text, text))
		fail_msg("\"%s\" is in\n%s", text, message->text);
}

unsigned message_number(const struct phone_message *message, const char *text)
{
	const char *at = strstr(message->text, text);

	if (!at)
		fail_msg("\"%s\" is not in\n%s", text, message->text);
	return (unsigned)strtoul(at + strlen(text), NULL, 10);
}

static const char *offer_of(enum phone_number number)
{
	if (number == CAROL)
		return sdp_rtp_carol;
	return number == BOB ? sdp_srtp_bob : sdp_srtp_alice;
}

void world_call(struct world *world, enum phone_number caller, enum phone_number callee)
{
	char user[16];

	snprintf(user, sizeof(user), "200%d", (int)callee + 1);
	phone_invites(world, caller, user, offer_of(caller));
	phone_hears(world, callee, "INVITE");
	phone_answers(world, callee, "INVITE", 200, offer_of(callee));
	phone_hears(world, callee, "ACK");
	phone_hears_status(world, caller, 200);
	phone_acks(world, caller, NULL);
}

uint64_t world_counter(struct world *world, const char *name)
{
	json_t *counters = b2bua_counters(world->b2bua);
	uint64_t value = (uint64_t)json_integer_value(json_object_get(counters, name));

	json_decref(counters);
	return value;
}

unsigned world_calls(struct world *world)
{
	return b2bua_calls(world->b2bua);
}

json_t *b2bua_call_list(const struct b2bua *b2bua)
{
	const struct page_filter any = {0};
	int status;
	json_t *page = b2bua_call_page(b2bua, &any, NULL, PAGE_CALLS_MAX, &status);
	json_t *list = json_incref(json_object_get(page, "calls"));

	json_decref(page);
	return list;
}
