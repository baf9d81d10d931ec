/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "record/text.h"
#include "sluice_media.h"

/* "counters": of a leg, the members that list_counters() makes of them too. */
void record_counters(struct text *text, const struct sluice_stream_counters *counters);
