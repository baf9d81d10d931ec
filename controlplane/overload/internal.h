/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "overload/overload.h"

/* ---- line.c ---- */

/* The delay of this tick; whether the state is on or not. */
void line_hear(struct overload_line *line, const struct overload_limits *limits, uint64_t wait_us);
/* All is taken; from here on what can be done is looked for. */
void line_open(struct overload_line *line);
/* What is refused of it, after such a tick. */
void line_move(struct overload_line *line, const struct overload_limits *limits, uint64_t wait_us,
	       unsigned busy);

/* ---- fair.c ---- */

/* All rates are forgotten. */
void fair_reset(struct overload *overload);
/* Every sender's shares, of its lines' and that of the pools; and the relay's. Every tick in the
 * state. */
void fair_share(struct overload *overload, unsigned by_pool);
/* What is refused of it now, where its streams are full. */
unsigned fair_most(const struct overload_sender *sender);
/* Of that number; the others, if there is none. */
struct overload_sender *fair_sender(struct overload *overload, unsigned number);
