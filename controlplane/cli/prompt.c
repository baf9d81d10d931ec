/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The interactive prompt: libedit with history, and completion from the table of commands. */
#include <histedit.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/command.h"

#define HISTORY_LINES 500
#define HISTORY_FILE ".sluicectl_history"

struct prompt {
	const struct cli *cli;
	EditLine *line;
	History *history;
	Tokenizer *words;
	char history_path[512]; /* empty: none is kept */
};

static char *prompt_text(EditLine *line)
{
	static char text[] = "sluice> ";

	(void)line;
	return text;
}

/* ---- completion ---- */

struct matches {
	unsigned count;
	char common[64]; /* what all candidates begin with */
	char list[1024];
};

static void collect(void *user, const char *candidate)
{
	struct matches *matches = user;
	size_t used = strlen(matches->list), same = 0;

	if (matches->count++ == 0)
		snprintf(matches->common, sizeof(matches->common), "%s", candidate);
	while (matches->common[same] && matches->common[same] == candidate[same])
		same++;
	matches->common[same] = '\0';
	snprintf(matches->list + used, sizeof(matches->list) - used, "%s%s", used ? "  " : "",
		 candidate);
}

static unsigned char complete(EditLine *line, int key)
{
	const LineInfo *info = el_line(line);
	const char **words;
	struct prompt *prompt;
	struct matches matches = {0};
	int count, word, offset;
	unsigned char result = CC_ERROR;

	(void)key;
	el_get(line, EL_CLIENTDATA, &prompt);
	Tokenizer *split = tok_init(NULL);
	/* the word under the cursor comes as the last one, also when it is empty */
	if (split && tok_line(split, info, &count, &words, &word, &offset) == 0 &&
	    word < (int)COMMAND_WORDS_MAX) {
		const char *typed[COMMAND_WORDS_MAX + 1];

		for (int i = 0; i < word; i++)
			typed[i] = words[i];
		typed[word] = word < count && words[word] ? words[word] : "";
		command_complete(prompt->cli, typed, (unsigned)word + 1, collect, &matches);
		size_t have = strlen(typed[word]);
		bool more = matches.count > 0 && strlen(matches.common) > have;
		if (more && el_insertstr(line, matches.common + have) == 0)
			result = CC_REFRESH;
		if (matches.count == 1 && el_insertstr(line, " ") == 0)
			result = CC_REFRESH;
		if (matches.count > 1 && !more) {
			fprintf(prompt->cli->out, "\n%s\n", matches.list);
			result = CC_REDISPLAY;
		}
	}
	if (split)
		tok_end(split);
	return result;
}

/* ---- history ---- */

static void history_open(struct prompt *prompt)
{
	const char *home = getenv("HOME");
	HistEvent event;

	history(prompt->history, &event, H_SETSIZE, HISTORY_LINES);
	history(prompt->history, &event, H_SETUNIQUE, 1);
	if (!home || home[0] != '/')
		return;
	snprintf(prompt->history_path, sizeof(prompt->history_path), "%s/" HISTORY_FILE, home);
	history(prompt->history, &event, H_LOAD, prompt->history_path);
}

static void history_keep(struct prompt *prompt)
{
	HistEvent event;
	mode_t mask = umask(0177);

	if (prompt->history_path[0] != '\0')
		history(prompt->history, &event, H_SAVE, prompt->history_path);
	umask(mask);
}

/* ---- lines ---- */

/* false: the user wants to go. */
static bool run_words(struct prompt *prompt, const char *const words[], unsigned count,
		      enum cli_exit *result)
{
	if (count == 0)
		return true;
	if (strcmp(words[0], "quit") == 0 || strcmp(words[0], "exit") == 0)
		return false;
	if (strcmp(words[0], "help") == 0) {
		command_help(prompt->cli->out, words + 1, count - 1);
		fputs("  quit                  leave\n", prompt->cli->out);
		return true;
	}
	*result = command_run(prompt->cli, words, count);
	return true;
}

static bool run_line(struct prompt *prompt, const char *line, enum cli_exit *result)
{
	const char **words;
	HistEvent event;
	bool go_on = true;
	int count;

	if (line[strspn(line, " \t\n")] != '\0')
		history(prompt->history, &event, H_ENTER, line);
	tok_reset(prompt->words);
	if (tok_str(prompt->words, line, &count, &words) == 0)
		go_on = run_words(prompt, words, (unsigned)count, result);
	else
		fputs("sluicectl: a quote is not closed\n", prompt->cli->err);
	return go_on;
}

static int prompt_open(struct prompt *prompt)
{
	prompt->line = el_init("sluicectl", stdin, prompt->cli->out, prompt->cli->err);
	prompt->history = history_init();
	prompt->words = tok_init(NULL);
	if (!prompt->line || !prompt->history || !prompt->words)
		return -1;
	el_set(prompt->line, EL_CLIENTDATA, prompt);
	el_set(prompt->line, EL_PROMPT, prompt_text);
	el_set(prompt->line, EL_SIGNAL, 1);
	el_set(prompt->line, EL_EDITOR, "emacs");
	el_set(prompt->line, EL_HIST, history, prompt->history);
	el_set(prompt->line, EL_ADDFN, "sluice-complete", "complete a command", complete);
	el_set(prompt->line, EL_BIND, "^I", "sluice-complete", NULL);
	history_open(prompt);
	return 0;
}

static void prompt_close(struct prompt *prompt)
{
	if (prompt->words)
		tok_end(prompt->words);
	if (prompt->history)
		history_end(prompt->history);
	if (prompt->line)
		el_end(prompt->line);
}

enum cli_exit prompt_run(const struct cli *cli)
{
	struct prompt prompt = {.cli = cli};
	enum cli_exit result = CLI_DONE;
	const char *line;
	int length;

	if (prompt_open(&prompt) == 0) {
		fputs("help: the commands; tab: completion; quit: leave\n", cli->out);
		while ((line = el_gets(prompt.line, &length)) && length > 0)
			if (!run_line(&prompt, line, &result))
				break;
		history_keep(&prompt);
	} else {
		fputs("sluicectl: no prompt on this terminal\n", cli->err);
		result = CLI_USAGE;
	}
	prompt_close(&prompt);
	return result;
}
