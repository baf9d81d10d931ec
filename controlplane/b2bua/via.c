/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "b2bua/via.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "b2bua/host.h"
#include "b2bua/state.h"

/* The request with another Via, in the b2bua's buffer. The branch stays: nobody has seen it. */
static long write_changed(struct b2bua *b2bua, const struct sip_message *request,
			  const struct sip_flow *flow)
{
	const struct config_listener *listener = &b2bua->config->listeners[flow->listener];
	struct str via = request->via.whole, raw = request->raw;
	const char *behind = via.ptr + via.len;
	char host[HOST_TEXT_MAX];
	int length;

	host_port_format(listener, host, sizeof(host));
	length =
	    snprintf(b2bua->buffer, SIP_MESSAGE_MAX, "%.*sSIP/2.0/%s %s;%.*s%.*s",
		     (int)(via.ptr - raw.ptr), raw.ptr, host_via_transport(flow->transport), host,
		     STR_FMT(request->via.params), (int)(raw.ptr + raw.len - behind), behind);
	return length < (int)SIP_MESSAGE_MAX ? length : -EMSGSIZE;
}

int via_change(struct b2bua *b2bua, struct secret *text, const struct sip_flow *flow)
{
	struct sip_message request;
	long length;
	int result;

	if (flow->listener >= b2bua->config->listener_count ||
	    sip_message_parse(&request, text->data, text->length, NULL) < 0)
		return -EINVAL;
	length = write_changed(b2bua, &request, flow);
	if (length < 0)
		return (int)length;
	result = secret_set(text, (struct str){b2bua->buffer, (size_t)length});
	explicit_bzero(b2bua->buffer, SIP_MESSAGE_MAX);
	return result;
}
