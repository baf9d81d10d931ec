/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All phones that are registered: their life, their connections, and what others ask of them. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "b2bua/number.h"
#include "b2bua/registration/page.h"
#include "b2bua/registration/phone_internal.h"
#include "main/log.h"
#include "net/address.h"

#define PER_AOR 10U

int phone_aor(char aor[PHONE_AOR_MAX], const struct sip_uri *uri)
{
	char user[NUMBER_TEXT_MAX];
	int length;

	if ((uri->scheme != SIP_SCHEME_SIP && uri->scheme != SIP_SCHEME_SIPS) || !uri->user.len ||
	    number_normalise(user, uri->user) < 0)
		return -EINVAL;
	length = snprintf(aor, PHONE_AOR_MAX, "sip:%s@%.*s", user, STR_FMT(uri->host));
	if (length < 0 || (size_t)length >= PHONE_AOR_MAX)
		return -EINVAL;
	for (char *host = strrchr(aor, '@'); *host; host++)
		*host = (char)tolower((unsigned char)*host);
	return 0;
}

/* ---- connections ---- */

/* connection 0: none. */
static void hold(struct phones *phones, struct location *location, uint64_t connection)
{
	struct net *net = phones->b2bua->net;

	if (connection)
		net_connection_hold(net, connection);
	if (location->held)
		net_connection_unhold(net, location->held);
	location->held = connection;
}

static bool is_there(const struct phones *phones, const struct sip_flow *flow)
{
	return !flow->connection || net_connection_peer(phones->b2bua->net, flow->connection);
}

void phones_bind(struct phones *phones, struct location *location, const struct sip_flow *flow,
		 uint64_t until_ms)
{
	location_bind(phones->locations, location, flow, until_ms);
	hold(phones, location, flow->connection);
	if (!is_there(phones, flow))
		location_lose(phones->locations, location);
}

static void log_gone(const struct phones *phones, const struct location *location, const char *what,
		     const char *why)
{
	if (location->bound && b2bua_may_log(phones->b2bua))
		log_event(LOG_PHONE_GONE, "%s of %s %s: %s", location->aor,
			  phones->b2bua->config->peers[location->peer].name, what, why);
}

void phones_drop(struct phones *phones, struct location *location, const char *why)
{
	struct passage *passage = location->passage;

	if (passage)
		passage->location = NULL;
	log_gone(phones, location, "is not registered any more", why);
	hold(phones, location, 0);
	location_remove(phones->locations, location);
}

/* The registrar has the binding still, and the phone comes back to it: so it stays. One that was
 * never bound is nobody's. */
void phones_connection_lost(struct phones *phones, uint64_t connection)
{
	struct location *location;

	while ((location = location_by_connection(phones->locations, connection))) {
		phones->b2bua->counters.phones_lost++;
		if (!location->bound) {
			phones_drop(phones, location, "its connection was lost");
			continue;
		}
		log_gone(phones, location, "cannot be reached", "its connection was lost");
		location->held = 0;
		location_lose(phones->locations, location);
	}
}

/* ---- life ---- */

int phones_new(struct phones **made, struct b2bua *b2bua)
{
	const struct location_limits limits = {
	    .total = b2bua->config->max_registrations,
	    .per_aor = PER_AOR,
	    .peers = b2bua->config->peer_count,
	};
	struct phones *phones = calloc(1, sizeof(*phones));

	if (!phones)
		return -ENOMEM;
	phones->b2bua = b2bua;
	TAILQ_INIT(&phones->passages);
	if (locations_new(&phones->locations, &limits) < 0) {
		free(phones);
		return -ENOMEM;
	}
	*made = phones;
	return 0;
}

void phones_free(struct phones *phones)
{
	struct passage *passage;

	if (!phones)
		return;
	while ((passage = TAILQ_FIRST(&phones->passages)))
		passage_free(passage);
	locations_free(phones->locations);
	free(phones);
}

void phones_run(struct phones *phones)
{
	uint64_t now = b2bua_now_ms(phones->b2bua);
	struct location *location;

	while ((location = location_ended(phones->locations, now)))
		phones_drop(phones, location, "not refreshed");
}

int64_t phones_next(const struct phones *phones)
{
	return locations_next(phones->locations, b2bua_now_ms(phones->b2bua));
}

/* ---- what others ask ---- */

bool phone_is_token(struct str user)
{
	if (user.len != LOCATION_TOKEN_TEXT - 1 || user.ptr[0] != 'r')
		return false;
	for (size_t i = 1; i < user.len; i++)
		if (!isdigit((unsigned char)user.ptr[i]) &&
		    (user.ptr[i] < 'a' || user.ptr[i] > 'f'))
			return false;
	return true;
}

const struct location *phone_by_token(const struct phones *phones,
				      const struct config_peer *registrar, struct str token,
				      enum cause *cause)
{
	const struct location *location = location_by_token(phones->locations, token);

	*cause = CAUSE_NOT_REGISTERED;
	if (!location || !location->bound ||
	    phones->b2bua->config->peers[location->peer].registrar != registrar)
		return NULL;
	*cause = location->lost ? CAUSE_FLOW_LOST : CAUSE_NONE;
	return location->lost ? NULL : location;
}

/* The same place, perhaps written in another way. */
static bool is_contact(const struct location *location, const struct sip_uri *contact)
{
	struct sip_uri own;

	return sip_uri_parse(&own, str_of(location->contact)) == 0 && sip_uri_equal(&own, contact);
}

const struct sip_flow *phone_flow(const struct phones *phones, const struct config_peer *peer,
				  const char *aor, const char *contact)
{
	const struct location *location = NULL;
	struct sip_name_addr named;
	struct sip_uri uri;
	char text[PHONE_AOR_MAX];

	if (!peer->registrar || !aor || !contact || sip_uri_parse(&uri, str_of(contact)) < 0 ||
	    sip_name_addr_parse(&named, str_of(aor)) < 0 || phone_aor(text, &named.uri) < 0)
		return NULL;
	while (
	    (location = location_by_aor(phones->locations, phone_peer_number(phones->b2bua, peer),
					str_of(text), location)))
		if (location->bound && !location->lost && is_contact(location, &uri))
			return &location->flow;
	return NULL;
}

static const char *state_of(const struct location *location)
{
	return location->lost ? "unreachable" : "registered";
}

static json_t *phone_object(const struct phones *phones, const struct location *location)
{
	const struct config_peer *peer = &phones->b2bua->config->peers[location->peer];
	uint64_t now = b2bua_now_ms(phones->b2bua);
	uint64_t left_ms = location->end.due_ms > now ? location->end.due_ms - now : 0;
	char source[NET_ADDRESS_TEXT];

	net_address_format(source, (const struct sockaddr *)&location->flow.remote);
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:I}", "kind", "phone", "peer",
			 peer->name, "registrar", peer->registrar->name, "aor", location->aor,
			 "contact", location->contact, "source", source, "state",
			 state_of(location), "expires_s", (json_int_t)(left_ms / 1000));
}

bool phones_page(const struct phones *phones, struct registration_page *page, uint64_t after)
{
	const struct location *location = location_after(phones->locations, after);

	for (; location && registration_page_open(page);
	     location = location_each(phones->locations, location)) {
		const char *peer = phones->b2bua->config->peers[location->peer].name;

		if (registration_page_wants(page, location->serial, peer, state_of(location)) &&
		    location->bound)
			json_array_append_new(page->list, phone_object(phones, location));
	}
	return location;
}

unsigned phones_count(const struct phones *phones)
{
	return locations_count(phones->locations);
}
