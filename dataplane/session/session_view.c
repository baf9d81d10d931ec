/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is known of a session: said by us, counted by the worker. */
#include <string.h>

#include <rte_cycles.h>

#include "session/session.h"

/* Copied while no mail of the leg is under way: then nobody writes there. */
static void leg_view(const struct leg *leg, struct leg_terms *terms)
{
	*terms = (struct leg_terms){
	    .rx = leg_rx_keys(leg),
	    .keys = leg->keys,
	    .tx = leg->tx,
	    .rate_interval = leg->rate_interval,
	    .rx_security = leg->rx_security,
	    .tx_security = leg->tx_security,
	    .direction = leg->direction,
	    .rtcp_mux = leg->rtcp_mux,
	    .payloads = leg->payloads,
	};
	if (leg->keys)
		terms->rx_old = leg->keys->rx_old;
	for (unsigned kind = 0; kind < 2; kind++) {
		terms->rule[kind] = leg->rule[kind];
		terms->latch_epoch[kind] = leg->latch_epoch[kind];
		terms->path[kind] = leg->path[kind];
	}
}

static const struct mail *newest_mail(const struct sessions *sessions,
				      const struct session *session, unsigned leg)
{
	uint32_t newest = session->leg[leg].newest_mail;

	return newest ? pool_at(sessions->mails, newest - 1) : NULL;
}

void session_view(const struct sessions *sessions, const struct session *session, unsigned leg,
		  struct leg_terms *terms)
{
	const struct mail *mail = newest_mail(sessions, session, leg);

	if (mail)
		*terms = mail->terms;
	else
		leg_view(&session->media.leg[leg], terms);
}

uint8_t session_direction(const struct sessions *sessions, const struct session *session,
			  unsigned leg)
{
	const struct mail *mail = newest_mail(sessions, session, leg);

	return mail ? mail->terms.direction : session->media.leg[leg].direction;
}

struct sluice_addr session_local(const struct sessions *sessions, const struct session *session,
				 unsigned leg)
{
	const struct leg *l = &session->media.leg[leg];
	const struct worker_address *address = &sessions->config.interfaces->address[l->address];
	struct sluice_addr local = {.family = address->family, .port = l->port};

	memcpy(local.ip, address->ip, sizeof(local.ip));
	return local;
}

static uint64_t carried(const struct session *session, unsigned leg, unsigned count, unsigned bits,
			uint32_t low)
{
	uint64_t carry = session->carries ? session->carries->carry[leg][count] : 0;

	return carry << bits | low;
}

uint64_t session_count(const struct session *session, unsigned leg, enum leg_count count)
{
	const struct leg *l = &session->media.leg[leg];
	const uint32_t *const words[LEG_COUNT_DROPS] = {
	    [LEG_RECEIVED] = &l->stats.received,
	    [LEG_RECEIVED_BYTES] = &l->received_bytes,
	    [LEG_RTCP_RECEIVED] = &session->media.seldom[leg].rtcp_received,
	    [LEG_SENT] = &l->sent,
	    [LEG_SENT_BYTES] = &l->sent_bytes,
	    [LEG_RTCP_SENT] = &session->media.seldom[leg].rtcp_sent,
	};

	return carried(session, leg, count, 32, word_get(words[count]));
}

uint64_t session_drops(const struct session *session, unsigned leg, enum sluice_drop drop)
{
	if (!leg_can_drop(drop))
		return 0; /* its leg is not known */
	return carried(session, leg, LEG_COUNT_DROPS + drop, 8,
		       byte_get(&session->media.drops[leg][leg_drop_place(drop)]));
}

uint32_t worker_ms_ago(const struct sessions *sessions, uint32_t worker_ms)
{
	uint64_t now_ms = (uint64_t)((unsigned __int128)rte_rdtsc() * 1000 / sessions->tsc_hz);
	uint32_t ago_ms = (uint32_t)now_ms - worker_ms;

	/* another core's counter may be a little ahead */
	return ago_ms > UINT32_MAX - 1000 ? 0 : ago_ms;
}
