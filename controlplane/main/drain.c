/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "main/drain.h"

#include <errno.h>
#include <stdio.h>

#include "main/daemon.h"
#include "main/log.h"
#include "main/notify.h"

#define TICK_MS 200U

static const char *const state_names[] = {"serving", "draining", "drained"};

static void tell_service(const struct daemon *daemon, unsigned calls)
{
	char text[128];

	snprintf(text, sizeof(text), "STATUS=%s, %u calls%s", state_names[daemon->drain.state],
		 calls, daemon->stopping ? "\nEXTEND_TIMEOUT_USEC=10000000" : "");
	notify_service(text);
}

static void drained(struct daemon *daemon)
{
	struct drain *drain = &daemon->drain;

	drain->state = DRAIN_DRAINED;
	log_event(LOG_DRAINED, "drained after %llu s: no call is left",
		  (unsigned long long)((uv_now(&daemon->loop) - drain->since_ms) / 1000));
	if (drain->then == DRAIN_THEN_EXIT)
		daemon_stop(daemon);
}

/* A call to an emergency number may still come when all others have ended. */
static void tick(uv_timer_t *timer)
{
	struct daemon *daemon = timer->data;
	struct drain *drain = &daemon->drain;
	unsigned calls = b2bua_calls(daemon->b2bua);

	if (drain->until_ms && !drain->ended && uv_now(&daemon->loop) >= drain->until_ms) {
		drain->ended = true;
		if (calls)
			log_event(LOG_DRAINING, "drain: the time is over, %u calls are ended",
				  calls);
		b2bua_end_calls(daemon->b2bua);
		calls = b2bua_calls(daemon->b2bua);
	}
	if (calls == 0 && drain->state == DRAIN_DRAINING)
		drained(daemon);
	else if (calls > 0)
		drain->state = DRAIN_DRAINING;
	tell_service(daemon, calls);
}

void drain_init(struct daemon *daemon)
{
	uv_timer_init(&daemon->loop, &daemon->drain.timer);
	daemon->drain.timer.data = daemon;
}

void drain_begin(struct daemon *daemon, unsigned timeout_s, enum drain_then then)
{
	struct drain *drain = &daemon->drain;
	uint64_t now_ms = uv_now(&daemon->loop);

	if (drain->state == DRAIN_SERVING)
		drain->since_ms = now_ms;
	drain->state = DRAIN_DRAINING;
	drain->then = then;
	drain->ended = false;
	drain->until_ms = timeout_s ? now_ms + (uint64_t)timeout_s * 1000 : 0;
	b2bua_serve(daemon->b2bua, B2BUA_DRAINING);
	if (timeout_s)
		log_event(LOG_DRAINING, "draining: no new calls; %u may go on for %u s",
			  b2bua_calls(daemon->b2bua), timeout_s);
	else
		log_event(LOG_DRAINING, "draining: no new calls; %u may go on until they end",
			  b2bua_calls(daemon->b2bua));
	uv_timer_start(&drain->timer, tick, 0, TICK_MS);
}

int drain_end(struct daemon *daemon)
{
	struct drain *drain = &daemon->drain;

	if (daemon->stopping)
		return -ESHUTDOWN;
	if (drain->state == DRAIN_SERVING)
		return -EALREADY;
	drain->state = DRAIN_SERVING;
	uv_timer_stop(&drain->timer);
	b2bua_serve(daemon->b2bua, B2BUA_SERVING);
	log_event(LOG_UNDRAINED, "serving: new calls are taken again");
	notify_service("STATUS=serving");
	return 0;
}

json_t *drain_object(const struct daemon *daemon)
{
	const struct drain *drain = &daemon->drain;
	uint64_t now_ms = uv_now(&daemon->loop);
	json_t *object = json_pack("{s:s}", "state", state_names[drain->state]);

	if (drain->state == DRAIN_SERVING)
		return object;
	json_object_set_new(object, "then",
			    json_string(drain->then == DRAIN_THEN_EXIT ? "exit" : "stay"));
	json_object_set_new(object, "since_s",
			    json_integer((json_int_t)((now_ms - drain->since_ms) / 1000)));
	if (drain->until_ms)
		json_object_set_new(
		    object, "left_s",
		    json_integer(drain->until_ms > now_ms
				     ? (json_int_t)((drain->until_ms - now_ms + 999) / 1000)
				     : 0));
	return object;
}
