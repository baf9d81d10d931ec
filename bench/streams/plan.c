/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plan.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "media/suite.h"
#include "sluice_client.h"

#define FIELDS 8U

int plan_end_parse(struct plan_end *end, char *text)
{
	char *colon = strchr(text, ':');
	char *rest;
	unsigned long port;

	if (!colon || colon[1] < '0' || colon[1] > '9')
		return -EINVAL;
	*colon = '\0';
	port = strtoul(colon + 1, &rest, 10);
	if (*rest != '\0' || port == 0 || port > UINT16_MAX)
		return -EINVAL;
	end->port = (uint16_t)port;
	return inet_pton(AF_INET, text, end->ip) == 1 ? 0 : -EINVAL;
}

static int suite_parse(uint8_t *suite, const char *name)
{
	for (unsigned i = 0; i < SLUICE_SUITE_COUNT; i++) {
		if (strcmp(sluice_suite_name(i), name) != 0)
			continue;
		*suite = (uint8_t)i;
		return 0;
	}
	return -EINVAL;
}

static int hex_digit(char c)
{
	const char *digits = "0123456789abcdef";
	const char *found = c ? strchr(digits, c) : NULL;

	return found ? (int)(found - digits) : -EINVAL;
}

static int key_parse(struct sluice_key *key, const char *text)
{
	const struct rtp_suite *suite = rtp_suite_find(key->suite);

	if (!suite)
		return strcmp(text, "-") == 0 ? 0 : -EINVAL;
	key->key_len = (uint8_t)(suite->key_length + suite->salt_length);
	if (strlen(text) != 2U * key->key_len)
		return -EINVAL;
	for (unsigned i = 0; i < key->key_len; i++) {
		int high = hex_digit(text[2 * i]);
		int low = hex_digit(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return -EINVAL;
		key->key[i] = (uint8_t)(high << 4 | low);
	}
	return 0;
}

/* The fields of a line, or how many there are when they are not all there. */
static unsigned split(char *line, char *field[FIELDS])
{
	unsigned count = 0;
	char *rest = NULL;

	for (char *word = strtok_r(line, " \t\n", &rest); word;
	     word = strtok_r(NULL, " \t\n", &rest)) {
		if (count == FIELDS)
			return count + 1;
		field[count++] = word;
	}
	return count;
}

/* NULL, or what is wrong with the line. */
static const char *stream_parse(struct plan_stream *stream, char *line)
{
	char *field[FIELDS];

	memset(stream, 0, sizeof(*stream));
	if (split(line, field) != FIELDS)
		return "eight fields are needed";
	if (plan_end_parse(&stream->in.peer, field[0]) ||
	    plan_end_parse(&stream->in.relay, field[1]) ||
	    plan_end_parse(&stream->out.relay, field[4]) ||
	    plan_end_parse(&stream->out.peer, field[5]))
		return "an address is not as 192.0.2.1:4000";
	if (suite_parse(&stream->in.key.suite, field[2]) ||
	    suite_parse(&stream->out.key.suite, field[6]))
		return "no such crypto suite";
	if (key_parse(&stream->in.key, field[3]) || key_parse(&stream->out.key, field[7]))
		return "a key is not as long as its suite says, in hexadecimal";
	return NULL;
}

static int stream_add(struct plan *plan, uint32_t *room, const struct plan_stream *stream)
{
	if (plan->count == *room) {
		uint32_t more = *room ? *room * 2 : 64;
		struct plan_stream *grown;

		if (more > PLAN_STREAMS_MAX)
			return -E2BIG;
		/* not realloc: it would leave keys behind */
		grown = calloc(more, sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		if (plan->count > 0)
			memcpy(grown, plan->stream, plan->count * sizeof(*grown));
		*room = more;
		more = plan->count;
		plan_free(plan);
		*plan = (struct plan){.stream = grown, .count = more};
	}
	plan->stream[plan->count++] = *stream;
	return 0;
}

static int lines_read(struct plan *plan, FILE *file, char *error, size_t size)
{
	char line[PLAN_LINE_MAX];
	uint32_t number = 0;
	uint32_t room = 0;
	int result = 0;

	while (result == 0 && fgets(line, sizeof(line), file)) {
		struct plan_stream stream;
		const char *wrong;

		number++;
		if (line[0] == '#' || line[0] == '\n')
			continue;
		wrong = strchr(line, '\n') ? stream_parse(&stream, line) : "the line is too long";
		result = wrong ? -EINVAL : stream_add(plan, &room, &stream);
		explicit_bzero(&stream, sizeof(stream));
		if (result < 0)
			snprintf(error, size, "line %u: %s", number,
				 wrong ? wrong : strerror(-result));
	}
	explicit_bzero(line, sizeof(line));
	if (result == 0 && plan->count == 0) {
		snprintf(error, size, "there is no stream in it");
		result = -EINVAL;
	}
	return result;
}

int plan_read(struct plan *plan, const char *path, char *error, size_t size)
{
	FILE *file = fopen(path, "re");
	int result;

	*plan = (struct plan){0};
	if (!file) {
		result = -errno;
		snprintf(error, size, "%s", strerror(-result));
		return result;
	}
	result = lines_read(plan, file, error, size);
	fclose(file);
	if (result < 0)
		plan_free(plan);
	return result;
}

void plan_free(struct plan *plan)
{
	if (plan->stream)
		explicit_bzero(plan->stream, plan->count * sizeof(*plan->stream));
	free(plan->stream);
	*plan = (struct plan){0};
}

static void end_write(FILE *file, const struct plan_end *end)
{
	fprintf(file, "%u.%u.%u.%u:%u", end->ip[0], end->ip[1], end->ip[2], end->ip[3], end->port);
}

static void key_write(FILE *file, const struct sluice_key *key)
{
	fprintf(file, " %s ", sluice_suite_name(key->suite));
	if (key->suite == SLUICE_SUITE_NONE)
		fputc('-', file);
	for (unsigned i = 0; i < key->key_len; i++)
		fprintf(file, "%02x", key->key[i]);
}

void plan_write(FILE *file, const struct plan_stream *stream)
{
	end_write(file, &stream->in.peer);
	fputc(' ', file);
	end_write(file, &stream->in.relay);
	key_write(file, &stream->in.key);
	fputc(' ', file);
	end_write(file, &stream->out.relay);
	fputc(' ', file);
	end_write(file, &stream->out.peer);
	key_write(file, &stream->out.key);
	fputc('\n', file);
}
