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
	rc = set->mask & SLUICE_SET_RX_KEY ? key_check(&set->rx) : 0;
	rc = rc ? rc : set->mask & SLUICE_SET_TX_KEY ? key_check(&set->tx) : 0;
	return rc;
}

/* ---- keys ---- */

struct key_change {
	bool changed;
	struct srtp_context *context; /* NULL: plain RTP */
};

/* Makes the context of key, unless it is the one that the leg has. */
static int key_make(struct sessions *sessions, const struct sluice_key *key,
		    const struct srtp_context *current, enum leg_security security,
		    struct key_change *change)
{
	struct srtp_context *context;
	int rc;

	*change = (struct key_change){0};
	if (key->suite == SLUICE_SUITE_NONE) {
		change->changed = security != LEG_PLAIN;
		return 0;
	}
	if (current && srtp_context_same_key(current, key))
		return 0;
	context = secret_take(sessions->contexts);
	if (!context)
		return -ENOMEM;
	rc = srtp_context_init(context, sessions->srtp, key);
	if (rc) {
		context_give(sessions, context);
		return rc;
	}
	srtp_context_resume(context, &key->resume);
	*change = (struct key_change){.changed = true, .context = context};
	return 0;
}

/*
 * Packets under the old key are still in flight (RFC 4568 7.1.4 leaves it to us): it is kept a
 * while beside the new one. A leg that becomes plain keeps none: what is encrypted is noise to it.
 */
static void rx_key_apply(struct session_leg *leg, const struct key_change *change, uint8_t suite,
			 struct mail *mail)
{
	mail->retired[0] = leg->rx_old;
	leg->rx_old = NULL;
	if (change->context) {
		leg->rx_old = leg->rx;
		leg->rx_old_until_ms = clock_ms() + OLD_KEY_MS;
	} else {
		mail->retired[1] = leg->rx;
	}
	leg->rx = change->context;
	leg->rx_suite = suite;
	leg->rx_security = leg->rx ? LEG_SRTP : LEG_PLAIN;
	mail->rx = leg->rx;
	mail->rx_old = leg->rx_old;
	mail->parts |= MAIL_RX_KEY | MAIL_RX_OLD;
}

static void tx_key_apply(struct session_leg *leg, const struct key_change *change, uint8_t suite,
			 struct mail *mail)
{
	mail->retired[2] = leg->tx;
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
	struct key_change rx = {0}, tx = {0};
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
		rc = key_make(sessions, &set->rx, leg->rx, leg->rx_security, &rx);
	if (!rc && set->mask & SLUICE_SET_TX_KEY)
		rc = key_make(sessions, &set->tx, leg->tx, leg->tx_security, &tx);
	if (rc) {
		context_give(sessions, rx.context);
		free(mail);
		return rc;
	}
	if (!(set->mask & SLUICE_SET_REMOTE) ||
	    addr_equal(&set->remote_rtp, &leg->remote[SRTP_PACKET_RTP]))
		mail->parts |= rx.changed || tx.changed ? MAIL_REKEY : 0U;
	if (rx.changed)
		rx_key_apply(leg, &rx, set->rx.suite, mail);
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
