/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "capture/directory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILES_MAX 10000U
#define SAME_NAME_MAX 9U /* captures of one call within one second */

static int directory_check(int fd, const char *path, char *text, size_t size)
{
	struct stat status;

	if (fstat(fd, &status))
		return -errno;
	if (status.st_uid != geteuid()) {
		snprintf(text, size,
			 "%s belongs to user %u; it must belong to user %u: chown %u %s", path,
			 status.st_uid, geteuid(), geteuid(), path);
		return -EPERM;
	}
	if (status.st_mode & (S_IWGRP | S_IWOTH)) {
		snprintf(text, size, "%s has mode %04o; nobody else may write to it: chmod 0700 %s",
			 path, status.st_mode & 07777, path);
		return -EPERM;
	}
	return 0;
}

int capture_directory_open(struct capture_directory *directory, const char *path, char *text,
			   size_t size)
{
	int rc;

	directory->fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (directory->fd < 0) {
		rc = -errno;
		snprintf(text, size, "%s: %s; it must be a directory: install -d -m 0700 %s", path,
			 strerror(-rc), path);
		return rc;
	}
	rc = directory_check(directory->fd, path, text, size);
	if (rc)
		capture_directory_close(directory);
	return rc;
}

void capture_directory_close(struct capture_directory *directory)
{
	if (directory->fd >= 0)
		close(directory->fd);
	directory->fd = -1;
}

static int files_add(const struct capture_directory *directory, DIR *files, uint64_t *bytes)
{
	const struct dirent *entry;
	unsigned count = 0;

	while ((entry = readdir(files))) {
		struct stat status;

		if (++count > FILES_MAX)
			return -E2BIG;
		if (fstatat(directory->fd, entry->d_name, &status, AT_SYMLINK_NOFOLLOW))
			continue; /* removed meanwhile */
		if (S_ISREG(status.st_mode))
			*bytes += (uint64_t)status.st_size;
	}
	return 0;
}

int capture_directory_used(const struct capture_directory *directory, uint64_t *bytes)
{
	int fd = openat(directory->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *files = fd >= 0 ? fdopendir(fd) : NULL;
	int rc;

	*bytes = 0;
	if (!files) {
		rc = -errno;
		if (fd >= 0)
			close(fd);
		return rc;
	}
	rc = files_add(directory, files, bytes);
	closedir(files);
	return rc;
}

int capture_directory_create(const struct capture_directory *directory, const char *call,
			     const char *kind, time_t now, char name[CAPTURE_FILE_NAME_MAX])
{
	char when[24], again[8] = "";
	struct tm utc;

	gmtime_r(&now, &utc);
	strftime(when, sizeof(when), "%Y%m%dT%H%M%SZ", &utc);
	for (unsigned turn = 2; turn <= SAME_NAME_MAX + 1; turn++) {
		int length = snprintf(name, CAPTURE_FILE_NAME_MAX, "%s-%s-%s%s.pcapng", call, when,
				      kind, again);
		int fd;

		if (length >= (int)CAPTURE_FILE_NAME_MAX)
			return -ENAMETOOLONG;
		fd = openat(directory->fd, name,
			    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (fd >= 0)
			return fd;
		if (errno != EEXIST)
			return -errno;
		snprintf(again, sizeof(again), "-%u", turn);
	}
	return -EEXIST;
}
