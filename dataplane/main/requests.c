/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "main/requests.h"
#include "sluice_types.h"

static const uint32_t media_sizes[16] = SLUICE_MEDIA_SIZES;

/* ---- form ---- */

/* Bytes of a request that must be zero. */
struct padding {
	uint16_t type; /* enum sluice_type */
	uint16_t offset;
	uint16_t length;
};

#define PAD(type, body, field)                                                        \
	{                                                                             \
		type, offsetof(struct body, field), sizeof(((struct body *)0)->field) \
	}

static const struct padding paddings[] = {
    PAD(SLUICE_HELLO, sluice_hello, pad),
    PAD(SLUICE_OPEN, sluice_open, leg[0].pad),
    PAD(SLUICE_OPEN, sluice_open, leg[0].wanted.pad),
    PAD(SLUICE_OPEN, sluice_open, leg[1].pad),
    PAD(SLUICE_OPEN, sluice_open, leg[1].wanted.pad),
    PAD(SLUICE_SET, sluice_set, pad),
    PAD(SLUICE_SET, sluice_set, remote_rtp.pad),
    PAD(SLUICE_SET, sluice_set, remote_rtcp.pad),
    PAD(SLUICE_SET, sluice_set, rx[0].pad2),
    PAD(SLUICE_SET, sluice_set, rx[1].pad2),
    PAD(SLUICE_SET, sluice_set, rx[2].pad2),
    PAD(SLUICE_SET, sluice_set, rx[3].pad2),
    PAD(SLUICE_SET, sluice_set, tx.pad2),
    PAD(SLUICE_SET, sluice_set, payload[0].pad),
    PAD(SLUICE_SET, sluice_set, payload[1].pad),
    PAD(SLUICE_SET, sluice_set, payload[2].pad),
    PAD(SLUICE_SET, sluice_set, payload[3].pad),
    PAD(SLUICE_SET, sluice_set, payload[4].pad),
    PAD(SLUICE_SET, sluice_set, payload[5].pad),
    PAD(SLUICE_SET, sluice_set, payload[6].pad),
    PAD(SLUICE_SET, sluice_set, payload[7].pad),
    PAD(SLUICE_CAPTURE, sluice_capture, pad),
};

static bool padding_check(enum sluice_type type, const uint8_t *body, char *text, size_t size)
{
	for (size_t i = 0; i < sizeof(paddings) / sizeof(paddings[0]); i++) {
		const struct padding *padding = &paddings[i];

		if (padding->type != type ||
		    sluice_is_zero(body + padding->offset, padding->length))
			continue;
		snprintf(text, size, "%s: padding at byte %u is not zero",
			 sluice_type_info(type)->name, padding->offset);
		return false;
	}
	return true;
}

bool request_check(const struct sluice_header *header, const void *body, size_t bytes, char *text,
		   size_t size)
{
	const struct sluice_type_info *info;

	if (bytes < sizeof(*header)) {
		snprintf(text, size, "frame of %zu bytes; a header has %zu", bytes,
			 sizeof(*header));
		return false;
	}
	if (header->version != SLUICE_MEDIA_API_VERSION) {
		snprintf(text, size, "version %u; this data plane speaks %u", header->version,
			 SLUICE_MEDIA_API_VERSION);
		return false;
	}
	info = sluice_type_info(header->type);
	if (!info) {
		snprintf(text, size, "type %u is no request", header->type);
		return false;
	}
	if (header->length != info->request_length || bytes - sizeof(*header) != header->length) {
		snprintf(text, size, "%s: %zu bytes of body, header says %u; must be %u",
			 info->name, bytes - sizeof(*header), header->length, info->request_length);
		return false;
	}
	if (header->status || !header->id) {
		snprintf(text, size, "%s: status %d, id %u; must be 0 and not 0", info->name,
			 header->status, header->id);
		return false;
	}
	return padding_check(header->type, body, text, size);
}

bool hello_check(const struct sluice_hello *hello, char *text, size_t size)
{
	if (hello->api_version != SLUICE_MEDIA_API_VERSION) {
		snprintf(text, size, "HELLO: media API %u; this data plane speaks %u",
			 hello->api_version, SLUICE_MEDIA_API_VERSION);
		return false;
	}
	for (unsigned i = 0; i < 16; i++) {
		if (hello->sizes[i] == media_sizes[i])
			continue;
		snprintf(text, size, "HELLO: struct %u has %u bytes; here %u", i, hello->sizes[i],
			 media_sizes[i]);
		return false;
	}
	if (!memchr(hello->name, '\0', sizeof(hello->name))) {
		snprintf(text, size, "HELLO: name without an end");
		return false;
	}
	return true;
}

/* ---- what they do ---- */

static int hello_run(struct requests *requests, const void *body, void *answer)
{
	struct sluice_hello_reply *reply = answer;

	(void)body;
	*reply = (struct sluice_hello_reply){
	    .api_version = SLUICE_MEDIA_API_VERSION,
	    .pid = (uint32_t)getpid(),
	    .boot_id = requests->boot_id,
	    .sessions = sessions_count(requests->sessions),
	    .max_sessions = sessions_max(requests->sessions),
	    .suites = sessions_suites(requests->sessions),
	    .version = SLUICE_VERSION,
	};
	memcpy(reply->sizes, media_sizes, sizeof(reply->sizes));
	return 0;
}

static int open_run(struct requests *requests, const void *body, void *answer)
{
	return sessions_open(requests->sessions, body, answer);
}

static int set_run(struct requests *requests, const void *body, void *answer)
{
	(void)answer;
	return sessions_set(requests->sessions, body);
}

static int close_run(struct requests *requests, const void *body, void *answer)
{
	const struct sluice_session *request = body;

	return sessions_close(requests->sessions, request->session, answer);
}

static int get_run(struct requests *requests, const void *body, void *answer)
{
	const struct sluice_session *request = body;

	return sessions_get(requests->sessions, request->session, answer);
}

static int list_run(struct requests *requests, const void *body, void *answer)
{
	const struct sluice_list *request = body;

	sessions_list(requests->sessions, request->after, answer);
	return 0;
}

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static int stats_run(struct requests *requests, const void *body, void *answer)
{
	struct sluice_stats *stats = answer;

	(void)body;
	*stats = (struct sluice_stats){.uptime_ms = now_ms() - requests->started_ms};
	sessions_stats(requests->sessions, stats);
	return 0;
}

static int status_run(struct requests *requests, const void *body, void *answer)
{
	struct sluice_status *status = answer;

	(void)body;
	memset(status, 0, sizeof(*status));
	status->boot_id = requests->boot_id;
	status->pid = (uint32_t)getpid();
	if (requests->status)
		requests->status(requests->user, status);
	return 0;
}

static int capture_run(struct requests *requests, const void *body, void *answer)
{
	return sessions_capture(requests->sessions, body, answer);
}

int request_run(struct requests *requests, enum sluice_type type, const void *body, void *answer)
{
	static int (*const runs[])(struct requests *, const void *, void *) = {
	    [SLUICE_HELLO] = hello_run,     [SLUICE_OPEN] = open_run,
	    [SLUICE_SET] = set_run,         [SLUICE_CLOSE] = close_run,
	    [SLUICE_GET] = get_run,         [SLUICE_LIST] = list_run,
	    [SLUICE_STATS] = stats_run,     [SLUICE_STATUS] = status_run,
	    [SLUICE_CAPTURE] = capture_run,
	};

	return runs[type](requests, body, answer);
}
