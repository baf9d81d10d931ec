/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <arpa/inet.h>
#include <stdio.h>

#include "sluice_client.h"
#include "sluice_types.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const struct {
	const char *name;
	const char *text;
} drops[] = {
#define DROP_NAME(symbol, name, text) {name, text},
    SLUICE_DROP_LIST(DROP_NAME)
#undef DROP_NAME
};

const char *sluice_drop_name(unsigned drop)
{
	return drop < COUNT(drops) ? drops[drop].name : "?";
}

const char *sluice_drop_text(unsigned drop)
{
	return drop < COUNT(drops) ? drops[drop].text : "?";
}

const char *sluice_suite_name(unsigned suite)
{
	static const char *const names[SLUICE_SUITE_COUNT] = {
	    [SLUICE_SUITE_NONE] = "none",
	    [SLUICE_SUITE_AES_CM_128_HMAC_SHA1_80] = "AES_CM_128_HMAC_SHA1_80",
	    [SLUICE_SUITE_AES_CM_128_HMAC_SHA1_32] = "AES_CM_128_HMAC_SHA1_32",
	    [SLUICE_SUITE_AES_192_CM_HMAC_SHA1_80] = "AES_192_CM_HMAC_SHA1_80",
	    [SLUICE_SUITE_AES_192_CM_HMAC_SHA1_32] = "AES_192_CM_HMAC_SHA1_32",
	    [SLUICE_SUITE_AES_256_CM_HMAC_SHA1_80] = "AES_256_CM_HMAC_SHA1_80",
	    [SLUICE_SUITE_AES_256_CM_HMAC_SHA1_32] = "AES_256_CM_HMAC_SHA1_32",
	    [SLUICE_SUITE_AEAD_AES_128_GCM] = "AEAD_AES_128_GCM",
	    [SLUICE_SUITE_AEAD_AES_256_GCM] = "AEAD_AES_256_GCM",
	};

	return suite < COUNT(names) ? names[suite] : "?";
}

const char *sluice_codec_name(unsigned codec)
{
	static const char *const names[SLUICE_CODEC_COUNT] = {
	    [SLUICE_CODEC_UNKNOWN] = "unknown",
	    [SLUICE_CODEC_G711] = "G.711",
	    [SLUICE_CODEC_G722] = "G.722",
	    [SLUICE_CODEC_G723] = "G.723.1",
	    [SLUICE_CODEC_G726] = "G.726",
	    [SLUICE_CODEC_G729] = "G.729",
	    [SLUICE_CODEC_GSM] = "GSM",
	    [SLUICE_CODEC_GSM_EFR] = "GSM-EFR",
	    [SLUICE_CODEC_ILBC] = "iLBC",
	    [SLUICE_CODEC_AMR] = "AMR",
	    [SLUICE_CODEC_AMR_WB] = "AMR-WB",
	    [SLUICE_CODEC_OPUS] = "Opus",
	    [SLUICE_CODEC_EVENT] = "telephone-event",
	    [SLUICE_CODEC_NOISE] = "comfort noise",
	};

	return codec < COUNT(names) ? names[codec] : "?";
}

const char *sluice_cpu_text(unsigned use)
{
	static const char *const texts[] = {
#define CPU_TEXT(symbol, text) text,
	    SLUICE_CPU_LIST(CPU_TEXT)
#undef CPU_TEXT
	};

	return use < COUNT(texts) ? texts[use] : "?";
}

const char *sluice_event_name(unsigned type)
{
	static const char *const names[] = {
	    [SLUICE_EVENT_MEDIA_TIMEOUT] = "media-timeout",
	    [SLUICE_EVENT_LATCHED] = "latched",
	    [SLUICE_EVENT_SSRC_CHANGED] = "ssrc-changed",
	    [SLUICE_EVENT_AUTH_FAILURES] = "auth-failures",
	    [SLUICE_EVENT_KEY_LIMIT] = "key-limit",
	    [SLUICE_EVENT_PORT] = "port",
	    [SLUICE_EVENT_CAPTURE] = "capture",
	    [SLUICE_EVENT_SILENCE] = "silence",
	};

	return type < COUNT(names) && names[type] ? names[type] : "?";
}

const char *sluice_capture_end_text(unsigned end)
{
	static const char *const texts[] = {
	    [SLUICE_CAPTURE_END_NONE] = "runs",
	    [SLUICE_CAPTURE_END_STOPPED] = "stopped by the operator",
	    [SLUICE_CAPTURE_END_CALL] = "the call ended",
	    [SLUICE_CAPTURE_END_TIME] = "its time is over",
	    [SLUICE_CAPTURE_END_SIZE] = "the file is as large as it may be",
	    [SLUICE_CAPTURE_END_DISK] = "the disk is full or failed",
	};

	return end < COUNT(texts) ? texts[end] : "?";
}

const char *sluice_addr_format(const struct sluice_addr *addr, char *text, size_t size)
{
	char ip[INET6_ADDRSTRLEN];

	if (addr->family == 4 && inet_ntop(AF_INET, addr->ip, ip, sizeof(ip)))
		snprintf(text, size, "%s:%u", ip, addr->port);
	else if (addr->family == 6 && inet_ntop(AF_INET6, addr->ip, ip, sizeof(ip)))
		snprintf(text, size, "[%s]:%u", ip, addr->port);
	else
		snprintf(text, size, "-");
	return text;
}

const struct sluice_type_info *sluice_type_info(unsigned type)
{
	static const struct sluice_type_info types[] = {
	    [SLUICE_HELLO] = {"HELLO", sizeof(struct sluice_hello),
			      sizeof(struct sluice_hello_reply)},
	    [SLUICE_OPEN] = {"OPEN", sizeof(struct sluice_open), sizeof(struct sluice_open_reply)},
	    [SLUICE_SET] = {"SET", sizeof(struct sluice_set), 0},
	    [SLUICE_CLOSE] = {"CLOSE", sizeof(struct sluice_session),
			      sizeof(struct sluice_session_info)},
	    [SLUICE_GET] = {"GET", sizeof(struct sluice_session),
			    sizeof(struct sluice_session_info)},
	    [SLUICE_LIST] = {"LIST", sizeof(struct sluice_list), sizeof(struct sluice_list_reply)},
	    [SLUICE_STATS] = {"STATS", 0, sizeof(struct sluice_stats)},
	    [SLUICE_STATUS] = {"STATUS", 0, sizeof(struct sluice_status)},
	    [SLUICE_CAPTURE] = {"CAPTURE", sizeof(struct sluice_capture),
				sizeof(struct sluice_capture_info)},
	};

	return type < COUNT(types) && types[type].name ? &types[type] : NULL;
}

int sluice_is_zero(const void *bytes, size_t n)
{
	const uint8_t *byte = bytes;
	uint8_t any = 0;

	for (size_t i = 0; i < n; i++)
		any |= byte[i];
	return any == 0;
}
