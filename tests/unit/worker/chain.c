/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "chain.h"

#include <string.h>

const struct sluice_key key_a = {.suite = 1, .key_len = 30, .key = {1, 2, 3}};
const struct sluice_key key_b = {.suite = 1, .key_len = 30, .key = {9, 8, 7}};

bool pass(struct fixture *fixture, unsigned side, const struct sluice_addr *from,
	  const struct sluice_addr *to, const uint8_t *packet, uint32_t length, struct frame *out)
{
	struct frame frame = udp_frame(fixture, side, from, to, packet, length);

	feed(fixture, side, &frame, 1);
	if (!sent(fixture, 1 - side, out))
		return false;
	assert_frame_right(out);
	return true;
}

bool pass_rtp(struct fixture *fixture, const struct sluice_open_reply *session,
	      const struct sluice_addr *from, uint16_t sequence, struct frame *out)
{
	uint8_t packet[BYTES];

	rtp_make(packet, BYTES, sequence, 1);
	return pass(fixture, 0, from, &session->local[0], packet, BYTES, out);
}

void key_set(struct fixture *fixture, uint64_t id, uint8_t leg, uint32_t mask,
	     const struct sluice_key *key)
{
	struct sluice_set request = {
	    .session = id, .leg = leg, .mask = mask, .rx = {*key}, .tx = *key};

	set(fixture, &request);
}

struct chain chain_make(struct fixture *fixture, const struct sluice_key *key)
{
	struct chain chain = {.first = plain_session(fixture, 7),
			      .second = plain_session(fixture, 8),
			      .inside = addr4(inside_peer, 4000),
			      .outside = addr4(outside_peer, 5000)};

	key_set(fixture, 7, 1, SLUICE_SET_TX_KEY, key);
	key_set(fixture, 8, 0, SLUICE_SET_RX_KEY, key);
	return chain;
}

uint32_t encrypted(struct fixture *fixture, const struct chain *chain, uint16_t sequence,
		   uint8_t *packet)
{
	struct frame out;
	const uint8_t *payload;
	uint32_t length;

	assert_true(pass_rtp(fixture, &chain->first, &chain->inside, sequence, &out));
	payload = payload_of(&out, &length);
	memcpy(packet, payload, length);
	return length;
}

bool decrypted(struct fixture *fixture, const struct chain *chain, const uint8_t *packet,
	       uint32_t length, struct frame *out)
{
	return pass(fixture, 0, &chain->inside, &chain->second.local[0], packet, length, out);
}
