/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How our own and the peers' hosts are written into SIP. */
#pragma once

#include <stddef.h>

#include "policy/config.h"

#define HOST_TEXT_MAX 288U

/* "relay.example:5061", "[2001:db8::1]:5060" */
void host_port_format(const struct config_listener *listener, char *text, size_t size);
/* The same without port, of From. */
void host_format(const char *host, char *text, size_t size);
/* Where a peer is called: its FQDN, else its address; with its port. */
void host_peer_format(const struct config_peer *peer, char *text, size_t size);
/* ";transport=tls"; nothing for UDP, which is the default (RFC 3263 4.1) */
const char *host_transport_param(enum sip_transport transport);
/* "TLS", as Via says it */
const char *host_via_transport(enum sip_transport transport);
const char *host_of_listener(const struct config_listener *listener);
const char *host_of_peer(const struct config_peer *peer);
