/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "b2bua/record_counters.h"

#include <stdio.h>

#include "sluice_client.h"

/* null: nobody has told, or nothing has come. */
static void add_known(struct text *text, const char *name, bool is_known, uint64_t number)
{
	if (is_known)
		text_number(text, name, (int64_t)number);
	else
		text_null(text, name);
}

static void add_score(struct text *text, const char *name, uint64_t hundredths)
{
	if (hundredths)
		text_hundredths(text, name, hundredths);
	else
		text_null(text, name);
}

static void add_quality(struct text *text, const struct sluice_stream_counters *c)
{
	bool reported = c->remote_mos_x100 > 0;

	add_score(text, "mos", c->mos_x100);
	add_known(text, "rtt_us", c->rtt_us > 0, c->rtt_us);
	add_known(text, "rtt_max_us", c->rtt_us > 0, c->rtt_max_us);
	add_known(text, "remote_lost", reported, c->remote_lost);
	add_known(text, "remote_jitter_us", reported, c->remote_jitter_us);
	add_score(text, "remote_mos", c->remote_mos_x100);
	text_string(text, "codec", c->received > 0 ? sluice_codec_name(c->codec) : NULL);
	add_known(text, "payload_type", c->received > 0, c->payload_type);
	add_known(text, "last_rtcp_ms_ago", c->last_rtcp_ms_ago != UINT64_MAX, c->last_rtcp_ms_ago);
}

static void add_drops(struct text *text, const uint64_t *count)
{
	text_open(text, "drops", '{');
	for (unsigned i = 1; i < SLUICE_DROP_COUNT; i++)
		if (count[i])
			text_number(text, sluice_drop_name(i), (int64_t)count[i]);
	text_close(text, '{');
}

void record_counters(struct text *text, const struct sluice_stream_counters *c)
{
	const struct {
		const char *name;
		uint64_t value;
	} numbers[] = {
	    {"received", c->received},
	    {"received_bytes", c->received_bytes},
	    {"sent", c->sent},
	    {"sent_bytes", c->sent_bytes},
	    {"rtcp_received", c->rtcp_received},
	    {"rtcp_sent", c->rtcp_sent},
	    {"lost", c->lost},
	    {"reordered", c->reordered},
	    {"dropped", c->dropped},
	    {"jitter_us", c->jitter_us},
	};
	char ssrc[9];

	text_open(text, "counters", '{');
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		text_number(text, numbers[i].name, (int64_t)numbers[i].value);
	add_quality(text, c);
	snprintf(ssrc, sizeof(ssrc), "%08x", c->ssrc);
	text_string(text, "ssrc", ssrc);
	add_known(text, "last_rx_ms_ago", c->last_rx_ms_ago != UINT64_MAX, c->last_rx_ms_ago);
	add_drops(text, c->drops);
	text_close(text, '{');
}
