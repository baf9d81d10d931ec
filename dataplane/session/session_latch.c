/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a leg's peer may send from: rules to the worker, and what it says of latched sources. */
#include <string.h>

#include "session/session.h"

/* Never 0, which says that nothing was told yet. */
static uint16_t epoch_next(struct sessions *sessions)
{
	if (!++sessions->next_epoch)
		sessions->next_epoch++;
	return sessions->next_epoch;
}

static void rule_apply(struct sessions *sessions, struct session_leg *leg, unsigned kind,
		       struct mail *mail)
{
	leg->flags &= (uint8_t) ~(SESSION_LEG_LATCHED << kind);
	mail->terms.latch_epoch[kind] = epoch_next(sessions);
	mail->parts |= MAIL_OF(LATCH, kind);
}

/* Else both are of one mode, as SET says it. */
static bool rtcp_follows(const struct leg_terms *terms)
{
	return terms->rule[SRTP_PACKET_RTCP].mode != terms->rule[SRTP_PACKET_RTP].mode;
}

void latches_apply(struct sessions *sessions, struct session_leg *leg,
		   const struct leg_terms *before, struct mail *mail)
{
	struct leg_terms *terms = &mail->terms;
	bool mux_changed = terms->rtcp_mux != before->rtcp_mux;

	/* until it is said that the leg is plain, it is held to the rules of SRTP */
	for (unsigned kind = 0; kind < 2; kind++)
		terms->rule[kind].leg =
		    terms->rx_security == LEG_PLAIN ? RTP_LATCH_PLAIN : RTP_LATCH_SRTP;
	if (rtcp_follows(before) &&
	    rtp_latch_rule_equal(&terms->rule[SRTP_PACKET_RTP], &before->rule[SRTP_PACKET_RTP]))
		terms->rule[SRTP_PACKET_RTCP] = before->rule[SRTP_PACKET_RTCP];
	for (unsigned kind = 0; kind < 2; kind++) {
		if (terms->latch_epoch[kind] && !(kind == SRTP_PACKET_RTCP && mux_changed) &&
		    rtp_latch_rule_equal(&terms->rule[kind], &before->rule[kind]))
			continue;
		rule_apply(sessions, leg, kind, mail);
	}
}

/*
 * The first RTCP of a phone comes some seconds after its first RTP (RFC 3550 6.2), when a plain leg
 * latches to nobody any more: behind a NAT it would be refused for the whole call, and ours would
 * go to an address that nobody has. So from now on RTCP is of the host that RTP has come from.
 */
static void rtcp_follow(struct sessions *sessions, struct session *session, unsigned number,
			const struct rtp_address *source)
{
	struct session_leg *leg = &session->leg[number];
	struct mail *mail = mail_new(sessions, MAIL_LEG, session, number);
	struct leg_terms *terms = mail ? &mail->terms : NULL;
	struct rtp_latch_rule *rule = mail ? &terms->rule[SRTP_PACKET_RTCP] : NULL;

	if (!mail)
		return; /* it is as agreed */
	if (terms->rtcp_mux || rule->mode != RTP_LATCH_ANY || rule->leg != RTP_LATCH_PLAIN ||
	    leg->flags & SESSION_LEG_LATCHED << SRTP_PACKET_RTCP) {
		mail_drop(sessions, mail);
		return;
	}
	rule->mode = RTP_LATCH_ADDRESS;
	rule->agreed = *source;
	rule->agreed.port = (uint16_t)(source->port + 1); /* until it is heard: RFC 3550 11 */
	rule_apply(sessions, leg, SRTP_PACKET_RTCP, mail);
	leg_paths(sessions, session, number, mail);
	mail_send(sessions, session->media.worker, mail);
}

void session_latched(struct sessions *sessions, struct session *session,
		     const struct worker_event *from)
{
	struct session_leg *leg = &session->leg[from->leg];
	struct sluice_event event = {
	    .session = from->session, .leg = from->leg, .type = SLUICE_EVENT_LATCHED};
	struct leg_terms terms;

	session_view(sessions, session, from->leg, &terms);
	if (from->latch_epoch != terms.latch_epoch[from->kind])
		return; /* it was opened anew since */
	leg->flags |= (uint8_t)(SESSION_LEG_LATCHED << from->kind);
	session_paths_renew(sessions, session);
	if (from->kind != SRTP_PACKET_RTP)
		return;
	rtcp_follow(sessions, session, from->leg, &from->address);
	memcpy(&event.addr, &from->address, sizeof(event.addr));
	sessions->config.on_event(sessions->config.user, &event);
}
