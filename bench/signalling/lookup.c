/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lookup.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "call.h"
#include "lookup_world.h"
#include "sip/lookup.h"

#define BATCH 32U /* messages between two looks at the clock */
#define ROUNDS 2400U

/* What is done with each message. */
enum way {
	WAY_PARSE, /* read, and nothing else */
	WAY_FIND,  /* read and found as the relay does it: memory is asked while it is read */
	WAY_BARE,  /* read, then found */
	WAYS
};
#define FINDING (WAYS - WAY_FIND + 1U) /* two of these, and the table alone */

struct measured {
	struct lookup_world world;
	double ns[WAYS][ROUNDS]; /* a message */
	double table_ns[ROUNDS]; /* the table alone, of messages that were read long before */
	double floor_ns[ROUNDS];
};

static void parse(struct lookup_world *world, size_t length)
{
	struct sip_message message;

	(void)sip_message_parse(&message, world->received, length, NULL);
}

static void parse_and_find(struct lookup_world *world, size_t length)
{
	struct sip_message message;
	struct sip_lookup lookup;

	if (sip_lookup_parse(&lookup, world->table, &lookup_flow, &message, world->received, length,
			     NULL) == 0)
		(void)sip_lookup_receive(&lookup, &message, 0);
}

static void parse_then_find(struct lookup_world *world, size_t length)
{
	struct sip_message message;

	if (sip_message_parse(&message, world->received, length, NULL) == 0)
		(void)sip_transactions_receive(world->table, &message, &lookup_flow, 0);
}

static void (*const handle[WAYS])(struct lookup_world *world, size_t length) = {
    [WAY_PARSE] = parse,
    [WAY_FIND] = parse_and_find,
    [WAY_BARE] = parse_then_find,
};

/* Each batch has messages of its own: none finds in the cache what the one before it has met. */
static void batch_run(struct measured *measured, enum way way, uint32_t round)
{
	uint64_t start = call_now_ns();

	for (uint32_t i = 0; i < BATCH; i++)
		handle[way](&measured->world, lookup_world_arrive(&measured->world, i));
	measured->ns[way][round] = (double)(call_now_ns() - start) / BATCH;
}

static void table_run(struct measured *measured, uint32_t round)
{
	struct lookup_world *world = &measured->world;
	uint64_t start = call_now_ns();

	for (uint32_t i = 0; i < BATCH; i++)
		(void)sip_transactions_receive(world->table, lookup_world_read(world, i),
					       &lookup_flow, 0);
	measured->table_ns[round] = (double)(call_now_ns() - start) / BATCH;
}

/*
 * What the machine takes for one line of memory among as many as there are transactions, each
 * needed before the next is asked for: nothing that is found at random can be had for less, unless
 * it is asked for ahead.
 */
static void floor_run(struct measured *measured, uint32_t round)
{
	uint64_t start = call_now_ns(), zero = 0;

	for (uint32_t i = 0; i < BATCH; i++)
		zero = lookup_world_line(&measured->world, zero);
	measured->floor_ns[round] = (double)(call_now_ns() - start) / BATCH;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double of_rounds[ROUNDS])
{
	qsort(of_rounds, ROUNDS, sizeof(of_rounds[0]), by_size);
	return of_rounds[ROUNDS / 2];
}

/* What finding adds to reading, round by round: both were done within the same two milliseconds. */
static double added(const struct measured *measured, enum way way)
{
	double difference[ROUNDS];

	for (uint32_t i = 0; i < ROUNDS; i++)
		difference[i] = measured->ns[way][i] - measured->ns[WAY_PARSE][i];
	return median(difference);
}

static int report(struct measured *measured, uint64_t before)
{
	uint64_t heard = measured->world.answers - before;
	double find = added(measured, WAY_FIND), bare = added(measured, WAY_BARE);

	printf("{\"transactions\": %u, \"ns\": %.1f, \"bare_ns\": %.1f, \"table_ns\": %.1f, "
	       "\"parse_ns\": %.1f, \"floor_ns\": %.1f, \"messages\": %u}\n",
	       measured->world.count, find, bare, median(measured->table_ns),
	       median(measured->ns[WAY_PARSE]), median(measured->floor_ns), ROUNDS * BATCH);
	/* each message that was to find its transaction was heard of */
	return heard == (uint64_t)ROUNDS * BATCH * FINDING ? 0 : -EBADMSG;
}

/* In turns: what disturbs the machine disturbs all alike. */
static void measure(struct measured *measured, uint32_t count)
{
	for (uint32_t round = 0; round < ROUNDS; round++)
		for (uint32_t i = 0; i < count; i++)
			for (uint32_t way = 0; way < WAYS; way++)
				batch_run(&measured[i], (enum way)((way + round) % WAYS), round);
}

/* In a tight loop with nothing between, as a table is usually measured. */
static void measure_alone(struct measured *measured, uint32_t count)
{
	for (uint32_t round = 0; round < ROUNDS; round++)
		for (uint32_t i = 0; i < count; i++)
			table_run(&measured[i], round);
	for (uint32_t round = 0; round < ROUNDS; round++)
		for (uint32_t i = 0; i < count; i++)
			floor_run(&measured[i], round);
}

int lookup_run(const struct arguments_list *counts)
{
	static struct measured measured[ARGUMENTS_LIST_MAX];
	uint64_t before[ARGUMENTS_LIST_MAX];
	int result = 0;

	for (uint32_t i = 0; i < counts->count && result == 0; i++) {
		result = lookup_world_open(&measured[i].world, counts->value[i]);
		before[i] = measured[i].world.answers;
	}
	if (result == 0) {
		measure(measured, counts->count);
		measure_alone(measured, counts->count);
	}
	for (uint32_t i = 0; i < counts->count && result == 0; i++)
		result = report(&measured[i], before[i]);
	if (result < 0)
		fprintf(stderr, "signalling: lookup: %s\n", strerror(-result));
	for (uint32_t i = 0; i < counts->count; i++)
		lookup_world_close(&measured[i].world);
	return result;
}
