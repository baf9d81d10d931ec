/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/table.h"
#include "cli/view.h"

static struct view_text tls_of(const json_t *peer)
{
	struct view_text shown = {"-"};

	if (json_object_get(peer, "tls_version"))
		snprintf(shown.text, sizeof(shown.text), "%.40s %.100s",
			 view_string(peer, "tls_version").text,
			 view_string(peer, "tls_cipher").text);
	return shown;
}

/* "down since 2026-05-01 10:11:12 UTC"; "": it is not watched. */
static struct view_text watch_of(const json_t *peer)
{
	const json_t *watch = json_object_get(peer, "watch");
	struct view_text shown = {""};

	if (!watch)
		return shown;
	if (!view_number(watch, "since"))
		return view_string(watch, "state");
	snprintf(shown.text, sizeof(shown.text), "%.20s since %.60s",
		 view_string(watch, "state").text, view_time(view_number(watch, "since")).text);
	return shown;
}

static const char *last_failure_of(const json_t *peer)
{
	const char *text =
	    json_string_value(json_object_get(json_object_get(peer, "watch"), "last_failure"));

	return text ? text : "";
}

static json_int_t refused_of(const json_t *usage)
{
	return view_number(usage, "refused_calls") + view_number(usage, "refused_rate");
}

/* Calls in all, from it and to it, each against its limit; and the most that there were at once. */
static void limit_cells(struct table *table, const json_t *peer)
{
	const json_t *limits = json_object_get(peer, "limits");
	const json_t *in = json_object_get(limits, "in"), *out = json_object_get(limits, "out");
	const json_t *both = json_object_get(limits, "both");
	json_int_t refused = refused_of(in) + refused_of(out) + refused_of(both);

	table_cell(table, both ? view_against(both, "calls", "max_calls").text
			       : view_number_text(peer, "calls").text);
	table_cell(table, both ? view_number_text(both, "calls_peak").text : "");
	table_cell(table, in ? view_against(in, "calls", "max_calls").text : "");
	table_cell(table, in ? view_against(in, "calls_per_s", "max_calls_per_s").text : "");
	table_cell(table, out ? view_against(out, "calls", "max_calls").text : "");
	table_cell(table, out ? view_against(out, "calls_per_s", "max_calls_per_s").text : "");
	table_cell(table, refused ? view_count(refused).text : "");
}

static void peer_cells(struct table *table, const json_t *peer)
{
	static const char *const keys[] = {"name",      "fqdn",     "transport", "address",
					   "dial_plan", "security", "state"};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		table_cell(table, view_string(peer, keys[i]).text);
	table_cell(table, view_number_text(peer, "connections").text);
	limit_cells(table, peer);
	table_cell(table, tls_of(peer).text);
	table_cell(table, view_day(view_number(peer, "certificate_not_after")).text);
	table_cell(table,
		   json_object_get(peer, "last_error") ? view_string(peer, "last_error").text : "");
	table_cell(table, watch_of(peer).text);
	table_cell(table, last_failure_of(peer)[0]
			      ? view_string(json_object_get(peer, "watch"), "last_failure").text
			      : "");
}

static const char *const titles[] = {
    "NAME",         "FQDN",   "TRANSPORT",      "ADDRESS",    "DIAL PLAN", "SECURITY",     "STATE",
    ">CONNECTIONS", ">CALLS", ">PEAK",          ">IN",        ">IN/S",     ">OUT",         ">OUT/S",
    ">REFUSED",     "TLS",    "CERTIFICATE TO", "LAST ERROR", "WATCHED",   "LAST FAILURE", NULL};

const struct view_list view_list_peers = {"peers", titles, peer_cells, "peer", "peers"};
