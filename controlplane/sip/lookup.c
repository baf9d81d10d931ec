/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sip/lookup.h"

#include "sip/txn.h"

/* Header lines from the line of the table to the transaction: the parser takes longer for them than
 * memory for the line, and behind the Via there are at least four more. */
#define LINES_BETWEEN 3U

/* The key as far as it is known, and the line it leads to is asked for. Elements of RFC 2543 are
 * found by headers that are still to come. */
static void line_fetch(struct sip_lookup *lookup, const struct sip_message *message)
{
	lookup->step = SIP_LOOKUP_DONE;
	if (!message->via.branch.len)
		return;
	if (!message->request)
		lookup->key.low = client_place(lookup->table, message->via.branch);
	else if (sip_via_is_unique(&message->via))
		lookup->key = server_key(lookup->table, message, lookup->flow);
	else
		return;
	lookup->known = true;
	lookup->step = SIP_LOOKUP_LINE;
	lookup->lines = 0;
	line_table_prefetch(&lookup->table->keys, lookup->key.low);
}

static void transaction_fetch(struct sip_lookup *lookup)
{
	struct line_search search = {0};
	uint32_t number = line_table_next(&lookup->table->keys, lookup->key.low, &search);

	lookup->step = SIP_LOOKUP_DONE;
	if (number != LINE_NONE)
		txn_prefetch(lookup->table, number);
}

static void header_seen(struct sip_watch *watch, const struct sip_message *message)
{
	struct sip_lookup *lookup = sip_container_of(watch, struct sip_lookup, watch);

	if (lookup->step == SIP_LOOKUP_VIA && message->via_count > 0)
		line_fetch(lookup, message);
	else if (lookup->step == SIP_LOOKUP_LINE && ++lookup->lines == LINES_BETWEEN)
		transaction_fetch(lookup);
}

int sip_lookup_parse(struct sip_lookup *lookup, struct sip_transactions *table,
		     const struct sip_flow *flow, struct sip_message *message, const char *data,
		     size_t length, struct sip_parse_error *error)
{
	*lookup = (struct sip_lookup){.watch = {header_seen}, .table = table, .flow = flow};
	return sip_message_parse_watched(message, data, length, error, &lookup->watch);
}

int sip_lookup_receive(const struct sip_lookup *lookup, const struct sip_message *message,
		       uint64_t now_ms)
{
	const struct fingerprint *known = lookup->known ? &lookup->key : NULL;

	return txn_receive(lookup->table, message, lookup->flow, known, now_ms);
}
