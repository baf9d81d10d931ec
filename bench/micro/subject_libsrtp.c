/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libsrtp2 as a program would call it: a session a direction of a stream, one packet a call. */
#include <errno.h>
#include <srtp2/srtp.h>
#include <stdlib.h>
#include <string.h>

#include "subject.h"

/*
 * 29 KB a session and two sessions a stream make 230 MB of 4,000 streams. Making them takes a
 * minute, since NSS searches all sessions for each new one.
 */
#define STREAMS_MAX 4000U

struct libsrtp_state {
	srtp_t *tx;
	srtp_t *rx;
	uint32_t count;
};

/* The numbers are those of enum sluice_suite. */
static const srtp_profile_t profiles[] = {
    [1] = srtp_profile_aes128_cm_sha1_80,
    [2] = srtp_profile_aes128_cm_sha1_32,
    [7] = srtp_profile_aead_aes_128_gcm,
    [8] = srtp_profile_aead_aes_256_gcm,
};

const char *libsrtp_version(void)
{
	return srtp_get_version_string();
}

static void policy_by_name(srtp_policy_t *policy, uint8_t suite)
{
	switch (suite) {
	case 3:
		srtp_crypto_policy_set_aes_cm_192_hmac_sha1_80(&policy->rtp);
		break;
	case 4:
		srtp_crypto_policy_set_aes_cm_192_hmac_sha1_32(&policy->rtp);
		break;
	case 5:
		srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80(&policy->rtp);
		break;
	default:
		srtp_crypto_policy_set_aes_cm_256_hmac_sha1_32(&policy->rtp);
		break;
	}
	/* RTCP keeps the long tag (RFC 4568 6.2.2) */
	if (suite <= 4)
		srtp_crypto_policy_set_aes_cm_192_hmac_sha1_80(&policy->rtcp);
	else
		srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80(&policy->rtcp);
}

static int policy_set(srtp_policy_t *policy, uint8_t suite)
{
	if (suite >= 3 && suite <= 6) {
		policy_by_name(policy, suite);
		return 0;
	}
	if (srtp_crypto_policy_set_from_profile_for_rtp(&policy->rtp, profiles[suite]) !=
		srtp_err_status_ok ||
	    srtp_crypto_policy_set_from_profile_for_rtcp(&policy->rtcp, profiles[suite]) !=
		srtp_err_status_ok)
		return -ENOTSUP;
	return 0;
}

static void libsrtp_close(void *opaque)
{
	struct libsrtp_state *state = opaque;

	for (uint32_t i = 0; i < state->count; i++) {
		if (state->tx && state->tx[i])
			srtp_dealloc(state->tx[i]);
		if (state->rx && state->rx[i])
			srtp_dealloc(state->rx[i]);
	}
	free(state->tx);
	free(state->rx);
	free(state);
}

static int session_pair(struct libsrtp_state *state, uint32_t i, srtp_policy_t *policy)
{
	policy->ssrc.type = ssrc_specific;
	policy->ssrc.value = BATCH_SSRC_FIRST + i;
	if (srtp_create(&state->tx[i], policy) != srtp_err_status_ok)
		return -ENOTSUP;
	return srtp_create(&state->rx[i], policy) == srtp_err_status_ok ? 0 : -ENOTSUP;
}

static int sessions_init(struct libsrtp_state *state, uint8_t suite)
{
	unsigned char key[SRTP_MAX_KEY_LEN];
	srtp_policy_t policy = {.key = key, .window_size = 128};
	int result = policy_set(&policy, suite);

	for (uint32_t i = 0; i < state->count && result == 0; i++) {
		random_fill(key, sizeof(key));
		result = session_pair(state, i, &policy);
	}
	return result;
}

static int libsrtp_open(void **opaque, const struct subject_options *options)
{
	static int started;
	struct libsrtp_state *state;
	int result;

	if (!started && srtp_init() != srtp_err_status_ok)
		return -ENOTSUP;
	started = 1;
	state = calloc(1, sizeof(*state));
	if (!state)
		return -ENOMEM;
	state->count = options->streams;
	state->tx = calloc(state->count, sizeof(*state->tx));
	state->rx = calloc(state->count, sizeof(*state->rx));
	result = state->tx && state->rx ? sessions_init(state, options->suite->id) : -ENOMEM;
	if (result < 0) {
		libsrtp_close(state);
		return result;
	}
	*opaque = state;
	return 0;
}

static uint32_t libsrtp_run(void *opaque, struct batch *batch, enum batch_kind kind,
			    enum batch_direction direction, uint32_t burst)
{
	static srtp_err_status_t (*const calls[2][2])(srtp_t, void *, int *) = {
	    [BATCH_SRTP] = {[BATCH_PROTECT] = srtp_protect, [BATCH_UNPROTECT] = srtp_unprotect},
	    [BATCH_SRTCP] =
		{[BATCH_PROTECT] = srtp_protect_rtcp, [BATCH_UNPROTECT] = srtp_unprotect_rtcp},
	};
	struct libsrtp_state *state = opaque;
	srtp_t *sessions = direction == BATCH_PROTECT ? state->tx : state->rx;
	uint32_t dropped = 0;

	(void)burst; /* it has none */
	for (uint32_t i = 0; i < BATCH_PACKETS; i++) {
		struct batch_packet *packet = &batch->packet[i];
		int length = (int)packet->length;

		dropped += calls[kind][direction](sessions[packet->stream], packet->data,
						  &length) != srtp_err_status_ok;
		packet->length = (uint32_t)length;
	}
	return dropped;
}

const struct subject subject_libsrtp = {
    .name = "libsrtp2",
    .streams_max = STREAMS_MAX,
    .open = libsrtp_open,
    .run = libsrtp_run,
    .close = libsrtp_close,
};
