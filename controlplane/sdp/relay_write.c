/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Our own descriptions, made of the little that may pass from one leg to the other. */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "sdp/address.h"
#include "sdp/relay.h"
#include "sdp/scan.h"

struct out {
	char *text;
	size_t size;
	size_t length;
	int error; /* the first; nothing more is written then */
};

/* Everything that the audio section says, beside what it takes from the other leg's section. */
struct audio {
	const struct sdp_media *source;
	const struct sdp_audio *codecs; /* of the source, those that may pass, in our order */
	uint8_t types[SDP_CODECS_MAX];  /* that we say for them; SDP_TYPE_NONE: left out */
	enum sdp_proto proto;
	enum sdp_direction direction;
	bool rtcp_mux;
	const struct sdes_crypto *crypto;
	unsigned crypto_count;
};

__attribute__((format(printf, 2, 3))) static void put(struct out *out, const char *format, ...)
{
	va_list arguments;

	if (out->error)
		return;
	va_start(arguments, format);
	int written =
	    vsnprintf(out->text + out->length, out->size - out->length, format, arguments);
	va_end(arguments);
	if (written < 0 || (size_t)written >= out->size - out->length)
		out->error = -ENOSPC;
	else
		out->length += (size_t)written;
}

static void fail(struct out *out, int error)
{
	if (!out->error)
		out->error = error;
}

static int end(struct out *out)
{
	if (!out->error)
		return (int)out->length;
	explicit_bzero(out->text, out->size);
	return out->error;
}

/* Numbers of o= must fit a signed 64-bit integer (RFC 3264 5). */
static uint64_t origin_number(uint64_t number)
{
	return number & INT64_MAX;
}

static void put_session(struct out *out, const struct relay_local *local)
{
	char address[SDP_ADDRESS_TEXT_MAX] = "";

	if (!sdp_address_format(&local->address, address) || local->rtp_port == 0)
		fail(out, -EINVAL);
	put(out, "v=0\r\n");
	put(out, "o=- %" PRIu64 " %" PRIu64 " IN %s\r\n", origin_number(local->session_id),
	    origin_number(local->session_version), address);
	put(out, "s=-\r\n");
	put(out, "c=IN %s\r\n", address);
	put(out, "t=0 0\r\n");
}

/* A section that we do not relay (RFC 3264 6: port 0, the formats no longer matter). */
static void put_refused(struct out *out, const struct sdp_media *media)
{
	put(out, "m=%.*s 0 %.*s %.*s\r\n", STR_FMT(media->type), STR_FMT(media->proto_text),
	    STR_FMT(media->format[0]));
}

/* The payload type that we say for a format of the source; SDP_TYPE_NONE: none. */
static uint8_t type_of(const struct audio *audio, struct str format)
{
	uint64_t type;

	if (!sdp_scan_number(format, SDP_TYPE_NONE - 1, &type))
		return SDP_TYPE_NONE;
	for (unsigned i = 0; i < audio->codecs->count; i++)
		if (audio->codecs->codec[i].type == type)
			return audio->types[i];
	return SDP_TYPE_NONE;
}

/* rtpmap and fmtp of the section's own payload types, in the order of the source. */
static void put_formats(struct out *out, const struct audio *audio)
{
	const struct sdp_media *media = audio->source;

	for (unsigned i = 0; i < media->attribute_count; i++) {
		const struct sdp_attribute *attribute = &media->attribute[i];
		struct str rest = attribute->value, format;
		uint8_t type;

		if (!str_eq(attribute->name, STR("rtpmap")) &&
		    !str_eq(attribute->name, STR("fmtp")))
			continue;
		if (!sdp_scan_is_printable(attribute->value) ||
		    !sdp_scan_field(&rest, ' ', &format) || rest.len == 0)
			continue;
		type = type_of(audio, format);
		if (type != SDP_TYPE_NONE)
			put(out, "a=%.*s:%u %.*s\r\n", STR_FMT(attribute->name), type,
			    STR_FMT(rest));
	}
}

static void put_crypto(struct out *out, const struct sdes_crypto *crypto)
{
	char text[SDES_TEXT_MAX];
	int length = sdes_format(crypto, text, sizeof(text));

	if (length < 0)
		fail(out, length);
	else
		put(out, "a=crypto:%s\r\n", text);
	explicit_bzero(text, sizeof(text));
}

/* RFC 8866 6.4; never longer than what the other side can take. */
static unsigned ptime_of(const struct relay_local *local, const struct sdp_media *source)
{
	unsigned ptime_ms = local->ptime_ms ? local->ptime_ms : source->ptime_ms;

	return source->maxptime_ms && ptime_ms > source->maxptime_ms ? source->maxptime_ms
								     : ptime_ms;
}

static void put_audio(struct out *out, const struct relay_local *local, const struct audio *audio)
{
	const struct sdp_media *source = audio->source;

	put(out, "m=audio %u %s", local->rtp_port, sdp_proto_name(audio->proto));
	for (unsigned i = 0; i < audio->codecs->count; i++)
		if (audio->types[i] != SDP_TYPE_NONE)
			put(out, " %u", audio->types[i]);
	put(out, "\r\n");
	for (unsigned i = 0; i < audio->crypto_count; i++)
		put_crypto(out, &audio->crypto[i]);
	put_formats(out, audio);
	if (ptime_of(local, source))
		put(out, "a=ptime:%u\r\n", ptime_of(local, source));
	if (source->maxptime_ms)
		put(out, "a=maxptime:%u\r\n", source->maxptime_ms);
	if (audio->rtcp_mux)
		put(out, "a=rtcp-mux\r\n");
	put(out, "a=%s\r\n", sdp_direction_name(audio->direction));
}

/* Sections as in layout: the audio one at audio_index is ours, all others are refused. */
static void put_sections(struct out *out, const struct sdp *layout, unsigned audio_index,
			 const struct relay_local *local, const struct audio *audio)
{
	put_session(out, local);
	for (unsigned i = 0; i < layout->media_count; i++) {
		if (i == audio_index)
			put_audio(out, local, audio);
		else
			put_refused(out, &layout->media[i]);
	}
}

static unsigned sections_of(struct str text)
{
	unsigned count = 0;

	for (size_t i = 1; i + 1 < text.len; i++)
		count += text.ptr[i - 1] == '\n' && text.ptr[i] == 'm' && text.ptr[i + 1] == '=';
	return count;
}

/* RFC 3264 8: a later offer has no fewer sections than were there before; those that are needed no
 * more are refused. */
static void put_former(struct out *out, const struct sdp *layout, const struct relay_local *local)
{
	struct sdp before;
	const char *error;

	if (sections_of(local->before) <= layout->media_count)
		return;
	if (sdp_parse(&before, local->before, &error) < 0) {
		fail(out, -EINVAL);
		return;
	}
	for (unsigned i = layout->media_count; i < before.media_count; i++)
		put_refused(out, &before.media[i]);
}

static int invalid(char *text, size_t size)
{
	explicit_bzero(text, size);
	return -EINVAL;
}

void relay_said_offer(struct relay_local *local, const struct relay_remote *source_remote)
{
	uint8_t types[SDP_CODECS_MAX];

	sdp_offer_types(types, &source_remote->audio, &local->known);
	sdp_audio_said(&local->audio, &source_remote->audio, types);
	if (local->ptime_ms)
		local->audio.ptime_ms = local->ptime_ms;
}

void relay_said_answer(struct relay_local *local, const struct relay_remote *offer_remote,
		       const struct relay_remote *source_remote)
{
	uint8_t types[SDP_CODECS_MAX];

	sdp_answer_types(types, &source_remote->audio, &offer_remote->audio);
	sdp_audio_said(&local->audio, &source_remote->audio, types);
	if (local->ptime_ms)
		local->audio.ptime_ms = local->ptime_ms;
}

int relay_write_offer(char *text, size_t size, const struct sdp *source,
		      const struct relay_remote *source_remote, const struct relay_local *local)
{
	bool secured = local->security == RELAY_SRTP;

	if (source_remote->audio_index >= source->media_count ||
	    local->crypto_count > RELAY_CRYPTO_MAX || (secured && !local->crypto_count))
		return invalid(text, size);

	struct audio audio = {
	    .source = &source->media[source_remote->audio_index],
	    .codecs = &source_remote->audio,
	    .proto = secured ? SDP_RTP_SAVP : SDP_RTP_AVP,
	    .direction = source_remote->direction,
	    .rtcp_mux = local->rtcp_mux,
	    .crypto = local->crypto,
	    .crypto_count = secured ? local->crypto_count : 0,
	};

	struct out out = {.text = text, .size = size};

	sdp_offer_types(audio.types, &source_remote->audio, &local->known);
	put_sections(&out, source, source_remote->audio_index, local, &audio);
	put_former(&out, source, local);
	return end(&out);
}

/* ---- answers ---- */

enum { SEND = 1U << 0, RECEIVE = 1U << 1 };

static unsigned bits_of(enum sdp_direction direction)
{
	static const unsigned bits[] = {
	    [SDP_SENDRECV] = SEND | RECEIVE, [SDP_SENDONLY] = SEND, [SDP_RECVONLY] = RECEIVE};

	return direction < SDP_INACTIVE ? bits[direction] : 0;
}

/* What of the other leg's answer may answer that offer (RFC 3264 6.1). */
static enum sdp_direction answer_direction(enum sdp_direction answer, enum sdp_direction offer)
{
	static const enum sdp_direction directions[] = {SDP_INACTIVE, SDP_SENDONLY, SDP_RECVONLY,
							SDP_SENDRECV};
	unsigned offered = bits_of(offer);
	unsigned may = (offered & SEND ? RECEIVE : 0U) | (offered & RECEIVE ? SEND : 0U);

	return directions[bits_of(answer) & may];
}

static bool may_answer(const struct relay_remote *offer, const struct relay_local *local)
{
	bool secured = local->security == RELAY_SRTP;

	if (secured != offer->secured)
		return false;
	return !secured ||
	       (local->crypto_count == 1 && local->crypto[0].suite == offer->crypto.suite);
}

int relay_write_answer(char *text, size_t size, const struct sdp *offer,
		       const struct relay_remote *offer_remote, const struct sdp *source,
		       const struct relay_remote *source_remote, const struct relay_local *local)
{
	if (offer_remote->audio_index >= offer->media_count ||
	    source_remote->audio_index >= source->media_count || !may_answer(offer_remote, local))
		return invalid(text, size);

	struct sdes_crypto crypto = local->crypto[0];
	struct audio audio = {
	    .source = &source->media[source_remote->audio_index],
	    .codecs = &source_remote->audio,
	    .proto = offer->media[offer_remote->audio_index].proto,
	    .direction = answer_direction(source_remote->direction, offer_remote->direction),
	    .rtcp_mux = local->rtcp_mux && offer_remote->rtcp_mux,
	    .crypto = &crypto,
	    .crypto_count = offer_remote->secured ? 1 : 0,
	};

	sdp_answer_types(audio.types, &source_remote->audio, &offer_remote->audio);
	crypto.tag = offer_remote->crypto.tag;
	crypto.spelling = offer_remote->crypto.spelling;

	struct out out = {.text = text, .size = size};

	put_sections(&out, offer, offer_remote->audio_index, local, &audio);
	explicit_bzero(&crypto, sizeof(crypto));
	return end(&out);
}

/* ---- comparison ---- */

static struct str line_end(struct str text)
{
	const char *end = text.len ? memchr(text.ptr, '\n', text.len) : NULL;

	if (!end)
		return (struct str){text.ptr, 0};
	return (struct str){end + 1, text.len - (size_t)(end + 1 - text.ptr)};
}

bool relay_same_description(struct str a, struct str b)
{
	/* v= is always the same, o= differs in its version alone */
	return str_eq(line_end(line_end(a)), line_end(line_end(b)));
}
