/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SET: everything is checked and made before anything changes. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "session/session.h"

/* ---- checks ---- */

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

static int set_check(const struct session *session, const struct sluice_set *set)
{
	uint8_t family = session->leg[set->leg].local.family;
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
		   const struct session_leg *leg, struct tx_change *change)
{
	if (key->suite == SLUICE_SUITE_NONE) {
		change->changed = leg->tx_security != LEG_PLAIN;
		return 0;
	}
	if (leg->tx && srtp_context_same_key(leg->tx, sessions->srtp, key))
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
		   const struct session_leg *leg, struct rx_change *change)
{
	if (keys[0].suite == SLUICE_SUITE_NONE) {
		change->changed = leg->rx_security != LEG_PLAIN;
		return 0;
	}
	for (unsigned i = 0; i < SLUICE_RX_KEYS_MAX && keys[i].suite; i++) {
		struct srtp_context *context = same_key(sessions, &leg->rx, &keys[i]);
		int rc = 0;

		if (context)
			change->kept |= 1U << i;
		else
			rc = context_resume(sessions, &keys[i], &context);
		if (rc)
			return rc;
		change->keys.context[change->keys.count++] = context;
	}
	change->changed =
	    change->keys.count != leg->rx.count || change->kept != (1U << change->keys.count) - 1U;
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
static void rx_key_apply(struct session_leg *leg, const struct rx_change *change, uint8_t suite,
			 struct mail *mail)
{
	struct srtp_keys before = leg->rx;

	for (unsigned i = 0; i < leg->rx_old.count; i++)
		mail_retire(mail, leg->rx_old.context[i]);
	leg->rx_old = (struct srtp_keys){0};
	for (unsigned i = 0; i < before.count; i++) {
		if (is_kept(change, before.context[i]))
			continue;
		if (change->keys.count)
			leg->rx_old.context[leg->rx_old.count++] = before.context[i];
		else
			mail_retire(mail, before.context[i]);
	}
	leg->rx_old_until_ms = clock_ms() + OLD_KEY_MS;
	leg->rx = change->keys;
	leg->rx_suite = suite;
	leg->rx_security = leg->rx.count ? LEG_SRTP : LEG_PLAIN;
	mail->rx = leg->rx;
	mail->rx_old = leg->rx_old;
	mail->parts |= MAIL_RX_KEY | MAIL_RX_OLD;
}

static void tx_key_apply(struct session_leg *leg, const struct tx_change *change, uint8_t suite,
			 struct mail *mail)
{
	mail_retire(mail, leg->tx);
	leg->tx = change->context;
	leg->tx_suite = suite;
	leg->tx_security = leg->tx ? LEG_SRTP : LEG_PLAIN;
	mail->tx = leg->tx;
	mail->tx_security = leg->tx_security;
	mail->parts |= MAIL_TX_KEY;
}

/* ---- latches ---- */

void leg_latches(struct sessions *sessions, struct session_leg *leg, struct mail *mail)
{
	for (unsigned kind = 0; kind < 2; kind++) {
		struct latch_settings settings;

		/* until it is said that the leg is plain, it is held to the rules of SRTP */
		memset(&settings, 0, sizeof(settings));
		settings.mode = leg->latch;
		settings.security = leg->rx_security == LEG_PLAIN ? LEG_PLAIN : LEG_SRTP;
		settings.told = 1;
		settings.agreed = leg->remote[kind];
		if (kind == SRTP_PACKET_RTCP && leg->rtcp_mux) {
			/* nothing is to come to the RTCP port */
			settings.mode = SLUICE_LATCH_STRICT;
			settings.agreed = (struct sluice_addr){0};
		}
		if (!memcmp(&settings, &leg->latch_told[kind], sizeof(settings)))
			continue;
		memcpy(&leg->latch_told[kind], &settings, sizeof(settings));
		leg->latched[kind] = (struct sluice_addr){0};
		leg->latch_epoch[kind] = ++sessions->next_epoch;
		mail->latch[kind].epoch = leg->latch_epoch[kind];
		mail->latch[kind].mode = settings.mode;
		mail->latch[kind].security = settings.security;
		memcpy(&mail->latch[kind].agreed, &settings.agreed, sizeof(settings.agreed));
		mail->parts |= MAIL_OF(LATCH, kind);
	}
}

/* ---- the leg ---- */

static void direction_apply(struct session_leg *leg, const struct sluice_set *set,
			    struct mail *mail)
{
	/* the peer's silence counts from when it may speak */
	if (set->direction & ~leg->direction & SLUICE_DIR_RX)
		leg->silent_since_ms = clock_ms();
	leg->direction = set->direction;
	mail->direction = set->direction;
	mail->parts |= MAIL_DIRECTION;
}

static void timeout_apply(struct session_leg *leg, const struct sluice_set *set)
{
	if (set->media_timeout_ms == leg->media_timeout_ms)
		return;
	leg->media_timeout_ms = set->media_timeout_ms;
	leg->silent_since_ms = clock_ms();
	leg->timed_out = false;
}

static void plain_fields_apply(struct session_leg *leg, const struct sluice_set *set,
			       struct mail *mail)
{
	if (set->mask & SLUICE_SET_REMOTE) {
		leg->remote[SRTP_PACKET_RTP] = set->remote_rtp;
		leg->remote[SRTP_PACKET_RTCP] = set->remote_rtcp;
		leg->rtcp_mux = set->rtcp_mux;
	}
	if (set->mask & SLUICE_SET_DIRECTION && set->direction != leg->direction)
		direction_apply(leg, set, mail);
	if (set->mask & SLUICE_SET_LATCH)
		leg->latch = set->latch;
	if (set->mask & SLUICE_SET_DSCP)
		leg->dscp = set->dscp;
	if (set->mask & SLUICE_SET_TIMEOUT)
		timeout_apply(leg, set);
	if (set->mask & SLUICE_SET_RATE && set->rate_pps != leg->rate_pps) {
		leg->rate_pps = mail->rate_pps = set->rate_pps;
		mail->parts |= MAIL_RATE;
	}
}

int sessions_set(struct sessions *sessions, const struct sluice_set *set)
{
	struct session *session = session_find(sessions, set->session);
	struct rx_change rx = {0};
	struct tx_change tx = {0};
	struct session_leg *leg;
	struct mail *mail;
	int rc;

	if (!session)
		return -ENOENT;
	if (set->leg > 1)
		return -EINVAL;
	rc = set_check(session, set);
	if (rc)
		return rc;
	leg = &session->leg[set->leg];
	mail = mail_new(MAIL_LEG, session, set->leg);
	if (!mail)
		return -ENOMEM;
	if (set->mask & SLUICE_SET_RX_KEY)
		rc = rx_make(sessions, set->rx, leg, &rx);
	if (!rc && set->mask & SLUICE_SET_TX_KEY)
		rc = tx_make(sessions, &set->tx, leg, &tx);
	if (rc) {
		rx_unmake(sessions, &rx);
		free(mail);
		return rc;
	}
	if (!(set->mask & SLUICE_SET_REMOTE) ||
	    addr_equal(&set->remote_rtp, &leg->remote[SRTP_PACKET_RTP]))
		mail->parts |= rx.changed || tx.changed ? MAIL_REKEY : 0U;
	if (rx.changed)
		rx_key_apply(leg, &rx, set->rx[0].suite, mail);
	if (tx.changed)
		tx_key_apply(leg, &tx, set->tx.suite, mail);
	plain_fields_apply(leg, set, mail);
	mail->rx_security = leg->rx_security;
	leg_latches(sessions, leg, mail);
	leg_paths(sessions, session, set->leg, mail);
	if (mail->parts)
		mail_send(sessions, session->worker, mail);
	else
		free(mail);
	return 0;
}
