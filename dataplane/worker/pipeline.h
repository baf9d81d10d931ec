/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The stages of the pipeline, in order, and a clock that says where the time goes. Checks go from
 * cheap to dear, and no state of a stream moves before its packet is authenticated.
 *
 * Thread: the worker.
 */
#pragma once

#include <stdint.h>

/* X(SYMBOL, "name", call); a call may use worker and burst. */
#define PIPELINE_STAGES(X)                                        \
	X(RECEIVE, "receive", burst_receive(worker, burst))       \
	X(UNPROTECT, "unprotect", burst_unprotect(worker, burst)) \
	X(UPDATE, "update", burst_update(worker, burst))          \
	X(ROUTE, "route", burst_route(burst))                     \
	X(PROTECT, "protect", burst_protect(worker, burst))       \
	X(REWRITE, "rewrite", burst_rewrite(worker, burst))       \
	X(TRANSMIT, "transmit", burst_transmit(worker, burst))    \
	X(FINISH, "finish", (burst_leave(worker, burst), burst_finish(worker, burst)))

enum pipeline_stage {
#define PIPELINE_STAGE_ENUM(symbol, name, call) PIPELINE_##symbol,
	PIPELINE_STAGES(PIPELINE_STAGE_ENUM)
#undef PIPELINE_STAGE_ENUM
	    PIPELINE_STAGE_COUNT
};

/* Time-stamp counter cycles that each stage took, of so many packets; what a burst has been done
 * for while the one before was worked counts where it was done, and parsing as RECEIVE. Who sets a
 * worker's clock owns it, and reads it while the worker stands. */
struct pipeline_clock {
	uint64_t packets;
	uint64_t tsc[PIPELINE_STAGE_COUNT];
};

/* "parse" and so on. */
const char *pipeline_stage_name(enum pipeline_stage stage);
