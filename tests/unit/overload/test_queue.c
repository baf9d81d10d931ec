/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A relay that can do CAPACITY calls a second, and is offered more from STEP_MS on, in steps of a
 * millisecond. A call is ten messages: the INVITE, which may be refused, and others that come in
 * the next tenth of a second and may not. All wait in one queue as long as a socket's receive
 * buffer; what finds no room is lost, and sent again half a second later if it belongs to a call.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "overload/overload.h"

#define MESSAGE_US 37.0
#define MESSAGES 10U
#define CAPACITY 2700U /* a second */
#define REFUSAL_US 13.0
#define QUEUE_MOST 3600U
#define TALK_MS 100U
#define T1_MS 500U
#define STEP_MS 1000U
#define SETTLE_MS 1000U /* after the step */
#define RUN_MS 12000U
#define WAIT_MOST_MS 1000U

static const struct overload_origin nobody;

enum message { INVITE, FOLLOWER };

struct relay {
	struct overload overload;
	double slowness;
	struct {
		enum message message;
		uint64_t since_ms;
	} queue[QUEUE_MOST];
	unsigned first, count;
	unsigned due[RUN_MS + T1_MS + 1]; /* followers, by when they come */
	uint64_t empty_ms;                /* when the queue was empty last */
	double budget_us, idle_us;
	uint64_t draw;
	bool lost;
	uint64_t entered_ms;
	uint64_t served;             /* calls since SETTLE_MS after the step */
	unsigned wait[WAIT_MOST_MS]; /* INVITEs that were taken, by how long they waited */
	unsigned followers_lost;     /* since then */
	unsigned changes;
};

static uint64_t next_draw(struct relay *relay)
{
	relay->draw = relay->draw * 6364136223846793005ULL + 1442695040888963407ULL;
	return relay->draw >> 20;
}

static bool is_settled(uint64_t now_ms)
{
	return now_ms >= STEP_MS + SETTLE_MS;
}

static void come(struct relay *relay, enum message message, uint64_t now_ms)
{
	unsigned at = (relay->first + relay->count) % QUEUE_MOST;

	if (relay->count < QUEUE_MOST) {
		relay->queue[at].message = message;
		relay->queue[at].since_ms = now_ms;
		relay->count++;
		return;
	}
	relay->lost = true;
	if (message == FOLLOWER) {
		relay->due[now_ms + T1_MS]++;
		relay->followers_lost += is_settled(now_ms);
	}
}

static void invite(struct relay *relay, uint64_t waited_ms, uint64_t now_ms)
{
	if (overload_refuses(&relay->overload, &nobody, SIP_METHOD_INVITE, next_draw(relay))) {
		relay->budget_us -= REFUSAL_US * relay->slowness;
		return;
	}
	relay->budget_us -= MESSAGE_US * relay->slowness;
	for (unsigned i = 1; i < MESSAGES; i++)
		relay->due[now_ms + 1 + next_draw(relay) % TALK_MS]++;
	relay->served += is_settled(now_ms);
	if (now_ms >= STEP_MS)
		relay->wait[waited_ms < WAIT_MOST_MS ? waited_ms : WAIT_MOST_MS - 1]++;
}

static void serve(struct relay *relay, uint64_t now_ms)
{
	relay->budget_us += 1000;
	while (relay->count > 0 && relay->budget_us > 0) {
		enum message message = relay->queue[relay->first].message;
		uint64_t waited_ms = now_ms - relay->queue[relay->first].since_ms;

		relay->first = (relay->first + 1) % QUEUE_MOST;
		relay->count--;
		if (message == INVITE)
			invite(relay, waited_ms, now_ms);
		else
			relay->budget_us -= MESSAGE_US * relay->slowness;
	}
	if (relay->count == 0) {
		relay->empty_ms = now_ms;
		relay->idle_us += relay->budget_us > 0 ? relay->budget_us : 0;
		relay->budget_us = relay->budget_us < 0 ? relay->budget_us : 0;
	}
}

/* As net/backlog.c sees it: what the first in the queue waits; with a long one, since when. */
static uint64_t delay_ms(const struct relay *relay, uint64_t now_ms)
{
	if (relay->count == 0)
		return 0;
	return now_ms - (relay->count > QUEUE_MOST / 2 ? relay->empty_ms
						       : relay->queue[relay->first].since_ms);
}

static void tick(struct relay *relay, uint64_t now_ms)
{
	const struct overload_sample sample = {
	    .shared_us = delay_ms(relay, now_ms) * 1000,
	    .lost = relay->lost,
	    .busy = 1000 - (unsigned)(relay->idle_us / OVERLOAD_TICK_MS)};
	enum overload_change change = overload_tick(&relay->overload, &sample, now_ms);

	if (change == OVERLOAD_ENTERED)
		relay->entered_ms = now_ms;
	relay->changes += change != OVERLOAD_SAME;
	relay->lost = false;
	relay->idle_us = 0;
}

/* Calls that were taken, of what the relay can do; all that came to it where that is less. */
static unsigned goodput(const struct relay *relay)
{
	double possible = CAPACITY / relay->slowness * (RUN_MS - STEP_MS - SETTLE_MS) / 1000.0;

	return (unsigned)(100 * (double)relay->served / possible + 0.5);
}

static unsigned wait_ms(const struct relay *relay, double quantile)
{
	unsigned all = 0, so_far = 0, ms;

	for (ms = 0; ms < WAIT_MOST_MS; ms++)
		all += relay->wait[ms];
	for (ms = 0; ms < WAIT_MOST_MS && so_far + relay->wait[ms] < quantile * all; ms++)
		so_far += relay->wait[ms];
	return ms;
}

static const struct relay *run(double load, double slowness)
{
	static struct relay relay;
	double due = 0;

	relay = (struct relay){.overload.limits = {.enter_ms = 50, .leave_ms = 10},
			       .slowness = slowness};
	for (uint64_t now_ms = 1; now_ms <= RUN_MS - TALK_MS; now_ms++) {
		double factor = now_ms < STEP_MS && load > 0.3 ? 0.3 : load;

		/* twice the mean in one half of them, so the load is not smooth */
		due += factor * CAPACITY / 1000 * (next_draw(&relay) % 2 ? 2.0 : 0.0);
		for (; due >= 1; due--)
			come(&relay, INVITE, now_ms);
		for (; relay.due[now_ms] > 0; relay.due[now_ms]--)
			come(&relay, FOLLOWER, now_ms);
		serve(&relay, now_ms);
		if (now_ms % OVERLOAD_TICK_MS == 0)
			tick(&relay, now_ms);
	}
	printf("load %5.2f, %.0f times slow: goodput %3u %%, wait p50 %u ms, p99 %u ms, entered "
	       "after %d ms, %u lost\n",
	       load, slowness, goodput(&relay), wait_ms(&relay, 0.5), wait_ms(&relay, 0.99),
	       relay.entered_ms ? (int)(relay.entered_ms - STEP_MS) : -1, relay.followers_lost);
	return &relay;
}

/*
 * What can be done beside the refusals that the load needs: at ten times the capacity these are a
 * third of the time, and on a machine that is twice as slow two thirds.
 */
static const struct {
	double load, slowness;
	unsigned goodput;  /* percent of the capacity, at least */
	unsigned p99_ms;   /* that a call waited which was taken, at most */
	unsigned enter_ms; /* after the step, at most; 0: not overloaded */
} loads[] = {
    {0.5, 1, 48, 10, 0},     {0.8, 1, 77, 20, 0},     {1.5, 1, 93, 100, 500},
    {2.0, 1, 92, 100, 300},  {3.0, 1, 87, 100, 200},  {5.0, 1, 79, 100, 200},
    {10.0, 1, 58, 120, 150}, {25.0, 1, 20, 150, 150}, {4.6, 2, 60, 200, 150},
};

static void what_is_done_does_not_fall_when_more_is_asked_for(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(loads) / sizeof(loads[0]); i++) {
		const struct relay *relay = run(loads[i].load, loads[i].slowness);

		assert_true(goodput(relay) >= loads[i].goodput);
		assert_true(wait_ms(relay, 0.99) <= loads[i].p99_ms);
		assert_int_equal(relay->changes, loads[i].enter_ms > 0);
		if (loads[i].enter_ms)
			assert_in_range(relay->entered_ms, STEP_MS, STEP_MS + loads[i].enter_ms);
	}
}

static void it_does_not_come_and_go_at_the_edge(void **state)
{
	const struct relay *relay = run(1.05, 1);

	(void)state;
	assert_true(relay->changes <= 3);
	assert_true(goodput(relay) >= 95);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_done_does_not_fall_when_more_is_asked_for),
	    cmocka_unit_test(it_does_not_come_and_go_at_the_edge),
	};

	return cmocka_run_group_tests_name("overload queue", tests, NULL, NULL);
}
