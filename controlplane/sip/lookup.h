/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finding a message's transaction without waiting for memory. What is found at random among many
 * lies in no cache, and the line of the table and the transaction that it leads to are waited for
 * one after the other. But the topmost Via, which says most of what a transaction is found by, is
 * read long before the end of a message: so the line is asked for as soon as the parser has read
 * it, the transaction some header lines later, and both are there when they are looked into.
 *
 *	sip_lookup_parse(&lookup, table, flow, &message, data, length, &error);
 *	sip_lookup_receive(&lookup, &message, now_ms);
 *
 * do what sip_message_parse() and sip_transactions_receive() do, with the same results whatever the
 * message is: what is fetched early is looked at only when it is time.
 *
 * Thread: that of the table.
 */
#pragma once

#include "sip/siphash.h"
#include "sip/transaction.h"

enum sip_lookup_step {
	SIP_LOOKUP_VIA,  /* the Via was not read */
	SIP_LOOKUP_LINE, /* the line of the table was asked for */
	SIP_LOOKUP_DONE, /* and what it leads to; or there is nothing to be asked for */
};

/* Of one message; nothing in it is for its owner. It ends with the message, the flow and the table
 * that it was made with, and needs no end of its own. */
struct sip_lookup {
	struct sip_watch watch;
	struct sip_transactions *table;
	const struct sip_flow *flow;
	enum sip_lookup_step step;
	unsigned lines;         /* read since the last step */
	struct fingerprint key; /* of a response: low alone, the rest is said by its CSeq */
	bool known;             /* the key was made */
};

/* As sip_message_parse(): 0 or -EBADMSG. lookup may be used after 0 only. */
int sip_lookup_parse(struct sip_lookup *lookup, struct sip_transactions *table,
		     const struct sip_flow *flow, struct sip_message *message, const char *data,
		     size_t length, struct sip_parse_error *error);
/* As sip_transactions_receive(), of the message that was read with it, unchanged: 0 or -ENOSPC. */
int sip_lookup_receive(const struct sip_lookup *lookup, const struct sip_message *message,
		       uint64_t now_ms);
