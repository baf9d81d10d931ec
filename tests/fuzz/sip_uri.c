/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as a URI, as an address and as a Via. */
#include <stdlib.h>

#include "sip/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

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
	return 0;
}
