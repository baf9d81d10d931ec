/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ways to a leg's peer: from addresses, routes and neighbours to ready-made headers. */
#include <errno.h>
#include <string.h>

#include "session/session.h"

/* Not set, or 0.0.0.0, with which old phones say hold (RFC 3264 8.4). */
static bool addr_is_any(const struct sluice_addr *addr)
{
	static const uint8_t zero[16];

	return !memcmp(addr->ip, zero, sizeof(zero));
}

/* Where packets of that kind go; family 0: not known. */
static struct sluice_addr remote_choose(struct session *session, unsigned number,
					const struct leg_terms *terms, enum srtp_packet_kind kind)
{
	unsigned way = terms->rtcp_mux ? (unsigned)SRTP_PACKET_RTP : kind;
	struct rtp_address source = {0};
	struct sluice_addr remote;

	if (!(session->leg[number].flags & SESSION_LEG_LATCHED << way) ||
	    !leg_latch_glance(&session->media.leg[number], way, &source) || !source.family)
		source = terms->rule[way].agreed;
	memcpy(&remote, &source, sizeof(remote));
	return remote;
}

/* The interface whose port, or VLAN on it, is that device. */
static int device_find(const struct sessions *sessions, unsigned ifindex)
{
	const struct interfaces *interfaces = sessions->config.interfaces;

	for (unsigned i = 0; i < interfaces->count; i++)
		if (interfaces->interface[i].ifindex == ifindex)
			return (int)i;
	return -1;
}

/* Finds the port and the next hop. Returns why there is none. */
static enum sluice_drop hop_find(struct sessions *sessions, struct session *session,
				 unsigned number, const struct sluice_addr *remote,
				 struct hop *found)
{
	const struct interfaces *interfaces = sessions->config.interfaces;
	int interface = session->leg[number].interface;
	struct sluice_addr local = session_local(sessions, session, number);
	struct nexthop hop = {0};
	const struct port *port;

	if (port_kind_is_link(interfaces->interface[interface].port->kind)) {
		hop.mac = interfaces->interface[interface].port->neighbour;
	} else {
		int rc = sessions->config.nexthops
			     ? nexthop_lookup(sessions->config.nexthops, remote->family, remote->ip,
					      local.ip, &hop)
			     : -EHOSTUNREACH;

		if (rc)
			return rc == -EINPROGRESS || rc == -EHOSTDOWN ? SLUICE_DROP_NO_NEIGHBOUR
								      : SLUICE_DROP_NO_ROUTE;
		interface = device_find(sessions, hop.ifindex);
		if (interface < 0)
			return SLUICE_DROP_NO_ROUTE;
	}
	port = interfaces->interface[interface].port;
	*found = (struct hop){.mtu = port->mtu, .port = (uint8_t)interface};
	memcpy(found->macs, &hop.mac, 6);
	memcpy(found->macs + 6, &port->mac, 6);
	return SLUICE_DROP_NONE;
}

/* The path has a user more: path_give(). */
static void path_find(struct sessions *sessions, struct session *session, unsigned number,
		      const struct leg_terms *terms, enum srtp_packet_kind kind,
		      struct leg_path *path)
{
	struct sluice_addr remote = remote_choose(session, number, terms, kind);
	struct hop hop;
	enum sluice_drop drop;
	int index = 0;

	if (!remote.port || addr_is_any(&remote))
		drop = kind == SRTP_PACKET_RTCP && !terms->rtcp_mux ? SLUICE_DROP_NO_RTCP
								    : SLUICE_DROP_NO_PEER;
	else
		drop = hop_find(sessions, session, number, &remote, &hop);
	if (!drop) {
		index = hops_take(sessions->config.interfaces->hops, &hop);
		if (index < 0) /* 65,536 neighbours: no room to send to one more */
			drop = SLUICE_DROP_NO_NEIGHBOUR;
	}
	*path = (struct leg_path){.hop = drop ? 0 : (uint16_t)index,
				  .drop = (uint8_t)drop,
				  .dscp = terms->path[kind].dscp};
}

void path_give(struct sessions *sessions, const struct leg_path *path)
{
	if (!path->drop)
		hops_give(sessions->config.interfaces->hops, path->hop);
}

static bool path_same(const struct leg_path *a, const struct leg_path *b)
{
	return a->hop == b->hop && a->drop == b->drop;
}

void leg_paths(struct sessions *sessions, struct session *session, unsigned leg, struct mail *mail)
{
	uint8_t *flags = &session->leg[leg].flags;

	*flags &= (uint8_t)~SESSION_LEG_UNRESOLVED;
	for (unsigned kind = 0; kind < 2; kind++) {
		struct leg_path *current = &mail->terms.path[kind], path;

		path_find(sessions, session, leg, &mail->terms, kind, &path);
		if (path.drop == SLUICE_DROP_NO_ROUTE || path.drop == SLUICE_DROP_NO_NEIGHBOUR)
			*flags |= SESSION_LEG_UNRESOLVED;
		if (path_same(&path, current)) {
			path_give(sessions, &path);
			continue;
		}
		mail->retired_path[kind] = *current;
		*current = path;
		mail->parts |= MAIL_OF(PATH, kind);
	}
}

/* Nothing changes for nearly every session, so the mail is drafted aside. */
void session_paths_renew(struct sessions *sessions, struct session *session)
{
	for (unsigned leg = 0; leg < 2; leg++) {
		struct mail draft = {0}, *mail;

		session_view(sessions, session, leg, &draft.terms);
		leg_paths(sessions, session, leg, &draft);
		if (!draft.parts)
			continue;
		mail = mail_new(sessions, MAIL_LEG, session, leg);
		for (unsigned kind = 0; kind < 2; kind++) {
			if (!(draft.parts & MAIL_OF(PATH, kind)))
				continue;
			if (!mail) { /* the next renewal is soon */
				path_give(sessions, &draft.terms.path[kind]);
				continue;
			}
			mail->retired_path[kind] = draft.retired_path[kind];
			mail->terms.path[kind] = draft.terms.path[kind];
		}
		if (!mail)
			return;
		mail->parts = draft.parts;
		mail_send(sessions, session->media.worker, mail);
	}
}
