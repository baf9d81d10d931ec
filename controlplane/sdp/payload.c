/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sdp/payload.h"

#include <stddef.h>

#define PTIME_USUAL_MS 20U /* RFC 3551 4.2 */
#define PTIME_MIN_MS 2U
#define HEAD_ROOM 2U
#define EXTRA_PPS 50U

void sdp_audio_read(struct sdp_audio *audio, const struct sdp_media *media)
{
	*audio = (struct sdp_audio){.ptime_ms = media->ptime_ms};
	audio->count = sdp_codecs_read(audio->codec, SDP_CODECS_MAX, media);
}

static bool is_mapped(const struct sdp_payload *payloads, unsigned count, uint8_t type)
{
	for (unsigned i = 0; i < count; i++)
		if (payloads[i].type == type)
			return true;
	return false;
}

/* The same number, if it is the same codec there too; else whichever number that has. */
static const struct sdp_codec *counterpart(const struct sdp_codec *codec,
					   const struct sdp_audio *other)
{
	const struct sdp_codec *same = sdp_codecs_of_type(other->codec, other->count, codec->type);

	if (same && same->identity == codec->identity && same->clock_hz == codec->clock_hz)
		return same;
	return sdp_codecs_find(other->codec, other->count, codec);
}

static bool holds(const uint8_t *types, unsigned count, uint8_t type)
{
	for (unsigned i = 0; i < count; i++)
		if (types[i] == type)
			return true;
	return false;
}

/* What each codec of the answer is called in the offer. Returns how many are. */
static unsigned types_match(uint8_t *types, const struct sdp_audio *answer,
			    const struct sdp_audio *offer)
{
	unsigned matched = 0;

	for (unsigned i = 0; i < answer->count; i++) {
		const struct sdp_codec *found = counterpart(&answer->codec[i], offer);

		types[i] = SDP_TYPE_NONE;
		if (!found || holds(types, i, found->type))
			continue;
		types[i] = found->type;
		matched++;
	}
	return matched;
}

/* Its packets hold numbers, which nobody changes. */
static void red_leave_out(uint8_t *types, const struct sdp_audio *source)
{
	bool renumbered = false;

	for (unsigned i = 0; i < source->count; i++)
		renumbered |= types[i] != SDP_TYPE_NONE && types[i] != source->codec[i].type;
	for (unsigned i = 0; renumbered && i < source->count; i++)
		if (source->codec[i].kind == SDP_CODEC_RED)
			types[i] = SDP_TYPE_NONE;
}

void sdp_answer_types(uint8_t types[SDP_CODECS_MAX], const struct sdp_audio *answer,
		      const struct sdp_audio *offer)
{
	if (types_match(types, answer, offer) == 0) {
		for (unsigned i = 0; i < answer->count; i++)
			types[i] = answer->codec[i].type;
		return;
	}
	red_leave_out(types, answer);
}

/* A dynamic type (RFC 3551 6) that nobody uses. */
static uint8_t free_type(const uint8_t *types, const struct sdp_audio *offer,
			 const struct sdp_audio *known)
{
	for (uint8_t type = 96; type < SDP_TYPE_NONE; type++)
		if (!holds(types, offer->count, type) &&
		    !sdp_codecs_of_type(offer->codec, offer->count, type) &&
		    !sdp_codecs_of_type(known->codec, known->count, type))
			return type;
	return SDP_TYPE_NONE;
}

void sdp_offer_types(uint8_t types[SDP_CODECS_MAX], const struct sdp_audio *offer,
		     const struct sdp_audio *known)
{
	types_match(types, offer, known);
	for (unsigned i = 0; i < offer->count; i++) {
		uint8_t type = offer->codec[i].type;

		if (types[i] != SDP_TYPE_NONE)
			continue;
		if (holds(types, offer->count, type) ||
		    sdp_codecs_of_type(known->codec, known->count, type))
			type = free_type(types, offer, known);
		types[i] = type;
	}
	red_leave_out(types, offer);
}

void sdp_audio_said(struct sdp_audio *said, const struct sdp_audio *source,
		    const uint8_t types[SDP_CODECS_MAX])
{
	*said = (struct sdp_audio){.ptime_ms = source->ptime_ms};
	for (unsigned i = 0; i < source->count; i++) {
		if (types[i] == SDP_TYPE_NONE)
			continue;
		said->codec[said->count] = source->codec[i];
		said->codec[said->count++].type = types[i];
	}
}

static unsigned map_all(struct sdp_payload *payloads, unsigned count, const struct sdp_audio *from,
			const struct sdp_audio *other)
{
	for (unsigned i = 0; i < from->count && count < SDP_PAYLOADS_MAX; i++) {
		const struct sdp_codec *codec = &from->codec[i];
		const struct sdp_codec *found = counterpart(codec, other);

		if (!found || is_mapped(payloads, count, codec->type))
			continue;
		payloads[count++] = (struct sdp_payload){.type = codec->type,
							 .other = found->type,
							 .kind = codec->kind,
							 .clock_hz = codec->clock_hz};
	}
	return count;
}

unsigned sdp_payloads_map(struct sdp_payload payloads[SDP_PAYLOADS_MAX],
			  const struct sdp_audio *said, const struct sdp_audio *heard,
			  const struct sdp_audio *other)
{
	unsigned count = map_all(payloads, 0, said, other);

	return map_all(payloads, count, heard, other);
}

static uint32_t shorter(uint32_t ptime_ms, uint32_t other_ms)
{
	return other_ms > 0 && other_ms < ptime_ms ? other_ms : ptime_ms;
}

uint32_t sdp_rate_pps(const struct sdp_audio *heard, const struct sdp_audio *other)
{
	uint32_t ptime_ms = shorter(shorter(PTIME_USUAL_MS, heard->ptime_ms), other->ptime_ms);

	if (ptime_ms < PTIME_MIN_MS)
		ptime_ms = PTIME_MIN_MS;
	return HEAD_ROOM * 1000U / ptime_ms + EXTRA_PPS;
}
