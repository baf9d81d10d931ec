/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A token bucket: at most rate calls in a period on average, and rate at once after a pause. Whole
 * numbers only, so nothing is lost by rounding: a call costs period_ms units, and rate units come
 * in a millisecond. Beside it a meter that tells how many calls a second there were.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define BUCKET_SECOND_MS 1000U
#define BUCKET_MINUTE_MS 60000U

struct bucket { /* zeroed: full */
	uint64_t units;
	uint64_t filled_at; /* in milliseconds, plus 1; 0: never */
};

/* Whether there is a call in it; fills it up to now_ms. rate 0: no limit. */
bool bucket_has(struct bucket *bucket, unsigned rate, unsigned period_ms, uint64_t now_ms);
/* Takes one, which bucket_has() said is there. */
void bucket_take(struct bucket *bucket, unsigned rate, unsigned period_ms);

struct meter { /* zeroed: nothing yet */
	uint64_t second;
	unsigned count; /* in that second */
	unsigned last;  /* in the second before */
	unsigned peak;  /* of any second */
};

void meter_count(struct meter *meter, uint64_t now_ms);
/* In the last whole second. */
unsigned meter_last(const struct meter *meter, uint64_t now_ms);
