/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as a URI, as an address, as a Via, and as a body of several parts. */
#include <stdlib.h>

#include "sip/message.h"
#include "sip/multipart.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Parts lie one behind the other in the body. */
static void walk(struct str body)
{
	const char *from = body.ptr;
	struct sip_multipart multipart;
	struct sip_part part;

	if (sip_multipart_begin(&multipart, STR("multipart/mixed;boundary=b"), body) < 0)
		return;
	while (sip_multipart_next(&multipart, &part) == 0) {
		if (part.body.len &&
		    (part.body.ptr < from || part.body.ptr + part.body.len > body.ptr + body.len))
			abort();
		from = part.body.ptr + part.body.len;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = {(const char *)data, size};
	struct sip_name_addr addr;
	struct sip_uri uri;
	struct sip_via via;

	if (sip_uri_parse(&uri, text) == 0 && !sip_uri_equal(&uri, &uri))
		abort();
	if (sip_name_addr_parse(&addr, text) == 0 && !addr.star && !addr.uri.whole.ptr)
		abort();
	if (sip_via_parse(&via, text) == 0 && via.host.len == 0)
		abort();
	walk(text);
	return 0;
}
