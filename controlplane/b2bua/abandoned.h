/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * INVITEs that were given up for another target, while nothing was heard of them: they are
 * cancelled as soon as they may be, and a 2xx that comes all the same gets ACK and BYE (RFC
 * 3261 9.1, 13.2.2.4), whatever has become of the call.
 *
 * Thread: the loop's.
 */
#pragma once

#include <sys/queue.h>

struct abandoned;
struct b2bua;
struct leg;

TAILQ_HEAD(abandoned_list, abandoned);

/* The INVITE of ours to leg is not the leg's any more; nor is its dialog, which is then empty. */
void abandoned_take(struct leg *leg);
/* At the end, after the transaction table. */
void abandoned_free_all(struct b2bua *b2bua);
