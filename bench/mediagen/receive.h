/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The receiving half of traffic.h. Thread: one. */
#pragma once

#include "traffic.h"

/* Takes a burst from each port, and verifies it. */
void receive_turn(struct traffic *traffic);
