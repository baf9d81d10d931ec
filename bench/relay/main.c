/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Measures the relay's worker on one pinned core, with ports in memory: for each mix of legs,
 * suite and number of calls the cycles that a packet takes, beside the roofline.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "../micro/samples.h"
#include "../micro/subject.h"
#include "crypto/engine.h"
#include "main/eal.h"
#include "measure.h"
#include "sluice_client.h"
#include "soak.h"
#include "worker/leg.h"
#include "worker/srtp_context.h"

static int cell_run(const struct cell *cell)
{
	struct world world = {0};
	int rc;

	fprintf(stderr, "relay: mix %d, %s, calls: %u\n", cell->mix, sluice_suite_name(cell->suite),
		cell->calls);
	rc = world_open(&world, cell->calls);
	if (rc)
		return rc;
	rc = cell->options->soak_s ? soak_run(cell, &world, cell->options->soak_s)
				   : cell_measure(cell, &world);
	world_close(&world);
	return rc;
}

static int calls_run(struct cell *cell)
{
	const struct arguments_list *calls = &cell->options->calls;
	int rc = 0;

	for (uint32_t i = 0; i < calls->count && !rc; i++) {
		cell->calls = calls->value[i];
		rc = cell_run(cell);
	}
	return rc;
}

static int cells_run(struct cell *cell)
{
	const struct options *options = cell->options;
	int rc = 0;

	if (options->mixes & 1U << MIX_RTP_RTP) {
		cell->mix = MIX_RTP_RTP;
		cell->suite = SLUICE_SUITE_NONE;
		rc = calls_run(cell);
	}
	for (uint8_t suite = 1; suite < SLUICE_SUITE_COUNT && !rc; suite++) {
		if (!(options->suites & 1U << suite))
			continue;
		cell->suite = suite;
		for (int mix = MIX_RTP_SRTP; mix < MIX_COUNT && !rc; mix++) {
			cell->mix = (enum mix)mix;
			if (options->mixes & 1U << mix)
				rc = calls_run(cell);
		}
	}
	return rc;
}

/* What this run was, for the head of the report. own: share of the time that the core was ours. */
static void facts_print(const struct options *options, double hz, double run_s)
{
	struct rusage usage;
	char features[16] = "";
	double own_s;

	getrusage(RUSAGE_SELF, &usage);
	crypto_engine_ipsec_mb.probe(features, sizeof(features));
	own_s = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
		(double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
	printf("{\"facts\": {\"cpu\": %d, \"tsc_mhz\": %.1f, \"engine_features\": \"%s\", "
	       "\"ipsec_mb\": \"%s\", \"rounds\": %u, \"round_ms\": %u, \"run_s\": %.1f, "
	       "\"core_was_ours\": %.3f, \"involuntary_switches\": %ld, "
	       "\"media_bytes\": %zu, \"context_bytes\": %zu, \"resident_mib\": %ld}}\n",
	       options->cpu, hz / 1e6, features, roofline_version(), options->rounds,
	       options->round_ms, run_s, own_s / run_s, usage.ru_nivcsw, sizeof(struct media),
	       sizeof(struct srtp_context), usage.ru_maxrss / 1024);
}

int main(int argc, char **argv)
{
	struct options options;
	struct cell cell = {.options = &options};
	uint64_t start;
	int rc = options_parse(&options, argc, argv);

	if (rc)
		return rc < 0 ? 2 : 0;
	if (world_start(options.cpu))
		return 1;
	cell.hz = tsc_hz();
	start = tsc_now();
	rc = cells_run(&cell);
	if (rc)
		fprintf(stderr, "relay: %s\n", strerror(-rc));
	else
		facts_print(&options, cell.hz, (double)(tsc_now() - start) / cell.hz);
	eal_stop();
	return rc ? 1 : 0;
}
