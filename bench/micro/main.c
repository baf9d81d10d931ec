/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Measures the SRTP bursts on one pinned core, beside the roofline and libsrtp2. The three take
 * turns in short rounds, so that what disturbs the machine disturbs them alike; the medians over
 * all rounds are compared.
 */
#include <errno.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "options.h"
#include "samples.h"

static const struct subject *const subjects[] = {&subject_roofline, &subject_ipsec_mb,
						 &subject_libsrtp, &subject_engine_libsrtp,
						 &subject_ipsec_mb_80};
#define SUBJECT_COUNT (sizeof(subjects) / sizeof(subjects[0]))

/* A subject with the keys of one suite. */
struct runner {
	void *state; /* NULL: cannot do this suite */
	uint16_t *sequence;
	bool failed;               /* dropped what it should not */
	struct samples samples[2]; /* by enum batch_direction */
};

struct bench {
	struct options options;
	double hz;
	struct batch batch;
	struct runner runner[SUBJECT_COUNT];
};

struct cell {
	const struct micro_suite *suite;
	enum batch_kind kind;
	uint32_t payload;
	uint32_t streams;
	uint32_t burst;
};

static double work(struct bench *bench, const struct subject *subject, struct runner *runner,
		   const struct cell *cell, enum batch_direction direction)
{
	uint64_t start = tsc_now();
	uint32_t dropped =
	    subject->run(runner->state, &bench->batch, cell->kind, direction, cell->burst);
	uint64_t cycles = tsc_now() - start;

	if (dropped > 0)
		runner->failed = true;
	return (double)cycles / BATCH_PACKETS;
}

static uint64_t deadline(const struct bench *bench, uint32_t ms)
{
	return tsc_now() + (uint64_t)(bench->hz * ms / 1000);
}

/* Both directions: what protect made is what unprotect gets. */
static void turn(struct bench *bench, unsigned who, const struct cell *cell, bool measured)
{
	struct runner *runner = &bench->runner[who];

	batch_fill(&bench->batch, cell->kind, cell->payload, runner->sequence);
	for (int direction = BATCH_PROTECT; direction <= BATCH_UNPROTECT; direction++) {
		double cycles =
		    work(bench, subjects[who], runner, cell, (enum batch_direction)direction);

		if (measured)
			samples_add(&runner->samples[direction], cycles);
	}
}

static void round_run(struct bench *bench, unsigned who, const struct cell *cell)
{
	uint64_t end = deadline(bench, bench->options.warm_ms);

	for (uint32_t done = 0; done <= cell->streams && tsc_now() < end; done += BATCH_PACKETS)
		turn(bench, who, cell, false);
	end = deadline(bench, bench->options.round_ms);
	do {
		turn(bench, who, cell, true);
	} while (tsc_now() < end);
}

static void cell_print(struct bench *bench, unsigned who, const struct cell *cell)
{
	static const char *const ops[2][2] = {
	    [BATCH_SRTP] = {"srtp_protect", "srtp_unprotect"},
	    [BATCH_SRTCP] = {"srtcp_protect", "srtcp_unprotect"},
	};
	struct runner *runner = &bench->runner[who];

	for (int direction = BATCH_PROTECT; direction <= BATCH_UNPROTECT; direction++) {
		struct samples *samples = &runner->samples[direction];
		double cycles = samples_quantile(samples, 0.5);

		printf("{\"engine\": \"%s\", \"suite\": \"%s\", \"op\": \"%s\", \"payload\": %u, "
		       "\"streams\": %u, \"burst\": %u, \"pps\": %.0f, "
		       "\"cycles_per_packet\": %.1f, \"cycles_p10\": %.1f, \"cycles_p90\": %.1f, "
		       "\"batches\": %u}\n",
		       subjects[who]->name, cell->suite->name, ops[cell->kind][direction],
		       cell->payload, cell->streams, cell->burst, bench->hz / cycles, cycles,
		       samples_quantile(samples, 0.1), samples_quantile(samples, 0.9),
		       samples->count);
	}
}

/* libsrtp2 has no bursts, alone or under our own: once is enough, and few streams. */
static bool is_libsrtp(unsigned who)
{
	return subjects[who] == &subject_libsrtp || subjects[who] == &subject_engine_libsrtp;
}

/* Whom to measure in this cell; GCM is compared with the other suite once. */
static bool takes_part(const struct bench *bench, unsigned who, const struct cell *cell)
{
	if (!bench->runner[who].state)
		return false;
	if (!is_libsrtp(who) && subjects[who] != &subject_ipsec_mb_80)
		return true;
	return cell->burst == bench->options.burst.value[0];
}

static int cell_run(struct bench *bench, const struct cell *cell)
{
	batch_shuffle(&bench->batch, cell->streams);
	for (unsigned who = 0; who < SUBJECT_COUNT; who++)
		for (int direction = 0; direction < 2; direction++)
			bench->runner[who].samples[direction].count = 0;
	for (uint32_t i = 0; i < bench->options.rounds; i++)
		for (unsigned who = 0; who < SUBJECT_COUNT; who++)
			if (takes_part(bench, who, cell))
				round_run(bench, who, cell);
	for (unsigned who = 0; who < SUBJECT_COUNT; who++) {
		if (!takes_part(bench, who, cell))
			continue;
		if (bench->runner[who].failed) {
			fprintf(stderr, "micro: %s dropped packets of %s: no result\n",
				subjects[who]->name, cell->suite->name);
			return -EBADMSG;
		}
		cell_print(bench, who, cell);
	}
	return 0;
}

static int cells_run(struct bench *bench, struct cell *cell)
{
	const struct options *options = &bench->options;
	int result = 0;

	for (uint32_t k = 0; k < options->kind.count; k++)
		for (uint32_t p = 0; p < options->payload.count; p++)
			for (uint32_t b = 0; b < options->burst.count && result == 0; b++) {
				cell->kind = (enum batch_kind)options->kind.value[k];
				cell->payload = options->payload.value[p];
				cell->burst = options->burst.value[b];
				result = cell_run(bench, cell);
				fflush(stdout);
			}
	return result;
}

static void runners_close(struct bench *bench)
{
	for (unsigned who = 0; who < SUBJECT_COUNT; who++) {
		struct runner *runner = &bench->runner[who];

		if (runner->state)
			subjects[who]->close(runner->state);
		runner->state = NULL;
		free(runner->sequence);
		runner->sequence = NULL;
	}
}

static uint32_t streams_most(const struct bench *bench, unsigned who)
{
	return is_libsrtp(who) ? bench->options.libsrtp_streams : subjects[who]->streams_max;
}

static int runners_open(struct bench *bench, const struct subject_options *options)
{
	for (unsigned who = 0; who < SUBJECT_COUNT; who++) {
		struct runner *runner = &bench->runner[who];
		int result;

		runner->failed = false;
		if (subjects[who] == &subject_ipsec_mb_80 && !options->suite->gcm)
			continue;
		if (!(bench->options.subjects & 1U << who) ||
		    options->streams > streams_most(bench, who))
			continue;
		runner->sequence = calloc(options->streams, sizeof(*runner->sequence));
		if (!runner->sequence)
			return -ENOMEM;
		result = subjects[who]->open(&runner->state, options);
		if (result == -ENOTSUP)
			fprintf(stderr, "micro: %s has no %s: left out\n", subjects[who]->name,
				options->suite->name);
		else if (result < 0)
			return result;
	}
	return 0;
}

static int streams_run(struct bench *bench, const struct micro_suite *suite, uint32_t streams)
{
	const struct subject_options options = {
	    .suite = suite, .streams = streams, .huge = bench->options.huge};
	struct cell cell = {.suite = suite, .streams = streams};
	int result;

	fprintf(stderr, "micro: %s, streams: %u\n", suite->name, streams);
	result = runners_open(bench, &options);
	if (result == 0)
		result = cells_run(bench, &cell);
	runners_close(bench);
	return result;
}

static int suite_run(struct bench *bench, const struct micro_suite *suite)
{
	const struct arguments_list *streams = &bench->options.streams;
	int result = 0;

	for (uint32_t i = 0; i < streams->count && result == 0; i++)
		result = streams_run(bench, suite, streams->value[i]);
	return result;
}

static int pin(int *cpu)
{
	cpu_set_t set;

	if (*cpu < 0)
		*cpu = arguments_core();
	if (*cpu < 0)
		return *cpu;
	CPU_ZERO(&set);
	CPU_SET((unsigned)*cpu, &set);
	return sched_setaffinity(0, sizeof(set), &set) < 0 ? -errno : 0;
}

/* What this run was, for the head of the report. own: share of the time that the core was ours. */
static void facts_print(const struct bench *bench, double run_s)
{
	struct rusage usage;
	double own_s;

	getrusage(RUSAGE_SELF, &usage);
	own_s = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
		(double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
	printf("{\"facts\": {\"cpu\": %d, \"tsc_mhz\": %.1f, \"engine_features\": \"%s\", "
	       "\"ipsec_mb\": \"%s\", \"libsrtp2\": \"%s\", \"huge_pages\": %s, "
	       "\"hot_bytes_per_stream\": %u, \"context_bytes_per_stream\": %u, \"rounds\": %u, "
	       "\"round_ms\": %u, \"run_s\": %.1f, \"core_was_ours\": %.3f, "
	       "\"involuntary_switches\": %ld}}\n",
	       bench->options.cpu, bench->hz / 1e6, sluice_features(), roofline_version(),
	       libsrtp_version(), bench->options.huge ? "true" : "false",
	       sluice_hot_bytes(bench->options.suite[0]->id),
	       sluice_context_bytes(bench->options.suite[0]->id), bench->options.rounds,
	       bench->options.round_ms, run_s, own_s / run_s, usage.ru_nivcsw);
}

static int bench_run(struct bench *bench)
{
	uint64_t start = tsc_now();
	int result = pin(&bench->options.cpu);

	if (result < 0) {
		fprintf(stderr, "micro: cannot pin to core %d: %s\n", bench->options.cpu,
			strerror(-result));
		return result;
	}
	bench->hz = tsc_hz();
	result = batch_new(&bench->batch,
			   arguments_max(&bench->options.streams) + subject_libsrtp.streams_max);
	for (uint32_t i = 0; i < bench->options.suite_count && result == 0; i++)
		result = suite_run(bench, bench->options.suite[i]);
	batch_free(&bench->batch);
	if (result < 0)
		fprintf(stderr, "micro: %s\n", strerror(-result));
	else
		facts_print(bench, (double)(tsc_now() - start) / bench->hz);
	return result;
}

int main(int argc, char **argv)
{
	struct bench *bench = calloc(1, sizeof(*bench));
	int result;

	if (!bench)
		return 1;
	result = options_parse(&bench->options, argc, argv);
	if (result == 0)
		result = bench_run(bench) < 0 ? 1 : 0;
	else
		result = result < 0 ? 2 : 0;
	free(bench);
	return result;
}
