/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sender.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "keys.h"
#include "media/bytes.h"

static_assert(SENDER_BURST <= CRYPTO_BURST_MAX, "a burst is one burst of the engine");

struct sender {
	const struct plan *plan;
	struct sender_options options;
	struct keys keys;
	uint32_t turn; /* packets that each stream has had */
	uint32_t next; /* stream */
	struct srtp_packet packets[SENDER_BURST];
};

int sender_new(struct sender **sender, const struct plan *plan,
	       const struct sender_options *options)
{
	struct sender *made = calloc(1, sizeof(*made));
	int result;

	if (!made)
		return -ENOMEM;
	made->plan = plan;
	made->options = *options;
	result = keys_new(&made->keys, plan, KEYS_SENT);
	if (result < 0) {
		sender_free(made);
		return result;
	}
	*sender = made;
	return 0;
}

void sender_free(struct sender *sender)
{
	if (!sender)
		return;
	keys_free(&sender->keys);
	free(sender);
}

static void rtp_write(const struct sender *sender, struct sender_frame *frame)
{
	const struct sender_options *options = &sender->options;
	uint16_t sequence =
	    (uint16_t)(options->sequence_first + sender->turn * options->sequence_step);
	uint8_t *rtp = frame->data + FRAME_HEADER;

	rtp[0] = 0x80;
	rtp[1] = 0; /* PCMU (RFC 3551) */
	bytes_put_be16(rtp + 2, sequence);
	bytes_put_be32(rtp + 4, sender->turn * options->sequence_step * 160U);
	bytes_put_be32(rtp + 8, SENDER_SSRC_FIRST + frame->stream);
	frame_voice_write(rtp + FRAME_RTP, options->payload_bytes, frame->stream, sender->turn);
	frame->length = FRAME_RTP + options->payload_bytes;
}

static void stream_take(struct sender *sender, struct sender_frame *frame)
{
	frame->stream = sender->next;
	rtp_write(sender, frame);
	if (++sender->next == sender->plan->count) {
		sender->next = 0;
		sender->turn++;
	}
}

/* Streams in clear are passed over. */
static int protect(struct sender *sender, struct sender_frame *frames, uint32_t n)
{
	uint32_t count = 0;
	struct sender_frame *of[SENDER_BURST];

	for (uint32_t i = 0; i < n; i++) {
		if (sender->plan->stream[frames[i].stream].in.key.suite == SLUICE_SUITE_NONE)
			continue;
		of[count] = &frames[i];
		sender->packets[count++] = (struct srtp_packet){
		    .context = keys_of(&sender->keys, frames[i].stream),
		    .data = frames[i].data + FRAME_HEADER,
		    .length = frames[i].length,
		    .capacity = FRAME_MAX - FRAME_HEADER,
		    .kind = SRTP_PACKET_RTP,
		};
	}
	if (count > 0)
		srtp_protect_burst(sender->keys.worker, sender->packets, count);
	for (uint32_t i = 0; i < count; i++) {
		if (sender->packets[i].drop != SLUICE_DROP_NONE)
			return -EIO;
		of[i]->length = sender->packets[i].length;
	}
	return 0;
}

int sender_next(struct sender *sender, struct sender_frame *frames, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		stream_take(sender, &frames[i]);
	if (protect(sender, frames, n) < 0)
		return -EIO;
	for (uint32_t i = 0; i < n; i++) {
		const struct plan_side *side = &sender->plan->stream[frames[i].stream].in;

		frame_wrap(frames[i].data, &sender->options.link, &side->peer, &side->relay,
			   frames[i].length);
		frames[i].length += FRAME_HEADER;
	}
	return 0;
}
