/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "main/log.h"

static enum log_level level_of(enum log_event event)
{
	static const struct {
		enum log_event event;
		enum log_level level;
	} levels[] = {
#define LOG_LEVEL_ENTRY(symbol, number, level) {LOG_##symbol, LOG_LEVEL_##level},
	    LOG_EVENT_LIST(LOG_LEVEL_ENTRY)
#undef LOG_LEVEL_ENTRY
	};

	for (unsigned i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
		if (levels[i].event == event)
			return levels[i].level;
	return LOG_LEVEL_INFO;
}

void log_event(enum log_event event, const char *format, ...)
{
	static const char *const names[] = {"error", "warning", "info"};
	static const int syslog_priorities[] = {3, 4, 6}; /* sd-daemon(3) line prefixes */
	enum log_level level = level_of(event);
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (getenv("JOURNAL_STREAM"))
		fprintf(stderr, "<%d>", syslog_priorities[level]);
	fprintf(stderr, "sluice-dataplane: %s %d: ", names[level], (int)event);
	for (const char *c = text; *c; c++)
		if (isprint((unsigned char)*c))
			fputc(*c, stderr);
		else
			fprintf(stderr, "\\x%02x", (unsigned char)*c);
	fputc('\n', stderr);
}
