/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "main/log.h"

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
} levels[] = {
    [LOG_LEVEL_ERROR] = {"error", 3},
    [LOG_LEVEL_WARNING] = {"warning", 4},
    [LOG_LEVEL_INFO] = {"info", 6},
};

/* The journal has a clock of its own and takes the priority; a terminal or a file has neither. */
static void prefix_write(enum log_level level)
{
	struct timespec now;
	char text[32];
	struct tm utc;

	if (getenv("JOURNAL_STREAM")) {
		fprintf(stderr, "<%d>", levels[level].priority);
		return;
	}
	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &utc);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &utc);
	fprintf(stderr, "%s.%03ldZ %s ", text, now.tv_nsec / 1000000, levels[level].name);
}

void log_event(enum log_event event, const char *format, ...)
{
	const struct event_row *row = &event_rows[0];
	char text[512];
	va_list args;

	for (size_t i = 0; i < sizeof(event_rows) / sizeof(event_rows[0]); i++)
		if (event_rows[i].event == event)
			row = &event_rows[i];
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	prefix_write(row->level);
	fprintf(stderr, "[%d %s] ", (int)event, row->name);
	for (const char *c = text; *c; c++)
		if (isprint((unsigned char)*c))
			fputc(*c, stderr);
		else
			fprintf(stderr, "\\x%02x", (unsigned char)*c);
	fputc('\n', stderr);
}
