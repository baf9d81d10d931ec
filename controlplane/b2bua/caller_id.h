/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who calls, as the called side is told, and who answers, as the calling side is: From,
 * P-Asserted-Identity and Privacy (RFC 3323, RFC 3325) at the borders of the trust domain, and
 * Identity (RFC 8224), which nobody may touch.
 */
#pragma once

#include "b2bua/call.h"
#include "sip/writer.h"

#define CALLER_ID_MAX 1024U
#define CALLER_ID_LINES_MAX 2304U /* two identities and Privacy */

/*
 * What the caller wants hidden: the priv-values of its Privacy header, as bits for call->privacy.
 * -ENOTSUP: it says "critical", and one of them is unknown here (RFC 3323 5: then the request
 * fails).
 */
int caller_id_privacy(const struct sip_message *invite);
/* Whether it wants to be unknown to somebody who is not of the trust domain. */
bool caller_id_is_private(unsigned privacy);

/*
 * What stands in From before its tag: "\"Name\" <sip:user@host>", or Anonymous where the call's
 * privacy wants that. user is in its one spelling; display: as the caller wrote it, or absent.
 */
void caller_id_format(char text[static CALLER_ID_MAX], const struct leg *callee, struct str display,
		      const char *user);
/* The headers of the first INVITE to the callee that are made from the caller's; NULL: it sent
 * none to this call (a transfer). */
void caller_id_write(struct sip_writer *writer, const struct leg *callee,
		     const struct sip_message *invite);
/*
 * The lines of a response to leg that say who is on the other side, whose response this is made of
 * (as header rules show it): P-Asserted-Identity between two who are trusted, Privacy to one who
 * is. Their length.
 */
size_t caller_id_lines(char text[static CALLER_ID_LINES_MAX], const struct leg *leg,
		       const struct sip_message *response);
