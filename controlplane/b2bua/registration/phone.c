/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "b2bua/registration/phone.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "b2bua/dialog.h"
#include "b2bua/extension.h"
#include "b2bua/number.h"
#include "b2bua/random.h"
#include "b2bua/registration/contacts.h"
#include "b2bua/registration/phone_internal.h"
#include "b2bua/reply.h"
#include "main/log.h"
#include "net/address.h"

#define ANSWER_WITHIN_MS 60000U /* a phone that is challenged comes again within that */
#define GRACE_MS 32000U         /* a refresh that is late, or comes again: 64*T1 */
#define EXPIRES_MAX_S 604800U

/* ---- what the phone asks ---- */

/* What a REGISTER says, read and checked. */
struct asked {
	enum passage_kind kind;
	struct sip_name_addr contact;
	uint32_t expires_s;
	char aor[PHONE_AOR_MAX];
};

static enum cause read_contact(struct asked *asked, const struct sip_message *request)
{
	struct contacts_walk walk = {0};
	struct sip_name_addr second;
	enum sip_scheme scheme;

	asked->kind = PASSAGE_QUERY;
	if (!contacts_next(request, &walk, &asked->contact))
		return walk.malformed ? CAUSE_MALFORMED : CAUSE_NONE;
	asked->expires_s = contacts_expires(request, &asked->contact, CONTACTS_EXPIRES_DEFAULT_S);
	if (asked->expires_s > EXPIRES_MAX_S)
		asked->expires_s = EXPIRES_MAX_S;
	if (contacts_next(request, &walk, &second) || walk.malformed)
		return walk.malformed ? CAUSE_MALFORMED : CAUSE_CONTACTS;
	scheme = asked->contact.uri.scheme;
	if (asked->contact.star) {
		asked->kind = PASSAGE_CLEAR;
		return asked->expires_s ? CAUSE_MALFORMED : CAUSE_NONE; /* 10.2.2 */
	}
	if ((scheme != SIP_SCHEME_SIP && scheme != SIP_SCHEME_SIPS) ||
	    asked->contact.uri.whole.len > PHONE_CONTACT_MAX)
		return CAUSE_MALFORMED;
	asked->kind = asked->expires_s ? PASSAGE_BIND : PASSAGE_UNBIND;
	return CAUSE_NONE;
}

static enum cause read_request(struct asked *asked, const struct b2bua *b2bua,
			       const struct sip_message *request)
{
	if (!b2bua->sender->registrar)
		return CAUSE_METHOD;
	if (b2bua->draining)
		return CAUSE_DRAINING;
	if (extension_is_unknown(request, b2bua->sender->dial_plan))
		return CAUSE_EXTENSION;
	if (phone_aor(asked->aor, &request->to.uri) < 0)
		return CAUSE_MALFORMED;
	return read_contact(asked, request);
}

/* ---- bindings ---- */

static int add(struct phones *phones, const struct asked *asked, const struct sip_flow *flow,
	       struct location **location)
{
	struct b2bua *b2bua = phones->b2bua;
	const struct config_peer *peer = b2bua->sender;

	return location_add(phones->locations, location, phone_peer_number(b2bua, peer),
			    peer->max_registrations, str_of(asked->aor), asked->contact.uri.whole,
			    flow, b2bua_now_ms(b2bua) + ANSWER_WITHIN_MS);
}

/*
 * A phone that comes by a new connection may have a new contact: those that cannot be reached make
 * room for it. Then those that the registrar has not accepted, as whoever named them may have no
 * right to; a phone that was challenged loses nothing, it names its contact again with its
 * credentials.
 */
static bool make_room(struct phones *phones, const struct asked *asked, int full)
{
	unsigned peer = phone_peer_number(phones->b2bua, phones->b2bua->sender);
	struct str aor = full == -E2BIG ? str_of(asked->aor) : (struct str){0};
	struct location *spare;

	if (full != -E2BIG && full != -EDQUOT && full != -ENOSPC)
		return false;
	if (full == -ENOSPC)
		peer = UINT_MAX;
	spare = location_spare(phones->locations, LOCATION_LOST, peer, aor);
	if (!spare)
		spare = location_spare(phones->locations, LOCATION_UNBOUND, peer, aor);
	if (!spare)
		return false;
	phones_drop(phones, spare, "another needs its place");
	return true;
}

static enum cause find_room(struct phones *phones, const struct asked *asked,
			    const struct sip_flow *flow, struct location **location)
{
	int result = add(phones, asked, flow, location);

	if (result < 0 && make_room(phones, asked, result))
		result = add(phones, asked, flow, location);
	switch (result) {
	case 0:
		random_text((*location)->call_id, LOCATION_CALL_ID_TEXT - 1);
		return CAUSE_NONE;
	case -E2BIG:
		return CAUSE_BINDINGS;
	case -EDQUOT:
		return CAUSE_PEER_REGISTRATIONS;
	case -ENOSPC:
		return CAUSE_REGISTRATIONS;
	default:
		return CAUSE_MEMORY;
	}
}

static bool same_flow(const struct sip_flow *a, const struct sip_flow *b)
{
	return a->transport == b->transport && a->connection == b->connection &&
	       a->listener == b->listener && net_address_same(&a->remote, &b->remote);
}

/* A request that overtook or repeats another of the same phone (10.3 step 7). */
static bool is_late(const struct location *location, const struct sip_message *request)
{
	return location->phone_call_id &&
	       str_eq(request->call_id, str_of(location->phone_call_id)) &&
	       request->cseq <= location->phone_cseq;
}

static enum cause check_turn(const struct location *location, const struct sip_message *request)
{
	if (is_late(location, request))
		return CAUSE_OUT_OF_ORDER;
	return location->passage ? CAUSE_REGISTERING : CAUSE_NONE;
}

/* RFC 3327: proxies between us and the phone. NULL: none. */
static char *path_of(const struct sip_message *request)
{
	char path[DIALOG_ROUTES_MAX];

	return contacts_join(request, "Path", path, sizeof(path)) > 0 ? strdup(path) : NULL;
}

/* By whom it was asked, and by which way it is called: of a request that was accepted. One that
 * was not may be anybody's, with the contact of another. Without memory it stays as it was. */
static void remember_request(struct location *location, const struct sip_message *request)
{
	char *call_id = strndup(request->call_id.ptr, request->call_id.len);

	if (!call_id)
		return;
	free(location->path);
	location->path = path_of(request);
	free(location->phone_call_id);
	location->phone_call_id = call_id;
	location->phone_cseq = request->cseq;
}

static bool same_path(const struct location *location, const struct sip_message *request)
{
	char *path = path_of(request);
	bool same = str_eq(str_of(path), str_of(location->path));

	free(path);
	return same;
}

/*
 * A phone behind NAT comes again and again to keep its way open. The registrar is asked when half
 * of what it granted is over; until then we answer, to the same address and port only, and
 * where nothing else is said than before: an address can be forged.
 */
static bool is_known(const struct b2bua *b2bua, const struct location *location,
		     const struct sip_message *request, const struct sip_flow *flow)
{
	uint64_t now = b2bua_now_ms(b2bua), until = location->registrar_until_ms;

	return location->bound && b2bua->sender->phone_expires_s &&
	       same_flow(&location->flow, flow) && until > now &&
	       until - now >= location->granted_s * 500ULL && same_path(location, request);
}

/* How long the phone's binding lasts here. */
static uint64_t until_ms(const struct b2bua *b2bua, const struct config_peer *peer,
			 uint32_t granted_s)
{
	return b2bua_now_ms(b2bua) + phone_told_s(peer, granted_s) * 1000ULL + GRACE_MS;
}

static void answer_known(struct phones *phones, struct sip_server *server,
			 struct location *location)
{
	struct b2bua *b2bua = phones->b2bua;
	uint64_t left_ms = location->registrar_until_ms - b2bua_now_ms(b2bua);
	struct sip_flow flow = location->flow;

	remember_request(location, sip_server_request(server));
	phones_bind(phones, location, &flow,
		    until_ms(b2bua, b2bua->sender, (uint32_t)(left_ms / 1000)));
	b2bua->counters.phones_refreshed++;
	phone_answer_known(b2bua, server, location, (uint32_t)(left_ms / 1000));
}

/* ---- the registrar's answer ---- */

static void bound(struct passage *passage, const struct sip_message *response)
{
	struct phones *phones = passage->phones;
	struct b2bua *b2bua = phones->b2bua;
	struct location *location = passage->location;
	struct contacts_walk walk = {0};
	struct sip_name_addr contact;
	uint32_t granted_s = 0;

	while (contacts_next(response, &walk, &contact))
		if (!contact.star && str_eq(contact.uri.user, str_of(location->token)))
			granted_s = contacts_expires(response, &contact, passage->expires_s);
	if (granted_s == 0) {
		phones_drop(phones, location, "taken back");
		return;
	}
	if (granted_s > EXPIRES_MAX_S)
		granted_s = EXPIRES_MAX_S;
	remember_request(location, sip_server_request(passage->server));
	if (!location->bound && b2bua_may_log(b2bua))
		log_event(LOG_PHONE_REGISTERED, "%s of %s is registered at %s for %u s",
			  location->aor, passage->peer->name, passage->peer->registrar->name,
			  granted_s);
	location->granted_s = granted_s;
	location->registrar_until_ms = b2bua_now_ms(b2bua) + granted_s * 1000ULL;
	phones_bind(phones, location, &passage->flow, until_ms(b2bua, passage->peer, granted_s));
}

static void clear(struct passage *passage)
{
	struct phones *phones = passage->phones;
	unsigned peer = phone_peer_number(phones->b2bua, passage->peer);
	struct location *location;

	while ((location = location_by_aor(phones->locations, peer, str_of(passage->aor), NULL)))
		phones_drop(phones, location, "all taken back");
}

static void take_success(struct passage *passage, const struct sip_message *response)
{
	if (passage->kind == PASSAGE_CLEAR)
		clear(passage);
	else if (passage->location)
		bound(passage, response);
}

/* One that was never bound has no reason to stay, unless the phone is to come with credentials. */
static void take_refusal(struct passage *passage, unsigned status)
{
	struct location *location = passage->location;

	if (location && !location->bound && status != 401 && status != 407)
		phones_drop(passage->phones, location, "refused");
}

/* What the registrar says of our request is said to the phone; 503 would say that we are down. */
static unsigned map_status(unsigned status)
{
	if (status >= 300 && status < 400)
		return 480;
	return status == 503 ? 500 : status;
}

void passage_free(struct passage *passage)
{
	if (passage->location)
		passage->location->passage = NULL;
	TAILQ_REMOVE(&passage->phones->passages, passage, link);
	outside_forget(passage->outside);
	free(passage->uri);
	free(passage);
}

static void done(void *user, const struct sip_message *response, unsigned status,
		 const struct sip_flow *flow)
{
	struct passage *passage = user;
	bool lost = passage->kind == PASSAGE_BIND && !passage->location;

	(void)flow;
	passage->outside = NULL;
	if (status < 300) {
		take_success(passage, response);
		passage_answer(passage, lost ? 500 : status, lost ? NULL : response);
	} else {
		take_refusal(passage, status);
		/* a 408 to another method than INVITE is never sent (RFC 4320 4.2) */
		passage_answer(passage, response ? map_status(status) : 500, response);
	}
	passage_free(passage);
}

static void pass_on(struct phones *phones, struct sip_server *server, const struct asked *asked,
		    struct location *location, const struct sip_flow *flow)
{
	struct b2bua *b2bua = phones->b2bua;
	const struct sip_message *request = sip_server_request(server);
	struct passage *passage = calloc(1, sizeof(*passage));
	char *uri = strndup(request->request_uri_text.ptr, request->request_uri_text.len);

	if (!passage || !uri) {
		free(passage);
		free(uri);
		reply_refuse_cause(b2bua, server, NULL, CAUSE_MEMORY);
		return;
	}
	*passage = (struct passage){
	    .phones = phones,
	    .peer = b2bua->sender,
	    .server = server,
	    .flow = *flow,
	    .kind = asked->kind,
	    .location = location,
	    .expires_s = asked->expires_s,
	    .uri = uri,
	};
	snprintf(passage->aor, sizeof(passage->aor), "%s", asked->aor);
	if (location)
		snprintf(passage->call_id, sizeof(passage->call_id), "%s", location->call_id);
	else
		random_text(passage->call_id, LOCATION_CALL_ID_TEXT - 1);
	if (location)
		location->passage = passage;
	TAILQ_INSERT_TAIL(&phones->passages, passage, link);

	const struct outside_request outside = {
	    .peer = passage->peer->registrar,
	    .method = SIP_METHOD_REGISTER,
	    .uri = passage->uri,
	    .write = passage_write,
	    .done = done,
	    .user = passage,
	};

	if (outside_send(&passage->outside, b2bua, &outside) < 0)
		done(passage, NULL, 500, NULL);
}

static void refuse(struct b2bua *b2bua, struct sip_server *server, enum cause cause)
{
	reply_refuse_cause(b2bua, server, NULL, cause);
}

void phone_register(struct b2bua *b2bua, struct sip_server *server,
		    const struct sip_message *request, const struct sip_flow *flow)
{
	struct phones *phones = b2bua->phones;
	struct asked asked = {0};
	struct location *location = NULL;
	enum cause cause = read_request(&asked, b2bua, request);

	if (cause == CAUSE_NONE && (asked.kind == PASSAGE_BIND || asked.kind == PASSAGE_UNBIND)) {
		location =
		    location_by_contact(phones->locations, phone_peer_number(b2bua, b2bua->sender),
					str_of(asked.aor), asked.contact.uri.whole);
		if (!location && asked.kind == PASSAGE_UNBIND) {
			phone_answer_known(b2bua, server, NULL, 0); /* so it is */
			return;
		}
		if (!location)
			cause = find_room(phones, &asked, flow, &location);
		if (cause == CAUSE_NONE)
			cause = check_turn(location, request);
	}
	if (cause != CAUSE_NONE)
		refuse(b2bua, server, cause);
	else if (asked.kind == PASSAGE_BIND && is_known(b2bua, location, request, flow))
		answer_known(phones, server, location);
	else
		pass_on(phones, server, &asked, location, flow);
}
