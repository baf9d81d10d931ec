/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sip/flow.h"

#include "sip/message.h"

#define SIP_PORT_DEFAULT 5060

in_port_t sip_flow_port_be(const struct sip_flow *flow)
{
	if (flow->remote.ss_family == AF_INET)
		return ((const struct sockaddr_in *)&flow->remote)->sin_port;
	if (flow->remote.ss_family == AF_INET6)
		return ((const struct sockaddr_in6 *)&flow->remote)->sin6_port;
	return 0;
}

void sip_flow_set_port_be(struct sip_flow *flow, in_port_t port_be)
{
	if (flow->remote.ss_family == AF_INET)
		((struct sockaddr_in *)&flow->remote)->sin_port = port_be;
	else if (flow->remote.ss_family == AF_INET6)
		((struct sockaddr_in6 *)&flow->remote)->sin6_port = port_be;
}

struct sip_flow sip_flow_reply(const struct sip_flow *from, const struct sip_via *via)
{
	struct sip_flow reply = *from;

	if (from->transport == SIP_UDP && !via->rport)
		sip_flow_set_port_be(&reply, htons(via->port != 0 ? via->port : SIP_PORT_DEFAULT));
	return reply;
}
