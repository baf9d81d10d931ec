/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reason (RFC 3326, RFC 6432) as it passes from one side to the other: protocols and numbers. Texts
 * stay behind, as they name products, hosts and persons.
 */
#pragma once

#include "sip/message.h"

#define REASON_TEXT_MAX 64U

/* "Q.850;cause=38" for a final status (RFC 3398 8.2.6.1); empty: the table has none. */
void reason_of_status(char text[static REASON_TEXT_MAX], unsigned status);
/* "Q.850;cause=16, SIP;cause=200"; empty: there is nothing that passes. */
void reason_read(char text[static REASON_TEXT_MAX], const struct sip_message *message);
