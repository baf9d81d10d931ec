/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "calls.h"

#include <errno.h>
#include <string.h>

#include "media/bytes.h"
#include "media/suite.h"

#define TIMEOUT_MS 5000U
#define PORT_STEP 2U
#define PORT_LAST 65534U

int calls_end(const struct plan_end *first, uint32_t number, struct plan_end *end)
{
	uint32_t ports = (PORT_LAST - first->port) / PORT_STEP + 1;
	uint64_t ip = (uint64_t)bytes_get_be32(first->ip) + number / ports;

	if (ip >= 0xe0000000U) /* multicast and above */
		return -ERANGE;
	bytes_put_be32(end->ip, (uint32_t)ip);
	end->port = (uint16_t)(first->port + number % ports * PORT_STEP);
	return 0;
}

/* SplitMix64: the same keys from the same seed on every machine. Not for real calls. */
static uint64_t next_random(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static void key_make(struct sluice_key *key, uint8_t suite_id, uint64_t *random)
{
	const struct rtp_suite *suite = rtp_suite_find(suite_id);

	*key = (struct sluice_key){.suite = suite_id};
	if (!suite)
		return;
	key->key_len = (uint8_t)(suite->key_length + suite->salt_length);
	for (unsigned i = 0; i < key->key_len; i++)
		key->key[i] = (uint8_t)next_random(random);
}

static int call_make(const struct calls_options *options, uint32_t number, struct calls_call *call)
{
	uint64_t random = options->seed * UINT64_C(0x9e3779b1) + number;
	const struct calls_side_options *a = &options->side[CALLS_A];
	const struct calls_side_options *b = &options->side[CALLS_B];
	int result;

	memset(call, 0, sizeof(*call));
	result = calls_end(&a->first, number, &call->there.in.peer);
	if (result == 0)
		result = calls_end(&b->first, number, &call->there.out.peer);
	call->back.in.peer = call->there.out.peer;
	call->back.out.peer = call->there.in.peer;
	key_make(&call->there.in.key, a->suite, &random);
	key_make(&call->there.out.key, b->suite, &random);
	key_make(&call->back.in.key, b->suite, &random);
	key_make(&call->back.out.key, a->suite, &random);
	return result;
}

static struct sluice_addr addr_of(const struct plan_end *end)
{
	struct sluice_addr addr = {.family = 4, .port = end->port};

	memcpy(addr.ip, end->ip, sizeof(end->ip));
	return addr;
}

static struct plan_end end_of(const struct sluice_addr *addr)
{
	struct plan_end end = {.port = addr->port};

	memcpy(end.ip, addr->ip, sizeof(end.ip));
	return end;
}

static int leg_set(struct sluice_client *client, uint64_t session, enum calls_side side,
		   const struct plan_side *hears, const struct plan_side *sends)
{
	struct sluice_set set = {
	    .session = session,
	    .leg = (uint8_t)side,
	    .mask = SLUICE_SET_REMOTE | SLUICE_SET_RX_KEY | SLUICE_SET_TX_KEY |
		    SLUICE_SET_DIRECTION | SLUICE_SET_LATCH | SLUICE_SET_DSCP | SLUICE_SET_TIMEOUT |
		    SLUICE_SET_RATE,
	    .direction = SLUICE_DIR_RX | SLUICE_DIR_TX,
	    .latch = SLUICE_LATCH_STRICT,
	    .dscp = 46,
	    .rtcp_mux = 1,
	    .remote_rtp = addr_of(&hears->peer),
	    .rx = {hears->key},
	    .tx = sends->key,
	};
	int result = sluice_client_call(client, SLUICE_SET, &set, sizeof(set), NULL, 0, TIMEOUT_MS);

	explicit_bzero(&set, sizeof(set));
	return result;
}

static int session_open(struct sluice_client *client, const struct calls_options *options,
			uint64_t session, struct calls_call *call)
{
	struct sluice_open open = {.session = session};
	struct sluice_open_reply reply;
	int result;

	for (int side = 0; side < 2; side++) {
		memcpy(open.leg[side].interface, options->side[side].interface, SLUICE_NAME_MAX);
		open.leg[side].family = 4;
	}
	result = sluice_client_call(client, SLUICE_OPEN, &open, sizeof(open), &reply, sizeof(reply),
				    TIMEOUT_MS);
	if (result < 0)
		return result;
	call->there.in.relay = call->back.out.relay = end_of(&reply.local[CALLS_A]);
	call->there.out.relay = call->back.in.relay = end_of(&reply.local[CALLS_B]);
	return 0;
}

int calls_install(struct sluice_client *client, const struct calls_options *options,
		  uint32_t number, struct calls_call *call)
{
	uint64_t session = options->session_first + number;
	int result = call_make(options, number, call);

	if (result == 0)
		result = session_open(client, options, session, call);
	if (result == 0)
		result = leg_set(client, session, CALLS_A, &call->there.in, &call->back.out);
	if (result == 0)
		result = leg_set(client, session, CALLS_B, &call->back.in, &call->there.out);
	return result;
}

int calls_close(struct sluice_client *client, const struct calls_options *options)
{
	int result = 0;

	for (uint32_t i = 0; i < options->count && (result == 0 || result == -ENOENT); i++) {
		struct sluice_session session = {.session = options->session_first + i};
		struct sluice_session_info info;

		result = sluice_client_call(client, SLUICE_CLOSE, &session, sizeof(session), &info,
					    sizeof(info), TIMEOUT_MS);
	}
	return result == -ENOENT ? 0 : result;
}
