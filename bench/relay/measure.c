/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Relay and roofline take turns in short rounds, so that what disturbs the machine disturbs them
 * alike; medians over all rounds are compared. The stages are timed in a round of their own at the
 * end of each turn, so that their clock is off while the whole is measured.
 */
#include "measure.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../micro/samples.h"
#include "../micro/subject.h"
#include "calls.h"
#include "media/suite.h"
#include "sluice_client.h"
#include "traffic.h"
#include "worker/pipeline.h"

static_assert(WORLD_BATCH == BATCH_PACKETS, "relay and roofline work batches of one size");

enum round_kind { ROUND_WARM, ROUND_WHOLE, ROUND_STAGES };

/* Of one path; with MIX_RTP_SRTP there are two, by the leg that sends. */
struct path_result {
	struct samples relay;
	struct samples roofline;
	struct pipeline_clock clock;
};

struct run {
	const struct cell *cell;
	struct world *world;
	struct calls calls;
	struct traffic traffic;
	void *roofline; /* NULL: nothing to compare with */
	struct batch batch;
	uint16_t *sequence; /* of the roofline's streams */
	struct path_result path[2];
};

void cell_suites(const struct cell *cell, uint8_t suite[2])
{
	suite[0] = cell->mix == MIX_SRTP_SRTP ? cell->suite : SLUICE_SUITE_NONE;
	suite[1] = cell->mix == MIX_RTP_RTP ? SLUICE_SUITE_NONE : cell->suite;
}

static struct path_result *path_of(struct run *run, unsigned leg)
{
	return &run->path[run->cell->mix == MIX_RTP_SRTP ? leg : 0];
}

static uint64_t deadline(const struct run *run, uint32_t ms)
{
	return tsc_now() + (uint64_t)(run->cell->hz * ms / 1000);
}

/* ---- the relay ---- */

static void relay_turn(struct run *run, enum round_kind kind)
{
	for (unsigned leg = 0; leg < 2; leg++) {
		struct path_result *path = path_of(run, leg);
		uint64_t cycles;

		worker_clock_set(run->world->worker, kind == ROUND_STAGES ? &path->clock : NULL);
		cycles = traffic_batch(&run->traffic, leg);
		if (kind == ROUND_WHOLE)
			samples_add(&path->relay, (double)cycles / WORLD_BATCH);
	}
}

static void relay_round(struct run *run)
{
	const struct options *options = run->cell->options;
	uint64_t end = deadline(run, options->warm_ms);

	for (uint32_t done = 0; done < run->cell->calls && tsc_now() < end; done += WORLD_BATCH)
		relay_turn(run, ROUND_WARM);
	end = deadline(run, options->round_ms);
	do {
		relay_turn(run, ROUND_WHOLE);
	} while (tsc_now() < end);
	end = deadline(run, options->round_ms / 4);
	do {
		relay_turn(run, ROUND_STAGES);
	} while (tsc_now() < end);
	worker_clock_set(run->world->worker, NULL);
}

/* ---- the roofline ---- */

/* As many contexts as the calls have: of one operation a key for each direction of a call, of two
 * operations two for each. */
static uint32_t roofline_streams(const struct cell *cell)
{
	return cell->mix == MIX_SRTP_SRTP ? 2 * cell->calls : cell->calls;
}

static int roofline_open(struct run *run)
{
	const struct cell *cell = run->cell;
	const struct rtp_suite *suite = rtp_suite_find(cell->suite);
	struct micro_suite described;
	struct subject_options options = {.suite = &described, .streams = roofline_streams(cell)};
	int rc;

	if (cell->mix == MIX_RTP_RTP)
		return 0;
	/* the roofline keeps a pointer to it until it is closed: constant for the program's life */
	static struct micro_suite kept[SLUICE_SUITE_COUNT];

	described = (struct micro_suite){.name = sluice_suite_name(suite->id),
					 .id = suite->id,
					 .key_length = suite->key_length,
					 .salt_length = suite->salt_length,
					 .gcm = suite->cipher == RTP_CIPHER_AES_GCM};
	kept[suite->id] = described;
	options.suite = &kept[suite->id];
	rc = batch_new(&run->batch, options.streams);
	if (rc)
		return rc;
	batch_shuffle(&run->batch, options.streams);
	run->sequence = calloc(options.streams, sizeof(*run->sequence));
	return run->sequence ? subject_roofline.open(&run->roofline, &options) : -ENOMEM;
}

static void roofline_close(struct run *run)
{
	if (run->roofline)
		subject_roofline.close(run->roofline);
	batch_free(&run->batch);
	free(run->sequence);
}

static double roofline_run(struct run *run, enum batch_direction direction)
{
	uint64_t start = tsc_now();

	subject_roofline.run(run->roofline, &run->batch, BATCH_SRTP, direction, CRYPTO_BURST_MAX);
	return (double)(tsc_now() - start) / BATCH_PACKETS;
}

static void roofline_turn(struct run *run, enum round_kind kind)
{
	double cycles[2];

	batch_fill(&run->batch, BATCH_SRTP, CALLS_PAYLOAD, run->sequence);
	cycles[1] = roofline_run(run, BATCH_UNPROTECT);
	if (run->cell->mix == MIX_RTP_SRTP)
		batch_fill(&run->batch, BATCH_SRTP, CALLS_PAYLOAD, run->sequence);
	cycles[0] = roofline_run(run, BATCH_PROTECT);
	if (kind == ROUND_WARM)
		return;
	if (run->cell->mix == MIX_SRTP_SRTP) {
		samples_add(&run->path[0].roofline, cycles[0] + cycles[1]);
		return;
	}
	/* leg 0 is plain: what its phone sends is protected */
	samples_add(&run->path[0].roofline, cycles[0]);
	samples_add(&run->path[1].roofline, cycles[1]);
}

static void roofline_round(struct run *run)
{
	const struct options *options = run->cell->options;
	uint32_t streams = roofline_streams(run->cell);
	uint64_t end = deadline(run, options->warm_ms);

	if (!run->roofline)
		return;
	for (uint32_t done = 0; done < streams && tsc_now() < end; done += BATCH_PACKETS)
		roofline_turn(run, ROUND_WARM);
	end = deadline(run, options->round_ms);
	do {
		roofline_turn(run, ROUND_WHOLE);
	} while (tsc_now() < end);
}

/* ---- what comes of it ---- */

static void stages_print(const struct pipeline_clock *clock)
{
	printf("\"stages\": {");
	for (unsigned i = 0; i < PIPELINE_STAGE_COUNT; i++)
		printf("%s\"%s\": %.1f", i ? ", " : "", pipeline_stage_name(i),
		       clock->packets ? (double)clock->tsc[i] / (double)clock->packets : 0.0);
	printf("}");
}

static void roofline_print(struct samples *samples, double cycles)
{
	double line = samples_quantile(samples, 0.5);

	if (samples->count)
		printf("\"roofline_cycles\": %.1f, \"ratio_to_roofline\": %.3f, ", line,
		       line / cycles);
	else
		printf("\"roofline_cycles\": null, \"ratio_to_roofline\": null, ");
}

static void path_print(struct run *run, struct path_result *path, const char *name, uint64_t lost)
{
	double cycles = samples_quantile(&path->relay, 0.5);

	printf("{\"path\": \"%s\", \"suite\": \"%s\", \"calls\": %u, \"payload\": %u, "
	       "\"pps\": %.0f, \"cycles_per_packet\": %.1f, \"cycles_p10\": %.1f, "
	       "\"cycles_p90\": %.1f, ",
	       name, sluice_suite_name(run->cell->suite), run->cell->calls, CALLS_PAYLOAD,
	       run->cell->hz / cycles, cycles, samples_quantile(&path->relay, 0.1),
	       samples_quantile(&path->relay, 0.9));
	roofline_print(&path->roofline, cycles);
	printf("\"lost\": %lu, \"packets\": %lu, \"decrypted_and_compared\": %lu, ", lost,
	       run->traffic.sent, run->traffic.verified);
	stages_print(&path->clock);
	printf("}\n");
	fflush(stdout);
}

static void drops_say(const struct run *run)
{
	uint64_t drops[SLUICE_DROP_COUNT] = {0};

	world_drops(run->world, drops);
	for (unsigned i = 1; i < SLUICE_DROP_COUNT; i++)
		if (drops[i])
			fprintf(stderr, "relay: dropped: %lu %s (%s)\n", drops[i],
				sluice_drop_name(i), sluice_drop_text(i));
}

static int run_report(struct run *run)
{
	static const char *const names[MIX_COUNT][2] = {
	    {"RTP->RTP", NULL}, {"RTP->SRTP", "SRTP->RTP"}, {"SRTP->SRTP", NULL}};
	uint64_t lost = run->traffic.sent - run->traffic.received;

	if (lost)
		drops_say(run);
	if (run->traffic.wrong) {
		fprintf(stderr, "relay: %lu packets came out wrong: no result\n",
			run->traffic.wrong);
		return -EBADMSG;
	}
	for (unsigned i = 0; i < 2; i++)
		if (names[run->cell->mix][i])
			path_print(run, &run->path[i], names[run->cell->mix][i], lost);
	return 0;
}

int cell_measure(const struct cell *cell, struct world *world)
{
	struct run *run = calloc(1, sizeof(*run));
	uint8_t suite[2];
	int rc;

	if (!run)
		return -ENOMEM;
	run->cell = cell;
	run->world = world;
	cell_suites(cell, suite);
	rc = calls_open(&run->calls, world, cell->calls, suite);
	if (rc)
		goto fail;
	rc = traffic_open(&run->traffic, world, &run->calls, 1, cell->options->verify_every);
	rc = rc ? rc : roofline_open(run);
	for (uint32_t i = 0; i < cell->options->rounds && !rc; i++) {
		relay_round(run);
		roofline_round(run);
	}
	rc = rc ? rc : run_report(run);
	roofline_close(run);
	traffic_close(&run->traffic);
	calls_close(&run->calls, world);
fail:
	free(run);
	return rc;
}
