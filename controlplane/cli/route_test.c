/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/route_test.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "b2bua/route_test.h"
#include "cli/view.h"

struct options {
	json_t *args; /* for the daemon */
	const char *config;
};

bool route_test_time(const char *text, json_int_t *unix_s)
{
	static const char *const forms[] = {"%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M%z",
					    "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M"};
	size_t digits = strspn(text, "0123456789");

	if (digits > 4 && digits <= 12 && text[digits] == '\0') {
		*unix_s = strtoll(text, NULL, 10);
		return true;
	}
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct tm tm = {0};
		const char *end = strptime(text, forms[i], &tm);
		long east_s = tm.tm_gmtoff;

		if (!end || *end)
			continue;
		*unix_s = (json_int_t)timegm(&tm) - east_s;
		return true;
	}
	return false;
}

static enum cli_exit usage(const struct cli *cli, const char *wrong, const char *word)
{
	if (word)
		fprintf(cli->err, "sluicectl: route test: %s %s\n", wrong, word);
	fprintf(cli->err, "sluicectl: usage: route test %s\n", ROUTE_TEST_ARGUMENTS);
	return CLI_USAGE;
}

static enum cli_exit take(const struct cli *cli, struct options *options, const char *option,
			  const char *value)
{
	json_t *headers = json_object_get(options->args, "headers");
	json_int_t at;
	int rc = 0;

	if (!value)
		return usage(cli, "a value is missing after", option);
	if (strcmp(option, "--from") == 0 || strcmp(option, "--called") == 0 ||
	    strcmp(option, "--caller") == 0)
		rc = json_object_set_new(options->args, option + 2, json_string(value));
	else if (strcmp(option, "--header") == 0 && strchr(value, ':'))
		rc = json_array_append_new(headers, json_string(value));
	else if (strcmp(option, "--at") == 0 && route_test_time(value, &at))
		rc = json_object_set_new(options->args, "at", json_integer(at));
	else if (strcmp(option, "--config") == 0)
		options->config = value;
	else
		return usage(cli, "cannot be understood:", option);
	return rc < 0 ? usage(cli, "is not UTF-8:", option) : CLI_DONE;
}

static enum cli_exit show(const struct cli *cli, json_t *result)
{
	if (cli->form == CLI_TABLE) {
		view_route_test(cli->out, result);
	} else {
		json_dumpf(result, cli->out, JSON_INDENT(2));
		fputc('\n', cli->out);
	}
	json_decref(result);
	return CLI_DONE;
}

/* ---- a file ---- */

static void report(void *user, const char *text)
{
	const struct cli *cli = user;

	fprintf(cli->err, "%s\n", text);
}

static uint32_t draw(void *user)
{
	uint32_t bits = 0;

	(void)user;
	if (getrandom(&bits, sizeof(bits), 0) != (ssize_t)sizeof(bits))
		abort();
	return bits;
}

static enum cli_exit test_file(const struct cli *cli, const struct options *options)
{
	const json_t *at = json_object_get(options->args, "at");
	const struct route_test test = {
	    .from = json_string_value(json_object_get(options->args, "from")),
	    .called = json_string_value(json_object_get(options->args, "called")),
	    .caller = json_string_value(json_object_get(options->args, "caller")),
	    .headers = json_object_get(options->args, "headers"),
	    .unix_s = at ? (int64_t)json_integer_value(at) : (int64_t)time(NULL),
	    .random = draw,
	};
	struct config *config = config_load(options->config, report, (void *)(uintptr_t)cli);
	char error[160];
	json_t *result = config ? route_test(config, &test, error, sizeof(error)) : NULL;

	if (config && !result)
		fprintf(cli->err, "sluicectl: route test: %s\n", error);
	config_free(config);
	return result ? show(cli, result) : CLI_REFUSED;
}

enum cli_exit route_test_run(const struct cli *cli, const char *const words[], unsigned count)
{
	struct options options = {.args = json_pack("{s:[]}", "headers")};
	enum cli_exit rc = CLI_DONE;
	json_t *result = NULL;

	for (unsigned i = 0; rc == CLI_DONE && i < count; i += 2)
		rc = take(cli, &options, words[i], i + 1 < count ? words[i + 1] : NULL);
	if (rc == CLI_DONE &&
	    (!json_object_get(options.args, "from") || !json_object_get(options.args, "called")))
		rc = usage(cli, NULL, NULL);
	if (rc == CLI_DONE && options.config) {
		rc = test_file(cli, &options);
	} else if (rc == CLI_DONE) {
		rc = command_ask(cli, "route test", json_incref(options.args), &result);
		if (rc == CLI_DONE)
			rc = show(cli, result);
	}
	json_decref(options.args);
	return rc;
}
