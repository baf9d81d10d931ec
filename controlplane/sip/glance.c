/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sip/glance.h"

#include "sip/head.h"
#include "sip/scan.h"

#define CSEQ_MOST ((UINT32_C(1) << 31) - 1)

/* Header parameters are what follows the first ';' outside of quotes and brackets, in a name-addr
 * and in an addr-spec alike (RFC 3261 20). */
static void address_read(struct sip_name_addr *address, struct str value)
{
	struct str params = value;

	sip_scan_split(&params, ';', &address->uri.whole);
	address->tag = sip_param(params, "tag");
}

static bool from_read(struct sip_message *message, struct str value)
{
	address_read(&message->from, value);
	return true;
}

static bool to_read(struct sip_message *message, struct str value)
{
	address_read(&message->to, value);
	return true;
}

static bool call_id_read(struct sip_message *message, struct str value)
{
	message->call_id = value;
	return value.len > 0;
}

static bool cseq_read(struct sip_message *message, struct str value)
{
	struct str digits = sip_scan_while(&value, SIP_C_DIGIT);

	sip_scan_space(&value);
	message->cseq_method = value;
	return sip_number_parse(&message->cseq, digits, CSEQ_MOST) == 0 &&
	       str_eq(value, message->method_token);
}

static const struct row {
	struct str name;
	char compact;
	bool once;
	enum sip_header_id id;
	bool (*read)(struct sip_message *message, struct str value);
} rows[] = {
    {STR("Via"), 'v', false, SIP_HDR_VIA, NULL},
    {STR("From"), 'f', true, SIP_HDR_FROM, from_read},
    {STR("To"), 't', true, SIP_HDR_TO, to_read},
    {STR("Call-ID"), 'i', true, SIP_HDR_CALL_ID, call_id_read},
    {STR("CSeq"), 0, true, SIP_HDR_CSEQ, cseq_read},
    {STR("Priority"), 0, true, SIP_HDR_PRIORITY, NULL},
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))
#define MUST 0x1fU /* the first five */

static size_t row_of(struct str name)
{
	for (size_t i = 0; i < ROWS; i++)
		if (name.len == 1 ? sip_char_lower(*name.ptr) == rows[i].compact
				  : str_caseeq(name, rows[i].name))
			return i;
	return ROWS;
}

static bool request_line_read(struct sip_message *message, struct str line)
{
	if (!sip_scan_until(&line, ' ', &message->method_token) ||
	    !sip_scan_until(&line, ' ', &message->request_uri_text) ||
	    !str_caseeq(line, STR("SIP/2.0"))) /* RFC 3261 7.1 */
		return false;
	message->request = true;
	message->method = sip_method_of(message->method_token);
	return true;
}

/* seen: bit per row. */
static bool line_read(struct sip_message *message, struct str line, unsigned *seen)
{
	struct sip_header *header = &message->header[message->header_count];
	size_t row;

	if (!sip_line_split(line, &header->name, &header->value))
		return false;
	row = row_of(header->name);
	if (row == ROWS)
		return true;
	if (rows[row].once && (*seen & 1U << row))
		return false;
	*seen |= 1U << row;
	header->id = rows[row].id;
	message->header_count++;
	return !rows[row].read || rows[row].read(message, header->value);
}

bool sip_glance(struct sip_message *message, const char *data, size_t length)
{
	const char *end;
	struct str head, line;
	unsigned seen = 0;

	memset(message, 0, offsetof(struct sip_message, header));
	if (length > SIP_MESSAGE_MAX)
		return false;
	end = sip_head_end((struct str){data, length});
	if (!end)
		return false;
	head = (struct str){data, (size_t)(end + 2 - data)};
	if (!sip_head_line(&head, &line) || !request_line_read(message, line))
		return false;
	for (unsigned lines = 0; sip_head_line(&head, &line); lines++)
		if (lines == SIP_HEADERS_MAX || !line_read(message, line, &seen))
			return false;
	return (seen & MUST) == MUST;
}

bool sip_glance_via(struct sip_message *message)
{
	const struct sip_header *via = sip_message_header(message, SIP_HDR_VIA, NULL);
	struct str rest, first;

	if (!via)
		return false;
	rest = via->value;
	return sip_scan_split(&rest, ',', &first) && sip_via_parse(&message->via, first) == 0;
}
