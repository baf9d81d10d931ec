/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Header names for the parser and the framer. For sip and header. */
#pragma once

#include "sip/message.h"

/* Full or compact name, any case; SIP_HDR_OTHER when unknown. */
enum sip_header_id sip_header_id_of(struct str name);
/* Whether the header may stand only once in a message. */
bool sip_header_once(enum sip_header_id id);
