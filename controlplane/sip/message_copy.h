/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sip/message.h"

/*
 * A copy of a parsed message whose texts lie in bytes, a copy of message->raw: as if bytes had been
 * parsed, which a parser need not do twice. It is allocated only as far as its last header: do not
 * copy the struct by value. The caller frees it, and keeps bytes as long. NULL: no memory.
 */
struct sip_message *sip_message_copy(const struct sip_message *message, const char *bytes);
