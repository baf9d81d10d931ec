/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How many transactions a configuration gives room for, and for how much of messages. Four a call;
 * and where there is UDP, those that have ended: there each stays for 32 s, to answer what is sent
 * again (RFC 3261 17, timers D, I, J and K), so that 128 of them stand for each call a second,
 * whatever the number of calls at once.
 *
 * Pure; any thread.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct config;

/* Of 1,500 calls a second. */
#define ROOM_LINGERING 196608U
/* What one of them takes: itself, its answer, its places in tables. */
#define ROOM_LINGERING_BYTES 1280U

size_t room_lingering(const struct config *config); /* 0 without UDP */
size_t room_transactions(const struct config *config);
/* Of messages that they keep. */
uint64_t room_message_bytes(const struct config *config);
