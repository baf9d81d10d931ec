/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TLS of a connection: from its first byte to the peer whose certificate that is, and then on. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "main/log.h"
#include "net/internal.h"

int net_secure_begin(struct net_connection *connection)
{
	struct net_tls *tls = connection->listener->tls;
	bool inbound = connection->direction == NET_INBOUND;
	int result = tls_connection_new(&connection->tls, inbound ? tls->server : tls->client,
					inbound ? NULL : connection->peer->config->fqdn);

	if (result < 0)
		return result;
	connection->state = NET_HANDSHAKE;
	net_connection_deadline(connection, NET_DEADLINE_HANDSHAKE);
	if (!inbound)
		net_secure_input(connection, NULL, 0); /* the client speaks first */
	return 0;
}

int net_secure_flush(struct net_connection *connection)
{
	const uint8_t *data;
	size_t length = tls_output(connection->tls, &data);
	int result = length ? net_connection_write(connection, data, length) : 0;

	if (result == 0 && length)
		tls_output_done(connection->tls, length);
	return result;
}

/* A last word (close_notify or an alert) if it goes out at once: we are about to close. */
void net_secure_end(struct net_connection *connection)
{
	uv_stream_t *stream = (uv_stream_t *)&connection->tcp;
	const uint8_t *data;

	tls_shutdown(connection->tls);
	size_t length = tls_output(connection->tls, &data);

	if (length == 0 || uv_stream_get_write_queue_size(stream) > 0)
		return;
	uv_buf_t buffer = uv_buf_init((char *)(uintptr_t)data, (unsigned)length);

	(void)uv_try_write(stream, &buffer, 1);
}

static void names_text(char *text, size_t size, const struct tls_identities *identities)
{
	size_t used = 0;

	snprintf(text, size, "%s", identities->count ? "" : "none");
	for (unsigned i = 0; i < identities->count && used < size; i++) {
		int n =
		    snprintf(text + used, size - used, "%s%s", i ? ", " : "", identities->name[i]);

		used += n > 0 ? (size_t)n : 0;
	}
}

static bool trusts_alike(const struct config_tls *a, const struct config_tls *b)
{
	return a == b || (a && b && strcmp(a->trust, b->trust) == 0);
}

/*
 * The configured peer that these identities are. A peer is known only where the trust anchors are
 * those of its own listener: another listener's authorities have no say in who it is. Names
 * written out come before wildcards.
 */
static struct net_peer *find_peer(const struct net_connection *connection,
				  const struct tls_identities *identities)
{
	const struct net *net = connection->net;
	const struct config_tls *here = connection->listener->config->tls;

	for (int wildcard = 0; wildcard < 2; wildcard++)
		for (unsigned i = 0; i < net->peer_count; i++) {
			struct net_peer *peer = &net->peers[i];
			const struct config_peer *config = peer->config;

			if (config->transport != SIP_TLS || (wildcard && !config->wildcard) ||
			    !trusts_alike(config->listener->tls, here))
				continue;
			if (tls_identity_match(identities, config->fqdn, wildcard))
				return peer;
		}
	return NULL;
}

static void refuse_handshake(struct net_connection *connection, const char *reason)
{
	struct net *net = connection->net;
	char remote[NET_ADDRESS_TEXT];

	net->counters.tls_failed++;
	net_address_format(remote, (struct sockaddr *)&connection->flow.remote);
	if (connection->direction == NET_INBOUND) {
		struct net_peer *peer =
		    net_peer_by_address(net, SIP_TLS, (struct sockaddr *)&connection->flow.remote);

		net_log_refused(net, LOG_TLS_REFUSED, "TLS from %s refused: %s", remote, reason);
		net_offence(connection, BAN_TLS_FAILED);
		if (peer)
			net_peer_error(peer, "%s (it called us)", reason);
	}
	net_connection_close(connection, reason);
}

static void remember(struct net_connection *connection, struct net_peer *peer,
		     const struct tls_certificate *certificate)
{
	struct net_peer_status *status = &peer->status;

	status->identity_seen = true;
	status->certificate_not_after = certificate->not_after;
	snprintf(status->tls_version, sizeof(status->tls_version), "%s",
		 tls_version(connection->tls));
	snprintf(status->tls_cipher, sizeof(status->tls_cipher), "%s", tls_cipher(connection->tls));
}

static const char no_client_auth[] = "certificate does not allow client authentication (extended "
				     "key usage), nor does server_auth_only of that peer";

static void identify_caller(struct net_connection *connection,
			    const struct tls_identities *identities,
			    const struct tls_certificate *certificate)
{
	struct net *net = connection->net;
	struct net_peer *peer = find_peer(connection, identities);
	char remote[NET_ADDRESS_TEXT], names[512];

	net_address_format(remote, (struct sockaddr *)&connection->flow.remote);
	if (!peer) {
		net->counters.unknown_identity++;
		names_text(names, sizeof(names), identities);
		net_log_refused(
		    net, LOG_PEER_UNKNOWN,
		    "TLS from %s refused: no peer has the identity of its certificate: %s "
		    "(serial %s, issuer %s)",
		    remote, names, certificate->serial, certificate->issuer);
		net_offence(connection, BAN_UNKNOWN_IDENTITY);
		net_connection_close(connection, "certificate of no configured peer");
		return;
	}
	if (!certificate->client_auth &&
	    !(peer->config->server_auth_only && certificate->server_auth)) {
		net_peer_error(peer, "%s", no_client_auth);
		refuse_handshake(connection, no_client_auth);
		return;
	}
	/* with the certificate of one peer, all that there may be could be taken from the others */
	if (!peer->config->registrar && peer->connection_count >= net->limits.per_peer) {
		net->counters.limit++;
		net_log_refused(net, LOG_TLS_REFUSED,
				"connection of peer %s from %s refused: it has %u already",
				peer->config->name, remote, peer->connection_count);
		net_connection_close(connection, "too many connections of that peer");
		return;
	}
	remember(connection, peer, certificate);
	net_known_note(peer, &connection->flow.remote);
	net_connection_up(connection, peer);
}

/* The name that was configured, not what DNS made of it. */
static void identify_callee(struct net_connection *connection,
			    const struct tls_identities *identities,
			    const struct tls_certificate *certificate)
{
	struct net_peer *peer = connection->peer;
	char names[64], reason[NET_ERROR_TEXT];

	if (!tls_identity_match(identities, peer->config->fqdn, peer->config->wildcard)) {
		connection->net->counters.unknown_identity++;
		names_text(names, sizeof(names), identities);
		snprintf(reason, sizeof(reason), "identity %s is not %.60s", names,
			 peer->config->fqdn);
		net_connection_close(connection, reason);
		return;
	}
	remember(connection, peer, certificate);
	net_connection_up(connection, peer);
}

static void identify(struct net_connection *connection)
{
	struct tls_identities identities;
	struct tls_certificate certificate;
	int result = tls_peer(connection->tls, &identities, &certificate);

	if (result < 0 && result != -ENOENT)
		refuse_handshake(connection, "names of the certificate cannot be read");
	else if (connection->direction == NET_INBOUND)
		identify_caller(connection, &identities, &certificate);
	else
		identify_callee(connection, &identities, &certificate);
}

static void handshake(struct net_connection *connection)
{
	enum tls_progress progress = tls_handshake(connection->tls);

	if (net_secure_flush(connection) < 0)
		return;
	if (progress == TLS_FAILED)
		refuse_handshake(connection, tls_failure(connection->tls));
	else if (progress == TLS_UP)
		identify(connection);
}

/* All that can be read now; tls_read() may also have something to answer. */
static void read_all(struct net_connection *connection)
{
	while (connection->state == NET_UP) {
		size_t size;
		char *room = net_stream_room(connection, &size);

		if (!room)
			return;
		long n = tls_read(connection->tls, room, size);

		if (net_outbox_length(connection) && net_outbox_add(connection) < 0)
			return;
		if (n == -EAGAIN)
			return;
		if (n > 0) {
			net_stream_take(connection, (size_t)n);
			continue;
		}
		if (n < 0)
			connection->net->counters.tls_failed++;
		net_connection_close(connection,
				     n == 0 ? net_reason_closed : tls_failure(connection->tls));
	}
}

void net_secure_input(struct net_connection *connection, const void *data, size_t length)
{
	if (tls_input(connection->tls, data, length) < 0) {
		net_connection_close(connection, "TLS records are longer than they may be");
		return;
	}
	if (connection->state == NET_HANDSHAKE)
		handshake(connection);
	read_all(connection);
}
