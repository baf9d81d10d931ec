/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "b2bua/host.h"

#include <stdio.h>
#include <string.h>

void host_format(const char *host, char *text, size_t size)
{
	snprintf(text, size, strchr(host, ':') ? "[%s]" : "%s", host);
}

static void with_port(const char *host, uint16_t port, char *text, size_t size)
{
	snprintf(text, size, strchr(host, ':') ? "[%s]:%u" : "%s:%u", host, port);
}

const char *host_of_listener(const struct config_listener *listener)
{
	return listener->host ? listener->host : listener->address;
}

const char *host_of_peer(const struct config_peer *peer)
{
	return peer->fqdn ? peer->fqdn : peer->address;
}

void host_port_format(const struct config_listener *listener, char *text, size_t size)
{
	with_port(host_of_listener(listener), listener->port, text, size);
}

void host_peer_format(const struct config_peer *peer, char *text, size_t size)
{
	with_port(host_of_peer(peer), peer->port, text, size);
}

const char *host_transport_param(enum sip_transport transport)
{
	static const char *const params[] = {
	    [SIP_UDP] = "", [SIP_TCP] = ";transport=tcp", [SIP_TLS] = ";transport=tls"};

	return params[transport];
}

const char *host_via_transport(enum sip_transport transport)
{
	static const char *const names[] = {
	    [SIP_UDP] = "UDP", [SIP_TCP] = "TCP", [SIP_TLS] = "TLS"};

	return names[transport];
}
