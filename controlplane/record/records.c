/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "record/records.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "main/log.h"
#include "record/journal.h"
#include "record/lines.h"

#define COMPLAIN_EVERY_S 60

struct records {
	struct lines *lines;
	struct journal *journal;
	uint64_t written;
	uint64_t lost;      /* the file could not be written */
	uint64_t unclean;   /* of the process before */
	uint64_t unguarded; /* not in the journal */
	time_t complained;
};

json_t *records_time(int64_t unix_ms)
{
	time_t seconds = (time_t)(unix_ms / 1000);
	struct tm utc;
	char day[32];

	gmtime_r(&seconds, &utc);
	strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &utc);
	return json_sprintf("%s.%03dZ", day, (int)(unix_ms % 1000));
}

/* Once a minute: a full disk shall not fill the journal of the host too. */
static void complain(struct records *records, int rc)
{
	time_t now = time(NULL);

	records->lost++;
	if (records->complained && now - records->complained < COMPLAIN_EVERY_S)
		return;
	records->complained = now;
	log_event(LOG_RECORD_LOST, "call records cannot be written: %s; %llu lost so far",
		  strerror(-rc), (unsigned long long)records->lost);
}

/* text NULL: no memory. */
static void write_text(struct records *records, const char *text, size_t length)
{
	int rc = text ? lines_write(records->lines, text, length) : -ENOMEM;

	if (rc)
		complain(records, rc);
	else
		records->written++;
}

static void write_record(struct records *records, json_t *record)
{
	char *text = record ? json_dumps(record, JSON_COMPACT) : NULL;

	write_text(records, text, text ? strlen(text) : 0);
	free(text);
	json_decref(record);
}

/* ---- unclean ends ---- */

/* When it ended nobody knows: the time that stands there is that of this start. */
static void record_unclean(void *user, const char *text, size_t length, int64_t answered_ms)
{
	struct records *records = user;
	json_t *record = json_loadb(text, length, JSON_REJECT_DUPLICATES, NULL);
	int64_t now_ms = (int64_t)time(NULL) * 1000;

	if (!json_is_object(record)) {
		json_decref(record);
		complain(records, -EBADMSG);
		return;
	}
	records->unclean++;
	json_object_set_new(record, "answered",
			    answered_ms > 0 ? records_time(answered_ms) : json_null());
	json_object_set_new(record, "ended", json_null());
	json_object_set_new(record, "end",
			    json_pack("{s:s, s:s, s:s, s:o}", "cause", "unclean", "by", "relay",
				      "text", "the control plane ended without ending the call",
				      "found", records_time(now_ms)));
	write_record(records, record);
}

/* ---- open and close ---- */

int records_open(struct records **records, const struct records_config *config, char *error,
		 size_t size)
{
	const struct lines_limits limits = {config->bytes, config->age_s, config->keep};
	struct records *new = calloc(1, sizeof(*new));
	char path[1100];
	int rc;

	*records = NULL;
	if (!new) {
		snprintf(error, size, "out of memory");
		return -ENOMEM;
	}
	snprintf(path, sizeof(path), "%s.live", config->path);
	rc = lines_open(&new->lines, config->path, &limits, error, size);
	rc =
	    rc ? rc
	       : journal_open(&new->journal, path, config->calls, record_unclean, new, error, size);
	if (rc) {
		records_close(new);
		return rc;
	}
	if (new->unclean)
		log_event(
		    LOG_RECORD_UNCLEAN,
		    "%llu calls had no end when the process before ended; recorded as unclean",
		    (unsigned long long)new->unclean);
	*records = new;
	return 0;
}

void records_close(struct records *records)
{
	if (!records)
		return;
	journal_close(records->journal);
	lines_close(records->lines);
	free(records);
}

int records_grow(struct records *records, unsigned calls)
{
	return journal_grow(records->journal, calls);
}

/* ---- calls ---- */

/* text NULL: no memory. */
static unsigned begin_text(struct records *records, const char *text, size_t length)
{
	unsigned number = text ? journal_begin(records->journal, text, length) : 0;

	if (!number)
		records->unguarded++;
	return number;
}

unsigned records_begin(struct records *records, json_t *call)
{
	char *text = call ? json_dumps(call, JSON_COMPACT) : NULL;
	unsigned number = begin_text(records, text, text ? strlen(text) : 0);

	free(text);
	json_decref(call);
	return number;
}

unsigned records_begin_text(struct records *records, const struct text *call)
{
	return begin_text(records, text_end(call) == 0 ? call->data : NULL, call->length);
}

void records_answered(struct records *records, unsigned number, int64_t unix_ms)
{
	journal_answered(records->journal, number, unix_ms);
}

void records_end(struct records *records, unsigned number, json_t *record)
{
	write_record(records, record);
	journal_end(records->journal, number);
}

void records_end_text(struct records *records, unsigned number, const struct text *record)
{
	write_text(records, text_end(record) == 0 ? record->data : NULL, record->length);
	journal_end(records->journal, number);
}

/* ---- operator ---- */

static int report(int rc, const char *what)
{
	if (rc)
		log_event(LOG_RECORD_LOST,
			  "file of call records cannot be %s: %s; the old one "
			  "goes on",
			  what, strerror(-rc));
	return rc;
}

int records_rotate(struct records *records)
{
	return report(lines_rotate(records->lines), "rotated");
}

void records_reopen(struct records *records)
{
	(void)report(lines_reopen(records->lines), "opened again");
}

static void add_line(void *user, const char *line, size_t length)
{
	json_t *record = json_loadb(line, length, JSON_REJECT_DUPLICATES, NULL);

	if (record)
		json_array_append_new(user, record);
}

json_t *records_last(const struct records *records, unsigned count)
{
	json_t *list = json_array();

	if (lines_tail(records->lines, count, add_line, list) == 0)
		return list;
	json_decref(list);
	return NULL;
}

json_t *records_counters(const struct records *records)
{
	return json_pack("{s:I, s:I, s:I, s:I}", "written", (json_int_t)records->written, "lost",
			 (json_int_t)records->lost, "unclean", (json_int_t)records->unclean,
			 "unguarded", (json_int_t)records->unguarded);
}
