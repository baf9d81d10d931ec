/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sluicectl: options, then one command, or a prompt. */
#include <getopt.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/api.h"
#include "cli/command.h"

enum action { ACTION_RUN, ACTION_HELP, ACTION_VERSION, ACTION_COMPLETE, ACTION_USAGE };

static const struct option options[] = {
    {"json", no_argument, NULL, 'j'},
    {"socket", required_argument, NULL, 's'},
    {"version", no_argument, NULL, 'V'},
    {"help", no_argument, NULL, 'h'},
    {"complete", no_argument, NULL, 'C'}, /* for the shell's completion */
    {NULL, 0, NULL, 0},
};

static void help(FILE *out, const char *const words[], unsigned count)
{
	fputs("usage: sluicectl [-j] [-s SOCKET] COMMAND\n"
	      "       sluicectl                           on a terminal: a prompt\n\n",
	      out);
	if (command_help(out, words, count) == 0)
		command_help(out, NULL, 0);
	fputs("\n  -j, --json            the result as JSON\n"
	      "  -s, --socket PATH     of the control plane; default " API_SOCKET "\n"
	      "  -h, --help            this; after a command: that command\n"
	      "      --version\n\n"
	      "exit codes: 0 done, 1 refused, 2 usage, 3 daemon not reachable\n",
	      out);
}

/* Where the words of a command begin that has options of its own; argc: it has none. */
static int own_options(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (command_has_options((const char *const *)argv + i, (unsigned)(argc - i)))
			return i;
	return argc;
}

/* "--timeout=60" is the command's "timeout=60", if it is no option of ours. */
static void strip_dashes(int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--complete") != 0; i++) {
		const char *name = argv[i] + 2;
		size_t length = strcspn(argv[i], "=");
		bool own = false;

		if (strncmp(argv[i], "--", 2) != 0 || argv[i][length] != '=')
			continue;
		for (const struct option *option = options; option->name; option++)
			own = own || strncmp(option->name, name, length - 2) == 0;
		if (!own)
			argv[i] += 2;
	}
}

static enum action parse(int argc, char **argv, struct cli *cli)
{
	enum action action = ACTION_RUN;
	int option;

	/* what follows --complete is what was typed, not options of ours */
	while (action != ACTION_COMPLETE &&
	       (option = getopt_long(argc, argv, "js:h", options, NULL)) != -1) {
		switch (option) {
		case 'j':
			cli->form = CLI_JSON;
			break;
		case 's':
			cli->socket = optarg;
			break;
		case 'V':
			action = ACTION_VERSION;
			break;
		case 'h':
			action = ACTION_HELP;
			break;
		case 'C':
			action = ACTION_COMPLETE;
			break;
		default:
			return ACTION_USAGE;
		}
	}
	return action;
}

static void print_candidate(void *user, const char *candidate)
{
	fprintf(user, "%s\n", candidate);
}

/* words: as typed after the program's name; the last one is being typed. Options are read as they
 * would be, and are completed to nothing. */
static void complete(struct cli *cli, const char *const words[], unsigned count)
{
	const char *kept[COMMAND_WORDS_MAX];
	unsigned used = 0;

	for (unsigned i = 0; i < count; i++) {
		bool last = i + 1 == count;

		if (strcmp(words[i], "-s") == 0 || strcmp(words[i], "--socket") == 0) {
			if (i + 2 >= count)
				return;
			cli->socket = words[++i];
		} else if (words[i][0] == '-') {
			if (last)
				return;
		} else if (used < COMMAND_WORDS_MAX) {
			kept[used++] = words[i];
		}
	}
	if (used > 0)
		command_complete(cli, kept, used, print_candidate, cli->out);
}

static enum cli_exit run(struct cli *cli, const char *const words[], unsigned count)
{
	if (count > 0)
		return command_run(cli, words, count);
	if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
		return prompt_run(cli);
	help(cli->err, NULL, 0);
	return CLI_USAGE;
}

int main(int argc, char **argv)
{
	struct cli cli = {.socket = API_SOCKET, .out = stdout, .err = stderr};
	enum cli_exit result = CLI_DONE;
	/* getopt moves options to the front: only among its own */
	int mine = own_options(argc, argv);
	strip_dashes(mine, argv);
	enum action action = parse(mine, argv, &cli);
	const char *const *words = (const char *const *)argv + optind;
	unsigned count = (unsigned)(argc - optind);

	switch (action) {
	case ACTION_RUN:
		result = run(&cli, words, count);
		break;
	case ACTION_HELP:
		help(stdout, words, count);
		break;
	case ACTION_VERSION:
		puts("sluicectl " SLUICE_VERSION);
		break;
	case ACTION_COMPLETE:
		complete(&cli, words, count);
		break;
	case ACTION_USAGE:
		fputs("sluicectl: see sluicectl --help\n", stderr);
		result = CLI_USAGE;
		break;
	}
	if (fflush(stdout) != 0 || ferror(stdout)) {
		perror("sluicectl: output");
		result = CLI_REFUSED;
	}
	return (int)result;
}
