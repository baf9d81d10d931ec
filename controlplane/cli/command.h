/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The commands of sluicectl: one table that makes the parsing, the help and the completion (of the
 * shell and of the prompt).
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

/* Exit codes, part of the contract with scripts. */
enum cli_exit {
	CLI_DONE = 0,
	CLI_REFUSED = 1,
	CLI_USAGE = 2,
	CLI_UNREACHABLE = 3, /* no daemon, or no answer */
};

enum cli_form { CLI_TABLE, CLI_JSON };

struct cli {
	const char *socket;
	enum cli_form form;
	FILE *out;
	FILE *err;
};

struct view_list;

struct command {
	const char *name; /* words of the line, and the command of the daemon */
	/*
	 * As help shows them: "ID", "[FILE]", "ID [wire|stop] [SECONDS] [peer=NAME]"; NULL: none.
	 * Those in brackets may be left out, and are the last; those with a '=' are of any order.
	 * To the daemon each goes under its name in small letters, a choice under "mode", SECONDS
	 * and COUNT as numbers; "older=SECONDS" under "older_s".
	 */
	const char *arguments;
	const char *help;
	/*
	 * Exactly one of these: of the daemon, showing its result; or done here with the words that
	 * follow, which run itself checks when arguments begin with "--"; or of the daemon, page by
	 * page, together one list.
	 */
	void (*view)(FILE *out, json_t *result);
	enum cli_exit (*run)(const struct cli *cli, const char *const words[], unsigned count);
	const struct view_list *pages;
};

#define COMMAND_WORDS_MAX 32U

extern const struct command commands[];
extern const unsigned command_count;

/* The command that words begin with; *used: how many of them name it. NULL: none. */
const struct command *command_find(const char *const words[], unsigned count, unsigned *used);

/* Runs one line of words, the program's name and options not among them. */
enum cli_exit command_run(const struct cli *cli, const char *const words[], unsigned count);

/*
 * Asks the daemon; takes args. CLI_DONE with *result, the caller's; else what was wrong has been
 * said.
 */
enum cli_exit command_ask(const struct cli *cli, const char *command, json_t *args,
			  json_t **result);

/* Whether these words begin a command with options of its own: those are not the tool's. */
bool command_has_options(const char *const words[], unsigned count);

/* Commands that begin with words, one a line, with what they do. Returns how many. */
unsigned command_help(FILE *out, const char *const words[], unsigned count);

/*
 * What may follow words[0..count-2] and begins with the last word (perhaps empty): calls each once
 * a candidate. Asks the daemon for the ids of calls where one is wanted, and is silent if it is not
 * there.
 */
void command_complete(const struct cli *cli, const char *const words[], unsigned count,
		      void (*each)(void *user, const char *candidate), void *user);

/* Reads commands until the end of input or "quit"; cli.out is a terminal. */
enum cli_exit prompt_run(const struct cli *cli);
