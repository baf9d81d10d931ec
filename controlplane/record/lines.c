/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "record/lines.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define PATH_BYTES 1100U /* a path of the configuration and what rotation adds */
#define SAME_SECOND_MAX 99U

struct lines {
	char *path;
	struct lines_limits limits;
	int fd;
	uint64_t bytes;
	time_t begun; /* when the file was begun; 0: it is empty */
};

static int open_file(struct lines *lines)
{
	int fd =
	    open(lines->path, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC,
		 LINES_MODE);
	struct stat status;
	int rc = 0;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &status) < 0)
		rc = -errno;
	else if (!S_ISREG(status.st_mode))
		rc = -EINVAL;
	else if ((status.st_mode & 07777) != LINES_MODE && fchmod(fd, LINES_MODE) < 0)
		rc = -errno; /* the umask, or somebody's chmod */
	if (rc) {
		close(fd);
		return rc;
	}
	if (lines->fd >= 0)
		close(lines->fd);
	lines->fd = fd;
	lines->bytes = (uint64_t)status.st_size;
	/* of a file that was there, what is known is when it was written last */
	lines->begun = status.st_size ? status.st_mtime : 0;
	return 0;
}

int lines_open(struct lines **lines, const char *path, const struct lines_limits *limits,
	       char *error, size_t size)
{
	struct lines *new = calloc(1, sizeof(*new));
	int rc = -ENOMEM;

	*lines = NULL;
	if (new && (new->path = strdup(path))) {
		new->fd = -1;
		new->limits = *limits;
		rc = open_file(new);
	}
	if (rc) {
		snprintf(error, size, "%s: %s; the daemon's user must be able to write it", path,
			 strerror(-rc));
		if (new)
			free(new->path);
		free(new);
		return rc;
	}
	*lines = new;
	return 0;
}

void lines_close(struct lines *lines)
{
	if (!lines)
		return;
	close(lines->fd);
	free(lines->path);
	free(lines);
}

/* ---- rotation ---- */

/* A rotated file of ours: the name of the file, a dash, a time, perhaps a number. */
static bool is_rotated(const char *name, const char *base)
{
	size_t length = strlen(base);
	const char *time = name + length + 1;

	return strncmp(name, base, length) == 0 && name[length] == '-' && strlen(time) >= 16 &&
	       strspn(time, "0123456789TZ.") == strlen(time);
}

static int name_order(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Removes the oldest of names above keep. */
static void remove_oldest(int directory, char **names, size_t count, size_t keep)
{
	qsort(names, count, sizeof(*names), name_order);
	for (size_t i = 0; i < count; i++) {
		if (i + keep < count)
			unlinkat(directory, names[i], 0);
		free(names[i]);
	}
	free(names);
}

static void remove_old(const struct lines *lines)
{
	char folder[PATH_BYTES], whole[PATH_BYTES], **names = NULL;
	const struct dirent *entry;
	size_t count = 0, room = 0;
	const char *base;
	DIR *files;

	snprintf(folder, sizeof(folder), "%s", lines->path);
	snprintf(whole, sizeof(whole), "%s", lines->path);
	base = basename(whole);
	files = lines->limits.keep ? opendir(dirname(folder)) : NULL;
	if (!files)
		return;
	while ((entry = readdir(files))) {
		if (!is_rotated(entry->d_name, base))
			continue;
		if (count == room) {
			char **more = reallocarray(names, room ? 2 * room : 16, sizeof(*names));

			if (!more)
				break;
			names = more;
			room = room ? 2 * room : 16;
		}
		names[count] = strdup(entry->d_name);
		count += names[count] != NULL;
	}
	if (names)
		remove_oldest(dirfd(files), names, count, lines->limits.keep);
	closedir(files);
}

/* link(2) and unlink(2), not rename(2), which would write over a file of that name. */
static int move_aside(const struct lines *lines)
{
	char to[PATH_BYTES], when[24];
	time_t now = time(NULL);
	struct tm utc;

	gmtime_r(&now, &utc);
	strftime(when, sizeof(when), "%Y%m%dT%H%M%SZ", &utc);
	for (unsigned i = 0; i <= SAME_SECOND_MAX; i++) {
		if (i == 0)
			snprintf(to, sizeof(to), "%s-%s", lines->path, when);
		else
			snprintf(to, sizeof(to), "%s-%s.%02u", lines->path, when, i);
		if (link(lines->path, to) == 0)
			return unlink(lines->path) < 0 ? -errno : 0;
		if (errno != EEXIST)
			return -errno;
	}
	return -EEXIST;
}

int lines_rotate(struct lines *lines)
{
	int rc = lines->bytes ? move_aside(lines) : 0;

	if (rc && rc != -ENOENT) /* removed by somebody: another is begun */
		return rc;
	rc = open_file(lines);
	remove_old(lines);
	return rc;
}

int lines_reopen(struct lines *lines)
{
	struct stat ours, there;

	if (fstat(lines->fd, &ours) == 0 && lstat(lines->path, &there) == 0 &&
	    ours.st_ino == there.st_ino && ours.st_dev == there.st_dev)
		return lines_rotate(lines);
	return open_file(lines);
}

static bool is_due(const struct lines *lines, size_t more)
{
	if (!lines->bytes)
		return false;
	if (lines->bytes + more > lines->limits.bytes)
		return true;
	return lines->limits.age_s && time(NULL) - lines->begun >= (time_t)lines->limits.age_s;
}

/* ---- lines ---- */

int lines_write(struct lines *lines, const char *text, size_t length)
{
	struct iovec parts[2] = {{(void *)(uintptr_t)text, length}, {(void *)(uintptr_t) "\n", 1}};
	ssize_t written;

	if (is_due(lines, length + 1))
		(void)lines_rotate(lines); /* else it grows on: better than to lose lines */
	do {
		written = writev(lines->fd, parts, 2);
	} while (written < 0 && errno == EINTR);
	if (written == (ssize_t)length + 1) {
		if (!lines->bytes)
			lines->begun = time(NULL);
		lines->bytes += (uint64_t)written;
		return 0;
	}
	if (written < 0)
		return -errno;
	/* the disk is full: half a line would spoil the next one */
	if (ftruncate(lines->fd, (off_t)lines->bytes) < 0)
		lines->bytes += (uint64_t)written;
	return -ENOSPC;
}

/* Where the last count lines of text begin. */
static size_t tail_at(const char *text, size_t length, unsigned count)
{
	size_t at = length;

	while (at > 0) {
		if (text[at - 1] == '\n' && at < length && count-- == 0)
			return at;
		at--;
		if (at == 0)
			return 0;
	}
	return at;
}

int lines_tail(const struct lines *lines, unsigned count,
	       void (*each)(void *user, const char *line, size_t length), void *user)
{
	size_t size = lines->bytes < LINES_TAIL_BYTES ? (size_t)lines->bytes : LINES_TAIL_BYTES;
	char *text = malloc(size + 1), *at, *end;
	ssize_t got;

	if (!text)
		return -ENOMEM;
	got = pread(lines->fd, text, size, (off_t)(lines->bytes - size));
	if (got < 0) {
		free(text);
		return -errno;
	}
	text[got] = '\0';
	at = count ? text + tail_at(text, (size_t)got, count - 1) : text + got;
	if (at == text && size < lines->bytes) { /* the first one is cut */
		at = memchr(text, '\n', (size_t)got);
		at = at ? at + 1 : text + got;
	}
	for (; (end = memchr(at, '\n', (size_t)(text + got - at))); at = end + 1)
		each(user, at, (size_t)(end - at));
	free(text);
	return 0;
}
