/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The log of the data plane: lines to stderr (systemd-journald keeps them). What an operator may
 * act on has a stable number. Never give it a key or packet contents.
 *
 * Thread: the main thread; workers never log.
 */
#pragma once

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO };

/* X(SYMBOL, number, level): append only, numbers are never used again. */
#define LOG_EVENT_LIST(X)                 \
	X(READY, 2000, INFO)              \
	X(STOPPED, 2001, INFO)            \
	X(CONFIG_REFUSED, 2002, ERROR)    \
	X(START_FAILED, 2003, ERROR)      \
	X(PORT_UP, 2010, INFO)            \
	X(PORT_DEGRADED, 2011, WARNING)   \
	X(PORT_LINK, 2012, WARNING)       \
	X(WORKER_STARTED, 2020, INFO)     \
	X(WORKER_STUCK, 2021, ERROR)      \
	X(MEMORY, 2030, INFO)             \
	X(MEMORY_UNLOCKED, 2031, WARNING) \
	X(CLIENT_CONNECTED, 2040, INFO)   \
	X(CLIENT_GONE, 2041, INFO)        \
	X(CLIENT_REFUSED, 2042, WARNING)  \
	X(MEDIA_TIMEOUT, 2050, WARNING)   \
	X(AUTH_FAILURES, 2051, WARNING)   \
	X(CAPTURE, 2060, INFO)            \
	X(NOTE, 2099, INFO)

enum log_event {
#define LOG_EVENT_ENUM(symbol, number, level) LOG_##symbol = number,
	LOG_EVENT_LIST(LOG_EVENT_ENUM)
#undef LOG_EVENT_ENUM
};

/* One line; control characters of foreign input are shown as \xNN. */
void log_event(enum log_event event, const char *format, ...) __attribute__((format(printf, 2, 3)));
