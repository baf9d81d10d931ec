/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "phones.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "mark.h"
#include "media/suite.h"
#include "worker/srtp_context.h"

#define CALL_TIMEOUT_MS 2000U
/* The data plane answers OPEN and SET before its worker has carried them out. */
#define SETTLE_MS 300U
#define NUMBER_MASK 0x7fffU /* RFC 3711 3.3.1: first sequence numbers below 2^15 */

struct leg_keys {
	struct sluice_key from_phone;
	struct sluice_key to_phone;
};

static int key_draw(struct sluice_key *key, uint8_t suite_id)
{
	const struct rtp_suite *suite = rtp_suite_find(suite_id);

	*key = (struct sluice_key){.suite = suite_id};
	if (!suite)
		return 0;
	key->key_len = (uint8_t)(suite->key_length + suite->salt_length);
	return getrandom(key->key, key->key_len, 0) == key->key_len ? 0 : -EIO;
}

static int leg_set(struct phones *phones, uint32_t call, unsigned leg, const struct leg_keys *keys)
{
	struct sluice_set set = {.session = phones->session_first + call,
				 .leg = (uint8_t)leg,
				 .direction = SLUICE_DIR_RX | SLUICE_DIR_TX,
				 .latch = SLUICE_LATCH_STRICT,
				 .mask = SLUICE_SET_REMOTE | SLUICE_SET_RX_KEY | SLUICE_SET_TX_KEY |
					 SLUICE_SET_DIRECTION | SLUICE_SET_LATCH,
				 .rtcp_mux = 1,
				 .remote_rtp = wire_phone(phones->options, leg, call),
				 .rx = {keys->from_phone},
				 .tx = keys->to_phone};
	int rc = sluice_client_call(phones->client, SLUICE_SET, &set, sizeof(set), NULL, 0,
				    CALL_TIMEOUT_MS);

	explicit_bzero(&set, sizeof(set));
	return rc;
}

/* The phones' halves of the keys. Towards a mirror the other phone hears what the first one said,
 * under the same key. */
static int contexts_make(struct phones *phones, uint32_t call, unsigned leg,
			 const struct leg_keys *keys)
{
	bool mirror = phones->options->far == FAR_MIRROR;
	struct srtp_context *pair = &phones->keys[2 * (2 * (size_t)call + leg)];
	struct stream *heard = &phones->stream[mirror ? leg : 1 - leg][call];
	int rc;

	if (phones->options->suite[leg] == SLUICE_SUITE_NONE)
		return 0;
	phones->stream[leg][call].encrypt = &pair[0];
	heard->decrypt = &pair[1];
	rc = srtp_context_init(&pair[0], phones->srtp, &keys->from_phone);
	return rc ? rc
		  : srtp_context_init(&pair[1], phones->srtp,
				      mirror ? &keys->from_phone : &keys->to_phone);
}

/* Bytes of what the other phone gets of the leg's phone: towards a mirror under the same suite. */
static uint16_t heard_length(const struct options *options, unsigned leg)
{
	unsigned heard = options->far == FAR_MIRROR ? leg : 1 - leg;
	const struct rtp_suite *suite = rtp_suite_find(options->suite[heard]);

	return (uint16_t)(MARK_RTP_HEADER + options->payload +
			  (suite ? suite->rtp_tag_length : 0U));
}

static int leg_open(struct phones *phones, struct wire *wire, uint32_t call, unsigned leg,
		    const struct sluice_addr *relay)
{
	struct sluice_addr phone = wire_phone(phones->options, leg, call);
	struct stream *stream = &phones->stream[leg][call];
	struct leg_keys keys;
	int rc = key_draw(&keys.from_phone, phones->options->suite[leg]);

	rc = rc ? rc : key_draw(&keys.to_phone, phones->options->suite[leg]);
	if (!rc && getrandom(&stream->number, sizeof(stream->number), 0) < 0)
		rc = -EIO;
	stream->number &= NUMBER_MASK;
	stream->ssrc = call * 2U + leg + 1U;
	stream->leg = (uint8_t)leg;
	stream->heard_length = heard_length(phones->options, leg);
	rc = rc ? rc : contexts_make(phones, call, leg, &keys);
	rc = rc ? rc : wire_way(wire, leg, &phone, relay, &stream->way);
	if (!rc && phones->client)
		rc = leg_set(phones, call, leg, &keys);
	explicit_bzero(&keys, sizeof(keys));
	return rc;
}

static int session_open(struct phones *phones, uint32_t call, struct sluice_open_reply *reply)
{
	const struct options *options = phones->options;
	struct sluice_open open = {.session = phones->session_first + call};
	int rc;

	for (unsigned leg = 0; leg < 2; leg++) {
		open.leg[leg].family = options->port[leg].address.family;
		memcpy(open.leg[leg].interface, options->port[leg].interface, SLUICE_NAME_MAX);
	}
	rc = sluice_client_call(phones->client, SLUICE_OPEN, &open, sizeof(open), reply,
				sizeof(*reply), CALL_TIMEOUT_MS);
	if (rc == 0)
		phones->open++;
	return rc;
}

static int call_open(struct phones *phones, struct wire *wire, uint32_t call)
{
	/* towards a mirror: straight to the other phone */
	struct sluice_open_reply reply = {
	    .local = {wire_phone(phones->options, 1, call), wire_phone(phones->options, 0, call)}};
	int rc = phones->client ? session_open(phones, call, &reply) : 0;

	for (unsigned leg = 0; leg < 2 && !rc; leg++)
		rc = leg_open(phones, wire, call, leg, &reply.local[leg]);
	return rc;
}

static int client_open(struct phones *phones)
{
	const char *path = phones->options->media_socket;
	int rc =
	    sluice_client_connect(&phones->client, path, "sluice-mediagen", NULL, CALL_TIMEOUT_MS);

	if (rc) {
		fprintf(stderr, "sluice-mediagen: no data plane answers on %s: %s\n", path,
			strerror(-rc));
		return rc;
	}
	/* not those of a control plane that works beside us */
	if (getrandom(&phones->session_first, sizeof(phones->session_first), 0) < 0)
		return -EIO;
	phones->session_first = phones->session_first >> 1 | 1U;
	return sluice_client_call(phones->client, SLUICE_STATS, NULL, 0, &phones->before,
				  sizeof(phones->before), CALL_TIMEOUT_MS);
}

static int memory_take(struct phones *phones)
{
	size_t calls = phones->options->calls;

	phones->keys = aligned_alloc(64, calls * 4 * sizeof(struct srtp_context));
	for (unsigned leg = 0; leg < 2; leg++) {
		phones->stream[leg] = aligned_alloc(64, calls * sizeof(struct stream));
		if (phones->stream[leg])
			memset(phones->stream[leg], 0, calls * sizeof(struct stream));
	}
	if (!phones->keys || !phones->stream[0] || !phones->stream[1])
		return -ENOMEM;
	return srtp_worker_new(&phones->srtp, &crypto_engine_ipsec_mb, 0);
}

int phones_open(struct phones *phones, const struct options *options, struct wire *wire,
		const volatile int *stop)
{
	int rc;

	*phones = (struct phones){.options = options};
	rc = memory_take(phones);
	if (!rc && options->far == FAR_RELAY)
		rc = client_open(phones);
	for (; !rc && !*stop && phones->count < options->calls; phones->count++)
		rc = call_open(phones, wire, phones->count);
	if (!rc && phones->client)
		usleep(SETTLE_MS * 1000);
	if (!rc && *stop)
		rc = -EINTR;
	if (rc) {
		if (rc != -EINTR)
			fprintf(stderr, "sluice-mediagen: call %u of %u: %s\n", phones->count + 1,
				options->calls, strerror(-rc));
		phones_close(phones);
	}
	return rc;
}

int phones_free_port(struct phones *phones, unsigned leg, uint16_t *port)
{
	struct sluice_session_info info;
	struct sluice_open_reply reply;
	struct sluice_session close = {.session = phones->session_first + phones->count};
	int rc = session_open(phones, phones->count, &reply);

	if (rc)
		return rc;
	*port = reply.local[leg].port;
	rc = sluice_client_call(phones->client, SLUICE_CLOSE, &close, sizeof(close), &info,
				sizeof(info), CALL_TIMEOUT_MS);
	if (!rc)
		phones->open--;
	return rc;
}

struct phones_relay phones_ask(struct phones *phones)
{
	struct phones_relay relay = {0};
	struct sluice_stats now;

	if (!phones->client || sluice_client_call(phones->client, SLUICE_STATS, NULL, 0, &now,
						  sizeof(now), CALL_TIMEOUT_MS))
		return relay;
	relay.known = true;
	relay.received = now.received - phones->before.received;
	relay.relayed = now.relayed - phones->before.relayed;
	for (unsigned i = 0; i < SLUICE_DROP_COUNT; i++)
		relay.drops[i] = now.drops[i] - phones->before.drops[i];
	return relay;
}

void phones_close(struct phones *phones)
{
	struct sluice_session_info info;

	for (uint32_t i = 0; i < phones->open; i++) {
		struct sluice_session close = {.session = phones->session_first + i};

		if (sluice_client_call(phones->client, SLUICE_CLOSE, &close, sizeof(close), &info,
				       sizeof(info), CALL_TIMEOUT_MS) == -EPIPE)
			break; /* the data plane is gone, and the sessions with it */
	}
	sluice_client_close(phones->client);
	if (phones->srtp)
		srtp_worker_free(phones->srtp);
	if (phones->keys)
		explicit_bzero(phones->keys,
			       phones->options->calls * 4 * sizeof(struct srtp_context));
	free(phones->keys);
	free(phones->stream[0]);
	free(phones->stream[1]);
	*phones = (struct phones){0};
}
