/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "b2bua/secret.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int secret_set(struct secret *secret, struct str text)
{
	char *data = malloc(text.len + 1);

	if (data && text.len)
		memcpy(data, text.ptr, text.len);
	secret_wipe(secret);
	if (!data)
		return -ENOMEM;
	data[text.len] = '\0';
	secret->data = data;
	secret->length = text.len;
	return 0;
}

void secret_wipe(struct secret *secret)
{
	if (secret->data)
		explicit_bzero(secret->data, secret->length);
	free(secret->data);
	*secret = (struct secret){0};
}
