/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes through the message parser, alone and while a transaction is looked for, and what it
 * read through the accessors and the writer. */
#include <errno.h>
#include <stdlib.h>

#include "sip/lookup.h"
#include "sip/message.h"
#include "sip/txn.h"
#include "sip/writer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_values(const struct sip_message *message)
{
	for (unsigned i = 0; i < message->header_count; i++) {
		struct str rest = message->header[i].value, item;
		struct sip_name_addr addr;
		struct sip_via via;

		while (sip_list_next(&rest, &item)) {
			(void)sip_name_addr_parse(&addr, item);
			(void)sip_via_parse(&via, item);
			(void)sip_param(item, "tag");
		}
	}
}

/* What is written from any input must be readable again. */
static void write_answer(const struct sip_message *message)
{
	static char answer[4 * SIP_MESSAGE_MAX];
	struct sip_writer writer;
	struct sip_message again;
	long length;

	sip_writer_response_to(&writer, answer, sizeof(answer), message, 400, NULL, STR("t"), NULL);
	for (int id = 0; id < SIP_HDR_COUNT; id++)
		if (id != SIP_HDR_VIA && id != SIP_HDR_FROM && id != SIP_HDR_TO &&
		    id != SIP_HDR_CALL_ID && id != SIP_HDR_CSEQ && id != SIP_HDR_CONTENT_LENGTH &&
		    id != SIP_HDR_CONTENT_TYPE)
			sip_writer_copy(&writer, message, (enum sip_header_id)id);
	length = sip_writer_end(&writer, "text/plain", message->body);
	if (length < 0)
		abort();
	(void)sip_message_parse(&again, answer, (size_t)length, NULL);
}

/* Looked up while it is read, it is the same message, and the key made early is the one made late.
 */
static void look_up(const struct sip_message *message, int result, const char *data, size_t size)
{
	static const struct sip_transaction_ops ops; /* nothing is given to the table */
	static const struct sip_flow flow = {.transport = SIP_TLS,
					     .remote = {.ss_family = AF_INET}};
	static struct sip_transactions *table;
	static struct sip_message again;
	struct fingerprint late = {0};
	struct sip_lookup lookup;

	if (!table)
		table = sip_transactions_new(&ops, NULL, NULL, 16);
	if (!table || sip_lookup_parse(&lookup, table, &flow, &again, data, size, NULL) != result ||
	    again.header_count != message->header_count || again.via_count != message->via_count ||
	    !str_eq(again.via.whole, message->via.whole) || !str_eq(again.raw, message->raw))
		abort();
	if (result < 0 || !lookup.known)
		return;
	late.low = client_place(table, message->via.branch);
	if (message->request)
		late = server_key(table, message, &flow);
	if (lookup.key.low != late.low || (message->request && lookup.key.high != late.high))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct sip_message message;
	struct sip_parse_error error;
	int result = sip_message_parse(&message, (const char *)data, size, &error);

	if (result == 0 && !message.via.host.ptr)
		abort();
	if (result < 0 && error.reason[0] == '\0')
		abort();
	look_up(&message, result, (const char *)data, size);
	read_values(&message);
	write_answer(&message);
	return 0;
}
