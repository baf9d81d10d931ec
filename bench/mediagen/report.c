/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct {
	const char *name;
	double share;
} quantiles[] = {{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p99_9", 0.999}};
#define QUANTILES (sizeof(quantiles) / sizeof(quantiles[0]))

static uint64_t faults_sum(const struct traffic *traffic)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < TRAFFIC_FAULT_COUNT; i++)
		sum += traffic->faults[i];
	return sum;
}

static uint64_t drops_sum(const struct phones_relay *relay)
{
	uint64_t sum = 0;

	for (unsigned i = 1; i < SLUICE_DROP_COUNT; i++)
		sum += relay->drops[i];
	return sum;
}

static uint64_t lost_of(const struct traffic *traffic)
{
	return traffic->sent - traffic->received;
}

/* Bad packets whose reason is one of their kind's. */
static uint64_t flood_dropped(const struct flood *flood, const struct phones_relay *relay)
{
	uint32_t reasons = forge_drops(flood->forge.kind);
	uint64_t sum = 0;

	for (unsigned i = 1; i < SLUICE_DROP_COUNT; i++)
		if (reasons >> i & 1)
			sum += relay->drops[i];
	return sum;
}

/* What went into the relay and neither came out nor was counted under a name. */
static int64_t unaccounted(const struct traffic *traffic, const struct flood *flood,
			   const struct phones_relay *relay)
{
	uint64_t in =
	    traffic->sent + flood->taken + (flood->own_port ? flood->own_traffic.sent : 0);

	return (int64_t)(in - relay->relayed - drops_sum(relay));
}

static bool flood_is_right(const struct traffic *traffic, const struct flood *flood,
			   const struct phones_relay *relay)
{
	return flood->taken && relay->known && unaccounted(traffic, flood, relay) == 0 &&
	       flood_dropped(flood, relay) >= flood->taken &&
	       (!flood->own_port || !faults_sum(&flood->own_traffic));
}

static double per_second(uint64_t packets, double seconds)
{
	return seconds > 0 ? (double)packets / seconds : 0;
}

static void flood_text(FILE *to, const struct traffic *traffic, const struct flood *flood,
		       const struct phones_relay *relay)
{
	fprintf(to,
		"flood %s: offered %lu (%.0f a second), taken by the port %lu (%.0f a second), "
		"dropped under their names %lu, not accounted for %ld\n",
		forge_name(flood->forge.kind), flood->made, per_second(flood->made, flood->seconds),
		flood->taken, per_second(flood->taken, flood->seconds), flood_dropped(flood, relay),
		unaccounted(traffic, flood, relay));
	if (flood->own_port)
		fprintf(to, "the attacked call: sent %lu, lost %lu\n", flood->own_traffic.sent,
			lost_of(&flood->own_traffic));
}

static void times_print(FILE *to, const char *what, const struct histogram *histogram)
{
	if (!histogram->count)
		return;
	fprintf(to, "%s:", what);
	for (unsigned i = 0; i < QUANTILES; i++)
		fprintf(to, " %s %.1f us", quantiles[i].name,
			(double)histogram_quantile(histogram, quantiles[i].share) / 1e3);
	fprintf(to, ", max %.1f us\n", (double)histogram->max / 1e3);
}

static void text_print(FILE *to, struct traffic *traffic, const struct phones_relay *relay)
{
	const struct options *options = traffic->options;

	fprintf(to,
		"%u calls (%s, %s), %u bytes: sent %lu in %.1f s (%.0f a second), received %lu, "
		"lost %lu\n",
		traffic->phones->count,
		options->suite[0] ? sluice_suite_name(options->suite[0]) : "rtp",
		options->suite[1] ? sluice_suite_name(options->suite[1]) : "rtp", options->payload,
		traffic->sent, traffic->seconds, (double)traffic->sent / traffic->seconds,
		traffic->received, lost_of(traffic));
	for (unsigned i = 0; i < TRAFFIC_FAULT_COUNT; i++)
		if (traffic->faults[i])
			fprintf(to, "wrong: %s: %lu\n", traffic_fault_name(i), traffic->faults[i]);
	for (unsigned i = 1; relay->known && i < SLUICE_DROP_COUNT; i++)
		if (relay->drops[i])
			fprintf(to, "dropped by the relay: %s: %lu\n", sluice_drop_name(i),
				relay->drops[i]);
	times_print(to, "latency", &traffic->latency);
	if (traffic->windows.count)
		fprintf(to, "latency in the median %u ms: p50 %.1f us p99 %.1f us p99_9 %.1f us\n",
			WINDOW_MS, (double)windows_median(&traffic->windows, WINDOW_P50) / 1e3,
			(double)windows_median(&traffic->windows, WINDOW_P99) / 1e3,
			(double)windows_median(&traffic->windows, WINDOW_P99_9) / 1e3);
	times_print(to, "sent late by", &traffic->lateness);
	fprintf(
	    to,
	    "one in %u verified (%lu); turns above %u us: %lu, the longest %.1f ms; stolen from "
	    "the machine %lu ms, waited for the core %.1f ms%s\n",
	    options->verify_every, traffic->verified, TRAFFIC_STALL_US, traffic->stalls.count,
	    (double)traffic->stalls.longest_ns / 1e6, traffic->account.stolen_ms,
	    (double)traffic->account.waited_us / 1e3,
	    traffic->core_rc < 0 ? "; no real-time priority is allowed" : "");
}

static void histogram_json(FILE *to, const char *name, const struct histogram *histogram)
{
	if (!histogram->count) { /* as fast as can be: no packet has a time when it is due */
		fprintf(to, "\"%s\": null", name);
		return;
	}
	fprintf(to, "\"%s\": {", name);
	for (unsigned i = 0; i < QUANTILES; i++)
		fprintf(to, "\"%s\": %lu, ", quantiles[i].name,
			histogram_quantile(histogram, quantiles[i].share));
	fprintf(to, "\"max\": %lu}", histogram->max);
}

static void windows_json(FILE *to, struct windows *windows)
{
	if (!windows->count) {
		fprintf(to, "\"median_window_ns\": null");
		return;
	}
	fprintf(to,
		"\"median_window_ns\": {\"window_ms\": %u, \"windows\": %u, \"p50\": %lu, "
		"\"p99\": %lu, \"p99_9\": %lu}",
		WINDOW_MS, windows->count, windows_median(windows, WINDOW_P50),
		windows_median(windows, WINDOW_P99), windows_median(windows, WINDOW_P99_9));
}

/* The whole distribution, so that those of several runs can be put together. */
static void steps_json(FILE *to, const struct histogram *histogram)
{
	const char *comma = "";

	fprintf(to, "\"latency_steps\": [");
	for (uint32_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
		if (!histogram->bucket[i])
			continue;
		fprintf(to, "%s[%lu, %lu]", comma, histogram_top(i), histogram->bucket[i]);
		comma = ", ";
	}
	fprintf(to, "]");
}

static void core_json(FILE *to, const struct traffic *traffic)
{
	static const char *const scheduler[] = {"refused", "fifo", "usual"};

	fprintf(to,
		"\"core\": {\"scheduler\": \"%s\", \"stolen_ms\": %lu, \"waited_us\": %lu, "
		"\"interrupted\": %lu, \"stall_us\": %u, \"stalls\": %lu, \"stalled_us\": %lu, "
		"\"longest_stall_us\": %lu}",
		scheduler[traffic->core_rc < 0 ? 0 : 1 + traffic->core_rc],
		traffic->account.stolen_ms, traffic->account.waited_us,
		traffic->account.interrupted, TRAFFIC_STALL_US, traffic->stalls.count,
		traffic->stalls.total_ns / 1000, traffic->stalls.longest_ns / 1000);
}

static void relay_json(FILE *to, const struct phones_relay *relay)
{
	const char *comma = "";

	if (!relay->known) {
		fprintf(to, "null");
		return;
	}
	fprintf(to, "{\"received\": %lu, \"relayed\": %lu, \"dropped\": %lu, \"drops\": {",
		relay->received, relay->relayed, drops_sum(relay));
	for (unsigned i = 1; i < SLUICE_DROP_COUNT; i++) {
		if (!relay->drops[i])
			continue;
		fprintf(to, "%s\"%s\": %lu", comma, sluice_drop_name(i), relay->drops[i]);
		comma = ", ";
	}
	fprintf(to, "}}");
}

static void flood_json(FILE *to, const struct traffic *traffic, const struct flood *flood,
		       const struct phones_relay *relay)
{
	if (!flood) {
		fprintf(to, "null");
		return;
	}
	fprintf(to,
		"{\"kind\": \"%s\", \"own_port\": %s, \"seconds\": %.3f, \"offered\": %lu, "
		"\"taken\": %lu, \"pps_offered\": %.0f, \"pps_taken\": %.0f, \"dropped\": %lu, "
		"\"unaccounted\": %ld, \"attacked\": ",
		forge_name(flood->forge.kind), flood->own_port ? "true" : "false", flood->seconds,
		flood->made, flood->taken, per_second(flood->made, flood->seconds),
		per_second(flood->taken, flood->seconds), flood_dropped(flood, relay),
		unaccounted(traffic, flood, relay));
	if (flood->own_port)
		fprintf(to, "{\"sent\": %lu, \"lost\": %lu, \"wrong\": %lu}}",
			flood->own_traffic.sent, lost_of(&flood->own_traffic),
			faults_sum(&flood->own_traffic));
	else
		fprintf(to, "null}");
}

static void json_print(FILE *to, struct traffic *traffic, const struct flood *flood,
		       const struct phones_relay *relay)
{
	const struct options *options = traffic->options;

	fprintf(to,
		"{\"calls\": %u, \"suites\": [\"%s\", \"%s\"], \"payload\": %u, \"seconds\": %.3f, "
		"\"pps\": %.0f, \"sent\": %lu, \"held_back\": %lu, \"received\": %lu, "
		"\"lost\": %lu, \"wrong\": {",
		traffic->phones->count, sluice_suite_name(options->suite[0]),
		sluice_suite_name(options->suite[1]), options->payload, traffic->seconds,
		(double)traffic->sent / traffic->seconds, traffic->sent, traffic->held_back,
		traffic->received, lost_of(traffic));
	for (unsigned i = 0; i < TRAFFIC_FAULT_COUNT; i++)
		fprintf(to, "%s\"%s\": %lu", i ? ", " : "", traffic_fault_name(i),
			traffic->faults[i]);
	fprintf(to, "}, \"verify_every\": %u, \"verified\": %lu, ", options->verify_every,
		traffic->verified);
	histogram_json(to, "latency_ns", &traffic->latency);
	fprintf(to, ", ");
	histogram_json(to, "sent_late_ns", &traffic->lateness);
	fprintf(to, ", ");
	windows_json(to, &traffic->windows);
	fprintf(to, ", ");
	steps_json(to, &traffic->latency);
	fprintf(to, ", ");
	core_json(to, traffic);
	fprintf(to, ", \"relay\": ");
	relay_json(to, relay);
	fprintf(to, ", \"flood\": ");
	flood_json(to, traffic, flood, relay);
	fprintf(to, "}\n");
}

static int json_write(const char *path, struct traffic *traffic, const struct flood *flood,
		      const struct phones_relay *relay)
{
	FILE *file = strcmp(path, "-") ? fopen(path, "we") : stdout;

	if (file)
		json_print(file, traffic, flood, relay);
	if (file == stdout || (file && fclose(file) == 0))
		return 0;
	fprintf(stderr, "sluice-mediagen: cannot write %s: %s\n", path, strerror(errno));
	return -errno;
}

int report_print(struct traffic *traffic, const struct flood *flood,
		 const struct phones_relay *relay)
{
	int rc = 0;

	text_print(stderr, traffic, relay);
	if (flood)
		flood_text(stderr, traffic, flood, relay);
	if (traffic->options->json)
		rc = json_write(traffic->options->json, traffic, flood, relay);
	if (rc)
		return rc;
	if (flood && !flood_is_right(traffic, flood, relay))
		return 1;
	return lost_of(traffic) || faults_sum(traffic) || !traffic->sent ? 1 : 0;
}
