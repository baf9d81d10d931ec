/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The pipeline: what happens to every burst, in order. Checks go from cheap to dear, and no state
 * of a stream moves before its packet is authenticated. A packet leaves through a port, to another
 * worker, or under exactly one reason.
 */
#include <rte_cycles.h>

#include "worker/burst.h"

static void burst_begin(struct worker *worker, struct burst *burst, struct rte_mbuf **mbufs,
			unsigned n)
{
	burst->n = n;
	burst->now_tsc = rte_rdtsc();
	burst->now_ms = tsc_scale(burst->now_tsc, worker->ms_per_tsc);
	burst->now_rtp = (uint32_t)tsc_scale(burst->now_tsc, worker->rtp_per_tsc);
	for (unsigned i = 0; i < n; i++) {
		burst->packet[i].mbuf = mbufs[i];
		burst->packet[i].leg = NULL;
	}
}

void pipeline_run(struct worker *worker, struct rte_mbuf **mbufs, unsigned n)
{
	struct burst *burst = worker->burst;

	burst_begin(worker, burst, mbufs, n);
	burst_parse(worker, burst);
	burst_find(worker, burst);
	burst_admit(burst);
	burst_unprotect(worker, burst);
	burst_update(worker, burst);
	burst_route(burst);
	burst_protect(worker, burst);
	burst_rewrite(burst);
	burst_transmit(worker, burst);
	burst_finish(worker, burst);
}
