/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "b2bua/prack.h"

#include <stdio.h>

#include "b2bua/uac.h"

#define RSEQ_MAX 0x7fffffffU /* RFC 3262 7.1 */

enum prack prack_heard(struct early *early, const struct sip_message *response)
{
	const struct sip_header *rseq = sip_message_header(response, SIP_HDR_RSEQ, NULL);
	uint32_t number;

	if (!sip_message_has_option(response, SIP_HDR_REQUIRE, "100rel") || !rseq)
		return PRACK_NONE;
	if (!early || sip_number_parse(&number, rseq->value, RSEQ_MAX) < 0 || number == 0)
		return PRACK_AGAIN;
	/* RFC 3262 4: the first may have any number, each other the next one */
	if (early->rseq && number != early->rseq + 1)
		return PRACK_AGAIN;
	early->rseq = number;
	return PRACK_DUE;
}

/* A PRACK that is refused is of no interest, unless it held the answer. */
static void answered(struct uac *uac, const struct sip_message *response, unsigned status)
{
	(void)response;
	if (uac->carries_sdp && status >= 300 && uac->leg->call->state != CALL_ENDING)
		call_end_cause(uac->leg->call, CAUSE_BAD_ANSWER, NULL);
}

void prack_send(struct leg *leg, struct early *early, struct str sdp)
{
	char rack[32];
	struct uac_request request = {
	    .method = SIP_METHOD_PRACK,
	    .dialog = &early->dialog,
	    .body = sdp,
	    .content_type = sdp.len ? "application/sdp" : NULL,
	    .done = answered,
	    .header = {{"RAck", {rack, 0}}},
	};

	if (!leg->our_invite)
		return;
	request.header[0].value.len = (size_t)snprintf(rack, sizeof(rack), "%u %u INVITE",
						       early->rseq, leg->our_invite->cseq);
	uac_send(leg, &request);
}
