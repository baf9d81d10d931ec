/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/command.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "api/api.h"
#include "cli/arguments.h"
#include "cli/config_check.h"
#include "cli/route_test.h"
#include "cli/view.h"
#include "main/log.h"

const struct command commands[] = {
    {"status", NULL, "both daemons: modes, sessions, workers, interfaces", view_status, NULL, NULL},
    {"call list",
     "[peer=NAME] [number=PATTERN] [state=early|answered|ending] [older=SECONDS] [count=COUNT]",
     "calls, with the security of both legs", NULL, NULL, &view_list_calls},
    {"call show", "ID", "one call: addresses, suites, packets, loss, drops", view_call, NULL, NULL},
    {"call hangup", "ID", "end a call on both sides", view_hangup, NULL, NULL},
    {"call capture", "ID [wire|decrypted|stop] [SECONDS]",
     "write the packets of a call to a pcapng file", view_capture, NULL, NULL},
    {"peer list", NULL, "configured peers, their state and certificates", NULL, NULL,
     &view_list_peers},
    {"registration list",
     "[peer=NAME] [state=registered|unreachable|unregistered|leaving|left] [count=COUNT]",
     "registrations of ours at peers, and of phones", NULL, NULL, &view_list_registrations},
    {"route test", ROUTE_TEST_ARGUMENTS, "what routing would do with a call, and why", NULL,
     route_test_run, NULL},
    {"stats", NULL, "counters of signalling and media since the start", view_stats, NULL, NULL},
    {"drops", NULL, "packets that the data plane dropped, by reason", view_drops, NULL, NULL},
    {"ban list", NULL, "sources that are banned, why and for how long", view_bans, NULL, NULL},
    {"ban lift", "ADDRESS", "let a banned source try again at once", view_ban_lift, NULL, NULL},
    {"record list", "[COUNT]", "the last calls that ended, as they were recorded", view_records,
     NULL, NULL},
    {"record rotate", NULL, "begin another file of call records", view_rotated, NULL, NULL},
    {"limit list", NULL, "calls against their limits, peaks, what was refused", view_limits, NULL,
     NULL},
    {"reload", NULL, "read the configuration again, without touching calls", view_reload, NULL,
     NULL},
    {"drain", "[timeout=SECONDS] [then=stay|exit]", "take no new calls, let those that run end",
     view_drain, NULL, NULL},
    {"undrain", NULL, "take new calls again", view_undrain, NULL, NULL},
    {"config check", "[FILE]", "read a configuration, tell all its errors", NULL, config_check,
     NULL},
};
const unsigned command_count = sizeof(commands) / sizeof(commands[0]);

#define PAGE_COUNT 200 /* of one question: the daemon is not held up for long */
#define HELP_COLUMN 21 /* characters before the help of a command; longer ones take a line */

/* ---- words ---- */

/* The first word of *name, which moves on; length 0: none left. */
static size_t next_word(const char **name, const char **word)
{
	while (**name == ' ')
		++*name;
	*word = *name;
	size_t length = strcspn(*name, " ");
	*name += length;
	return length;
}

/* How many of words name the command; 0: they do not. */
static unsigned words_of(const struct command *command, const char *const words[], unsigned count)
{
	const char *name = command->name, *word;
	unsigned used = 0;
	size_t length;

	for (; (length = next_word(&name, &word)) > 0; used++)
		if (used == count || strlen(words[used]) != length ||
		    memcmp(words[used], word, length) != 0)
			return 0;
	return used;
}

/* The command's word that follows count words equal to its first ones; length 0: none. */
static size_t word_after(const struct command *command, const char *const words[], unsigned count,
			 const char **word)
{
	const char *name = command->name;
	size_t length;

	for (unsigned i = 0; i < count; i++) {
		length = next_word(&name, word);
		if (strlen(words[i]) != length || memcmp(words[i], *word, length) != 0)
			return 0;
	}
	return next_word(&name, word);
}

const struct command *command_find(const char *const words[], unsigned count, unsigned *used)
{
	for (unsigned i = 0; i < command_count; i++) {
		*used = words_of(&commands[i], words, count);
		if (*used > 0)
			return &commands[i];
	}
	return NULL;
}

unsigned command_help(FILE *out, const char *const words[], unsigned count)
{
	unsigned shown = 0;
	const char *word;

	for (unsigned i = 0; i < command_count; i++) {
		const struct command *command = &commands[i];
		char usage[192];

		if (words_of(command, words, count) == 0 &&
		    word_after(command, words, count, &word) == 0)
			continue;
		snprintf(usage, sizeof(usage), "%s %s", command->name,
			 command->arguments ? command->arguments : "");
		if (strlen(usage) > HELP_COLUMN)
			fprintf(out, "  %s\n  %*s %s\n", usage, HELP_COLUMN, "", command->help);
		else
			fprintf(out, "  %-*s %s\n", HELP_COLUMN, usage, command->help);
		shown++;
	}
	return shown;
}

/* ---- asking the daemon ---- */

static enum cli_exit unreachable(const struct cli *cli, int rc)
{
	bool refused = rc == -EACCES || rc == -EPERM;

	fprintf(cli->err, "sluicectl: %s: %s", cli->socket, strerror(-rc));
	if (refused)
		fputs("; be root, or a member of control_group", cli->err);
	else if (rc == -ENOENT || rc == -ECONNREFUSED)
		fputs("; sluice-controlplane does not run, or listens elsewhere (-s)", cli->err);
	fputc('\n', cli->err);
	return refused ? CLI_REFUSED : CLI_UNREACHABLE;
}

/* Takes args. */
static int ask(const struct cli *cli, const char *command, json_t *args, json_t **result,
	       char **error)
{
	struct api_client *client;
	int rc = api_client_connect(&client, cli->socket);
	if (rc < 0) {
		json_decref(args);
		return rc;
	}
	rc = api_client_call(client, command, args, result, error);
	api_client_close(client);
	return rc;
}

static void refused(const struct cli *cli, const char *command, char *error)
{
	char shown[1024];

	log_escape(shown, sizeof(shown), error, strlen(error));
	fprintf(cli->err, "sluicectl: %s: %s\n", command, shown);
	free(error);
}

static enum cli_exit failed(const struct cli *cli, const struct command *command, int rc,
			    char *error)
{
	if (rc != -EREMOTEIO)
		return unreachable(cli, rc);
	refused(cli, command->name, error);
	return CLI_REFUSED;
}

enum cli_exit command_ask(const struct cli *cli, const char *command, json_t *args, json_t **result)
{
	char *error = NULL;
	int rc = ask(cli, command, args, result, &error);

	if (rc == -EREMOTEIO) {
		refused(cli, command, error);
		return CLI_REFUSED;
	}
	return rc < 0 ? unreachable(cli, rc) : CLI_DONE;
}

static bool has_options(const struct command *command)
{
	return command->arguments && strncmp(command->arguments, "--", 2) == 0;
}

bool command_has_options(const char *const words[], unsigned count)
{
	unsigned used;
	const struct command *command = command_find(words, count, &used);

	return command && has_options(command);
}

static enum cli_exit show_once(const struct cli *cli, const struct command *command, json_t *args)
{
	json_t *result = NULL;
	char *error = NULL;
	int rc = ask(cli, command->name, args, &result, &error);

	if (rc < 0)
		return failed(cli, command, rc, error);
	if (cli->form == CLI_TABLE) {
		command->view(cli->out, result);
	} else {
		json_dumpf(result, cli->out, JSON_INDENT(2) | JSON_ENCODE_ANY);
		fputc('\n', cli->out);
	}
	json_decref(result);
	return CLI_DONE;
}

/* The elements of one page of an array that is printed page by page. */
static void print_elements(FILE *out, const json_t *items, bool *first)
{
	for (size_t i = 0; i < json_array_size(items); i++) {
		fputs(*first ? "[\n" : ",\n", out);
		json_dumpf(json_array_get(items, i), out, JSON_INDENT(2) | JSON_ENCODE_ANY);
		*first = false;
	}
}

/* What is left of the wanted count goes into the next question; false: none. */
static bool next_question(json_t *args, const json_t *page, const struct view_list *list,
			  json_int_t *wanted)
{
	json_t *next = json_object_get(page, "next");

	if (*wanted > 0) {
		*wanted -= (json_int_t)json_array_size(json_object_get(page, list->key));
		if (*wanted <= 0)
			return false;
	}
	return next && json_object_set(args, "after", next) == 0;
}

/* Each page is shown and forgotten before the next is asked for. */
static enum cli_exit show_pages(const struct cli *cli, const struct command *command, json_t *args)
{
	json_int_t wanted = json_integer_value(json_object_get(args, "count"));
	struct view_paging paging;
	bool more = true, first = true;
	char *error = NULL;
	int rc = 0;

	view_page_begin(&paging, command->pages);
	while (more && rc == 0) {
		json_t *page = NULL, *items;

		if (wanted <= 0 || wanted > PAGE_COUNT)
			json_object_set_new(args, "count", json_integer(PAGE_COUNT));
		else
			json_object_set_new(args, "count", json_integer(wanted));
		rc = ask(cli, command->name, json_incref(args), &page, &error);
		items = json_object_get(page, command->pages->key);
		if (rc == 0 && cli->form == CLI_JSON)
			print_elements(cli->out, items, &first);
		else if (rc == 0)
			view_page(&paging, cli->out, items);
		more = next_question(args, page, command->pages, &wanted);
		json_decref(page);
	}
	json_decref(args);
	if (rc < 0) {
		table_end(&paging.table, cli->out);
		return failed(cli, command, rc, error);
	}
	if (cli->form == CLI_JSON)
		fputs(first ? "[]\n" : "\n]\n", cli->out);
	else
		view_page_end(&paging, cli->out);
	return CLI_DONE;
}

static enum cli_exit run_at_daemon(const struct cli *cli, const struct command *command,
				   const char *const words[], unsigned count)
{
	json_t *args;
	char wrong[64];
	int rc = arguments_pack(command->arguments, words, count, &args, wrong);

	if (rc < 0) {
		fprintf(cli->err, "sluicectl: %s: the %s is not %s\n", command->name,
			strcmp(wrong, "ID") == 0 ? "id" : "argument",
			rc == -EILSEQ ? "text" : wrong);
		return CLI_USAGE;
	}
	if (!command->pages)
		return show_once(cli, command, args);
	return show_pages(cli, command, args ? args : json_object());
}

enum cli_exit command_run(const struct cli *cli, const char *const words[], unsigned count)
{
	unsigned used;
	const struct command *command = command_find(words, count, &used);

	if (!command) {
		fputs("sluicectl: no such command; there are:\n", cli->err);
		if (command_help(cli->err, words, count > 0 ? 1 : 0) == 0)
			command_help(cli->err, NULL, 0);
		return CLI_USAGE;
	}
	if (has_options(command))
		return command->run(cli, words + used, count - used);
	if (count - used < arguments_least(command->arguments) ||
	    count - used > arguments_most(command->arguments)) {
		fprintf(cli->err, "sluicectl: usage: %s%s%s\n", command->name,
			command->arguments ? " " : "",
			command->arguments ? command->arguments : "");
		return CLI_USAGE;
	}
	if (command->run)
		return command->run(cli, words + used, count - used);
	return run_at_daemon(cli, command, words + used, count - used);
}

/* ---- completion ---- */

static bool begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

static void complete_ids(const struct cli *cli, const char *with,
			 void (*each)(void *user, const char *candidate), void *user)
{
	json_t *calls = NULL;
	char *error = NULL;

	/* one page: nobody completes among more */
	if (ask(cli, "call list", json_pack("{s:i}", "count", PAGE_COUNT), &calls, &error) == 0) {
		const json_t *list = json_object_get(calls, view_list_calls.key);

		for (size_t i = 0; i < json_array_size(list); i++) {
			const char *id =
			    json_string_value(json_object_get(json_array_get(list, i), "id"));

			if (id && begins(id, with))
				each(user, id);
		}
	}
	json_decref(calls);
	free(error);
}

void command_complete(const struct cli *cli, const char *const words[], unsigned count,
		      void (*each)(void *user, const char *candidate), void *user)
{
	char last[32] = "", next[32];
	const char *word, *with = words[count - 1];
	unsigned used;
	const struct command *command = command_find(words, count - 1, &used);

	if (command) {
		if (arguments_is(command->arguments, count - 1 - used, "ID"))
			complete_ids(cli, with, each, user);
		arguments_complete(command->arguments, count - 1 - used, with, each, user);
		return;
	}
	/* commands with a first word in common stand together in the table */
	for (unsigned i = 0; i < command_count; i++) {
		size_t length = word_after(&commands[i], words, count - 1, &word);

		snprintf(next, sizeof(next), "%.*s", (int)length, word);
		if (length == 0 || !begins(next, with) || strcmp(next, last) == 0)
			continue;
		each(user, next);
		strcpy(last, next);
	}
}
