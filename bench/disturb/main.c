/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Measures what disturbs the calls of a worker, and what a refused packet costs: rounds with each
 * disturbance take turns with quiet ones, so that what disturbs the machine disturbs them alike.
 * Every packet of the calls is counted; one lost, or a bad one that is not counted under a name,
 * fails the run.
 */
#include <dirent.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <rte_cycles.h>

#include "../common/arguments.h"
#include "../micro/samples.h"
#include "../micro/subject.h"
#include "main/eal.h"
#include "scene.h"
#include "sluice_client.h"

#define VERIFY_EVERY 61U
#define ROWS_MAX 16U

struct options {
	uint32_t calls, opens_per_s, rounds, round_ms;
	int cpu;
};

/* Of one disturbance. */
struct row {
	struct samples batch[2]; /* cycles of the worker, by the leg that sends */
	uint64_t sent, received, besides;
	uint64_t drops[SLUICE_DROP_COUNT];
};

struct bench {
	struct options options;
	char capture_path[64];
	struct capture_directory directory;
	struct world world;
	struct calls calls;
	struct traffic traffic;
	struct scene scene;
	struct row row[ROWS_MAX];
};

static int options_parse(struct options *options, int argc, char **argv)
{
	static const struct option names[] = {
	    {"calls", required_argument, NULL, 'n'},  {"opens", required_argument, NULL, 'o'},
	    {"rounds", required_argument, NULL, 'r'}, {"round-ms", required_argument, NULL, 't'},
	    {"cpu", required_argument, NULL, 'c'},    {0}};
	uint32_t cpu = 0;
	int option, rc = 0;

	*options = (struct options){1000, 2000, 9, 60, arguments_core()};
	while (!rc && (option = getopt_long(argc, argv, "", names, NULL)) != -1) {
		if (option == 'n')
			rc = arguments_number(&options->calls, optarg, 16, 50000);
		else if (option == 'o')
			rc = arguments_number(&options->opens_per_s, optarg, 1, 100000);
		else if (option == 'r')
			rc = arguments_number(&options->rounds, optarg, 1, 1000);
		else if (option == 't')
			rc = arguments_number(&options->round_ms, optarg, 1, 10000);
		else if (option == 'c' && !(rc = arguments_number(&cpu, optarg, 0, 1023)))
			options->cpu = (int)cpu;
		else
			rc = -EINVAL;
	}
	if (!rc && optind == argc)
		return 0;
	fprintf(stderr, "usage: sluice-bench-disturb [--calls N] [--opens N] [--rounds N] "
			"[--round-ms N] [--cpu N]\n");
	return -EINVAL;
}

/* ---- captures go into a directory of their own, which goes at the end ---- */

static int captures_open(struct bench *bench)
{
	struct captures_config config = {.file_bytes = 16U << 20,
					 .total_bytes = 1024U << 20,
					 .time_s = 600,
					 .most = SLUICE_CAPTURE_DECRYPTED,
					 .tsc_hz = rte_get_tsc_hz()};
	const char *tmp = getenv("TMPDIR");
	char text[256];

	snprintf(bench->capture_path, sizeof(bench->capture_path), "%.32s/sluice-disturb-XXXXXX",
		 tmp ? tmp : "/tmp");
	if (!mkdtemp(bench->capture_path))
		return -errno;
	if (capture_directory_open(&bench->directory, bench->capture_path, text, sizeof(text)))
		return -EIO;
	config.directory = bench->directory;
	return captures_new(&bench->world.captures, &config);
}

static void files_remove(const struct bench *bench)
{
	DIR *files = opendir(bench->capture_path);
	const struct dirent *entry;

	while (files && (entry = readdir(files)))
		unlinkat(bench->directory.fd, entry->d_name, 0);
	if (files)
		closedir(files);
}

static void captures_close_all(struct bench *bench)
{
	captures_free(bench->world.captures);
	files_remove(bench);
	capture_directory_close(&bench->directory);
	rmdir(bench->capture_path);
}

/* ---- rounds ---- */

static void drops_note(const struct bench *bench, struct row *row, const uint64_t *before)
{
	uint64_t now[SLUICE_DROP_COUNT] = {0};

	world_drops(&bench->world, now);
	for (unsigned i = 1; i < SLUICE_DROP_COUNT; i++)
		row->drops[i] += now[i] - before[i];
}

/* How often the core was taken away from this thread. */
static long switches(void)
{
	struct rusage usage;

	getrusage(RUSAGE_THREAD, &usage);
	return usage.ru_nivcsw;
}

static void batches_run(struct bench *bench, const struct disturbance *disturbance, struct row *row)
{
	uint64_t end = tsc_now() + (uint64_t)(bench->scene.hz * bench->options.round_ms / 1000);

	do {
		for (unsigned leg = 0; leg < 2; leg++) {
			long before = switches();
			uint64_t cycles = traffic_batch(&bench->traffic, leg);

			/* a batch in which others had the core says nothing of ours */
			if (switches() == before)
				samples_add(&row->batch[leg], (double)cycles);
			if (disturbance->between)
				disturbance->between(&bench->scene, cycles);
		}
	} while (tsc_now() < end);
}

static int round_run(struct bench *bench, const struct disturbance *disturbance, struct row *row)
{
	struct traffic *traffic = &bench->traffic;
	uint64_t sent = traffic->sent, received = traffic->received;
	uint64_t besides = bench->scene.besides, drops[SLUICE_DROP_COUNT] = {0};
	int rc = disturbance->begin ? disturbance->begin(&bench->scene) : 0;

	if (rc)
		return rc;
	world_drops(&bench->world, drops);
	traffic->besides = disturbance->besides;
	traffic->user = &bench->scene;
	batches_run(bench, disturbance, row);
	traffic->besides = NULL;
	rc = disturbance->end ? disturbance->end(&bench->scene) : 0;
	files_remove(bench);
	row->sent += traffic->sent - sent;
	row->received += traffic->received - received;
	row->besides += bench->scene.besides - besides;
	drops_note(bench, row, drops);
	return rc;
}

/* ---- what comes of it ---- */

/* The mean of all but the slowest 2 %, in which there were interrupts: of work that comes in some
 * batches only, a median would see nothing. */
static double cycles_of(struct samples *samples)
{
	double limit = samples_quantile(samples, 0.98), sum = 0;
	size_t n = 0;

	for (size_t i = 0; i < samples->count; i++) {
		if (samples->value[i] > limit)
			continue;
		sum += samples->value[i];
		n++;
	}
	return n ? sum / (double)n : 0;
}

static uint64_t drops_sum(const struct row *row)
{
	uint64_t sum = 0;

	for (unsigned i = 1; i < SLUICE_DROP_COUNT; i++)
		sum += row->drops[i];
	return sum;
}

static void drops_print(const struct row *row)
{
	const char *comma = "";

	printf("\"drops\": {");
	for (unsigned i = 1; i < SLUICE_DROP_COUNT; i++) {
		if (!row->drops[i])
			continue;
		printf("%s\"%s\": %lu", comma, sluice_drop_name(i), row->drops[i]);
		comma = ", ";
	}
	printf("}");
}

static void row_print(struct bench *bench, unsigned i)
{
	struct row *row = &bench->row[i], *quiet = &bench->row[0];
	double own[2], base[2], besides = disturbances[i].besides ? SCENE_BESIDES : 0;
	double slow =
	    samples_quantile(&row->batch[0], 0.99) + samples_quantile(&row->batch[1], 0.99);
	double slow_quiet =
	    samples_quantile(&quiet->batch[0], 0.99) + samples_quantile(&quiet->batch[1], 0.99);

	for (unsigned leg = 0; leg < 2; leg++) {
		own[leg] = cycles_of(&row->batch[leg]);
		base[leg] = cycles_of(&quiet->batch[leg]);
	}
	printf("{\"disturbance\": \"%s\", \"what\": \"%s\", \"calls\": %u, "
	       "\"cycles_per_packet\": %.1f, \"ratio_to_quiet\": %.3f, \"p99_to_quiet\": %.3f, ",
	       disturbances[i].name, disturbances[i].what, bench->options.calls,
	       (own[0] + own[1]) / (2 * WORLD_BATCH), (own[0] + own[1]) / (base[0] + base[1]),
	       slow / slow_quiet);
	if (besides > 0)
		printf("\"refused\": %lu, \"cycles_per_refused\": %.1f, ", row->besides,
		       (own[1] - base[1]) / besides);
	else
		printf("\"refused\": 0, \"cycles_per_refused\": null, ");
	printf("\"packets\": %lu, \"lost\": %lu, ", row->sent, row->sent - row->received);
	drops_print(row);
	printf("}\n");
}

static int report(struct bench *bench)
{
	const struct scene *scene = &bench->scene;
	int rc = bench->traffic.wrong ? -EBADMSG : 0;

	for (unsigned i = 0; i < disturbance_count; i++) {
		const struct row *row = &bench->row[i];

		row_print(bench, i);
		if (row->sent != row->received || drops_sum(row) != row->besides)
			rc = -EBADMSG;
	}
	printf("{\"facts\": {\"cpu\": %d, \"tsc_mhz\": %.1f, \"opens_per_s\": %u, \"opened\": %lu, "
	       "\"main_us_per_call\": %.2f, \"decrypted_and_compared\": %lu, \"wrong\": %lu, "
	       "\"besides_per_batch\": %u}}\n",
	       bench->options.cpu, scene->hz / 1e6, scene->opens_per_s, scene->opened,
	       scene->opened ? (double)scene->main_cycles / scene->hz * 1e6 / (double)scene->opened
			     : 0,
	       bench->traffic.verified, bench->traffic.wrong, SCENE_BESIDES);
	return rc;
}

static int bench_run(struct bench *bench)
{
	static const uint8_t suite[2] = {SLUICE_SUITE_NONE, SLUICE_SUITE_AES_CM_128_HMAC_SHA1_80};
	int rc = calls_open(&bench->calls, &bench->world, bench->options.calls, suite);

	if (rc)
		return rc;
	bench->scene = (struct scene){.world = &bench->world,
				      .calls = &bench->calls,
				      .hz = tsc_hz(),
				      .opens_per_s = bench->options.opens_per_s};
	rc = traffic_open(&bench->traffic, &bench->world, &bench->calls, 1, VERIFY_EVERY);
	rc = rc ? rc : scene_open(&bench->scene);
	/* the first round warms everything up, and does not count */
	for (uint32_t round = 0; round <= bench->options.rounds && !rc; round++) {
		for (unsigned i = 0; i < disturbance_count && !rc; i++)
			rc = round_run(bench, &disturbances[i], &bench->row[i]);
		if (round == 0)
			for (unsigned i = 0; i < disturbance_count; i++)
				for (unsigned leg = 0; leg < 2; leg++)
					bench->row[i].batch[leg].count = 0;
	}
	rc = rc ? rc : report(bench);
	scene_close(&bench->scene);
	traffic_close(&bench->traffic);
	calls_close(&bench->calls, &bench->world);
	return rc;
}

int main(int argc, char **argv)
{
	static struct bench bench;
	int rc;

	if (options_parse(&bench.options, argc, argv))
		return 2;
	if (world_start(bench.options.cpu))
		return 1;
	rc = captures_open(&bench);
	rc = rc ? rc : world_open(&bench.world, bench.options.calls + SCENE_SESSIONS);
	if (!rc) {
		rc = bench_run(&bench);
		world_close(&bench.world);
	}
	captures_close_all(&bench);
	if (rc)
		fprintf(stderr, "disturb: %s\n", strerror(-rc));
	eal_stop();
	return rc ? 1 : 0;
}
