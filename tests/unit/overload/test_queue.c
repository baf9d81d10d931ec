/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A relay that can do CAPACITY calls a second, and is offered more: a queue in front of one server,
 * in steps of a millisecond. A call is 10 messages, of which the first may be refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "overload/overload.h"

#define CALL_US 500U  /* 2,000 calls a second */
#define REFUSAL_US 5U /* a refused INVITE and its ACK */
#define CAPACITY (1000000U / CALL_US)
#define QUEUE_MOST 4000U /* requests; what comes then is lost */
#define SETTLE_MS 10000U
#define RUN_MS 40000U

struct relay {
	struct overload overload;
	uint64_t queue;    /* requests */
	uint64_t empty_ms; /* when the queue was empty last */
	double budget_us;
	uint64_t draw;
	bool lost;
	uint64_t served, refused; /* since SETTLE_MS */
	unsigned share_least, share_most, changes;
};

static uint64_t next_draw(struct relay *relay)
{
	relay->draw = relay->draw * 6364136223846793005ULL + 1442695040888963407ULL;
	return relay->draw >> 20;
}

static void serve(struct relay *relay, uint64_t now_ms)
{
	relay->budget_us += 1000;
	while (relay->queue > 0 && relay->budget_us > 0) {
		bool refuse =
		    overload_refuses(&relay->overload, SIP_METHOD_INVITE, next_draw(relay));

		relay->queue--;
		relay->budget_us -= refuse ? REFUSAL_US : CALL_US;
		if (now_ms >= SETTLE_MS)
			*(refuse ? &relay->refused : &relay->served) += 1;
	}
	if (relay->queue == 0) {
		relay->empty_ms = now_ms;
		relay->budget_us = 0;
	}
}

static void tick(struct relay *relay, uint64_t now_ms)
{
	const struct overload_sample sample = {.delay_us = (now_ms - relay->empty_ms) * 1000,
					       .lost = relay->lost};

	relay->changes += overload_tick(&relay->overload, &sample, now_ms) != OVERLOAD_SAME;
	relay->lost = false;
	if (now_ms < SETTLE_MS)
		return;
	if (relay->overload.share < relay->share_least)
		relay->share_least = relay->overload.share;
	if (relay->overload.share > relay->share_most)
		relay->share_most = relay->overload.share;
}

static struct relay run(double load)
{
	struct relay relay = {.overload.limits = {.enter_ms = 50, .leave_ms = 10},
			      .share_least = OVERLOAD_ALL};
	double due = 0;

	for (uint64_t now_ms = 1; now_ms <= RUN_MS; now_ms++) {
		/* twice the mean in one half of them, so the load is not smooth */
		due += load * CAPACITY / 1000 * (next_draw(&relay) % 2 ? 2.0 : 0.0);
		relay.queue += (uint64_t)due;
		due -= (double)(uint64_t)due;
		if (relay.queue > QUEUE_MOST) {
			relay.queue = QUEUE_MOST;
			relay.lost = true;
		}
		serve(&relay, now_ms);
		if (now_ms % OVERLOAD_TICK_MS == 0)
			tick(&relay, now_ms);
	}
	printf("load %.1f: %3.0f %% served, share %u to %u\n", load,
	       100.0 * (double)relay.served / (CAPACITY * (RUN_MS - SETTLE_MS) / 1000.0),
	       relay.share_least, relay.share_most);
	return relay;
}

/* of the capacity, in percent, that is used at least, when loaded so much */
static const struct {
	double load;
	unsigned served;
	unsigned share_least, share_most; /* thousandths */
} loads[] = {
    {0.5, 49, 0, 0},     {0.8, 79, 0, 0},      {1.5, 85, 150, 550},
    {3.0, 85, 550, 850}, {10.0, 78, 800, 990},
};

static void what_is_done_does_not_fall_when_more_is_asked_for(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(loads) / sizeof(loads[0]); i++) {
		struct relay relay = run(loads[i].load);

		assert_true(relay.served * 100 >=
			    (uint64_t)loads[i].served * CAPACITY * (RUN_MS - SETTLE_MS) / 1000);
		assert_true(relay.share_least >= loads[i].share_least);
		assert_true(relay.share_most <= loads[i].share_most);
		assert_int_equal(relay.changes, loads[i].load > 1);
	}
}

static void it_does_not_come_and_go_at_the_edge(void **state)
{
	(void)state;
	assert_true(run(1.05).changes <= 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_done_does_not_fall_when_more_is_asked_for),
	    cmocka_unit_test(it_does_not_come_and_go_at_the_edge),
	};

	return cmocka_run_group_tests_name("overload queue", tests, NULL, NULL);
}
