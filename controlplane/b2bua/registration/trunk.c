/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "b2bua/registration/trunk.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "b2bua/dialog.h"
#include "b2bua/host.h"
#include "b2bua/invite.h"
#include "b2bua/number.h"
#include "b2bua/random.h"
#include "b2bua/registration/contacts.h"
#include "b2bua/registration/outside.h"
#include "b2bua/registration/page.h"
#include "b2bua/registration/refresh.h"
#include "b2bua/state.h"
#include "main/log.h"

#define FIRST_WITHIN_MS 2000U
#define RECONNECT_MS 1000U
#define RECONNECT_EACH_MS 10U /* more where many are lost together */
#define EXPIRES_MAX_S 86400U

enum trunk_state {
	TRUNK_UNREGISTERED, /* the next attempt is due some time */
	TRUNK_REGISTERED,
	TRUNK_LEAVING, /* being taken back */
	TRUNK_LEFT,
};

static const char *const state_names[] = {"unregistered", "registered", "leaving", "left"};

struct trunk {
	struct timer_node node;
	struct trunks *trunks;
	const struct config_registration *config;
	enum trunk_state state;
	char number[NUMBER_TEXT_MAX];       /* the user part of the AOR */
	char contact_user[NUMBER_TEXT_MAX]; /* as a request to it shows it */
	char uri[512];                      /* Request-URI: the AOR's domain */
	char call_id[33];                   /* one for all (10.2.4) */
	uint32_t cseq;
	struct credential credential;
	struct outside *outside; /* under way; NULL: none */
	unsigned asked_s;        /* what we ask for: more after a 423 */
	bool interval_met;       /* of this attempt: a second 423 is a failure */
	unsigned failures;       /* in a row */
	unsigned status;         /* of the last answer; 0: none yet */
	uint64_t until_ms;       /* REGISTERED: when the binding ends */
	uint64_t connection;     /* that it was made by, and holds open; 0: none, or UDP */
	bool lost;               /* that connection, while a refresh was under way on it */
	char *routes;            /* Service-Route; NULL: none */
};

struct trunks {
	struct b2bua *b2bua;
	struct timer_heap heap;
	unsigned count;
	struct trunk *trunk;
};

static void attempt(struct trunk *trunk);

static uint64_t now_ms(const struct trunk *trunk)
{
	return b2bua_now_ms(trunk->trunks->b2bua);
}

static uint32_t dice(void)
{
	return (uint32_t)random_number();
}

/* The registrar calls us by the connection that we registered by, and a registrar behind a firewall
 * by no other: it stays open. connection 0: none. */
static void hold(struct trunk *trunk, uint64_t connection)
{
	struct net *net = trunk->trunks->b2bua->net;

	if (connection)
		net_connection_hold(net, connection);
	if (trunk->connection)
		net_connection_unhold(net, trunk->connection);
	trunk->connection = connection;
}

/* Between half and all of the time in which those that lost a connection together come back. */
static uint64_t reconnect_after_ms(const struct trunk *trunk)
{
	uint64_t most_ms = (uint64_t)trunk->trunks->count * RECONNECT_EACH_MS;

	if (most_ms < RECONNECT_MS)
		most_ms = RECONNECT_MS;
	return most_ms / 2 + (most_ms * dice() >> 33);
}

static void arm(struct trunk *trunk, uint64_t delay_ms)
{
	struct timer_heap *heap = &trunk->trunks->heap;

	timer_heap_remove(heap, &trunk->node);
	timer_heap_insert(heap, &trunk->node, now_ms(trunk) + delay_ms);
}

/* ---- out ---- */

static void format_contact(const struct trunk *trunk, char *text, size_t size)
{
	const struct config_listener *listener = trunk->config->peer->listener;
	char host[HOST_TEXT_MAX];

	host_port_format(listener, host, sizeof(host));
	snprintf(text, size, "<sip:%s@%s%s>", trunk->contact_user, host,
		 host_transport_param(listener->transport));
}

static void write_register(void *user, struct sip_writer *writer)
{
	struct trunk *trunk = user;
	char contact[HOST_TEXT_MAX + NUMBER_TEXT_MAX + 32], tag[DIALOG_TAG_DIGITS + 1];
	bool leaving = trunk->state == TRUNK_LEAVING;

	random_text(tag, DIALOG_TAG_DIGITS);
	format_contact(trunk, contact, sizeof(contact));
	sip_writer_headerf(writer, "From", "<%s>;tag=%s", trunk->config->aor, tag);
	sip_writer_headerf(writer, "To", "<%s>", trunk->config->aor);
	sip_writer_header(writer, "Call-ID", str_of(trunk->call_id));
	sip_writer_headerf(writer, "CSeq", "%u REGISTER", ++trunk->cseq);
	sip_writer_header(writer, "Contact", str_of(contact));
	sip_writer_headerf(writer, "Expires", "%u", leaving ? 0 : trunk->asked_s);
	sip_writer_header(writer, "Supported", STR("path"));
}

/* ---- in ---- */

static void failed(struct trunk *trunk, unsigned status, const struct sip_message *response)
{
	uint32_t retry_after_s = response ? answer_retry_after_ms(response) / 1000 : 0;
	uint64_t delay_ms = refresh_retry_ms(++trunk->failures, retry_after_s, dice());

	if (trunk->lost) /* not the registrar's fault: once more, as when nothing had been asked */
		delay_ms = reconnect_after_ms(trunk);
	trunk->lost = false;
	trunk->trunks->b2bua->counters.registrations_failed++;
	log_event(LOG_REGISTRATION_FAILED,
		  "registration %s at %s: %u %s; tried again in %llu s, failures in a row: %u",
		  trunk->config->name, trunk->config->peer->name, status,
		  response ? sip_reason_phrase(status) : "no answer",
		  (unsigned long long)(delay_ms / 1000), trunk->failures);
	arm(trunk, delay_ms);
}

/* RFC 3608 6.3: the whole route set, in its order. */
static void keep_routes(struct trunk *trunk, const struct sip_message *response)
{
	char text[DIALOG_ROUTES_MAX];

	free(trunk->routes);
	trunk->routes = NULL;
	if (contacts_join(response, "Service-Route", text, sizeof(text)) > 0)
		trunk->routes = strdup(text);
}

static void registered(struct trunk *trunk, const struct sip_message *response, uint32_t granted_s,
		       const struct sip_flow *flow)
{
	if (trunk->state != TRUNK_REGISTERED)
		log_event(LOG_REGISTERED, "registration %s at %s, for %u s", trunk->config->name,
			  trunk->config->peer->name, granted_s);
	trunk->state = TRUNK_REGISTERED;
	trunk->failures = 0;
	trunk->until_ms = now_ms(trunk) + granted_s * 1000ULL;
	trunk->lost = false;
	hold(trunk, flow ? flow->connection : 0);
	keep_routes(trunk, response);
	arm(trunk, refresh_after_ms(granted_s, dice()));
}

/* RFC 3261 10.2.8: what the registrar wants at least. */
static bool too_brief(struct trunk *trunk, const struct sip_message *response)
{
	uint32_t least_s = contacts_seconds(response, "Min-Expires");

	if (response->status != 423 || trunk->interval_met || least_s <= trunk->asked_s ||
	    least_s > EXPIRES_MAX_S)
		return false;
	trunk->asked_s = least_s;
	trunk->interval_met = true;
	return true;
}

static void succeeded(struct trunk *trunk, const struct sip_message *response,
		      const struct sip_flow *flow)
{
	char contact[HOST_TEXT_MAX + NUMBER_TEXT_MAX + 32];
	uint32_t granted_s;

	format_contact(trunk, contact, sizeof(contact));
	granted_s = contacts_granted(response, str_of(contact), trunk->asked_s);
	if (granted_s == 0 || granted_s > EXPIRES_MAX_S * 31) /* it said 200 but did not */
		failed(trunk, response->status, response);
	else
		registered(trunk, response, granted_s, flow);
}

static void left(struct trunk *trunk)
{
	trunk->state = TRUNK_LEFT;
	hold(trunk, 0);
	timer_heap_remove(&trunk->trunks->heap, &trunk->node);
	log_event(LOG_UNREGISTERED, "registration %s at %s taken back", trunk->config->name,
		  trunk->config->peer->name);
}

static void done(void *user, const struct sip_message *response, unsigned status,
		 const struct sip_flow *flow)
{
	struct trunk *trunk = user;

	trunk->outside = NULL;
	trunk->status = status;
	if (trunk->state == TRUNK_LEAVING)
		left(trunk);
	else if (status >= 200 && status < 300)
		succeeded(trunk, response, flow);
	else if (response && too_brief(trunk, response))
		attempt(trunk);
	else
		failed(trunk, status, response);
}

static void attempt(struct trunk *trunk)
{
	const struct outside_request request = {
	    .peer = trunk->config->peer,
	    .method = SIP_METHOD_REGISTER,
	    .uri = trunk->uri,
	    .credential = &trunk->credential,
	    .write = write_register,
	    .done = done,
	    .user = trunk,
	};

	if (outside_send(&trunk->outside, trunk->trunks->b2bua, &request) < 0)
		done(trunk, NULL, 500, NULL);
}

/* ---- life ---- */

static int init(struct trunk *trunk, struct trunks *trunks,
		const struct config_registration *config)
{
	struct sip_uri aor;
	struct str user;

	*trunk = (struct trunk){
	    .trunks = trunks,
	    .config = config,
	    .asked_s = config->expires_s,
	    .node.index = TIMER_NO_INDEX,
	};
	if (sip_uri_parse(&aor, str_of(config->aor)) < 0)
		return -EINVAL; /* policy has checked it */
	user = config->contact_user ? str_of(config->contact_user) : aor.user;
	if (number_normalise(trunk->number, aor.user) < 0 ||
	    number_normalise(trunk->contact_user, user) < 0)
		return -EINVAL;
	snprintf(trunk->uri, sizeof(trunk->uri),
		 strchr(config->aor, '[') ? "sip:[%.*s]" : "sip:%.*s", STR_FMT(aor.host));
	random_text(trunk->call_id, sizeof(trunk->call_id) - 1);
	return 0;
}

int trunks_new(struct trunks **made, struct b2bua *b2bua)
{
	const struct config *config = b2bua->config;
	struct trunks *trunks = calloc(1, sizeof(*trunks));
	int result = -ENOMEM;

	if (!trunks)
		return result;
	trunks->b2bua = b2bua;
	trunks->trunk = calloc(config->registration_count + 1U, sizeof(*trunks->trunk));
	if (trunks->trunk)
		result = timer_heap_init(&trunks->heap, config->registration_count + 1U);
	for (unsigned i = 0; result == 0 && i < config->registration_count; i++) {
		result = init(&trunks->trunk[i], trunks, &config->registrations[i]);
		trunks->count += result == 0;
	}
	if (result < 0)
		trunks_free(trunks);
	else
		*made = trunks;
	return result;
}

void trunks_free(struct trunks *trunks)
{
	if (!trunks)
		return;
	for (unsigned i = 0; i < trunks->count; i++) {
		struct trunk *trunk = &trunks->trunk[i];

		outside_forget(trunk->outside);
		credential_free(&trunk->credential);
		free(trunk->routes);
	}
	timer_heap_free(&trunks->heap);
	free(trunks->trunk);
	free(trunks);
}

void trunks_start(struct trunks *trunks)
{
	for (unsigned i = 0; i < trunks->count; i++)
		arm(&trunks->trunk[i], (uint64_t)dice() * FIRST_WITHIN_MS >> 32);
}

static void leave(struct trunk *trunk)
{
	bool there = trunk->state == TRUNK_REGISTERED;

	outside_forget(trunk->outside);
	trunk->outside = NULL;
	timer_heap_remove(&trunk->trunks->heap, &trunk->node);
	trunk->state = there ? TRUNK_LEAVING : TRUNK_LEFT;
	if (there)
		attempt(trunk);
}

void trunks_stop(struct trunks *trunks)
{
	for (unsigned i = 0; i < trunks->count; i++)
		if (trunks->trunk[i].state < TRUNK_LEAVING)
			leave(&trunks->trunk[i]);
}

bool trunks_leaving(const struct trunks *trunks)
{
	for (unsigned i = 0; i < trunks->count; i++)
		if (trunks->trunk[i].state == TRUNK_LEAVING)
			return true;
	return false;
}

static void due(struct trunk *trunk)
{
	timer_heap_remove(&trunk->trunks->heap, &trunk->node);
	if (trunk->outside)
		return; /* its end arms again */
	if (trunk->state == TRUNK_REGISTERED && trunk->until_ms <= now_ms(trunk)) {
		trunk->state = TRUNK_UNREGISTERED;
		hold(trunk, 0);
	}
	trunk->interval_met = false;
	attempt(trunk);
}

void trunks_run(struct trunks *trunks)
{
	uint64_t now = b2bua_now_ms(trunks->b2bua);
	struct timer_node *first;

	while ((first = timer_heap_first(&trunks->heap)) && first->due_ms <= now)
		due((struct trunk *)((char *)first - offsetof(struct trunk, node)));
}

int64_t trunks_next(const struct trunks *trunks)
{
	const struct timer_node *first = timer_heap_first(&trunks->heap);
	uint64_t now = b2bua_now_ms(trunks->b2bua);

	if (!first)
		return -1;
	return first->due_ms > now ? (int64_t)(first->due_ms - now) : 0;
}

void trunks_connection_lost(struct trunks *trunks, uint64_t connection)
{
	for (unsigned i = 0; i < trunks->count; i++) {
		struct trunk *trunk = &trunks->trunk[i];

		if (!connection || trunk->connection != connection)
			continue;
		trunk->connection = 0;
		trunk->lost = trunk->outside;
		if (trunk->state == TRUNK_REGISTERED && !trunk->outside)
			arm(trunk, reconnect_after_ms(trunk));
	}
}

/* ---- what others ask ---- */

/* A binding whose end has passed is none, though its refresh is still being tried. */
static bool is_there(const struct trunk *trunk)
{
	return trunk->state == TRUNK_REGISTERED && trunk->until_ms > now_ms(trunk);
}

const char *trunks_number(const struct trunks *trunks, const struct config_peer *peer,
			  const char *contact_user)
{
	for (unsigned i = 0; i < trunks->count; i++) {
		const struct trunk *trunk = &trunks->trunk[i];

		if (trunk->config->peer == peer && strcmp(trunk->contact_user, contact_user) == 0)
			return trunk->number;
	}
	return NULL;
}

const char *trunks_routes(const struct trunks *trunks, const struct config_peer *peer)
{
	for (unsigned i = 0; i < trunks->count; i++)
		if (trunks->trunk[i].config->peer == peer && trunks->trunk[i].routes &&
		    is_there(&trunks->trunk[i]))
			return trunks->trunk[i].routes;
	return NULL;
}

static const char *state_name(const struct trunk *trunk)
{
	bool ended = trunk->state == TRUNK_REGISTERED && !is_there(trunk);

	return state_names[ended ? TRUNK_UNREGISTERED : trunk->state];
}

static json_t *trunk_object(const struct trunk *trunk)
{
	uint64_t left_ms = is_there(trunk) ? trunk->until_ms - now_ms(trunk) : 0;

	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:i, s:i, s:I}", "kind", "trunk", "name",
			 trunk->config->name, "peer", trunk->config->peer->name, "aor",
			 trunk->config->aor, "contact", trunk->contact_user, "state",
			 state_name(trunk), "status", (int)trunk->status, "failures",
			 (int)trunk->failures, "expires_s", (json_int_t)(left_ms / 1000));
}

bool trunks_page(const struct trunks *trunks, struct registration_page *page, uint64_t after)
{
	uint64_t i = after;

	for (; i < trunks->count && registration_page_open(page); i++) {
		const struct trunk *trunk = &trunks->trunk[i];

		if (registration_page_wants(page, i + 1, trunk->config->peer->name,
					    state_name(trunk)))
			json_array_append_new(page->list, trunk_object(trunk));
	}
	return i < trunks->count;
}
