/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sdp/codec.h"

#include <ctype.h>
#include <stddef.h>

#include "sdp/scan.h"

#define TYPE_MAX 127U
#define CLOCK_MAX_HZ 1000000U
#define HASH_BASIS UINT64_C(0xcbf29ce484222325) /* FNV-1a */
#define OCTET_ALIGN "octet-align"
#define HASH_PRIME UINT64_C(0x100000001b3)

/* RFC 3551 table 4: types that need no rtpmap. */
static const struct {
	uint8_t type;
	const char *map;
} static_types[] = {
    {0, "PCMU/8000"},    {3, "GSM/8000"},   {4, "G723/8000"},   {5, "DVI4/8000"},
    {6, "DVI4/16000"},   {7, "LPC/8000"},   {8, "PCMA/8000"},   {9, "G722/8000"},
    {10, "L16/44100/2"}, {11, "L16/44100"}, {12, "QCELP/8000"}, {13, "CN/8000"},
    {14, "MPA/90000"},   {15, "G728/8000"}, {16, "DVI4/11025"}, {17, "DVI4/22050"},
    {18, "G729/8000"},
};

static const struct {
	const char *name;
	enum sdp_codec_kind kind;
} kinds[] = {
    {"PCMU", SDP_CODEC_G711},       {"PCMA", SDP_CODEC_G711},
    {"G722", SDP_CODEC_G722},       {"G723", SDP_CODEC_G723},
    {"G726-32", SDP_CODEC_G726},    {"G726-40", SDP_CODEC_G726},
    {"G729", SDP_CODEC_G729},       {"GSM", SDP_CODEC_GSM},
    {"GSM-EFR", SDP_CODEC_GSM_EFR}, {"iLBC", SDP_CODEC_ILBC},
    {"AMR", SDP_CODEC_AMR},         {"AMR-WB", SDP_CODEC_AMR_WB},
    {"opus", SDP_CODEC_OPUS},       {"telephone-event", SDP_CODEC_EVENT},
    {"CN", SDP_CODEC_NOISE},        {"red", SDP_CODEC_RED},
};

/* Encoding names and parameters are compared without case. */
static uint64_t hash(uint64_t seed, struct str text)
{
	for (size_t i = 0; i < text.len; i++) {
		seed ^= (uint64_t)tolower((unsigned char)text.ptr[i]);
		seed *= HASH_PRIME;
	}
	return seed;
}

static enum sdp_codec_kind kind_of(struct str name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (str_caseeq(name, str_of(kinds[i].name)))
			return kinds[i].kind;
	return SDP_CODEC_OTHER;
}

static bool number_read(struct str text, uint64_t max, uint64_t *number)
{
	return sdp_scan_number(text, max, number) && *number > 0;
}

/* "opus/48000/2"; without channels: one. */
static bool map_read(struct sdp_codec *codec, struct str map)
{
	struct str name, clock;
	uint64_t clock_hz, channels = 1;

	if (!sdp_scan_field(&map, '/', &name) || !sdp_scan_field(&map, '/', &clock) ||
	    !number_read(clock, CLOCK_MAX_HZ, &clock_hz))
		return false;
	if (map.len > 0 && !number_read(map, UINT8_MAX, &channels))
		return false;
	codec->kind = (uint8_t)kind_of(name);
	codec->clock_hz = (uint32_t)clock_hz;
	codec->channels = (uint8_t)channels;
	codec->identity = hash(HASH_BASIS + channels, name);
	return true;
}

/* What an attribute "a=NAME:TYPE REST" says of a type. */
static bool said_of_type(const struct sdp_attribute *attribute, uint8_t type, struct str *rest)
{
	struct str text = attribute->value, number;
	uint64_t said;

	if (!sdp_scan_field(&text, ' ', &number) || !sdp_scan_number(number, TYPE_MAX, &said) ||
	    said != type)
		return false;
	*rest = text;
	return true;
}

static bool attribute_find(const struct sdp_media *media, const char *name, uint8_t type,
			   struct str *rest)
{
	for (const struct sdp_attribute *line = sdp_attribute(media, name, NULL); line;
	     line = sdp_attribute(media, name, line))
		if (said_of_type(line, type, rest))
			return true;
	return false;
}

static bool contains(struct str text, struct str part)
{
	for (size_t i = 0; i + part.len <= text.len; i++)
		if (str_caseeq((struct str){text.ptr + i, part.len}, part))
			return true;
	return false;
}

/* RFC 4867 8.1: octet-aligned frames are another format, not another wish. */
static void fmtp_read(struct sdp_codec *codec, struct str fmtp)
{
	codec->fmtp = hash(HASH_BASIS, fmtp);
	if ((codec->kind == SDP_CODEC_AMR || codec->kind == SDP_CODEC_AMR_WB) &&
	    contains(fmtp, STR("octet-align=1")))
		codec->identity = hash(codec->identity, STR(OCTET_ALIGN));
}

static bool static_map_read(struct sdp_codec *codec)
{
	for (size_t i = 0; i < sizeof(static_types) / sizeof(static_types[0]); i++)
		if (static_types[i].type == codec->type)
			return map_read(codec, str_of(static_types[i].map));
	return false;
}

static bool codec_read(struct sdp_codec *codec, const struct sdp_media *media, struct str format)
{
	uint64_t type;
	struct str rest;

	if (!sdp_scan_number(format, TYPE_MAX, &type))
		return false;
	*codec = (struct sdp_codec){.type = (uint8_t)type};
	if (!(attribute_find(media, "rtpmap", codec->type, &rest) && map_read(codec, rest)) &&
	    !static_map_read(codec)) {
		codec->clock_hz = 8000;
		codec->identity = type;
	}
	if (attribute_find(media, "fmtp", codec->type, &rest))
		fmtp_read(codec, rest);
	return true;
}

unsigned sdp_codecs_read(struct sdp_codec *codecs, unsigned max, const struct sdp_media *media)
{
	unsigned count = 0;

	for (unsigned i = 0; i < media->format_count && count < max; i++)
		count += codec_read(&codecs[count], media, media->format[i]);
	return count;
}

bool sdp_codec_is(const struct sdp_codec *codec, struct str name, uint32_t clock_hz,
		  unsigned channels)
{
	uint64_t identity = hash(HASH_BASIS + codec->channels, name);

	if (!codec->channels || (clock_hz && clock_hz != codec->clock_hz) ||
	    (channels && channels != codec->channels))
		return false;
	return codec->identity == identity || codec->identity == hash(identity, STR(OCTET_ALIGN));
}

const char *sdp_codec_kind_name(enum sdp_codec_kind kind)
{
	if (kind == SDP_CODEC_G711)
		return "G711";
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i].kind == kind)
			return kinds[i].name;
	return "other";
}

const struct sdp_codec *sdp_codecs_find(const struct sdp_codec *codecs, unsigned count,
					const struct sdp_codec *like)
{
	const struct sdp_codec *found = NULL;

	for (unsigned i = 0; i < count; i++) {
		if (codecs[i].identity != like->identity || codecs[i].clock_hz != like->clock_hz)
			continue;
		if (codecs[i].fmtp == like->fmtp)
			return &codecs[i];
		if (!found)
			found = &codecs[i];
	}
	return found;
}

const struct sdp_codec *sdp_codecs_of_type(const struct sdp_codec *codecs, unsigned count,
					   uint8_t type)
{
	for (unsigned i = 0; i < count; i++)
		if (codecs[i].type == type)
			return &codecs[i];
	return NULL;
}
