/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A thread that plays all phones at once: it sends RTP, SRTP, RTCP and forgeries to any media port,
 * at any worker, whether a call is there or not, and takes what the relay sends.
 */
#pragma once

#include <pthread.h>
#include <stdint.h>

#include "sluice_media.h"
#include "wire.h"

#define PHONES_PORT_FIRST 20000U
#define PHONES_PAIRS 100U
#define PHONES_PORT_LAST (PHONES_PORT_FIRST + 2 * PHONES_PAIRS - 1)

struct phones {
	struct wire *inside, *outside;
	unsigned workers;
	pthread_t thread;
	int stop;      /* main: wo; relaxed atomic */
	uint64_t sent; /* read once the thread has ended */
	uint64_t taken;
};

/* What calls of these phones are set up with; inside is plain, outside SRTP in both directions. */
extern const struct sluice_addr phones_inside_local, phones_outside_local;
extern const struct sluice_addr phones_inside, phones_outside;
extern const struct sluice_key phones_key;

int phones_start(struct phones *phones);
void phones_stop(struct phones *phones);
/* Takes what is still on the way, once the workers have ended. */
void phones_drain(struct phones *phones);
