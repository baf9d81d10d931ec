/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files of keys and certificates, read whole and wiped after. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tls/build.h"

#define FILE_MAX (4U << 20) /* a bundle of all public authorities has 250 KB */

void tls_blob_free(struct tls_blob *blob)
{
	if (blob->data)
		explicit_bzero(blob->data, blob->length);
	free(blob->data);
	blob->data = NULL;
	blob->length = 0;
}

static int blob_fill(struct tls_blob *blob, int fd, size_t size)
{
	blob->data = calloc(1, size + 1);
	if (!blob->data)
		return -ENOMEM;
	while (blob->length < size) {
		ssize_t n = read(fd, blob->data + blob->length, size - blob->length);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n == 0)
			break;
		if (n > 0)
			blob->length += (size_t)n;
	}
	return 0;
}

/* The mode is checked on the open file, so that it is the file that is read. Others have no
 * business with a key; a group may read it (Debian's ssl-cert), not write it. */
static int check_mode(struct tls_build *build, const char *path, const struct stat *status)
{
	unsigned mode = status->st_mode & 07777U;

	if (mode & (S_IRWXO | S_IWGRP | S_IXGRP))
		return tls_refuse(
		    build, -EPERM,
		    "private key %s has mode %04o and may be used by others; run: chmod 600 %s",
		    path, mode, path);
	return 0;
}

int tls_file_read(struct tls_build *build, struct tls_blob *blob, const char *what,
		  const char *path, enum tls_secrecy secrecy)
{
	struct stat status;
	int result = 0;

	if (!path || !path[0])
		return tls_refuse(build, -EINVAL, "no %s is configured", what);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0) {
		result = -errno;
		return tls_refuse(build, result, "%s %s: %s", what, path, strerror(-result));
	}
	if (fstat(fd, &status) < 0 || !S_ISREG(status.st_mode))
		result = tls_refuse(build, -EINVAL, "%s %s is not a regular file", what, path);
	else if (status.st_size <= 0 || status.st_size > FILE_MAX)
		result = tls_refuse(build, -EINVAL, "%s %s is empty or above 4 MiB", what, path);
	else if (secrecy == TLS_SECRET)
		result = check_mode(build, path, &status);
	if (result == 0) {
		result = blob_fill(blob, fd, (size_t)status.st_size);
		if (result < 0)
			tls_refuse(build, result, "%s %s: %s", what, path, strerror(-result));
	}
	close(fd);
	return result;
}
