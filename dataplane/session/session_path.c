/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ways to a leg's peer: from addresses, routes and neighbours to ready-made headers. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "session/session.h"

/* Not set, or 0.0.0.0, with which old phones say hold (RFC 3264 8.4). */
static bool addr_is_any(const struct sluice_addr *addr)
{
	static const uint8_t zero[16];

	return !memcmp(addr->ip, zero, sizeof(zero));
}

/* Where packets of that kind go, and from which of our ports. */
static void ends_choose(const struct session_leg *leg, enum srtp_packet_kind kind,
			struct path_ends *ends)
{
	unsigned way = leg->rtcp_mux ? SRTP_PACKET_RTP : kind;

	ends->local = leg->local;
	ends->local.port = (uint16_t)(leg->local.port + way);
	ends->remote = leg->latched[way].family ? leg->latched[way] : leg->remote[way];
}

/* The interface whose port is that device. */
static int device_find(const struct sessions *sessions, unsigned ifindex)
{
	const struct interfaces *interfaces = sessions->config.interfaces;

	for (unsigned i = 0; i < interfaces->count; i++)
		if (interfaces->interface[i].port->ifindex == ifindex)
			return (int)i;
	return -1;
}

/* Finds the port and the next hop. Returns why there is none. */
static enum sluice_drop hop_find(struct sessions *sessions, const struct session_leg *leg,
				 struct path_ends *ends, struct nexthop *hop)
{
	const struct interfaces *interfaces = sessions->config.interfaces;
	int interface = (int)leg->interface;

	if (port_kind_is_link(interfaces->interface[interface].port->kind)) {
		hop->mac = interfaces->interface[interface].port->neighbour;
	} else {
		int rc = sessions->config.nexthops
			     ? nexthop_lookup(sessions->config.nexthops, ends->remote.family,
					      ends->remote.ip, ends->local.ip, hop)
			     : -EHOSTUNREACH;

		if (rc)
			return rc == -EINPROGRESS || rc == -EHOSTDOWN ? SLUICE_DROP_NO_NEIGHBOUR
								      : SLUICE_DROP_NO_ROUTE;
		interface = device_find(sessions, hop->ifindex);
		if (interface < 0)
			return SLUICE_DROP_NO_ROUTE;
	}
	ends->port = (uint8_t)interface;
	ends->mac = &interfaces->interface[interface].port->mac;
	ends->mtu = interfaces->interface[interface].port->mtu;
	ends->hop_mac = &hop->mac;
	return SLUICE_DROP_NONE;
}

static void path_find(struct sessions *sessions, const struct session *session, unsigned number,
		      enum srtp_packet_kind kind, struct path *path)
{
	const struct session_leg *leg = &session->leg[number];
	struct path_ends ends = {.dscp = leg->dscp};
	struct nexthop hop = {0};
	enum sluice_drop drop;

	ends_choose(leg, kind, &ends);
	if (!ends.remote.port || addr_is_any(&ends.remote))
		drop = kind == SRTP_PACKET_RTCP && !leg->rtcp_mux ? SLUICE_DROP_NO_RTCP
								  : SLUICE_DROP_NO_PEER;
	else
		drop = hop_find(sessions, leg, &ends, &hop);
	if (drop)
		path_close(path, drop);
	else
		path_build(path, &ends);
}

void leg_paths(struct sessions *sessions, struct session *session, unsigned leg, struct mail *mail)
{
	struct session_leg *l = &session->leg[leg];

	l->unresolved = false;
	for (unsigned kind = 0; kind < 2; kind++) {
		struct path path;

		path_find(sessions, session, leg, kind, &path);
		if (path.drop == SLUICE_DROP_NO_ROUTE || path.drop == SLUICE_DROP_NO_NEIGHBOUR)
			l->unresolved = true;
		if (!memcmp(&path, &l->path[kind], sizeof(path)))
			continue;
		memcpy(&l->path[kind], &path, sizeof(path));
		memcpy(&mail->path[kind], &path, sizeof(path));
		mail->parts |= MAIL_OF(PATH, kind);
	}
}

void session_paths_renew(struct sessions *sessions, struct session *session)
{
	for (unsigned leg = 0; leg < 2; leg++) {
		struct mail *mail = mail_new(MAIL_LEG, session, leg);

		if (!mail)
			return; /* the next renewal is soon */
		leg_paths(sessions, session, leg, mail);
		if (mail->parts)
			mail_send(sessions, session->worker, mail);
		else
			free(mail);
	}
}
