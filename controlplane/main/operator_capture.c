/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * call capture: who asks for what is written to the log, and so is what came of it: a capture may
 * hold a conversation.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "main/daemon.h"
#include "main/log.h"

#define SECONDS_MAX 86400

struct question {
	struct api_request *request;
	struct b2bua_capture wanted;
	char id[32];
	char what[32]; /* "decrypted" */
};

static const struct {
	int status;
	const char *text;
} refusals[] = {
    {-ENOENT, "no such call: see 'sluicectl call list'"},
    {-ENOLINK, "the call has no media yet, or is ending"},
    {-ENOTCONN, "data plane is away: see 'sluicectl status'"},
    {-ENOTSUP,
     "the data plane has no directory for captures: see 'capture' in sluice-dataplane(8)"},
    {-EPERM, "the data plane's configuration does not allow it: see 'capture' in "
	     "sluice-dataplane(8)"},
    {-EEXIST, "it is captured already, in the other mode: stop that first"},
    {-EMFILE, "as many captures run as may"},
    {-EDQUOT, "the directory for captures is as full as it may be: remove old files"},
    {-ENOSPC, "the data plane's disk is full"},
    {-EINVAL, "the data plane refused it"},
    {-ENOMEM, "out of memory"},
};

static const char *refusal(int status)
{
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
		if (refusals[i].status == status)
			return refusals[i].text;
	return strerror(-status);
}

static json_t *info_object(const struct sluice_capture_info *info)
{
	if (info->mode == SLUICE_CAPTURE_OFF)
		return json_pack("{s:b}", "running", 0);
	return json_pack("{s:b, s:s, s:o, s:I, s:I, s:I, s:I, s:I, s:I}", "running",
			 info->end == SLUICE_CAPTURE_END_NONE, "mode",
			 info->mode == SLUICE_CAPTURE_DECRYPTED ? "decrypted" : "wire", "file",
			 json_stringn(info->file, strnlen(info->file, sizeof(info->file))),
			 "packets", (json_int_t)info->packets, "lost", (json_int_t)info->lost,
			 "bytes", (json_int_t)info->bytes, "limit_bytes",
			 (json_int_t)info->limit_bytes, "age_s", (json_int_t)(info->age_ms / 1000),
			 "time_s", (json_int_t)info->time_s);
}

static void audit(const struct question *question, const char *outcome)
{
	struct api_person person = api_person(question->request);

	if (question->wanted.action != SLUICE_CAPTURE_STATE)
		log_event(LOG_CAPTURE, "call %s: capture %s asked for by user %u (pid %d): %s",
			  question->id, question->what, person.uid, person.pid, outcome);
}

static void answered(void *user, int status, const struct sluice_capture_info *info,
		     const struct config_dial_plan *dial_plan)
{
	struct question *question = user;
	char text[256];

	if (status == 0) {
		snprintf(text, sizeof(text), "%.63s", info->file[0] ? info->file : "nothing ran");
		audit(question, text);
		api_answer(question->request, info_object(info));
	} else {
		if (dial_plan)
			snprintf(text, sizeof(text),
				 "dial plan %.64s has capture: %s, which does not allow it",
				 dial_plan->name, capture_policy_name(dial_plan->capture));
		else
			snprintf(text, sizeof(text), "%s", refusal(status));
		audit(question, text);
		api_refuse(question->request, "%s", text);
	}
	free(question);
}

/* Reads args; false: refused. */
static bool wanted_read(struct question *question, const json_t *args)
{
	static const struct {
		const char *word;
		struct b2bua_capture wanted;
	} words[] = {
	    {"wire", {SLUICE_CAPTURE_START, SLUICE_CAPTURE_WIRE, 0}},
	    {"decrypted", {SLUICE_CAPTURE_START, SLUICE_CAPTURE_DECRYPTED, 0}},
	    {"stop", {SLUICE_CAPTURE_STOP, SLUICE_CAPTURE_OFF, 0}},
	};
	const json_t *mode = json_object_get(args, "mode"), *seconds;
	const char *word = json_string_value(mode);
	bool known = !mode;

	for (size_t i = 0; word && i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(words[i].word, word) != 0)
			continue;
		question->wanted = words[i].wanted;
		snprintf(question->what, sizeof(question->what), "%s", word);
		known = true;
	}
	seconds = json_object_get(args, "seconds");
	if (seconds && (!json_is_integer(seconds) || json_integer_value(seconds) < 1 ||
			json_integer_value(seconds) > SECONDS_MAX)) {
		api_refuse(question->request, "seconds must be a whole number from 1 to %d",
			   SECONDS_MAX);
		return false;
	}
	question->wanted.time_s = (uint32_t)json_integer_value(seconds);
	if (!known)
		api_refuse(question->request, "mode must be wire, decrypted or stop");
	return known;
}

void operator_call_capture(void *user, struct api_request *request, const json_t *args)
{
	struct daemon *daemon = user;
	const char *id = json_string_value(json_object_get(args, "id"));
	struct question *question;

	if (!id) {
		api_refuse(request, "which call? give its id: see 'sluicectl call list'");
		return;
	}
	question = calloc(1, sizeof(*question));
	if (!question) {
		api_refuse(request, "out of memory");
		return;
	}
	question->request = request;
	snprintf(question->id, sizeof(question->id), "%s", id);
	if (!wanted_read(question, args)) {
		free(question);
		return;
	}
	b2bua_call_capture(daemon->b2bua, question->id, &question->wanted, answered, question);
}
