/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "record/text.h"
#include "sluice_media.h"

/* "counters": of a leg, for its record and (list_counters()) for the operator. */
void record_counters(struct text *text, const struct sluice_stream_counters *counters);
