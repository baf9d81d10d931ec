/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/sysfs.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int sysfs_read(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = read(fd, text, size - 1);
	if (n < 0)
		n = -errno;
	close(fd);
	if (n < 0)
		return (int)n;
	text[n] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return 0;
}

int sysfs_read_number(const char *path, uint64_t *number)
{
	char text[32], *end;
	int err = sysfs_read(path, text, sizeof(text));

	if (err)
		return err;
	if (!isdigit((unsigned char)text[0]))
		return -EINVAL;
	errno = 0;
	*number = strtoull(text, &end, 10);
	if (errno)
		return -errno;
	return *end ? -EINVAL : 0;
}
