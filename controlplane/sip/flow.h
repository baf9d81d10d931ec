/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a SIP message came from and where an answer goes (RFC 3261 18, RFC 5626 "flow"). */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

enum sip_transport { SIP_UDP, SIP_TCP, SIP_TLS };

struct sip_flow {
	enum sip_transport transport;
	uint32_t listener;   /* number of the local listener: UDP sends from its socket */
	uint64_t connection; /* TCP and TLS: a number that is never used again; 0 for UDP */
	struct sockaddr_storage remote;
	struct sockaddr_storage local; /* for Via and Contact */
};

static inline bool sip_transport_reliable(enum sip_transport transport)
{
	return transport != SIP_UDP;
}
