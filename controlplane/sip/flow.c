/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sip/flow.h"

#include <netinet/in.h>

#include "sip/message.h"

#define SIP_PORT_DEFAULT 5060

struct sip_flow sip_flow_reply(const struct sip_flow *from, const struct sip_via *via)
{
	struct sip_flow reply = *from;
	in_port_t port_be = htons(via->port != 0 ? via->port : SIP_PORT_DEFAULT);

	if (from->transport != SIP_UDP || via->rport)
		return reply;
	if (reply.remote.ss_family == AF_INET)
		((struct sockaddr_in *)&reply.remote)->sin_port = port_be;
	else if (reply.remote.ss_family == AF_INET6)
		((struct sockaddr_in6 *)&reply.remote)->sin6_port = port_be;
	return reply;
}
