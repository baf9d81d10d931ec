/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The receiving half of traffic.h. Thread: one. */
#pragma once

#include "traffic.h"

/*
 * Takes a burst from each port and verifies it: the header of every packet, the payload and the
 * authentication of one in options->verify_every. The time is read before that. Returns packets.
 */
unsigned receive_turn(struct traffic *traffic);

/* The same of one burst, n up to WIRE_BURST, that came at tsc; the packets stay the caller's. */
void receive_burst(struct traffic *traffic, struct rte_mbuf **mbufs, uint16_t n, uint64_t tsc);

/* Verifies up to a burst of those that were put aside for it. */
void receive_prove(struct traffic *traffic);
