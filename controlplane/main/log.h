/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The log of the control plane: lines to stderr (systemd-journald keeps them). Events that an
 * operator may act on have a stable number (R11). Never give it a key, a password, a body, or a
 * header that may carry one. Control characters of hostile input are shown as \xNN.
 */
#pragma once

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* X(SYMBOL, number, level): append only, numbers are never used again. */
#define LOG_EVENT_LIST(X)                                                                          \
	X(STARTED, 1000, INFO)                                                                     \
	X(STOPPED, 1001, INFO)                                                                     \
	X(CONFIG_REFUSED, 1002, ERROR)                                                             \
	X(MODE, 1003, INFO)                                                                        \
	X(LISTENING, 1004, INFO)                                                                   \
	X(CERTIFICATE, 1010, INFO)                                                                 \
	X(TLS_REFUSED, 1011, WARNING)                                                              \
	X(PEER_UNKNOWN, 1012, WARNING)                                                             \
	X(PEER_UP, 1013, INFO)                                                                     \
	X(PEER_DOWN, 1014, WARNING)                                                                \
	X(MESSAGE_REFUSED, 1020, WARNING)                                                          \
	X(CALL_STARTED, 1030, INFO)                                                                \
	X(CALL_ANSWERED, 1031, INFO)                                                               \
	X(CALL_ENDED, 1032, INFO)                                                                  \
	X(CALL_REFUSED, 1033, WARNING)                                                             \
	X(MEDIA_TIMEOUT, 1034, WARNING)                                                            \
	X(MEDIA_UP, 1040, INFO)                                                                    \
	X(MEDIA_DOWN, 1041, ERROR)                                                                 \
	X(MEDIA_RESTORED, 1042, INFO)                                                              \
	X(NOTE, 1099, INFO)

enum log_event {
#define LOG_EVENT_ENUM(symbol, number, level) LOG_##symbol = number,
	LOG_EVENT_LIST(LOG_EVENT_ENUM)
#undef LOG_EVENT_ENUM
};

void log_set_level(enum log_level level);
void log_event(enum log_event event, const char *format, ...) __attribute__((format(printf, 2, 3)));
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));
