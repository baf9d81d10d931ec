/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How long a test waits for what must come. */
#pragma once

#include <stdlib.h>

/*
 * A machine that others use stalls, and this limit must never be what fails: a minute. Where an
 * allocation is made to fail (tests/fault) much does not come, and a test may fail: 3 s.
 */
static inline unsigned patience_ms(void)
{
	return getenv("FAULT_AT") || getenv("FAULT_FROM") ? 3000 : 60000;
}
