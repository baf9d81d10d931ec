/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tapes of traffic.h: made, and filled with packets. Thread: one. */
#pragma once

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>

#include "traffic.h"

/* A tape for so many calls, with nothing left to play. Returns 0 or -ENOMEM. */
int tape_open(struct tape *tape, uint32_t calls);
void tape_close(struct tape *tape);

/* Makes the next packets of the phones of a leg, from the first to the last of the tape. False: the
 * phones could not encrypt one. */
bool tape_record(struct tape *tape, struct calls *calls, unsigned leg, uint16_t step);

/* What a phone says in that packet. */
void payload_make(uint8_t payload[CALLS_PAYLOAD], uint32_t ssrc, uint16_t sequence);
