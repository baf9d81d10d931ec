/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "main/log.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Below PIPE_BUF, so that a pipe that polls writable takes the whole line without blocking. */
#define LINE_MAX_BYTES 3072U

struct event_row {
	enum log_event event;
	enum log_level level;
	const char *name;
};

static const struct event_row event_rows[] = {
#define EVENT_ROW(symbol, number, level) {LOG_##symbol, LOG_LEVEL_##level, #symbol},
    LOG_EVENT_LIST(EVENT_ROW)
#undef EVENT_ROW
};

static const struct {
	const char *name;
	int priority; /* sd-daemon(3) */
} level_rows[] = {
    [LOG_LEVEL_ERROR] = {"error", 3},
    [LOG_LEVEL_WARNING] = {"warning", 4},
    [LOG_LEVEL_INFO] = {"info", 6},
    [LOG_LEVEL_DEBUG] = {"debug", 7},
};

static enum log_level level_now = LOG_LEVEL_INFO;
static unsigned long lines_lost;

void log_set_level(enum log_level level)
{
	level_now = level;
}

size_t log_escape(char *out, size_t size, const char *text, size_t length)
{
	static const char digits[] = "0123456789abcdef";
	size_t used = 0, cut = 0; /* cut: where "..." would still fit */

	for (size_t i = 0; i < length; i++) {
		unsigned char byte = (unsigned char)text[i];
		bool plain = byte >= 0x20 && byte < 0x7f;

		if (used + (plain ? (byte == '\\' ? 2 : 1) : 4) >= size) {
			memcpy(out + cut, "...", 3);
			used = cut + 3;
			break;
		}
		if (plain) {
			if (byte == '\\')
				out[used++] = '\\';
			out[used++] = (char)byte;
		} else {
			out[used++] = '\\';
			out[used++] = 'x';
			out[used++] = digits[byte >> 4];
			out[used++] = digits[byte & 15];
		}
		if (used + 3 < size)
			cut = used;
	}
	out[used] = '\0';
	return used;
}

/* systemd.exec(5): JOURNAL_STREAM names the device and inode of the stream that it gave us. */
static bool stderr_is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long device, inode;
	struct stat status;

	return stream && sscanf(stream, "%llu:%llu", &device, &inode) == 2 &&
	       fstat(STDERR_FILENO, &status) == 0 && status.st_dev == (dev_t)device &&
	       status.st_ino == (ino_t)inode;
}

static size_t put_prefix(char *line, size_t size, enum log_level level)
{
	struct timespec now;
	struct tm utc;

	if (stderr_is_journal())
		return (size_t)snprintf(line, size, "<%d>", level_rows[level].priority);
	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &utc);
	size_t used = strftime(line, size, "%Y-%m-%dT%H:%M:%S", &utc);
	int rest = snprintf(line + used, size - used, ".%03ldZ %s ", now.tv_nsec / 1000000,
			    level_rows[level].name);

	return used + (size_t)rest;
}

/* stderr is shared with whoever started us, so it is never made non-blocking: wait, then send. */
static bool line_write(const char *line, size_t length)
{
	struct pollfd ready = {.fd = STDERR_FILENO, .events = POLLOUT};

	if (poll(&ready, 1, LOG_WAIT_MS) != 1 || !(ready.revents & POLLOUT))
		return false;
	ssize_t sent = send(STDERR_FILENO, line, length, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (sent < 0 && errno == ENOTSOCK)
		sent = write(STDERR_FILENO, line, length);
	return sent == (ssize_t)length;
}

static void tell_lost(void)
{
	char line[128];
	size_t used = put_prefix(line, sizeof(line), LOG_LEVEL_WARNING);

	used += (size_t)snprintf(line + used, sizeof(line) - used, "%lu log lines were lost here\n",
				 lines_lost);
	if (line_write(line, used))
		lines_lost = 0;
}

__attribute__((format(printf, 3, 0))) static void put_line(enum log_level level, const char *tag,
							   const char *format, va_list args)
{
	char text[LOG_TEXT_MAX + 1], line[LINE_MAX_BYTES];

	int length = vsnprintf(text, sizeof(text), format, args);
	if (length < 0)
		return;
	size_t used = put_prefix(line, sizeof(line), level);
	used += (size_t)snprintf(line + used, sizeof(line) - used, "%s", tag);
	if ((size_t)length >= sizeof(text))
		memcpy(text + LOG_TEXT_MAX - 3, "...", 3);
	used += log_escape(line + used, sizeof(line) - used - 1, text, strlen(text));
	line[used++] = '\n';
	if (lines_lost > 0)
		tell_lost();
	if (lines_lost > 0 || !line_write(line, used))
		lines_lost++;
}

void log_event(enum log_event event, const char *format, ...)
{
	const struct event_row *row = &event_rows[0];
	char tag[64];
	va_list args;

	for (size_t i = 0; i < sizeof(event_rows) / sizeof(event_rows[0]); i++)
		if (event_rows[i].event == event)
			row = &event_rows[i];
	if (row->level > level_now)
		return;
	snprintf(tag, sizeof(tag), "[%d %s] ", (int)event, row->name);
	va_start(args, format);
	put_line(row->level, tag, format, args);
	va_end(args);
}

void log_debug(const char *format, ...)
{
	va_list args;

	if (level_now < LOG_LEVEL_DEBUG)
		return;
	va_start(args, format);
	put_line(LOG_LEVEL_DEBUG, "", format, args);
	va_end(args);
}
