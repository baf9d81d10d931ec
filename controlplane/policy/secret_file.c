/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/secret_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void secret_text_wipe(struct secret_text *text)
{
	if (text->data)
		explicit_bzero(text->data, text->size);
	free(text->data);
	*text = (struct secret_text){0};
}

static const char *check(int fd, size_t max, size_t *length)
{
	struct stat status;

	if (fstat(fd, &status) < 0 || !S_ISREG(status.st_mode))
		return "is not a regular file";
	if (status.st_mode & (S_IRWXG | S_IRWXO))
		return "may be used by others; run chmod 0600 on it";
	*length = (size_t)status.st_size;
	return (size_t)status.st_size > max ? "is too long" : NULL;
}

static const char *read_all(struct secret_text *text, int fd, size_t length)
{
	size_t have = 0;
	ssize_t n = 1;

	text->size = length + 1;
	text->data = malloc(text->size);
	if (!text->data)
		return "out of memory";
	while (have < length && n > 0) {
		n = read(fd, text->data + have, length - have);
		if (n > 0)
			have += (size_t)n;
	}
	if (n < 0)
		return strerror(errno);
	text->data[have] = '\0';
	return memchr(text->data, '\0', have) ? "has a NUL in it" : NULL;
}

const char *secret_file_read(struct secret_text *text, const char *path, size_t max)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	const char *wrong;
	size_t length;

	*text = (struct secret_text){0};
	if (fd < 0)
		return strerror(errno);
	wrong = check(fd, max, &length);
	if (!wrong)
		wrong = read_all(text, fd, length);
	close(fd);
	if (wrong)
		secret_text_wipe(text);
	return wrong;
}
