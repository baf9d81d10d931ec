/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A relay that can do CAPACITY calls a second, and is offered more, in steps of a millisecond. A
 * call is ten messages: the INVITE, which may be refused, and others that come in the next tenth of
 * a second and may not. All wait in one queue as long as a socket's receive buffer; what finds no
 * room is lost, and sent again half a second later if it belongs to a call.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "overload/overload.h"

#define MESSAGE_US 50.0
#define MESSAGES 10U
#define CAPACITY 2000U /* a second */
#define REFUSAL_US 5.0
#define QUEUE_MOST 3000U
#define TALK_MS 100U
#define T1_MS 500U
#define SETTLE_MS 5000U
#define RUN_MS 30000U

enum message { INVITE, FOLLOWER };

struct relay {
	struct overload overload;
	enum message queue[QUEUE_MOST];
	unsigned first, count;
	unsigned due[RUN_MS + T1_MS + 1]; /* followers, by when they come */
	uint64_t empty_ms;                /* when the queue was empty last */
	double budget_us, idle_us;
	uint64_t draw;
	bool lost;
	uint64_t followers; /* served since SETTLE_MS */
	unsigned share_least, share_most, changes;
};

static uint64_t next_draw(struct relay *relay)
{
	relay->draw = relay->draw * 6364136223846793005ULL + 1442695040888963407ULL;
	return relay->draw >> 20;
}

static void come(struct relay *relay, enum message message, uint64_t now_ms)
{
	if (relay->count < QUEUE_MOST) {
		relay->queue[(relay->first + relay->count++) % QUEUE_MOST] = message;
		return;
	}
	relay->lost = true;
	if (message == FOLLOWER)
		relay->due[now_ms + T1_MS]++;
}

static void invite(struct relay *relay, uint64_t now_ms)
{
	if (overload_refuses(&relay->overload, SIP_METHOD_INVITE, next_draw(relay))) {
		relay->budget_us -= REFUSAL_US;
		return;
	}
	relay->budget_us -= MESSAGE_US;
	for (unsigned i = 1; i < MESSAGES; i++)
		relay->due[now_ms + 1 + next_draw(relay) % TALK_MS]++;
}

static void serve(struct relay *relay, uint64_t now_ms)
{
	relay->budget_us += 1000;
	while (relay->count > 0 && relay->budget_us > 0) {
		enum message message = relay->queue[relay->first];

		relay->first = (relay->first + 1) % QUEUE_MOST;
		relay->count--;
		if (message == INVITE) {
			invite(relay, now_ms);
			continue;
		}
		relay->budget_us -= MESSAGE_US;
		relay->followers += now_ms >= SETTLE_MS;
	}
	if (relay->count == 0) {
		relay->empty_ms = now_ms;
		relay->idle_us += relay->budget_us > 0 ? relay->budget_us : 0;
		relay->budget_us = relay->budget_us < 0 ? relay->budget_us : 0;
	}
}

static void tick(struct relay *relay, uint64_t now_ms)
{
	const struct overload_sample sample = {
	    .delay_us = (now_ms - relay->empty_ms) * 1000,
	    .lost = relay->lost,
	    .busy = 1000 - (unsigned)(relay->idle_us / OVERLOAD_TICK_MS)};

	relay->changes += overload_tick(&relay->overload, &sample, now_ms) != OVERLOAD_SAME;
	relay->lost = false;
	relay->idle_us = 0;
	if (now_ms < SETTLE_MS)
		return;
	if (relay->overload.share < relay->share_least)
		relay->share_least = relay->overload.share;
	if (relay->overload.share > relay->share_most)
		relay->share_most = relay->overload.share;
}

/* Of the capacity. */
static double served(const struct relay *relay)
{
	return (double)relay->followers / (MESSAGES - 1) /
	       (CAPACITY * (RUN_MS - SETTLE_MS) / 1000.0);
}

static const struct relay *run(double load)
{
	static struct relay relay;
	double due = 0;

	relay = (struct relay){.overload.limits = {.enter_ms = 50, .leave_ms = 10},
			       .share_least = OVERLOAD_ALL};
	for (uint64_t now_ms = 1; now_ms <= RUN_MS - TALK_MS; now_ms++) {
		/* twice the mean in one half of them, so the load is not smooth */
		due += load * CAPACITY / 1000 * (next_draw(&relay) % 2 ? 2.0 : 0.0);
		for (; due >= 1; due--)
			come(&relay, INVITE, now_ms);
		for (; relay.due[now_ms] > 0; relay.due[now_ms]--)
			come(&relay, FOLLOWER, now_ms);
		serve(&relay, now_ms);
		if (now_ms % OVERLOAD_TICK_MS == 0)
			tick(&relay, now_ms);
	}
	printf("load %.2f: %3.0f %% served, share %u to %u\n", load, 100 * served(&relay),
	       relay.share_least, relay.share_most);
	return &relay;
}

/* of the capacity, in percent, that is used at least, when loaded so much */
static const struct {
	double load;
	unsigned served;
	unsigned share_least, share_most; /* thousandths */
} loads[] = {
    {0.5, 49, 0, 0},     {0.8, 79, 0, 0},       {1.5, 85, 150, 550},
    {3.0, 85, 550, 850}, {10.0, 78, 800, 1000},
};

static void what_is_done_does_not_fall_when_more_is_asked_for(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(loads) / sizeof(loads[0]); i++) {
		const struct relay *relay = run(loads[i].load);

		assert_true(100 * served(relay) >= loads[i].served);
		assert_true(relay->share_least >= loads[i].share_least);
		assert_true(relay->share_most <= loads[i].share_most);
		assert_int_equal(relay->changes, loads[i].load > 1);
	}
}

static void it_does_not_come_and_go_at_the_edge(void **state)
{
	(void)state;
	assert_true(run(1.05)->changes <= 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_done_does_not_fall_when_more_is_asked_for),
	    cmocka_unit_test(it_does_not_come_and_go_at_the_edge),
	};

	return cmocka_run_group_tests_name("overload queue", tests, NULL, NULL);
}
