/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdbool.h>
#include <string.h>

#include "cli/table.h"
#include "cli/view.h"
#include "main/log.h"

/* "TLSv1.3, encrypted": the version names the transport; without TLS the transport does. */
static struct view_text signalling(const json_t *leg)
{
	const char *how = json_object_get(leg, "tls_version") ? "tls_version" : "transport";
	struct view_text shown;

	snprintf(shown.text, sizeof(shown.text), "%.90s, %.90s", view_string(leg, how).text,
		 view_string(leg, "signalling").text);
	return shown;
}

/* ---- call list ---- */

static void call_cells(struct table *table, const json_t *call)
{
	table_cell(table, view_string(call, "id").text);
	table_cell(table, view_string(call, "state").text);
	table_cell(table, view_duration(view_number(call, "duration_s")).text);
	table_cell(table, view_string(call, "from").text);
	table_cell(table, view_string(call, "to").text);
	table_cell(table, view_string(call, "security").text);
}

static void leg_cells(struct table *table, const json_t *leg, unsigned number)
{
	table_cell(table, number == 0 ? "A" : "B");
	table_cell(table, view_string(leg, "peer").text);
	table_cell(table, signalling(leg).text);
	table_cell(table, view_string(leg, "media").text);
	table_cell(table, view_string(leg, "security").text);
	table_cell(table, view_string(leg, "direction").text);
}

static void call_rows(struct table *table, const json_t *call)
{
	for (unsigned leg = 0; leg < 2; leg++) {
		if (leg == 0)
			call_cells(table, call);
		for (unsigned j = 0; leg == 1 && j < 6; j++)
			table_cell(table, "");
		leg_cells(table, json_array_get(json_object_get(call, "legs"), leg), leg);
	}
}

static const char *const call_titles[] = {
    "ID",   "STATE",      "TIME",  "FROM",         "TO",        "SECURITY", "LEG",
    "PEER", "SIGNALLING", "MEDIA", "LEG SECURITY", "DIRECTION", NULL};

const struct view_list view_list_calls = {"calls", call_titles, call_rows, "call", "calls"};

/* ---- call show: a row a fact, a column a leg ---- */

static struct view_text packets_and_bytes(const json_t *leg, const char *packets, const char *bytes)
{
	const json_t *counters = json_object_get(leg, "counters");
	struct view_text shown;

	snprintf(shown.text, sizeof(shown.text), "%.60s packets, %.60s",
		 view_number_text(counters, packets).text,
		 view_bytes(view_number(counters, bytes)).text);
	return shown;
}

static struct view_text leg_received(const json_t *leg)
{
	return packets_and_bytes(leg, "received", "received_bytes");
}

static struct view_text leg_sent(const json_t *leg)
{
	return packets_and_bytes(leg, "sent", "sent_bytes");
}

static struct view_text leg_rtcp(const json_t *leg)
{
	const json_t *counters = json_object_get(leg, "counters");
	struct view_text shown;

	snprintf(shown.text, sizeof(shown.text), "%.60s received, %.60s sent",
		 view_number_text(counters, "rtcp_received").text,
		 view_number_text(counters, "rtcp_sent").text);
	return shown;
}

static struct view_text leg_lost(const json_t *leg)
{
	const json_t *counters = json_object_get(leg, "counters");
	json_int_t lost = view_number(counters, "lost");
	json_int_t received = view_number(counters, "received");
	struct view_text shown;

	snprintf(shown.text, sizeof(shown.text), "%.60s (%.60s)",
		 view_number_text(counters, "lost").text, view_share(lost, lost + received).text);
	return shown;
}

static struct view_text leg_reordered(const json_t *leg)
{
	return view_number_text(json_object_get(leg, "counters"), "reordered");
}

static struct view_text leg_jitter(const json_t *leg)
{
	return view_jitter(view_number(json_object_get(leg, "counters"), "jitter_us"));
}

/* Of what comes from the peer, and of what it gets by its own reports. */
static struct view_text leg_mos(const json_t *leg)
{
	const json_t *counters = json_object_get(leg, "counters");
	const json_t *own = json_object_get(counters, "mos");
	const json_t *remote = json_object_get(counters, "remote_mos");
	struct view_text shown = {"-"};

	if (json_is_number(own) && json_is_number(remote))
		snprintf(shown.text, sizeof(shown.text), "%.2f received, %.2f sent",
			 json_number_value(own), json_number_value(remote));
	else if (json_is_number(own))
		snprintf(shown.text, sizeof(shown.text), "%.2f received", json_number_value(own));
	else if (json_is_number(remote))
		snprintf(shown.text, sizeof(shown.text), "%.2f sent", json_number_value(remote));
	return shown;
}

static struct view_text leg_round_trip(const json_t *leg)
{
	const json_t *counters = json_object_get(leg, "counters");
	struct view_text shown = {"-"};

	if (json_is_integer(json_object_get(counters, "rtt_us")))
		snprintf(shown.text, sizeof(shown.text), "%.60s (at most %.60s)",
			 view_jitter(view_number(counters, "rtt_us")).text,
			 view_jitter(view_number(counters, "rtt_max_us")).text);
	return shown;
}

static struct view_text leg_reported(const json_t *leg)
{
	const json_t *counters = json_object_get(leg, "counters");
	struct view_text shown = {"-"};

	if (json_is_integer(json_object_get(counters, "remote_lost")))
		snprintf(shown.text, sizeof(shown.text), "%.60s lost, jitter %.60s",
			 view_number_text(counters, "remote_lost").text,
			 view_jitter(view_number(counters, "remote_jitter_us")).text);
	return shown;
}

static struct view_text leg_codec(const json_t *leg)
{
	const json_t *counters = json_object_get(leg, "counters");
	struct view_text shown = {"-"};

	if (json_is_integer(json_object_get(counters, "payload_type")))
		snprintf(shown.text, sizeof(shown.text), "%.60s (payload type %d)",
			 view_string(counters, "codec").text,
			 (int)view_number(counters, "payload_type"));
	return shown;
}

static struct view_text leg_last(const json_t *leg)
{
	const json_t *ago = json_object_get(json_object_get(leg, "counters"), "last_rx_ms_ago");
	struct view_text shown = {"no packet yet"};

	if (json_is_integer(ago) && json_integer_value(ago) < 10000)
		snprintf(shown.text, sizeof(shown.text), "%d ms ago", (int)json_integer_value(ago));
	else if (json_is_integer(ago))
		snprintf(shown.text, sizeof(shown.text), "%.60s ago",
			 view_duration(json_integer_value(ago) / 1000).text);
	return shown;
}

static struct view_text leg_dropped(const json_t *leg)
{
	const json_t *counters = json_object_get(leg, "counters");
	json_t *drops = json_object_get(counters, "drops");
	struct view_text shown = view_number_text(counters, "dropped");
	size_t used = strlen(shown.text);
	const char *before = " (", *name;
	json_t *packets;
	char escaped[40];

	json_object_foreach (drops, name, packets) {
		log_escape(escaped, sizeof(escaped), name, strlen(name));
		snprintf(shown.text + used, sizeof(shown.text) - used - 1, "%s%s %.40s", before,
			 escaped, view_count(json_integer_value(packets)).text);
		used += strlen(shown.text + used);
		before = ", ";
	}
	if (before[0] == ',')
		strcpy(shown.text + used, ")");
	return shown;
}

static const struct {
	const char *name;
	const char *key; /* of a text; else */
	struct view_text (*show)(const json_t *leg);
} leg_rows[] = {
    {"peer", "peer", NULL},
    {"security", "security", NULL},
    {"signalling", NULL, signalling},
    {"media", "media", NULL},
    {"direction", "direction", NULL},
    {"local", "local", NULL},
    {"remote", "remote", NULL},
    {"source", "source", NULL},
    {"receive suite", "rx_suite", NULL},
    {"send suite", "tx_suite", NULL},
    {"codec", NULL, leg_codec},
    {"received", NULL, leg_received},
    {"sent", NULL, leg_sent},
    {"RTCP", NULL, leg_rtcp},
    {"lost", NULL, leg_lost},
    {"reordered", NULL, leg_reordered},
    {"jitter", NULL, leg_jitter},
    {"round trip", NULL, leg_round_trip},
    {"peer reports", NULL, leg_reported},
    {"MOS", NULL, leg_mos},
    {"last received", NULL, leg_last},
    {"dropped", NULL, leg_dropped},
};

static void legs(FILE *out, const json_t *call)
{
	static const char *const titles[] = {"", "LEG A", "LEG B", NULL};
	const json_t *list = json_object_get(call, "legs");
	struct table table;

	table_begin(&table, titles);
	for (size_t i = 0; i < sizeof(leg_rows) / sizeof(leg_rows[0]); i++) {
		table_cell(&table, leg_rows[i].name);
		for (size_t leg = 0; leg < 2; leg++) {
			const json_t *shown = json_array_get(list, leg);

			table_cell(&table, leg_rows[i].key
					       ? view_string(shown, leg_rows[i].key).text
					       : leg_rows[i].show(shown).text);
		}
	}
	table_end(&table, out);
}

void view_call(FILE *out, json_t *call)
{
	static const char *const pairs[] = {"", "", NULL};
	static const char *const keys[] = {"from", "to", "security"};
	struct table table;
	char text[640];

	table_begin(&table, pairs);
	table_cell(&table, "call");
	table_cell(&table, view_string(call, "id").text);
	table_cell(&table, "state");
	snprintf(text, sizeof(text), "%s, since %s (%s)", view_string(call, "state").text,
		 view_time(view_number(call, "since")).text,
		 view_duration(view_number(call, "duration_s")).text);
	table_cell(&table, text);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		table_cell(&table, keys[i]);
		table_cell(&table, view_string(call, keys[i]).text);
	}
	table_end(&table, out);
	fputc('\n', out);
	legs(out, call);
}

void view_hangup(FILE *out, json_t *nothing)
{
	(void)nothing;
	fputs("hung up\n", out);
}

void view_capture(FILE *out, json_t *capture)
{
	static const char *const pairs[] = {"", "", NULL};
	bool running = json_is_true(json_object_get(capture, "running"));
	struct table table;
	char text[640];

	if (!json_object_get(capture, "file")) {
		fputs("nothing is captured of this call\n", out);
		return;
	}
	table_begin(&table, pairs);
	table_cell(&table, "capture");
	snprintf(text, sizeof(text), "%s, %s", view_string(capture, "mode").text,
		 running ? "runs" : "ended");
	table_cell(&table, text);
	table_cell(&table, "file");
	table_cell(&table, view_string(capture, "file").text);
	table_cell(&table, "packets");
	snprintf(text, sizeof(text), "%s, %s lost", view_number_text(capture, "packets").text,
		 view_number_text(capture, "lost").text);
	table_cell(&table, text);
	table_cell(&table, "size");
	snprintf(text, sizeof(text), "%s of at most %s",
		 view_bytes(view_number(capture, "bytes")).text,
		 view_bytes(view_number(capture, "limit_bytes")).text);
	table_cell(&table, text);
	table_cell(&table, "time");
	snprintf(text, sizeof(text), "%s of at most %s",
		 view_duration(view_number(capture, "age_s")).text,
		 view_duration(view_number(capture, "time_s")).text);
	table_cell(&table, text);
	table_end(&table, out);
}
