/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/config_check.h"

#include "policy/config.h"

struct found {
	const struct cli *cli;
	json_t *errors;
};

static void found_error(void *user, const char *text)
{
	const struct found *found = user;

	json_array_append_new(found->errors, json_string(text));
	if (found->cli->form == CLI_TABLE)
		fprintf(found->cli->err, "%s\n", text);
}

/* What is allowed, but should be known. */
static json_t *warnings_of(const struct cli *cli, const struct config *config)
{
	json_t *warnings = json_array();

	for (unsigned i = 0; config && i < config->warning_count; i++) {
		json_array_append_new(warnings, json_string(config->warnings[i]));
		if (cli->form == CLI_TABLE)
			fprintf(cli->err, "%s (warning)\n", config->warnings[i]);
	}
	return warnings;
}

static void show_good(FILE *out, const char *path, const struct config *config)
{
	fprintf(out, "%s: good: %u listeners, %u dial plans, %u peers, %u routes\n", path,
		config->listener_count, config->dial_plan_count, config->peer_count,
		config->route_count);
}

enum cli_exit config_check(const struct cli *cli, const char *const words[], unsigned count)
{
	const char *path = count ? words[0] : CONFIG_PATH;
	struct found found = {.cli = cli, .errors = json_array()};

	struct config *config = config_load(path, found_error, &found);
	json_t *warnings = warnings_of(cli, config);

	if (cli->form == CLI_JSON) {
		json_t *result =
		    json_pack("{s:s, s:b, s:O, s:O}", "file", path, "ok", config != NULL, "errors",
			      found.errors, "warnings", warnings);

		json_dumpf(result, cli->out, JSON_INDENT(2));
		fputc('\n', cli->out);
		json_decref(result);
	} else if (config) {
		show_good(cli->out, path, config);
	} else {
		fprintf(cli->err, "%s: not good: %zu error%s\n", path,
			json_array_size(found.errors),
			json_array_size(found.errors) == 1 ? "" : "s");
	}
	json_decref(found.errors);
	json_decref(warnings);
	enum cli_exit result = config ? CLI_DONE : CLI_REFUSED;
	config_free(config);
	return result;
}
