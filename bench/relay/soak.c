/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "soak.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../micro/samples.h"
#include "calls.h"
#include "sluice_client.h"
#include "traffic.h"

/*
 * Below the 2^15 that an index can be guessed over, and below the 3,000 from which RFC 3550 A.1
 * takes a jump for a restart. A prime: so that each stream meets the wrap at another place.
 */
#define STEP 2203U
#define PACKETS_A_WRAP (0x10000U / STEP + 1U)
#define TURNS_A_LOOK 256U /* at the clock */
/* Pages that the C library and the tapes take only when they are first used. */
#define GROWTH_MAX_KIB 1024L

struct soak {
	struct calls calls;
	struct traffic traffic;
	uint64_t turns; /* batches of both legs */
};

static long resident_kib(void)
{
	FILE *file = fopen("/proc/self/statm", "r");
	long pages = -1;

	if (!file)
		return -1;
	if (fscanf(file, "%*d %ld", &pages) != 1)
		pages = -1;
	fclose(file);
	return pages < 0 ? -1 : pages * (sysconf(_SC_PAGESIZE) / 1024);
}

/* Wraps that the stream with fewest has crossed. */
static uint64_t wraps(const struct soak *soak)
{
	uint64_t packets = soak->turns * WORLD_BATCH / soak->calls.count;

	return packets * STEP >> 16;
}

static void turns_run(struct soak *soak, uint64_t turns)
{
	for (uint64_t i = 0; i < turns; i++) {
		traffic_batch(&soak->traffic, 0);
		traffic_batch(&soak->traffic, 1);
	}
	soak->turns += turns;
}

/* So many turns that each stream has crossed a wrap. */
static uint64_t turns_for_a_wrap(const struct soak *soak)
{
	return (uint64_t)PACKETS_A_WRAP * soak->calls.count / WORLD_BATCH + 1;
}

static int soak_report(const struct cell *cell, struct soak *soak, const struct world *world,
		       double seconds, long before_kib, unsigned buffers_before)
{
	long grown_kib = resident_kib() - before_kib;
	unsigned buffers = rte_mempool_avail_count(world->pool);
	uint64_t lost = soak->traffic.sent - soak->traffic.received;
	uint64_t drops[SLUICE_DROP_COUNT];
	uint64_t dropped = world_drops(world, drops);

	printf("{\"soak\": \"%s\", \"mix\": %u, \"calls\": %u, \"seconds\": %.1f, "
	       "\"packets\": %lu, \"lost\": %lu, \"dropped\": %lu, \"wrong\": %lu, "
	       "\"decrypted_and_compared\": %lu, \"wraps_of_each_stream\": %lu, "
	       "\"grown_kib\": %ld, \"buffers_missing\": %d}\n",
	       sluice_suite_name(cell->suite), cell->mix, cell->calls, seconds, soak->traffic.sent,
	       lost, dropped, soak->traffic.wrong, soak->traffic.verified, wraps(soak), grown_kib,
	       (int)(buffers_before - buffers));
	fflush(stdout);
	for (unsigned i = 1; i < SLUICE_DROP_COUNT; i++)
		if (drops[i])
			fprintf(stderr, "relay: dropped: %lu %s\n", drops[i], sluice_drop_name(i));
	if (lost || dropped || soak->traffic.wrong || grown_kib > GROWTH_MAX_KIB ||
	    buffers != buffers_before || soak->traffic.verified != soak->traffic.received ||
	    !wraps(soak))
		return -EBADMSG;
	return 0;
}

static int soak_open(struct soak *soak, const struct cell *cell, struct world *world)
{
	uint8_t suite[2];
	int rc;

	cell_suites(cell, suite);
	rc = calls_open(&soak->calls, world, cell->calls, suite);
	if (rc)
		return rc;
	rc = traffic_open(&soak->traffic, world, &soak->calls, STEP, 1);
	if (rc)
		calls_close(&soak->calls, world);
	return rc;
}

int soak_run(const struct cell *cell, struct world *world, uint32_t seconds)
{
	struct soak soak = {0};
	uint64_t start, end;
	unsigned buffers;
	long resident;
	int rc = soak_open(&soak, cell, world);

	if (rc)
		return rc;
	start = tsc_now();
	end = start + (uint64_t)(cell->hz * seconds);
	buffers = rte_mempool_avail_count(world->pool);
	turns_run(&soak, turns_for_a_wrap(&soak));
	resident = resident_kib();
	while (tsc_now() < end && !soak.traffic.wrong)
		turns_run(&soak, TURNS_A_LOOK);
	rc = soak_report(cell, &soak, world, (double)(tsc_now() - start) / cell->hz, resident,
			 buffers);
	traffic_close(&soak.traffic);
	calls_close(&soak.calls, world);
	return rc;
}
