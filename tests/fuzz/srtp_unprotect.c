/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bursts of hostile packets through unprotect, among honest ones of a sender with the same key.
 *
 * Input: a byte of suite and MKI length, then packets: a byte of flags, two of length, bytes. What
 * must hold whatever they are: nothing behind a packet is written; a refused packet keeps bytes and
 * length; a burst of which nothing was accepted leaves the context as it was, bit by bit; of what
 * is accepted the honest is what was sent, and the rest had a tag that can be guessed.
 */
#include <stdlib.h>
#include <string.h>

#include "media/bytes.h"
#include "worker/srtp_spares.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PACKET_MAX 512U
#define ROOM (PACKET_MAX + 2 * SRTP_TRAILER_MAX)
#define FILL 0xa5

enum {
	FLAG_RTCP = 1,
	FLAG_HONEST = 2, /* goes through the sender first */
	FLAG_FLIP = 4,   /* and then loses a bit */
	FLAG_AGAIN = 8,  /* arrives twice */
	FLAG_FLUSH = 16, /* ends the burst */
};

struct arrival {
	uint8_t bytes[ROOM];
	uint8_t sent[ROOM]; /* as it arrived, with what lies behind it */
	uint8_t clear[ROOM];
	uint32_t length;
	uint32_t clear_length;
	enum srtp_packet_kind kind;
	bool honest;
};

struct reader {
	const uint8_t *data;
	size_t left;
};

static struct srtp_worker *worker;
static struct srtp_context sender, receiver, before;
static struct srtp_others others_before;
static struct arrival arrivals[CRYPTO_BURST_MAX];
static unsigned count;

static void must(bool holds)
{
	if (!holds)
		abort();
}

static const uint8_t *take(struct reader *reader, size_t length)
{
	const uint8_t *at = reader->data;

	if (length > reader->left)
		return NULL;
	reader->data += length;
	reader->left -= length;
	return at;
}

static struct srtp_packet packet_of(struct srtp_context *context, struct arrival *arrival)
{
	return (struct srtp_packet){.context = context,
				    .data = arrival->bytes,
				    .length = arrival->length,
				    .capacity = ROOM,
				    .kind = arrival->kind};
}

static void check_accepted(const struct arrival *arrival, const struct srtp_packet *packet)
{
	uint32_t tag_length = packet->kind == SRTP_PACKET_RTP
				  ? receiver.rtp_tag_length
				  : rtp_suite_find(receiver.suite)->rtcp_tag_length;

	if (!arrival->honest) {
		must(tag_length == 4);
		return;
	}
	must(packet->length == arrival->clear_length);
	must(memcmp(packet->data, arrival->clear, packet->length) == 0);
}

static void burst_receive(void)
{
	struct srtp_packet packets[CRYPTO_BURST_MAX];
	bool accepted = false;

	for (unsigned i = 0; i < count; i++)
		packets[i] = packet_of(&receiver, &arrivals[i]);
	memcpy(&before, &receiver, sizeof(before));
	if (srtp_others(&receiver))
		others_before = *srtp_others(&receiver);
	srtp_unprotect_burst(worker, packets, count);
	for (unsigned i = 0; i < count; i++) {
		const struct arrival *arrival = &arrivals[i];

		must(memcmp(arrival->bytes + arrival->length, arrival->sent + arrival->length,
			    ROOM - arrival->length) == 0);
		if (packets[i].drop == SLUICE_DROP_NONE) {
			accepted = true;
			check_accepted(arrival, &packets[i]);
			continue;
		}
		must(packets[i].length == arrival->length);
		must(memcmp(arrival->bytes, arrival->sent, arrival->length) == 0);
	}
	must(accepted || memcmp(&before, &receiver, sizeof(before)) == 0);
	must(accepted || !srtp_others(&receiver) ||
	     memcmp(&others_before, srtp_others(&receiver), sizeof(others_before)) == 0);
	count = 0;
}

/* What the sender refuses arrives as it is. */
static void make_honest(struct arrival *arrival, uint8_t flags, uint32_t where)
{
	struct srtp_packet packet = packet_of(&sender, arrival);

	srtp_protect_burst(worker, &packet, 1);
	if (packet.drop != SLUICE_DROP_NONE)
		return;
	arrival->length = packet.length;
	arrival->honest = !(flags & FLAG_FLIP);
	if (flags & FLAG_FLIP)
		arrival->bytes[where % arrival->length] ^= (uint8_t)(1U << (flags >> 5));
}

static bool arrival_read(struct reader *reader)
{
	struct arrival *arrival = &arrivals[count];
	const uint8_t *head = take(reader, 3);
	uint32_t length = head ? bytes_get_be16(head + 1) % (PACKET_MAX + 1) : 0;
	const uint8_t *body = head ? take(reader, length) : NULL;

	if (!body)
		return false;
	memset(arrival, 0, sizeof(*arrival));
	memset(arrival->bytes, FILL, sizeof(arrival->bytes));
	memcpy(arrival->bytes, body, length);
	memcpy(arrival->clear, body, length);
	arrival->length = arrival->clear_length = length;
	arrival->kind = head[0] & FLAG_RTCP ? SRTP_PACKET_RTCP : SRTP_PACKET_RTP;
	if (head[0] & FLAG_HONEST)
		make_honest(arrival, head[0], 3U * (head[1] >> 1));
	memcpy(arrival->sent, arrival->bytes, sizeof(arrival->sent));
	count++;
	if (head[0] & FLAG_AGAIN && count < CRYPTO_BURST_MAX) {
		arrivals[count] = *arrival;
		count++;
	}
	if (head[0] & FLAG_FLUSH || count == CRYPTO_BURST_MAX)
		burst_receive();
	return true;
}

static bool contexts_make(uint8_t choice)
{
	const struct rtp_suite *suite = rtp_suite_find(1U + choice % (RTP_SUITE_COUNT - 1U));
	struct sluice_key key = {.suite = suite->id,
				 .key_len = (uint8_t)(suite->key_length + suite->salt_length),
				 .mki_len = choice >> 3 & 3,
				 .mki = choice >> 3 & 3 ? 0x2a : 0};

	for (unsigned i = 0; i < key.key_len; i++)
		key.key[i] = (uint8_t)(3 * i + 1);
	return srtp_context_init(&sender, worker, &key) == 0 &&
	       srtp_context_init(&receiver, worker, &key) == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reader reader = {data, size};
	const uint8_t *choice = take(&reader, 1);

	if (!worker && srtp_worker_new(&worker, &crypto_engine_ipsec_mb, 2) < 0)
		abort();
	if (!choice || !contexts_make(*choice))
		return 0;
	while (arrival_read(&reader))
		;
	burst_receive();
	srtp_context_wipe(&sender, worker);
	srtp_context_wipe(&receiver, worker);
	return 0;
}
