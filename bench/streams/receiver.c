/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "receiver.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../common/seen.h"
#include "keys.h"
#include "media/bytes.h"
#include "sender.h"

static_assert(RECEIVER_BURST <= CRYPTO_BURST_MAX, "a burst is one burst of the engine");

/* One slot of the table from a receiver's address and port to its stream; open addressing. */
struct slot {
	struct plan_end end;
	uint32_t stream;
	bool taken;
};

struct receiver {
	const struct plan *plan;
	struct keys keys;
	struct seen *seen; /* by stream, of the numbers in their voice */
	struct slot *slots;
	uint32_t slot_mask;
	uint32_t payload_bytes;
	struct receiver_counts counts;
	struct srtp_packet packets[RECEIVER_BURST];
	uint32_t streams[RECEIVER_BURST]; /* of packets[] */
};

static bool ends_equal(const struct plan_end *a, const struct plan_end *b)
{
	return memcmp(a->ip, b->ip, sizeof(a->ip)) == 0 && a->port == b->port;
}

/* The slot of that end, or the free one where it belongs. */
static struct slot *slot_find(const struct receiver *receiver, const struct plan_end *end)
{
	uint32_t hash = (bytes_get_be32(end->ip) ^ (uint32_t)end->port << 16 ^ end->port);
	uint32_t at = hash * 2654435761U >> 7 & receiver->slot_mask;

	while (receiver->slots[at].taken && !ends_equal(&receiver->slots[at].end, end))
		at = (at + 1) & receiver->slot_mask;
	return &receiver->slots[at];
}

static int slots_fill(struct receiver *receiver)
{
	for (uint32_t i = 0; i < receiver->plan->count; i++) {
		const struct plan_end *end = &receiver->plan->stream[i].out.peer;
		struct slot *slot = slot_find(receiver, end);

		if (slot->taken)
			return -EEXIST;
		*slot = (struct slot){.end = *end, .stream = i, .taken = true};
	}
	return 0;
}

static int tables_new(struct receiver *receiver)
{
	uint32_t slots = 64;

	while (slots < receiver->plan->count * 2)
		slots *= 2;
	receiver->slot_mask = slots - 1;
	receiver->slots = calloc(slots, sizeof(*receiver->slots));
	receiver->seen = calloc(receiver->plan->count, sizeof(*receiver->seen));
	return receiver->slots && receiver->seen ? slots_fill(receiver) : -ENOMEM;
}

int receiver_new(struct receiver **receiver, const struct plan *plan, uint32_t payload_bytes)
{
	struct receiver *made = calloc(1, sizeof(*made));
	int result;

	if (!made)
		return -ENOMEM;
	made->plan = plan;
	made->payload_bytes = payload_bytes;
	result = keys_new(&made->keys, plan, KEYS_RECEIVED);
	if (result == 0)
		result = tables_new(made);
	if (result < 0) {
		receiver_free(made);
		return result;
	}
	*receiver = made;
	return 0;
}

void receiver_free(struct receiver *receiver)
{
	if (!receiver)
		return;
	keys_free(&receiver->keys);
	free(receiver->slots);
	free(receiver->seen);
	free(receiver);
}

/* The number of a packet in clear, or one that was decrypted; -1: not what was sent. */
static int64_t packet_number(const struct receiver *receiver, uint32_t stream, const uint8_t *rtp,
			     uint32_t length)
{
	if (length != FRAME_RTP + receiver->payload_bytes || rtp[0] != 0x80 || rtp[1] != 0)
		return -1;
	return frame_voice_read(rtp + FRAME_RTP, receiver->payload_bytes, stream);
}

static void voice_check(struct receiver *receiver, uint32_t stream, const uint8_t *rtp,
			uint32_t length)
{
	struct receiver_counts *counts = &receiver->counts;
	int64_t number = packet_number(receiver, stream, rtp, length);
	enum seen_answer answer;

	if (number < 0) {
		counts->damaged++;
		return;
	}
	answer = seen_put(&receiver->seen[stream], (uint32_t)number);
	counts->repeated += answer == SEEN_BEFORE;
	counts->reordered += answer == SEEN_LATE;
	counts->good += answer != SEEN_BEFORE;
}

/* Takes a frame as far as it goes without its key; packets[count] when it is SRTP. Returns count.
 */
static uint32_t sort(struct receiver *receiver, struct receiver_frame *frame, uint32_t count)
{
	struct plan_end from, to;
	uint32_t length = frame_unwrap(frame->data, frame->length, &from, &to);
	const struct slot *slot = length > 0 ? slot_find(receiver, &to) : NULL;
	const struct plan_side *side;

	if (!slot || !slot->taken) {
		receiver->counts.other++;
		return count;
	}
	side = &receiver->plan->stream[slot->stream].out;
	if (!ends_equal(&side->relay, &from)) {
		receiver->counts.stray++;
		return count;
	}
	if (side->key.suite == SLUICE_SUITE_NONE) {
		voice_check(receiver, slot->stream, frame->data + FRAME_HEADER, length);
		return count;
	}
	receiver->streams[count] = slot->stream;
	receiver->packets[count] = (struct srtp_packet){
	    .context = keys_of(&receiver->keys, slot->stream),
	    .data = frame->data + FRAME_HEADER,
	    .length = length,
	    .capacity = FRAME_MAX - FRAME_HEADER,
	    .kind = SRTP_PACKET_RTP,
	};
	return count + 1;
}

static void srtp_check(struct receiver *receiver, const struct srtp_packet *packet, uint32_t stream)
{
	switch (packet->drop) {
	case SLUICE_DROP_NONE:
		voice_check(receiver, stream, packet->data, packet->length);
		break;
	case SLUICE_DROP_REPLAY:
	case SLUICE_DROP_REPLAY_OLD:
		receiver->counts.repeated++;
		break;
	case SLUICE_DROP_AUTH:
		receiver->counts.forged++;
		break;
	default:
		receiver->counts.damaged++;
		break;
	}
}

void receiver_take(struct receiver *receiver, struct receiver_frame *frames, uint32_t n)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < n; i++)
		count = sort(receiver, &frames[i], count);
	if (count > 0)
		srtp_unprotect_burst(receiver->keys.worker, receiver->packets, count);
	for (uint32_t i = 0; i < count; i++)
		srtp_check(receiver, &receiver->packets[i], receiver->streams[i]);
}

const struct receiver_counts *receiver_counts(const struct receiver *receiver)
{
	return &receiver->counts;
}
