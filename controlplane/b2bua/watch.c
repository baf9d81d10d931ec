/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "b2bua/watch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "b2bua/host.h"
#include "b2bua/random.h"
#include "b2bua/state.h"
#include "b2bua/uac.h"
#include "main/log.h"
#include "route/health.h"

#define PATIENCE_MS 5000U /* for an answer: enough for four retransmissions over UDP */
#define FIRST_MS 2000U    /* within this all are asked for the first time */
#define SOON_MS 1000U     /* after a failure of a call the peer itself is asked */

struct watched {
	struct client_user user; /* first */
	struct timer_node due;   /* the next OPTIONS, or the end of patience with this one */
	struct watch *watch;
	const struct config_peer *peer;
	struct health health;
	struct sip_client *client; /* NULL: none is under way */
	bool waits_flow;
	uint64_t asked_ms;
	unsigned answer_ms; /* of the last answer */
	unsigned cseq;
	char call_id[33], tag[DIALOG_TAG_DIGITS + 1];
};

struct watch {
	struct b2bua *b2bua;
	struct timer_heap timers;
	unsigned count;
	struct watched *watched;
	struct watched **of_peer; /* by peer; NULL: not watched */
};

/* ---- life ---- */

static void begin(struct watch *watch, struct watched *watched, const struct config_peer *peer)
{
	watched->watch = watch;
	watched->peer = peer;
	watched->due.index = TIMER_NO_INDEX;
	random_text(watched->call_id, 32);
	random_text(watched->tag, DIALOG_TAG_DIGITS);
}

int watch_new(struct watch **result, struct b2bua *b2bua)
{
	const struct config *config = b2bua->config;
	struct watch *watch = calloc(1, sizeof(*watch));
	unsigned count = 0;

	if (!watch)
		return -ENOMEM;
	for (unsigned i = 0; i < config->peer_count; i++)
		count += config->peers[i].watch_ms > 0;
	watch->b2bua = b2bua;
	watch->watched = calloc(count + 1U, sizeof(*watch->watched));
	watch->of_peer = calloc(config->peer_count + 1U, sizeof(struct watched *));
	if (!watch->watched || !watch->of_peer || timer_heap_init(&watch->timers, count + 1U) < 0) {
		watch_free(watch);
		return -ENOMEM;
	}
	for (unsigned i = 0; i < config->peer_count; i++) {
		if (!config->peers[i].watch_ms)
			continue;
		watch->of_peer[i] = &watch->watched[watch->count++];
		begin(watch, watch->of_peer[i], &config->peers[i]);
	}
	*result = watch;
	return 0;
}

void watch_free(struct watch *watch)
{
	if (!watch)
		return;
	timer_heap_free(&watch->timers);
	free(watch->watched);
	free(watch->of_peer);
	free(watch);
}

static struct watched *watched_of(const struct watch *watch, const struct config_peer *peer)
{
	return watch->of_peer[peer - watch->b2bua->config->peers];
}

static void arm(struct watched *watched, uint64_t delay_ms)
{
	struct watch *watch = watched->watch;

	timer_heap_remove(&watch->timers, &watched->due);
	timer_heap_insert(&watch->timers, &watched->due, b2bua_now_ms(watch->b2bua) + delay_ms);
}

static void arm_next(struct watched *watched)
{
	arm(watched, health_delay_ms(watched->peer->watch_ms, (uint32_t)random_number()));
}

void watch_start(struct watch *watch)
{
	b2bua_enter(watch->b2bua);
	for (unsigned i = 0; i < watch->count; i++)
		arm(&watch->watched[i], random_number() % FIRST_MS);
	b2bua_leave(watch->b2bua);
}

/* ---- what was seen ---- */

static struct health_settings settings_of(const struct watched *watched)
{
	return (struct health_settings){.down_after = watched->peer->watch_down,
					.up_after = watched->peer->watch_up};
}

static void changed(struct watched *watched, enum health_change change)
{
	struct b2bua_counters *counters = &watched->watch->b2bua->counters;

	if (change == HEALTH_UP) {
		counters->peer_ups++;
		log_event(LOG_PEER_SERVES, "peer %s serves calls again", watched->peer->name);
	} else if (change == HEALTH_DOWN) {
		counters->peer_downs++;
		log_event(LOG_PEER_FAILS, "peer %s is left out of routing: %s", watched->peer->name,
			  watched->health.reason);
	}
}

static void good(struct watched *watched)
{
	struct health_settings settings = settings_of(watched);

	changed(watched, health_good(&watched->health, &settings, (int64_t)time(NULL)));
}

static void bad(struct watched *watched, const char *why)
{
	struct health_settings settings = settings_of(watched);

	changed(watched, health_bad(&watched->health, &settings, why, (int64_t)time(NULL)));
}

void watch_heard(struct watch *watch, const struct config_peer *peer)
{
	struct watched *watched = watched_of(watch, peer);

	if (watched)
		good(watched);
}

void watch_failed(struct watch *watch, const struct config_peer *peer, const char *why)
{
	struct watched *watched = watched_of(watch, peer);

	if (!watched)
		return;
	bad(watched, why);
	if (!watched->client && !watched->waits_flow &&
	    watched->due.due_ms > b2bua_now_ms(watch->b2bua) + SOON_MS)
		arm(watched, SOON_MS);
}

bool watch_is_down(const struct watch *watch, const struct config_peer *peer)
{
	const struct watched *watched = watched_of(watch, peer);

	return watched && watched->health.down;
}

/* ---- asking ---- */

static void failed(struct watched *watched, const char *why)
{
	watched->client = NULL;
	watched->waits_flow = false;
	watched->watch->b2bua->counters.options_failed++;
	bad(watched, why);
	arm_next(watched);
}

static void response(struct client_user *user, struct sip_client *client,
		     const struct sip_message *response, const struct sip_flow *flow)
{
	struct watched *watched = (struct watched *)user;
	struct b2bua *b2bua = watched->watch->b2bua;
	char why[64];

	(void)client;
	(void)flow;
	if (b2bua->sender != watched->peer) {
		b2bua->counters.wrong_sender++;
		return;
	}
	if (response->status < 200)
		return;
	watched->answer_ms = (unsigned)(b2bua_now_ms(b2bua) - watched->asked_ms);
	if (!health_status_is_good(response->status)) {
		snprintf(why, sizeof(why), "OPTIONS: %u %s", response->status,
			 sip_reason_phrase(response->status));
		failed(watched, why);
		return;
	}
	watched->client = NULL;
	good(watched);
	arm_next(watched);
}

static void ended(struct client_user *user, struct sip_client *client, enum sip_client_end reason)
{
	(void)client;
	failed((struct watched *)user,
	       reason == SIP_CLIENT_TIMEOUT ? "OPTIONS: no answer" : "OPTIONS: connection lost");
}

static const struct client_user_ops ops = {.response = response, .ended = ended};

static long write_options(struct watched *watched, const struct sip_flow *flow)
{
	const struct config_peer *peer = watched->peer;
	struct b2bua *b2bua = watched->watch->b2bua;
	char uri[HOST_TEXT_MAX + 32], host[HOST_TEXT_MAX], ours[HOST_TEXT_MAX];
	struct sip_writer writer;

	host_peer_format(peer, host, sizeof(host));
	snprintf(uri, sizeof(uri), "sip:%s%s", host, host_transport_param(peer->transport));
	host_format(host_of_peer(peer), host, sizeof(host));
	host_format(host_of_listener(peer->listener), ours, sizeof(ours));
	sip_writer_request(&writer, b2bua->buffer, SIP_MESSAGE_MAX, "OPTIONS", str_of(uri));
	uac_write_via_of(&writer, b2bua, peer->listener, flow->transport);
	sip_writer_header(&writer, "Max-Forwards", STR("70"));
	sip_writer_headerf(&writer, "From", "<sip:%s>;tag=%s", ours, watched->tag);
	sip_writer_headerf(&writer, "To", "<sip:%s>", host);
	sip_writer_header(&writer, "Call-ID", str_of(watched->call_id));
	sip_writer_headerf(&writer, "CSeq", "%u OPTIONS", ++watched->cseq);
	host_port_format(peer->listener, ours, sizeof(ours));
	sip_writer_headerf(&writer, "Contact", "<sip:%s%s>", ours,
			   host_transport_param(peer->transport));
	sip_writer_header(&writer, "Accept", STR("application/sdp"));
	sip_writer_header(&writer, "User-Agent", STR(B2BUA_PRODUCT));
	return sip_writer_end(&writer, NULL, (struct str){0});
}

static void send_options(struct watched *watched, const struct sip_flow *flow)
{
	struct b2bua *b2bua = watched->watch->b2bua;
	long length = write_options(watched, flow);
	int rc = (int)length;

	if (length > 0)
		rc = sip_client_start(b2bua->transactions, &watched->client, b2bua->buffer,
				      (size_t)length, flow, &watched->user, b2bua_now_ms(b2bua));
	if (rc < 0) { /* no room here: that says nothing of the peer */
		watched->client = NULL;
		arm_next(watched);
		return;
	}
	b2bua->counters.options_sent++;
	arm(watched, PATIENCE_MS);
}

static void flow_ready(void *user, int status, const struct sip_flow *flow, const char *error)
{
	struct watched *watched = user;
	struct b2bua *b2bua = watched->watch->b2bua;

	b2bua_enter(b2bua);
	watched->waits_flow = false;
	if (status == 0)
		send_options(watched, flow);
	else
		failed(watched, error && error[0] ? error : "cannot be reached");
	b2bua_leave(b2bua);
}

static void ask(struct watched *watched)
{
	struct b2bua *b2bua = watched->watch->b2bua;

	watched->user.ops = &ops;
	watched->asked_ms = b2bua_now_ms(b2bua);
	watched->waits_flow = true;
	arm(watched, PATIENCE_MS);
	if (net_flow(b2bua->net, watched->peer, flow_ready, watched) < 0) {
		watched->waits_flow = false;
		arm_next(watched);
	}
}

static void lose_patience(struct watched *watched)
{
	char why[48];

	if (watched->waits_flow)
		net_flow_forget(watched->watch->b2bua->net, watched);
	if (watched->client)
		sip_client_detach(watched->client);
	snprintf(why, sizeof(why), "OPTIONS: no answer for %u s", PATIENCE_MS / 1000);
	failed(watched, why);
}

int64_t watch_next(const struct watch *watch)
{
	const struct timer_node *first = timer_heap_first(&watch->timers);
	uint64_t now = b2bua_now_ms(watch->b2bua);

	if (!first)
		return -1;
	return first->due_ms > now ? (int64_t)(first->due_ms - now) : 0;
}

void watch_run(struct watch *watch)
{
	size_t budget = watch->timers.count;

	while (budget-- > 0 && watch_next(watch) == 0) {
		struct timer_node *node = timer_heap_first(&watch->timers);
		struct watched *watched = (void *)((char *)node - offsetof(struct watched, due));

		timer_heap_remove(&watch->timers, node);
		if (watched->client || watched->waits_flow)
			lose_patience(watched);
		else
			ask(watched);
	}
}

/* ---- showing ---- */

json_t *watch_json(const struct watch *watch, const struct config_peer *peer)
{
	const struct watched *watched = watched_of(watch, peer);
	const struct health *health = watched ? &watched->health : NULL;

	if (!watched)
		return NULL;
	return json_pack("{s:s, s:I, s:s, s:i, s:I, s:I, s:I}", "state",
			 !health->seen  ? "unknown"
			 : health->down ? "down"
					: "up",
			 "since", (json_int_t)health->since_unix_s, "last_failure", health->reason,
			 "answer_ms", (int)watched->answer_ms, "ups", (json_int_t)health->ups,
			 "downs", (json_int_t)health->downs, "failures",
			 (json_int_t)health->failures);
}
