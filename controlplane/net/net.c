/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The whole: opened from a configuration, closed, asked. */
#include "net/net.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "main/log.h"
#include "net/internal.h"

static void destroy(struct net *net)
{
	for (unsigned i = 0; i < net->tls_count; i++) {
		tls_context_free(net->tls[i].server);
		tls_context_free(net->tls[i].client);
	}
	bans_free(net->bans);
	rates_free(net->rates);
	free(net->peers_by_address);
	free(net->peers_by_network);
	free(net->peers);
	free(net->large);
	free(net->listeners);
	free(net->tls);
	free(net);
}

void net_hold(struct net *net)
{
	net->holds++;
}

void net_release(struct net *net)
{
	if (--net->holds == 0)
		destroy(net);
}

void net_log_refused(struct net *net, int event, const char *format, ...)
{
	unsigned suppressed;
	char text[1024];
	va_list arguments;

	if (!net_log_gate_pass(&net->log_gate, uv_now(net->loop), &suppressed))
		return;
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (suppressed)
		log_event((enum log_event)event, "%s (%u such lines left out)", text, suppressed);
	else
		log_event((enum log_event)event, "%s", text);
}

struct net_listener *net_listener_of(const struct net *net, const struct config_listener *config)
{
	return config ? &net->listeners[config - net->config->listeners] : NULL;
}

/* One that a peer of that profile needs is one for all: which peer it is is asked afterwards. */
static bool takes_server_auth_only(const struct net *net, const char *tls)
{
	for (unsigned i = 0; i < net->config->peer_count; i++) {
		const struct config_peer *peer = &net->config->peers[i];

		if (peer->transport == SIP_TLS && strcmp(peer->listener->tls->name, tls) == 0 &&
		    peer->server_auth_only)
			return true;
	}
	return false;
}

/* R6 */
static void log_own(const struct config_tls *config, const struct tls_certificate *own)
{
	log_event(LOG_CERTIFICATE,
		  "certificate of tls %s: subject %s, issuer %s, serial %s, SHA-1 %s, SHA-256 %s, "
		  "valid for another %lld days%s",
		  config->name, own->subject, own->issuer, own->serial, own->sha1, own->sha256,
		  (long long)((own->not_after - (int64_t)time(NULL)) / 86400),
		  own->client_auth
		      ? ""
		      : "; it does not allow client authentication, so peers may refuse "
			"our calls");
}

int net_tls_open(struct net *net, struct net_tls *tls, char *error, size_t size)
{
	const struct config_tls *config = tls->config;
	struct tls_settings settings = {
	    .role = TLS_SERVER,
	    .certificate = config->certificate,
	    .private_key = config->private_key,
	    .trust = config->trust,
	    .tls13_only = config->tls13_only,
	    .server_auth_only = takes_server_auth_only(net, config->name),
	};
	struct tls_certificate own;
	char why[512];
	int result = tls_context_new(&tls->server, &settings, &own, why, sizeof(why));

	settings.role = TLS_CLIENT;
	if (result == 0)
		result = tls_context_new(&tls->client, &settings, NULL, why, sizeof(why));
	if (result < 0)
		snprintf(error, size, "tls %s: %s", config->name, why);
	else
		log_own(config, &own);
	return result;
}

static int find_tls(struct net *net, const struct config_tls *config, struct net_tls **found,
		    char *error, size_t size)
{
	for (unsigned i = 0; i < net->tls_count; i++)
		if (net->tls[i].config == config) {
			*found = &net->tls[i];
			return 0;
		}
	if (!config) {
		snprintf(error, size, "a listener of transport tls has no tls profile");
		return -EINVAL;
	}
	*found = &net->tls[net->tls_count++];
	(*found)->config = config;
	net_tls_stamp(*found);
	return net_tls_open(net, *found, error, size);
}

static int open_listeners(struct net *net, char *error, size_t size)
{
	for (unsigned i = 0; i < net->listener_count; i++) {
		struct net_listener *listener = &net->listeners[i];
		int result = 0;

		listener->net = net;
		listener->config = &net->config->listeners[i];
		listener->number = i;
		if (listener->config->transport == SIP_TLS)
			result = find_tls(net, listener->config->tls, &listener->tls, error, size);
		if (result == 0)
			result = net_listener_open(listener, error, size);
		if (result < 0)
			return result;
	}
	return 0;
}

static int set_peers(struct net *net, char *error, size_t size)
{
	for (unsigned i = 0; i < net->peer_count; i++) {
		struct net_peer *peer = &net->peers[i];
		const struct config_peer *config = &net->config->peers[i];

		peer->net = net;
		peer->config = config;
		peer->listener = net_listener_of(net, config->listener);
		peer->transport = config->transport;
		TAILQ_INIT(&peer->connections);
		TAILQ_INIT(&peer->waiters);
		if (!peer->listener || config->listener->transport != config->transport) {
			snprintf(error, size, "peer %s has no listener of its transport",
				 config->name);
			return -EINVAL;
		}
		if (config->address &&
		    net_address_parse(&peer->address, config->address, config->port) < 0) {
			snprintf(error, size, "peer %s: %s is not an IP address", config->name,
				 config->address);
			return -EINVAL;
		}
		peer->has_address = config->address;
	}
	return net_large_open(net) < 0 ? -ENOMEM : net_peer_index(net);
}

static struct net *make(uv_loop_t *loop, const struct config *config)
{
	struct net *net = calloc(1, sizeof(*net));

	if (!net)
		return NULL;
	net->loop = loop;
	net->config = config;
	net->limits = net_limits_default;
	net->limits.messages = config->source_messages_per_s;
	if (config->connection_idle_s)
		net->limits.idle_ms = config->connection_idle_s * 1000;
	net->next_number = 1;
	net->holds = 1; /* the caller's, until net_close() */
	net->listener_count = config->listener_count;
	net->peer_count = config->peer_count;
	TAILQ_INIT(&net->connections);
	net->listeners = calloc(config->listener_count + 1, sizeof(*net->listeners));
	net->tls = calloc(config->listener_count + 1, sizeof(*net->tls));
	net->peers = calloc(config->peer_count + 1, sizeof(*net->peers));
	net->bans = bans_new();
	net->rates = rates_new();
	if (!net->listeners || !net->tls || !net->peers || !net->bans || !net->rates ||
	    getrandom(net->stranger_key, sizeof(net->stranger_key), 0) !=
		(ssize_t)sizeof(net->stranger_key)) {
		destroy(net);
		return NULL;
	}
	return net;
}

/* A write to a connection that the other side has reset must be an error, not the end of us. */
static void ignore_sigpipe(void)
{
	struct sigaction action;

	if (sigaction(SIGPIPE, NULL, &action) == 0 && action.sa_handler == SIG_DFL)
		(void)signal(SIGPIPE, SIG_IGN);
}

static int open_resolver(struct net *net, char *error, size_t size)
{
	int result = resolver_new(&net->resolver, net->loop, NULL);

	if (result < 0)
		snprintf(error, size,
			 "the DNS resolver cannot be set up: %s; look at "
			 "/etc/resolv.conf",
			 strerror(-result));
	else
		net_hold(net);
	return result;
}

static void on_resolver_closed(void *user)
{
	net_release(user);
}

int net_open(struct net **opened, uv_loop_t *loop, const struct config *config,
	     const struct net_ops *ops, void *user, char *error, size_t size)
{
	struct net *net = make(loop, config);
	int result;

	*opened = NULL;
	if (!net) {
		snprintf(error, size, "out of memory");
		return -ENOMEM;
	}
	net->ops = *ops;
	net->user = user;
	net_outbox_open(net);
	ignore_sigpipe();
	net_keepalive_open(net);
	result = open_resolver(net, error, size);
	if (result == 0)
		result = open_listeners(net, error, size);
	if (result == 0)
		result = set_peers(net, error, size);
	if (result < 0) {
		net_close(net);
		return result;
	}
	*opened = net;
	return 0;
}

void net_close(struct net *net)
{
	struct net_connection *connection;

	if (!net || net->closing)
		return;
	net->closing = true;
	for (unsigned i = 0; i < net->listener_count; i++)
		net_listener_close(&net->listeners[i]);
	for (unsigned i = 0; i < net->peer_count; i++)
		if (net->peers[i].net)
			net_flow_abandon(&net->peers[i]);
	for (unsigned i = 0; i < net->large_count; i++)
		net_flow_abandon(&net->large[i]);
	net_keepalive_close(net);
	while ((connection = TAILQ_FIRST(&net->connections)) != NULL)
		net_connection_close(connection, NULL);
	net_outbox_close(net);
	if (net->resolver)
		resolver_close(net->resolver, on_resolver_closed, net);
	net_release(net);
}

int net_send(struct net *net, const struct sip_flow *flow, const char *data, size_t length)
{
	struct net_connection *connection;
	int result;

	if (net->closing)
		return -ENOTCONN;
	if (flow->transport == SIP_UDP) {
		if (flow->listener >= net->listener_count ||
		    net->listeners[flow->listener].config->transport != SIP_UDP)
			return -ENOTCONN;
		result =
		    net_datagram_send(&net->listeners[flow->listener], &flow->remote, data, length);
	} else {
		connection = net_connection_find(net, flow->connection);
		result = connection ? net_stream_send(connection, data, length) : -ENOTCONN;
	}
	if (result == 0)
		net->counters.sent++;
	return result;
}

const struct config_peer *net_connection_peer(const struct net *net, uint64_t number)
{
	const struct net_connection *connection = net_connection_find(net, number);

	return connection && connection->state == NET_UP ? connection->peer->config : NULL;
}

bool net_connection_behind(const struct net *net, uint64_t number)
{
	const struct net_connection *connection = net_connection_find(net, number);

	return connection && connection->backlog.since_ms != 0;
}

bool net_flow_encrypted(const struct net *net, const struct sip_flow *flow)
{
	const struct net_connection *connection = net_connection_find(net, flow->connection);

	return flow->transport == SIP_TLS && connection && connection->state == NET_UP &&
	       connection->tls && tls_encrypted(connection->tls);
}

void net_counters(const struct net *net, struct net_counters *counters)
{
	*counters = net->counters;
}

unsigned net_connections(const struct net *net)
{
	return net->connection_count;
}

unsigned net_connections_most(const struct net *net)
{
	return net->limits.connections;
}

void net_limits_set(struct net *net, const struct net_limits *limits)
{
	net->limits = *limits;
}
