/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a SET may say. */
#include <errno.h>
#include <string.h>

#include "session/session_set.h"
#include "sluice_types.h"

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
	if (key->resume_of > SLUICE_RESUME_ANY)
		return -EINVAL;
	if (key->resume_of == SLUICE_RESUME_ANY &&
	    (!key->resume.rtp_next || !key->resume.rtcp_next))
		return -EINVAL;
	return 0;
}

/* A peer's sources are what they are: none goes on where another was. */
static int rx_key_check(const struct sluice_key *key)
{
	return key->resume_of == SLUICE_RESUME_SOURCE ? key_check(key) : -EINVAL;
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
	int rc = rx_key_check(&keys[0]);

	for (unsigned i = 1; i < SLUICE_RX_KEYS_MAX && !rc; i++) {
		rc = rx_key_check(&keys[i]);
		if (!rc && keys[i].suite != SLUICE_SUITE_NONE &&
		    (keys[i - 1].suite == SLUICE_SUITE_NONE || !is_told_apart(keys, i)))
			rc = -EINVAL;
	}
	return rc;
}

int set_check(const struct sessions *sessions, const struct session *session,
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
