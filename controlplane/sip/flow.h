/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a SIP message came from and where an answer goes (RFC 3261 18, RFC 5626 "flow"). */
#pragma once

#include <netinet/in.h>
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

/* The port that it leads to, network order; 0: of no family that has one. */
in_port_t sip_flow_port_be(const struct sip_flow *flow);
void sip_flow_set_port_be(struct sip_flow *flow, in_port_t port_be);

struct sip_via;
/*
 * Where the answer to a request that came from a flow with this topmost Via goes (RFC 3261 18.2.2,
 * RFC 3581 4): back on the connection; over UDP to the source address, and to its port when the Via
 * asks by rport, else to the port of sent-by (5060 when none). maddr is not obeyed: it would let a
 * sender aim our answers.
 */
struct sip_flow sip_flow_reply(const struct sip_flow *from, const struct sip_via *via);
