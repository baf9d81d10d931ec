/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tables of transactions, and messages that arrive for them: half are client transactions, that a
 * 180 comes for, half server transactions, that the INVITE comes again for.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "sip/transaction.h"

#define LOOKUP_MESSAGE_MAX 2048U

struct lookup_message {
	char text[LOOKUP_MESSAGE_MAX];
	size_t length;
	/* where their digits are: they say of which transaction it is */
	size_t branch, tag, call_id;
	struct sip_message read; /* of text */
};

struct lookup_world {
	struct sip_transactions *table;
	uint32_t count;
	uint64_t answers; /* each message that found its transaction was heard of */
	uint64_t random;
	struct lookup_message request, response;
	char received[LOOKUP_MESSAGE_MAX]; /* what has just arrived */
	uint64_t
	    *lines; /* as many lines of memory as there are transactions, to measure one with */
};

extern const struct sip_flow lookup_flow; /* that all of it comes by */

/* So many transactions, in a table that has room for as many in every world. 0 or -errno. */
int lookup_world_open(struct lookup_world *world, uint32_t count);
void lookup_world_close(struct lookup_world *world);
uint32_t lookup_world_draw(struct lookup_world *world, uint32_t below);
/* Into received, as the kernel copies what a peer sent: a message for a transaction taken at
 * random, a response and a request by turns (turn is odd). Its length. */
size_t lookup_world_arrive(struct lookup_world *world, uint32_t turn);
/* The same without reading it: a message that was read long ago has another branch now. */
const struct sip_message *lookup_world_read(struct lookup_world *world, uint32_t turn);
/* Waits for one of the lines, taken at random, and for no other. Always 0. */
uint64_t lookup_world_line(struct lookup_world *world, uint64_t zero);
