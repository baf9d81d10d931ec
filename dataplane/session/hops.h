/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The next hops in use (worker/hop.h): each one is there once, however many calls go by it.
 *
 * Thread: the main thread; workers read the entries.
 */
#pragma once

#include <stdint.h>

#include "worker/hop.h"

struct hops;

int hops_new(struct hops **hops);  /* 0 or -ENOMEM */
void hops_free(struct hops *hops); /* NULL is allowed */

/* What the workers read. */
const struct hop *hops_array(const struct hops *hops);

/* The index of a hop like this one, which has one user more; -ENOSPC when all are in use. */
int hops_take(struct hops *hops, const struct hop *hop);

/* One user less. The workers must not use the index any more. */
void hops_give(struct hops *hops, uint16_t index);

unsigned hops_used(const struct hops *hops);
