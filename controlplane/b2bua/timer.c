/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "b2bua/timer.h"

#include "b2bua/dial.h"
#include "b2bua/rekey.h"
#include "b2bua/reoffer.h"
#include "b2bua/session_timer.h"
#include "b2bua/state.h"

static void duration_due(struct leg *leg)
{
	call_end_cause(leg->call, CAUSE_TOO_LONG, NULL);
}

static void (*const handlers[LEG_TIMERS])(struct leg *leg) = {
    [LEG_TIMER_PROVISIONAL] = reliable_due, [LEG_TIMER_SESSION] = session_timer_due,
    [LEG_TIMER_REOFFER] = reoffer_due,      [LEG_TIMER_REKEY] = rekey_due,
    [LEG_TIMER_TARGET] = dial_due,          [LEG_TIMER_DURATION] = duration_due,
};

int timers_init(struct b2bua *b2bua, unsigned calls)
{
	return timer_heap_init(&b2bua->timers, (size_t)calls * 2 * LEG_TIMERS + 1);
}

int timers_grow(struct b2bua *b2bua, unsigned calls)
{
	return timer_heap_grow(&b2bua->timers, (size_t)calls * 2 * LEG_TIMERS + 1);
}

int64_t timers_next(const struct b2bua *b2bua)
{
	const struct timer_node *first = timer_heap_first(&b2bua->timers);
	uint64_t now = b2bua_now_ms(b2bua);

	if (!first)
		return -1;
	return first->due_ms > now ? (int64_t)(first->due_ms - now) : 0;
}

void timers_run(struct b2bua *b2bua)
{
	/* no more than there are now: a handler may arm its deadline again for this moment */
	size_t budget = b2bua->timers.count;

	while (budget-- > 0 && timers_next(b2bua) == 0) {
		struct timer_node *node = timer_heap_first(&b2bua->timers);
		struct leg_deadline *deadline =
		    (void *)((char *)node - offsetof(struct leg_deadline, node));

		timer_heap_remove(&b2bua->timers, node);
		handlers[deadline->kind](deadline->leg);
	}
}

void leg_timers_init(struct leg *leg)
{
	for (unsigned i = 0; i < LEG_TIMERS; i++)
		leg->deadline[i] = (struct leg_deadline){
		    .node.index = TIMER_NO_INDEX, .leg = leg, .kind = (enum leg_timer)i};
}

void leg_timer_stop(struct leg *leg, enum leg_timer kind)
{
	timer_heap_remove(&leg->call->b2bua->timers, &leg->deadline[kind].node);
}

void leg_timer_arm(struct leg *leg, enum leg_timer kind, uint64_t delay_ms)
{
	struct b2bua *b2bua = leg->call->b2bua;

	leg_timer_stop(leg, kind);
	if (leg->call->state != CALL_ENDING)
		timer_heap_insert(&b2bua->timers, &leg->deadline[kind].node,
				  b2bua_now_ms(b2bua) + delay_ms);
}

void leg_timers_stop(struct leg *leg)
{
	for (unsigned i = 0; i < LEG_TIMERS; i++)
		leg_timer_stop(leg, (enum leg_timer)i);
}
