/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SET: everything is checked and made before anything changes. */
#include <errno.h>
#include <string.h>

#include "session/session.h"
#include "sluice_types.h"
#include "worker/rate.h"

static_assert(SLUICE_PAYLOADS_MAX == RTP_PAYLOADS_MAX, "payload maps");
static_assert((int)SLUICE_CODEC_COUNT == (int)RTP_CODEC_COUNT &&
		  (int)SLUICE_CODEC_OPUS == (int)RTP_CODEC_OPUS &&
		  (int)SLUICE_CODEC_EVENT == (int)RTP_CODEC_EVENT,
	      "numbers of codecs");

/* ---- checks ---- */

#define PAYLOADS_UNSAID (-1)
#define TIMEOUT_MAX_MS (UINT16_MAX * 100U)

/* Not set, or a unicast address of the leg's family, or 0.0.0.0 as old phones say hold. */
static bool remote_valid(const struct sluice_addr *addr, uint8_t family)
{
	static const uint8_t zero[16];

	if (!addr->family)
		return !addr->port && !memcmp(addr->ip, zero, 16);
	if (addr->family != family)
		return false;
	if (family == 6)
		return addr->ip[0] != 0xff;
	return addr->ip[0] < 224 && !memcmp(addr->ip + 4, zero, 12);
}

static bool payload_valid(const struct sluice_payload *payload)
{
	return payload->type < 128 && payload->other < 128 && payload->codec < SLUICE_CODEC_COUNT &&
	       payload->clock_hz >= RTP_CLOCK_MIN_HZ && payload->clock_hz <= RTP_CLOCK_MAX_HZ &&
	       payload->clock_hz % RTP_CLOCK_UNIT_HZ == 0;
}

/* No type twice; behind the last there is nothing. */
static bool payloads_valid(const struct sluice_set *set)
{
	if (set->payload_count > SLUICE_PAYLOADS_MAX)
		return false;
	for (unsigned i = 0; i < SLUICE_PAYLOADS_MAX; i++) {
		if (i >= set->payload_count) {
			if (!sluice_is_zero(&set->payload[i], sizeof(set->payload[i])))
				return false;
			continue;
		}
		if (!payload_valid(&set->payload[i]))
			return false;
		for (unsigned k = 0; k < i; k++)
			if (set->payload[k].type == set->payload[i].type)
				return false;
	}
	return true;
}

static int key_check(const struct sluice_key *key)
{
	if (key->suite >= SLUICE_SUITE_COUNT || key->key_len > SLUICE_KEY_MAX || key->mki_len > 4)
		return -EINVAL;
	if (key->suite == SLUICE_SUITE_NONE && (key->key_len || key->mki_len))
		return -EINVAL;
	if (key->mki_len < 4 && key->mki >> (8 * key->mki_len))
		return -EINVAL;
	if (key->resume.rtp_next > 1ULL << 48 || key->resume.rtcp_next > 1U << 31)
		return -EINVAL;
	return 0;
}

static bool is_told_apart(const struct sluice_key *keys, unsigned i)
{
	if (keys[i].suite != keys[0].suite || !keys[i].mki_len ||
	    keys[i].mki_len != keys[0].mki_len)
		return false;
	for (unsigned k = 0; k < i; k++)
		if (keys[k].mki == keys[i].mki)
			return false;
	return true;
}

/* The further ones have an MKI of their own each; behind the last there is nothing. */
static int rx_check(const struct sluice_key keys[SLUICE_RX_KEYS_MAX])
{
	int rc = key_check(&keys[0]);

	for (unsigned i = 1; i < SLUICE_RX_KEYS_MAX && !rc; i++) {
		rc = key_check(&keys[i]);
		if (!rc && keys[i].suite != SLUICE_SUITE_NONE &&
		    (keys[i - 1].suite == SLUICE_SUITE_NONE || !is_told_apart(keys, i)))
			rc = -EINVAL;
	}
	return rc;
}

static int set_check(const struct sessions *sessions, const struct session *session,
		     const struct sluice_set *set)
{
	uint8_t family = session_local(sessions, session, set->leg).family;
	int rc;

	if (set->mask & ~(uint32_t)SLUICE_SET_ALL)
		return -EINVAL;
	if (set->mask & SLUICE_SET_REMOTE &&
	    (!remote_valid(&set->remote_rtp, family) || !remote_valid(&set->remote_rtcp, family) ||
	     set->rtcp_mux > 1))
		return -EINVAL;
	if (set->mask & SLUICE_SET_DIRECTION && set->direction > (SLUICE_DIR_RX | SLUICE_DIR_TX))
		return -EINVAL;
	if (set->mask & SLUICE_SET_LATCH && set->latch > SLUICE_LATCH_ANY)
		return -EINVAL;
	if (set->mask & SLUICE_SET_PAYLOADS && !payloads_valid(set))
		return -EINVAL;
	if (set->mask & SLUICE_SET_TIMEOUT && set->media_timeout_ms > TIMEOUT_MAX_MS)
		return -EINVAL;
	if (set->mask & SLUICE_SET_SILENCE && set->silence_timeout_ms > TIMEOUT_MAX_MS)
		return -EINVAL;
	if (set->mask & SLUICE_SET_DSCP && set->dscp > 63)
		return -EINVAL;
	rc = set->mask & SLUICE_SET_RX_KEY ? rx_check(set->rx) : 0;
	rc = rc ? rc : set->mask & SLUICE_SET_TX_KEY ? key_check(&set->tx) : 0;
	return rc;
}

/* ---- keys ---- */

/* With how far it has been used before. */
static int context_resume(struct sessions *sessions, const struct sluice_key *key,
			  struct srtp_context **made)
{
	int rc = context_make(sessions, key, made);

	if (!rc)
		srtp_context_resume(*made, &key->resume);
	return rc;
}

struct tx_change {
	bool changed;
	struct srtp_context *context; /* NULL: plain RTP */
};

/* Makes the context of key, unless it is the one that the leg has. */
static int tx_make(struct sessions *sessions, const struct sluice_key *key,
		   const struct leg_terms *terms, struct tx_change *change)
{
	if (key->suite == SLUICE_SUITE_NONE) {
		change->changed = terms->tx_security != LEG_PLAIN;
		return 0;
	}
	if (terms->tx && srtp_context_same_key(terms->tx, sessions->srtp, key))
		return 0;
	change->changed = true;
	return context_resume(sessions, key, &change->context);
}

struct rx_change {
	bool changed;
	struct srtp_keys keys; /* none: plain RTP */
	unsigned kept;         /* bit i: keys.context[i] is one that the leg has already */
};

static void rx_unmake(struct sessions *sessions, struct rx_change *change)
{
	for (unsigned i = 0; i < change->keys.count; i++)
		if (!(change->kept & 1U << i))
			context_give(sessions, change->keys.context[i]);
	*change = (struct rx_change){0};
}

static struct srtp_context *same_key(const struct sessions *sessions, const struct srtp_keys *keys,
				     const struct sluice_key *key)
{
	for (unsigned i = 0; i < keys->count; i++)
		if (srtp_context_same_key(keys->context[i], sessions->srtp, key))
			return keys->context[i];
	return NULL;
}

/* A key that the leg has keeps its context, with ROC and replay windows. On errors change may hold
 * contexts: rx_unmake(). */
static int rx_make(struct sessions *sessions, const struct sluice_key keys[SLUICE_RX_KEYS_MAX],
		   const struct leg_terms *terms, struct rx_change *change)
{
	if (keys[0].suite == SLUICE_SUITE_NONE) {
		change->changed = terms->rx_security != LEG_PLAIN;
		return 0;
	}
	for (unsigned i = 0; i < SLUICE_RX_KEYS_MAX && keys[i].suite; i++) {
		struct srtp_context *context = same_key(sessions, &terms->rx, &keys[i]);
		int rc = 0;

		if (context)
			change->kept |= 1U << i;
		else
			rc = context_resume(sessions, &keys[i], &context);
		if (rc)
			return rc;
		change->keys.context[change->keys.count++] = context;
	}
	change->changed = change->keys.count != terms->rx.count ||
			  change->kept != (1U << change->keys.count) - 1U;
	return 0;
}

static bool is_kept(const struct rx_change *change, const struct srtp_context *context)
{
	for (unsigned i = 0; i < change->keys.count; i++)
		if (change->keys.context[i] == context)
			return true;
	return false;
}

/*
 * Packets under the old keys are still in flight (RFC 4568 7.1.4 leaves it to us): they are kept a
 * while beside the new ones. A leg that becomes plain keeps none: what is encrypted is noise to it.
 */
static void rx_key_apply(struct session_leg *leg, const struct rx_change *change, struct mail *mail)
{
	struct leg_terms *terms = &mail->terms;
	struct srtp_keys before = terms->rx;

	for (unsigned i = 0; i < terms->rx_old.count; i++)
		mail_retire(mail, terms->rx_old.context[i]);
	terms->rx_old = (struct srtp_keys){0};
	for (unsigned i = 0; i < before.count; i++) {
		if (is_kept(change, before.context[i]))
			continue;
		if (change->keys.count)
			terms->rx_old.context[terms->rx_old.count++] = before.context[i];
		else
			mail_retire(mail, before.context[i]);
	}
	leg->rx_old_until_ms = (uint32_t)clock_ms() + OLD_KEY_MS;
	leg->flags &= (uint8_t)~SESSION_LEG_OLD_KEY;
	if (terms->rx_old.count)
		leg->flags |= SESSION_LEG_OLD_KEY;
	terms->rx = change->keys;
	terms->rx_security = terms->rx.count ? LEG_SRTP : LEG_PLAIN;
	mail->parts |= MAIL_RX_KEY | MAIL_RX_OLD;
}

bool leg_keys_needed(const struct srtp_keys *rx, const struct srtp_keys *rx_old)
{
	return rx->count > 1 || rx_old->count;
}

/* record: taken from the pool beforehand. */
static void keys_record_apply(struct sessions *sessions, struct leg_keyring *record,
			      struct mail *mail)
{
	struct leg_terms *terms = &mail->terms;

	mail->retired_keys = terms->keys;
	terms->keys = NULL;
	if (leg_keys_needed(&terms->rx, &terms->rx_old)) {
		*record = (struct leg_keyring){terms->rx, terms->rx_old};
		terms->keys = record;
	} else {
		pool_give(sessions->keys, record);
	}
}

static void tx_key_apply(const struct tx_change *change, struct mail *mail)
{
	struct leg_terms *terms = &mail->terms;

	mail_retire(mail, terms->tx);
	terms->tx = change->context;
	terms->tx_security = terms->tx ? LEG_SRTP : LEG_PLAIN;
	mail->parts |= MAIL_TX_KEY;
}

/* ---- the leg ---- */

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

	for (unsigned i = 0; i < set->payload_count; i++) {
		const struct sluice_payload *payload = &set->payload[i];

		map.entry[i].type = payload->type & 0x7fU;
		map.entry[i].other = payload->other & 0x7fU;
		map.entry[i].codec = payload->codec & 0xfU;
		map.entry[i].clock = payload->clock_hz / RTP_CLOCK_UNIT_HZ & 0x3fffU;
	}
	return map;
}

/* The index of the map of a SET, PAYLOADS_UNSAID, or -ENOSPC. */
static int payloads_take(struct sessions *sessions, const struct sluice_set *set)
{
	const struct rtp_payload_map map = map_of(set);

	if (!(set->mask & SLUICE_SET_PAYLOADS))
		return PAYLOADS_UNSAID;
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

int sessions_set(struct sessions *sessions, const struct sluice_set *set)
{
	struct session *session = session_find(sessions, set->session);
	struct rx_change rx = {0};
	struct tx_change tx = {0};
	struct leg_keyring *record;
	struct session_leg *leg;
	struct leg_terms before;
	struct mail *mail;
	int payloads, rc;

	if (!session)
		return -ENOENT;
	if (set->leg > 1)
		return -EINVAL;
	rc = set_check(sessions, session, set);
	if (rc)
		return rc;
	leg = &session->leg[set->leg];
	mail = mail_new(sessions, MAIL_LEG, session, set->leg);
	if (!mail)
		return -ENOMEM;
	before = mail->terms;
	if (set->mask & SLUICE_SET_RX_KEY)
		rc = rx_make(sessions, set->rx, &before, &rx);
	if (!rc && set->mask & SLUICE_SET_TX_KEY)
		rc = tx_make(sessions, &set->tx, &before, &tx);
	payloads = rc ? PAYLOADS_UNSAID : payloads_take(sessions, set);
	rc = payloads < PAYLOADS_UNSAID ? payloads : rc;
	record = rx.changed ? pool_take(sessions->keys) : NULL;
	if (!rc && rx.changed && !record)
		rc = -ENOMEM;
	if (rc) {
		rx_unmake(sessions, &rx);
		context_give(sessions, tx.context);
		pool_give(sessions->keys, record);
		payloads_give(sessions, payloads);
		mail_drop(sessions, mail);
		return rc;
	}
	if (same_remote(set, &before) && (rx.changed || tx.changed))
		mail->parts |= MAIL_REKEY;
	if (rx.changed) {
		rx_key_apply(leg, &rx, mail);
		keys_record_apply(sessions, record, mail);
	}
	if (tx.changed)
		tx_key_apply(&tx, mail);
	plain_fields_apply(leg, set, mail);
	payloads_apply(sessions, payloads, mail);
	latches_apply(sessions, leg, &before, mail);
	leg_paths(sessions, session, set->leg, mail);
	if (mail->parts)
		mail_send(sessions, session->media.worker, mail);
	else
		mail_drop(sessions, mail);
	return 0;
}
