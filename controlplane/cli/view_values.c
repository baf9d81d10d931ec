/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "cli/view.h"
#include "main/log.h"

static const struct view_text none = {"-"};

struct view_text view_string(const json_t *object, const char *key)
{
	const json_t *string = json_object_get(object, key);
	struct view_text shown;

	if (json_string_length(string) == 0)
		return none;
	log_escape(shown.text, sizeof(shown.text), json_string_value(string),
		   json_string_length(string));
	return shown;
}

json_int_t view_number(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

struct view_text view_count(json_int_t count)
{
	struct view_text shown;
	char digits[32];
	size_t used = 0;
	size_t length = (size_t)snprintf(digits, sizeof(digits), "%" JSON_INTEGER_FORMAT, count);

	for (size_t i = 0; i < length; i++) {
		if (i > 0 && (length - i) % 3 == 0 && digits[i - 1] != '-')
			shown.text[used++] = ',';
		shown.text[used++] = digits[i];
	}
	shown.text[used] = '\0';
	return shown;
}

struct view_text view_number_text(const json_t *object, const char *key)
{
	return json_is_integer(json_object_get(object, key)) ? view_count(view_number(object, key))
							     : none;
}

struct view_text view_duration(json_int_t seconds)
{
	struct view_text shown;
	char *text = shown.text;
	size_t size = sizeof(shown.text);

	if (seconds < 60)
		snprintf(text, size, "%" JSON_INTEGER_FORMAT " s", seconds);
	else if (seconds < 3600)
		snprintf(text, size, "%d min %02d s", (int)(seconds / 60), (int)(seconds % 60));
	else if (seconds < 86400)
		snprintf(text, size, "%d h %02d min", (int)(seconds / 3600),
			 (int)(seconds / 60 % 60));
	else
		snprintf(text, size, "%" JSON_INTEGER_FORMAT " d %02d h", seconds / 86400,
			 (int)(seconds / 3600 % 24));
	return shown;
}

struct view_text view_bytes(json_int_t bytes)
{
	static const char *const units[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
	struct view_text shown;
	double value = (double)bytes;
	unsigned unit = 0;

	while (value >= 999.95 && unit < 6) {
		value /= 1000;
		unit++;
	}
	snprintf(shown.text, sizeof(shown.text), "%.*f %s", unit == 0 ? 0 : 1, value, units[unit]);
	return shown;
}

struct view_text view_time(json_int_t epoch_s)
{
	struct view_text shown;
	time_t when = (time_t)epoch_s;
	struct tm utc;

	if (epoch_s <= 0 || !gmtime_r(&when, &utc) ||
	    strftime(shown.text, sizeof(shown.text), "%Y-%m-%d %H:%M:%S UTC", &utc) == 0)
		return none;
	return shown;
}

struct view_text view_day(json_int_t epoch_s)
{
	struct view_text shown = view_time(epoch_s);
	char *space = strchr(shown.text, ' ');

	if (space)
		*space = '\0';
	return shown;
}

struct view_text view_jitter(json_int_t microseconds)
{
	struct view_text shown;

	snprintf(shown.text, sizeof(shown.text), "%.1f ms", (double)microseconds / 1000);
	return shown;
}

struct view_text view_share(json_int_t part, json_int_t whole)
{
	struct view_text shown;

	if (whole <= 0)
		return none;
	snprintf(shown.text, sizeof(shown.text), "%.2f %%", 100.0 * (double)part / (double)whole);
	return shown;
}

struct view_text view_list(const json_t *strings)
{
	struct view_text shown = {""};
	size_t used = 0;

	for (size_t i = 0; i < json_array_size(strings) && used + 16 < sizeof(shown.text); i++) {
		const json_t *string = json_array_get(strings, i);

		if (i > 0) {
			memcpy(shown.text + used, ", ", 2);
			used += 2;
		}
		used += log_escape(shown.text + used, sizeof(shown.text) - used,
				   json_string_value(string), json_string_length(string));
	}
	return used > 0 ? shown : none;
}
