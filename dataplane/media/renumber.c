/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "media/renumber.h"

#include <stddef.h>

/* Brings that slot to the front; the others keep their order. */
static struct rtp_renumber_source *to_front(struct rtp_renumber *renumber, unsigned slot)
{
	struct rtp_renumber_source found = renumber->source[slot];

	for (; slot > 0; slot--)
		renumber->source[slot] = renumber->source[slot - 1];
	renumber->source[0] = found;
	return &renumber->source[0];
}

struct rtp_renumber_source *rtp_renumber_find(struct rtp_renumber *renumber, uint32_t ssrc)
{
	for (unsigned slot = 0; slot < RTP_RENUMBER_SOURCES; slot++) {
		if (renumber->source[slot].ssrc == ssrc &&
		    renumber->source[slot].state != RTP_RENUMBER_FREE)
			return slot == 0 ? &renumber->source[0] : to_front(renumber, slot);
	}
	return NULL;
}

static uint32_t first_sent(uint16_t sequence)
{
	uint32_t first = sequence & RTP_RENUMBER_FIRST_MAX;

	return first < RTP_RENUMBER_MISORDER_MAX ? first + RTP_RENUMBER_MISORDER_MAX : first;
}

struct rtp_renumber_source *rtp_renumber_begin(struct rtp_renumber *renumber, uint32_t ssrc,
					       uint16_t sequence, uint64_t next)
{
	uint32_t first = next > 0 ? (uint32_t)next : first_sent(sequence);
	struct rtp_renumber_source *source;

	source = to_front(renumber, RTP_RENUMBER_SOURCES - 1);
	*source = (struct rtp_renumber_source){
	    .ssrc = ssrc,
	    .highest = sequence,
	    .shift = first - sequence,
	    .room = next > 0 ? 0 : RTP_RENUMBER_MISORDER_MAX,
	    .state = RTP_RENUMBER_RUNS,
	};
	return source;
}

/* Goes on behind the highest number sent. */
static void restart(struct rtp_renumber_source *source, uint16_t sequence)
{
	source->shift += source->highest + 1 - sequence;
	source->highest = sequence;
	source->room = 0;
	source->state = RTP_RENUMBER_RUNS;
}

static void advance(struct rtp_renumber_source *source, uint16_t ahead)
{
	uint32_t room = source->room + (uint32_t)ahead;

	source->highest += ahead;
	source->state = RTP_RENUMBER_RUNS;
	source->room =
	    (uint8_t)(room < RTP_RENUMBER_MISORDER_MAX ? room : RTP_RENUMBER_MISORDER_MAX);
}

/* RFC 3550 A.1: the second packet of a sequence far away makes it the source's. */
static bool is_confirmed(struct rtp_renumber_source *source, uint16_t sequence)
{
	if (source->state == RTP_RENUMBER_WAITS &&
	    (uint16_t)(sequence - source->probation) < RTP_RENUMBER_CONFIRM_MAX)
		return true;
	source->state = RTP_RENUMBER_WAITS;
	source->probation = (uint16_t)(sequence + 1);
	return false;
}

enum rtp_renumber_verdict rtp_renumber_packet(struct rtp_renumber_source *source, uint16_t sequence,
					      uint16_t *sent)
{
	uint16_t ahead = (uint16_t)(sequence - (uint16_t)source->highest);
	uint16_t behind = (uint16_t)(0U - ahead);

	if (ahead > 0 && ahead < RTP_RENUMBER_DROPOUT_MAX) {
		advance(source, ahead);
	} else if (behind > 0 && behind < RTP_RENUMBER_MISORDER_MAX) {
		if (behind > source->room)
			return RTP_RENUMBER_LATE;
	} else if (ahead > 0) {
		if (!is_confirmed(source, sequence))
			return RTP_RENUMBER_WAIT;
		restart(source, sequence);
	}
	*sent = (uint16_t)(sequence + source->shift);
	return RTP_RENUMBER_SEND;
}
