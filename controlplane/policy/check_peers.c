/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Meaning of peers: who a peer is, and whether its transport suits its dial plan. */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/load.h"

#define PHONE_EXPIRES_UDP_S 60U

static void fill_peer(struct load *load, struct config_peer *peer)
{
	struct sockaddr_storage address;
	char canonical[INET6_ADDRSTRLEN];

	peer->port_by_dns = peer->port == 0 && !peer->address;
	if (peer->port == 0)
		peer->port = peer->transport == SIP_TLS ? 5061 : 5060;
	if (!peer->address)
		return;
	address_parse(peer->address, 0, &address);
	if (address_is_any(&address)) {
		load_error_at(load, &peer->address,
			      "%saddress: %s is no host; must be the address of the peer",
			      load_label(load, &schema_peer, peer).text,
			      load_show(peer->address).text);
		return;
	}
	address_format(&address, canonical, sizeof(canonical));
	free(peer->address);
	peer->address = strdup(canonical);
	if (!peer->address)
		load->out_of_memory = true;
}

static void fill_network(struct load *load, struct config_peer *peer)
{
	char canonical[INET6_ADDRSTRLEN];
	char *text;

	if (!peer->network ||
	    network_parse(peer->network, &peer->network_address, &peer->network_bits) == 0)
		return;
	address_format(&peer->network_address, canonical, sizeof(canonical));
	if (asprintf(&text, "%s/%u", canonical, peer->network_bits) < 0) {
		load->out_of_memory = true;
		return;
	}
	free(peer->network);
	peer->network = text;
}

static void fill_realm(struct load *load, struct config_peer *peer)
{
	const struct config_listener *listener = peer->listener;
	const char *host = listener && listener->host ? listener->host
			   : listener                 ? listener->address
						      : NULL;

	if (!peer->auth_users_file || peer->auth_realm || !host ||
	    load_bad(load, &peer->auth_realm))
		return;
	peer->auth_realm = strdup(host);
	if (!peer->auth_realm)
		load->out_of_memory = true;
}

static int peer_family(const struct config_peer *peer)
{
	struct sockaddr_storage address;

	if (peer->network_address.ss_family)
		return peer->network_address.ss_family;

	return peer->address ? address_parse(peer->address, 0, &address) : AF_UNSPEC;
}

static bool listener_suits(const struct config_peer *peer, const struct config_listener *listener)
{
	int family = peer_family(peer);

	return listener->transport == peer->transport &&
	       (family == AF_UNSPEC || listener->socket_address.ss_family == AF_UNSPEC ||
		listener->socket_address.ss_family == family);
}

static void choose_listener(struct load *load, struct config_peer *peer)
{
	const struct config *config = load->config;

	for (unsigned i = 0; i < config->listener_count; i++) {
		/* one that could not be read may be the one that is meant */
		if (load_bad(load, &config->listeners[i].transport))
			return;
		if (listener_suits(peer, &config->listeners[i])) {
			peer->listener = &config->listeners[i];
			return;
		}
	}
	if (config->listener_count > 0)
		load_error_at(
		    load, &peer->listener,
		    "%sno listener has transport %s and its address family; add one under "
		    "listeners",
		    load_label(load, &schema_peer, peer).text, sip_transport_name(peer->transport));
}

static void check_peer_listener(struct load *load, struct config_peer *peer)
{
	const struct config_listener *listener = peer->listener;

	if (load_given(load, &peer->listener)) {
		if (listener && !load_bad(load, &listener->transport) &&
		    !listener_suits(peer, listener))
			load_error_at(
			    load, &peer->listener,
			    "%slistener: %s is %s on %s; must have the peer's transport (%s) "
			    "and address family",
			    load_label(load, &schema_peer, peer).text,
			    load_show(listener->name).text, sip_transport_name(listener->transport),
			    listener->address ? listener->address : "no address",
			    sip_transport_name(peer->transport));
	} else if (!load_bad(load, &peer->listener)) {
		choose_listener(load, peer);
	}
}

/* R1: signalling that is clear cannot carry a secured plan; a plan without TLS has no TLS peers. */
static void check_peer_security(struct load *load, const struct config_peer *peer)
{
	const struct config_dial_plan *plan = peer->dial_plan;

	if (!plan || load_bad(load, &plan->security))
		return;
	bool needs_tls = plan->security != SECURITY_UNSECURED;
	if (needs_tls != (peer->transport == SIP_TLS))
		load_error_at(
		    load, &peer->transport,
		    "%stransport: %s does not suit dial plan %s, whose security is %s; must "
		    "be %s",
		    load_label(load, &schema_peer, peer).text, sip_transport_name(peer->transport),
		    plan->name ? plan->name : "?", security_mode_name(plan->security),
		    needs_tls ? "tls" : "tcp or udp");
}

static void check_peer_identity(struct load *load, const struct config_peer *peer)
{
	struct load_label label = load_label(load, &schema_peer, peer);
	const char *transport = sip_transport_name(peer->transport);

	if (peer->transport == SIP_TLS) {
		if (!peer->fqdn && !load_bad(load, &peer->fqdn))
			load_error_at(load, &peer->fqdn,
				      "%sfqdn is missing; a tls peer is known by the name in its "
				      "certificate",
				      label.text);
		if (peer->network)
			load_error_at(load, &peer->network,
				      "%snetwork: a tls peer is known by its certificate; must be "
				      "left out",
				      label.text);
		return;
	}
	if (!peer->address && !peer->network && !load_bad(load, &peer->address) &&
	    !load_bad(load, &peer->network))
		load_error_at(load, &peer->address,
			      "%saddress is missing; a %s peer is known by its source address",
			      label.text, transport);
	if (peer->address && peer->network)
		load_error_at(load, &peer->network,
			      "%snetwork: the peer has an address already; must be one of both",
			      label.text);
	if (peer->wildcard)
		load_error_at(load, &peer->wildcard,
			      "%swildcard: transport %s has no certificate; must be left out",
			      label.text, transport);
	if (peer->server_auth_only)
		load_error_at(
		    load, &peer->server_auth_only,
		    "%sserver_auth_only: transport %s has no certificate; must be left out",
		    label.text, transport);
}

/* What has no meaning for the peer's transport. */
static void check_peer_flows(struct load *load, const struct config_peer *peer)
{
	struct load_label label = load_label(load, &schema_peer, peer);

	if (peer->connection_reuse != CONNECTION_REUSE_CERTIFICATE && peer->transport != SIP_TLS)
		load_error_at(load, &peer->connection_reuse,
			      "%sconnection_reuse: only a tls peer shows who made a connection; "
			      "must be left out",
			      label.text);
	if (peer->large_requests != LARGE_REQUESTS_TCP && peer->transport != SIP_UDP)
		load_error_at(load, &peer->large_requests,
			      "%slarge_requests: only udp has requests that are too large; must be "
			      "left out",
			      label.text);
	if (peer->watch_ms && peer->network)
		load_error_at(
		    load, &peer->watch_ms,
		    "%swatch_s: %s is a network, which cannot be asked whether it serves; "
		    "must be left out, or the peer have an address",
		    label.text, peer->network);
}

static void check_peer_auth(struct load *load, const struct config_peer *peer)
{
	struct load_label label = load_label(load, &schema_peer, peer);

	if (peer->auth_user && !peer->auth_password_file &&
	    !load_bad(load, &peer->auth_password_file))
		load_error_at(load, &peer->auth_user,
			      "%sauth_password_file is missing; auth_user needs a password",
			      label.text);
	if (!peer->auth_user && !load_bad(load, &peer->auth_user) && peer->auth_password_file)
		load_error_at(load, &peer->auth_password_file,
			      "%sauth_user is missing; a password needs a user", label.text);
	if (peer->auth_realm && !peer->auth_users_file && !load_bad(load, &peer->auth_users_file))
		load_error_at(load, &peer->auth_realm,
			      "%sauth_users_file is missing; a realm needs users", label.text);
	if (load_given(load, &peer->auth_identity) && !peer->auth_users_file &&
	    !load_bad(load, &peer->auth_users_file))
		load_error_at(load, &peer->auth_identity,
			      "%sauth_users_file is missing; auth_identity is for its users",
			      label.text);
}

static void check_peer_identities(struct load *load, const struct config_peer *peer)
{
	if (peer->trust && peer->asserted_identity)
		load_error_at(load, &peer->asserted_identity,
			      "%sasserted_identity: a peer with trust asserts identities itself; "
			      "must be left out",
			      load_label(load, &schema_peer, peer).text);
}

/* Phones behind NAT must come again before their way is closed: over UDP within a minute. */
static void check_peer_registrar(struct load *load, struct config_peer *peer)
{
	struct load_label label = load_label(load, &schema_peer, peer);

	if (peer->registrar == peer)
		load_error_at(load, &peer->registrar,
			      "%sregistrar: must be another peer than this one", label.text);
	else if (peer->registrar && peer->registrar->network)
		load_error_at(load, &peer->registrar,
			      "%sregistrar: %s is a network, which cannot be called; must be a "
			      "peer with an address or name",
			      label.text, load_show(peer->registrar->name).text);
	if (!peer->registrar && !load_bad(load, &peer->registrar) &&
	    (load_given(load, &peer->phone_expires_s) ||
	     load_given(load, &peer->max_registrations)))
		load_error_at(load, &peer->registrar,
			      "%sregistrar is missing; phone_expires_s and max_registrations are "
			      "for phones that register",
			      label.text);
	if (peer->registrar && peer->transport == SIP_UDP &&
	    !load_given(load, &peer->phone_expires_s))
		peer->phone_expires_s = PHONE_EXPIRES_UDP_S;
}

static void check_peer(struct load *load, struct config_peer *peer)
{
	fill_peer(load, peer);
	fill_network(load, peer);
	if (load_bad(load, &peer->transport))
		return;
	check_peer_listener(load, peer);
	check_peer_security(load, peer);
	check_peer_identity(load, peer);
	check_peer_auth(load, peer);
	check_peer_identities(load, peer);
	check_peer_registrar(load, peer);
	fill_realm(load, peer);
	check_peer_flows(load, peer);
}

/* A request must belong to one peer: by certificate over TLS, by source address without. */
static void check_peers_unique(struct load *load, struct unique_row *rows)
{
	const struct config *config = load->config;

	for (unsigned i = 0; i < config->peer_count; i++) {
		const struct config_peer *peer = &config->peers[i];
		bool tls = peer->transport == SIP_TLS && !load_bad(load, &peer->transport);

		rows[i] = (struct unique_row){tls ? peer->fqdn : NULL, &peer->fqdn, peer, 0};
	}
	check_unique(load, &schema_peer, rows, config->peer_count, "fqdn",
		     "a tls peer needs a name of its own");
	for (unsigned i = 0; i < config->peer_count; i++) {
		const struct config_peer *peer = &config->peers[i];
		bool clear = peer->transport != SIP_TLS && !load_bad(load, &peer->transport);

		rows[i] =
		    (struct unique_row){clear ? peer->address : NULL, &peer->address, peer, 0};
	}
	check_unique(load, &schema_peer, rows, config->peer_count, "address",
		     "a tcp or udp peer needs an address of its own");
	for (unsigned i = 0; i < config->peer_count; i++) {
		const struct config_peer *peer = &config->peers[i];

		rows[i] = (struct unique_row){peer->network, &peer->network, peer, 0};
	}
	check_unique(load, &schema_peer, rows, config->peer_count, "network",
		     "each needs a network of its own");
}

void check_peers(struct load *load)
{
	struct config *config = load->config;
	struct unique_row *rows = calloc(config->peer_count + 1, sizeof(*rows));

	if (!rows) {
		load->out_of_memory = true;
		return;
	}
	for (unsigned i = 0; i < config->peer_count; i++)
		check_peer(load, &config->peers[i]);
	check_peers_unique(load, rows);
	free(rows);
}
