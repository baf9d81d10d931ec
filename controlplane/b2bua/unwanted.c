/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "b2bua/unwanted.h"

#include "b2bua/state.h"
#include "b2bua/uac.h"

enum what { ACK, BYE };

static void send_in(const struct unwanted *unwanted, const struct dialog *dialog, enum what what,
		    const struct sip_flow *flow)
{
	const char *method = what == ACK ? "ACK" : "BYE";
	struct b2bua *b2bua = unwanted->b2bua;
	struct leg *leg = unwanted->leg;
	struct sip_writer writer;
	struct sip_client *client;
	long length;

	sip_writer_request(&writer, b2bua->buffer, SIP_MESSAGE_MAX, method,
			   dialog_request_uri(dialog));
	uac_write_via_of(&writer, b2bua, unwanted->listener, flow->transport);
	sip_writer_header(&writer, "Max-Forwards", STR("70"));
	dialog_write(&writer, dialog, method, unwanted->cseq + (what == BYE));
	if (what == ACK)
		credential_said_write(unwanted->said, &writer);
	else if (leg)
		credential_write(&leg->credential, leg->peer, method, dialog_request_uri(dialog),
				 &writer);
	length = sip_writer_end(&writer, NULL, (struct str){0});
	if (length <= 0)
		return;
	if (what == ACK)
		b2bua_send(b2bua, flow, b2bua->buffer, (size_t)length);
	else if (sip_client_start(b2bua->transactions, &client, b2bua->buffer, (size_t)length, flow,
				  NULL, b2bua_now_ms(b2bua)) == 0)
		sip_client_detach(client);
}

void unwanted_end(const struct unwanted *unwanted, const struct dialog *dialog,
		  const struct sip_flow *flow)
{
	send_in(unwanted, dialog, ACK, flow);
	send_in(unwanted, dialog, BYE, flow);
}
