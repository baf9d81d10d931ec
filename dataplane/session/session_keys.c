/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Contexts of the keys that a SET brings, and what becomes of those that a leg had. */
#include <errno.h>

#include "session/session_set.h"

/* With how far it has been used before. */
static int context_resume(struct sessions *sessions, const struct sluice_key *key,
			  struct srtp_context **made)
{
	int rc = context_make(sessions, key, made);

	if (!rc)
		srtp_context_resume(*made, key);
	return rc;
}

int tx_make(struct sessions *sessions, const struct sluice_key *key, const struct leg_terms *terms,
	    struct tx_change *change)
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

void rx_unmake(struct sessions *sessions, struct rx_change *change)
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

int rx_make(struct sessions *sessions, const struct sluice_key keys[SLUICE_RX_KEYS_MAX],
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
void rx_key_apply(struct session_leg *leg, const struct rx_change *change, struct mail *mail)
{
	struct leg_terms *terms = &mail->terms;
	const struct srtp_keys *before = &terms->rx; /* until it is written, at the end */

	for (unsigned i = 0; i < terms->rx_old.count; i++)
		mail_retire(mail, terms->rx_old.context[i]);
	terms->rx_old = (struct srtp_keys){0};
	for (unsigned i = 0; i < before->count; i++) {
		if (is_kept(change, before->context[i]))
			continue;
		if (change->keys.count)
			terms->rx_old.context[terms->rx_old.count++] = before->context[i];
		else
			mail_retire(mail, before->context[i]);
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

void keys_record_apply(struct sessions *sessions, struct leg_keyring *record, struct mail *mail)
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

void tx_key_apply(const struct tx_change *change, struct mail *mail)
{
	struct leg_terms *terms = &mail->terms;

	mail_retire(mail, terms->tx);
	terms->tx = change->context;
	terms->tx_security = terms->tx ? LEG_SRTP : LEG_PLAIN;
	mail->parts |= MAIL_TX_KEY;
}
