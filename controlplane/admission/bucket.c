/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "admission/bucket.h"

bool bucket_has(struct bucket *bucket, unsigned rate, unsigned period_ms, uint64_t now_ms)
{
	uint64_t most = (uint64_t)rate * period_ms;
	uint64_t elapsed = now_ms + 1 - bucket->filled_at;

	if (rate == 0)
		return true;
	if (bucket->filled_at == 0 || elapsed >= period_ms)
		bucket->units = most;
	else
		bucket->units += elapsed * rate;
	if (bucket->units > most)
		bucket->units = most;
	bucket->filled_at = now_ms + 1;
	return bucket->units >= period_ms;
}

void bucket_take(struct bucket *bucket, unsigned rate, unsigned period_ms)
{
	if (rate)
		bucket->units -= period_ms;
}

static void roll(struct meter *meter, uint64_t second)
{
	if (second == meter->second)
		return;
	meter->last = second == meter->second + 1 ? meter->count : 0;
	meter->second = second;
	meter->count = 0;
}

void meter_count(struct meter *meter, uint64_t now_ms)
{
	roll(meter, now_ms / 1000);
	meter->count++;
	if (meter->count > meter->peak)
		meter->peak = meter->count;
}

unsigned meter_last(const struct meter *meter, uint64_t now_ms)
{
	struct meter now = *meter;

	roll(&now, now_ms / 1000);
	return now.last;
}
