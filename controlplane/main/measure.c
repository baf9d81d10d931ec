/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "main/measure.h"

#include <malloc.h>

#include "b2bua/room.h"
#include "main/daemon.h"
#include "main/log.h"

#define TICKS_A_SECOND (1000U / OVERLOAD_TICK_MS)
#define MIB ((uint64_t)1 << 20)
#define KIB ((uint64_t)1 << 10)

/*
 * What is enough for all that the configuration allows, with messages of usual size; the
 * share of a call's transactions is in the call's. See docs/operations.md.
 */
#define MEMORY_BASE (64 * MIB)
#define MEMORY_CALL (40 * KIB)
#define MEMORY_REGISTRATION (2 * KIB)
#define MEMORY_CONNECTION (48 * KIB)

uint64_t measure_memory_most(const struct daemon *daemon)
{
	const struct config *config = daemon->config;

	if (config->max_memory_mib)
		return config->max_memory_mib * MIB;
	return MEMORY_BASE + config->max_calls * MEMORY_CALL +
	       config->max_registrations * MEMORY_REGISTRATION +
	       room_lingering(config) * ROOM_LINGERING_BYTES +
	       net_connections_most(daemon->net) * MEMORY_CONNECTION;
}

static uint64_t memory_used(void)
{
	struct mallinfo2 heap = mallinfo2();

	return heap.uordblks + heap.hblkhd;
}

/* How long this turn has taken so far, without waiting. */
static uint64_t turn_so_far(const struct daemon *daemon)
{
	const struct measure *measure = &daemon->measure;
	uint64_t elapsed = uv_hrtime() - measure->turn_ns;
	uint64_t waited =
	    uv_metrics_idle_time((uv_loop_t *)(uintptr_t)&daemon->loop) - measure->idle_ns;

	return elapsed > waited ? elapsed - waited : 0;
}

/* Everything of a turn is behind us but the waiting. */
static void on_prepare(uv_prepare_t *prepare)
{
	struct daemon *daemon = prepare->data;
	struct measure *measure = &daemon->measure;
	uint64_t turn = turn_so_far(daemon);

	if (turn < measure->shortest_ns)
		measure->shortest_ns = turn;
	measure->turn_ns = uv_hrtime();
	measure->idle_ns = uv_metrics_idle_time(&daemon->loop);
}

/* Where none has ended, the one that runs: it is longer than a tick. */
static uint64_t shortest_us(const struct daemon *daemon)
{
	uint64_t shortest_ns = daemon->measure.shortest_ns;

	return (shortest_ns == UINT64_MAX ? turn_so_far(daemon) : shortest_ns) / 1000;
}

static unsigned busy_share(struct measure *measure)
{
	uint64_t elapsed = measure->turn_ns - measure->tick_ns;
	uint64_t idle = measure->idle_ns - measure->tick_idle_ns;

	measure->tick_ns = measure->turn_ns;
	measure->tick_idle_ns = measure->idle_ns;
	return elapsed > idle ? (unsigned)((elapsed - idle) * 1000 / elapsed) : 0;
}

const struct config_peer *measure_peer(const struct daemon *daemon, unsigned slot)
{
	const struct config *config = daemon->config;

	for (unsigned i = 0; slot && i < config->peer_count; i++)
		if (config->peers[i].slot == slot)
			return &config->peers[i];
	return NULL;
}

static void tell_overloaded(const struct daemon *daemon)
{
	const struct overload *overload = &daemon->measure.overload;
	const struct config_peer *peer = measure_peer(daemon, overload_longest(overload));

	log_event(LOG_OVERLOADED,
		  "overloaded (%s): what comes in%s%s waits for %llu ms; new requests are "
		  "refused with 503, as many as need be; see 'sluicectl status'",
		  overload_reason(overload), peer ? " from peer " : "", peer ? peer->name : "",
		  (unsigned long long)(overload->delay_us / 1000));
}

static void tell(const struct daemon *daemon, enum overload_change change, uint64_t now_ms)
{
	const struct overload *overload = &daemon->measure.overload;

	if (change == OVERLOAD_ENTERED)
		tell_overloaded(daemon);
	else if (change == OVERLOAD_LEFT)
		log_event(LOG_RELIEVED, "not overloaded any more, after %llu s",
			  (unsigned long long)((now_ms - overload->since_ms) / 1000));
}

struct hearing {
	struct overload *overload;
	uint64_t shared_us;
};

static void hear_wait(void *user, const struct config_peer *peer, uint64_t wait_ms)
{
	struct hearing *hearing = user;

	if (peer)
		overload_waits(hearing->overload, peer->slot, wait_ms * 1000);
	else
		hearing->shared_us = wait_ms * 1000;
}

static void on_tick(uv_timer_t *timer)
{
	struct daemon *daemon = timer->data;
	struct measure *measure = &daemon->measure;
	struct overload *overload = &measure->overload;
	struct hearing hearing = {.overload = overload};
	uint64_t now_ms = uv_now(&daemon->loop);
	const struct b2bua_transactions transactions = b2bua_transactions(daemon->b2bua);
	struct overload_sample sample = {
	    .delay_us = shortest_us(daemon),
	    .lost = net_datagrams_lost(daemon->net) > 0,
	};

	net_backlog_each(daemon->net, hear_wait, &hearing);
	sample.shared_us = hearing.shared_us;
	if (measure->ticks++ % TICKS_A_SECOND == 0)
		measure->memory = memory_used();
	sample.pool[OVERLOAD_MEMORY] =
	    (struct overload_use){measure->memory, measure_memory_most(daemon)};
	sample.pool[OVERLOAD_TRANSACTIONS] =
	    (struct overload_use){transactions.used, transactions.most};
	sample.pool[OVERLOAD_MESSAGES] =
	    (struct overload_use){transactions.bytes, transactions.bytes_most};
	measure->shortest_ns = UINT64_MAX;
	sample.busy = busy_share(measure);
	measure->busy_ticks += sample.busy;
	if (measure->ticks % TICKS_A_SECOND == 0) {
		measure->busy = measure->busy_ticks / TICKS_A_SECOND;
		measure->busy_ticks = 0;
	}
	overload->limits.enter_ms = daemon->config->overload_enter_ms;
	overload->limits.leave_ms = daemon->config->overload_leave_ms;
	tell(daemon, overload_tick(overload, &sample, now_ms), now_ms);
}

int measure_open(struct daemon *daemon)
{
	struct measure *measure = &daemon->measure;
	int rc = uv_loop_configure(&daemon->loop, UV_METRICS_IDLE_TIME);

	if (rc == 0)
		rc = overload_senders(&measure->overload, daemon->config->slots.peers);
	if (rc < 0)
		return rc;
	/* the rest cannot fail, and does not keep the loop running */
	uv_prepare_init(&daemon->loop, &measure->prepare);
	uv_timer_init(&daemon->loop, &measure->timer);
	measure->prepare.data = measure->timer.data = daemon;
	measure->turn_ns = measure->tick_ns = uv_hrtime();
	measure->shortest_ns = UINT64_MAX;
	uv_prepare_start(&measure->prepare, on_prepare);
	uv_timer_start(&measure->timer, on_tick, OVERLOAD_TICK_MS, OVERLOAD_TICK_MS);
	uv_unref((uv_handle_t *)&measure->prepare);
	uv_unref((uv_handle_t *)&measure->timer);
	return 0;
}

void measure_close(struct daemon *daemon)
{
	struct measure *measure = &daemon->measure;

	overload_free(&measure->overload);
	if (!measure->timer.data)
		return;
	uv_close((uv_handle_t *)&measure->prepare, NULL);
	uv_close((uv_handle_t *)&measure->timer, NULL);
	measure->timer.data = NULL;
}
