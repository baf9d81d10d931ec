/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdbool.h>
#include <stdio.h>

#include "cli/table.h"
#include "cli/view.h"

static const char *const pairs[] = {"", "", NULL};

static void pair(struct table *table, const char *name, const char *value)
{
	table_cell(table, name);
	table_cell(table, value);
}

static void pair_string(struct table *table, const char *name, const json_t *object,
			const char *key)
{
	pair(table, name, view_string(object, key).text);
}

/* "ok" or why not: what is degraded must catch the eye. */
static struct view_text health(const json_t *object)
{
	struct view_text shown = {"ok"};

	if (json_is_true(json_object_get(object, "degraded")))
		snprintf(shown.text, sizeof(shown.text), "DEGRADED: %.160s",
			 view_string(object, "reason").text);
	return shown;
}

/* Only while it is under way. */
static void drain(struct table *table, const json_t *drain)
{
	char text[640], left[224] = "";

	if (!json_object_get(drain, "since_s"))
		return;
	if (json_object_get(drain, "left_s"))
		snprintf(left, sizeof(left), ", calls are ended in %s",
			 view_duration(view_number(drain, "left_s")).text);
	snprintf(text, sizeof(text), "%s for %s%s, then %s", view_string(drain, "state").text,
		 view_duration(view_number(drain, "since_s")).text, left,
		 view_string(drain, "then").text);
	pair(table, "drain", text);
}

/* "12/10,000, peak 40; 3/20 a second, peak 15; 0 refused" */
static void calls(struct table *table, const json_t *status, const json_t *limits)
{
	char text[1024];

	if (!limits) {
		pair(table, "calls", view_number_text(status, "calls").text);
		return;
	}
	snprintf(
	    text, sizeof(text), "%s, peak %s; %s a second, peak %s; %s refused",
	    view_against(limits, "calls", "max_calls").text,
	    view_number_text(limits, "calls_peak").text,
	    view_against(limits, "calls_per_s", "max_calls_per_s").text,
	    view_number_text(limits, "calls_per_s_peak").text,
	    view_count(view_number(limits, "refused_calls") + view_number(limits, "refused_rate"))
		.text);
	pair(table, "calls", text);
}

/* "sip: 0 of 4,096 KiB waiting, 0 lost" */
static void udp(struct table *table, const json_t *sockets)
{
	for (size_t i = 0; i < json_array_size(sockets); i++) {
		const json_t *socket = json_array_get(sockets, i);
		char text[1024];

		snprintf(text, sizeof(text), "%s: %s of %s KiB waiting, %s lost",
			 view_string(socket, "listener").text,
			 view_count(view_number(socket, "waiting_bytes") / 1024).text,
			 view_count(view_number(socket, "receive_bytes") / 1024).text,
			 view_number_text(socket, "lost").text);
		pair(table, "udp", text);
	}
}

/* "OVERLOADED for 12 s (delay): 63.4 % of new calls refused, most of carrier: 80.1 % of its" */
static void overloaded(struct table *table, const json_t *load)
{
	const json_t *most = json_object_get(load, "most_refused");
	char text[640];
	int length;

	length = snprintf(
	    text, sizeof(text), "OVERLOADED for %s (%s): %.1f %% of new calls refused",
	    view_duration(view_number(load, "since_s")).text, view_string(load, "reason").text,
	    (double)view_number(load, "refused_permille") / 10);
	if (most && length > 0 && (size_t)length < sizeof(text))
		snprintf(text + length, sizeof(text) - (size_t)length,
			 ", most of %s: %.1f %% of its own", view_string(most, "peer").text,
			 (double)view_number(most, "refused_permille") / 10);
	pair(table, "overload", text);
}

/* "3.2 %, delay 0.4 ms", and what of that which is bounded is in use */
static void load(struct table *table, const json_t *load)
{
	const json_t *memory = json_object_get(load, "memory_bytes");
	const json_t *messages = json_object_get(load, "message_bytes");
	char text[640];

	if (!load)
		return;
	snprintf(text, sizeof(text), "%.1f %%, delay %.1f ms",
		 (double)view_number(load, "busy_permille") / 10,
		 (double)view_number(load, "delay_us") / 1000);
	pair(table, "busy", text);
	if (json_is_true(json_object_get(load, "overloaded")))
		overloaded(table, load);
	snprintf(text, sizeof(text),
		 "%.1f of %.0f MiB, transactions %s with %.1f of %.0f MiB, connections %s",
		 (double)view_number(memory, "used") / (1 << 20),
		 (double)view_number(memory, "max") / (1 << 20),
		 view_against(json_object_get(load, "transactions"), "used", "max").text,
		 (double)view_number(messages, "used") / (1 << 20),
		 (double)view_number(messages, "max") / (1 << 20),
		 view_against(json_object_get(load, "connections"), "used", "max").text);
	pair(table, "in use", text);
	udp(table, json_object_get(load, "udp"));
}

static void control_plane(struct table *table, const json_t *status)
{
	char text[640];

	snprintf(text, sizeof(text), "version %s, up %s%s", view_string(status, "version").text,
		 view_duration(view_number(status, "uptime_s")).text,
		 json_is_true(json_object_get(status, "draining")) ? ", DRAINING" : "");
	pair(table, "control plane", text);
	drain(table, json_object_get(status, "drain"));
	calls(table, status, json_object_get(status, "limits"));
	load(table, json_object_get(status, "load"));
	pair(table, "modes", view_list(json_object_get(status, "mode")).text);
}

/* What calls cost, and what a full data plane would take. */
static void bytes(struct table *table, const json_t *bytes)
{
	char text[640];

	if (!json_is_object(bytes))
		return;
	snprintf(text, sizeof(text), "%s bytes RTP to RTP, %s to SRTP, %s SRTP to SRTP",
		 view_number_text(bytes, "call_rtp_rtp").text,
		 view_number_text(bytes, "call_rtp_srtp").text,
		 view_number_text(bytes, "call_srtp_srtp").text);
	pair(table, "a call takes", text);
	snprintf(text, sizeof(text), "%.1f MiB used, %.1f MiB at most",
		 (double)view_number(bytes, "used") / (1 << 20),
		 (double)view_number(bytes, "at_max_sessions") / (1 << 20));
	pair(table, "call memory", text);
}

static void data_plane(struct table *table, const json_t *plane)
{
	char text[512];

	if (!json_is_true(json_object_get(plane, "up"))) {
		snprintf(text, sizeof(text), "DOWN: %s", view_string(plane, "reason").text);
		pair(table, "data plane", text);
		return;
	}
	snprintf(text, sizeof(text), "version %s, up, boot id %s",
		 view_string(plane, "version").text, view_string(plane, "boot_id").text);
	pair(table, "data plane", text);
	pair(table, "health", health(plane).text);
	pair_string(table, "engine", plane, "engine");
	pair_string(table, "memory", plane, "memory");
	snprintf(text, sizeof(text), "%s of %s", view_number_text(plane, "sessions").text,
		 view_number_text(plane, "max_sessions").text);
	pair(table, "sessions", text);
	bytes(table, json_object_get(plane, "bytes"));
}

static void workers(FILE *out, const json_t *list)
{
	static const char *const titles[] = {">WORKER",  ">CORE",       ">STREAMS",
					     ">BUSY",    ">RECEIVED",   ">RELAYED",
					     ">DROPPED", ">HANDED OFF", NULL};
	struct table table;

	if (json_array_size(list) == 0)
		return;
	fputc('\n', out);
	table_begin(&table, titles);
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *worker = json_array_get(list, i);
		char busy[32];

		snprintf(busy, sizeof(busy), "%.1f %%",
			 (double)view_number(worker, "busy_permille") / 10);
		table_cell(&table, view_number_text(worker, "number").text);
		table_cell(&table, view_number_text(worker, "core").text);
		table_cell(&table, view_number_text(worker, "streams").text);
		table_cell(&table, busy);
		table_cell(&table, view_number_text(worker, "received").text);
		table_cell(&table, view_number_text(worker, "relayed").text);
		table_cell(&table, view_number_text(worker, "dropped").text);
		table_cell(&table, view_number_text(worker, "handed_off").text);
	}
	table_end(&table, out);
}

static void cpus(FILE *out, const json_t *list)
{
	static const char *const titles[] = {">CPU", ">WORKER", "REASON", NULL};
	struct table table;

	if (json_array_size(list) == 0)
		return;
	fputc('\n', out);
	table_begin(&table, titles);
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *cpu = json_array_get(list, i);
		bool is_worker = json_is_integer(json_object_get(cpu, "worker"));

		table_cell(&table, view_number_text(cpu, "cpu").text);
		table_cell(&table, is_worker ? view_number_text(cpu, "worker").text : "-");
		table_cell(&table, view_string(cpu, "reason").text);
	}
	table_end(&table, out);
}

/* "eth1", or "eth1 VLAN 7" */
static struct view_text device_text(const json_t *port)
{
	struct view_text shown = view_string(port, "device");
	int vlan = (int)view_number(port, "vlan");

	if (vlan > 0)
		snprintf(shown.text, sizeof(shown.text), "%.32s VLAN %d",
			 view_string(port, "device").text, vlan);
	return shown;
}

static void ports(FILE *out, const json_t *list)
{
	static const char *const titles[] = {"INTERFACE",   "DEVICE", "KIND", "LINK",
					     "MEDIA PORTS", ">USED",  ">MTU", ">MISSED",
					     "ADDRESSES",   "HEALTH", NULL};
	struct table table;

	if (json_array_size(list) == 0)
		return;
	fputc('\n', out);
	table_begin(&table, titles);
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *port = json_array_get(list, i);
		char range[64], mtu[16];

		snprintf(mtu, sizeof(mtu), "%d", (int)view_number(port, "mtu"));
		snprintf(range, sizeof(range), "%d-%d", (int)view_number(port, "port_first"),
			 (int)view_number(port, "port_last"));
		table_cell(&table, view_string(port, "name").text);
		table_cell(&table, device_text(port).text);
		table_cell(&table, view_string(port, "kind").text);
		table_cell(&table, json_is_true(json_object_get(port, "link_up")) ? "up" : "DOWN");
		table_cell(&table, range);
		table_cell(&table, view_number_text(port, "ports_used").text);
		table_cell(&table, mtu);
		table_cell(&table, view_number_text(port, "missed").text);
		table_cell(&table, view_list(json_object_get(port, "addresses")).text);
		table_cell(&table, health(port).text);
	}
	table_end(&table, out);
}

void view_status(FILE *out, json_t *status)
{
	const json_t *plane = json_object_get(status, "data_plane");
	struct table table;

	table_begin(&table, pairs);
	control_plane(&table, status);
	data_plane(&table, plane);
	table_end(&table, out);
	workers(out, json_object_get(plane, "workers"));
	cpus(out, json_object_get(plane, "cpus"));
	ports(out, json_object_get(plane, "ports"));
}
