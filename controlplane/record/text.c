/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "record/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "main/log.h"

#define FIRST_BYTES 4096U
#define NUMBER_DIGITS 20U

/* Room for so many more, and the NUL. */
static char *room(struct text *text, size_t more)
{
	size_t capacity = text->capacity ? text->capacity : FIRST_BYTES;
	char *grown;

	if (text->failed)
		return NULL;
	while (capacity < text->length + more + 1)
		capacity *= 2;
	if (capacity != text->capacity) {
		grown = realloc(text->data, capacity);
		text->failed = !grown;
		if (!grown)
			return NULL;
		text->data = grown;
		text->capacity = capacity;
	}
	return text->data + text->length;
}

static void put(struct text *text, const char *bytes, size_t length)
{
	char *at = room(text, length);

	if (!at)
		return;
	memcpy(at, bytes, length);
	at[length] = '\0';
	text->length += length;
}

static void put_char(struct text *text, char c)
{
	put(text, &c, 1);
}

/* A comma, unless it is the first of its object or array. */
static void begin(struct text *text, const char *name)
{
	char last = text->length ? text->data[text->length - 1] : '{';

	if (last != '{' && last != '[')
		put_char(text, ',');
	if (!name)
		return;
	put_char(text, '"');
	put(text, name, strlen(name));
	put(text, "\":", 2);
}

void text_open(struct text *text, const char *name, char bracket)
{
	begin(text, name);
	put_char(text, bracket);
}

void text_close(struct text *text, char bracket)
{
	put_char(text, bracket == '{' ? '}' : ']');
}

/* How many bytes from at on stand for themselves (RFC 8259 7). */
static size_t plain_length(const char *at)
{
	size_t n = 0;

	while ((unsigned char)at[n] >= 0x20 && (unsigned char)at[n] < 0x7f && at[n] != '"' &&
	       at[n] != '\\')
		n++;
	return n;
}

/* What is more than plain text is rare: then jansson knows how. */
static void put_unusual(struct text *text, const char *value)
{
	json_t *string = json_string(value);
	char escaped[1024], *dump;

	if (!string) { /* no UTF-8 */
		log_escape(escaped, sizeof(escaped), value, strlen(value));
		string = json_string(escaped);
	}
	dump = string ? json_dumps(string, JSON_ENCODE_ANY) : NULL;
	if (dump)
		put(text, dump, strlen(dump));
	else
		text->failed = true;
	free(dump);
	json_decref(string);
}

void text_string(struct text *text, const char *name, const char *value)
{
	size_t length;

	begin(text, name);
	if (!value) {
		put(text, "null", 4);
		return;
	}
	length = plain_length(value);
	if (value[length] != '\0') {
		put_unusual(text, value);
		return;
	}
	put_char(text, '"');
	put(text, value, length);
	put_char(text, '"');
}

static void put_digits(struct text *text, uint64_t value, unsigned least)
{
	char digits[NUMBER_DIGITS];
	unsigned n = 0;

	do {
		digits[NUMBER_DIGITS - ++n] = (char)('0' + value % 10);
		value /= 10;
	} while (value > 0 || n < least);
	put(text, digits + NUMBER_DIGITS - n, n);
}

void text_number(struct text *text, const char *name, int64_t value)
{
	begin(text, name);
	if (value < 0)
		put_char(text, '-');
	put_digits(text, value < 0 ? 0 - (uint64_t)value : (uint64_t)value, 1);
}

void text_hundredths(struct text *text, const char *name, uint64_t value)
{
	begin(text, name);
	put_digits(text, value / 100, 1);
	put_char(text, '.');
	put_digits(text, value % 100, 2);
}

void text_null(struct text *text, const char *name)
{
	begin(text, name);
	put(text, "null", 4);
}

void text_time(struct text *text, const char *name, int64_t unix_ms)
{
	time_t seconds = (time_t)(unix_ms / 1000);
	struct tm utc;
	char day[32];
	size_t length;

	gmtime_r(&seconds, &utc);
	length = strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &utc);
	begin(text, name);
	put_char(text, '"');
	put(text, day, length);
	put_char(text, '.');
	put_digits(text, (uint64_t)(unix_ms % 1000), 3);
	put(text, "Z\"", 2);
}

void text_json(struct text *text, const char *name, json_t *value)
{
	char *dump = value ? json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;

	begin(text, name);
	if (dump)
		put(text, dump, strlen(dump));
	else
		text->failed = true;
	free(dump);
	json_decref(value);
}

void text_append(struct text *text, const struct text *other)
{
	begin(text, NULL);
	text->failed |= other->failed;
	if (other->data)
		put(text, other->data, other->length);
}

int text_end(const struct text *text)
{
	return text->failed || !text->data ? -ENOMEM : 0;
}

void text_free(struct text *text)
{
	free(text->data);
	*text = (struct text){0};
}
