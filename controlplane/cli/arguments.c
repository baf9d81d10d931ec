/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/arguments.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_MAX_BYTES 64U
#define NUMBER_DIGITS 9U

struct argument {
	char name[NAME_MAX_BYTES]; /* without brackets */
	bool optional;
};

/* Takes the next argument from *arguments; false: there is none. */
static bool next_argument(const char **arguments, struct argument *argument)
{
	size_t length;

	if (!*arguments)
		return false;
	*arguments += strspn(*arguments, " ");
	length = strcspn(*arguments, " ");
	argument->optional = (*arguments)[0] == '[';
	snprintf(argument->name, sizeof(argument->name), "%.*s",
		 (int)(length - 2 * argument->optional), *arguments + argument->optional);
	*arguments += length;
	return length > 0;
}

/* What follows "peer=" in "peer=NAME"; NULL: it is known by its place. */
static const char *keyword_value(const struct argument *argument)
{
	const char *equals = strchr(argument->name, '=');

	return equals ? equals + 1 : NULL;
}

/* The text after the '=' of a word that is of this argument; NULL: it is not. */
static const char *keyword_text(const struct argument *argument, const char *word)
{
	const char *value = keyword_value(argument);
	size_t length = value ? (size_t)(value - argument->name) : 0;

	if (strncmp(word, "--", 2) == 0)
		word += 2;
	return value && strncmp(word, argument->name, length) == 0 ? word + length : NULL;
}

static bool argument_at(const char *arguments, unsigned number, struct argument *argument)
{
	for (unsigned i = 0; next_argument(&arguments, argument) && !keyword_value(argument); i++)
		if (i == number)
			return true;
	return false;
}

static bool keyword_of(const char *arguments, const char *word, struct argument *argument)
{
	while (next_argument(&arguments, argument))
		if (keyword_text(argument, word))
			return true;
	return false;
}

unsigned arguments_least(const char *arguments)
{
	struct argument argument;
	unsigned count = 0;

	while (next_argument(&arguments, &argument))
		count += !argument.optional;
	return count;
}

unsigned arguments_most(const char *arguments)
{
	struct argument argument;
	unsigned count = 0;

	while (next_argument(&arguments, &argument))
		count++;
	return count;
}

bool arguments_is(const char *arguments, unsigned number, const char *name)
{
	struct argument argument;

	return argument_at(arguments, number, &argument) && strcmp(argument.name, name) == 0;
}

/* "wire|stop", "SECONDS": what the word may be. */
static const char *form_of(const struct argument *argument)
{
	return keyword_value(argument) ?: argument->name;
}

static bool is_choice(const struct argument *argument)
{
	return strchr(argument->name, '|') != NULL;
}

static bool is_seconds(const struct argument *argument)
{
	return strcmp(form_of(argument), "SECONDS") == 0;
}

static bool is_number(const struct argument *argument)
{
	return is_seconds(argument) || strcmp(form_of(argument), "COUNT") == 0;
}

/* Calls each with every choice. Returns whether word is one of them. */
static bool choices(const struct argument *argument, const char *word,
		    void (*each)(void *user, const char *choice), void *user)
{
	char text[NAME_MAX_BYTES], *rest = text, *choice;
	bool found = false;

	if (!is_choice(argument))
		return false;
	snprintf(text, sizeof(text), "%s", form_of(argument));
	while ((choice = strsep(&rest, "|"))) {
		found = found || strcmp(choice, word) == 0;
		if (each && strncmp(choice, word, strlen(word)) == 0)
			each(user, choice);
	}
	return found;
}

/* "peer=" for what begins so. */
static void complete_keyword(const struct argument *argument, const char *begin,
			     void (*each)(void *user, const char *candidate), void *user)
{
	const char *value = keyword_value(argument);
	char key[NAME_MAX_BYTES];

	if (!value)
		return;
	snprintf(key, sizeof(key), "%.*s", (int)(value - argument->name), argument->name);
	if (strncmp(key, begin, strlen(begin)) == 0)
		each(user, key);
}

void arguments_complete(const char *arguments, unsigned number, const char *begin,
			void (*each)(void *user, const char *candidate), void *user)
{
	struct argument argument;

	if (argument_at(arguments, number, &argument))
		(void)choices(&argument, begin, each, user);
	if (keyword_of(arguments, begin, &argument)) {
		(void)choices(&argument, keyword_text(&argument, begin), each, user);
		return;
	}
	while (next_argument(&arguments, &argument))
		complete_keyword(&argument, begin, each, user);
}

static json_t *value_of(const struct argument *argument, const char *word, int *rc)
{
	json_t *value;

	*rc = -EINVAL;
	if (is_choice(argument) && !choices(argument, word, NULL, NULL))
		return NULL;
	if (is_number(argument)) {
		size_t digits = strspn(word, "0123456789");

		if (digits == 0 || digits > NUMBER_DIGITS || word[digits] != '\0')
			return NULL;
		value = json_integer(strtol(word, NULL, 10));
	} else {
		*rc = -EILSEQ;
		value = json_string(word);
	}
	*rc = value ? 0 : *rc;
	return value;
}

static void key_of(const struct argument *argument, char key[NAME_MAX_BYTES])
{
	const char *value = keyword_value(argument);
	unsigned i = 0;

	if (value) {
		snprintf(key, NAME_MAX_BYTES, "%.*s%s", (int)(value - argument->name - 1),
			 argument->name, is_seconds(argument) ? "_s" : "");
		return;
	}
	if (is_choice(argument)) {
		strcpy(key, "mode");
		return;
	}
	for (; argument->name[i]; i++)
		key[i] = (char)tolower((unsigned char)argument->name[i]);
	key[i] = '\0';
}

/* The argument that a word is for: by its keyword, else the next one by place. */
static bool argument_for(const char *arguments, const char *word, unsigned *place,
			 struct argument *argument, const char **text)
{
	if (keyword_of(arguments, word, argument)) {
		*text = keyword_text(argument, word);
		return true;
	}
	*text = word;
	return argument_at(arguments, (*place)++, argument);
}

int arguments_pack(const char *arguments, const char *const words[], unsigned count, json_t **args,
		   char wrong[64])
{
	struct argument argument = {0};
	unsigned place = 0;
	int rc = 0;

	*args = count > 0 ? json_object() : NULL;
	if (count > 0 && !*args)
		return -ENOMEM;
	for (unsigned i = 0; i < count && !rc; i++) {
		char key[NAME_MAX_BYTES];
		const char *text;
		json_t *value = NULL;

		if (argument_for(arguments, words[i], &place, &argument, &text))
			value = value_of(&argument, text, &rc);
		else
			rc = -EINVAL;
		if (rc) {
			memcpy(wrong, argument.name, sizeof(argument.name));
			break;
		}
		key_of(&argument, key);
		if (json_object_set_new(*args, key, value) < 0)
			rc = -ENOMEM;
	}
	if (rc) {
		json_decref(*args);
		*args = NULL;
	}
	return rc;
}
