/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SET: everything is checked and made before anything changes. */
#include <errno.h>
#include <string.h>

#include "session/session_set.h"
#include "worker/rate.h"

static_assert(SLUICE_PAYLOADS_MAX == RTP_PAYLOADS_MAX, "payload maps");
static_assert((int)SLUICE_CODEC_COUNT == (int)RTP_CODEC_COUNT &&
		  (int)SLUICE_CODEC_OPUS == (int)RTP_CODEC_OPUS &&
		  (int)SLUICE_CODEC_EVENT == (int)RTP_CODEC_EVENT,
	      "numbers of codecs");

#define PAYLOADS_UNSAID (-1)

static void direction_apply(struct session_leg *leg, uint8_t direction, struct mail *mail)
{
	/* the peer's silence counts from when it may speak */
	if (direction & ~mail->terms.direction & SLUICE_DIR_RX)
		leg->silent_since_ms = (uint32_t)clock_ms();
	mail->terms.direction = direction;
	mail->parts |= MAIL_DIRECTION;
}

/* In tenths of a second, rounded up: nothing looks more often. */
static uint16_t tenths(uint32_t ms)
{
	return (uint16_t)((ms + 99) / 100);
}

static void timeout_apply(struct session_leg *leg, uint32_t media_timeout_ms)
{
	uint16_t timeout_ds = tenths(media_timeout_ms);

	if (timeout_ds == leg->media_timeout_ds)
		return;
	leg->media_timeout_ds = timeout_ds;
	leg->silent_since_ms = (uint32_t)clock_ms();
	leg->flags &= (uint8_t)~SESSION_LEG_TIMED_OUT;
}

static void silence_apply(struct session_leg *leg, uint32_t silence_timeout_ms)
{
	uint16_t timeout_ds = tenths(silence_timeout_ms);

	if (timeout_ds == leg->silence_timeout_ds)
		return;
	leg->silence_timeout_ds = timeout_ds;
	leg->silent_since_ms = (uint32_t)clock_ms();
	leg->flags &= (uint8_t)~SESSION_LEG_SILENT;
}

static struct rtp_payload_map map_of(const struct sluice_set *set)
{
	struct rtp_payload_map map = {0};

	for (unsigned i = 0; i < set->payload_count; i++) { /* which set_check() has seen */
		const struct sluice_payload *payload = &set->payload[i];

		map.entry[i].type = payload->type & 0x7fU;
		map.entry[i].other = payload->other & 0x7fU;
		map.entry[i].codec = payload->codec & 0xfU;
		map.entry[i].clock = payload->clock_hz / RTP_CLOCK_UNIT_HZ & 0x3fffU;
	}
	return map;
}

/* The index of the map of a SET whose mask names it, or -ENOSPC. */
static int payloads_take(struct sessions *sessions, const struct sluice_set *set)
{
	const struct rtp_payload_map map = map_of(set);

	return payload_maps_take(sessions->config.interfaces->payload_maps, &map);
}

static void payloads_give(struct sessions *sessions, int payloads)
{
	if (payloads >= 0)
		payload_maps_give(sessions->config.interfaces->payload_maps, (uint16_t)payloads);
}

static void payloads_apply(struct sessions *sessions, int payloads, struct mail *mail)
{
	if (payloads == mail->terms.payloads)
		payloads_give(sessions, payloads);
	if (payloads < 0 || payloads == mail->terms.payloads)
		return;
	mail->retired_payloads = mail->terms.payloads;
	mail->terms.payloads = (uint16_t)payloads;
	mail->parts |= MAIL_PAYLOADS;
}

static void remote_apply(const struct sluice_set *set, struct mail *mail)
{
	struct leg_terms *terms = &mail->terms;

	memcpy(&terms->rule[SRTP_PACKET_RTP].agreed, &set->remote_rtp, sizeof(set->remote_rtp));
	memcpy(&terms->rule[SRTP_PACKET_RTCP].agreed, &set->remote_rtcp, sizeof(set->remote_rtcp));
	if (terms->rtcp_mux != set->rtcp_mux)
		mail->parts |= MAIL_DIRECTION;
	terms->rtcp_mux = set->rtcp_mux;
}

static void dscp_apply(uint8_t dscp, struct mail *mail)
{
	for (unsigned kind = 0; kind < 2; kind++) {
		if (mail->terms.path[kind].dscp == dscp)
			continue;
		mail->terms.path[kind].dscp = dscp;
		mail->parts |= MAIL_OF(PATH, kind);
	}
}

static void plain_fields_apply(struct session_leg *leg, const struct sluice_set *set,
			       struct mail *mail)
{
	struct leg_terms *terms = &mail->terms;

	/* what was agreed; whether RTCP follows RTP instead, latches_apply() says */
	terms->rule[SRTP_PACKET_RTCP].mode = terms->rule[SRTP_PACKET_RTP].mode;
	if (set->mask & SLUICE_SET_REMOTE)
		remote_apply(set, mail);
	if (set->mask & SLUICE_SET_DIRECTION && set->direction != terms->direction)
		direction_apply(leg, set->direction, mail);
	if (set->mask & SLUICE_SET_LATCH)
		terms->rule[SRTP_PACKET_RTP].mode = terms->rule[SRTP_PACKET_RTCP].mode = set->latch;
	if (set->mask & SLUICE_SET_DSCP)
		dscp_apply(set->dscp, mail);
	if (set->mask & SLUICE_SET_TIMEOUT)
		timeout_apply(leg, set->media_timeout_ms);
	if (set->mask & SLUICE_SET_SILENCE)
		silence_apply(leg, set->silence_timeout_ms);
	if (set->mask & SLUICE_SET_RATE && rate_interval(set->rate_pps) != terms->rate_interval) {
		terms->rate_interval = rate_interval(set->rate_pps);
		mail->parts |= MAIL_RATE;
	}
}

/* At the same address roll-over counters go on under a new key. */
static bool same_remote(const struct sluice_set *set, const struct leg_terms *terms)
{
	struct sluice_addr agreed;

	memcpy(&agreed, &terms->rule[SRTP_PACKET_RTP].agreed, sizeof(agreed));
	return !(set->mask & SLUICE_SET_REMOTE) || addr_equal(&set->remote_rtp, &agreed);
}

/* What of a SET needs memory: it is made before anything changes, and applied when nothing can fail
 * any more. */
struct set_change {
	struct rx_change rx;
	struct tx_change tx;
	struct leg_keyring *record; /* when rx has changed */
	int payloads;               /* index of the map, or PAYLOADS_UNSAID */
};

static void change_unmake(struct sessions *sessions, struct set_change *change)
{
	rx_unmake(sessions, &change->rx);
	context_give(sessions, change->tx.context);
	pool_give(sessions->keys, change->record);
	payloads_give(sessions, change->payloads);
}

static int parts_make(struct sessions *sessions, const struct sluice_set *set,
		      const struct leg_terms *terms, struct set_change *change)
{
	int rc = 0;

	if (set->mask & SLUICE_SET_RX_KEY)
		rc = rx_make(sessions, set->rx, terms, &change->rx);
	if (!rc && set->mask & SLUICE_SET_TX_KEY)
		rc = tx_make(sessions, &set->tx, terms, &change->tx);
	if (!rc && change->rx.changed) {
		change->record = pool_take(sessions->keys);
		rc = change->record ? 0 : -ENOMEM;
	}
	if (rc || !(set->mask & SLUICE_SET_PAYLOADS))
		return rc;
	rc = payloads_take(sessions, set);
	if (rc < 0)
		return rc;
	change->payloads = rc;
	return 0;
}

/* All of it, or nothing and -errno. */
static int change_make(struct sessions *sessions, const struct sluice_set *set,
		       const struct leg_terms *terms, struct set_change *change)
{
	int rc;

	*change = (struct set_change){.payloads = PAYLOADS_UNSAID};
	rc = parts_make(sessions, set, terms, change);
	if (rc)
		change_unmake(sessions, change);
	return rc;
}

static void keys_apply(struct sessions *sessions, struct session_leg *leg,
		       const struct set_change *change, struct mail *mail)
{
	if (change->rx.changed) {
		rx_key_apply(leg, &change->rx, mail);
		keys_record_apply(sessions, change->record, mail);
	}
	if (change->tx.changed)
		tx_key_apply(&change->tx, mail);
}

static void set_apply(struct sessions *sessions, struct session *session,
		      const struct sluice_set *set, const struct set_change *change,
		      struct mail *mail)
{
	struct session_leg *leg = &session->leg[set->leg];
	const struct leg_terms before = mail->terms;

	if (same_remote(set, &before) && (change->rx.changed || change->tx.changed))
		mail->parts |= MAIL_REKEY;
	keys_apply(sessions, leg, change, mail);
	plain_fields_apply(leg, set, mail);
	payloads_apply(sessions, change->payloads, mail);
	latches_apply(sessions, leg, &before, mail);
	leg_paths(sessions, session, set->leg, mail);
}

int sessions_set(struct sessions *sessions, const struct sluice_set *set)
{
	struct session *session = session_find(sessions, set->session);
	struct set_change change;
	struct mail *mail;
	int rc;

	if (!session)
		return -ENOENT;
	if (set->leg > 1)
		return -EINVAL;
	rc = set_check(sessions, session, set);
	if (rc)
		return rc;
	mail = mail_new(sessions, MAIL_LEG, session, set->leg);
	if (!mail)
		return -ENOMEM;
	rc = change_make(sessions, set, &mail->terms, &change);
	if (!rc)
		set_apply(sessions, session, set, &change, mail);
	if (!rc && mail->parts)
		mail_send(sessions, session->media.worker, mail);
	else
		mail_drop(sessions, mail);
	return rc;
}
