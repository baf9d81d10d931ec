/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "run.h"

#include <rte_cycles.h>

#define DRAIN_S 0.3 /* after the last packet was sent */

static void stall_note(struct traffic *traffic, uint64_t turn_tsc)
{
	uint64_t ns = (uint64_t)((double)turn_tsc / traffic->tsc_per_ns);

	if (ns < TRAFFIC_STALL_US * UINT64_C(1000))
		return;
	traffic->stalls.count++;
	traffic->stalls.total_ns += ns;
	if (ns > traffic->stalls.longest_ns)
		traffic->stalls.longest_ns = ns;
}

static void turns_run(struct traffic *traffic, struct flood *flood, const volatile int *stop)
{
	uint64_t now_tsc = rte_rdtsc(), before_tsc;

	traffic_start(traffic, now_tsc);
	if (flood)
		flood_start(flood, now_tsc);
	while (!*stop && !traffic_is_over(traffic)) {
		traffic_turn(traffic, now_tsc);
		if (flood)
			flood_turn(flood, now_tsc);
		before_tsc = now_tsc;
		now_tsc = rte_rdtsc();
		stall_note(traffic, now_tsc - before_tsc);
	}
}

static void drain(struct traffic *traffic, struct flood *flood)
{
	uint64_t start_tsc = rte_rdtsc();

	while (traffic_seconds(traffic, start_tsc, rte_rdtsc()) < DRAIN_S) {
		traffic_drain(traffic);
		if (flood)
			flood_drain(flood);
	}
}

void run_calls(struct traffic *traffic, struct flood *flood, const volatile int *stop)
{
	struct core_account before;

	traffic->core_rc = traffic->options->realtime ? core_take() : 1;
	core_account_read(&before);
	turns_run(traffic, flood, stop);
	core_account_read(&traffic->account);
	core_account_since(&traffic->account, &before);
	drain(traffic, flood);
	if (traffic->core_rc == 0)
		core_give();
	traffic_prove(traffic);
}
