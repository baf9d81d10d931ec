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

static void text_print(FILE *to, const struct traffic *traffic, const struct phones_relay *relay)
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
	fprintf(to, "latency:");
	for (unsigned i = 0; i < QUANTILES; i++)
		fprintf(to, " %s %.1f us", quantiles[i].name,
			(double)histogram_quantile(&traffic->latency, quantiles[i].share) / 1e3);
	fprintf(to, ", max %.1f us\n", (double)traffic->latency.max / 1e3);
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

static void json_print(FILE *to, const struct traffic *traffic, const struct phones_relay *relay)
{
	const struct options *options = traffic->options;

	fprintf(to,
		"{\"calls\": %u, \"suites\": [\"%s\", \"%s\"], \"payload\": %u, \"seconds\": %.3f, "
		"\"pps\": %.0f, \"sent\": %lu, \"received\": %lu, \"lost\": %lu, \"wrong\": {",
		traffic->phones->count, sluice_suite_name(options->suite[0]),
		sluice_suite_name(options->suite[1]), options->payload, traffic->seconds,
		(double)traffic->sent / traffic->seconds, traffic->sent, traffic->received,
		lost_of(traffic));
	for (unsigned i = 0; i < TRAFFIC_FAULT_COUNT; i++)
		fprintf(to, "%s\"%s\": %lu", i ? ", " : "", traffic_fault_name(i),
			traffic->faults[i]);
	fprintf(to, "}, \"latency_ns\": {");
	for (unsigned i = 0; i < QUANTILES; i++)
		fprintf(to, "\"%s\": %lu, ", quantiles[i].name,
			histogram_quantile(&traffic->latency, quantiles[i].share));
	fprintf(to, "\"max\": %lu}, \"relay\": ", traffic->latency.max);
	relay_json(to, relay);
	fprintf(to, "}\n");
}

int report_print(const struct traffic *traffic, const struct phones_relay *relay)
{
	const char *path = traffic->options->json;
	FILE *file = NULL;

	text_print(stderr, traffic, relay);
	if (path && !strcmp(path, "-")) {
		json_print(stdout, traffic, relay);
	} else if (path) {
		file = fopen(path, "we");
		if (file)
			json_print(file, traffic, relay);
		if (!file || fclose(file)) {
			fprintf(stderr, "sluice-mediagen: cannot write %s: %s\n", path,
				strerror(errno));
			return -errno;
		}
	}
	return lost_of(traffic) || faults_sum(traffic) || !traffic->sent ? 1 : 0;
}
