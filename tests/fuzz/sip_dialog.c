/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as a Reason, as a URI with Replaces, and as that header. */
#include <stdlib.h>

#include "b2bua/early.h"
#include "b2bua/reason.h"
#include "b2bua/replaces.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* replaces_find() wants them; nothing is looked for here. */
struct leg *leg_by_tag(const struct b2bua *b2bua, struct str tag)
{
	(void)b2bua;
	(void)tag;
	return NULL;
}

struct early *early_find(const struct leg *leg, struct str tag)
{
	(void)leg;
	(void)tag;
	return NULL;
}

static void read_reason(struct str text)
{
	static const char allowed[] = "Q.850;SIPcause=, 0123456789";
	struct sip_message message = {.header_count = 1};
	char reason[REASON_TEXT_MAX];

	message.header[0] = (struct sip_header){.id = SIP_HDR_REASON, .value = text};
	reason_read(reason, &message);
	/* what passes is made of our own words and numbers */
	if (strlen(reason) >= sizeof(reason) || strspn(reason, allowed) != strlen(reason))
		abort();
}

static bool is_within(const struct replaces *replaces, struct str part)
{
	return part.ptr >= replaces->text && part.ptr + part.len <= replaces->text + REPLACES_MAX;
}

static void check(const struct replaces *replaces)
{
	if (replaces->call_id.len &&
	    (!is_within(replaces, replaces->call_id) || !is_within(replaces, replaces->to_tag) ||
	     !is_within(replaces, replaces->from_tag)))
		abort();
}

static void read_replaces(struct str text)
{
	struct replaces replaces;
	struct sip_uri uri;

	if (sip_uri_parse(&uri, text) == 0 && replaces_of_uri(&replaces, &uri))
		check(&replaces);
	if (replaces_of_header(&replaces, text))
		check(&replaces);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = {(const char *)data, size};

	read_reason(text);
	read_replaces(text);
	return 0;
}
