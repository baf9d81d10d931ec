/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A long run in which every packet is decrypted and compared, and every stream crosses the wrap of
 * its sequence number again and again: those advance fast, since time is not real here. Memory must
 * stay what it was. Thread: one.
 */
#pragma once

#include "measure.h"

/* Runs for so many seconds, and until every stream has crossed a wrap. Prints a line of JSON.
 * Returns 0, or -errno with the reason said; -EBADMSG: something was lost or wrong, or grew. */
int soak_run(const struct cell *cell, struct world *world, uint32_t seconds);
