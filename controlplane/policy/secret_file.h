/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files with secrets: regular, nobody's but the owner's, of text. Internal to policy. */
#pragma once

#include <stddef.h>

struct secret_text {
	char *data; /* NUL-terminated */
	size_t size;
};

/*
 * Reads all of path, at most max bytes. NULL, or what is wrong with it ("may be used by others;
 * …"). The mode is that of the open file, so that it is the file that is read.
 */
const char *secret_file_read(struct secret_text *text, const char *path, size_t max);
void secret_text_wipe(struct secret_text *text);
