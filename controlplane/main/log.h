/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The log of the control plane: lines to stderr (systemd-journald keeps them). Events that an
 * operator may act on have a stable number (R11). Never give it a key, a password, a body, or a
 * header that may carry one. Bytes outside printable ASCII are shown as \xNN, so hostile input can
 * neither forge a line nor drive a terminal.
 *
 *   to the journal   <4>[1034 MEDIA_TIMEOUT] call 7f3a: no RTP from bob for 30 s
 *   elsewhere        2025-05-01T10:11:12.345Z warning [1034 MEDIA_TIMEOUT] call 7f3a: …
 *
 * Thread: the loop's. A line waits at most LOG_WAIT_MS for a slow reader, then is dropped; the
 * number of dropped lines is told as soon as the reader is back.
 */
#pragma once

#include <stddef.h>

#define LOG_TEXT_MAX 1024U /* bytes of a message before escaping; more is cut and marked "..." */
#define LOG_WAIT_MS 20

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* X(SYMBOL, number, level): append only, numbers are never used again. */
#define LOG_EVENT_LIST(X)                     \
	X(STARTED, 1000, INFO)                \
	X(STOPPED, 1001, INFO)                \
	X(CONFIG_REFUSED, 1002, ERROR)        \
	X(MODE, 1003, INFO)                   \
	X(LISTENING, 1004, INFO)              \
	X(CONFIG_RELOADED, 1005, INFO)        \
	X(CONFIG_WARNING, 1009, WARNING)      \
	X(CERTIFICATE, 1010, INFO)            \
	X(TLS_REFUSED, 1011, WARNING)         \
	X(PEER_UNKNOWN, 1012, WARNING)        \
	X(PEER_UP, 1013, INFO)                \
	X(PEER_DOWN, 1014, WARNING)           \
	X(SOURCE_BANNED, 1015, WARNING)       \
	X(BAN_LIFTED, 1016, INFO)             \
	X(PEER_FAILS, 1017, WARNING)          \
	X(PEER_SERVES, 1018, INFO)            \
	X(MESSAGE_REFUSED, 1020, WARNING)     \
	X(DRAINING, 1021, INFO)               \
	X(DRAINED, 1022, INFO)                \
	X(UNDRAINED, 1023, INFO)              \
	X(OVERLOADED, 1024, WARNING)          \
	X(RELIEVED, 1025, INFO)               \
	X(CALL_STARTED, 1030, INFO)           \
	X(CALL_ANSWERED, 1031, INFO)          \
	X(CALL_ENDED, 1032, INFO)             \
	X(CALL_REFUSED, 1033, WARNING)        \
	X(MEDIA_TIMEOUT, 1034, WARNING)       \
	X(CAPTURE, 1035, WARNING)             \
	X(RECORD_LOST, 1036, ERROR)           \
	X(RECORD_UNCLEAN, 1037, WARNING)      \
	X(CALL_REROUTED, 1038, WARNING)       \
	X(MEDIA_UP, 1040, INFO)               \
	X(MEDIA_DOWN, 1041, ERROR)            \
	X(MEDIA_RESTORED, 1042, INFO)         \
	X(REGISTERED, 1060, INFO)             \
	X(UNREGISTERED, 1061, INFO)           \
	X(REGISTRATION_FAILED, 1062, WARNING) \
	X(PHONE_REGISTERED, 1063, INFO)       \
	X(PHONE_GONE, 1064, INFO)             \
	X(NOTE, 1099, INFO)

enum log_event {
#define LOG_EVENT_ENUM(symbol, number, level) LOG_##symbol = number,
	LOG_EVENT_LIST(LOG_EVENT_ENUM)
#undef LOG_EVENT_ENUM
};

/* Lines above level are not written; INFO unless set. */
void log_set_level(enum log_level level);
void log_event(enum log_event event, const char *format, ...) __attribute__((format(printf, 2, 3)));
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * Copies length bytes of text to out, NUL-terminated, with every byte that is not printable ASCII
 * as \xNN and a backslash doubled. What does not fit size is cut and ends in "...". Returns the
 * length of out. size must be at least 8.
 */
size_t log_escape(char *out, size_t size, const char *text, size_t length);
