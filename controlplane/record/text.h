/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes JSON as text, member by member, into a buffer that grows. A record is written for every
 * call: to build a tree of it first, only to write that, took a fifth of all that a call costs.
 *
 * Members take a comma by themselves. A failure (no memory) lasts: text_end() tells it. Names of
 * members and literal texts are the caller's own and written as they are.
 *
 * Thread: the caller's.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text {
	char *data; /* NUL-terminated; NULL: nothing yet */
	size_t length, capacity;
	bool failed;
};

/* name NULL: of an array, or the outermost. bracket: '{' or '['. */
void text_open(struct text *text, const char *name, char bracket);
void text_close(struct text *text, char bracket);
/* value NULL: null. Bytes that are no UTF-8 are escaped as \xHH, as in the log. */
void text_string(struct text *text, const char *name, const char *value);
void text_number(struct text *text, const char *name, int64_t value);
/* value / 100, with two digits. */
void text_hundredths(struct text *text, const char *name, uint64_t value);
void text_null(struct text *text, const char *name);
/* "2026-05-01T10:11:12.345Z" (RFC 3339, UTC) */
void text_time(struct text *text, const char *name, int64_t unix_ms);
/* Takes value; NULL: no memory. */
void text_json(struct text *text, const char *name, json_t *value);
/* The text of another, as it is: an object that was not closed. */
void text_append(struct text *text, const struct text *other);
/* 0 or -ENOMEM */
int text_end(const struct text *text);
void text_free(struct text *text);
