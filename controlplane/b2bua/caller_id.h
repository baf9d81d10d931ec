/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who calls, as the called side is told: From, P-Asserted-Identity and Privacy (RFC 3323, RFC 3325)
 * at the borders of the trust domain, and Identity (RFC 8224), which nobody may touch.
 */
#pragma once

#include "b2bua/call.h"
#include "sip/writer.h"

#define CALLER_ID_MAX 1024U

/* What stands in From before its tag: "\"Name\" <sip:user@host>". user is in its one spelling. */
void caller_id_format(char text[static CALLER_ID_MAX], const struct leg *callee,
		      const struct sip_message *invite, const char *user);
/* The headers of the INVITE to the callee that are made from the caller's. */
void caller_id_write(struct sip_writer *writer, const struct leg *callee,
		     const struct sip_message *invite);
