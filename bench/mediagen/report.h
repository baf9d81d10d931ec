/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What came of a run. Thread: one. */
#pragma once

#include "flood.h"

/* Prints it for people, and as JSON where options ask for that. flood: NULL without one. Returns 0;
 * 1 when a packet was lost or wrong, or a bad one is not accounted for; -errno when the file cannot
 * be written (said). */
int report_print(struct traffic *traffic, const struct flood *flood,
		 const struct phones_relay *relay);
