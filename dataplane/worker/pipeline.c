/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The pipeline: what happens to every burst, in the order of pipeline.h. A packet leaves through a
 * port, to another worker, or under exactly one reason.
 */
#include "worker/pipeline.h"

#include <rte_branch_prediction.h>
#include <rte_cycles.h>

#include "worker/burst.h"
#include "worker/burst_kernel.h"

static void burst_begin(struct worker *worker, struct burst *burst)
{
	burst->now_tsc = rte_rdtsc();
	burst->now_ms = tsc_scale(burst->now_tsc, worker->ms_per_tsc);
	burst->now_rate = (uint32_t)tsc_scale(burst->now_tsc, worker->rate_per_tsc);
	burst->now_rtp = (uint32_t)tsc_scale(burst->now_tsc, worker->rtp_per_tsc);
	if (unlikely(worker->forgeries.used))
		forgeries_sweep(&worker->forgeries, burst->now_rate);
}

#define STAGE_RUN(symbol, name, call) call;
#define STAGE_RUN_TIMED(symbol, name, call)                  \
	call;                                                \
	now_tsc = rte_rdtsc();                               \
	clock->tsc[PIPELINE_##symbol] += now_tsc - last_tsc; \
	last_tsc = now_tsc;

static void stages_run(struct worker *worker, struct burst *burst)
{
	PIPELINE_STAGES(STAGE_RUN)
}

static void stages_run_timed(struct worker *worker, struct burst *burst,
			     struct pipeline_clock *clock)
{
	uint64_t last_tsc = rte_rdtsc(), now_tsc;

	PIPELINE_STAGES(STAGE_RUN_TIMED)
	clock->packets += burst->n;
}

/* What a capture has of a burst before each stage, if anything. */
static void (*const captures[PIPELINE_STAGE_COUNT])(struct worker *, struct burst *) = {
    [PIPELINE_UNPROTECT] = burst_capture_received, [PIPELINE_ROUTE] = burst_capture_accepted,
    [PIPELINE_PROTECT] = burst_capture_routed,     [PIPELINE_TRANSMIT] = burst_capture_sent,
    [PIPELINE_FINISH] = burst_capture_end,
};

#define STAGE_RUN_CAPTURED(symbol, name, call)              \
	if (captures[PIPELINE_##symbol])                    \
		captures[PIPELINE_##symbol](worker, burst); \
	call;

static void stages_run_captured(struct worker *worker, struct burst *burst)
{
	PIPELINE_STAGES(STAGE_RUN_CAPTURED)
}

void pipeline_run(struct worker *worker, struct burst *burst)
{
	burst_begin(worker, burst);
	if (unlikely(worker->captures))
		stages_run_captured(worker, burst);
	else if (likely(!worker->clock))
		stages_run(worker, burst);
	else
		stages_run_timed(worker, burst, worker->clock);
}

const char *pipeline_stage_name(enum pipeline_stage stage)
{
	static const char *const names[] = {
#define STAGE_NAME(symbol, name, call) [PIPELINE_##symbol] = name,
	    PIPELINE_STAGES(STAGE_NAME)
#undef STAGE_NAME
	};

	return names[stage];
}
