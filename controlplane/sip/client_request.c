/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ACK of 300-699 and CANCEL, made from the INVITE (RFC 3261 17.1.1.3 and 9.1). */
#include <errno.h>

#include "sip/head.h"
#include "sip/txn.h"
#include "sip/writer.h"

#define MAX_FORWARDS "70"

/* What both have of the INVITE: Request-URI, its one Via, Route, From, Call-ID, the number of CSeq.
 */
static void begin(struct sip_writer *writer, struct sip_transactions *table,
		  const struct sip_message *invite, const char *method)
{
	sip_writer_request(writer, table->scratch, sizeof(table->scratch), method,
			   invite->request_uri_text);
	sip_writer_header(writer, "Via", invite->via.whole);
	sip_writer_header(writer, "Max-Forwards", STR(MAX_FORWARDS));
	sip_writer_copy(writer, invite, SIP_HDR_ROUTE);
	sip_writer_copy(writer, invite, SIP_HDR_FROM);
	sip_writer_copy(writer, invite, SIP_HDR_CALL_ID);
	sip_writer_headerf(writer, "CSeq", "%u %s", invite->cseq, method);
}

static int invite_read(const struct sip_client *client, struct sip_message *invite)
{
	return sip_message_parse(invite, client->txn.again.data, client->txn.again.length, NULL);
}

long client_write_ack(struct sip_client *client, const struct sip_message *response)
{
	struct sip_message invite;
	struct sip_writer writer;

	if (invite_read(client, &invite) < 0)
		return -EINVAL;
	begin(&writer, client->txn.table, &invite, "ACK");
	sip_writer_copy(&writer, response, SIP_HDR_TO); /* with the tag of who refused */
	return sip_writer_end(&writer, NULL, STR(""));
}

static int extra_headers_put(struct sip_writer *writer, const char *lines)
{
	struct str rest = str_of(lines);
	struct str line, name, value;
	char text[64];

	while (sip_head_line(&rest, &line)) {
		if (!sip_line_split(line, &name, &value) || name.len >= sizeof(text))
			return -EINVAL;
		memcpy(text, name.ptr, name.len);
		text[name.len] = '\0';
		sip_writer_header(writer, text, value);
	}
	return 0;
}

long client_write_cancel(struct sip_client *client, const char *extra_headers)
{
	struct sip_message invite;
	struct sip_writer writer;

	if (invite_read(client, &invite) < 0)
		return -EINVAL;
	begin(&writer, client->txn.table, &invite, "CANCEL");
	sip_writer_copy(&writer, &invite, SIP_HDR_TO); /* as it was sent */
	if (extra_headers && extra_headers_put(&writer, extra_headers) < 0)
		return -EINVAL;
	return sip_writer_end(&writer, NULL, STR(""));
}
