/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A text that may hold keys (SDP, a message with SDP): copied, and wiped before it is freed. */
#pragma once

#include <stddef.h>

#include "sip/str.h"

struct secret {
	char *data; /* NULL: none */
	size_t length;
};

/* Replaces what was there. 0 or -ENOMEM, then it is empty. */
int secret_set(struct secret *secret, struct str text);
void secret_wipe(struct secret *secret);

static inline struct str secret_str(const struct secret *secret)
{
	return (struct str){secret->data, secret->length};
}
