/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "b2bua/clock.h"

#include <stdlib.h>

struct clock {
	uv_loop_t *loop;
	uv_timer_t timer;
	void (*due)(void *user);
	void *user;
};

struct clock *clock_new(uv_loop_t *loop, void (*due)(void *user), void *user)
{
	struct clock *clock = calloc(1, sizeof(*clock));

	if (!clock)
		return NULL;
	*clock = (struct clock){.loop = loop, .due = due, .user = user};
	uv_timer_init(loop, &clock->timer);
	clock->timer.data = clock;
	return clock;
}

static void closed(uv_handle_t *handle)
{
	free(handle->data);
}

void clock_free(struct clock *clock)
{
	if (clock)
		uv_close((uv_handle_t *)&clock->timer, closed);
}

uint64_t clock_now_ms(const struct clock *clock)
{
	return uv_now(clock->loop);
}

static void on_timer(uv_timer_t *timer)
{
	struct clock *clock = timer->data;

	clock->due(clock->user);
}

void clock_arm(struct clock *clock, int64_t delay_ms)
{
	if (delay_ms < 0)
		uv_timer_stop(&clock->timer);
	else
		uv_timer_start(&clock->timer, on_timer, (uint64_t)delay_ms, 0);
}
